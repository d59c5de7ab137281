"""The station's settings file: what it may say, and how a mistake in it is told."""

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from tillwright.machine.resources import shipped_rules
from tillwright.settings.composition import times_of
from tillwright.settings.secret import station_secret
from tillwright.settings.station import (
    NO_STATION,
    SettingsError,
    StationSettings,
    TillSettings,
    describe,
    load_station,
    parse_station,
)

LEAST = 'station = "a"\npack = "demo"\n[[tills]]\nid = "1"\n'


def parsed(text: str) -> StationSettings:
    return parse_station(text, Path("data"))


def test_the_least_that_a_station_needs() -> None:
    settings = parsed(LEAST)
    assert (settings.shown, settings.tills[0].shown, settings.host) == ("a", "1", "127.0.0.1")
    assert settings.database == Path("data/station.db")
    assert settings.sessions_database == Path("data/sessions.db")
    assert settings.lock == Path("data/station.lock")
    assert settings.till("1") is settings.tills[0]
    assert settings.till("2") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("station = 'a", "at end of document"),
        (LEAST.replace("[[tills]]", "prot = 80\n[[tills]]"), "there is no setting prot"),
        (LEAST + "controlport = 1\n", "there is no setting tills.0.controlport"),
        (LEAST + 'control_port = "7"\n', "Expected `int`, got `str` - at `$.tills[0].control_port`"),
        (LEAST + "control_port = 70000\n", "$.tills[0].control_port"),
        (LEAST.replace('station = "a"\n', ""), "station"),
        (LEAST.replace('"a"', '"A shop"'), "$.station"),
        (LEAST + '[[tills]]\nid = "1"\n', "two tills have the same id"),
        ('station = "a"\npack = "demo"\ntills = []\n', "at least one till"),
        (LEAST.replace("[[tills]]", "languages = []\n[[tills]]"), "languages"),
        (LEAST.replace("[[tills]]", 'languages = ["fr"]\n[[tills]]'), "languages"),
        (LEAST.replace("[[tills]]", 'time_zone = "Mars/Crater"\n[[tills]]'), "no zone 'Mars/Crater'"),
        (LEAST.replace("[[tills]]", 'folder = "x"\n[[tills]]'), "there is no setting folder"),
        (LEAST + 'token = "abc"\n', "$.tills[0].token"),
        (LEAST + 'operator_url = "operator.example"\n', "$.tills[0].operator_url"),
        (LEAST + 'operator_url = "https://operator.example/path"\n', "$.tills[0].operator_url"),
        (LEAST + 'licensing_url = "https://one:two"\n', "tills.0.licensing_url"),
        (LEAST.replace("[[tills]]", "status_every_ms = -1\n[[tills]]"), "$.status_every_ms"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parsed(text)
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"station\.toml"):
        load_station(tmp_path / "station.toml")


def test_the_data_stands_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(LEAST)
    assert load_station(file).folder == tmp_path


@pytest.mark.parametrize("shape", [StationSettings, TillSettings])
def test_every_setting_is_described(shape: type) -> None:
    described = {one.name: one for one in describe(shape)}
    assert described.keys() == {one.name for one in fields(shape)} - {"folder"}
    assert all(one.text.endswith((".", ";")) and one.kind for one in described.values())


def test_the_description_says_what_is_taken_when_nothing_is_said() -> None:
    port = next(one for one in describe(StationSettings) if one.name == "port")
    station = next(one for one in describe(StationSettings) if one.name == "station")
    assert (port.kind, port.default) == ("whole number", "8000")
    assert (station.kind, station.default) == ("text", "")


def test_the_secret_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    secret = station_secret(tmp_path)
    file = tmp_path / "secret.key"
    assert station_secret(tmp_path) == secret == file.read_text()
    assert len(secret) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert station_secret(tmp_path.parent) != secret


def test_a_damaged_secret_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(ValueError, match=r"secret\.key"):
        station_secret(tmp_path)


def test_without_a_station_nothing_is_kept() -> None:
    assert not NO_STATION.folder.exists()
    assert station_secret(NO_STATION.folder)
    assert not NO_STATION.folder.exists()


@pytest.mark.parametrize(("line", "asked_ms"), [("", 15_000), ("status_every_ms = 0\n", 0)])
def test_how_often_an_idle_device_is_asked_is_a_setting(line: str, asked_ms: int) -> None:
    settings = parsed(LEAST.replace("[[tills]]", line + "[[tills]]"))
    assert times_of(shipped_rules("demo"), settings.status_every_ms).status_every_ms == asked_ms
