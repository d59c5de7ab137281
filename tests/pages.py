"""A whole station for tests of pages: real settings, real databases, the real writer; only no device.

The data folder is made once per process, with all tables and assets, and copied for every test; so a test may
do to it what it likes. Use it by importing the fixtures into a `conftest.py`:

    from tests.pages import *  # noqa: F403
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings

from tests.threads import own_threads
from tillwright.faults import at_work
from tillwright.faults.scene import Scene, set_scene
from tillwright.journal.station import PartyLines, Station
from tillwright.machine import sqlite
from tillwright.machine.resources import shipped_rules
from tillwright.operations.policy import Policy
from tillwright.people import tokens, trail
from tillwright.people.accounts import NewAccount, put_account
from tillwright.settings.places import place_of
from tillwright.settings.prepare import migrate
from tillwright.settings.static import collect
from tillwright.settings.station import StationSettings, parse_station
from tillwright.till.assortment import shipped_assortment
from tillwright.till.goods import put_goods
from tillwright.web import current

__all__ = ["PageStation", "People", "page_clock", "page_folder", "page_station", "page_template", "people"]

SETTINGS = """
station = "corner"
name = "Corner shop"
pack = "demo"
languages = ["en", "vi", "ru", "zh"]
demo = true
[[tills]]
id = "1"
name = "Till 1"
[[tills]]
id = "2"
name = "Till 2"
currency = "VND"
"""

NOON_MS = 1_700_000_000_000


class PageClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_ms = NOON_MS

    def now_ms(self) -> int:
        """The time that the test has set."""
        return self.at_ms

    def monotonic_ns(self) -> int:
        """As far along as the wall."""
        return self.at_ms * 1_000_000


class NoDevices(PartyLines):
    """Lines on which nobody answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        """Note that the till's device was asked."""
        self.asked.append(till)


@dataclass(frozen=True)
class People:
    """Who works at the station of the tests: number → PIN."""

    cashier: int = 7
    other: int = 8
    senior: int = 50
    administrator: int = 90

    def pin(self, number: int) -> str:
        """The PIN of a number."""
        return f"{number:04d}"[::-1]

    def sign_in(self, number: int, till: str = "1", client: Client | None = None) -> Client:
        """A browser in which this person has signed in."""
        browser = client or Client()
        answer = self.try_sign_in(browser, number, self.pin(number), till)
        if answer.status_code != 302:
            raise AssertionError(f"signing in was answered with {answer.status_code}")
        return browser

    def try_sign_in(self, client: Client, number: object, pin: str, till: str = "1", **more: str) -> Any:
        """What the page answers to number and PIN."""
        return client.post("/sign-in", {"number": str(number), "pin": pin, "till": till, **more})


@dataclass
class PageStation:
    """The station of a test: its settings, its clock, and itself; `station` is None until it is started."""

    settings: StationSettings
    clock: PageClock
    station: Station
    lines: NoDevices


@pytest.fixture(scope="session")
def page_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A data folder with tables, people, goods and assets."""
    folder = tmp_path_factory.mktemp("template")
    with django_db_blocker.unblock(), ServedFrom(folder):
        migrate()
        collect(folder / "static")
        connection = sqlite.connect(folder / "station.db")
        connection.execute("BEGIN")
        _put_people(connection)
        put_goods(connection, shipped_assortment("demo"))
        connection.execute("COMMIT")
        connection.close()
        sqlite.connect(folder / "sessions.db").close()
    return folder


def _put_people(connection: sqlite.Connection) -> None:
    who = People()
    roles = {
        who.cashier: "cashier",
        who.other: "cashier",
        who.senior: "senior",
        who.administrator: "administrator",
    }
    for number, role in roles.items():
        put_account(connection, NewAccount(number, f"Person {number}", role, who.pin(number)))


@pytest.fixture
def page_folder(page_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """A data folder of the test's own; Django reads and writes there."""
    folder = tmp_path / "data"
    shutil.copytree(page_template, folder, ignore=shutil.ignore_patterns("static"))
    with django_db_blocker.unblock(), ServedFrom(folder, static=page_template / "static"):
        yield folder


class ServedFrom:
    """Points Django at a data folder, and back again."""

    def __init__(self, folder: Path, static: Path | None = None) -> None:
        self.names = {"default": str(folder / "station.db"), "sessions": str(folder / "sessions.db")}
        self.static = static or folder / "static"
        self.before: dict[str, str] = {}

    def __enter__(self) -> None:
        self.static.mkdir(exist_ok=True)
        self.override = override_settings(STATIC_ROOT=str(self.static), ALLOWED_HOSTS=["testserver"])
        self.override.enable()
        self._point(self.names)

    def __exit__(self, *_: object) -> None:
        self._point(self.before)
        self.override.disable()

    def _point(self, names: dict[str, str]) -> None:
        for alias, name in names.items():
            connections[alias].close()
            entry = connections.settings[alias]
            self.before.setdefault(alias, str(entry["NAME"]))
            entry["NAME"] = name


@pytest.fixture
def page_clock() -> PageClock:
    """The clock of the station, at a moment of the test's choice."""
    return PageClock()


@pytest.fixture
def page_station(page_folder: Path, page_clock: PageClock) -> Iterator[PageStation]:
    """A running station, set as the one that the pages serve."""
    settings = parse_station(SETTINGS, page_folder)
    rules = replace(shipped_rules(settings.pack), shifts=False, red_blocks=("cash-sale",))
    place = replace(place_of(settings), rules=rules)
    currencies = {till.id: till.currency for till in place.tills}
    station = Station(settings.database, rules, Policy(), page_clock, currencies)
    lines = NoDevices()
    before = current.place()
    current.set_place(place)
    current.set_clock(page_clock)
    station.start_up(lines)
    current.set_station(station)
    scene = Scene(station, {}, page_folder, page_clock, restart=lambda: None, backup=lambda: None)
    set_scene(scene)
    with own_threads():
        at_work.begin(scene, again_s=(0.0,))
        yield PageStation(settings, page_clock, station, lines)
        at_work.end()
    set_scene(None)
    current.set_station(None)
    station.stop()
    current.set_place(before)
    tokens.set_tokens({})
    trail.forget_waiting()


@pytest.fixture
def people() -> People:
    """Who works here."""
    return People()
