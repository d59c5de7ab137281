"""A good next step where working it out to the end would take too long.

The rest of a diagnosis is first judged as if nothing could be asked any more: the remedies by cost over
probability, given up as soon as that is cheaper. From this judgement one looks two steps ahead: what a step
costs, then what each of its results would cost if at most one more check were made before the remedies. So a
check is worth what its answers save, and never what they tell.
"""

from __future__ import annotations

from tillwright.diagnosis.belief import Weights
from tillwright.diagnosis.layout import ESCALATE, LaidCheck, LaidRemedy, Layout, dot


class LookAhead:
    """Judges states of one runbook."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._judged: dict[int, float] = {}

    def best(self, key: int, weights: Weights) -> int:
        """The number of the step to take."""
        return self.ranked(key, weights, 1)[0][1]

    def ranked(self, key: int, weights: Weights, most: int) -> list[tuple[float, int]]:
        """At most so many steps, each with what it is judged to cost with all that follows times the weight;
        the cheapest first. A step that costs nobody anything stands alone.
        """
        found = self._weighed(key, weights, most)
        forced = self._layout.forced(key, weights)
        return [(found[0][0], forced)] if forced != ESCALATE else found

    def _weighed(self, key: int, weights: Weights, most: int) -> list[tuple[float, int]]:
        whole = sum(weights)
        found = [(self._layout.escalate * whole, ESCALATE)]
        for bound, number, cost in self._layout.bounds(key, weights, whole):
            if len(found) == most and bound >= found[-1][0]:
                break
            found.append((cost + self._after(number, key, weights), number))
            found = sorted(found)[:most]
        return found

    def _after(self, number: int, key: int, weights: Weights) -> float:
        layout = self._layout
        if number < 0:
            return self._with_one_check(*layout.failed(layout.remedy(number), key, weights))
        results = layout.results(layout.check(number), key, weights)
        return sum(self._with_one_check(*result) for result in results)

    def _with_one_check(self, key: int, weights: Weights) -> float:
        """The judgement if at most one check more were made."""
        whole = sum(weights)
        if whole <= 0.0:
            return 0.0
        best = self._remedies_only(key, weights)
        revealed = dot(weights, self._layout.least(key))
        for check, cost in self._layout.open_checks(key):
            if cost * whole + revealed < best:
                best = min(best, cost * whole + self._after_check(check, key, weights))
        return best

    def _after_check(self, check: LaidCheck, key: int, weights: Weights) -> float:
        return sum(self._remedies_only(*result) for result in self._layout.results(check, key, weights))

    def _remedies_only(self, key: int, weights: Weights) -> float:
        """The judgement if nothing could be asked any more."""
        whole = sum(weights)
        if whole <= 0.0:
            return 0.0
        found = self._judged.get(key)
        if found is None:
            found = self._judged[key] = self._in_turn(key, weights) / whole
        return found * whole

    def _in_turn(self, key: int, weights: Weights) -> float:
        order = []
        for remedy, cost in self._layout.open_remedies(key):
            ended = sum(weights) - dot(weights, remedy.left)
            if ended > 0.0:
                order.append((cost / ended, remedy.number, remedy))
        order.sort()
        return self._from(0, [remedy for _, _, remedy in order], key, weights)

    def _from(self, at: int, order: list[LaidRemedy], key: int, weights: Weights) -> float:
        giving_up = self._layout.escalate * sum(weights)
        if at == len(order):
            return giving_up
        remedy = order[at]
        cost = remedy.cost + (remedy.opening if remedy.place & ~key else 0.0)
        after, left = self._layout.failed(remedy, key, weights)
        return min(giving_up, cost * sum(weights) + self._from(at + 1, order, after, left))
