"""Looks from outside: what they tell of a station that is down, and that they touch nothing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from tillwright.faults.scene import Address
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Scope
from tillwright.machine import sqlite
from tillwright.machine.locks import FileLock, is_held
from tillwright.machine.resources import shipped_rules
from tillwright.settings.doctor import outside, reporting
from tillwright.settings.doctor.outside import Outside, base_of
from tillwright.settings.station import StationSettings, TillSettings

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000


class Clock:
    def now_ms(self) -> int:
        return NOW_MS

    def monotonic_ns(self) -> int:
        return NOW_MS * 1_000_000


def settings_in(folder: Path, **more: Any) -> StationSettings:
    tills = (TillSettings(id="1", control_port=9), TillSettings(id="2", control_port=9))
    return StationSettings(station="shop", pack="demo", tills=tills, folder=folder, **more)


@pytest.fixture
def station(tmp_path: Path) -> Outside:
    """A station that does not run, with two tills and a database."""
    connection = sqlite.connect(tmp_path / "station.db")
    connection.execute("CREATE TABLE operation (changed_ms INTEGER)")
    connection.close()
    addresses = {("1", "control"): Address("127.0.0.1", 9), ("2", "control"): Address("10.0.0.9", 9)}
    return Outside(
        tmp_path, Clock(), settings_in(tmp_path), shipped_rules("demo"), "", addresses
    )  # fmt: skip


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What is answered at the station's address, and how far one gets at others'."""
    found: dict[str, object] = {"readyz": httpx.ConnectError("refused"), "reach": ("no-line", "nobody")}

    def get(address: str, **more: object) -> httpx.Response:
        told = found["readyz"]
        if isinstance(told, Exception):
            raise told
        assert isinstance(told, httpx.Response)
        return told

    monkeypatch.setattr(httpx, "get", get)
    monkeypatch.setattr(outside, "reach", lambda address: found["reach"])
    return found


def look(at: Outside) -> dict[tuple[str, str], Finding]:
    return {(one.probe, one.scope): one for one in outside.look(at)}


def value(at: Outside, probe: str, till: str = "") -> str:
    return look(at)[probe, till].value


def test_every_probe_that_needs_no_operation_and_no_person_is_told(station: Outside) -> None:
    names = {probe for probe, _ in look(station)}
    absent = {spec.name for spec in PROBES.values() if spec.part in ("printer", "operator", "licensing")}
    wanted = {spec.name for spec in PROBES.values() if spec.scope is not Scope.OPERATION}
    assert names == wanted - absent - {"session_place"}


def test_a_dead_station_is_sick_and_what_only_it_could_see_not_known(station: Outside) -> None:
    found = look(station)
    assert found["station_alive", ""].value == "dead"
    assert found["red_operations", "1"].value == UNKNOWN
    assert reporting.verdict(reporting.states(found.values(), station.tills)) == "sick"


def test_looking_writes_nothing(station: Outside) -> None:
    def state() -> dict[str, tuple[int, int]]:
        kept = [one for one in station.folder.iterdir() if one.suffix != ".db-shm"]
        return {one.name: (one.stat().st_size, one.stat().st_mtime_ns) for one in kept if one.stat().st_size}

    before = state()
    look(station)
    assert state() == before


# ── the process ──


@pytest.mark.parametrize(
    ("status", "told"), [("ready", "serves"), ("starting", "starting"), ("purple", "dead")]
)
def test_it_is_as_it_says(station: Outside, answers: dict[str, object], status: str, told: str) -> None:
    answers["readyz"] = httpx.Response(200, json={"status": status})
    assert value(station, "station_alive") == told


@pytest.mark.parametrize(
    "silence", [httpx.ConnectError("refused"), httpx.ReadTimeout("late"), httpx.Response(200, text="<html>")]
)
@pytest.mark.parametrize(("age_ms", "told"), [(5_000, "starting"), (600_000, "hung"), (None, "hung")])
def test_one_that_holds_its_lock_and_says_nothing_hangs_or_starts(
    station: Outside,
    answers: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    silence: object,
    age_ms: int | None,
    told: str,
) -> None:
    answers["readyz"] = silence
    monkeypatch.setattr(outside, "_age_ms", lambda process: age_ms)
    with FileLock(station.lock):
        found = look(station)["station_alive", ""]
    assert (found.value, found.facts["process"]) == (told, os.getpid())


def test_the_age_of_a_process_is_its_own() -> None:
    own = outside._age_ms(os.getpid())
    first = outside._age_ms(1)
    assert own is not None
    assert first is None or first >= own
    assert outside._age_ms(None) is None


def test_a_lock_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "station.lock"
    assert is_held(lock) == (False, None)
    assert not lock.exists()
    with FileLock(lock):
        assert is_held(lock) == (True, os.getpid())
    assert is_held(lock) == (False, None), "what stands in it means nothing any more"
    with FileLock(lock):
        pass


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("till.example", "http://till.example:8000"),
    ],
)
def test_where_the_station_is_seen_from_here(tmp_path: Path, host: str, address: str) -> None:
    assert base_of(settings_in(tmp_path, host=host)) == address


# ── folder and database ──


def test_a_station_whose_settings_are_broken(tmp_path: Path) -> None:
    found = look(Outside(tmp_path, Clock(), broken="station.toml: no such setting"))
    assert found["settings_fit", ""].value == "broken"
    assert found["database_sound", ""].value == "damaged"
    assert found["disk_room", ""].value == UNKNOWN
    assert {scope for _, scope in found} == {""}


def test_settings_that_can_be_read_fit(station: Outside) -> None:
    assert value(station, "settings_fit") == "fit"


@pytest.mark.parametrize(("times", "told"), [(0.5, "full"), (2, "low"), (50, "enough")])
def test_the_disk(station: Outside, monkeypatch: pytest.MonkeyPatch, times: float, told: str) -> None:
    free = int(shipped_rules("demo").reserve_bytes * times)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: type("Usage", (), {"free": free})())
    assert value(station, "disk_room") == told


def test_a_sound_database(station: Outside) -> None:
    assert value(station, "database_sound") == "sound"


def test_a_database_that_is_none(station: Outside) -> None:
    station.database.write_bytes(b"no database at all" * 400)
    assert value(station, "database_sound") == "damaged"
    station.database.unlink()
    assert look(station)["database_sound", ""].how == "its file is not there"


def test_the_tables_are_compared_where_that_can_be_done(station: Outside) -> None:
    found = {one.probe: one for one in outside.look(station, lambda: ("behind", "missing", {}))}
    assert found["database_schema"].value == "behind"
    assert value(station, "database_schema") == UNKNOWN


@pytest.mark.parametrize(("age_ms", "told"), [(None, "none"), (HOUR_MS, "fresh"), (40 * HOUR_MS, "old")])
def test_backups(station: Outside, age_ms: int | None, told: str) -> None:
    if age_ms is not None:
        made = station.folder / "backups" / "one"
        made.mkdir(parents=True)
        os.utime(made, ns=((NOW_MS - age_ms) * 1_000_000,) * 2)
    assert value(station, "backup_age") == told


@pytest.mark.parametrize(("ahead_ms", "told"), [(-60_000, UNKNOWN), (1_000, UNKNOWN), (60_000, "jumped")])
def test_a_clock_behind_the_journal_has_jumped(station: Outside, ahead_ms: int, told: str) -> None:
    connection = sqlite.connect(station.database)
    connection.execute("INSERT INTO operation VALUES (?)", (NOW_MS + ahead_ms,))
    connection.close()
    assert value(station, "station_clock") == told


# ── parties ──


@pytest.mark.parametrize(
    ("reached", "told"), [("reached", UNKNOWN), ("no-line", "no-line"), ("no-name", "no-line")]
)
def test_who_takes_a_connection_is_not_yet_well(
    station: Outside, answers: dict[str, object], reached: str, told: str
) -> None:
    answers["reach"] = (reached, "as it was")
    assert value(station, "control_link", "1") == told


@pytest.mark.parametrize(("reached", "told"), [("reached", "up"), ("no-line", "down")])
def test_the_way_outside(station: Outside, answers: dict[str, object], reached: str, told: str) -> None:
    assert value(station, "outside_link") == UNKNOWN, "there is nobody outside"
    station.addresses["1", "operator"] = Address("operator.example", 443)
    answers["reach"] = (reached, "")
    assert value(station, "outside_link") == told


def test_a_disk_that_takes_nothing_is_found(station: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    assert value(station, "journal_writes") == "writes"

    def full(**_place: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert value(station, "journal_writes") == "refuses"


def test_a_library_is_looked_for_by_a_process_that_starts_now(
    station: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsafe(*_place: object, **_how: object) -> None:
        raise sqlite.UnsafeDatabase("too old")

    monkeypatch.setattr(sqlite, "connect", unsafe)
    assert value(station, "database_sound") == "sound"
    monkeypatch.setattr(sys, "executable", "false")
    assert value(station, "database_sound") == "unsafe-library"


def test_a_disk_that_cannot_be_read_well_damages_no_database(
    station: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_place: object, **_how: object) -> None:
        error = sqlite.OperationalError("disk I/O error")
        error.sqlite_errorcode = 10
        raise error

    monkeypatch.setattr(sqlite, "connect", failing)
    assert value(station, "database_sound") == "unknown"
