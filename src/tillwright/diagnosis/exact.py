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
from tillwright.diagnosis.layout import ESCALATE, Layout, dot
from tillwright.diagnosis.runbook import Check, Remedy, Runbook

ON_THE_SPOT = 500
"""So many states are looked into while somebody waits."""
NOT_TRIED = 4_000
"""With more states than this ahead, it is not even tried: hardly any such runbook needs so few."""
FOR_THE_OTHERS = 100
"""So many more are looked into for the candidates behind the best one."""
COMPILED = 100_000
"""So many when a runbook is published, and after it has learnt."""

Solved = Mapping[int, tuple[float, int]]
"""Key of a state → what it costs from there per unit of weight, and the number of its best step."""


class TooManyStates(Exception):
    """There are more states than was allowed."""


class Solver:
    """Works out values, looking into at most `budget` states; `known`: those worked out before."""

    def __init__(self, layout: Layout, budget: int, known: Solved | None = None) -> None:
        self._layout = layout
        self._left = budget
        self._known: Solved = known or {}
        self._floors: dict[int, float] = {}
        self.solved: dict[int, tuple[float, int]] = {}

    def best(self, key: int, weights: Weights) -> int:
        """The number of the best step. Raises TooManyStates."""
        if sum(weights) <= 0.0:
            return ESCALATE
        self.value(key, weights)
        return (self.solved.get(key) or self._known[key])[1]

    def ranked(self, key: int, weights: Weights, most: int) -> list[tuple[float, int]]:
        """At most so many steps, each with what it costs with all that follows times the weight; the cheapest
        first, and only as many as can be worked out. Raises TooManyStates if the best one cannot.
        """
        best = self.best(key, weights)
        found = [(self.value(key, weights), best)]
        if self._layout.forced(key, weights) == ESCALATE:
            self._left = FOR_THE_OTHERS
            with suppress(TooManyStates):
                self._rank_others(key, weights, most, found)
        return found

    def _rank_others(self, key: int, weights: Weights, most: int, found: list[tuple[float, int]]) -> None:
        """Adds to what is found, the best only."""
        whole = sum(weights)
        best = found[0][1]
        if best != ESCALATE:
            found.append((self._layout.escalate * whole, ESCALATE))
        for bound, number, cost in self._layout.bounds(key, weights, whole):
            enough = found[-1][0] if len(found) == most else inf
            if bound >= enough:
                break
            value = self._after(number, cost, key, weights, enough) if number != best else inf
            if value < enough:
                found.append((value, number))
                found[1:] = sorted(found[1:])[: most - 1]

    def value(self, key: int, weights: Weights, limit: float = inf) -> float:
        """What it costs from here, times the weight that is left; infinite as soon as it is certain that it
        is `limit` or more. Raises TooManyStates.
        """
        whole = sum(weights)
        if whole <= 0.0:
            return 0.0
        found = self.solved.get(key) or self._known.get(key)
        if found is not None:
            return found[0] * whole
        if self._floors.get(key, 0.0) * whole >= limit:
            return inf
        return self._look_into(key, weights, whole, limit)

    def _look_into(self, key: int, weights: Weights, whole: float, limit: float) -> float:
        if self._left <= 0:
            raise TooManyStates
        self._left -= 1
        worth, step = self._work_out(key, weights, whole, limit)
        if worth < limit:
            self.solved[key] = (worth / whole, step)
            return worth
        self._floors[key] = limit / whole
        return inf

    def _work_out(self, key: int, weights: Weights, whole: float, limit: float) -> tuple[float, int]:
        number = self._layout.forced(key, weights)
        if number != ESCALATE:
            return self._after(number, 0.0, key, weights, limit), number
        best, step = self._layout.escalate * whole, ESCALATE
        for bound, number, cost in self._layout.bounds(key, weights, whole):
            enough = min(best, limit)
            if bound >= enough:
                break
            value = self._after(number, cost, key, weights, enough)
            if value < enough:
                best, step = value, number
        return best, step

    def _after(self, number: int, cost: float, key: int, weights: Weights, limit: float) -> float:
        """What a step costs with all that follows, as `value` tells it."""
        if number < 0:
            remedy = self._layout.remedy(number)
            return cost + self.value(*self._layout.failed(remedy, key, weights), limit - cost)
        least = self._layout.least(key)
        value = cost + dot(weights, least)
        for after, left in self._layout.results(self._layout.check(number), key, weights):
            others = value - dot(left, least)
            value = others + self.value(after, left, limit - others)
            if value >= limit:
                break
        return value


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
