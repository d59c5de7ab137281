"""Every planted bug is found, by the promise that it breaks; and leaves nothing behind."""

from __future__ import annotations

import pytest

from tillwright.simulation.chance import draw
from tillwright.simulation.planted import BUGS, BY_NAME
from tillwright.simulation.planted_till import TILL_BUGS
from tillwright.simulation.planting import Bug, hunt, planted
from tillwright.simulation.shrink import shrink
from tillwright.simulation.world import run

SEEDS = range(1, 61)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_judge_finds_it(bug: Bug) -> None:
    catch = hunt(bug, SEEDS, 25)
    assert catch.caught, f"not within {catch.tried} worlds"
    assert catch.promise == bug.promise
    assert catch.executed > 0
    assert catch.seed in SEEDS


def test_there_are_enough_of_them() -> None:
    assert len(TILL_BUGS) >= 16
    assert len(BUGS) >= len(TILL_BUGS) + 20
    assert len(BY_NAME) == len(BUGS)
    assert {bug.promise for bug in BUGS} == {1, 2, 3, 4, 5, 7, 8}


def test_a_bug_is_gone_afterwards() -> None:
    before = [getattr(patch.owner, patch.name) for bug in BUGS for patch in bug.patches]
    for bug in BUGS:
        with planted(bug):
            for patch in bug.patches:
                assert getattr(patch.owner, patch.name) not in before, bug.name
    assert [getattr(patch.owner, patch.name) for bug in BUGS for patch in bug.patches] == before


def test_what_is_not_executed_is_not_caught() -> None:
    harmless = Bug("harmless", 1, "does nothing", ())
    catch = hunt(harmless, range(1, 3), 5)
    assert not catch.caught
    assert catch.seed is None


def test_a_violation_shrinks_to_what_it_needs() -> None:
    bug = BY_NAME["cash-not-posted"]
    with planted(bug):
        options = next(
            drawn for drawn in (draw(seed, 25, swarm=True, journal="memory") for seed in SEEDS)
            if any(violation.promise == 5 for violation in run(drawn).violations)
        )  # fmt: skip
        smallest = shrink(options, 5, run)
    assert smallest.violations[0].promise == 5
    assert smallest.options.operations < options.operations
    assert len(smallest.options.rates) <= 3 < len(options.rates)
    assert "Control device" in smallest.picture
