"""From a run that shows a violation to the smallest that still does: the fewest kinds of fault, the fewest
sales.

Nothing is guessed about causes: a kind of fault is switched off, the run is done again, and if the same
promise is still broken the kind was not needed. What is left is what one has to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tillwright.simulation.chance import Options
from tillwright.simulation.world import Result

RUNS_MAX = 200

Run = Callable[[Options], Result]


def shrink(options: Options, promise: int, run: Run, runs_max: int = RUNS_MAX) -> Result:
    """The smallest run found that still breaks this promise; the run of `options` if none smaller does."""
    search = _Search(promise, run, runs_max, run(options))
    while search.improve():
        pass
    return search.best


class _Search:
    """The best so far, and how often one may still try."""

    def __init__(self, promise: int, run: Run, runs_max: int, best: Result) -> None:
        self.promise = promise
        self.run = run
        self.left = runs_max
        self.best = best

    def improve(self) -> bool:
        """Go once through all that might be left out; whether anything was."""
        before = self.best
        for smaller in _smaller(self.best.options):
            if self.left <= 0:
                return False
            self._try(smaller)
        return self.best is not before

    def _try(self, change: Callable[[Options], Options]) -> None:
        options = change(self.best.options)
        if options == self.best.options:
            return
        self.left -= 1
        result = self.run(options)
        if any(violation.promise == self.promise for violation in result.violations):
            self.best = result


def _smaller(options: Options) -> Iterator[Callable[[Options], Options]]:
    """Ways of making a run smaller, the boldest first."""
    for operations in (1, 2, 3, 5, 10, 20):
        if operations < options.operations:
            yield lambda now, count=operations: _fewer(now, count)  # type: ignore[misc]
    yield lambda now: replace(now, tills=1)
    for family in ("people.", "station.", "device.", "network."):
        yield lambda now, name=family: _without_family(now, name)  # type: ignore[misc]
    for kind in options.rates:
        yield lambda now, name=kind: now.without(name)  # type: ignore[misc]


def _fewer(options: Options, operations: int) -> Options:
    return replace(options, operations=operations) if operations < options.operations else options


def _without_family(options: Options, family: str) -> Options:
    rates = {name: rate for name, rate in options.rates.items() if not name.startswith(family)}
    return replace(options, rates=rates)
