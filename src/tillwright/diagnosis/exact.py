"""The best next step, worked out to the end.

A state is worth the least of: giving up; each remedy that is left, then the state in which it did not help;
each check that is left, then the sum over its answers. What costs nobody anything is done before anything is
weighed, as nothing can be lost by it.

Most of it need not be worked out. If the cause were revealed for nothing, the rest would still cost what the
best remedies for that cause cost; no way through a state is cheaper than that. A step whose own cost and this
bound come to more than the best way found so far is left aside.

Values are kept per unit of weight, so that they hold for a state however it was reached.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from tillwright.diagnosis.belief import Weights, begin
from tillwright.diagnosis.layout import ESCALATE, LaidCheck, Layout
from tillwright.diagnosis.runbook import Check, Remedy, Runbook

ON_THE_SPOT = 500
"""So many states are worked out while somebody waits."""
COMPILED = 100_000
"""So many when a runbook is published, and after it has learnt."""

Solved = Mapping[int, tuple[float, int]]
"""Key of a state → what it costs from there per unit of weight, and the number of its best step."""


class TooManyStates(Exception):
    """There are more states than was allowed."""


class Solver:
    """Works out values, at most `budget` of them; `known`: those worked out before."""

    def __init__(self, layout: Layout, budget: int, known: Solved | None = None) -> None:
        self._layout = layout
        self._budget = budget
        self._known: Solved = known or {}
        self.solved: dict[int, tuple[float, int]] = {}

    def best(self, key: int, weights: Weights) -> int:
        """The number of the best step. Raises TooManyStates."""
        if sum(weights) <= 0.0:
            return ESCALATE
        self.value(key, weights)
        return (self.solved.get(key) or self._known[key])[1]

    def value(self, key: int, weights: Weights) -> float:
        """What it costs from here, times the weight that is left. Raises TooManyStates."""
        whole = sum(weights)
        if whole <= 0.0:
            return 0.0
        found = self.solved.get(key) or self._known.get(key)
        if found is None:
            if len(self.solved) >= self._budget:
                raise TooManyStates(f"more than {self._budget} states")
            worth, step = self._work_out(key, weights, whole)
            found = self.solved[key] = (worth / whole, step)
        return found[0] * whole

    def ranked(self, key: int, weights: Weights, most: int) -> list[tuple[float, int]]:
        """At most so many steps, each with what it costs with all that follows times the weight; the cheapest
        first, and only as many as can be worked out. Raises TooManyStates if the best one cannot.
        """
        best = self.best(key, weights)
        found = [(self.value(key, weights), best)]
        if self._layout.forced(key, weights) == ESCALATE:
            with suppress(TooManyStates):
                self._rank_others(key, weights, most, found)
        return found

    def _rank_others(self, key: int, weights: Weights, most: int, found: list[tuple[float, int]]) -> None:
        """Adds to what is found, the best only."""
        whole = sum(weights)
        best = found[0][1]
        if best != ESCALATE:
            found.append((self._layout.escalate * whole, ESCALATE))
        for bound, number, cost in self.bounds(key, weights, whole):
            enough = found[-1][0] if len(found) == most else inf
            if bound >= enough:
                break
            value = self.after(number, cost, key, weights, enough) if number != best else inf
            if value < enough:
                found.append((value, number))
                found[1:] = sorted(found[1:])[: most - 1]

    def _work_out(self, key: int, weights: Weights, whole: float) -> tuple[float, int]:
        number = self._layout.forced(key, weights)
        if number > 0:
            results = self._layout.results(self._layout.check(number), key, weights)
            return sum(self.value(*result) for result in results), number
        if number < 0:
            return self.value(*self._layout.failed(self._layout.remedy(number), key, weights)), number
        return self._weigh(key, weights, whole)

    def _weigh(self, key: int, weights: Weights, whole: float) -> tuple[float, int]:
        best, step = self._layout.escalate * whole, ESCALATE
        for bound, number, cost in self.bounds(key, weights, whole):
            if bound >= best:
                break
            value = self.after(number, cost, key, weights, best)
            if value < best:
                best, step = value, number
        return best, step

    def bounds(self, key: int, weights: Weights, whole: float) -> list[tuple[float, int, float]]:
        """Every step that can be taken and weighed: what it costs at least with all that follows, its number,
        and its own cost times the weight; the most promising first.
        """
        layout = self._layout
        revealed = dot(weights, layout.least(key))
        steps = [
            (cost * whole + revealed, check.number, cost * whole) for check, cost in layout.open_checks(key)
        ]
        for remedy, cost in layout.open_remedies(key):
            after, left = layout.failed(remedy, key, weights)
            if left != weights:
                steps.append((cost * whole + dot(left, layout.least(after)), remedy.number, cost * whole))
        steps.sort()
        return steps

    def after(self, number: int, cost: float, key: int, weights: Weights, enough: float) -> float:
        """What a step costs with all that follows; at least `enough` as soon as it is certain that it costs
        so much.
        """
        if number < 0:
            remedy = self._layout.remedy(number)
            return cost + self.value(*self._layout.failed(remedy, key, weights))
        return self._after_check(self._layout.check(number), cost, key, weights, enough)

    def _after_check(self, check: LaidCheck, cost: float, key: int, weights: Weights, enough: float) -> float:
        least = self._layout.least(key)
        value = cost + dot(weights, least)
        for after, left in self._layout.results(check, key, weights):
            value += self.value(after, left) - dot(left, least)
            if value >= enough:
                break
        return value


def dot(weights: Weights, costs: Weights) -> float:
    """The sum of the products."""
    return sum([weight * cost for weight, cost in zip(weights, costs, strict=True)])


# ── worked out beforehand ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Policy:
    """What was worked out when a runbook was published. `of`: the fingerprint of what it is for."""

    of: str
    solved: Solved

    def text(self) -> str:
        """As text, to be stored."""
        rows = {str(key): [value, step] for key, (value, step) in self.solved.items()}
        return json.dumps({"of": self.of, "solved": rows}, separators=(",", ":"))


def stored(text: str) -> Policy:
    """A policy from its text. Raises ValueError, KeyError or TypeError for a text that is none."""
    read = json.loads(text)
    rows = {int(key): (float(value), int(step)) for key, (value, step) in read["solved"].items()}
    return Policy(read["of"], rows)


def compiled(runbook: Runbook, forbidden: Collection[str] = (), budget: int = COMPILED) -> Policy | None:
    """The best step of every state that a diagnosis following them can come to, and of those weighed on the
    way; None for a runbook with too many states.
    """
    solver = Solver(Layout(runbook, forbidden), budget)
    try:
        solver.value(0, begin(runbook))
    except TooManyStates:
        return None
    return Policy(fingerprint(runbook, forbidden), solver.solved)


def fingerprint(runbook: Runbook, forbidden: Collection[str] = ()) -> str:
    """Changes whenever a policy has to be worked out anew."""
    told = repr([_plain(runbook), sorted(forbidden)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _plain(runbook: Runbook) -> object:
    """The runbook without anything whose order does not matter, and without working times."""
    causes = [(cause.id, cause.weight) for cause in runbook.causes]
    checks = [(*_step(check), check.likelihood, check.unsure, check.asked) for check in runbook.checks]
    remedies = [(*_step(remedy), sorted(remedy.helps.items())) for remedy in runbook.remedies]
    return [causes, checks, remedies, sorted(runbook.places.items()), runbook.escalate]


def _step(step: Check | Remedy) -> tuple[object, ...]:
    needs = [(only.check, sorted(only.answers)) for only in step.only_if]
    return step.id, step.cost, step.place, step.automatic, needs
