"""replay: its report and its exit status; and the real thing, small."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tillwright import cli
from tillwright.demo.baskets import data_folder
from tillwright.demo.replay import problems_of
from tillwright.demo.replay_people import TAKEN_TOO_EARLY, Cases, Ruled
from tillwright.demo.replay_run import _CasePlan, ruled_wanted
from tillwright.demo.shop import Shop, ShopOptions, ShopTill
from tillwright.demo.trouble import CALM, ROUGH, Trouble
from tillwright.parties.faulting import FAULTS

TILL = ShopTill("till-1", "Till 1", "EUR", "A", 0)
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
        "faults_fired": dict.fromkeys(FAULTS, 1), "complaints": [], "baskets": 200,
        "ruled": {"happened": 9, "did_not": 11},
        "ruled_checked": {"agrees": 20, "against": 0, "unchecked": 0}, "rulings_refused": {},
    }  # fmt: skip


def test_a_rough_replay_that_holds_has_no_problems() -> None:
    assert list(problems_of(held(), ROUGH)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lost", 1), ("doubled", 1), ("money_off_minor", 1), ("wrong", ["x"]), ("differences", ["x"]),
        ("unfinished", ["x"]), ("unsettled", ["x"]), ("not_sold", ["x"]), ("reds_ended", 3),
        ("undelivered", 1), ("complaints", ["x"]), ("ruled", {"happened": 0, "did_not": 30}),
        ("ruled", {"happened": 10, "did_not": 9}), ("ruled_checked", {"against": 1, "unchecked": 0}),
        ("ruled_checked", {"against": 0, "unchecked": 1}), ("rulings_refused", {TAKEN_TOO_EARLY: 1}),
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


def test_few_baskets_need_few_rulings() -> None:
    few = {**held(), "baskets": 9, "ruled": {"happened": 0, "did_not": 0}}
    assert list(problems_of(few, CALM)) == []


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


def test_calm_kills_nobody_and_takes_the_operator_away_for_a_while() -> None:
    plan = Trouble(cast(Shop, None), CALM, 2_000, Random(1), Event())._plan
    assert [what for _, what in plan] == ["operator away", "operator back"]
    assert plan[1][0] - plan[0][0] >= 400


# ── what is to be ruled ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("baskets", [200, 2_000])
def test_enough_is_ruled_both_ways_though_some_cases_come_to_nothing(baskets: int) -> None:
    ruled = Ruled()
    plan = _CasePlan(baskets, ruled)
    for number in range(baskets):
        case = plan.next_sale(f"store-1-{1 + number % 2}")
        if case is not None and number % 3:  # every third comes to nothing
            ruled.rulings[str(number)] = case
    assert ruled.count(Cases.HAPPENED) >= 10
    assert ruled.count(Cases.REGISTER_NOW) >= 5
    assert ruled.count(Cases.RETURNED) >= 5
    assert len(ruled.rulings) < 40


def test_only_a_device_with_its_own_line_is_ruled_to_have_done_it() -> None:
    ruled = Ruled()
    plan = _CasePlan(200, ruled)
    for number in range(100):
        case = plan.next_sale("store-1-2")
        if case is not None:
            ruled.rulings[str(number)] = case
    assert set(ruled.rulings.values()) == {Cases.REGISTER_NOW, Cases.RETURNED}
    assert plan.next_return("store-1-2") is None
    assert plan.next_return("store-1-1") is Cases.OWED


def test_a_device_with_its_own_line_is_never_put_back() -> None:
    shop = cast(
        Shop, SimpleNamespace(options=ShopOptions(tills=(TILL, replace(TILL, serial="B", uplink=True))))
    )
    trouble = Trouble(shop, ROUGH, 200, Random(1), Event())
    assert set(trouble._faults_of("A")) - set(trouble._faults_of("B")) == {"restored_backup"}


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
    assert list(report["books"]) == ["data set", "journal", "device", "operator"]
    assert len({book["operations"] for book in report["books"].values()}) == 1
    assert report["books"]["data set"]["operations"] > baskets
    assert len({book["sum_minor"] for book in report["books"].values()}) == 1
    assert report["reds"] == report["reds_ended"]
    assert (report["complaints"], report["undelivered"]) == ([], 0)
    assert report["undelivered_most"] > 0
    assert (report["ruled_checked"]["against"], report["ruled_checked"]["unchecked"]) == (0, 0)
    assert sum(report["ruled"].values()) >= ruled_wanted(baskets)
    assert all(report["ruled"].values())
    assert report["rulings_refused"].get("till.ruling-undelivered-unknown", 0) > 0
    assert set(report) >= KEYS
    assert report["kills"] >= (10 if faults == "rough" else 0)
    if faults == "rough":
        assert sum(report["faults_fired"].values()) > len(FAULTS)
        assert status == int(any(count == 0 for count in report["faults_fired"].values()))
    else:
        assert status == 0
    assert folder.exists() == bool(status)
