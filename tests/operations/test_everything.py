"""Everything is fed to an operation in every state that it can come to: it moves as the tables say, or it is
refused and nothing changes; and what must hold, holds after each step.
"""

from collections import defaultdict

import pytest

from tests.operations.everything import ABOUT_LEG, Fed, Life, about_leg, about_whole, everything, lives
from tests.operations.invariants import check_step
from tests.operations.plans import PLANS
from tillwright.operations.commands import Send
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.events import Restarted, Ruled, happening
from tillwright.operations.model import Operation
from tillwright.operations.states import Happening, LegState, OperationState
from tillwright.operations.table import LEG_HAPPENINGS, LEGS, OPERATIONS, Verdict

#: What may come of an event about a leg beside what the table of legs says, and why.
BESIDE_THE_TABLE = {
    Verdict.NOTE,  # being reversed, heard before, or the operation has ended
    Verdict.CLASH,  # the operation has ended
    Verdict.IMPOSSIBLE,  # a ruling over a leg with a reversal, or the operation is past all this
}


class Seen:
    """What was seen on the way: for operations (state, event, next); for legs (state, event) → outcomes."""

    def __init__(self) -> None:
        self.operations: set[tuple[OperationState, Happening, OperationState]] = set()
        self.refused: set[tuple[OperationState, Happening]] = set()
        self.legs: dict[tuple[LegState, Happening], set[LegState | Verdict]] = defaultdict(set)

    def take(self, before: Life, fed: Fed, after: Life) -> None:
        what, state = happening(fed.event), before.operation.state
        if fed.decision is None:
            self.refused.add((state, what))
        else:
            self.operations.add((state, what, after.operation.state))
        number = getattr(fed.event, "leg", None)
        if number is not None:
            leg = before.operation.leg(number)
            self.legs[leg.state, what].add(_came_of(leg.state, number, fed, after))


def _came_of(state: LegState, number: int, fed: Fed, after: Life) -> LegState | Verdict:
    if fed.decision is None:
        return Verdict.IMPOSSIBLE
    moved = after.operation.leg(number).state
    if Send(number) in fed.decision.commands:  # what it did not move, the next step of the plan has sent
        moved = LegState.PLANNED
    if any("contradiction" in str(command) for command in fed.decision.commands):
        return Verdict.CLASH
    return Verdict.NOTE if moved is state else moved


@pytest.mark.slow
def test_everything_that_can_be_fed_in_every_state() -> None:
    seen = Seen()
    for plan in PLANS:
        for before, fed, after in lives(plan):
            try:
                check_step(before, fed, after, plan.policy)
            except AssertionError as broken:
                broken.add_note(f"{plan.name}: {fed.event} at {before.operation}")
                raise
            seen.take(before, fed, after)
    check_no_step_is_allowed_that_cannot_be_taken(seen)
    check_what_is_refused_is_refused(seen)
    check_legs_move_by_their_table(seen)


def check_no_step_is_allowed_that_cannot_be_taken(seen: Seen) -> None:
    """The table of operations is tight: each entry is reached by some plan, and nothing else is."""
    allowed = {(state, what, after) for (state, what), states in OPERATIONS.items() for after in states}
    assert seen.operations - allowed == set()
    assert allowed - seen.operations == set()


def check_what_is_refused_is_refused(seen: Seen) -> None:
    """What the table does not know has been tried in every state, and was refused each time."""
    moved = {(state, what) for state, what, _after in seen.operations}
    for pair, states in OPERATIONS.items():
        assert states or pair in seen.refused, pair
        assert states or pair not in moved, pair


def check_legs_move_by_their_table(seen: Seen) -> None:
    """Each entry of the table of legs has been seen, and nothing but what its text allows beside it."""
    for (state, what), verdict in LEGS.items():
        if what is Happening.RESTARTED:
            continue
        found = seen.legs[state, what]
        assert verdict in found, (state, what)
        assert found - {verdict} <= BESIDE_THE_TABLE, (state, what)


# ── the tables themselves ─────────────────────────────────────────────────────────────────────────


def test_the_tables_know_every_pair() -> None:
    assert set(OPERATIONS) == {(state, what) for state in OperationState for what in Happening}
    assert set(LEGS) == {(state, what) for state in LegState for what in LEG_HAPPENINGS}


def test_every_happening_is_fed() -> None:
    plan = PLANS[0]
    fed = {happening(event) for event in everything(_sent(plan.start()))}
    assert fed == set(Happening)


def _sent(operation: Operation) -> Operation:
    return decide(operation, next(about_whole()), PLANS[0].policy).operation


def test_a_restart_moves_legs_by_the_same_table() -> None:
    for plan in PLANS[:2]:
        for before, fed, after in lives(plan):
            if happening(fed.event) is not Happening.RESTARTED or fed.decision is None:
                continue
            for leg in before.operation.legs:
                moved = after.operation.leg(leg.number).state
                assert isinstance(fed.event, Restarted)
                doubtful = fed.event.restored and leg.target is None
                if leg.state is LegState.PLANNED and doubtful:  # in an old copy nobody knows of it
                    assert moved is LegState.UNKNOWN
                    continue
                verdict = LEGS[leg.state, Happening.RESTARTED]
                assert moved is (leg.state if verdict is Verdict.NOTE else verdict)


@pytest.mark.parametrize("what", ABOUT_LEG, ids=lambda what: what.value)
def test_an_event_about_a_leg_that_is_not_there_is_refused(what: Happening) -> None:
    operation = _sent(PLANS[0].start())
    with pytest.raises(Impossible):
        decide(operation, about_leg(what, 9, operation.version), PLANS[0].policy)


def test_a_ruling_that_has_seen_another_version_is_refused() -> None:
    operation = _sent(PLANS[0].start())
    unknown = decide(operation, about_leg(Happening.NO_ANSWER, 1, 0), PLANS[0].policy).operation
    for stale in (unknown.version - 1, unknown.version + 1):
        with pytest.raises(Impossible):
            decide(unknown, about_leg(Happening.RULED_HAPPENED, 1, stale), PLANS[0].policy)
    ruling = about_leg(Happening.RULED_HAPPENED, 1, unknown.version)
    assert isinstance(ruling, Ruled)
    assert decide(unknown, ruling, PLANS[0].policy).operation.state is OperationState.DONE
