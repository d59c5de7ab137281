"""The naive till: a fair rival where nothing fails, and not where something does."""

from __future__ import annotations

from tillwright.simulation.chance import draw
from tillwright.simulation.intents import Ending
from tillwright.simulation.naive import NaiveWorld, run_naive
from tillwright.simulation.world import World


def test_where_nothing_fails_it_loses_and_doubles_nothing() -> None:
    for seed in range(1, 9):
        result = run_naive(draw(seed, 30).calm())
        assert result.operations == 30 + result.options.tills
        assert (result.lost, result.doubled, result.guessed, result.money_off_minor) == (0, 0, 0, 0)


def test_where_something_fails_it_doubles_and_its_money_is_off() -> None:
    results = [run_naive(draw(seed, 30)) for seed in range(1, 9)]
    assert sum(result.doubled for result in results) > 0
    assert sum(result.money_off_minor for result in results) > 0
    assert sum(result.guessed for result in results) > 0


def test_a_device_that_forgets_makes_it_lose() -> None:
    forgetful = draw(1, 30).calm()
    forgetful = type(forgetful)(1, 60, 1, "memory", "EUR", rates={"device.restored_backup": 0.1})
    assert run_naive(forgetful).lost > 0


def test_it_sells_the_same_baskets_as_ours() -> None:
    options = draw(4, 30).calm()
    ours, naive = World(options, None), NaiveWorld(options)
    ours.run()
    naive.run()
    baskets = {uid: intent.request.content for uid, intent in ours.intents.items()}
    assert {uid: intent.request.content for uid, intent in naive.intents.items()} == baskets
    assert {intent.ending for intent in naive.intents.values()} == {Ending.SOLD}
    assert sorted(ours.books.by_owner) == sorted(naive.books.by_owner)
