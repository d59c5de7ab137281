"""`tillwright people`, as a technician calls it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import People
from tillwright import cli
from tillwright.journal import audit_log
from tillwright.machine import audit_files, sqlite
from tillwright.machine.locks import FileLock
from tillwright.people.models import Account, Attempt, LiveSession

STATION = 'station = "corner"\npack = "demo"\n[[tills]]\nid = "1"\n'


@pytest.fixture
def settings(page_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A prepared station with the people of the tests."""
    monkeypatch.setattr("os.environ", dict(os.environ))
    path = page_folder / "station.toml"
    path.write_text(STATION)
    audit_files.make_key(page_folder / "station.db")
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object, typed: str = "") -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(SystemExit) as ended:
        cli.main(["people", *map(str, arguments)])
    return int(ended.value.code or 0)


def trail(settings: Path) -> list[tuple[str, str, str]]:
    database = settings.parent / "station.db"
    connection = sqlite.connect(database, read_only=True)
    found = [(one.who, one.what, one.facts) for one in audit_log.entries(connection)]
    connection.close()
    assert audit_log.verify(database).whole
    return found


def listed(monkeypatch: pytest.MonkeyPatch, settings: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert run(monkeypatch, "list", settings) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_people_come_change_and_go(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "add", settings, 12, "Mai", "--role", "senior", typed="4711\n") == 0
    assert run(monkeypatch, "role", settings, 12, "administrator") == 0
    assert run(monkeypatch, "pin", settings, 12, typed="5812\n") == 0
    assert run(monkeypatch, "off", settings, 90) == 0
    assert "12 administrator Mai" in listed(monkeypatch, settings, capsys)
    assert listed(monkeypatch, settings, capsys)[-1] == "90 administrator Person 90 (off)"
    assert run(monkeypatch, "on", settings, 90) == 0
    assert trail(settings) == [
        ("console", "account-made", '{"number":12,"role":"senior"}'),
        ("console", "account-changed", '{"before":"senior","number":12,"role":"administrator"}'),
        ("console", "pin-changed", '{"number":12}'),
        ("console", "account-off", '{"number":90,"role":"administrator"}'),
        ("console", "account-on", '{"number":90,"role":"administrator"}'),
    ]


@pytest.mark.parametrize(
    ("arguments", "typed", "code"),
    [
        (("add", 7, "Mai"), "4711\n", "people.number-taken"),
        (("add", 12, " "), "4711\n", "people.name-unfit"),
        (("add", 12, "M" * 61), "4711\n", "people.name-unfit"),
        (("add", 100_000_000, "Mai"), "4711\n", "people.name-unfit"),
        (("add", 4711, "Mai"), "4711\n", "people.pin-unfit"),
        (("add", 12, "Mai"), "1111\n", "people.pin-unfit"),
        (("add", 12, "Mai"), "123\n", "people.pin-unfit"),
        (("add", 12, "Mai"), "12a4\n", "people.pin-unfit"),
        (("add", 12, "Mai"), "", "people.pin-unfit"),
        (("pin", 12), "4711\n", "people.number-unknown"),
        (("role", 12, "senior"), "", "people.number-unknown"),
        (("role", 90, "senior"), "", "people.last-administrator"),
        (("off", 90), "", "people.last-administrator"),
        (("on", 12), "", "people.number-unknown"),
        (("role", 7, "owner"), "", "no role 'owner'"),
        (("add", 12, "Mai", "--role", "owner"), "4711\n", "no role 'owner'"),
    ],
)
def test_what_must_not_be_is_refused_and_changes_nothing(
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[object, ...],
    typed: str,
    code: str,
) -> None:
    before = listed(monkeypatch, settings, capsys)
    assert run(monkeypatch, arguments[0], settings, *arguments[1:], typed=typed) == 2
    assert code in capsys.readouterr().err
    assert listed(monkeypatch, settings, capsys) == before
    assert trail(settings) == []


def test_while_the_station_runs_nothing_is_changed(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(settings.parent / "station.lock"):
        assert run(monkeypatch, "off", settings, 7) == 2
        assert "stop the station first" in capsys.readouterr().err
        assert f"{People().cashier} cashier Person 7" in listed(monkeypatch, settings, capsys)


def test_switching_off_twice_is_once(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [run(monkeypatch, "off", settings, 7) for _ in range(2)] == [0, 0]
    assert [run(monkeypatch, "role", settings, 8, "cashier") for _ in range(2)] == [0, 0]
    assert len(trail(settings)) == 1


@pytest.mark.parametrize(("what", "typed"), [("pin", "5812\n"), ("off", "")])
def test_a_new_pin_or_none_signs_out_and_forgets_what_was_tried(
    settings: Path, monkeypatch: pytest.MonkeyPatch, what: str, typed: str
) -> None:
    account = Account.objects.get(number=7)
    LiveSession.objects.create(
        account=account.pk, session_key="k", till="1", place="Till 1", started_ms=1, seen_ms=1
    )
    Attempt.objects.create(number=7, failures=5, locked_until_ms=9)
    assert run(monkeypatch, what, settings, 7, typed=typed) == 0
    assert not LiveSession.objects.filter(account=account.pk).exists()
    assert not Attempt.objects.filter(number=7).exists()


def test_a_pin_is_in_no_file(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "add", settings, 12, "Mai", typed="73195\n") == 0
    files = [path for path in settings.parent.rglob("*") if path.is_file()]
    assert [path for path in files if b"73195" in path.read_bytes()] == []


@pytest.mark.slow
def test_from_an_empty_folder_to_the_first_administrator(tmp_path: Path) -> None:
    """In processes of their own, as on a new machine."""
    (tmp_path / "station.toml").write_text(STATION)

    def call(*words: str, typed: str = "") -> str:
        command = [sys.executable, "-m", "tillwright", *words]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout

    settings = str(tmp_path / "station.toml")
    call("prepare", settings)
    call("people", "add", settings, "90", "Tom", "--role", "administrator", typed="4711\n")
    assert call("people", "list", settings).split() == ["90", "administrator", "Tom"]
    assert call("audit", "verify", settings).startswith("1 entries, whole")
