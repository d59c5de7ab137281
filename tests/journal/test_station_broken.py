"""A station that cannot write its journal any more says so to all who wait, and asks to be started afresh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tillwright.journal.port import CommitUnknown
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.journal.station import NOTE, Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.machine.clocks import SystemClock
from tillwright.machine.resources import shipped_rules
from tillwright.operations.policy import Policy


class NoLines:
    """No device is reached."""

    def do(self, till: str, work: Any) -> None:
        """Nothing comes of it."""


def test_two_failed_commits_in_a_row_break_the_station_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "station.db"
    journal = SqliteJournal(path)
    create(journal.connection)
    journal.close()
    asked: list[str] = []
    station = Station(
        path,
        replace(shipped_rules("demo"), shifts=False),
        Policy(),
        SystemClock(),
        {"till-1": "EUR"},
        on_broken=lambda: asked.append("end"),
    )
    station.start_up(NoLines())

    def no_disk(_journal: SqliteJournal) -> None:
        raise CommitUnknown("disk I/O error")

    monkeypatch.setattr(SqliteJournal, "commit", no_disk)
    with pytest.raises(FaultError) as refused:
        station.write(lambda connection: connection.execute("SELECT 1").fetchone())
    assert refused.value.fault.code == "journal.write-failed"
    with pytest.raises(FaultError) as later:
        station.write(lambda connection: connection.execute("SELECT 1").fetchone())
    assert later.value.fault.code == "journal.write-failed"
    station.stop()
    assert asked == ["end"]
    monkeypatch.undo()
    _the_next_one_tells(path)


def _the_next_one_tells(path: Path) -> None:
    station = Station(path, replace(shipped_rules("demo"), shifts=False), Policy(), SystemClock(), {})
    station.start_up(NoLines())
    station.write(lambda connection: None)
    [told] = station.faults(9)
    assert (told.till, told.fault) == ("", Fault("journal.write-failed", reason="CommitUnknown"))
    assert not path.with_name(NOTE).exists()
    station.stop()


@pytest.mark.parametrize("unreadable", [True, False])
def test_a_note_that_is_torn_or_cannot_be_read_keeps_no_station_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unreadable: bool
) -> None:
    path = tmp_path / "station.db"
    journal = SqliteJournal(path)
    create(journal.connection)
    journal.close()
    path.with_name(NOTE).write_bytes(b"Commit\xff")

    def refuse(*_path: object, **_how: object) -> str:
        raise PermissionError(13, "Permission denied")

    if unreadable:
        monkeypatch.setattr(Path, "read_text", refuse)
        monkeypatch.setattr(Path, "unlink", refuse)
    station = Station(path, replace(shipped_rules("demo"), shifts=False), Policy(), SystemClock(), {})
    station.start_up(NoLines())
    station.write(lambda connection: None)
    told = [one.fault.facts["reason"] for one in station.faults(9)]
    assert told == ([] if unreadable else ["Commit\ufffd"])
    station.stop()
