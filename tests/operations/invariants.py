"""What must hold after every step of every operation, whatever was fed to it."""

from dataclasses import replace

from tests.operations.everything import CONTRADICTION, Fed, Life
from tillwright.operations import events
from tillwright.operations.commands import Send, Wait
from tillwright.operations.decide import Decision, Impossible, decide
from tillwright.operations.kinds import KINDS, entries_of
from tillwright.operations.model import Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import LegState, OperationState, Question

UNSURE = (LegState.SENT, LegState.UNKNOWN)
SETTLED = (LegState.DONE, LegState.REFUSED)
WITH_EVIDENCE = (LegState.DONE, LegState.REFUSED, LegState.UNDONE)
AGAIN = ("inquire", "resend", "reverse", "question")


def check_step(before: Life, fed: Fed, after: Life, policy: Policy) -> None:
    """Every rule at once."""
    if fed.decision is None:
        return
    if not fed.decision.changed:
        assert fed.decision.operation == before.operation
        assert fed.decision.commands == ()
        return
    assert after.operation.version == before.operation.version + 1
    check_legs(after.operation)
    check_sends(before.operation, fed.decision, fed.event)
    check_commit_point(before.operation, after.operation)
    check_ends(before, fed.decision, after)
    check_nothing_hangs(after, policy)
    check_timers(before.operation, fed.decision)
    check_repeated(before.operation, fed.event, fed.decision, policy)


def targets(operation: Operation) -> list[Leg]:
    """The legs that are no reversals."""
    return [leg for leg in operation.legs if leg.target is None]


def reversal_of(operation: Operation, number: int) -> Leg | None:
    """The newest reversal of a leg."""
    return next((leg for leg in reversed(operation.legs) if leg.target == number), None)


def check_legs(operation: Operation) -> None:
    """What is known has evidence; numbers and keys are one to one."""
    for leg in operation.legs:
        assert leg.evidence is not None or leg.state not in WITH_EVIDENCE, leg
        assert leg.key == f"{operation.uid}.{leg.number}"
    assert len({leg.number for leg in operation.legs}) == len(operation.legs)


def check_sends(before: Operation, decision: Decision, event: events.Event) -> None:
    """Nothing is sent twice without proof that the first has not happened; reversals alone are repeated."""
    after = decision.operation
    sends = [command.leg for command in decision.commands if isinstance(command, Send)]
    assert len(set(sends)) == len(sends)
    held = {leg.number: leg for leg in before.legs}
    for number in sends:
        leg = after.leg(number)
        assert leg.state is LegState.SENT
        was = held.get(number, leg)
        if leg.target is None and was is not leg:
            assert was.state in (LegState.PLANNED, LegState.SENT), was
            assert was.state is LegState.PLANNED or isinstance(event, events.NotSent)
        if leg.replaces is not None:
            assert after.leg(leg.replaces).state in (LegState.REFUSED, LegState.UNDONE)


def check_commit_point(before: Operation, after: Operation) -> None:
    """Once the commit point is passed, or may have been, nothing is reversed, but what stands twice."""
    done = [leg for leg in targets(after) if leg.commit_point and leg.state is LegState.DONE]
    held = {leg.number for leg in before.legs}
    begun = [leg for leg in after.legs if leg.number not in held and leg.target is not None]
    for leg in targets(after) if begun else []:
        surplus = len(done) > 1 and leg.state is LegState.DONE
        if leg.commit_point and leg.state in (*UNSURE, LegState.DONE) and not surplus:
            assert reversal_of(after, leg.number) is not None


def check_books(life: Life) -> None:
    """What has happened stands in the books, once; of what has not there is no trace left."""
    operation = life.operation
    kind = KINDS[operation.kind]
    sums: dict[str, int] = {}
    for entry in entries_of(kind, operation.content, owed=operation.owed) if operation.posted else ():
        sums[entry.account.value] = sums.get(entry.account.value, 0) + entry.amount_minor
    assert dict(life.booked) == sums
    assert kind.payout or not operation.owed
    if kind.shift:
        assert (life.shift == kind.shift) == operation.posted


def check_ends(before: Life, decision: Decision, after: Life) -> None:
    """Ends are true, booked once, and left only by contradiction."""
    operation, states = after.operation, [leg.state for leg in targets(after.operation)]
    check_books(after)
    if operation.ended:
        assert not [leg for leg in operation.legs if leg.state in UNSURE]
        assert operation.timers == ()
        assert operation.question is None
        assert operation.red_ms is None
    if operation.state is OperationState.DONE:
        assert operation.posted
        _check_all_done(operation)
    elif operation.ended:
        assert LegState.DONE not in states
        assert not operation.posted
        assert (operation.state is OperationState.UNDONE) == (LegState.UNDONE in states)
    else:
        assert (operation.state is OperationState.RED) == (operation.red_ms is not None)
    if before.operation.ended and operation.legs != before.operation.legs:
        assert operation.state is OperationState.RED
        assert CONTRADICTION in decision.commands


def _check_all_done(operation: Operation) -> None:
    """Of each chain of attempts exactly one is done; no reversal is under way."""
    replaced = {leg.replaces for leg in operation.legs}
    chains = [leg for leg in targets(operation) if leg.number not in replaced]
    for last in chains:
        attempts, leg = [last.state], last
        while leg.replaces is not None:
            leg = operation.leg(leg.replaces)
            attempts.append(leg.state)
        assert attempts.count(LegState.DONE) == 1, attempts
    assert all(leg.state in SETTLED for leg in operation.legs if leg.target is not None)


def check_nothing_hangs(life: Life, policy: Policy) -> None:
    """What has not ended waits for something: an answer, a timer, or a person who is being asked."""
    operation = life.operation
    if operation.ended:
        return
    names = {timer.name for timer in operation.timers}
    awaited = [leg for leg in operation.legs if leg.state is LegState.SENT]
    unknown = any(leg.state is LegState.UNKNOWN for leg in targets(operation))
    again = names & set(AGAIN) or (unknown and "red" in names)
    assert awaited or life.asked or again or operation.question, "nothing will ever happen"
    for leg in targets(operation):
        reversal = reversal_of(operation, leg.number)
        if leg.state is not LegState.UNKNOWN:
            continue
        if reversal is not None and reversal.state not in SETTLED:
            assert reversal.state is LegState.SENT or "reverse" in names
        else:
            told = names & {"inquire", "red"} or operation.question or operation.state is OperationState.RED
            assert leg.number in life.asked or told
            if policy.traits(leg.party, leg.action).inquirable:
                assert leg.number in life.asked or "inquire" in names


def check_timers(before: Operation, decision: Decision) -> None:
    """Each new timer is announced, and a question that may time out has its timer."""
    after = decision.operation
    waits = {(wait.timer, wait.until_ms) for wait in decision.commands if isinstance(wait, Wait)}
    old = {(timer.name, timer.due_ms) for timer in before.timers}
    assert {(timer.name, timer.due_ms) for timer in after.timers} - old <= waits
    timed = any(timer.name == "question" for timer in after.timers)
    assert timed == (after.question is Question.CONTINUE_OR_GIVE_UP)
    if after.state is OperationState.UNDOING:
        assert any(leg.target is not None and leg.state not in SETTLED for leg in after.legs)


def check_repeated(before: Operation, event: events.Event, decision: Decision, policy: Policy) -> None:
    """The same step again is the same; the same evidence again tells nothing, or is only written down."""
    assert decide(before, event, policy) == decision
    if not isinstance(event, events.Replied | events.Inquired | events.NotSent | events.NoAnswer):
        return
    if isinstance(event, events.Inquired) and (not event.found or CONTRADICTION in decision.commands):
        return  # each answer to an inquiry is a new one
    try:
        twice = decide(decision.operation, event, policy)
    except Impossible:
        return
    assert not twice.changed or _same_but_version(decision.operation, twice.operation)


def _same_but_version(one: Operation, other: Operation) -> bool:
    return replace(other, version=one.version) == one
