"""The list of checks: each outcome is said, and only what is wrong fails."""

import subprocess

import pytest

from tests.house.source import PURE_ROOMS
from tools import check, coverage


def step(error: Exception | None) -> check.Step:
    def run() -> None:
        if error:
            raise error

    return check.Step("planted", run)


@pytest.mark.parametrize(
    ("error", "held", "told"),
    [
        (None, True, " ok planted"),
        (check.Wrong("two doors"), False, "two doors"),
        (check.NotYet("no doors"), True, "nothing to check yet: no doors"),
        (check.NotChecked("doors are locked"), True, "?? planted"),
    ],
)
def test_a_step_says_how_it_ended(
    error: Exception | None, held: bool, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.perform(step(error)) is held
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(("error", "status"), [(None, 0), (check.Wrong("two doors"), 1)])
def test_one_wrong_step_fails_all(
    error: Exception | None, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "STEPS", (step(None), step(error), step(None)))
    assert check.main([]) == status
    assert capsys.readouterr().out.count("planted") >= 3


def test_unknown_names_are_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["no-such-step"]) == 2
    assert "known-holes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', "1 of 1 packages do not answer"),
        ("", "not audited: no way out"),
    ],
)
def test_advisories_that_do_not_answer_are_said(
    answer: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = subprocess.CompletedProcess([], 1, stdout=answer, stderr="trace\nno way out")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: result)
    with pytest.raises(check.NotChecked, match=told):
        check.known_holes()


def test_a_known_hole_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "HOLE-1"}]}]}'
    result = subprocess.CompletedProcess([], 1, stdout=answer, stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: result)
    with pytest.raises(check.Wrong, match="a 1: HOLE-1"):
        check.known_holes()


def test_it_measures_the_pure_rooms_of_the_house() -> None:
    assert coverage.PURE_ROOMS == PURE_ROOMS
