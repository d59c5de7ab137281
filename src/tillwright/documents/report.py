"""The X and the Z: what a shift came to, as data.

An X tells how the shift stands and changes nothing; a Z is written once, with the close, and stored like a
receipt. Both say the same in the same order: what was registered, what moved in the drawer, what was
counted, what has not reached the operator, and how each party's close ended. What is not known is None and
is printed as 'unknown', never as nought.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tillwright.documents.receipt import Registration

X_REPORT = "x-report"
Z_REPORT = "z-report"

AGREED = "agreed"
NOT_AGREED = "not-agreed"
UNCONFIRMED = "unconfirmed"
ENDS = (AGREED, NOT_AGREED, UNCONFIRMED)
"""The three ends of a party's close."""

NO_TENDER = ""
"""The tender of a kind without tenders (a deposit, a withdrawal)."""


class KindSum(msgspec.Struct, frozen=True):
    """How many operations of one kind were done in the shift with one tender, and their sum."""

    kind: str
    tender: str
    count: int
    amount_minor: int


class Counted(msgspec.Struct, frozen=True):
    """A blind count: what lay in the drawer, what the book expected, and the reason given for the rest.

    `denominations`: note or coin in minor units, and how many of it, the largest first.
    """

    person: str
    at_ms: int
    counted_minor: int
    expected_minor: int
    reason: str = ""
    denominations: tuple[tuple[int, int], ...] = ()

    @property
    def difference_minor(self) -> int:
        """Above nought: more in the drawer than by the book."""
        return self.counted_minor - self.expected_minor


class PartyEnd(msgspec.Struct, frozen=True):
    """How one party's close ended: one of ENDS. `ours_minor` and `theirs_minor`: the sums compared, where
    there are any.
    """

    party: str
    end: str
    ours_minor: int | None = None
    theirs_minor: int | None = None


class ShiftReport(msgspec.Struct, frozen=True, kw_only=True):
    """A shift's figures; sums in minor units of `currency`, times in ms UTC.

    `document`: X_REPORT or Z_REPORT. `uid` and `number`: the closing operation's; empty and 0 in an X.
    `made_ms`: when it was drawn up (the Z: when the close had ended). The drawer: `cash_start_minor` is what
    lay in it when the shift opened, then sales, deposits, payouts and withdrawals of the shift as sums of at
    least 0, `cash_other_minor` everything else (over and short, owed), signed, and `cash_end_minor` what lies
    in it now by the book: always the sum of the others.

    `device_cash_minor`: the control device's cash in the till. `undelivered`: documents that the operator
    does not have yet, `undelivered_oldest_ms`: when the oldest of them was registered. None: unknown.
    """

    schema: int = 1
    document: str
    uid: str = ""
    till: str
    number: int = 0
    shift: int
    opened_by: str
    opened_ms: int
    closed_by: str = ""
    made_ms: int
    currency: str
    sums: tuple[KindSum, ...] = ()
    cash_start_minor: int = 0
    cash_sales_minor: int = 0
    cash_in_minor: int = 0
    cash_refunds_minor: int = 0
    cash_out_minor: int = 0
    cash_other_minor: int = 0
    cash_end_minor: int = 0
    device_cash_minor: int | None = None
    counted: Counted | None = None
    undelivered: int | None = None
    undelivered_oldest_ms: int | None = None
    parties: tuple[PartyEnd, ...] = ()
    registration: Registration | None = None
    heading: tuple[str, ...] = ()
    copy: bool = False


def contradictions(report: ShiftReport) -> Iterator[str]:
    """What cannot be right in a report, for whoever fills one: nothing, in a good one."""
    moved = report.cash_sales_minor + report.cash_in_minor - report.cash_refunds_minor - report.cash_out_minor
    if report.cash_start_minor + moved + report.cash_other_minor != report.cash_end_minor:
        yield "the drawer does not add up"
    if report.document not in (X_REPORT, Z_REPORT):
        yield f"no report is called {report.document!r}"
    yield from (f"no end is called {one.end!r}" for one in report.parties if one.end not in ENDS)
    if report.undelivered == 0 and report.undelivered_oldest_ms is not None:
        yield "nothing is undelivered, and yet something is the oldest"
