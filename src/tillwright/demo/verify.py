"""`tillwright verify`: the twins' books, the devices' and the operator's, against the journal, document by
document.

It reads the files with SQL of its own and shares nothing with the code that wrote them, so that it can find
that code wrong. It may be run while the station works: what is still open or red is listed as what may
differ, everything else must agree. Exit status 0: it does; 1: it does not, or there is nothing to compare;
2: the folder does not hold all books.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from tillwright.demo import verify_fiscal_rules, verify_rules
from tillwright.demo.verify_reading import Books, NoBooks, OperationRow, read_books
from tillwright.demo.verify_rules import DOUBLED, LOST, Difference, TillCash, Unfinished
from tillwright.machine import sqlite
from tillwright.machine.reports import open_report, show

_SHOWN = 20
_DAY_MS = 86_400_000
_WRONG_USE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of one folder's books has come to."""

    books: Books
    differences: list[Difference]
    unfinished: list[Unfinished]
    cash: list[TillCash]


def verify(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DATA_FOLDER...", help="Folders with station.db and twins.db.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Compare the devices' and the operator's documents with the journal, one by one, also beside a station
    at work.
    """
    opened = open_report("verify")
    try:
        verdicts = [compare(folder) for folder in folders]
    except NoBooks as missing:
        typer.echo(f"tillwright: {missing}", err=True)
        raise typer.Exit(_WRONG_USE) from missing
    except sqlite.Error as error:
        typer.echo(f"tillwright: a book cannot be read: {error}", err=True)
        raise typer.Exit(1) from error
    values = report_of(verdicts)
    show(opened.close(values, folders[0]), json, sentences(values))
    if values["differences"] or not values["operations"]:
        raise typer.Exit(1)


def compare(folder: Path) -> Verdict:
    """Read and compare the books of one folder. Raises NoBooks; sqlite.Error for files that are none."""
    books = read_books(folder)
    rules = (*verify_rules.RULES, *verify_fiscal_rules.RULES)
    found = verify_rules.differences(books, rules) + verify_rules.cash_differences(books)
    return Verdict(books, found, verify_rules.unfinished(books), verify_rules.cash(books))


# ── the report ──────────────────────────────────────────────────────────────────────────────────────────────


def report_of(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The report's own keys, over all folders."""
    found = [one for verdict in verdicts for one in verdict.differences]
    rows = [row for verdict in verdicts for row in verdict.books.journal.operations.values()]
    reds, ended = _reds(verdicts)
    return {
        "baskets": sum(row.kind == "cash-sale" for row in rows),
        "operations": len(rows),
        "lost": _count(found, LOST),
        "doubled": _count(found, DOUBLED),
        "money_off_minor": sum(one.off_minor for one in found),
        "reds": reds,
        "reds_ended": ended,
        "undelivered": sum(_undelivered(verdict.books) for verdict in verdicts),
        "books": books_of(verdicts),
        "excluded": {},
        "stores": len(verdicts),
        "days": len({row.started_ms // _DAY_MS for row in rows}),
        "ruled": _ruled(verdicts),
        "ruled_checked": _checked(verdicts),
        "kills": 0,
        "differences": [asdict(one) for one in found],
        "unfinished": [asdict(one) for verdict in verdicts for one in verdict.unfinished],
        "cash": [asdict(one) for verdict in verdicts for one in verdict.cash],
    }


def _undelivered(books: Books) -> int:
    """By the twins' books; by the journal where the operator's cannot be looked at."""
    if books.operator is not None:
        return len(verify_fiscal_rules.undelivered(books))
    return books.journal.undelivered


def _count(found: Sequence[Difference], kinds: frozenset[str]) -> int:
    return len({one.key for one in found if one.what in kinds})


def _reds(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    """How many operations have ever been red, and how many of them have ended."""
    states = [
        verdict.books.journal.operations[red].state
        for verdict in verdicts
        for red in verdict.books.journal.reds
        if red in verdict.books.journal.operations
    ]
    return len(states), sum(state not in verify_rules.UNFINISHED for state in states)


def _ruled(verdicts: Sequence[Verdict]) -> dict[str, int]:
    ruled = [verdict.books.journal.ruled for verdict in verdicts]
    return {
        "happened": sum(one.get("ruled_happened", 0) for one in ruled),
        "did_not": sum(one.get("ruled_did_not", 0) for one in ruled),
    }


def _checked(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """What later checks made of the rulings."""
    found = Counter(ruling.verdict for verdict in verdicts for ruling in verdict.books.tills.rulings)
    return {
        "agrees": found["agrees"],
        "against": found["against"] + found["wrong-data"],
        "unchecked": found[""],
    }


def books_of(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    """Each book's count and sum of what is done; one pair a currency where there are several."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    sums_minor: dict[tuple[str, str], int] = defaultdict(int)
    for name, currency, total_minor in _amounts(verdicts):
        counts[name, currency] += 1
        sums_minor[name, currency] += total_minor
    several = len({currency for _, currency in counts}) > 1
    return {
        f"{name} {currency}" if several else name: {
            "operations": counts[name, currency],
            "sum_minor": sums_minor[name, currency],
        }
        for name, currency in sorted(counts, reverse=True)
    }


def _amounts(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str, int]]:
    for verdict in verdicts:
        for row in verdict.books.journal.operations.values():
            if row.state == "done":
                yield "journal", row.currency, row.total_minor
        for document in verdict.books.device.documents:
            yield "device", document.currency, document.total_minor
        operator = verdict.books.operator
        for held in operator.documents if operator is not None else ():
            yield "operator", held.currency, held.total_minor


# ── for people ──────────────────────────────────────────────────────────────────────────────────────────────


def sentences(values: dict[str, Any]) -> Iterator[str]:
    """The report as lines of text."""
    for name, book in values["books"].items():
        yield f"{name:>12}: {book['operations']} done, {book['sum_minor']} in minor units"
    yield (
        f"lost {values['lost']}, doubled {values['doubled']}, "
        f"money off {values['money_off_minor']} (minor units), "
        f"red ever {values['reds']}, of which ended {values['reds_ended']}"
    )
    yield from _listed("may differ, because it has not ended", [_open(one) for one in values["unfinished"]])
    yield from _listed("does not agree", [f"{one['what']}: {one['text']}" for one in values["differences"]])
    if not values["operations"]:
        yield "There is no operation in the journal: nothing has been compared."
    elif not values["differences"]:
        yield f"The books agree on {values['operations']} operations."


def _open(one: dict[str, Any]) -> str:
    where = "and stands at the device" if one["at_device"] else "and does not stand at the device"
    amount = shown(one["total_minor"], one["currency"])
    return f"receipt {one['number']} of {one['till']}, {amount}, is {one['state']} {where}"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{len(lines)} {title}:"
        yield from (f"  {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"  … and {len(lines) - _SHOWN} more (all with --json)"


def shown(amount_minor: int, currency: str) -> str:
    """A sum for people: 'EUR 3.49'."""
    from babel.numbers import get_currency_precision

    exponent = get_currency_precision(currency)
    return f"{currency} {Decimal(amount_minor).scaleb(-exponent):.{exponent}f}"


def done_rows(verdict: Verdict) -> Iterator[OperationRow]:
    """The operations that are done."""
    return (row for row in verdict.books.journal.operations.values() if row.state == "done")
