"""decide: an operation and an event make the next operation and what is to be done.

It touches no clock, no network, no storage and no chance, so the same function serves the till, the recovery
after a crash, the simulation, and the page that explains an operation. Each event moves the legs by the
table, then the whole is steered: what is known of the legs says what comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.operations.commands import Command
from tillwright.operations.events import (
    Contradicted,
    Due,
    Event,
    Inquired,
    NoAnswer,
    NotSent,
    Replied,
    Restarted,
    Ruled,
    happening,
)
from tillwright.operations.model import Leg, Operation
from tillwright.operations.policy import Policy, nth
from tillwright.operations.states import Goal, Happening, LegState, OperationState, Question
from tillwright.operations.step import Step
from tillwright.operations.table import LEGS, OPERATIONS, Verdict

_THEN = {True: ("", "owed"), False: ("", "register-now", "returned")}
"""What may follow a ruling that it happened, and one that it did not."""
_TO_REPEAT = (LegState.PLANNED, LegState.UNKNOWN)
"""A reversal in one of these states is sent again until it is acknowledged."""


class Impossible(Exception):
    """The event cannot happen to this operation now; nothing changes. `args[0]` says why, for programs."""


class BrokenTable(AssertionError):
    """`decide` left the table: a mistake of ours, stopped before anything is written."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of an event. `changed` False: it told nothing new, and need not be written."""

    operation: Operation
    commands: tuple[Command, ...]
    changed: bool


def decide(operation: Operation, event: Event, policy: Policy) -> Decision:
    """The next operation and the commands; raises Impossible if the table has no way for this event."""
    what = happening(event)
    allowed = OPERATIONS[operation.state, what]
    if not allowed:
        raise Impossible(f"{what.value} in state {operation.state.value}")
    step = Step(operation, event.at_ms, policy)
    _HANDLERS[what](step, event)
    if not step.changed:
        return Decision(operation, (), changed=False)
    step.steer()
    state = step.conclude()
    if state not in allowed:
        raise BrokenTable(f"{operation.state.value} --{what.value}--> {state.value}")
    after = step.finish(state)
    return Decision(after, tuple(step.commands), changed=True)


# ── events about one leg ──────────────────────────────────────────────────────────────────────────


LegEvent = Replied | NotSent | NoAnswer | Inquired | Ruled | Contradicted


def _about_a_leg(step: Step, event: LegEvent) -> None:
    what = happening(event)
    if all(leg.number != event.leg for leg in step.legs):
        raise Impossible(f"{what.value} for a leg that it does not have")
    leg = step.leg(event.leg)
    verdict = _verdict(step, leg, what, event)
    if verdict is Verdict.IMPOSSIBLE:
        raise Impossible(f"{what.value} for a leg {leg.state.value}")
    if verdict is Verdict.CLASH:
        _clash(step, leg, event)
    elif verdict is Verdict.NOTE:
        _note(step, leg, event)
    else:
        _move(step, leg, verdict, event)


def _verdict(step: Step, leg: Leg, what: Happening, event: LegEvent) -> LegState | Verdict:
    """What the table says, and three things that it cannot know: whether a reversal has been begun, from
    which on the leg can no longer come to have happened; whether this very statement has been heard before;
    and whether the operation has ended, when nothing moves but by contradiction.
    """
    verdict = LEGS[leg.state, what]
    if isinstance(event, Ruled):
        return verdict if _may_be_ruled(step, leg, verdict, event) else Verdict.IMPOSSIBLE
    if verdict is LegState.DONE and step.being_reversed(leg.number):
        return Verdict.NOTE
    if leg.state is LegState.UNKNOWN and _heard_before(leg, event):
        return Verdict.NOTE
    if step.before.ended and isinstance(verdict, LegState):
        return Verdict.CLASH if verdict is LegState.DONE else Verdict.NOTE
    return verdict


def _may_be_ruled(step: Step, leg: Leg, verdict: LegState | Verdict, event: Ruled) -> bool:
    """Whether a person's word is possible here: on this kind, on what was seen, with this to follow; and on a
    refused leg only where a person is asked how to go on.
    """
    if not step.kind.ruled or event.version != step.before.version:
        return False
    if event.then not in _THEN[event.happened] or (event.then == "owed" and not step.kind.payout):
        return False
    if verdict is LegState.DONE:
        return step.reversal_of(leg.number) is None
    if verdict is Verdict.NOTE:
        return step.question is Question.SETTLE and leg in step.active() and leg.target is None
    return True


def _heard_before(leg: Leg, event: LegEvent) -> bool:
    """Whether the event repeats what made the leg unknown: twice the same word is not two witnesses. An
    inquiry is another matter: there the party was asked again.
    """
    said: Evidence | None = getattr(event, "evidence", None)
    if said is None or leg.evidence is None or isinstance(event, Inquired):
        return False
    return said.source is leg.evidence.source and said.facts == leg.evidence.facts


def _clash(step: Step, leg: Leg, event: LegEvent) -> None:
    """Evidence against evidence: both are kept, the leg is unknown again, a person is told, the party is
    asked; a reversal is repeated.
    """
    evidence = getattr(event, "evidence", None)
    step.put(replace(leg, state=LegState.UNKNOWN, evidence=evidence, inquiries=0))
    step.reopened = step.before.ended
    if step.red_ms is None:
        step.red_ms = step.now_ms
    step.raise_fault(Fault("fiscal.contradiction", number=step.before.number))
    if leg.target is not None:
        step.put(replace(step.leg(leg.target), state=LegState.UNKNOWN))
        step.set_timer("reverse", nth(step.policy.reverse_delays_ms, leg.tries))
    step.inquire()


def _note(step: Step, leg: Leg, event: LegEvent) -> None:
    """It agrees or proves nothing. Only three things are worth writing: a party's record; the evidence of a
    late answer; and an inquiry that brought nothing, after which the next one is due later.
    """
    if isinstance(event, Contradicted):
        step.changed = True
    elif isinstance(event, Ruled):
        step.put(replace(leg, evidence=event.evidence))
        _did_not_happen(step, step.leg(leg.number), event)
    elif isinstance(event, Inquired) and leg in step.unknown() and not event.found:
        inquiries = leg.inquiries + 1
        step.put(replace(leg, inquiries=inquiries))
        step.set_timer("inquire", nth(step.policy.inquire_delays_ms, inquiries))
    elif leg.evidence is None and step.being_reversed(leg.number):
        step.put(replace(leg, evidence=getattr(event, "evidence", None)))


def _move(step: Step, leg: Leg, state: LegState, event: LegEvent) -> None:
    evidence = getattr(event, "evidence", None) or leg.evidence
    fault = getattr(event, "fault", None)
    moved = replace(leg, state=state, evidence=evidence, fault=fault)
    step.put(moved)
    if leg.state is LegState.PLANNED:
        step.answered()  # whatever a person was asked about it, the party has answered
    if leg.target is not None:
        _reversal_moved(step, moved, leg.target)
    elif state is LegState.PLANNED:
        _did_not_leave(step, moved)
    elif state is LegState.UNKNOWN:
        _lost(step, moved)
    elif state is LegState.REFUSED:
        _did_not_happen(step, moved, event)
    elif isinstance(event, Ruled):
        step.owed = event.then == "owed"


def _did_not_leave(step: Step, leg: Leg) -> None:
    tries = leg.tries + 1
    step.put(replace(leg, tries=tries))
    if step.goal is Goal.FORWARD:
        step.try_again_or_ask(tries, leg.fault or Fault("fiscal.sko-disconnected"))


def _lost(step: Step, leg: Leg) -> None:
    """The answer has failed to come: ask at once where that is possible; take it back where it is not."""
    step.put(replace(leg, inquiries=0))
    step.fault = leg.fault or step.fault
    if step.inquirable(leg):
        step.inquire()
    elif step.reversal_action(leg) is not None and not step.committed():
        step.turn_back()
        return
    if step.red_ms is None:
        step.set_timer("red", step.policy.red_after_ms)


def _did_not_happen(step: Step, leg: Leg, event: LegEvent) -> None:
    """Refused, or proved absent. A fenced absence while the customer still stands there is worth another
    attempt.
    """
    ruled = isinstance(event, Ruled)
    if isinstance(event, Ruled) and event.then == "register-now":
        _register_now(step, leg)
        return
    step.promised = step.promised and not ruled
    if step.goal is Goal.BACK:
        return
    if step.before.posted and step.kind.ruled and not ruled:
        step.fault = leg.fault or step.fault
        return  # goods and receipt have gone out: what is to be done now is a person's question
    absent = isinstance(event, Inquired)
    if absent and (step.red_ms is None or step.promised) and step.may_be_tried_again(leg):
        step.new_attempt(leg)
        attempts = sum(1 for other in step.legs if other.replaces is not None)
        step.try_again_or_ask(attempts, Fault("fiscal.not-registered"))
        return
    if step.committed() or step.promised:
        step.fault = leg.fault or step.fault
        return
    step.turn_back()
    step.raise_fault(leg.fault or Fault("till.ruled-not-done" if ruled else "fiscal.not-registered"))


def _register_now(step: Step, leg: Leg) -> None:
    """The customer has gone with the goods: another attempt in the same operation, for as long
    as it takes.
    """
    step.goal, step.promised = Goal.FORWARD, True
    step.answered()
    if step.may_be_tried_again(leg):
        step.new_attempt(leg)


def _reversal_moved(step: Step, leg: Leg, target: int) -> None:
    """A reversal ends its target (undone, or never was); until it is acknowledged it is repeated."""
    if leg.state is LegState.DONE:
        never = leg.evidence is not None and leg.evidence.facts.get("original") == "never"
        state = LegState.REFUSED if never else LegState.UNDONE
        step.put(replace(step.leg(target), state=state, evidence=leg.evidence))
        if not any(other.state in _TO_REPEAT for other in step.reversals()):
            step.timers.pop("reverse", None)
    elif leg.state is LegState.REFUSED:
        step.turn_red()
        step.inquire()
    else:
        step.put(replace(leg, tries=leg.tries + 1))
        step.set_timer("reverse", nth(step.policy.reverse_delays_ms, leg.tries))


# ── events about the whole ────────────────────────────────────────────────────────────────────────


def _started(step: Step, _event: Event) -> None:
    step.changed = True


def _restarted(step: Step, event: Restarted) -> None:
    """After a crash every sent leg is unknown; one that was about to leave waits for a person. In an old copy
    nobody knows of that one either, and whoever stood there may have gone long ago: it is red at once.
    """
    step.changed = True
    if event.restored:
        step.answered()  # whatever a person was asked about it is beside the point now
        step.turn_red()
    for leg in list(step.legs):
        doubtful = event.restored and leg.state is LegState.PLANNED and leg.target is None
        if leg.state is LegState.SENT or doubtful:
            lost = replace(leg, state=LegState.UNKNOWN)
            step.put(lost)
            if leg.target is not None:
                _reversal_moved(step, lost, leg.target)
            else:
                _lost(step, lost)
    step.inquire()
    waiting = any(leg.state is LegState.PLANNED for leg in step.active())
    if waiting and not step.unsure() and step.goal is Goal.FORWARD and step.question is None:
        step.answered()
        if step.promised:
            step.set_timer("resend", nth(step.policy.inquire_delays_ms, 1))
        else:
            step.ask(Question.CONTINUE_OR_GIVE_UP)


def _due(step: Step, event: Due) -> None:
    if event.timer not in step.timers:
        return
    del step.timers[event.timer]
    step.changed = True
    _TIMERS[event.timer](step)


def _due_red(step: Step) -> None:
    step.turn_red()


def _due_inquire(step: Step) -> None:
    step.inquire()


def _due_resend(step: Step) -> None:
    """Nothing to do here: without the timer, `steer` sends what is planned."""


def _due_reverse(step: Step) -> None:
    for leg in step.reversals():
        if leg.state in _TO_REPEAT:
            step.send(leg)


def _due_undoing(step: Step) -> None:
    if step.reversing():
        step.turn_red()


def _give_up(step: Step, _event: Event | None = None) -> None:
    """Nothing sent: refused. All legs certain: undone. Any unknown: red at once."""
    if step.before.state is OperationState.RED and step.question is not Question.CONTINUE_OR_GIVE_UP:
        raise Impossible("a red operation is not given up")
    if step.goal is Goal.BACK:
        return
    step.turn_back()
    step.raise_fault(Fault("fiscal.sko-operation-refused", number=step.before.number))
    if step.unknown():
        step.turn_red()


def _cancelled(step: Step, event: Event) -> None:
    """Given up; or, where two documents stand for one and a person's word has a part in it: the one too many
    is taken back.
    """
    if step.before.state is not OperationState.RED:
        _give_up(step, event)
        return
    if step.unsure() or not step.take_back_surplus(proved=False):
        raise Impossible("nothing stands twice that could be taken back")


def _continue(step: Step, _event: Event) -> None:
    """Go on: send what waits, ask for what is unknown, keep what a party holds after all."""
    if step.question is Question.KEEP_OR_REVERSE:
        step.kept = True
        step.answered()
        step.goal = Goal.FORWARD
        return
    if step.question is Question.CONTINUE_OR_GIVE_UP or "resend" in step.timers:
        step.answered()
    step.inquire()


def _printed(step: Step, _event: Event) -> None:
    if not step.printed:
        step.printed = True
        step.changed = True


def _recorded(step: Step, _event: Event) -> None:
    """Kept in the record; nothing follows from it here."""
    step.changed = True


_TIMERS: Mapping[str, Callable[[Step], None]] = {
    "red": _due_red,
    "inquire": _due_inquire,
    "resend": _due_resend,
    "question": _give_up,
    "reverse": _due_reverse,
    "undoing": _due_undoing,
}

_HANDLERS: Mapping[Happening, Callable[[Step, Any], None]] = {
    Happening.STARTED: _started,
    Happening.ACCEPTED: _about_a_leg,
    Happening.REFUSED: _about_a_leg,
    Happening.NOT_SENT: _about_a_leg,
    Happening.NO_ANSWER: _about_a_leg,
    Happening.RESTARTED: _restarted,
    Happening.FOUND: _about_a_leg,
    Happening.ABSENT: _about_a_leg,
    Happening.SILENT: _about_a_leg,
    Happening.RULED_HAPPENED: _about_a_leg,
    Happening.RULED_DID_NOT: _about_a_leg,
    Happening.CONTRADICTED_HAPPENED: _about_a_leg,
    Happening.CONTRADICTED_DID_NOT: _about_a_leg,
    Happening.DUE: _due,
    Happening.PRINTED: _printed,
    Happening.DELIVERED: _recorded,
    Happening.APPROVED: _recorded,
    Happening.CANCELLED: _cancelled,
    Happening.CONTINUE: _continue,
    Happening.GIVE_UP: _give_up,
}
