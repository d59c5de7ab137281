"""What a device counts: a shift, the cash in the till, and count and sum by kind and tender. No store.

Everything follows from the documents in the order of their numbers, so that a device that is switched on, or
that gets its documents back, counts to the same as one that wrote them.

A sale and a deposit bring cash, a refund, an annulment and a withdrawal take it out. What was put in while no
shift was open is in the till, and in no shift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillwright.operations.model import Tender
from tillwright.parties.control.messages import (
    ANNULMENT,
    DEPOSIT,
    REFUND,
    SALE,
    SHIFT_CLOSE,
    SHIFT_OPEN,
    WITHDRAWAL,
    Counters,
    Document,
    Shift,
    Sum,
)

CASH = "cash"
TENDERS_MAX = 50
TENDER_KIND_CHARACTERS_MAX = 40
SHIFT_KINDS = (SHIFT_OPEN, SHIFT_CLOSE)
OUT_KINDS = (REFUND, ANNULMENT, WITHDRAWAL)
DRAWER_KINDS = (DEPOSIT, WITHDRAWAL)
_WITH_CHANGE = (SALE, ANNULMENT)
"""The sale's tenders are what was handed over; its annulment may name the same ones."""


class Counting:
    """The counters of one device; `shifts`: whether its shifts are opened and closed."""

    def __init__(self, shifts: bool) -> None:
        self.shift = Shift(0, "closed") if shifts else Shift()
        self._cash_till_minor = 0
        self._cash_shift_minor = 0
        self._sums: dict[str, dict[str, Sum]] = {}

    def take(self, document: Document) -> None:
        """Count the next document."""
        if document.kind == SHIFT_OPEN or document.shift > self.shift.number:
            self._open(document.shift)
        cash_minor = cash_effect_minor(document.kind, document.tenders)
        self._cash_till_minor += cash_minor
        if document.shift:
            self._cash_shift_minor += cash_minor
            self._add_up(document)
        if document.kind == SHIFT_CLOSE:
            self.shift = Shift(document.shift, "closed")

    def go_wrong(self, amount_minor: int, shift: int) -> None:
        """Count so much more than the documents say, in the till and in this shift if it is the newest."""
        self._cash_till_minor += amount_minor
        if shift == self.shift.number:
            self._cash_shift_minor += amount_minor

    def counters(self) -> Counters:
        """How it stands now, as a value that does not change."""
        sums = {kind: dict(by_tender) for kind, by_tender in self._sums.items()}
        return Counters(self._cash_till_minor, self._cash_shift_minor, sums)

    @property
    def cash_till_minor(self) -> int:
        """The cash in the till."""
        return self._cash_till_minor

    def _open(self, number: int) -> None:
        """A shift begins; the first document of one that nobody opened begins it too."""
        self.shift = Shift(number, "open")
        self._cash_shift_minor = 0
        self._sums = {}

    def _add_up(self, document: Document) -> None:
        for tender, amount_minor in document.tenders.items():
            by_tender = self._sums.setdefault(document.kind, {})
            old = by_tender.get(tender, Sum(0, 0))
            by_tender[tender] = Sum(old.count + 1, old.sum_minor + amount_minor)


def cash_effect_minor(kind: str, tenders: Mapping[str, int]) -> int:
    """What a document with these tenders adds to the cash in the till; negative, what it takes out."""
    cash_minor = tenders.get(CASH, 0)
    return -cash_minor if kind in OUT_KINDS else cash_minor


def net_tenders(kind: str, total_minor: int, tenders: Sequence[Tender]) -> dict[str, int] | None:
    """What is paid with each tender, change taken off the cash; None if that is not the total.

    Only a sale and its annulment have change, and it comes out of cash that was handed over. Cash in and cash
    out are cash, and need not say so.
    """
    if len(tenders) > TENDERS_MAX:
        return None
    paid: dict[str, int] = {}
    for tender in tenders:
        if tender.amount_minor < 0 or not 0 < len(tender.kind) <= TENDER_KIND_CHARACTERS_MAX:
            return None
        paid[tender.kind] = paid.get(tender.kind, 0) + tender.amount_minor
    if kind in DRAWER_KINDS:
        return {CASH: total_minor} if paid in ({}, {CASH: total_minor}) else None
    change_minor = sum(paid.values()) - total_minor
    most_minor = paid.get(CASH, 0) if kind in _WITH_CHANGE else 0
    if not 0 <= change_minor <= most_minor:
        return None
    if change_minor:
        paid[CASH] -= change_minor
    return paid
