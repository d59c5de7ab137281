"""What the guards need to know, read through the journal port inside the batch that asks.

Only what a kind's guards look at is read: a sale is the hot path.
"""

from __future__ import annotations

import datetime

import msgspec

from tillwright.books.cash import Account
from tillwright.journal import approvals, cash, outbox, refunds, restoring
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.records import PartyState
from tillwright.kernel.fault import Fact, Fault
from tillwright.operations.guards import Facts, Request
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Operation

LICENSING = "licensing"
WARNING = "fiscal.block-warning"
_PAYS_OUT = ("refund", "void", "cash-out")
_CLOSES = ("shift-close", "correction")


class OperatorBody(msgspec.Struct):
    """What the operator said beside its state."""

    reason: str = ""
    date_ms: int | None = None


class ToldFault(msgspec.Struct):
    """A fault as it is kept with a party's state."""

    code: str
    facts: dict[str, str | int] = {}


_OPERATOR = msgspec.json.Decoder(OperatorBody)
_FAULTS = msgspec.json.Decoder(list[ToldFault])
_WRITER = msgspec.json.Encoder()


def encode_operator(reason: str, date_ms: int | None) -> bytes:
    """What the operator said, to be kept."""
    return _WRITER.encode(OperatorBody(reason, date_ms))


def encode_faults(faults: tuple[Fault, ...]) -> bytes:
    """What the licensing party said, to be kept."""
    return _WRITER.encode([ToldFault(fault.code, dict(fault.facts)) for fault in faults])


def decode_faults(body: bytes) -> tuple[Fault, ...]:
    """What the licensing party said."""
    return tuple(Fault(one.code, **one.facts) for one in _FAULTS.decode(body))


def gather(place: Place, request: Request, now_ms: int) -> Facts:
    """What is known of the till at this moment."""
    journal, content = place.journal, request.content
    known: dict[str, object] = {
        "open_number": journal.open_number(request.till),
        "red_numbers": journal.red_numbers(request.till),
        "drawer_minor": journal.balance_minor(request.till, content.currency, Account.DRAWER),
        "now_ms": now_ms,
    }
    hold = journal.hold(request.till)
    known["hold"] = hold.purpose if hold is not None else None
    known["shift"] = _open_shift(place, request.till)
    known["catching_up"] = restoring.is_open(place, request.till)
    known["forbidden_by"] = _forbidden_by(place, request)
    known |= _of_parties(place, request, now_ms)
    known |= _of_a_parent(place, request)
    known |= _of_cash(place, request)
    if request.approvals:
        known["approvals"] = approvals.that_hold(place, request, now_ms)
    return Facts(**known)  # type: ignore[arg-type]


def _forbidden_by(place: Place, request: Request) -> str:
    """The fault that forbids it for now; one about an operation does so until that operation has ended."""
    for ban in place.bans.get((request.till, request.kind), ()):
        operation = place.journal.operation(ban.operation) if ban.operation else None
        if operation is None or not operation.ended:
            return ban.code
    return ""


def _open_shift(place: Place, till: str) -> int | None:
    if not place.rules.shifts:
        return 1
    shift = place.journal.shift(till)
    return shift.number if shift is not None and shift.is_open else None


def _of_parties(place: Place, request: Request, now_ms: int) -> dict[str, object]:
    known: dict[str, object] = {}
    operator = place.journal.party(request.till, OPERATOR)
    if operator is not None:
        body = _OPERATOR.decode(operator.body)
        known["operator_state"] = operator.state
        known["operator_reason"] = body.reason
        known["operator_date"] = date_of(body.date_ms)
        known["warning_until_ms"] = warned_until_ms(place, request.till, WARNING, now_ms)
    if place.rules.licence is not None:
        licence = place.journal.party(request.till, LICENSING)
        if licence is not None:
            known["licence"] = decode_faults(licence.body)
            known["licence_age_ms"] = max(0, now_ms - licence.at_ms)
    if place.rules.offline is not None:
        known["undelivered"] = outbox.undelivered(place, request.till, now_ms)
    return known


def warning_of(said: PartyState, remaining_ms: int) -> Fault:
    """What an operator that warns is to be quoted with."""
    body = _OPERATOR.decode(said.body)
    left_s = -(-remaining_ms // 1_000)
    return Fault("fiscal.block-warning", reason=body.reason, date=date_of(body.date_ms), remaining_s=left_s)


def date_of(at_ms: int | None) -> str:
    """A day as text, in UTC; empty if none was named."""
    if at_ms is None:
        return ""
    return datetime.datetime.fromtimestamp(at_ms // 1000, datetime.UTC).date().isoformat()


def warned_until_ms(place: Place, till: str, code: str, now_ms: int) -> int | None:
    """Until when a warning has to be looked at; None if it has not been shown yet. A clock that was set back
    must not make it last longer than it does.
    """
    shown_ms = place.journal.warned_ms(till, code)
    return None if shown_ms is None else min(shown_ms, now_ms) + place.rules.operator_warning_ms


def _of_a_parent(place: Place, request: Request) -> dict[str, object]:
    known: dict[str, object] = {}
    content, journal = request.content, place.journal
    if content.parent:
        parent = journal.operation(content.parent)
        known["parent"] = parent
        known["successor_number"] = journal.successor(content.parent)
        if parent is not None:
            left = journal.refundable(parent)
            known["parent_left_minor"] = left.left_minor
            known["parent_lines_left"] = left.lines
    if content.exchange:
        half = journal.operation(content.exchange)
        known["exchange"] = half
        known["exchange_retry"] = refunds.may_retry(place, half)
    return known


def _of_cash(place: Place, request: Request) -> dict[str, object]:
    """What the device counts, for what takes cash out and for what compares the two."""
    known: dict[str, object] = {}
    till, currency = request.till, request.content.currency
    if request.kind in (*_PAYS_OUT, *_CLOSES):
        known["device_cash_minor"] = place.known.device_cash_minor(till)
        known["owed_minor"] = refunds.owed_minor(place, till, currency)
    if request.kind in _CLOSES:
        known["differing_document"] = cash.differing_document(place, till)
        known["explained_by"] = _explained_by(place, till, currency)
    if request.kind == "shift-close":
        counts = place.journal.counts(till, place.shift_of(till))
        known["count"] = counts[-1].uid if counts else ""
    return known


def _explained_by(place: Place, till: str, currency: str) -> tuple[int, ...]:
    device_minor = place.known.device_cash_minor(till)
    if device_minor is None:
        return ()
    book_minor = place.journal.balance_minor(till, currency, Account.DRAWER)
    book_minor -= refunds.owed_minor(place, till, currency)
    return tuple(one.number for one in cash.overturned(place, till, device_minor - book_minor))


def serial_for(place: Place, operation: Operation) -> str:
    """The device to which the operation's requests go now, as far as that is known."""
    has_device = bool(KINDS[operation.kind].legs)
    return (place.journal.last_serial(operation.till) or "") if has_device else ""


def facts_of(fault: Fault) -> dict[str, Fact]:
    """A fault's facts, to be written."""
    return dict(fault.facts)
