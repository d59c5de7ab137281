"""The naive till: a fair rival where nothing fails, and not where something does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillwright.simulation.chance import Options, draw
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.naive import NaiveWorld, run_naive
from tillwright.simulation.world import World

FORGETFUL = Options(1, 60, 1, "memory", "EUR", rates={"device.restored_backup": 0.1})


@pytest.mark.parametrize("seed", range(1, 13))
def test_where_nothing_fails_it_loses_and_doubles_nothing(seed: int) -> None:
    result = run_naive(draw(seed, 30).calm())
    assert result.operations > 30
    assert (result.lost, result.doubled, result.guessed, result.money_off_minor) == (0, 0, 0, 0)


def test_where_nothing_fails_it_does_all_that_a_till_does() -> None:
    worlds = [NaiveWorld(draw(seed, 40).calm()) for seed in range(1, 13)]
    for world in worlds:
        world.run()
    done = {
        intent.kind for world in worlds for intent in world.intents.values() if intent.ending is Ending.SOLD
    }
    assert done == {"cash-sale", "refund", "void", "cash-in", "cash-out", "shift-open", "shift-close"}


def test_where_something_fails_it_doubles_and_its_money_is_off() -> None:
    results = [run_naive(draw(seed, 30)) for seed in range(1, 25)]
    assert sum(result.doubled for result in results) > 0
    assert sum(result.money_off_minor for result in results) > 0
    assert sum(result.guessed for result in results) > 0


def test_a_device_that_forgets_makes_it_lose() -> None:
    assert run_naive(FORGETFUL).lost > 0


@pytest.mark.parametrize("pack", ["demo", "fiscal-by"])
def test_it_does_the_same_as_ours(pack: str) -> None:
    currency = "BYN" if pack == "fiscal-by" else "EUR"
    options = replace(draw(4, 40).calm(), pack=pack, currency=currency)
    ours, naive = World(options, None), NaiveWorld(options)
    ours.run()
    naive.run()
    assert {uid: wish(intent) for uid, intent in naive.intents.items()} == {
        uid: wish(intent) for uid, intent in ours.intents.items()
    }
    assert sorted(ours.books.by_owner) == sorted(naive.books.by_owner)


def wish(intent: Intent) -> tuple[object, ...]:
    content = intent.request.content
    return intent.kind, content.total_minor, content.lines, intent.ending is Ending.SOLD
