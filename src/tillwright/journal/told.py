"""What the parties besides the control device tell: how they stand, what they have taken, what they list.

All of it comes inside a batch of the runner, so that what follows from it is in the same commit.
"""

from __future__ import annotations

from dataclasses import replace

from tillwright.journal import enquiries, facts
from tillwright.journal.facts import LICENSING
from tillwright.journal.place import OPERATOR
from tillwright.journal.records import PartyState, StoredEnquiry
from tillwright.journal.runner import Runner
from tillwright.kernel.fault import Fault
from tillwright.operations import events
from tillwright.operations.decide import Impossible
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState
from tillwright.parties.control.reading import KIND_OF_ACTION
from tillwright.parties.wire import (
    LicenceTold,
    Listed,
    OperatorRecord,
    OperatorStatus,
    PartyHealth,
    PrintTold,
    Unlisted,
)

FRESH_MS = 3_600_000
"""So often the time of a word that has not changed is written anew."""
_TO_FIND = (LegState.SENT, LegState.UNKNOWN)
_ENDED_AS_NOT = (LegState.REFUSED, LegState.UNDONE)


# ── how they stand ────────────────────────────────────────────────────────────────────────────────


def operator_status(runner: Runner, till: str, told: OperatorStatus, now_ms: int) -> None:
    """What the operator says of the till; people are told once that it is blocked."""
    body = facts.encode_operator(told.reason, told.date_ms)
    before = _keep(runner, PartyState(till, OPERATOR, told.state, now_ms, body))
    if told.state == "blocked" and (before is None or before.state != told.state):
        fault = Fault("fiscal.register-blocked", reason=told.reason)
        runner.place.raise_fault(till, None, fault, now_ms)
    if told.state == "active":
        runner.outbox.is_there(till, OPERATOR, runner.steady_ms)


def licence(runner: Runner, till: str, told: LicenceTold, now_ms: int) -> None:
    """What the licensing party says; people are told of what is new."""
    before = runner.journal.party(till, LICENSING)
    known = facts.decode_faults(before.body) if before is not None else ()
    state = "ready" if not told.codes else "warning"
    _keep(runner, PartyState(till, LICENSING, state, now_ms, facts.encode_faults(told.codes)))
    for fault in told.codes:
        if fault not in known:
            runner.place.raise_fault(till, None, fault, now_ms)


def _keep(runner: Runner, state: PartyState) -> PartyState | None:
    """Write it if it says something new, or the old word has become old; what was known before."""
    before = runner.journal.party(state.till, state.party)
    same = before is not None and replace(before, at_ms=state.at_ms) == state
    if before is None or not same or not 0 <= state.at_ms - before.at_ms < FRESH_MS:
        runner.journal.set_party(state)
    return before


def health(runner: Runner, till: str, told: PartyHealth) -> None:
    """Another party is there, or not; how it is now lives in memory."""
    if told.state == "ready":
        runner.outbox.is_there(till, told.party, runner.steady_ms)


def printed(runner: Runner, till: str, told: PrintTold, now_ms: int) -> None:
    """What became of a slip. The first that came out is kept with its operation, a copy too: whoever has that
    waits for nothing.
    """
    uid = told.job.partition("/")[0]
    operation = runner.read(uid)
    if not told.ok and told.fault is not None:
        uid_known = operation.uid if operation is not None else None
        runner.place.raise_fault(till, uid_known, told.fault, now_ms)
    elif told.ok and operation is not None and not operation.printed:
        _feed(runner, operation, events.Printed(now_ms))


def _feed(runner: Runner, operation: Operation, event: events.Event) -> None:
    try:
        runner.step(operation, event)
    except Impossible:
        return  # the table has no way for it: nothing changes, as the table says


# ── what the operator lists ───────────────────────────────────────────────────────────────────────


def listed(runner: Runner, told: Listed | Unlisted, now_ms: int) -> None:
    """An answer of the operator's cabinet: evidence for what is unknown, and a check of what was ruled."""
    stored = enquiries.answered(runner.place, told, now_ms)
    if stored is None:
        return
    if isinstance(told, Unlisted):
        _nobody_answers(runner, stored, told, now_ms)
        return
    if told.serial is not None:
        runner.outbox.holds(stored.till, stored.receiver, told.serial, told.last_number)
    for record in told.records:
        _listed_record(runner, stored, record, now_ms)
    operation = runner.read(stored.uid)
    if operation is not None:
        _not_listed(runner, operation, told, now_ms)


def _nobody_answers(runner: Runner, stored: StoredEnquiry, told: Unlisted, now_ms: int) -> None:
    """Whoever asked is told; what the station asks by itself it will ask again."""
    if stored.person:
        runner.place.raise_fault(stored.till, stored.uid, told.fault, now_ms)


def _listed_record(runner: Runner, stored: StoredEnquiry, record: OperatorRecord, now_ms: int) -> None:
    operation = runner.read(stored.uid)
    leg = next((one for one in operation.legs if one.key == record.key), None) if operation else None
    if operation is None or leg is None or not _agrees(record, operation, leg):
        return
    proof = enquiries.evidence(record, now_ms)
    named = (record.number, record.unique_number)
    enquiries.check(runner.place, operation, leg.key, named, now_ms)
    if leg.state in _TO_FIND:
        _feed(runner, operation, events.Inquired(now_ms, leg.number, True, proof))
    elif leg.state in _ENDED_AS_NOT:
        _feed(runner, operation, events.Contradicted(now_ms, leg.number, True, proof))


def _agrees(record: OperatorRecord, operation: Operation, leg: Leg) -> bool:
    content = operation.content
    return (
        record.kind == KIND_OF_ACTION.get(leg.action)
        and (record.total_minor, record.currency) == (content.total_minor, content.currency)
        and record.till == operation.till
        and bool(KINDS[operation.kind].legs)
    )


def _not_listed(runner: Runner, operation: Operation, told: Listed, now_ms: int) -> None:
    """A whole list in which the document is missing: it bears out that it did not happen, and speaks against
    whoever said that it did.
    """
    keys = {record.key for record in told.records}
    for ruling in runner.journal.rulings(operation.uid):
        leg = operation.leg(ruling.leg)
        if ruling.checked_ms is not None or leg.key in keys:
            continue
        if not enquiries.is_whole(runner.place, told, operation, leg):
            continue
        verdict = enquiries.AGAINST if ruling.happened else enquiries.AGREES
        runner.journal.check_ruling(ruling.id, now_ms, verdict)
        if ruling.happened and leg.state is LegState.DONE:
            proof = enquiries.absence(told, now_ms)
            current = runner.read(operation.uid) or operation
            _feed(runner, current, events.Contradicted(now_ms, leg.number, False, proof))
