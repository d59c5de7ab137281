"""What is told of a choice, and how a state moves on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.diagnosis.models import large, light_print, runbooks
from tillwright.diagnosis.choice import (
    ESCALATION,
    Step,
    after_answer,
    after_failure,
    at_once,
    begin,
    choose,
    cost_of,
)
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Cause, Check, Only, Remedy, Runbook

HALF = {"yes": {"a": 0.9, "b": 0.1}, "no": {"a": 0.1, "b": 0.9}}


def probed() -> Runbook:
    """A probe that can fall back to a question, one that cannot, and a step for each of their answers."""
    return Runbook(
        code="demo.probed",
        causes=(Cause("a", 1.0), Cause("b", 1.0)),
        checks=(
            Check("link", 0.0, HALF, automatic=True, asked=8.0, place="lid", work=5.0),
            Check("state", 0.0, HALF, automatic=True, only_if=(Only("link", frozenset({"yes"})),)),
        ),
        remedies=(
            Remedy("restart", 0.0, {"b": 0.5}, automatic=True, only_if=(Only("link", frozenset({"no"})),)),
            Remedy("wipe", 30.0, {"a": 0.9}, place="lid"),
        ),
        escalate=500.0,
        places={"lid": 12.0},
    )


def test_what_costs_nobody_anything_is_done_at_once() -> None:
    runbook = probed()
    state = begin(runbook)
    assert at_once(runbook, state) == ("link",)
    choice = choose(runbook, state)
    assert (choice.step, choice.reason, choice.others) == (Step("check", "link"), "free-look", ())
    state = after_answer(runbook, state, "link", "yes")
    assert at_once(runbook, state) == ("state",)
    assert choose(runbook, after_answer(runbook, state, "state", "yes")).step == Step("remedy", "wipe")
    assert at_once(runbook, begin(runbook, forbidden=["link"])) == ()


def test_a_free_remedy_is_done_as_soon_as_it_may_be() -> None:
    runbook = probed()
    choice = choose(runbook, after_answer(runbook, begin(runbook), "link", "no"))
    assert (choice.step, choice.reason) == (Step("remedy", "restart"), "free-remedy")
    assert choice.best.cost_s == 0.0
    forbidden = begin(runbook, forbidden=["restart"])
    assert choose(runbook, after_answer(runbook, forbidden, "link", "no")).step.id != "restart"


def test_a_probe_that_cannot_look_leaves_its_question() -> None:
    runbook = probed()
    state = after_answer(runbook, begin(runbook), "link", CANNOT_TELL)
    assert state.answers == {"link": CANNOT_LOOK}
    assert at_once(runbook, state) == ()
    assert cost_of(runbook, state, Step("check", "link")) == 8.0 + 12.0
    assert state.opened == frozenset()
    told = after_answer(runbook, state, "link", "no")
    assert told.answers == {"link": "no"}
    assert set(told.opened) == {"lid"}
    assert cost_of(runbook, told, Step("remedy", "wipe")) == 30.0  # the lid is open
    with pytest.raises(KeyError):
        cost_of(runbook, told, Step("check", "link"))
    nobody = after_answer(runbook, state, "link", CANNOT_LOOK)
    assert nobody.answers == {"link": CANNOT_TELL}


def test_a_probe_without_a_question_cannot_tell() -> None:
    runbook = probed()
    state = after_answer(runbook, begin(runbook), "link", "yes")
    assert after_answer(runbook, state, "state", CANNOT_LOOK).answers["state"] == CANNOT_TELL


def test_an_opened_place_is_paid_once() -> None:
    runbook = probed()
    state = after_failure(runbook, begin(runbook), "restart")
    assert set(state.done) == {"restart"}
    assert not state.opened
    assert after_failure(runbook, state, "wipe").opened == {"lid"}
    assert cost_of(runbook, begin(runbook), Step("remedy", "wipe")) == 42.0


def test_a_check_says_what_it_would_tell() -> None:
    runbook = light_print()
    best = choose(runbook, begin(runbook)).others[0]
    assert best.step == Step("check", "test-page-light")
    assert [told.answer for told in best.tells] == ["yes", "no", CANNOT_TELL]
    assert sum(told.probability for told in best.tells) == pytest.approx(1.0)
    assert best.tells[0].probability == pytest.approx(0.7 * 0.99 + 0.3 * 0.01)
    assert best.tells[0].shares["distribution"] == pytest.approx(0.4 * 0.99 / best.tells[0].probability)
    assert best.ends == 0.0


def test_a_remedy_says_how_likely_it_ends_the_fault() -> None:
    runbook = light_print()
    state = after_answer(runbook, begin(runbook), "test-page-light", "no")
    choice = choose(runbook, state)
    assert (choice.step, choice.reason) == (Step("remedy", "cycle-power"), "best-remedy")
    assert choice.best.ends == pytest.approx(0.95 * 0.2 * 0.99 / (0.3 * 0.99 + 0.7 * 0.01))
    assert choice.best.tells == ()
    assert choice.best.cost_s == 1.0
    assert len(choice.others) == 2


def test_giving_up_is_said_to_be_the_cheapest_or_the_last() -> None:
    runbook = replace(light_print(), escalate=0.5)
    choice = choose(runbook, begin(runbook))
    assert (choice.step, choice.reason, choice.best.cost_s) == (ESCALATION, "not-worth-it", 0.5)
    bare = replace(runbook, checks=(), remedies=())
    assert choose(bare, begin(bare)).reason == "nothing-left"


def test_a_large_runbook_is_judged_by_looking_ahead() -> None:
    runbook = large()
    choice = choose(runbook, begin(runbook))
    assert not choice.exact
    assert len(choice.others) == 2
    free = replace(
        runbook, checks=(replace(runbook.checks[0], automatic=True, cost=0.0), *runbook.checks[1:])
    )
    assert choose(free, begin(free)).reason == "free-look"


def test_what_seems_small_but_is_not_is_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillwright.diagnosis.choice.ON_THE_SPOT", 3)
    choice = choose(light_print(), begin(light_print()))
    assert not choice.exact
    assert choice.step.id == "test-page-light"


def test_the_others_may_be_fewer_where_they_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    runbook = large(causes=3, checks=2, remedies=3)
    full = choose(runbook, begin(runbook))
    monkeypatch.setattr("tillwright.diagnosis.exact.FOR_THE_OTHERS", 0)
    choice = choose(runbook, begin(runbook))
    assert choice.exact
    assert choice.best.expected_s == full.best.expected_s
    assert ESCALATION in {other.step for other in choice.others}
    assert ESCALATION not in {other.step for other in full.others}


@given(runbooks())
@settings(max_examples=60)
def test_candidates_are_told_fully(runbook: Runbook) -> None:
    choice = choose(runbook, begin(runbook))
    for candidate in (choice.best, *choice.others):
        assert candidate.cost_s <= candidate.expected_s + 1e-9
        assert 0.0 <= candidate.ends <= 1.0
        assert (len(candidate.tells) > 0) == (candidate.step.kind == "check")
        assert candidate.cost_s == cost_of(runbook, begin(runbook), candidate.step)
    assert len({candidate.step for candidate in (choice.best, *choice.others)}) == 1 + len(choice.others)


def test_a_state_with_an_answer_that_there_is_not() -> None:
    runbook = light_print()
    with pytest.raises(KeyError):
        choose(runbook, replace(begin(runbook), answers={"test-page-light": "perhaps"}))


def test_where_nothing_is_believed_any_more_it_is_given_up() -> None:
    runbook = light_print()
    empty = replace(begin(runbook), weights=(0.0, 0.0, 0.0, 0.0))
    choice = choose(runbook, empty)
    assert choice.step == ESCALATION
    assert [one.ends for one in choice.others] == [0.0] * len(choice.others)
