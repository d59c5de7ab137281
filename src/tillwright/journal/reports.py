"""The documents of an operation as they are stored: a receipt, a slip, the Z of a shift; and the X, which is
stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tillwright.books.cash import Account
from tillwright.documents.correction import CORRECTION_SLIP, correction_slip_of
from tillwright.documents.receipt import receipt_of, registration_of
from tillwright.documents.report import (
    AGREED,
    NO_TENDER,
    NOT_AGREED,
    UNCONFIRMED,
    X_REPORT,
    Z_REPORT,
    Counted,
    KindSum,
    PartyEnd,
    ShiftReport,
)
from tillwright.documents.stored import encode
from tillwright.journal import cash, outbox
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.records import Booked, CashCount, ShiftState
from tillwright.operations.model import Content, Operation

_SIGN = {Account.SALES: -1, Account.REFUNDS: 1, Account.DEPOSITS: -1, Account.WITHDRAWALS: 1}
_CASH_OF = {
    "cash-sale": "cash_sales_minor",
    "cash-in": "cash_in_minor",
    "refund": "cash_refunds_minor",
    "void": "cash_refunds_minor",
    "payout": "cash_refunds_minor",
    "cash-out": "cash_out_minor",
}
_OUT = ("cash_refunds_minor", "cash_out_minor")


def body_of(place: Place, operation: Operation, document: str, now_ms: int) -> bytes:
    """The operation's document as data, to be stored with its end."""
    if document == Z_REPORT:
        return encode(_z_report(place, operation, now_ms))
    if document == CORRECTION_SLIP:
        content = operation.content
        after_minor = place.journal.balance_minor(operation.till, content.currency, Account.DRAWER)
        return encode(correction_slip_of(operation, after_minor - content.total_minor, place.heading))
    return encode(receipt_of(operation, place.heading))


def x_report(place: Place, shift: ShiftState, now_ms: int) -> ShiftReport:
    """How a shift stands; while it is counted blind nothing of the drawer is told, see `shifts.is_blind`."""
    return _report(place, shift, X_REPORT, now_ms)


def _z_report(place: Place, operation: Operation, now_ms: int) -> ShiftReport:
    content = operation.content
    shift = place.journal.shift(operation.till, content.shift)
    if shift is None:
        shift = ShiftState(operation.till, content.shift, "closed", content.currency, now_ms, "")
    report = _report(place, shift, Z_REPORT, now_ms)
    return msgspec.structs.replace(
        report,
        uid=operation.uid,
        number=operation.number,
        closed_by=operation.cashier,
        registration=registration_of(operation.legs),
    )


def _report(place: Place, shift: ShiftState, document: str, now_ms: int) -> ShiftReport:
    booked = place.journal.booked(shift.till, shift.number)
    counts = place.journal.counts(shift.till, shift.number)
    drawer_minor = place.journal.balance_minor(shift.till, shift.currency, Account.DRAWER)
    waiting = place.journal.waiting(OPERATOR, shift.till)
    report = ShiftReport(
        document=document,
        till=shift.till,
        shift=shift.number,
        opened_by=shift.opened_by,
        opened_ms=shift.opened_ms,
        made_ms=now_ms,
        currency=shift.currency,
        sums=_sums(booked),
        cash_start_minor=drawer_minor - _moved(booked),
        cash_end_minor=drawer_minor,
        device_cash_minor=place.known.device_cash_minor(shift.till),
        counted=_counted(counts[-1]) if counts else None,
        undelivered=outbox.undelivered_count(place, shift.till),
        undelivered_oldest_ms=waiting.oldest_ms,
        parties=tuple(_ends(place, shift)),
        heading=place.heading,
    )
    return msgspec.structs.replace(report, **_drawer(booked))


def _moved(booked: Iterable[Booked]) -> int:
    return sum(one.amount_minor for one in booked if one.account is Account.DRAWER)


def _drawer(booked: Iterable[Booked]) -> dict[str, int]:
    """What moved in the drawer, by field of the report; payouts and withdrawals as sums above nought."""
    moved = dict.fromkeys((*_CASH_OF.values(), "cash_other_minor"), 0)
    for one in booked:
        if one.account is Account.DRAWER:
            name = _CASH_OF.get(one.kind, "cash_other_minor")
            moved[name] += -one.amount_minor if name in _OUT else one.amount_minor
    return moved


def _sums(booked: Iterable[Booked]) -> tuple[KindSum, ...]:
    """How many operations of each kind, and how much with each tender. One that was booked in an earlier
    shift and is taken back in this one counts less than nothing.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for one in booked:
        sign = _SIGN.get(one.account)
        if sign is None or not one.amount_minor:
            continue
        times = 1 if sign * one.amount_minor > 0 else -1
        for tender, amount_minor in _paid(one.content):
            count, sum_minor = found.get((one.kind, tender), (0, 0))
            found[one.kind, tender] = (count + times, sum_minor + times * amount_minor)
    return tuple(KindSum(*place, *found[place]) for place in sorted(found))


def _paid(content: Content) -> list[tuple[str, int]]:
    """What was paid with each tender, change taken off the cash."""
    if not content.tenders:
        return [(NO_TENDER, content.total_minor)]
    change_minor = content.change_minor
    return [
        (tender.kind, tender.amount_minor - (change_minor if tender.kind == "cash" else 0))
        for tender in content.tenders
    ]


def _counted(count: CashCount) -> Counted:
    return Counted(
        count.person, count.at_ms, count.counted_minor, count.expected_minor, count.reason,
        count.denominations,
    )  # fmt: skip


def _ends(place: Place, shift: ShiftState) -> Iterable[PartyEnd]:
    """How the close stands with each party: agreed, not agreed, or nobody can say."""
    state = cash.state_of(place, shift.till, shift.currency)
    if state.device_minor is None or state.book_minor is None:
        yield PartyEnd("control", UNCONFIRMED, state.book_minor, None)
    else:
        differs = cash.differing_document(place, shift.till) is not None
        agreed = state.device_minor == state.book_minor and not differs
        yield PartyEnd("control", AGREED if agreed else NOT_AGREED, state.book_minor, state.device_minor)
    if OPERATOR in place.rules.receivers:
        yield PartyEnd(OPERATOR, AGREED if state.undelivered == 0 else UNCONFIRMED)
