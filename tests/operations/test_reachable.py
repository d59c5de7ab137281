"""What a shipped kind can come to: by the table, and no more than an honest world can do to it."""

import pytest

from tillwright.operations.kinds import STARTABLE
from tillwright.operations.policy import Policy
from tillwright.operations.reachable import Pair, explore, reachable
from tillwright.operations.states import Happening, LegState, OperationState
from tillwright.operations.table import LEGS, OPERATIONS, Verdict

RULINGS = (Happening.RULED_HAPPENED, Happening.RULED_DID_NOT)


@pytest.mark.parametrize("kind", sorted(STARTABLE))
def test_what_can_be_reached_is_possible_by_the_tables(kind: str) -> None:
    for pair in reachable(kind, Policy(), legs_max=1):
        if isinstance(pair.state, OperationState):
            assert OPERATIONS[pair.state, pair.happening]
        else:
            assert LEGS[pair.state, pair.happening] is not Verdict.IMPOSSIBLE


def test_a_cash_sale_can_turn_red_and_green_again() -> None:
    pairs = set(reachable("cash-sale", Policy()))
    wanted = [
        Pair(OperationState.OPEN, Happening.STARTED),
        Pair(LegState.SENT, Happening.ACCEPTED),
        Pair(LegState.SENT, Happening.NOT_SENT),
        Pair(LegState.SENT, Happening.NO_ANSWER),
        Pair(LegState.UNKNOWN, Happening.SILENT),
        Pair(OperationState.RED, Happening.FOUND),
        Pair(OperationState.RED, Happening.ABSENT),
        Pair(OperationState.RED, Happening.RESTARTED),
        Pair(OperationState.RED, Happening.RULED_HAPPENED),
        Pair(OperationState.RED, Happening.RULED_DID_NOT),
        Pair(LegState.REFUSED, Happening.RULED_DID_NOT),
        Pair(OperationState.DONE, Happening.PRINTED),
    ]
    assert [pair for pair in wanted if pair not in pairs] == []


def test_only_a_wrong_ruling_is_contradicted_while_parties_keep_their_word() -> None:
    ended = (OperationState.DONE, OperationState.REFUSED, OperationState.UNDONE)
    pairs = reachable("cash-sale", Policy(), legs_max=1)
    found = {(pair.state, pair.happening) for pair in pairs if pair.state in ended}
    assert found == {
        (OperationState.DONE, Happening.PRINTED),
        (OperationState.DONE, Happening.CONTRADICTED_DID_NOT),
        (OperationState.DONE, Happening.REFUSED),  # a late answer, against a person's word
        (OperationState.DONE, Happening.ABSENT),
        (OperationState.REFUSED, Happening.CONTRADICTED_HAPPENED),
        (OperationState.REFUSED, Happening.ACCEPTED),
    }


def test_nobody_rules_over_a_shift() -> None:
    pairs = set(reachable("shift-open", Policy()))
    assert Pair(OperationState.RED, Happening.FOUND) in pairs
    assert not [pair for pair in pairs if pair.happening in RULINGS]
    ended = (OperationState.DONE, OperationState.REFUSED, OperationState.UNDONE)
    assert not [pair for pair in pairs if pair.state in ended]


def test_a_party_that_forgets_a_fence_can_contradict_itself() -> None:
    honest, forgetful = (
        reachable("shift-open", Policy(), forgetful=forgets, legs_max=1) for forgets in (False, True)
    )
    assert set(honest) < set(forgetful)
    assert Pair(OperationState.REFUSED, Happening.CONTRADICTED_HAPPENED) in forgetful


def test_an_operation_without_legs_is_done_when_it_has_begun() -> None:
    assert reachable("correction", Policy()) == [
        Pair(OperationState.DONE, Happening.PRINTED),
        Pair(OperationState.OPEN, Happening.STARTED),
    ]


def test_pairs_stand_in_the_same_order_every_time() -> None:
    once = reachable("cash-sale", Policy(), legs_max=1)
    assert once == reachable("cash-sale", Policy(), legs_max=1)
    assert len(set(once)) == len(once)


def test_each_state_is_tried_once() -> None:
    steps = list(explore(0, lambda n: [("half", n // 2), ("less", max(0, n - 1))], lambda n: n % 10))
    assert len(steps) == 2
    walked = list(explore(9, lambda n: [("less", max(0, n - 1))], lambda n: n))
    assert [before for before, _, _ in walked] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
