"""The set-up: it does nothing twice, asks for nothing it may not have, and says what to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tools import setup


def test_what_fits_its_stamp_is_not_made_again(tmp_path: Path) -> None:
    made: list[str] = []
    for wanted in ("one", "one", "two"):
        setup.stamped(tmp_path, "part", wanted, partial(made.append, wanted))
    assert made == ["one", "two"]


def test_what_failed_is_made_again(tmp_path: Path) -> None:
    def fail() -> None:
        raise setup.SetupFailed("no disk")

    with pytest.raises(setup.SetupFailed):
        setup.stamped(tmp_path, "part", "one", fail)
    made: list[str] = []
    setup.stamped(tmp_path, "part", "one", lambda: made.append("one"))
    assert made == ["one"]


def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("django==5.2")
    before = setup.fingerprint(lock)
    assert setup.fingerprint(lock) == before
    lock.write_text("django==5.3")
    assert setup.fingerprint(lock) != before


class Apt:
    """Answers for apt-get; remembers what it was asked."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[str] = []

    def __call__(self, command: Sequence[str], env: dict[str, str]) -> bool:
        self.asked.append(command[1])
        return self.statuses.pop(0) == 0


@pytest.mark.parametrize(
    ("lists", "statuses", "asked", "done"),
    [
        (True, [0], ["install"], True),
        (False, [0, 0], ["update", "install"], True),
        (True, [1, 0, 0], ["install", "update", "install"], True),
        (False, [1], ["update"], False),
        (True, [1, 0, 1], ["install", "update", "install"], False),
    ],
)
def test_the_lists_are_fetched_when_they_are_missing_or_old(
    lists: bool, statuses: list[int], asked: list[str], done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = Apt(*statuses)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup, "lists_present", lambda: lists)
    monkeypatch.setattr(setup, "succeeds", apt)
    assert setup.install_with_apt(["strace"]) is done
    assert apt.asked == asked


def test_without_the_right_the_line_to_run_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup, "missing_packages", lambda: ["strace", "chromium"])
    setup.part_system()
    assert "sudo apt-get install -y strace chromium" in capsys.readouterr().out


def test_only_what_is_missing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = "chromium installed\nstrace config-files\nfonts-noto-cjk installed\n"
    result = subprocess.CompletedProcess([], 1, stdout=answer, stderr="")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: result)
    assert setup.missing_packages() == ["fonts-noto-core", "fonts-noto-mono", "strace"]


def test_an_old_python_is_refused_with_a_next_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert setup.main(["run"]) == 1
    assert "PYTHON=python3.11" in capsys.readouterr().out


def test_unknown_parts_are_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["everything"]) == 2
    assert "usage" in capsys.readouterr().out
