"""Probes of a till and its operations."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.outside import ANSWER_MS
from tillwright.faults.scene import OPERATOR, Scene, Target
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import Enquiry
from tillwright.operations.states import LegState, OperationState
from tillwright.till.queries import reader

LONGEST_SHIFT_MS = 24 * 3_600_000
LATELY_MS = 4 * 3_600_000
"""So long a shift that was closed is that of the people who are there."""
LOOK_MS = 100
TOLD_MS = 24 * 3_600_000
"""So long it is told that somebody was mistaken about a receipt that is settled by now."""


@probe("red_operations")
def red_operations(scene: Scene, target: Target) -> Found:
    """Whether the till has red operations."""
    reds = scene.station.till_state(target.till).reds
    facts = {"red_count": len(reds), **({"number": reds[0].number} if reds else {})}
    return Found("some" if reds else "none", "read in the journal", facts)


@probe("operation_state")
def operation_state(scene: Scene, target: Target) -> Found:
    """How the operation stands, and whether it waits for a person's press."""
    operation = _operation(scene, target)
    red = operation.state is OperationState.RED
    going = operation.state in (OperationState.OPEN, OperationState.UNDOING)
    value = "red" if red else "ended" if not going else "asks" if operation.question else "going-on"
    return Found(value, "read in the journal", {"state": operation.state.value})


@probe("operation_at_device")
def operation_at_device(scene: Scene, target: Target) -> Found:
    """Whether the device has registered the operation, by the evidence on its leg."""
    leg = _leg(_operation(scene, target))
    if leg is None:
        return cannot_look("the operation asks nothing of the device")
    if leg.state in (LegState.DONE, LegState.UNDONE):
        return Found("registered", "by the evidence on the leg")
    if leg.state in (LegState.REFUSED, LegState.PLANNED):
        return Found("absent", "by the evidence on the leg")
    return Found("silent", "the device has not said what became of it")


@probe("operation_at_operator")
def operation_at_operator(scene: Scene, target: Target) -> Found:
    """Whether the operator lists the operation; the question is kept with the operation."""
    operation = _operation(scene, target)
    leg = _leg(operation)
    if leg is None or (operation.till, OPERATOR) not in scene.addresses:
        return cannot_look("there is no operator to be asked")
    identity = scene.station.enquire(operation.uid, "")
    found = _answered(scene, operation.till, identity)
    if found is None:
        return Found("silent", "asked the operator, who did not answer in time")
    listed = next((one for one in found.records if one.key == leg.key), None)
    if listed is not None:
        content = operation.content
        same = (listed.total_minor, listed.currency) == (content.total_minor, content.currency)
        return Found("listed" if same else "differs", "asked the operator", {"document": listed.number})
    if scene.station.is_proved_absent(identity, leg):
        return Found("not-listed", "asked the operator, who holds every document of the device")
    return Found("silent", "the operator's list is not whole yet")


@probe("rulings_checked")
def rulings_checked(scene: Scene, target: Target) -> Found:
    """What later checks made of what people ruled at this till. That a record spoke against one is told until
    the operation has ended and a day has passed.
    """
    rows = reader().execute(
        "SELECT r.verdict, count(*) FROM ruling r JOIN operation o ON o.id = r.operation WHERE o.till = ?"
        " AND (r.verdict IN ('', 'agrees') OR r.checked_ms > ? OR o.state IN ('open', 'red', 'undoing'))"
        " GROUP BY r.verdict",
        (target.till, scene.clock.now_ms() - TOLD_MS),
    )
    counts = {str(verdict): int(count) for verdict, count in rows}
    against = sum(count for verdict, count in counts.items() if verdict not in ("", "agrees"))
    if against:
        return Found("contradicted", "a record speaks against a ruling", {"ruling_count": against})
    if counts.get(""):
        return Found("open", "some were not checked yet", {"ruling_count": counts[""]})
    return Found("agree", "every ruling was borne out")


@probe("shift_state")
def shift_state(scene: Scene, target: Target) -> Found:
    """Whether a shift is open, and for how long; or whether one was closed just now."""
    shift = scene.station.till_state(target.till).shift
    if shift is None:
        return _closed(scene, target.till)
    open_ms = scene.clock.now_ms() - shift.opened_ms
    value = "too-long" if open_ms >= LONGEST_SHIFT_MS else "open"
    return Found(value, "read in the journal", {"shift": shift.number, "open_ms": open_ms})


def _closed(scene: Scene, till: str) -> Found:
    last = scene.station.shift(till)
    closed_ms = last.closed_ms if last is not None else None
    lately = closed_ms is not None and scene.clock.now_ms() - closed_ms < LATELY_MS
    return Found("just-closed" if lately else "closed", "read in the journal")


@probe("till_hold")
def till_hold(scene: Scene, target: Target) -> Found:
    """Whether the till is held for a count, a closing or a correction."""
    hold = scene.station.till_state(target.till).hold
    return Found("held", "read in the journal", {"purpose": hold.purpose}) if hold else Found("free")


def _operation(scene: Scene, target: Target) -> Operation:
    operation = scene.station.operation(target.uid) if target.uid else None
    if operation is None:
        raise FaultError(Fault("api.not-found"))
    return operation


def _answered(scene: Scene, till: str, identity: int) -> Enquiry | None:
    """The answer to an enquiry, as soon as it is there; None if it takes too long."""
    until_ns, tick = scene.clock.monotonic_ns() + ANSWER_MS * 1_000_000, 0
    while scene.clock.monotonic_ns() < until_ns:
        found = scene.station.enquiry(identity)
        if found is not None and found.answered_ms is not None:
            return found
        tick = scene.station.changes(till, tick, LOOK_MS)
    return None


def _leg(operation: Operation) -> Leg | None:
    """What it asks of the control device."""
    return next((leg for leg in operation.legs if leg.party == "control"), None)
