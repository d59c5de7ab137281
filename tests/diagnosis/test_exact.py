"""The policy is the optimum itself: compared with brute force on small random runbooks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.models import large, light_print, optimum, runbooks
from tillwright.diagnosis import belief, exact
from tillwright.diagnosis.choice import State, after_answer, after_failure, at_once, begin, choose
from tillwright.diagnosis.exact import Policy, Solver, TooManyStates, compiled, fingerprint, stored
from tillwright.diagnosis.layout import ESCALATE, Layout
from tillwright.diagnosis.runbook import Cause, Runbook


@given(runbooks())
@settings(max_examples=80)
def test_the_choice_costs_what_brute_force_finds(runbook: Runbook) -> None:
    choice = choose(runbook, begin(runbook))
    assert choice.exact
    assert choice.best.expected_s == pytest.approx(optimum(runbook), abs=1e-6)
    assert all(other.expected_s >= choice.best.expected_s - 1e-9 for other in choice.others)


@given(runbooks(), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_same_holds_in_the_middle_of_a_diagnosis(runbook: Runbook, chance) -> None:
    state = begin(runbook, forbidden=chance.sample([one.id for one in runbook.remedies], k=0))
    for check in runbook.checks[:1]:
        state = after_answer(runbook, state, check.id, chance.choice(check.answers))
    for remedy in runbook.remedies[:1]:
        state = after_failure(runbook, state, remedy.id)
    assert choose(runbook, state).best.expected_s == pytest.approx(_dumb(runbook, state), abs=1e-6)


@given(runbooks(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_what_is_forbidden_is_never_chosen(runbook: Runbook, chance) -> None:
    steps = [*(check.id for check in runbook.checks), *(remedy.id for remedy in runbook.remedies)]
    state = begin(runbook, forbidden=chance.sample(steps, k=len(steps) // 2))
    choice = choose(runbook, state)
    named = {candidate.step.id for candidate in (choice.best, *choice.others)}
    assert not named & state.forbidden
    assert not state.forbidden & set(at_once(runbook, state))
    assert choice.best.expected_s == pytest.approx(_dumb(runbook, state), abs=1e-6)


def _dumb(runbook: Runbook, state: State) -> float:
    shares = belief.shares(runbook, state.weights)
    return optimum(runbook, shares, state.answers, state.done, state.opened, state.forbidden)


@given(runbooks(), st.floats(0.001, 1000.0))
@settings(max_examples=40)
def test_only_the_ratio_between_weights_matters(runbook: Runbook, factor: float) -> None:
    state = begin(runbook)
    scaled = replace(state, weights=tuple(weight * factor for weight in state.weights))
    there, here = choose(runbook, scaled), choose(runbook, state)
    assert there.best.expected_s == pytest.approx(here.best.expected_s)


@given(runbooks())
@settings(max_examples=40)
def test_the_bound_is_never_above_the_value(runbook: Runbook) -> None:
    layout = Layout(runbook)
    weights = belief.begin(runbook)
    least = sum(w * least for w, least in zip(weights, layout.least(0), strict=True))
    assert least <= Solver(layout, 10**6).value(0, weights) + 1e-9


@given(runbooks())
@settings(max_examples=40)
def test_a_policy_chooses_what_would_be_worked_out(runbook: Runbook) -> None:
    policy = compiled(runbook)
    assert policy is not None
    read = stored(policy.text())
    assert read == policy
    state = begin(runbook)
    for check in runbook.checks:
        assert choose(runbook, state, read).best.expected_s == pytest.approx(
            choose(runbook, state).best.expected_s
        )
        if check.id in at_once(runbook, state) or choose(runbook, state).step.id == check.id:
            state = after_answer(runbook, state, check.id, check.answers[0])


def test_too_many_states() -> None:
    runbook = large()
    with pytest.raises(TooManyStates):
        Solver(Layout(runbook), 3).best(0, belief.begin(runbook))
    assert compiled(runbook, budget=3) is None


def test_a_policy_of_something_else_is_left_aside() -> None:
    runbook = light_print()
    wrong = Policy(fingerprint(runbook), {0: (0.5, ESCALATE)})
    state = begin(runbook)
    assert choose(runbook, state, wrong).step.kind == "escalate"  # so it is looked up
    dearer = replace(runbook, escalate=50.0)
    assert choose(dearer, begin(dearer), wrong).step.kind != "escalate"
    assert choose(runbook, begin(runbook, forbidden=["reseat"]), wrong).step.kind != "escalate"
    doubted = replace(state, weights=(1.0, 1.0, 1.0, 1.0))
    assert choose(runbook, doubted, wrong).step.kind != "escalate"


@pytest.mark.parametrize(
    "other",
    [
        replace(light_print(), escalate=50.0),
        replace(light_print(), places={"lid": 3.0}),
        replace(light_print(), remedies=light_print().remedies[1:]),
        replace(light_print(), checks=()),
        replace(light_print(), causes=(Cause("distribution", 0.5), *light_print().causes[1:])),
    ],
)
def test_whatever_counts_changes_the_fingerprint(other: Runbook) -> None:
    assert fingerprint(other) != fingerprint(light_print())
    assert fingerprint(light_print(), ["reseat"]) != fingerprint(light_print())


def test_what_was_looked_into_once_is_not_looked_into_again() -> None:
    layout, weights = Layout(light_print()), belief.begin(light_print())
    solver = Solver(layout, 10**6)
    first = solver.value(0, weights)
    count = len(solver.solved)
    assert solver.value(0, weights) == first
    assert len(solver.solved) == count
    assert exact.Solver(layout, 1, solver.solved).best(0, weights) == solver.best(0, weights)


def test_where_nothing_is_left_to_believe_there_is_nothing_to_do() -> None:
    solver = Solver(Layout(light_print()), 10)
    assert solver.best(0, (0.0, 0.0, 0.0, 0.0)) == ESCALATE
    assert solver.value(0, (0.0, 0.0, 0.0, 0.0)) == 0.0
