"""Shifts, and what a till is held for: the count before a close, the close itself, a correction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from tillwright.books.cash import Account
from tillwright.journal.place import Place
from tillwright.journal.port import Conflict
from tillwright.journal.records import CashCount, Hold, ShiftState
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_bytes
from tillwright.operations.commands import Shift
from tillwright.operations.guards import Request
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Operation
from tillwright.parties.wire import Health

COUNT, CLOSE, CORRECTION = "count", "close", "correction"


def follow(place: Place, operation: Operation, command: Shift, at_ms: int) -> None:
    """A shift has been opened or closed, or turns out to be open or closed after all."""
    journal, till = place.journal, operation.till
    if command.state == "open":
        _open(place, operation, command.number, at_ms)
        journal.clear_warnings(till)
    else:
        journal.close_shift(till, command.number, at_ms, operation.cashier)
        hold = journal.hold(till)
        if hold is not None and hold.purpose in (COUNT, CLOSE):
            journal.release_hold(till)


def _open(place: Place, operation: Operation, number: int, at_ms: int) -> None:
    """Open it; whatever else the journal holds for open has been closed where that was not seen."""
    journal, till = place.journal, operation.till
    known = journal.shift(till)
    if known is not None and known.is_open:
        if known.number == number:
            return
        journal.close_shift(till, known.number, at_ms, "")
    opened = ShiftState(till, number, "open", operation.content.currency, at_ms, operation.cashier)
    try:
        journal.open_shift(opened)
    except Conflict:
        fault = Fault("till.shift-already-open", shift=known.number if known is not None else number)
        place.raise_fault(till, operation.uid, fault, at_ms)


def follow_device(place: Place, till: str, health: Health, now_ms: int) -> None:
    """Another device stands at the till. A shift is open only where a device has it open: the old one's shift
    cannot be closed at the new one, so it ends here; if the old one comes back, it goes on.
    """
    newest = place.journal.shift(till)
    if not place.rules.shifts or newest is None or _is_under_way(place, till):
        return
    has_it = health.shift_state == "open" and health.shift_number == newest.number
    if newest.is_open and not has_it:
        place.journal.close_shift(till, newest.number, now_ms, "")
        place.journal.release_hold(till)
        place.note(now_ms, "", "shift-ended-with-device", till=till, shift=newest.number)
    elif not newest.is_open and has_it:
        place.journal.open_shift(newest)
        place.note(now_ms, "", "shift-back-with-device", till=till, shift=newest.number)


def _is_under_way(place: Place, till: str) -> bool:
    """Whether a shift is being opened or closed: the answer to that will say."""
    return any(one.till == till and KINDS[one.kind].shift for one in place.journal.unfinished())


def number_fault(place: Place, request: Request) -> Fault | None:
    """A shift is opened under a number that none has had."""
    if request.kind != "shift-open":
        return None
    newest = place.journal.shift(request.till)
    if newest is None or request.content.shift > newest.number:
        return None
    return Fault("till.shift-already-open", shift=newest.number)


def state_of(place: Place, till: str, currency: str) -> ShiftState | None:
    """The till's newest shift; without shifts the one that never ends."""
    if place.rules.shifts:
        return place.journal.shift(till)
    return ShiftState(till, 1, "open", currency, 0, "")


# ── counting ──────────────────────────────────────────────────────────────────────────────────────


def open_count(place: Place, till: str, person: str, now_ms: int) -> Hold:
    """From here on nobody at the till is told what should be in the drawer, until a count is stored. Raises
    FaultError: till.shift-closed, till.operation-open, till.held.
    """
    _require_quiet(place, till, (COUNT, CLOSE))
    hold = Hold(till, COUNT, person, now_ms)
    place.journal.set_hold(hold)
    place.note(now_ms, person, "count-opened", till=till, shift=place.shift_of(till))
    return hold


def _require_quiet(place: Place, till: str, allowed: tuple[str, ...]) -> None:
    journal = place.journal
    shift = journal.shift(till)
    if place.rules.shifts and (shift is None or not shift.is_open):
        raise FaultError(Fault("till.shift-closed"))
    number = journal.open_number(till)
    if number is not None:
        raise FaultError(Fault("till.operation-open", number=number))
    hold = journal.hold(till)
    if hold is not None and hold.purpose not in allowed:
        raise FaultError(Fault("till.held", purpose=hold.purpose))


def store_count(
    place: Place, till: str, currency: str, person: str, counted: tuple[Mapping[int, int], str], now_ms: int
) -> CashCount:
    """Store what was counted (value in minor units → how many, and a reason); then what was expected may be
    told. Raises FaultError: till.count-missing if no count was opened.
    """
    journal, (denominations, reason) = place.journal, counted
    hold = journal.hold(till)
    if hold is None or hold.purpose != COUNT:
        raise FaultError(Fault("till.count-missing"))
    shift = place.shift_of(till)
    earlier = len(journal.counts(till, shift))
    notes = tuple(sorted(((value, many) for value, many in denominations.items() if many), reverse=True))
    count = CashCount(
        uid=_uid(till, shift, earlier, now_ms),
        till=till,
        shift=shift,
        person=person,
        at_ms=now_ms,
        currency=currency,
        denominations=notes,
        counted_minor=sum(value * many for value, many in notes),
        expected_minor=journal.balance_minor(till, currency, Account.DRAWER),
        reason=reason,
    )
    journal.store_count(count)
    journal.set_hold(replace(hold, purpose=CLOSE, person=person, since_ms=now_ms))
    place.note(
        now_ms, person, "count-stored", till=till, shift=shift, counted_minor=count.counted_minor,
        expected_minor=count.expected_minor, reason=reason,
    )  # fmt: skip
    return count


def _uid(till: str, shift: int, earlier: int, now_ms: int) -> str:
    """A name that no other count of this journal has."""
    return uid_from_bytes(hashlib.sha256(f"{till}:{shift}:{earlier}:{now_ms}".encode()).digest()[:16])


def explain(place: Place, uid: str, person: str, reason: str, now_ms: int) -> CashCount:
    """The reason of a difference, once the difference is known. Raises FaultError."""
    count = place.journal.count(uid)
    if count is None or count.reason or not reason:
        raise FaultError(Fault("till.too-late"))
    place.journal.explain_count(uid, reason)
    place.note(now_ms, person, "count-explained", till=count.till, reason=reason)
    return replace(count, reason=reason)


def release(place: Place, till: str, person: str, now_ms: int) -> None:
    """Let a till go that was held; nothing happens to one that was not."""
    hold = place.journal.hold(till)
    if hold is not None:
        place.journal.release_hold(till)
        place.note(now_ms, person, "hold-released", till=till, purpose=hold.purpose)


def hold_for_correction(place: Place, till: str, person: str, now_ms: int) -> Hold:
    """Hold a till for an emergency correction. Raises FaultError: till.red-blocks, till.operation-open,
    till.held, till.shift-closed.
    """
    _require_quiet(place, till, (CORRECTION,))
    reds = place.journal.red_numbers(till)
    if reds:
        raise FaultError(Fault("till.red-blocks", number=reds[0]))
    hold = Hold(till, CORRECTION, person, now_ms)
    place.journal.set_hold(hold)
    return hold


def corrected(place: Place, operation: Operation) -> None:
    """A correction is booked: the till that was held for it is let go."""
    hold = place.journal.hold(operation.till)
    if operation.kind == "correction" and hold is not None and hold.purpose == CORRECTION:
        place.journal.release_hold(operation.till)


def is_blind(place: Place, till: str) -> bool:
    """Whether the till's cash is being counted blind."""
    hold = place.journal.hold(till)
    return hold is not None and hold.purpose == COUNT
