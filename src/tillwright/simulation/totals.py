"""The sum over all runs, and what is wrong with it.

A world in which nothing goes wrong proves nothing, and neither does one in which nothing works. So a long
series also fails when a fault has never struck, a kind of operation never came, a pair of state and event
that can be reached was never visited, or too few operations ended well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from tillwright.operations.kinds import KINDS
from tillwright.operations.policy import policy_of
from tillwright.operations.reachable import Pair, reachable
from tillwright.simulation.chance import ANSWERED, MOST
from tillwright.simulation.world import Result, rules_of_the_world

LONG_SERIES = 500
"""From so many seeds on everything has to have happened."""
DONE_PER_HUNDRED_MIN = 60


@dataclass(slots=True)
class Found:
    """A violation as it is reported."""

    seed: int
    promise: int
    text: str


@dataclass(slots=True)
class Totals:
    """The sum of the runs of one till."""

    seeds: int = 0
    operations: int = 0
    lost: int = 0
    doubled: int = 0
    guessed: int = 0
    money_off_minor: int = 0
    reds: int = 0
    reds_ended: int = 0
    people_ms: int = 0
    crashes: int = 0
    violations: list[Found] = field(default_factory=list)
    fired: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*MOST, *ANSWERED), 0))
    ends: dict[str, int] = field(default_factory=dict)
    visits: dict[Pair, int] = field(default_factory=dict)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, result: Result) -> None:
        """One run more."""
        self.seeds += 1
        self.operations += result.operations
        self.lost += result.lost
        self.doubled += result.doubled
        self.guessed += result.guessed
        self.money_off_minor += result.money_off_minor
        self.reds += result.reds
        self.reds_ended += result.reds_ended
        self.people_ms += result.people_ms
        self.crashes += result.crashes
        _sum_up(self.fired, result.fired)
        _sum_up(self.ends, result.ends)
        for (state, what), count in result.visits.items():
            pair = Pair(state, what)
            self.visits[pair] = self.visits.get(pair, 0) + count
        self._digest.update(result.digest.encode())

    @property
    def digest(self) -> str:
        """A fingerprint of all runs."""
        return self._digest.hexdigest()

    @property
    def people_minutes(self) -> int:
        """How long people stood at the tills for all these sales, from the first press to the end."""
        return round(self.people_ms / 60_000)

    def visited(self) -> list[Pair]:
        """The pairs that can be reached and were."""
        return [pair for pair in pairs() if pair in self.visits]

    def missing(self) -> Iterator[str]:
        """What should have happened in a long series and has not."""
        yield from (f"the fault {name} never struck" for name, count in self.fired.items() if not count)
        for kind in kinds():
            if not any(name.startswith(f"{kind}.") for name in self.ends):
                yield f"no operation of the kind {kind}"
        for pair in pairs():
            if pair not in self.visits:
                yield f"never visited: {in_words(pair)}"
        done = sum(count for name, count in self.ends.items() if name.endswith(".done"))
        if done * 100 < DONE_PER_HUNDRED_MIN * sum(self.ends.values()):
            yield f"only {done} of {sum(self.ends.values())} operations ended done"

    def wrong(self) -> Iterator[str]:
        """Everything for which the command ends with 1."""
        if not self.operations:
            yield "no operations at all"
        for name in ("lost", "doubled", "guessed", "money_off_minor"):
            if getattr(self, name):
                yield f"{name}: {getattr(self, name)}"
        yield from (f"seed {one.seed}: promise {one.promise}: {one.text}" for one in self.violations)
        if self.seeds >= LONG_SERIES:
            yield from self.missing()


def _sum_up(into: dict[str, int], counts: dict[str, int]) -> None:
    for name, count in counts.items():
        into[name] = into.get(name, 0) + count


def in_words(pair: Pair) -> str:
    """'operation open, no_answer'."""
    whose = "leg" if type(pair.state).__name__ == "LegState" else "operation"
    return f"{whose} {pair.state.value}, {pair.happening.value}"


def kinds() -> list[str]:
    """The kinds that have to have come."""
    return list(KINDS)


@cache
def pairs() -> tuple[Pair, ...]:
    """The pairs of the world's kinds that can be reached while parties keep their word.

    Two attempts show them all, and a third only takes longer. A sale comes to all that any kind comes to.
    """
    return tuple(reachable("cash-sale", policy_of(rules_of_the_world()), legs_max=2))
