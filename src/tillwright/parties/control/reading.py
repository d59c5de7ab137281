"""What a reply of the device means for what was asked: documents, evidence, outcomes. No state, no line.

A document is believed only if it is what was asked for: this key, this till, this kind, this sum. Anything
else is an answer to nothing, whoever says it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, Accepted, Found, InquiryOutcome, Outcome, Refused
from tillwright.operations.model import Leg, Operation
from tillwright.parties.control.messages import DEPOSIT, SALE, Garbled, ReplyMessage, decode_document
from tillwright.parties.control.signing import is_whole
from tillwright.parties.wire import DeviceRecord

DISCONNECTED = Fault("fiscal.sko-disconnected")
GARBLED = Fault("fiscal.device-garbled")
UNWRITABLE = Fault("fiscal.register-refused", reason="content")
"""It does not fit into a message, or cannot be written as one: it never leaves."""

KIND_OF_ACTION = {"register": SALE, "deposit": DEPOSIT}
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
    )  # fmt: skip


def is_answer(record: DeviceRecord, reply: ReplyMessage, till: str, subject: Subject) -> bool:
    """Whether the document is the one that this leg asks for."""
    content = subject.operation.content
    return (
        record.key == subject.leg.key
        and record.till == till
        and record.kind == KIND_OF_ACTION[subject.leg.action]
        and record.total_minor == content.total_minor
        and record.currency == content.currency
        and record.serial == reply.serial
        and record.number <= reply.last_number
    )


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


def refused(reply: ReplyMessage, now_ms: int) -> Outcome:
    """The device will not register it."""
    if reply.code == "key-conflict":
        fault = Fault("fiscal.key-conflict")
    elif reply.code == "fenced":
        fault = Fault("fiscal.not-registered")
    else:
        fault = Fault("fiscal.register-refused", reason=reply.reason or reply.code or "?")
    return Refused(fault, _stands(reply, Source.REPLY, now_ms))


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
