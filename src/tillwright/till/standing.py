"""How a till stands before something is begun there: what has to come first, and what of a sale is left.

Reads only, on the page's own connection. What is shown here may be older than a moment; the journal looks
again inside the commit that begins an operation, and its refusal is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import NoReverseMatch, reverse

from tillwright.journal.records import Refundable
from tillwright.machine.sqlite import Connection
from tillwright.operations.model import Operation
from tillwright.operations.refunds import LineLeft, lines_of
from tillwright.till import queries
from tillwright.web import current
from tillwright.web.current import TillPlace


class First(StrEnum):
    """What has to come before what somebody wants to do."""

    RED = "red"
    OPEN = "open"
    HELD = "held"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands before an operation, and the page on which it is ended; '' where that is not here."""

    first: First
    address: str
    number: int = 0


def ahead_of(till: TillPlace, kind: str = "cash-sale") -> Ahead | None:
    """What an operation of this kind has to wait for, the oldest red one first."""
    state, rules = current.station().till_state(till.id), current.place().rules
    if state.reds and kind in rules.red_blocks:
        return Ahead(First.RED, reverse("till:operation", args=[state.reds[0].uid]), state.reds[0].number)
    if state.open:
        return Ahead(First.OPEN, reverse("till:operation", args=[state.open.uid]), state.open.number)
    if not rules.shifts:
        return None
    purpose, shift = _hold_and_shift(queries.reader(), till.id)
    if purpose and not (purpose == "close" and kind == "cash-out"):
        return Ahead(First.HELD, _address("till:close" if purpose != "correction" else "till:correction"))
    if shift is None and kind != "shift-open":
        return Ahead(First.SHIFT, reverse("till:shift-open"))
    return None


def shift_number(till: str) -> int | None:
    """The till's open shift; None where it is closed."""
    return _hold_and_shift(queries.reader(), till)[1] if current.place().rules.shifts else 1


def held(till: str) -> str:
    """What the till is held for; '' for nothing."""
    return _hold_and_shift(queries.reader(), till)[0]


def _hold_and_shift(connection: Connection, till: str) -> tuple[str, int | None]:
    row = connection.execute(
        "SELECT (SELECT purpose FROM hold WHERE till = ?),"
        " (SELECT number FROM shift WHERE till = ? AND state = 'open')",
        (till, till),
    ).fetchone()
    return row[0] or "", row[1]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def refundable(sale: Operation) -> Refundable:
    """What of a sale has not been taken back yet, unfinished refunds counted."""
    connection = queries.reader()
    row = connection.execute(
        "SELECT r.total_minor - r.taken_minor, r.beyond_minor, r.parent FROM refundable r"
        " JOIN operation o ON o.id = r.parent WHERE o.uid = ?",
        (sale.uid,),
    ).fetchone()
    if row is None:
        return Refundable(sale.content.total_minor, lines_of(sale.content.lines))
    lines = connection.execute(
        "SELECT line, quantity_milli, total_minor, taken_milli, taken_minor FROM refundable_line"
        " WHERE parent = ? ORDER BY line",
        (row[2],),
    )
    return Refundable(row[0], tuple(LineLeft(*line) for line in lines), row[1])
