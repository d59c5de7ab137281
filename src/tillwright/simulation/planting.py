"""How a bug is put in, and hunted: patches onto named seams of the real program, taken out again afterwards.

A bug counts as caught when the judge reports the promise that it breaks, the patch was really executed, and
the same seed without it is clean. Another promise, or an exception, is no catch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tillwright.simulation.chance import NEVER_BOTH, Options, draw
from tillwright.simulation.world import Result, run

Executed = Callable[[], None]
Make = Callable[[Any, Executed], Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """What stands at `name` of `owner` (a module or a class) is replaced by what `make` makes of it."""

    owner: Any
    name: str
    make: Make


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake, the promise that it breaks, and where it sits.

    `weather`: faults without which it cannot show, and their rates in the worlds in which it is hunted.
    """

    name: str
    promise: int
    text: str
    patches: tuple[Patch, ...]
    weather: Mapping[str, float] = field(default_factory=dict)


class Mark:
    """Whether the patch was really executed."""

    def __init__(self) -> None:
        self.times = 0

    def hit(self) -> None:
        """The bug has done its deed."""
        self.times += 1


@contextmanager
def planted(bug: Bug) -> Iterator[Mark]:
    """The program with this bug in it."""
    mark = Mark()
    originals = [(patch, getattr(patch.owner, patch.name)) for patch in bug.patches]
    try:
        for patch, original in originals:
            setattr(patch.owner, patch.name, patch.make(original, mark.hit))
        yield mark
    finally:
        for patch, original in reversed(originals):
            setattr(patch.owner, patch.name, original)


@dataclass(frozen=True, slots=True)
class Catch:
    """Whether a bug was caught, with which seed, and how often it had been executed there."""

    bug: str
    caught: bool
    promise: int
    seed: int | None = None
    executed: int = 0
    tried: int = 0
    operations: int = 0
    failures: tuple[str, ...] = ()

    def record(self, error: Exception) -> Catch:
        """The same, with one more kind of exception that a world has ended in."""
        return replace(self, failures=tuple(sorted({*self.failures, type(error).__name__})))


def options_for(bug: Bug, seed: int, operations: int) -> Options:
    """A world in which the bug is hunted: one seed, one subset of the faults, the journal in memory.

    Without baskets as large as no device takes: they cost more time than they show.
    """
    drawn = draw(seed, operations, swarm=True, journal="memory").without("people.huge_basket")
    rates = {**drawn.rates, **bug.weather}
    for one, other in (*NEVER_BOTH, *(pair[::-1] for pair in NEVER_BOTH)):
        if one in bug.weather:
            rates.pop(other, None)
    return replace(drawn, rates=rates)


def _shown(options: Options, catch: Catch) -> tuple[Result | None, Catch]:
    """What the judge finds in this world, or None and the failure recorded if it broke before that."""
    for stop in (False, True):
        try:
            return run(options, stop=stop), catch
        except Exception as error:  # a broken program is no catch, and must not end the hunt
            catch = catch.record(error)
    return None, catch


def hunt(bug: Bug, seeds: range, count: int) -> Catch:
    """Run the program with the bug, `count` customers a world, until the judge finds it."""
    catch = Catch(bug.name, False, bug.promise)
    for tried, seed in enumerate(seeds, start=1):
        catch = replace(catch, tried=tried)
        options = options_for(bug, seed, count)
        with planted(bug) as mark:
            result, catch = _shown(options, catch)
        if result is None:
            continue
        catch = replace(catch, operations=catch.operations + result.operations)
        shown = any(violation.promise == bug.promise for violation in result.violations)
        if mark.times and shown and not run(options).violations:
            return replace(catch, caught=True, seed=seed, executed=mark.times)
    return catch
