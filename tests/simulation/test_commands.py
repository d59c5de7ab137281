"""`tillwright simulate`: its report, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tillwright.cli import build
from tillwright.machine.reports import ENVELOPE
from tillwright.simulation import commands
from tillwright.simulation.chance import draw
from tillwright.simulation.judge import Violation
from tillwright.simulation.totals import Found, Totals, pairs
from tillwright.simulation.world import Result as RunResult

KEYS = {
    "seeds", "operations", "operations_per_s", "lost", "doubled", "guessed", "overspent", "money_off_minor",
    "reds", "reds_ended", "violations", "faults_fired", "ends", "pairs_visited", "pairs", "crashes", "digest",
    "planted", "people_minutes",
}  # fmt: skip
NAIVE_KEYS = {
    "operations", "lost", "doubled", "guessed", "overspent", "money_off_minor", "people_minutes",
}  # fmt: skip


def call(*words: str) -> Result:
    return CliRunner().invoke(build(["simulate"]), ["simulate", *words])


def report(*words: str) -> dict[str, Any]:
    done = call(*words, "--json")
    assert done.exit_code == 0, done.stdout
    value: dict[str, Any] = json.loads(done.stdout)
    return value


class TestTheReport:
    def test_it_has_the_keys_that_are_promised(self) -> None:
        value = report("--seeds", "2", "--operations", "8", "--against", "naive")
        assert set(ENVELOPE) | KEYS <= set(value)
        assert set(value["naive"]) == NAIVE_KEYS
        assert (value["command"], value["seeds"]) == ("simulate", 2)
        assert value["operations"] >= 16
        assert value["overspent"] == value["lost"] == value["doubled"] == 0
        assert value["pairs"] == len(pairs()) >= value["pairs_visited"] > 5
        assert len(value["digest"]) == 64

    def test_it_tells_which_seed_caught_a_bug(self) -> None:
        value = report("--seeds", "20", "--operations", "20", "--plant", "silence-is-success")
        caught = value["planted"]["silence-is-success"]
        assert caught["caught"] is True
        assert caught["promise"] == 2
        assert 1 <= caught["seed"] <= 20

    def test_for_people_both_tills_stand_side_by_side(self) -> None:
        done = call("--seeds", "1", "--operations", "5", "--against", "naive")
        assert done.exit_code == 0
        assert "ours" in done.stdout
        assert "naive" in done.stdout
        assert "All held." in done.stdout


class TestHowItEnds:
    def test_a_bug_that_escapes_is_a_failure(self) -> None:
        done = call("--seeds", "1", "--operations", "1", "--plant", "device-behind-ignored")
        assert done.exit_code == 1
        assert "was not caught" in done.stdout

    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("--seeds", "0"),
            ("--seeds", "1", "--plant", "no-such-bug"),
            ("--seeds", "1", "--against", "the wind"),
            ("--seeds", "1", "--from", "-3"),
        ],
    )
    def test_wrong_use(self, words: tuple[str, ...]) -> None:
        assert call(*words).exit_code == 2

    def test_a_violation_is_shrunk_told_and_a_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = RunResult(draw(9, 5), operations=5)
        broken.violations = [Violation(3, "twice at the device", None)]
        monkeypatch.setattr(commands, "run", lambda _options: broken)
        done = call("--seeds", "1", "--json")
        value = json.loads(done.stdout)
        assert done.exit_code == 1
        assert [(one["seed"], one["promise"]) for one in value["violations"]] == [(9, 3)]
        assert "twice at the device" in value["violations"][0]["text"]
        assert "seed 9" in value["violations"][0]["text"]


class TestWhatALongSeriesMustHaveSeen:
    def test_a_short_one_may_miss_something(self) -> None:
        short = Totals(seeds=499, operations=1)
        assert list(short.wrong()) == []

    def test_a_long_one_may_not(self) -> None:
        long = Totals(seeds=500, operations=1)
        wrong = list(long.wrong())
        assert "the fault device.silent never struck" in wrong
        assert "no operation of the kind cash-sale" in wrong
        assert "never visited: operation open, started" in wrong
        assert "never visited: leg unknown, absent" in wrong

    def test_most_operations_must_end_well(self) -> None:
        long = Totals(seeds=500, operations=10, ends={"cash-sale.done": 5, "cash-sale.refused": 5})
        assert "only 5 of 10 operations ended done" in list(long.wrong())
        long.ends = {"cash-sale.done": 6, "cash-sale.refused": 4}
        assert not any(text.startswith("only") for text in long.wrong())

    def test_every_loss_is_named(self) -> None:
        sums = Totals(operations=1, lost=1, doubled=2, money_off_minor=3, violations=[Found(4, 5, "why")])
        wrong = list(sums.wrong())
        assert wrong == ["lost: 1", "doubled: 2", "money_off_minor: 3", "seed 4: promise 5: why"]
        assert list(Totals().wrong()) == ["no operations at all"]
