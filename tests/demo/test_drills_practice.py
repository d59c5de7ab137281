"""Practice: something breaks, a person looks and does, and is told how it went."""

from typing import Any

import pytest

from tests.demo.boards import TILL, Board, board, house
from tests.pages import *  # noqa: F403
from tests.till.counter import words
from tillwright.demo.drills import practice
from tillwright.demo.drills.practice import EXERCISES, Exercise, Practice, Standing, scored
from tillwright.machine.resources import shipped_catalogue

__all__ = ["board", "house"]

CATALOGUE = shipped_catalogue()
PAGE = f"/switchboard/practice?till={TILL}"


@pytest.fixture(autouse=True)
def nothing_runs() -> Any:
    practice.leave(TILL)
    yield
    practice.leave(TILL)


def exercise(name: str) -> Exercise:
    return next(one for one in EXERCISES if one.scenario.name == name)


def a_run(name: str = "printer.unreachable/cable-out") -> Practice:
    chosen = exercise(name)
    world: Any = None
    return Practice(chosen, CATALOGUE.entry(chosen.scenario.walks), world, 1_000)


# ── points ──────────────────────────────────────────────────────────────────────────────────────────────────

WELL = Standing(doubt_minor=0, forbidden=0)


def test_the_best_way_has_all_points() -> None:
    run = a_run()
    run.look("lamp")
    done = scored(run, True, WELL, 61_000)
    assert done.took_s == 60
    assert done.points == 100


@pytest.mark.parametrize(
    ("standing", "fewer"), [(Standing(5_00, 0), 40), (Standing(0, 1), 20), (Standing(5_00, 2), 80)]
)
def test_money_in_doubt_and_forbidden_things_cost_points(standing: Standing, fewer: int) -> None:
    assert scored(a_run(), True, standing, 2_000).points == 100 - fewer


def test_steps_and_time_beyond_the_best_cost_points() -> None:
    run = a_run()
    for _ in range(9):
        run.look("lamp")
    assert scored(run, True, WELL, 2_000).points < 90


def test_who_gives_up_has_no_points_and_is_told_the_best() -> None:
    score = scored(a_run(), False, WELL, 2_000)
    assert score.points == 0
    assert [one.id for one in score.best][-1] == "plug-in"


def test_every_exercise_can_be_picked_by_its_code() -> None:
    for code in practice.codes():
        found = practice.pick(code)
        assert found is not None
        assert found.scenario.code == code
    assert practice.pick("") is not None
    assert practice.pick("no.such") is None


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.sockets
def test_one_chooses_what_breaks_without_being_told_why(board: Board, monkeypatch: Any) -> None:
    assert "What shall go wrong?" in words(board.html(PAGE))
    monkeypatch.setattr(practice, "pick", lambda code: exercise("printer.unreachable/cable-out"))
    begin(board, "printer.unreachable")
    assert board.twin("PRN-1")["plugged"] is False
    page = words(board.html(PAGE))
    assert "Something is wrong" in page
    assert "cable is not plugged in" not in page


@pytest.mark.sockets
def test_looking_tells_what_is_seen_and_the_right_deed_mends(board: Board, monkeypatch: Any) -> None:
    monkeypatch.setattr(practice, "pick", lambda code: exercise("printer.unreachable/cable-out"))
    begin(board, "printer.unreachable")
    act(board, "look", "lamp")
    act(board, "do", "switch-on")
    assert board.twin("PRN-1")["plugged"] is False
    act(board, "do", "plug-in")
    assert board.twin("PRN-1")["plugged"] is True


@pytest.mark.sockets
def test_giving_up_tells_the_cause_and_what_would_have_been_best(board: Board, monkeypatch: Any) -> None:
    monkeypatch.setattr(practice, "pick", lambda code: exercise("printer.unreachable/cable-out"))
    begin(board, "printer.unreachable")
    act(board, "give-up")
    page = words(board.html(PAGE))
    assert "0 of 100 points" in page
    assert "its cable is not plugged in" in page
    act(board, "leave")
    assert board.twin("PRN-1")["plugged"] is True
    assert "What shall go wrong?" in words(board.html(PAGE))


def begin(board: Board, code: str) -> None:
    assert board.client.post(f"/switchboard/tills/{TILL}/practice", {"code": code}).status_code == 302


def act(board: Board, what: str, id: str = "") -> None:
    form = {"what": what, "id": id}
    assert board.client.post(f"/switchboard/tills/{TILL}/practice/act", form).status_code == 302
