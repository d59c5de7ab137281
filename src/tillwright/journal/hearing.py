"""What a party tells, turned into what happens to operations.

An answer counts only if it agrees with what was asked: a record with another sum proves nothing about our
operation, and a record that no operation of ours has asked for is taken over as one, with the device as
witness. So a till that was restored, or that never got a reply, learns from the device what it has missed.
"""

from __future__ import annotations

import hashlib

from tillwright.journal import outbox
from tillwright.journal.port import Conflict
from tillwright.journal.records import StoredDocument
from tillwright.journal.runner import Runner
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import uid_from_bytes, uid_from_text, uid_of_key
from tillwright.kernel.outcome import (
    Absent,
    Accepted,
    Found,
    InquiryOutcome,
    NotSent,
    Outcome,
    Refused,
)
from tillwright.operations import events
from tillwright.operations.decide import Impossible
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content, Leg, Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.wire import DeviceRecord, Health, Noticed, Recorded, Telling, Told

_IMPORTED_KINDS = {"sale": "cash-sale", "deposit": "cash-in"}


def hear(runner: Runner, till: str, telling: Telling, now_ms: int) -> None:
    """Take in what a party has told; inside a batch of the runner."""
    if isinstance(telling, Told):
        _told(runner, till, telling, now_ms)
    elif isinstance(telling, Recorded):
        for record in telling.records:
            _recorded(runner, till, record, now_ms)
    elif isinstance(telling, Noticed):
        runner.journal.raise_fault(till, None, telling.fault, now_ms)
    elif isinstance(telling, Health):
        _heard_of(runner, till, telling)


def _heard_of(runner: Runner, till: str, health: Health) -> None:
    if health.serial is not None and runner.journal.last_serial(till) != health.serial:
        runner.journal.set_serial(till, health.serial)


# ── answers to what was asked ─────────────────────────────────────────────────────────────────────


def _told(runner: Runner, till: str, told: Told, now_ms: int) -> None:
    operation = runner.read(uid_of_key(told.key))
    leg = _leg(operation, told.key)
    record = told.record
    agrees = operation is not None and (record is None or _answers(record, told, operation))
    if record is not None and _hold(runner, record, now_ms) and not agrees:
        _place(runner, till, record, now_ms)
    if operation is None or leg is None:
        if record is None:
            unknown = Fault("fiscal.device-record-unknown", document=told.key)
            runner.journal.raise_fault(till, None, unknown, now_ms)
    elif agrees:
        _feed(runner, operation, _event(leg.number, told.outcome, told.inquiry, now_ms))
    else:
        _feed(runner, operation, _disagreeing(leg.number, told, now_ms))


def _answers(record: DeviceRecord, told: Told, operation: Operation) -> bool:
    return record.key == told.key and _agrees(record, operation)


def _leg(operation: Operation | None, key: str) -> Leg | None:
    if operation is None:
        return None
    return next((leg for leg in operation.legs if leg.key == key), None)


def _feed(runner: Runner, operation: Operation, event: events.Event) -> None:
    try:
        runner.step(operation, event)
    except Impossible:
        return  # the table has no way for it: nothing changes, as the table says


def _event(leg: int, outcome: Outcome | InquiryOutcome, inquiry: bool, now_ms: int) -> events.Event:
    """The event that an outcome is for its leg."""
    if isinstance(outcome, Accepted):
        return events.Replied(now_ms, leg, True, outcome.evidence)
    if isinstance(outcome, Refused):
        return events.Replied(now_ms, leg, False, outcome.evidence, outcome.fault)
    if isinstance(outcome, Found):
        return events.Inquired(now_ms, leg, True, outcome.evidence)
    if isinstance(outcome, Absent):
        return events.Inquired(now_ms, leg, False, outcome.evidence, outcome.fenced)
    if inquiry:
        return events.Inquired(now_ms, leg, None)
    if isinstance(outcome, NotSent):
        return events.NotSent(now_ms, leg, outcome.fault)
    return events.NoAnswer(now_ms, leg, outcome.fault)


def _disagreeing(leg: int, told: Told, now_ms: int) -> events.Event:
    """An answer about something else than we asked for is no answer."""
    if told.inquiry:
        return events.Inquired(now_ms, leg, None)
    return events.NoAnswer(now_ms, leg, Fault("fiscal.key-conflict"))


def _agrees(record: DeviceRecord, operation: Operation) -> bool:
    return (
        record.till == operation.till
        and record.total_minor == operation.content.total_minor
        and record.currency == operation.content.currency
        and _IMPORTED_KINDS.get(record.kind) == operation.kind
    )


# ── records that were read without asking ─────────────────────────────────────────────────────────


def _hold(runner: Runner, record: DeviceRecord, now_ms: int) -> bool:
    """Keep the device's own words; whether they are new here. A fault, if they go against what is held."""
    document = StoredDocument(
        record.serial,
        record.number,
        record.till,
        record.key,
        record.unique_number,
        record.registered_ms,
        record.text,
    )
    try:
        new = runner.journal.store_device_document(document)
    except Conflict:
        fault = Fault("fiscal.device-record-unknown", document=record.number)
        runner.journal.raise_fault(record.till, None, fault, now_ms)
        return False
    if new:
        moment = (now_ms, runner.tally_ms)
        outbox.queue(
            runner.journal, runner.rules.receivers, record.till, document, record.total_minor, moment
        )
    return new


def _recorded(runner: Runner, till: str, record: DeviceRecord, now_ms: int) -> None:
    if _hold(runner, record, now_ms):
        _place(runner, till, record, now_ms)


def _place(runner: Runner, till: str, record: DeviceRecord, now_ms: int) -> None:
    """A record that is new here finds its operation, or becomes one."""
    if record.till != till:
        return
    operation = runner.read(_uid(record))
    leg = _leg(operation, record.key)
    evidence = witness(record, now_ms)
    if operation is None:
        _take_over(runner, record, evidence, now_ms)
    elif leg is None or not _agrees(record, operation) or _is_another(record, leg):
        contradiction = Fault("fiscal.contradiction", number=operation.number)
        runner.journal.raise_fault(till, operation.uid, contradiction, now_ms)
    elif leg.state in (LegState.REFUSED, LegState.UNDONE):
        _feed(runner, operation, events.Contradicted(now_ms, leg.number, True, evidence))
    elif leg.state is not LegState.DONE:
        _feed(runner, operation, events.Inquired(now_ms, leg.number, True, evidence))


def _is_another(record: DeviceRecord, leg: Leg) -> bool:
    """Whether the leg is proved by another document than this one: then the device has done it twice."""
    if leg.state is not LegState.DONE or leg.evidence is None:
        return False
    return leg.evidence.facts.get("unique_number", record.unique_number) != record.unique_number


def witness(record: DeviceRecord, now_ms: int) -> Evidence:
    """The device's record as evidence."""
    facts: dict[str, str | int] = {
        "document_number": record.number,
        "unique_number": record.unique_number,
        "serial": record.serial,
        "device_at_ms": record.registered_ms,
    }
    return Evidence(Source.WITNESS, now_ms, facts)


def _take_over(runner: Runner, record: DeviceRecord, evidence: Evidence, now_ms: int) -> None:
    """The device did something that our journal knows nothing of: it becomes an operation, done, with the
    device as witness.
    """
    kind = _IMPORTED_KINDS.get(record.kind)
    if kind is None:
        runner.journal.raise_fault(
            record.till, None, Fault("fiscal.device-record-unknown", document=record.number), now_ms
        )
        return
    journal = runner.journal
    operation = _taken_over(runner, record, kind, evidence, now_ms)
    journal.insert(operation)
    journal.append(operation.uid, 1, events.Inquired(now_ms, 1, True, evidence))
    journal.post(operation, KINDS[kind].entries(operation.content), now_ms)
    runner.keep(operation)
    if kind == "cash-sale":
        fault = Fault("fiscal.device-record-unknown", document=record.number)
        journal.raise_fault(record.till, operation.uid, fault, now_ms)


def _taken_over(
    runner: Runner, record: DeviceRecord, kind: str, evidence: Evidence, now_ms: int
) -> Operation:
    plan = KINDS[kind].legs[0]
    uid = _uid(record)
    leg = Leg(1, plan.party, plan.action, record.key, LegState.DONE, commit_point=True, evidence=evidence)
    return Operation(
        uid=uid,
        till=record.till,
        number=runner.journal.last_number(record.till) + 1,
        kind=kind,
        cashier="",
        shift=runner.shift_of(record.till),
        content=Content(record.currency, record.total_minor, (), ()),
        content_hash=record.content_hash,
        started_ms=record.registered_ms,
        changed_ms=now_ms,
        legs=(leg,),
        state=OperationState.DONE,
        version=1,
        ended_ms=now_ms,
        posted=True,
    )


def _uid(record: DeviceRecord) -> str:
    try:
        return uid_from_text(uid_of_key(record.key))
    except ValueError:
        return uid_from_bytes(hashlib.sha256(f"{record.serial}:{record.number}".encode()).digest()[:16])
