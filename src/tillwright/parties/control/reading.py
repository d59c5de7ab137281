"""What a reply of the device means for what was asked: documents, evidence, outcomes. No state, no line.

A document is believed only if it is what was asked for: this key, this till, this kind, this sum. Anything
else is an answer to nothing, whoever says it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, Accepted, Found, InquiryOutcome, Outcome, Refused
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation, Tender
from tillwright.parties.control.counting import SHIFT_KINDS, cash_effect_minor, net_tenders
from tillwright.parties.control.messages import (
    ANNULMENT,
    DEPOSIT,
    REFUND,
    SALE,
    SHIFT_CLOSE,
    SHIFT_OPEN,
    WITHDRAWAL,
    Garbled,
    ReplyMessage,
    decode_document,
)
from tillwright.parties.control.signing import is_whole
from tillwright.parties.wire import DeviceRecord

DISCONNECTED = Fault("fiscal.sko-disconnected")
SILENT = Fault("fiscal.sko-no-answer")
"""The line is there, and the time for an answer has passed."""
GARBLED = Fault("fiscal.device-garbled")
UNWRITABLE = Fault("fiscal.register-refused", reason="content")
"""It does not fit into a message, or cannot be written as one: it never leaves."""

DOCUMENT_KINDS = {name: kind.device_document for name, kind in KINDS.items() if kind.device_document}
"""The kind of an operation → the kind of the device's document that proves it."""

KIND_OF_ACTION = {
    "register": SALE,
    "refund": REFUND,
    "annul": ANNULMENT,
    "deposit": DEPOSIT,
    "withdraw": WITHDRAWAL,
    "open": SHIFT_OPEN,
    "close": SHIFT_CLOSE,
}
"""What a leg asks of the device → the kind of its document."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The leg that a request is about, and the operation that it belongs to."""

    operation: Operation
    leg: Leg


def read_record(text: str) -> DeviceRecord:
    """The document with the facts that stand in its text; raises Garbled, also for one that is not whole."""
    if not is_whole(text):
        raise Garbled("a document that was changed on its way")
    document = decode_document(text)
    return DeviceRecord(
        document.serial, document.number, document.unique_number, document.key, document.kind, document.till,
        document.total_minor, document.currency, document.registered_ms, text, document.content_hash,
        document.shift, document.of,
        tuple(Tender(kind, amount_minor) for kind, amount_minor in document.tenders.items()),
    )  # fmt: skip


def original(subject: Subject) -> str:
    """The unique number of the document that this one takes back; empty if it takes none back."""
    if KIND_OF_ACTION[subject.leg.action] in (REFUND, ANNULMENT):
        return subject.operation.origin_of(subject.leg)
    return ""


def shift_meant(subject: Subject) -> int:
    """The shift that is to be opened or closed; 0 if that is not what the leg asks.

    Everything else goes into the shift that is open at the device: an operation that became red in one shift
    may be registered in the next.
    """
    if KIND_OF_ACTION[subject.leg.action] in SHIFT_KINDS:
        return subject.operation.content.shift
    return 0


def is_answer(record: DeviceRecord, reply: ReplyMessage, till: str, subject: Subject) -> bool:
    """Whether the document is the one that this leg asks for."""
    content = subject.operation.content
    return (
        record.key == subject.leg.key
        and record.till == till
        and record.kind == KIND_OF_ACTION[subject.leg.action]
        and record.total_minor == content.total_minor
        and record.currency == content.currency
        and record.of == original(subject)
        and shift_meant(subject) in (0, record.shift)
        and record.serial == reply.serial
        and record.number <= reply.last_number
    )


def record_of(reply: ReplyMessage, till: str, subject: Subject | None) -> DeviceRecord | None:
    """The document that the reply brings, if it is the one that was asked for."""
    if reply.document is None or subject is None:
        return None
    try:
        record = read_record(reply.document)
    except Garbled:
        return None
    return record if is_answer(record, reply, till, subject) else None


def gist(reply: ReplyMessage) -> tuple[object, ...]:
    """What a reply says about what was asked, to tell a second one that says the same."""
    return reply.ok, reply.code, reply.found, reply.document


def evidence(record: DeviceRecord, source: Source, now_ms: int) -> Evidence:
    """The document as evidence; the fact names are those of every record of the device."""
    facts: dict[str, str | int] = {
        "document_number": record.number,
        "unique_number": record.unique_number,
        "serial": record.serial,
        "device_at_ms": record.registered_ms,
    }
    return Evidence(source, now_ms, facts)


def accepted(record: DeviceRecord, now_ms: int) -> Outcome:
    """The device has registered it."""
    return Accepted(evidence(record, Source.REPLY, now_ms))


def found(record: DeviceRecord, now_ms: int) -> InquiryOutcome:
    """The device, asked by key, has it."""
    return Found(evidence(record, Source.INQUIRY, now_ms))


def absent(reply: ReplyMessage, now_ms: int) -> InquiryOutcome:
    """The device, asked by key, does not have it."""
    return Absent(_stands(reply, Source.INQUIRY, now_ms), fenced=reply.fenced is True)


def refused(reply: ReplyMessage, subject: Subject, now_ms: int) -> Outcome:
    """The device will not register it."""
    return Refused(_refusal(reply, subject), _stands(reply, Source.REPLY, now_ms))


def _refusal(reply: ReplyMessage, subject: Subject) -> Fault:
    """What the device's refusal is called at the till."""
    if reply.code == "key-conflict":
        return Fault("fiscal.key-conflict")
    if reply.code == "fenced":
        return Fault("fiscal.not-registered")
    if reply.code == "shift-closed":
        return Fault("till.shift-closed")
    if reply.code == "shift-open":
        return Fault("till.shift-already-open", shift=reply.shift.number)
    if reply.code == "negative-balance":
        return _negative_balance(reply, subject)
    if reply.code == "of" and reply.reason == "unknown":
        return Fault("till.parent-unknown")
    return Fault("fiscal.register-refused", reason=reply.reason or reply.code or "?")


def _negative_balance(reply: ReplyMessage, subject: Subject) -> Fault:
    content = subject.operation.content
    kind = KIND_OF_ACTION[subject.leg.action]
    paid = net_tenders(kind, content.total_minor, content.tenders) or {}
    return Fault(
        "fiscal.negative-shift-balance",
        currency=content.currency,
        device_minor=reply.counters.cash_till_minor,
        amount_minor=-cash_effect_minor(kind, paid),
    )


def behind(serial: str, device_number: int, till_number: int) -> Fault:
    """The device does not have all that the till holds of it."""
    return Fault("fiscal.device-behind", serial=serial, device_number=device_number, till_number=till_number)


def replaced(serial: str, known_serial: str) -> Fault:
    """Another device than before."""
    return Fault("fiscal.device-replaced", serial=serial, known_serial=known_serial)


def clock_off(offset_ms: int) -> Fault:
    """The device's clock is ahead of ours by so much (behind, if negative)."""
    return Fault("fiscal.device-clock-off", offset_ms=offset_ms)


def _stands(reply: ReplyMessage, source: Source, now_ms: int) -> Evidence:
    facts: dict[str, str | int] = {"serial": reply.serial, "last_number": reply.last_number}
    if reply.code is not None:
        facts["code"] = reply.code
    return Evidence(source, now_ms, facts)
