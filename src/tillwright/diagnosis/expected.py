"""What a way of going about it costs on average, found by walking everything that can happen.

A way is a function: where the diagnosis stands, and what is believed there, to the number of the next step
(see layout). Beside the program's ways stand those that it is measured against: the printed order of the
steps, and asking a person everything first. What is believed may be wrong: `believed` is the runbook that
chooses, `truth` the one that happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from tillwright.diagnosis.belief import Weights, begin
from tillwright.diagnosis.choice import ranked
from tillwright.diagnosis.exact import Policy, Solver
from tillwright.diagnosis.layout import ESCALATE, LaidRemedy, Layout
from tillwright.diagnosis.look_ahead import LookAhead
from tillwright.diagnosis.runbook import NONE_OF_THESE, Check, Remedy, Runbook

Way = Callable[[int, Weights], int]
"""Key of a state and the weights believed there → the number of the step to take."""
BY_HAND_S = 15.0
"""What it costs a person to look where the program has a probe, and nobody has said how long that takes."""


def expected_s(truth: Runbook, way: Way, believed: Runbook | None = None) -> float:
    """The average cost to the end, in seconds. Both runbooks have the same steps."""
    walker = _Walker(Layout(truth), Layout(believed or truth), way)
    weights = begin(truth)
    return walker.from_here(0, weights, begin(believed or truth)) / sum(weights)


class _Walker:
    def __init__(self, truth: Layout, believed: Layout, way: Way) -> None:
        self._truth, self._believed, self._way = truth, believed, way
        self._walked: dict[int, float] = {}

    def from_here(self, key: int, weights: Weights, believed: Weights) -> float:
        """The cost from a state, times the weight that is left. States that are reached in several ways are
        walked once: what is kept is per unit of weight.
        """
        whole = sum(weights)
        if whole <= 0.0:
            return 0.0
        if key not in self._walked:
            self._walked[key] = self._step(key, weights, believed) / whole
        return self._walked[key] * whole

    def _step(self, key: int, weights: Weights, believed: Weights) -> float:
        number = self._way(key, believed)
        whole = sum(weights)
        if number == ESCALATE:
            return self._truth.escalate * whole
        if number < 0:
            return self._remedy(number, key, weights, believed)
        check = self._truth.check(number)
        price = next(cost for one, cost in self._truth.open_checks(key) if one is check)
        results = self._truth.results(check, key, weights)
        beliefs = self._believed.results(self._believed.check(number), key, believed)
        pairs = zip(results, beliefs, strict=True)
        return price * whole + sum(self.from_here(after, left, said) for (after, left), (_, said) in pairs)

    def _remedy(self, number: int, key: int, weights: Weights, believed: Weights) -> float:
        remedy = self._truth.remedy(number)
        price = next(cost for one, cost in self._truth.open_remedies(key) if one is remedy)
        after, left = self._truth.failed(remedy, key, weights)
        said = self._believed.failed(self._believed.remedy(number), key, believed)[1]
        return price * sum(weights) + self.from_here(after, left, said)


# ── ways ────────────────────────────────────────────────────────────────────────────────────────────────────


def program(runbook: Runbook, policy: Policy | None = None) -> Way:
    """What the program does: the best candidate of `choose`."""
    layout = Layout(runbook)

    def way(key: int, weights: Weights) -> int:
        steps, _ = ranked(layout, key, weights, policy.solved if policy else None)
        return steps[0][1]

    return way


def optimum(runbook: Runbook) -> Way:
    """The best that can be done, however many states that takes."""
    solver = Solver(Layout(runbook), 1 << 62)
    return solver.best


def look_ahead(runbook: Runbook) -> Way:
    """What the program does where there are too many states."""
    return LookAhead(Layout(runbook)).best


def printed(runbook: Runbook) -> Way:
    """The steps in the order in which the runbook has them, as one follows a printed list: each check in
    turn; if its answer points to a cause, the first remedy for it; in the end the other remedies in turn,
    then giving up.
    """
    layout = Layout(runbook)
    prior = begin(runbook)

    def way(key: int, weights: Weights) -> int:
        open_now = {check.number for check, _ in layout.open_checks(key)}
        remedies = [remedy for remedy, _ in layout.open_remedies(key)]
        for check in layout.checks:
            if check.number in open_now:
                return check.number
            code = (key >> check.shift) & check.mask
            if 0 < code < check.cannot_tell:
                pointed = _pointed(runbook, tuple(map(float.__mul__, prior, check.rows[code - 1])), remedies)
                if pointed is not None:
                    return pointed.number
        return remedies[0].number if remedies else ESCALATE

    return way


def _pointed(runbook: Runbook, weights: Weights, remedies: list[LaidRemedy]) -> LaidRemedy | None:
    """The first remedy for the cause that an answer points to."""
    named = [
        (weight, -at)
        for at, (weight, cause) in enumerate(zip(weights, runbook.causes, strict=True))
        if cause.id != NONE_OF_THESE
    ]
    likely = -max(named, default=(0.0, 0))[1]
    return next((remedy for remedy in remedies if remedy.left[likely] < 0.5), None)


def everything_first(runbook: Runbook) -> Way:
    """Every check is made before anything is done; then the remedies by probability over cost."""
    layout = Layout(runbook)
    judge = LookAhead(layout)

    def way(key: int, weights: Weights) -> int:
        cheapest = min(((cost, check.number) for check, cost in layout.open_checks(key)), default=(inf, 0))
        return cheapest[1] or judge.best(key, weights)

    return way


def by_hand(runbook: Runbook) -> Runbook:
    """The same runbook where the program does nothing: a person looks, does, and looks whether it helped."""
    return replace(
        runbook,
        checks=tuple(_asked(check) for check in runbook.checks),
        remedies=tuple(_done(remedy) for remedy in runbook.remedies),
    )


def _asked(check: Check) -> Check:
    if not check.automatic:
        return check
    cost = check.by_hand or BY_HAND_S if check.asked is None else check.asked
    return replace(check, automatic=False, cost=cost, asked=None)


def _done(remedy: Remedy) -> Remedy:
    doing = max(remedy.cost, remedy.by_hand or BY_HAND_S) if remedy.automatic else remedy.cost
    verifying = (remedy.verified_by_hand or BY_HAND_S) if remedy.verified_alone else 0.0
    return replace(remedy, automatic=False, cost=doing + verifying, verified_alone=False)
