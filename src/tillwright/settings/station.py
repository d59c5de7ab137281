"""The settings of a station: what a technician writes into `station.toml`, read once at the start.

Everything that differs between two stations with the same program is here, and nothing else: the rules of
selling come from the pack. A file with a mistake stops the start with the name of the field; a misspelt
name that quietly fell back to a default would be noticed in front of a customer.

The folder of the file is the station's data folder: its databases and its secret stand beside it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

FILE_NAME = "station.toml"
VARIABLE = "TILLWRIGHT_STATION"
"""The environment variable that holds the path of the file."""

Name = Annotated[str, Meta(min_length=1, max_length=40)]
Identity = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Port = Annotated[int, Meta(ge=0, le=65535)]
Url = Annotated[str, Meta(pattern=r"^(https?://[A-Za-z0-9.\[\]:-]+)?$", max_length=200)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
TokenHash = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
Language = Annotated[str, Meta(pattern="^(en|vi|ru|zh)$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSettings:
    """One till of the station.

    `id`: how programs name the till, in addresses and in the journal; never changed once it has sold.
    `name`: what people call it, on the strip and on the receipt; the id where it is left out.
    `currency`: the currency that it sells in, one of the pack's; the pack's first where it is left out.
    `control_host`: where its fiscal control device listens.
    `control_port`: the port of that device.
    `printer_host`: where its receipt printer listens.
    `printer_port`: the port of that printer, 9100 for most; 0 where it has none.
    `operator_url`: where the fiscal document operator answers, such as 'https://operator.example'; left out
    where the till has none.
    `licensing_url`: where the licensing of the till's software answers; left out where the till has none.
    `serial`: the serial number of the till's equipment, as the licence knows it; the id where it is left out.
    `token`: SHA-256, in hexadecimal, of the token with which programs call for this till; without one none
    may.
    """

    id: Identity
    name: Annotated[str, Meta(max_length=40)] = ""
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    control_host: Name = "127.0.0.1"
    control_port: Port = 0
    printer_host: Name = "127.0.0.1"
    printer_port: Port = 0
    operator_url: Url = ""
    licensing_url: Url = ""
    serial: Annotated[str, Meta(max_length=60)] = ""
    token: TokenHash = ""

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """The settings of one station, as `station.toml` has them.

    `station`: how programs name the station.
    `name`: what people call it, on the pages and on receipts; the id where it is left out.
    `pack`: the pack whose rules it sells by.
    `languages`: the languages of its goods and receipts, the most used first; every page speaks all four
    anyway.
    `host`: the address that the pages are served at; 127.0.0.1 is this machine only.
    `port`: the port of the pages and of the API.
    `hosts`: the names under which browsers may call it; '*' allows any.
    `https`: whether browsers come through TLS, so that cookies may be sent over nothing else.
    `clock`: 'system', or the path of a file that moves the time for tests and replay.
    `time_zone`: the zone in which people are shown times, by its IANA name; inside, all times are UTC.
    `inactivity_ms`: how long a page may rest before its person has to sign in again.
    `reserve_bytes`: how much room on the disk of this folder only what has begun may use; 0: what the pack
    says.
    `fonts`: a folder, beside this file, with the fonts that receipts are drawn with; left out: those of the
    computer.
    `demo`: marks the station as one for trying out: people and PINs are shown, and so is the style guide.
    `open_goods`: whether programs may sell goods that the station does not know (another system feeds it).
    `learns`: whether closed diagnoses teach the runbooks how often each cause is the one; false where faults
    are brought about on purpose.
    `status_every_ms`: how long a device may be quiet before it is asked how it stands, so that a float, or a
    line that broke in silence, shows while nobody sells; 0 never asks.
    `taxpayer`: the number of the taxpayer who sells here, as the contract for the software has it.
    `certificates`: a file, beside this one, with authorities that parties' certificates are checked with, in
    addition to those of the computer.
    `twins_url`: the address of the twins' control endpoint, for the switchboard; only in a demo.
    `tills`: its tills; see below.
    """

    station: Identity
    pack: Identity
    tills: tuple[TillSettings, ...]
    name: Annotated[str, Meta(max_length=60)] = ""
    languages: tuple[Language, ...] = ("en",)
    host: Name = "127.0.0.1"
    port: Port = 8000
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    clock: str = "system"
    time_zone: str = "UTC"
    inactivity_ms: Annotated[int, Meta(ge=60_000)] = 8 * 3_600_000
    reserve_bytes: Annotated[int, Meta(ge=0)] = 0
    fonts: Annotated[str, Meta(max_length=200)] = ""
    demo: bool = False
    open_goods: bool = False
    learns: bool = True
    status_every_ms: Annotated[int, Meta(ge=0)] = 15_000
    taxpayer: Annotated[str, Meta(max_length=40)] = ""
    certificates: Annotated[str, Meta(max_length=200)] = ""
    twins_url: Annotated[str, Meta(max_length=200)] = ""
    folder: Path = field(default=Path(), metadata={"from_file": False})

    @property
    def shown(self) -> str:
        """What people call the station."""
        return self.name or self.station

    @property
    def database(self) -> Path:
        """The file of the journal and the master data."""
        return self.folder / "station.db"

    @property
    def sessions_database(self) -> Path:
        """The file of who is signed in, and of failed attempts."""
        return self.folder / "sessions.db"

    @property
    def lock(self) -> Path:
        """The file that the one station process holds locked."""
        return self.folder / "station.lock"

    @property
    def static(self) -> Path:
        """The folder of the assets as they are served."""
        return self.folder / "static"

    def till(self, till: str) -> TillSettings | None:
        """The settings of a till, or None if the station has no such till."""
        return next((one for one in self.tills if one.id == till), None)


NO_STATION = StationSettings(
    station="none", pack="demo", tills=(TillSettings(id="1"), TillSettings(id="2")), folder=Path("no-station")
)
"""For tools that look at the program without a station: there is no such folder, so nothing can be kept
in it.
"""


class SettingsError(Exception):
    """A file of settings that cannot be used; the message names the file, the field and what is wrong."""


def load_station(path: Path) -> StationSettings:
    """Read the settings of a station. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        return parse_station(text, path.absolute().parent)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def station_from_environment() -> StationSettings:
    """The settings of the station that this process serves; NO_STATION where none is named. Raises
    SettingsError.
    """
    path = os.environ.get(VARIABLE, "")
    return load_station(Path(path)) if path else NO_STATION


def parse_station(text: str, folder: Path) -> StationSettings:
    """The settings that a TOML text states; `folder` is where the station keeps its data. Raises
    SettingsError.
    """
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(error)) from error
    unknown = [*_unknown(StationSettings, value, ""), *_unknown_in_tills(value)]
    if unknown:
        raise SettingsError("there is no setting " + ", ".join(unknown))
    try:
        read = msgspec.convert(value, StationSettings)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from error
    _refuse(read)
    return replace(read, folder=folder)


def _unknown(shape: type, value: dict[str, Any], place: str) -> Iterator[str]:
    known = {one.name for one in fields(shape) if one.metadata.get("from_file", True)}
    return (place + key for key in value if key not in known)


def _unknown_in_tills(value: dict[str, Any]) -> Iterator[str]:
    tills = value.get("tills")
    for number, till in enumerate(tills if isinstance(tills, list) else []):
        if isinstance(till, dict):
            yield from _unknown(TillSettings, till, f"tills.{number}.")


def _refuse(settings: StationSettings) -> None:
    """Raise SettingsError for what the types cannot say."""
    identities = [till.id for till in settings.tills]
    if not identities:
        raise SettingsError("tills: a station needs at least one till")
    if len(set(identities)) != len(identities):
        raise SettingsError("tills: two tills have the same id")
    for number, till in enumerate(settings.tills):
        for name in ("operator_url", "licensing_url"):
            if not _is_address(getattr(till, name)):
                raise SettingsError(f"tills.{number}.{name}: not the address of a computer")
    if not settings.languages:
        raise SettingsError("languages: at least one is needed")
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"time_zone: there is no zone {settings.time_zone!r}") from error


def _is_address(url: str) -> bool:
    """Whether there is nothing, or a host and perhaps a port."""
    try:
        return not url or (bool(urlsplit(url).hostname) and urlsplit(url).port != 0)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Described:
    """One setting for the reference: its name, its type in words, its default ('' if it must be given),
    its text.
    """

    name: str
    kind: str
    default: str
    text: str


def describe(shape: type) -> list[Described]:
    """The settings of StationSettings or TillSettings, in the order of the class's docstring."""
    texts = _texts(shape.__doc__ or "")
    hints = get_type_hints(shape)
    found = {one.name: one for one in fields(shape) if one.metadata.get("from_file", True)}
    if list(texts) and set(texts) != set(found):
        raise AssertionError(f"{shape.__name__}: {set(texts) ^ set(found)} described wrongly")
    return [
        Described(name, _kind(hints[name]), _default(found[name].default), text)
        for name, text in texts.items()
    ]


def _texts(docstring: str) -> dict[str, str]:
    """The fields that a docstring describes: '`port`: the port.' → {'port': 'the port.'}."""
    texts: dict[str, str] = {}
    name = ""
    for line in docstring.splitlines()[1:]:
        words = line.strip()
        if words.startswith("`") and "`: " in words:
            name, _, words = words[1:].partition("`: ")
        if name and words:
            texts[name] = f"{texts[name]} {words}" if name in texts else words
    return texts


def _kind(hint: Any) -> str:
    name = str(getattr(hint, "__name__", hint))
    kinds = {"str": "text", "int": "whole number", "bool": "true or false"}
    return kinds.get(name, "list")


def _default(value: object) -> str:
    if value is MISSING:
        return ""
    return msgspec.json.encode(value).decode()
