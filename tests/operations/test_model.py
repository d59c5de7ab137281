"""The values that the heart works on."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from tests.operations.everything import TIMERS, about_leg, about_whole
from tests.operations.plans import CONTENT, PLANS, shipped
from tillwright.books.cash import Account
from tillwright.kernel import outcome
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.operations import decide as deciding
from tillwright.operations.commands import Post
from tillwright.operations.decide import BrokenTable, decide
from tillwright.operations.kinds import KINDS
from tillwright.operations.policy import Policy, nth
from tillwright.operations.states import ENDED, Happening, OperationState


def test_content_knows_what_was_handed_over_and_what_goes_back() -> None:
    assert CONTENT.tendered_minor == 1_000
    assert CONTENT.change_minor == 432


def test_a_leg_is_found_by_number_and_by_key() -> None:
    operation = next(plan for plan in PLANS if len(plan.legs) > 1).start()
    assert operation.leg(2) is operation.leg_by_key(operation.leg(2).key)
    for lookup in (lambda: operation.leg(3), lambda: operation.leg_by_key("x.1")):
        with pytest.raises(KeyError):
            lookup()


def test_an_operation_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PLANS[0].start().state = OperationState.DONE  # type: ignore[misc]


@pytest.mark.parametrize("state", OperationState)
def test_three_states_are_ends(state: OperationState) -> None:
    assert replace(PLANS[0].start(), state=state).ended == (state in ENDED)
    assert len(ENDED) == 3


@pytest.mark.parametrize(("kind", "other"), [("cash-sale", Account.SALES), ("cash-in", Account.DEPOSITS)])
def test_each_kind_books_its_total_into_the_drawer(kind: str, other: Account) -> None:
    operation = shipped(kind)
    operation = decide(operation, next(about_whole()), Policy()).operation
    decision = decide(operation, about_leg(Happening.ACCEPTED, 1, 1), Policy())
    posts = [command for command in decision.commands if isinstance(command, Post)]
    assert [(entry.account, entry.amount_minor) for entry in posts[0].entries] == [
        (Account.DRAWER, 568),
        (other, -568),
    ]
    assert KINDS[kind].name == kind


@pytest.mark.parametrize(("count", "delay_ms"), [(0, 1), (1, 2), (2, 4), (3, 4), (99, 4)])
def test_the_last_delay_serves_for_all_later(count: int, delay_ms: int) -> None:
    assert nth((1, 2, 4), count) == delay_ms


@pytest.mark.parametrize("timer", TIMERS)
def test_no_timer_is_set_further_off_than_its_longest(timer: str) -> None:
    policy = Policy(inquire_delays_ms=(0, 400_000), resend_delays_ms=())
    longest_ms = {"inquire": 400_000, "resend": 400_000, "reverse": 60_000, "undoing": 300_000, "red": 5_000}
    assert policy.longest_ms(timer) == longest_ms.get(timer, policy.question_ms)


def test_a_request_that_no_port_states_has_no_traits() -> None:
    with pytest.raises(KeyError):
        Policy().traits("bank", "authorise")


def test_what_leaves_the_table_is_stopped(monkeypatch: Any) -> None:
    """The assertion stays on in production: nothing is written of a step that the table does not know."""
    monkeypatch.setattr(
        deciding, "OPERATIONS", {(OperationState.OPEN, Happening.STARTED): {OperationState.RED}}
    )
    with pytest.raises(BrokenTable):
        decide(PLANS[0].start(), next(about_whole()), Policy())


def test_not_sent_and_no_answer_are_never_the_same() -> None:
    fault, evidence = Fault("fiscal.sko-disconnected"), Evidence(Source.INQUIRY, 1)
    outcomes: list[object] = [
        outcome.NotSent(fault),
        outcome.NoAnswer(fault),
        outcome.Refused(fault, evidence),
    ]
    inquired: list[object] = [
        outcome.Found(evidence),
        outcome.Accepted(evidence),
        outcome.Absent(evidence, fenced=True),
        outcome.Absent(evidence, fenced=False),
    ]
    for all_ in (outcomes, inquired):
        assert all(one != other for one in all_ for other in all_ if one is not other)
