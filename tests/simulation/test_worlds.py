"""Whole worlds: nothing is lost where everything fails, and nothing happens that no fault explains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tillwright.journal import hearing, runner
from tillwright.journal import station as threaded
from tillwright.parties.control.adapter import ControlAdapter
from tillwright.settings.composition import times_of as times_of_a_station
from tillwright.settings.station import NO_STATION
from tillwright.simulation import station as simulated
from tillwright.simulation.chance import Options, draw
from tillwright.simulation.intents import Ending
from tillwright.simulation.totals import Totals, kinds
from tillwright.simulation.world import World, rules_of_the_world, run, times_of

CALM = Options(seed=7, operations=150, tills=2, journal="memory", currency="EUR")
FISCAL = replace(CALM, currency="BYN", pack="fiscal-by", uplinks=True)
SEEDS, SHORT_SEEDS, AT_ONCE = 60, 2_000, 400
NEVER_IN_CALM = {"payout", "correction"}
"""Nobody is owed anything, and no device miscounts."""


def totals(first: int, count: int, *, operations: int, swarm: bool, journal: str) -> Totals:
    sums = Totals()
    for seed in range(first, first + count):
        options = draw(seed, operations, swarm=swarm, journal=journal)
        result = run(options)
        assert result.violations == [], f"{options}\n{result.violations}\n{result.picture}"
        sums.add(result)
    return sums


def check_nothing_is_wrong(sums: Totals) -> None:
    assert (sums.lost, sums.doubled, sums.guessed, sums.money_off_minor) == (0, 0, 0, 0)
    assert sums.reds_ended == sums.reds
    assert list(sums.wrong()) == []


class TestInCalm:
    @pytest.mark.parametrize("journal", ["memory", "sqlite"])
    @pytest.mark.parametrize("options", [CALM, FISCAL], ids=lambda options: options.pack)
    def test_everything_happens_once(self, options: Options, journal: str) -> None:
        result = run(replace(options, journal=journal))
        assert result.violations == []
        assert (result.reds, result.crashes, result.money_off_minor) == (0, 0, 0)
        assert set(result.fired.values()) == {0}
        assert {name.partition(".")[0] for name in result.ends} == set(kinds()) - NEVER_IN_CALM
        assert {name.partition(".")[2] for name in result.ends} == {"done"}
        assert result.operations >= options.operations

    def test_every_customer_leaves_with_what_they_came_for(self) -> None:
        world = World(CALM, None)
        world.run()
        sales = [intent for intent in world.intents.values() if intent.kind == "cash-sale"]
        assert {intent.ending for intent in sales} == {Ending.SOLD}

    def test_the_operator_has_everything_in_the_end_but_what_is_on_its_way(self) -> None:
        world = World(FISCAL, None)
        world.run()
        assert world.auditor.missing(world.station.journal) == []
        assert 0 <= world.books.written - len(world.operators.books.ever) <= FISCAL.tills


class TestWhereEverythingFails:
    @pytest.mark.slow
    def test_nothing_is_lost_with_the_journal_in_memory(self) -> None:
        sums = totals(1, SEEDS, operations=40, swarm=True, journal="memory")
        check_nothing_is_wrong(sums)
        assert sums.crashes > SEEDS
        assert sums.reds > SEEDS
        assert [name for name, count in sums.fired.items() if not count] == []
        assert {name.partition(".")[0] for name in sums.ends} == set(kinds())

    @pytest.mark.slow
    @pytest.mark.parametrize("first", range(SEEDS + 1, SEEDS + 1 + SHORT_SEEDS, AT_ONCE))
    def test_nothing_is_lost_in_two_thousand_short_lives(self, first: int) -> None:
        sums = totals(first, AT_ONCE, operations=6, swarm=True, journal="memory")
        check_nothing_is_wrong(sums)
        assert sums.operations > 6 * AT_ONCE

    @pytest.mark.slow
    def test_nothing_is_lost_with_the_journal_in_a_file(self) -> None:
        sums = totals(1, 12, operations=20, swarm=True, journal="sqlite")
        check_nothing_is_wrong(sums)
        assert sums.crashes > 12

    @pytest.mark.parametrize("seed", [3, 11, 175])
    def test_both_journals_live_through_the_same(self, seed: int) -> None:
        options = draw(seed, 15, swarm=True, journal="memory")
        assert run(replace(options, journal="sqlite")).digest == run(options).digest

    def test_the_same_seed_is_the_same_world(self) -> None:
        assert run(draw(5, 20)).digest == run(draw(5, 20)).digest
        assert run(draw(5, 20)).digest != run(draw(6, 20)).digest

    def test_a_world_leaves_no_file_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        result = run(draw(8, 5, journal="sqlite"))
        assert result.operations > 0
        assert list(tmp_path.iterdir()) == []


class TestItIsTheRealProgram:
    """Two drivers, one program: what decides is the same class in both."""

    def test_the_runner_is_the_real_one(self) -> None:
        assert vars(threaded)["Runner"] is runner.Runner
        assert simulated.WatchedRunner.__mro__[1] is runner.Runner
        own = {name for name in vars(simulated.WatchedRunner) if not name.startswith("__")}
        assert own == {"step", "_visit"}, "it only looks on"

    @pytest.mark.parametrize("driver", [threaded, simulated])
    def test_what_parties_tell_is_heard_by_the_same_function(self, driver: ModuleType) -> None:
        assert vars(driver)["hear"] is hearing.hear

    def test_the_adapter_is_the_real_one(self) -> None:
        assert vars(simulated)["ControlAdapter"] is ControlAdapter

    def test_the_waiting_times_are_those_of_a_station(self) -> None:
        rules = rules_of_the_world()
        assert times_of(rules) == times_of_a_station(rules, NO_STATION.status_every_ms)
