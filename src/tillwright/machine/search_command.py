"""`tillwright search`: the fault that somebody means by the words they use for it; with `--eval`, how often
the right one is found.
"""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.languages import LANGUAGES, ours
from tillwright.catalogue.search import Candidate, Found, Index
from tillwright.machine.reports import open_report, show
from tillwright.machine.resources import shipped_catalogue

NONE_OF_THEM = "-"
"""In place of codes: a query that means none of our faults."""

_UNKNOWN = 1
_WRONG_USE = 2
_ROUNDS = 3

Find = Callable[[str], Found]


@dataclass(frozen=True, slots=True)
class Case:
    """A query, the codes that are right for it (none: the search has to say that it does not know)."""

    text: str
    codes: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A case, what was found, and how long it took: the best of some rounds, in ms."""

    case: Case
    found: Found
    ms: float

    @property
    def rank(self) -> int | None:
        """Where the right candidate stands, from 0; None if it is not there."""
        hits = [bool({*one.codes} & {*self.case.codes}) for one in self.found.candidates]
        return hits.index(True) if True in hits else None


def read_cases(path: Path) -> list[Case]:
    """The lines of a file: id (several right ones joined by '|', '-' for none), language, style and text,
    parted by tabs. Raises ValueError for a line that has fewer.
    """
    cases = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row or row[0] in ("", "id") or row[0].startswith("#"):
                continue
            if len(row) < 4:
                raise ValueError(f"{path.name}: four columns are needed, parted by tabs: {row}")
            codes = () if row[0] == NONE_OF_THEM else tuple(row[0].split("|"))
            cases.append(Case("\t".join(row[3:]), codes, row[1]))
    return cases


def judge(find: Find, cases: Iterable[Case]) -> list[Judged]:
    """Search for every case."""
    return [_judged(find, case) for case in cases]


def _judged(find: Find, case: Case) -> Judged:
    rounds = [_timed(find, case.text) for _ in range(_ROUNDS)]
    return Judged(case, rounds[0][0], min(ms for _, ms in rounds))


def _timed(find: Find, text: str) -> tuple[Found, float]:
    begun = time.perf_counter_ns()
    found = find(text)
    return found, (time.perf_counter_ns() - begun) / 1e6


def figures(judged: Sequence[Judged]) -> dict[str, object]:
    """`queries`; of those that mean a fault `top1`, `top3`, `denied` (said to be unknown; its candidates are
    shown as guesses and count in the former) and `top1_known` (first and not denied); of the others
    `abstained`.
    """
    ours_, others = [one for one in judged if one.case.codes], [one for one in judged if not one.case.codes]
    return {
        "queries": len(judged),
        "top1": _share(one.rank == 0 for one in ours_),
        "top3": _share(one.rank is not None for one in ours_),
        "top1_known": _share(one.rank == 0 and one.found.known for one in ours_),
        "denied": _share(not one.found.known for one in ours_),
        "abstained": _share(not one.found.known for one in others),
    }


def _share(values: Iterable[bool]) -> float | None:
    given = list(values)
    return round(sum(given) / len(given), 4) if given else None


def times(judged: Sequence[Judged]) -> dict[str, float]:
    """`ms_median` and `ms_p99`."""
    taken = sorted(one.ms for one in judged)
    return {
        "ms_median": round(statistics.median(taken), 3),
        "ms_p99": round(taken[int(len(taken) * 0.99)], 3),
    }


def report_of(judged: Sequence[Judged]) -> dict[str, object]:
    """All figures, in all and by language, and the misses."""
    languages = dict.fromkeys(one.case.language for one in judged)
    return {
        **figures(judged),
        "by_lang": {
            language: figures([one for one in judged if one.case.language == language])
            for language in languages
        },
        **times(judged),
        "misses": [_miss(one) for one in judged if not _right(one)],
    }


def _right(one: Judged) -> bool:
    return one.rank == 0 and one.found.known if one.case.codes else not one.found.known


def _miss(one: Judged) -> dict[str, object]:
    got = [candidate.code for candidate in one.found.candidates] if one.found.known else []
    return {"text": one.case.text, "wanted": list(one.case.codes), "got": got}


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    rows = {**report["by_lang"], "in all": report}
    for name, row in rows.items():
        yield (
            f"{name}: {row['queries']} queries; right first {_percent(row['top1'])}, among three "
            f"{_percent(row['top3'])}; denied though ours {_percent(row['denied'])}; not ours and denied "
            f"{_percent(row['abstained'])}."
        )
    yield f"A query takes {report['ms_median']} ms, 99 in 100 at most {report['ms_p99']} ms."


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


# --- the command ------------------------------------------------------------------------------------------


def search(
    text: Annotated[
        list[str] | None, typer.Argument(help="What the screen says, or what you call it.")
    ] = None,
    language: Annotated[str, typer.Option("--language", "-l", help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    eval_file: Annotated[
        Path | None, typer.Option("--eval", help="Queries with the right codes, parted by tabs.", exists=True)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Find a fault by its words. Ends with 1 where the words mean none that is known."""
    if bool(text) == bool(eval_file):
        typer.echo("Say what to search for, or give a file with --eval.", err=True)
        raise typer.Exit(_WRONG_USE)
    opened = open_report("search")
    cases = _cases_or_exit(eval_file) if eval_file else []
    catalogue = shipped_catalogue()
    index = Index(catalogue)
    if eval_file:
        report = opened.close(report_of(judge(index.find, cases)))
        show(report, json, sentences(report))
        return
    found = index.find(" ".join(text or ()))
    rows = [_row(catalogue, one, ours(language)) for one in found.candidates]
    answer: dict[str, object] = {
        "known": found.known,
        "candidates": rows,
    }
    show(opened.close(answer), json, _answer(found, rows))
    if not found.known:
        raise typer.Exit(_UNKNOWN)


def _cases_or_exit(path: Path) -> list[Case]:
    try:
        cases = read_cases(path)
    except (ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_WRONG_USE) from error
    if not cases:
        typer.echo(f"{path.name}: no queries", err=True)
        raise typer.Exit(_WRONG_USE)
    return cases


def _row(catalogue: Catalogue, one: Candidate, language: str) -> dict[str, object]:
    says = catalogue.entry(one.code).words(language, "cashier")[0]
    return {
        "code": one.code,
        "codes": list(one.codes),
        "group": one.group,
        "score": round(one.score, 3),
        "says": says,
        "wording": one.wording,
    }


def _answer(found: Found, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if not found.known:
        yield "No fault that is known. Nearest:" if found.candidates else "No fault that is known."
    for row in rows:
        others = f" (or {', '.join(row['codes'][1:])})" if row["codes"][1:] else ""
        yield f"{row['code']}{others}: {row['says']}"
    if found.candidates:
        yield "None of these? It becomes an incident without a runbook."
