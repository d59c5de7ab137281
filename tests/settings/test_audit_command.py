"""`tillwright audit`, as an auditor calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journal.test_audit_log import Log
from tillwright import cli
from tillwright.machine import audit_files

STATION = 'station = "corner"\npack = "demo"\n[[tills]]\nid = "1"\n'


@pytest.fixture
def station(tmp_path: Path) -> tuple[Path, Log]:
    settings = tmp_path / "station.toml"
    settings.write_text(STATION)
    return settings, Log(tmp_path / "station.db")


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["audit", *map(str, arguments)])
    return int(ended.value.code or 0)


def test_a_whole_chain(station: tuple[Path, Log], capsys: pytest.CaptureFixture[str]) -> None:
    settings, log = station
    log.append(3)
    assert run("verify", settings) == 0
    assert capsys.readouterr().out.startswith("3 entries, whole")
    assert run("verify", settings, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["command"], report["whole"], report["entries"]) == ("audit verify", True, 3)


def test_the_first_broken_entry_is_named(
    station: tuple[Path, Log], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, log = station
    log.append(4)
    log.run("UPDATE audit SET who = '8' WHERE number = 2", "DELETE FROM audit WHERE number = 4")
    assert run("verify", settings) == 1
    assert capsys.readouterr().out.startswith("Entry 2 is broken: somebody has changed it")
    assert run("verify", settings, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["number"], report["broken"], report["whole"]) == (2, "changed", False)


def test_an_end_that_was_cut_off_is_named(
    station: tuple[Path, Log], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, log = station
    log.append(4)
    log.run("DELETE FROM audit WHERE number > 2", "DELETE FROM station")
    assert run("verify", settings) == 1
    assert "Entry 2 is broken: no signed head names it" in capsys.readouterr().out
    head = audit_files.read_head(log.path)
    assert head is not None
    log.run(f"INSERT INTO station VALUES ('audit-head', '{head.text()}')")
    assert run("verify", settings) == 1
    assert "Entry 3 is broken: the chain ends before it" in capsys.readouterr().out


def test_without_a_key_nothing_is_said_to_be_whole(
    station: tuple[Path, Log], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, log = station
    log.append(2)
    audit_files.key_file(log.path).unlink()
    assert run("verify", settings) == 2
    assert "station.db.audit-key is missing" in capsys.readouterr().err


def test_entries_are_listed_in_order(station: tuple[Path, Log], capsys: pytest.CaptureFixture[str]) -> None:
    settings, log = station
    log.append(3)
    assert run("list", settings, "--limit", 2) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["2", "3"]
    assert run("list", settings, "--json") == 0
    assert [one["number"] for one in json.loads(capsys.readouterr().out)["entries"]] == [1, 2, 3]


@pytest.mark.parametrize("command", ["verify", "list"])
def test_a_station_that_is_not_there(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, tmp_path / "station.toml") == 2
    (tmp_path / "station.toml").write_text(STATION)
    assert run(command, tmp_path / "station.toml") == 2
    assert "tillwright prepare" in capsys.readouterr().err
