"""replay: its report and its exit status; and the real thing, small."""

import json
from pathlib import Path
from random import Random
from threading import Event
from typing import Any, cast

import pytest

from tillwright import cli
from tillwright.demo.baskets import data_folder
from tillwright.demo.replay import problems_of
from tillwright.demo.shop import Shop
from tillwright.demo.trouble import CALM, ROUGH, Trouble
from tillwright.parties.faulting import FAULTS

KEYS = {
    "baskets", "operations", "lost", "doubled", "money_off_minor", "reds", "reds_ended", "undelivered",
    "books", "faults_fired", "excluded", "stores", "days", "ruled", "kills",
}  # fmt: skip


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["replay", *words])
    return int(ended.value.code or 0)


# ── what counts as held ─────────────────────────────────────────────────────────────────────────────────────


def held() -> dict[str, Any]:
    """The values of a rough replay in which everything has held."""
    return {
        "lost": 0, "doubled": 0, "money_off_minor": 0, "wrong": [], "differences": [], "unfinished": [],
        "unsettled": [], "not_sold": [], "reds": 4, "reds_ended": 4, "undelivered": 0, "kills": 10,
        "faults_fired": dict.fromkeys(FAULTS, 1),
    }  # fmt: skip


def test_a_rough_replay_that_holds_has_no_problems() -> None:
    assert list(problems_of(held(), ROUGH)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lost", 1), ("doubled", 1), ("money_off_minor", 1), ("wrong", ["x"]), ("differences", ["x"]),
        ("unfinished", ["x"]), ("unsettled", ["x"]), ("not_sold", ["x"]), ("reds_ended", 3),
        ("undelivered", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("profile", [CALM, ROUGH], ids=lambda profile: profile.name)
def test_anything_that_does_not_hold_is_a_problem(name: str, value: object, profile: Any) -> None:
    assert len(list(problems_of({**held(), name: value}, profile))) == 1


def test_only_rough_demands_every_fault_and_ten_kills() -> None:
    mild = {**held(), "kills": 9, "faults_fired": {**dict.fromkeys(FAULTS, 1), "silent": 0}}
    assert list(problems_of(mild, CALM)) == []
    problems = list(problems_of(mild, ROUGH))
    assert problems == ["never fired: silent", "the station was killed 9 times, not 10"]


# ── the plan of the trouble ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sales", [200, 2_000])
def test_rough_plans_enough_kills_and_every_fault(sales: int) -> None:
    plan = Trouble(cast(Shop, None), ROUGH, sales, Random(1), Event())._plan
    kinds = [what for _, what in plan]
    assert kinds.count("kill") == max(12, sales // 100)
    assert kinds.count("twins") >= 2
    assert kinds.count("shoot") >= 2 * len(FAULTS)
    assert set(ROUGH.rates) == set(FAULTS)
    assert max(after for after, _ in plan) <= sales


def test_calm_kills_nobody() -> None:
    assert Trouble(cast(Shop, None), CALM, 2_000, Random(1), Event())._plan == []


# ── wrong use ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words",
    [("elsewhere",), ("completejourney", "--faults", "mad"), ("completejourney", "--baskets", "0"), ()],
)
def test_wrong_use_is_told(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    assert capsys.readouterr().err


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("mine")
    assert run("completejourney", "--baskets", "1", "--data", str(tmp_path)) == 2
    told = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert "not an empty folder" in told
    assert (tmp_path / "mine").read_text() == "mine"


# ── the real thing ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize(("faults", "baskets"), [("calm", 40), ("rough", 80)])
def test_real_baskets_stand_once_in_each_book(
    faults: str, baskets: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert data_folder().is_dir()
    folder = tmp_path / "shop"
    words = ("--baskets", str(baskets), "--faults", faults, "--data", str(folder), "--json")
    status = run("completejourney", *words)
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert (report["not_sold"], report["wrong"], report["differences"]) == ([], [], [])
    assert (report["lost"], report["doubled"], report["money_off_minor"]) == (0, 0, 0)
    assert {book["operations"] for book in report["books"].values()} == {baskets}
    assert len({book["sum_minor"] for book in report["books"].values()}) == 1
    assert report["reds"] == report["reds_ended"]
    assert set(report) >= KEYS
    assert report["kills"] >= (10 if faults == "rough" else 0)
    if faults == "rough":
        assert sum(report["faults_fired"].values()) > len(FAULTS)
        assert status == int(any(count == 0 for count in report["faults_fired"].values()))
    else:
        assert status == 0
    assert folder.exists() == bool(status)
