"""What a party tells, turned into what happens to operations.

An answer counts only if it agrees with what was asked: a record with another sum proves nothing about our
operation, and a record that no operation of ours has asked for is taken over as one, with the device as
witness. So a till that was restored, or that never got a reply, learns from the device what it has missed.
"""

from __future__ import annotations

from dataclasses import replace

from tillwright.journal import enquiries, outbox, restoring, shifts, taking_over, told
from tillwright.journal.port import Conflict
from tillwright.journal.records import StoredDocument
from tillwright.journal.runner import Runner
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import number_of_key, uid_of_key
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
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState
from tillwright.parties.control.reading import KIND_OF_ACTION
from tillwright.parties.wire import (
    Acknowledged,
    DeviceRecord,
    DocumentRefused,
    Health,
    LicenceTold,
    Listed,
    NotDelivered,
    Noticed,
    OperatorStatus,
    PartyHealth,
    PrintTold,
    Recorded,
    Telling,
    Told,
    Unlisted,
)


def till_of(line: str) -> str:
    """The till that a line belongs to: that of a device has its name, others the party's behind it."""
    return line.partition("/")[0]


def notice(runner: Runner, line: str, telling: Telling) -> tuple[bool, bool]:
    """Take note of how a party is, at once and outside of any batch: whether people see something new, and
    whether it has to be heard inside a batch as well.
    """
    till = till_of(line)
    if isinstance(telling, PartyHealth):
        return runner.place.known.hear(till, telling), telling.state == "ready"
    if not isinstance(telling, Health):
        return False, True
    before = runner.place.known.health(till)
    changed = runner.place.known.hear(till, telling)
    if before is None or before.serial != telling.serial:
        return changed, True
    ahead = telling.acknowledged is not None and telling.acknowledged > (before.acknowledged or 0)
    news = changed or till in runner.place.known.catching_up
    return changed, ahead or (news and telling.state == "ready")


def parts_of(telling: Telling) -> list[Telling]:
    """What can be heard apart, so that a document that cannot be taken in does not take others with it."""
    return [Recorded((record,)) for record in telling.records] if isinstance(telling, Recorded) else [telling]


def hear(runner: Runner, line: str, telling: Telling, now_ms: int) -> None:
    """Take in what a party has told; inside a batch of the runner."""
    till = till_of(line)
    if isinstance(telling, Told):
        _told(runner, till, telling, now_ms)
    elif isinstance(telling, Recorded):
        for record in telling.records:
            _recorded(runner, till, record, now_ms)
    elif isinstance(telling, Noticed):
        runner.journal.raise_fault(till, None, telling.fault, now_ms)
    elif isinstance(telling, Health):
        _health(runner, till, telling, now_ms)
    else:
        _from_others(runner, till, telling, now_ms)


def _health(runner: Runner, till: str, health: Health, now_ms: int) -> None:
    """How the device stands: which one it is, what it has delivered itself, whether a till that was restored
    holds all of it again.
    """
    runner.place.known.hear(till, health)
    known = runner.journal.last_serial(till)
    if health.serial is not None and known != health.serial:
        runner.journal.set_serial(till, health.serial)
        if known is not None:
            shifts.follow_device(runner.place, till, health, now_ms)
    runner.outbox.device_delivered(till, health, now_ms)
    restoring.look(runner.place, till)


def _from_others(runner: Runner, till: str, telling: Telling, now_ms: int) -> None:
    """What parties besides the control device tell."""
    if isinstance(telling, Acknowledged):
        runner.outbox.acknowledged(till, telling, now_ms)
    elif isinstance(telling, DocumentRefused):
        runner.outbox.refused(till, telling, runner.steady_ms, now_ms)
    elif isinstance(telling, NotDelivered):
        runner.outbox.not_delivered(till, telling, runner.steady_ms, now_ms)
    elif isinstance(telling, OperatorStatus):
        told.operator_status(runner, till, telling, now_ms)
    elif isinstance(telling, LicenceTold):
        told.licence(runner, till, telling, now_ms)
    elif isinstance(telling, Listed | Unlisted):
        told.listed(runner, telling, now_ms)
    elif isinstance(telling, PrintTold):
        told.printed(runner, till, telling, now_ms)
    elif isinstance(telling, PartyHealth):
        told.health(runner, till, telling)


# ── answers to what was asked ─────────────────────────────────────────────────────────────────────


def _told(runner: Runner, till: str, answer: Told, now_ms: int) -> None:
    operation = runner.read(uid_of_key(answer.key))
    leg = _leg(operation, answer.key)
    record = answer.record
    agrees = operation is not None and (record is None or _answers(record, answer, operation, leg))
    if record is not None and _hold(runner, till, record, now_ms) and not agrees:
        _place(runner, till, record, now_ms)
    if operation is None or leg is None:
        if record is None:
            unknown = Fault("fiscal.device-record-unknown", document=answer.key)
            runner.journal.raise_fault(till, None, unknown, now_ms)
    elif agrees:
        if record is not None:
            _check_rulings(runner, operation, record, now_ms)
        if isinstance(answer.outcome, Absent) and answer.outcome.fenced:
            enquiries.check_absence(runner.place, operation, leg, now_ms)
        _feed(runner, operation, _event(leg.number, answer.outcome, answer.inquiry, now_ms))
    else:
        _feed(runner, operation, _disagreeing(leg.number, answer, now_ms))


def _answers(record: DeviceRecord, answer: Told, operation: Operation, leg: Leg | None) -> bool:
    return record.key == answer.key and _agrees(record, operation, leg)


def _check_rulings(runner: Runner, operation: Operation, record: DeviceRecord, now_ms: int) -> None:
    """The device's own word on what somebody has ruled."""
    leg = _leg(operation, record.key)
    if leg is None or leg.evidence is None or leg.evidence.source is not Source.RULING:
        return
    named = (record.number, record.unique_number)
    enquiries.check(runner.place, operation, record.key, named, now_ms)


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


def _disagreeing(leg: int, answer: Told, now_ms: int) -> events.Event:
    """An answer about something else than we asked for is no answer."""
    if answer.inquiry:
        return events.Inquired(now_ms, leg, None)
    return events.NoAnswer(now_ms, leg, Fault("fiscal.key-conflict"))


def _agrees(record: DeviceRecord, operation: Operation, leg: Leg | None) -> bool:
    """Whether the document is what this leg asks for."""
    if leg is None:
        return False
    content, origin = operation.content, operation.origin_of(leg)
    return (
        record.till == operation.till
        and record.total_minor == content.total_minor
        and record.currency == content.currency
        and KIND_OF_ACTION.get(leg.action) == record.kind
        and (not origin or record.of == origin)
    )


# ── records that were read without asking ─────────────────────────────────────────────────────────


def _hold(runner: Runner, till: str, record: DeviceRecord, now_ms: int) -> bool:
    """Keep the device's own words, and queue them for whoever must have them; whether they are new here. A
    fault, if they go against what is held.
    """
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
        place = runner.place
        moment = place.moment(now_ms)
        outbox.queue(runner.journal, place.rules.receivers, till, document, record.total_minor, moment)
        runner.outbox.wake(till)
    return new


def _recorded(runner: Runner, till: str, record: DeviceRecord, now_ms: int) -> None:
    if _hold(runner, till, record, now_ms):
        _place(runner, till, record, now_ms)


def _place(runner: Runner, till: str, record: DeviceRecord, now_ms: int) -> None:
    """A record that is new here finds its operation, or becomes one."""
    if record.till != till:
        return
    operation = runner.read(taking_over.uid_of(record))
    leg = _leg(operation, record.key)
    evidence = witness(record, now_ms)
    if operation is None:
        taking_over.take_over(runner, record, evidence, now_ms)
        return
    if leg is None:
        operation, leg = _adopted(operation, record)
    if leg is None or not _agrees(record, operation, leg) or _is_another(record, leg):
        contradiction = Fault("fiscal.contradiction", number=operation.number)
        runner.journal.raise_fault(till, operation.uid, contradiction, now_ms)
        return
    _check_rulings(runner, operation, record, now_ms)
    if leg.state in (LegState.REFUSED, LegState.UNDONE):
        _feed(runner, operation, events.Contradicted(now_ms, leg.number, True, evidence))
    elif leg.state is not LegState.DONE:
        _feed(runner, operation, events.Inquired(now_ms, leg.number, True, evidence))


def _adopted(operation: Operation, record: DeviceRecord) -> tuple[Operation, Leg | None]:
    """A further attempt of which an old copy of the journal does not know: it becomes a leg again, unknown
    until this very record is taken for its answer. None if the record is nothing that was asked for.
    """
    last = next((leg for leg in reversed(operation.legs) if leg.target is None), None)
    number = number_of_key(record.key)
    if last is None or number is None or any(leg.number == number for leg in operation.legs):
        return operation, None
    leg = Leg(
        number, last.party, last.action, record.key, LegState.UNKNOWN, last.commit_point,
        replaces=last.number, serial=record.serial,
    )  # fmt: skip
    if not _agrees(record, operation, leg):
        return operation, None
    return replace(operation, legs=(*operation.legs, leg)), leg


def _is_another(record: DeviceRecord, leg: Leg) -> bool:
    """Whether the leg is proved by another document than this one: then the device has done it twice. What a
    person has named proves nothing about the number.
    """
    if leg.state is not LegState.DONE or leg.evidence is None or leg.evidence.source is Source.RULING:
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
