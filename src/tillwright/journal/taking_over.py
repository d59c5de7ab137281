"""A document of the device that no operation of ours has asked for becomes an operation, done, with the
device as witness.

It happens to a till that was restored, to a second copy of us at the same device, and to money put in at the
device itself. What the operation was asked to do is what the device's document says of it; what the document
does not say (the lines of a sale) nobody knows any more.
"""

from __future__ import annotations

import hashlib

from tillwright.books.cash import taken_back
from tillwright.journal import cash, refunds, reports, restoring, shifts
from tillwright.journal.place import Place
from tillwright.journal.runner import Runner
from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import uid_from_bytes, uid_from_text, uid_of_key
from tillwright.operations import events
from tillwright.operations.commands import Shift
from tillwright.operations.kinds import KINDS, entries_of
from tillwright.operations.model import Content, Leg, Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.wire import DeviceRecord

KIND_OF = {kind.device_document: name for name, kind in KINDS.items() if kind.device_document}
"""The kind of the device's document → the kind of operation that it becomes."""


def uid_of(record: DeviceRecord) -> str:
    """The operation that a document belongs to; one that is made up, always the same, for a foreign key."""
    try:
        return uid_from_text(uid_of_key(record.key))
    except ValueError:
        return uid_from_bytes(hashlib.sha256(f"{record.serial}:{record.number}".encode()).digest()[:16])


def is_ours(record: DeviceRecord) -> bool:
    """Whether its key has the form that ours have: then a till of ours has asked for it."""
    try:
        uid_from_text(uid_of_key(record.key))
    except ValueError:
        return False
    return True


def take_over(runner: Runner, record: DeviceRecord, evidence: Evidence, now_ms: int) -> None:
    """Make an operation of it; inside a batch."""
    place, kind = runner.place, KIND_OF.get(record.kind)
    fault = Fault("fiscal.device-record-unknown", document=record.number)
    if kind is None:
        place.raise_fault(record.till, None, fault, now_ms)
        return
    if is_ours(record):
        restoring.found_unknown(place, record.till, now_ms)
    operation = _taken_over(runner, record, kind, evidence, now_ms)
    journal = runner.journal
    journal.insert(operation)
    journal.append(operation.uid, 1, events.Inquired(now_ms, 1, True, evidence))
    _book(place, operation, now_ms)
    _follow(runner, operation, now_ms)
    runner.keep(operation)
    if is_ours(record):
        place.raise_fault(record.till, operation.uid, fault, now_ms)


def _book(place: Place, operation: Operation, now_ms: int) -> None:
    entries = cash.as_swallowed(place, operation, entries_of(KINDS[operation.kind], operation.content))
    if entries and entries != taken_back(entries):
        place.journal.post(operation, entries, now_ms, place.shift_of(operation.till))


def _follow(runner: Runner, operation: Operation, now_ms: int) -> None:
    """Its shift, its sale, its document."""
    place, kind = runner.place, KINDS[operation.kind]
    parent = runner.read(operation.content.parent) if operation.content.parent else None
    if parent is not None:
        refunds.take_beyond(place, operation, parent, now_ms)
    if kind.shift:
        shifts.follow(place, operation, Shift(operation.content.shift, kind.shift), now_ms)
    if kind.document:
        body = reports.body_of(place, operation, kind.document, now_ms)
        place.journal.store_document(operation.uid, kind.document, body, now_ms)


def _taken_over(
    runner: Runner, record: DeviceRecord, kind: str, evidence: Evidence, now_ms: int
) -> Operation:
    plan, place = KINDS[kind].legs[0], runner.place
    content = _content(runner, record, kind)
    leg = Leg(
        1, plan.party, plan.action, record.key, LegState.DONE, commit_point=True, evidence=evidence,
        serial=record.serial,
    )  # fmt: skip
    return Operation(
        uid=uid_of(record),
        till=record.till,
        number=runner.journal.last_number(record.till) + 1,
        kind=kind,
        cashier="",
        shift=content.shift or place.shift_of(record.till),
        content=content,
        content_hash=record.content_hash,
        started_ms=record.registered_ms,
        changed_ms=now_ms,
        legs=(leg,),
        state=OperationState.DONE,
        version=1,
        ended_ms=now_ms,
        posted=True,
        origin=record.of,
    )


def _content(runner: Runner, record: DeviceRecord, kind: str) -> Content:
    """What it was asked to do, as far as the device's words say."""
    document = runner.journal.document_named(record.of) if record.of else None
    parent = runner.read(uid_of_key(document.key)) if document is not None else None
    return Content(
        record.currency,
        record.total_minor,
        (),
        record.tenders,
        parent=parent.uid if parent is not None else "",
        shift=record.shift if KINDS[kind].shift else 0,
    )
