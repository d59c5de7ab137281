"""The step to take now, and why this one.

    state = begin(runbook)
    at_once(runbook, state)          the checks that the program makes now, side by side
    choice = choose(runbook, state)  the one thing to do now, with the next two behind it
    state = after_answer(runbook, state, "lamp", "no")
    state = after_failure(runbook, state, "switch-on")

Where a policy was worked out beforehand it is looked up; else the best step is worked out on the spot, and
where that would take too long, judged by looking two steps ahead (`exact` is False then). What is forbidden,
or not yet open, is taken away before anything is weighed: safety is no cost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import isclose
from typing import Literal

from tillwright.diagnosis import belief
from tillwright.diagnosis.belief import Weights
from tillwright.diagnosis.exact import (
    NOT_TRIED,
    ON_THE_SPOT,
    Policy,
    Solved,
    Solver,
    TooManyStates,
    fingerprint,
)
from tillwright.diagnosis.layout import ESCALATE, Layout
from tillwright.diagnosis.look_ahead import LookAhead
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Runbook

Kind = Literal["check", "remedy", "escalate"]
Reason = Literal["free-look", "free-remedy", "best-remedy", "best-check", "not-worth-it", "nothing-left"]
"""Why a step is the one: it costs nobody anything (a look, a remedy); it is the cheapest way on (a remedy, a
check); the steps that are left cost more than they promise; there is no step left.
"""
ALTERNATIVES = 2
"""How many candidates are told besides the best."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step by its id; giving up has none."""

    kind: Kind
    id: str = ""


ESCALATION = Step("escalate")


@dataclass(frozen=True, slots=True)
class State:
    """Where a diagnosis stands. `weights`: see belief. `answers`: check → answer. `done`: the remedies that
    are not to be done again. `opened`: places. `forbidden`: ids of steps that must not be taken.
    """

    weights: Weights
    answers: Mapping[str, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """One answer that a check may give: how probable it is, and how probable each cause is after it."""

    answer: str
    probability: float
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step that could be taken now. `expected_s`: what it costs to the end, on average, if it is. `cost_s`:
    what it costs itself, the opening of its place included. `ends`: how probable it is that this remedy ends
    the fault; 0 for others. `tells`: what a check may tell; () for others.
    """

    step: Step
    expected_s: float
    cost_s: float
    ends: float = 0.0
    tells: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The best candidate, and those after it. `exact`: worked out to the end."""

    best: Candidate
    others: tuple[Candidate, ...]
    exact: bool
    reason: Reason

    @property
    def step(self) -> Step:
        """The step to take."""
        return self.best.step


# ── states ──────────────────────────────────────────────────────────────────────────────────────────────────


def begin(runbook: Runbook, forbidden: Collection[str] = ()) -> State:
    """Nothing is known yet."""
    return State(belief.begin(runbook), forbidden=frozenset(forbidden))


def after_answer(runbook: Runbook, state: State, check: str, answer: str) -> State:
    """A check has been answered, for the first time or instead of CANNOT_LOOK. An automatic check that nobody
    can be asked for knows no CANNOT_LOOK: it is CANNOT_TELL then. Raises KeyError for what there is not.
    """
    spec = belief.check_named(runbook, check)
    by_a_person = not spec.automatic or state.answers.get(check) == CANNOT_LOOK
    if answer in (CANNOT_LOOK, CANNOT_TELL):
        answer = CANNOT_TELL if by_a_person or spec.asked is None else CANNOT_LOOK
    return replace(
        state,
        weights=belief.answered(runbook, state.weights, check, answer),
        answers={**state.answers, check: answer},
        opened=state.opened | {spec.place} if by_a_person and spec.place else state.opened,
    )


def after_failure(runbook: Runbook, state: State, remedy: str) -> State:
    """A remedy was done and the fault is still there. Raises KeyError for one that there is not."""
    spec = belief.remedy_named(runbook, remedy)
    return replace(
        state,
        weights=belief.did_not_help(runbook, state.weights, remedy),
        done=state.done | {remedy},
        opened=state.opened | {spec.place} if spec.place else state.opened,
    )


def at_once(runbook: Runbook, state: State) -> tuple[str, ...]:
    """The checks that the program makes now by itself, all of them side by side."""
    layout = Layout(runbook, state.forbidden)
    return tuple(layout.name(check.number) for check in layout.looks(_key(layout, state)))


def cost_of(runbook: Runbook, state: State, step: Step) -> float:
    """What a step that is open costs now, in seconds. Raises KeyError for one that is not open."""
    layout = Layout(runbook, state.forbidden)
    return _costs(layout, _key(layout, state))[step]


# ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────


def choose(runbook: Runbook, state: State, policy: Policy | None = None) -> Choice:
    """The step to take now. `policy`: what was worked out for this runbook beforehand; one that was worked
    out for another version, or other forbidden steps, is left aside.
    """
    layout = Layout(runbook, state.forbidden)
    key = _key(layout, state)
    steps, exact = ranked(layout, key, state.weights, _known(runbook, state, policy))
    costs = _costs(layout, key)
    best, *others = (_candidate(runbook, state, layout, rank, costs) for rank in steps)
    return Choice(best, tuple(others), exact, _reason(best.step, layout, key, costs))


def ranked(
    layout: Layout, key: int, weights: Weights, known: Solved | None
) -> tuple[list[tuple[float, int]], bool]:
    """The best steps by their numbers, each with what it costs with all that follows times the weight, and
    whether that was worked out to the end. `known`: what was worked out beforehand.
    """
    if known or layout.ahead(key) <= NOT_TRIED:
        with suppress(TooManyStates):
            return Solver(layout, ON_THE_SPOT, known).ranked(key, weights, 1 + ALTERNATIVES), True
    return LookAhead(layout).ranked(key, weights, 1 + ALTERNATIVES), False


def _key(layout: Layout, state: State) -> int:
    return layout.key(state.answers, state.done, state.opened)


def _known(runbook: Runbook, state: State, policy: Policy | None) -> Solved | None:
    """What the policy knows, if it was worked out for this very runbook and these weights: a remedy of which
    nobody knows whether it helped is done, and says nothing.
    """
    if policy is None or policy.of != fingerprint(runbook, state.forbidden):
        return None
    done = [remedy.id for remedy in runbook.remedies if remedy.id in state.done]
    expected = belief.given(runbook, state.answers, done)
    whole, expected_whole = sum(state.weights), sum(expected)
    pairs = zip(state.weights, expected, strict=True)
    alike = all(isclose(ours * expected_whole, theirs * whole, rel_tol=1e-6) for ours, theirs in pairs)
    return policy.solved if alike else None


def _costs(layout: Layout, key: int) -> dict[Step, float]:
    """Every step that is open, with what it costs now."""
    found = {_step(layout, check.number): cost for check, cost in layout.open_checks(key)}
    found |= {_step(layout, remedy.number): cost for remedy, cost in layout.open_remedies(key)}
    return {**found, ESCALATION: layout.escalate}


def _step(layout: Layout, number: int) -> Step:
    if number == ESCALATE:
        return ESCALATION
    return Step("check" if number > 0 else "remedy", layout.name(number))


def _candidate(
    runbook: Runbook, state: State, layout: Layout, rank: tuple[float, int], costs: Mapping[Step, float]
) -> Candidate:
    value, number = rank
    step = _step(layout, number)
    return Candidate(
        step=step,
        expected_s=value / (sum(state.weights) or 1.0),
        cost_s=costs[step],
        ends=_ends(runbook, state, step) if step.kind == "remedy" else 0.0,
        tells=_tells(runbook, state, step) if step.kind == "check" else (),
    )


def _ends(runbook: Runbook, state: State, step: Step) -> float:
    whole = sum(state.weights)
    return 1.0 - sum(belief.did_not_help(runbook, state.weights, step.id)) / whole if whole > 0.0 else 0.0


def _tells(runbook: Runbook, state: State, step: Step) -> tuple[Told, ...]:
    whole = sum(state.weights) or 1.0
    told = []
    for answer in belief.check_named(runbook, step.id).answers:
        weights = belief.answered(runbook, state.weights, step.id, answer)
        told.append(Told(answer, sum(weights) / whole, belief.shares(runbook, weights)))
    return tuple(told)


def _reason(step: Step, layout: Layout, key: int, costs: Mapping[Step, float]) -> Reason:
    if step.kind == "escalate":
        return "not-worth-it" if len(costs) > 1 else "nothing-left"
    if step.kind == "check":
        free = any(layout.name(check.number) == step.id for check in layout.looks(key))
        return "free-look" if free else "best-check"
    free = any(layout.name(one.number) == step.id and one.free for one in layout.remedies)
    return "free-remedy" if free else "best-remedy"
