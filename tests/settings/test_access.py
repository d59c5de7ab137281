"""Role by address by somebody else's object: nobody sees or changes what they may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.pages import PageStation, People
from tests.settings.access import ROWS, addresses, filled, pages, programs
from tests.till.api_world import Answer, World, uid
from tests.till.counter import APPLES, BREAD, MILK, Counter
from tillwright.machine import sqlite
from tillwright.till import queries

METHODS = ("GET", "POST")
ROLES = ("cashier", "senior", "administrator")
STREAM = "api/v1/events"
"""It never ends while the clock stands; tested below with what it says first."""
HEADERS_OF_STRANGERS: tuple[dict[str, str], ...] = (
    {},
    {"authorization": "Bearer till-1.guessed"},
    {"cookie": "sessionid=stolen"},
)
SECRET = "Durian of the other till"


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    assert sorted(addresses() - ROWS.keys()) == [], "addresses that nobody has thought about"
    assert sorted(ROWS.keys() - addresses()) == [], "rows without an address"


def called(client: Client, method: str, address: str, form: dict[str, str] | None = None) -> Any:
    answer = client.get(address, form) if method == "GET" else client.post(address, form or {})
    answer.close()  # a stream would hold its place
    return answer


def said(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode()


def sent_to_sign_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"].startswith("/sign-in"))


class Watched:
    """The rows of a database that have one of these marks in a cell, or till 2 as their till; with the mark
    '' it is all rows.
    """

    def __init__(self, database: Path, *marks: str) -> None:
        self._connection = sqlite.connect(database, read_only=True)
        self._marks = marks
        self._version, self._rows = self._look()

    def changes(self) -> list[str]:
        """What has changed since the last look."""
        before, (self._version, self._rows) = (self._version, self._rows), self._look()
        return sorted(str(row) for row in before[1] ^ self._rows)

    def _look(self) -> tuple[int, frozenset[tuple[object, ...]]]:
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if getattr(self, "_version", None) == version:
            return version, self._rows  # nobody has written since
        return version, frozenset(self._read())

    def _read(self) -> Iterator[tuple[object, ...]]:
        for (table,) in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            cursor = self._connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor:
                of_the_till = str(dict(zip(names, row, strict=True)).get("till")) == "2"
                if of_the_till or any(mark in str(cell) for cell in row for mark in self._marks):
                    yield (table, *row)

    def close(self) -> None:
        self._connection.close()


Watch = Callable[..., Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watches databases, and lets go of them."""
    watched: list[Watched] = []

    def begin(database: Path, *marks: str) -> Watched:
        watched.append(Watched(database, *marks))
        return watched[-1]

    yield begin
    for one in watched:
        one.close()


# ── people, role by address ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(
    page_station: PageStation, watch: Watch, method: str
) -> None:
    watched = watch(page_station.settings.database, "")
    for address in pages():
        answer = called(Client(), method, filled(address))
        if "stranger" in ROWS[address].who:
            assert not sent_to_sign_in(answer), address
        else:
            assert sent_to_sign_in(answer), f"{address} answered a stranger with {answer.status_code}"
            assert SECRET not in said(answer)
    assert watched.changes() == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_its_row_says_and_nothing_more(
    page_station: PageStation, people: People, role: str
) -> None:
    client = people.sign_in(getattr(people, role))
    for address in pages():
        for method in METHODS:
            if address in ("sign-in", "sign-out"):
                continue
            answer = called(client, method, filled(address))
            if answer.status_code == 405:
                continue  # said to everybody alike
            refused = sent_to_sign_in(answer) or answer.status_code == 403
            assert refused == (role not in ROWS[address].who), f"{method} {address}: {answer.status_code}"
            assert answer.status_code < 500, f"{method} {address}: {answer.status_code}"


# ── somebody else's object ──────────────────────────────────────────────────────────────────────────────────


@dataclass
class Other:
    """What stands at till 2: operations and baskets in every state, by name; all sell one secret thing."""

    uids: dict[str, str]
    versions: dict[str, int]


@pytest.fixture
def other(counter: Counter, people: People) -> Other:
    """Till 2 at work: an operation that is done, one that is open, a parked basket and an open one."""
    rename = "UPDATE goods SET names = json_object('en', ?) WHERE sku = ?"
    names = [(f"{SECRET} {sku}", sku) for sku in (MILK, BREAD, APPLES)]
    counter.page.station.write(lambda db: db.executemany(rename, names))
    there = Counter(people.sign_in(people.other, till="2"), counter.page, counter.device, till="2")
    uids, versions = {"done": there.sell(MILK).uid}, {}
    parked = there.add(BREAD)
    there.press("/basket/park", note="for later")
    counter.device.behave = "silence"
    there.add(MILK)
    uids["open operation"] = there.pay()["Location"].rpartition("/")[2]
    opened = there.add(MILK)
    uids |= {"parked": parked.uid, "open basket": opened.uid}
    versions = {"parked": parked.version, "open basket": opened.version}
    return Other(uids, versions)


@pytest.mark.parametrize(
    ("role", "what"),
    [
        ("cashier", "done"),
        ("cashier", "open operation"),
        ("cashier", "parked"),
        ("cashier", "open basket"),
        ("senior", "open operation"),
        ("administrator", "open operation"),
    ],
)
def test_nobody_changes_or_sees_what_belongs_to_another_till(
    counter: Counter,
    other: Other,
    people: People,
    watch: Watch,
    role: str,
    what: str,
) -> None:
    watched = watch(counter.page.settings.database, *other.uids.values())
    client = people.sign_in(getattr(people, role), till="1")
    theirs = other.uids[what]
    form = {"uid": theirs, "version": str(other.versions.get(what, 1)), "sku": BREAD, "line": "1"}
    form |= {
        "quantity": "3",
        "note": "mine",
        "received": "",
        "basket": theirs,
        "kind": "percent",
        "value": "5",
    }
    for address in pages():
        if address == "sign-out":
            continue
        for method in METHODS:
            answer = called(client, method, filled(address, uid=theirs), form)
            row = ROWS[address]
            changes = watched.changes()
            assert changes == [] or row.changed, f"{method} {address} has changed {what}"
            if not row.seen and address not in ("", "goods", "basket", "basket/add"):
                assert SECRET not in said(answer), f"{method} {address} shows {what}"
    assert queries.open_basket(queries.reader(), "2") is not None


# ── programs ────────────────────────────────────────────────────────────────────────────────────────────────


def refused_as_stranger(answer: Answer) -> bool:
    return (answer.status, answer.json["code"]) == (401, "api.token-invalid")


@pytest.mark.parametrize("method", METHODS)
def test_without_the_token_of_a_till_programs_are_strangers(world: World, watch: Watch, method: str) -> None:
    closed = [
        address
        for address in programs()
        if "stranger" not in ROWS[address].who
        and (address, method) != (STREAM, "GET")
        and world.call(method, filled(address)).status != 405
    ]
    watched = watch(world.settings.database, "")
    assert len(closed) > 5
    for address in closed:
        for header in HEADERS_OF_STRANGERS:
            answer = world.call(method, filled(address), till=None, **header)
            assert refused_as_stranger(answer), f"{method} {address}: {answer.status}"
    assert watched.changes() == []


@pytest.mark.parametrize("behave", ["accept", "silence"])
def test_a_token_reaches_nothing_of_another_till(world: World, watch: Watch, behave: str) -> None:
    world.device.behave = behave
    world.sell(uid(7), till="till-2", total_minor=32_000, wait_s=0)
    world.settle()
    watched = watch(world.settings.database, uid(7), "till-2")
    for address in programs():
        for method in METHODS:
            if address == STREAM:
                continue
            answer = world.call(method, filled(address, uid=uid(7)), till="till-3")
            assert uid(7) not in answer.body.decode().replace(filled(address, uid=uid(7)), ""), address
            if "<uid>" in address:
                assert answer.status in (404, 405), f"{method} {address}: {answer.status}"
    assert watched.changes() == []
