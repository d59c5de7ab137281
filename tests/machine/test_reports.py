"""The frame of the reports: the same keys everywhere, JSON alone on standard output."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import structlog

from tillwright import __version__
from tillwright.machine import reports


def test_a_report_begins_with_the_frame(tmp_path: Path) -> None:
    report = reports.open_report("bench operations").close({"sales_per_s_1": 3}, tmp_path)
    assert tuple(report)[: len(reports.ENVELOPE)] == reports.ENVELOPE
    assert (report["command"], report["version"]) == ("bench operations", __version__)
    assert datetime.fromisoformat(str(report["started"])).tzinfo is not None
    assert isinstance(report["seconds"], float)
    assert report["seconds"] >= 0
    assert report["sales_per_s_1"] == 3


def test_the_machine_says_what_it_is(tmp_path: Path) -> None:
    found = reports.machine(tmp_path)
    assert set(found) == {"cores", "memory_bytes", "fdatasync_ms"}
    assert isinstance(found["cores"], int)
    assert found["cores"] >= 1
    assert isinstance(found["fdatasync_ms"], float)
    assert found["fdatasync_ms"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_measured_is_not_guessed(tmp_path: Path) -> None:
    assert reports.fdatasync_ms(tmp_path / "nowhere") is None


def test_a_value_may_not_hide_the_frame() -> None:
    with pytest.raises(ValueError, match="seconds"):
        reports.open_report("verify").close({"seconds": 0})


def test_json_is_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    reports.show({"lost": 0, "text": "đủ"}, True, ["not this"])
    assert json.loads(capsys.readouterr().out) == {"lost": 0, "text": "đủ"}
    reports.show({"lost": 0}, False, ["Nothing is lost.", "Nothing is doubled."])
    assert capsys.readouterr().out == "Nothing is lost.\nNothing is doubled.\n"


def test_what_is_logged_meanwhile_goes_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    reports.open_report("verify")
    structlog.get_logger("tillwright").error("disk.slow")
    told = capsys.readouterr()
    assert "disk.slow" in told.err
    assert told.out == ""


def test_the_commit_is_a_commit_or_nothing() -> None:
    found = reports.commit()
    assert found is None or (len(found) == 40 and int(found, 16) >= 0)


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    reports.commit.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert reports.commit() is None
    reports.commit.cache_clear()
