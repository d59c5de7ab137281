"""A station with its API in this process: a real journal in a folder that goes, and a scripted device.

The application is called as a server calls it (WSGI), so that everything between the socket and the journal
takes part. The device answers in the thread that asks it: no test waits for time to pass.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings

from tests.threads import own_threads
from tillwright.faults import at_work
from tillwright.faults.scene import Address, Scene, set_scene
from tillwright.journal import schema
from tillwright.journal.station import PartyLines, Station
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Accepted, Found, NoAnswer, NotSent, Outcome, Refused
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation
from tillwright.operations.policy import policy_of
from tillwright.parties.wire import DeviceRecord, Told
from tillwright.people import tokens
from tillwright.settings.places import place_of
from tillwright.settings.prepare import migrate
from tillwright.settings.station import StationSettings, TillSettings
from tillwright.till.api_door import ProgramsFirst
from tillwright.till.goods import NewGoods, put_goods
from tillwright.web import current

START_MS = 1_700_000_000_000
TILLS = {"till-1": "EUR", "till-2": "VND", "till-3": "EUR"}
GOODS = (
    NewGoods("1001", {"en": "Milk 1 l", "vi": "Sữa 1 l"}, {"EUR": 189, "VND": 32_000}),
    NewGoods("1002", {"en": "Rye bread"}, {"EUR": 190, "VND": 25_000}),
    NewGoods("1003", {"": "Phở"}, {"VND": 45_000}),
)


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        return self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000


class Device(PartyLines):
    """A control device that does as `behave` says: accept, refuse, lose (register, and say nothing), silence
    (do nothing, say nothing), unreached (nothing left the till).
    """

    def __init__(self) -> None:
        self.behave = "accept"
        self.station: Station | None = None
        self.records: dict[str, DeviceRecord] = {}
        self.asked = 0

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        work(self)

    def register(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        self.asked += 1
        if self.behave in ("accept", "lose"):
            self.records[leg.key] = self._record(operation, leg, now_ms)
        if self.behave != "silence":
            self._tell(operation.till, leg.key, self._outcome(leg, now_ms), self.records.get(leg.key))

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        if self.behave == "accept" and leg.key in self.records:
            found = Found(_evidence(Source.INQUIRY, self.records[leg.key], now_ms))
            self._tell(operation.till, leg.key, found, self.records[leg.key], inquiry=True)
        elif self.behave != "silence":
            self._tell(
                operation.till, leg.key, NoAnswer(Fault("fiscal.sko-disconnected")), None, inquiry=True
            )

    def _outcome(self, leg: Leg, now_ms: int) -> Outcome:
        if self.behave == "accept":
            return Accepted(_evidence(Source.REPLY, self.records[leg.key], now_ms))
        if self.behave == "refuse":
            return Refused(Fault("fiscal.not-registered"), Evidence(Source.REPLY, now_ms))
        if self.behave == "unreached":
            return NotSent(Fault("fiscal.sko-disconnected"))
        return NoAnswer(Fault("fiscal.sko-disconnected"))

    def _tell(
        self, till: str, key: str, outcome: Any, record: DeviceRecord | None, *, inquiry: bool = False
    ) -> None:
        assert self.station is not None
        shown = record if isinstance(outcome, Accepted | Found) else None
        self.station.deliver(till, Told(key, outcome, inquiry, shown))

    def _record(self, operation: Operation, leg: Leg, now_ms: int) -> DeviceRecord:
        number = len(self.records) + 1
        return DeviceRecord(
            serial="CD-1",
            number=number,
            unique_number=f"U{number}",
            key=leg.key,
            kind=KINDS[operation.kind].device_document,
            till=operation.till,
            total_minor=operation.content.total_minor,
            currency=operation.content.currency,
            registered_ms=now_ms,
            text=f"document {number}",
            of=operation.origin,
        )


def _evidence(source: Source, record: DeviceRecord, now_ms: int) -> Evidence:
    facts: dict[str, str | int] = {
        "document_number": record.number,
        "unique_number": record.unique_number,
        "serial": record.serial,
        "device_at_ms": record.registered_ms,
    }
    return Evidence(source, now_ms, facts)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class World:
    """The station, the device and the application; `call` is one request."""

    def __init__(
        self,
        folder: Path,
        rules: PackRules | None = None,
        *,
        open_goods: bool = False,
        device: Device | None = None,
        parties: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Without rules: the demo's, always in shift 1, and stopped by a red receipt."""
        self.clock = HandClock()
        self.settings = StationSettings(
            station="shop",
            pack="demo",
            tills=tuple(TillSettings(id=till, currency=currency) for till, currency in TILLS.items()),
            open_goods=open_goods,
            folder=folder,
        )
        place = place_of(self.settings)
        self.rules = rules or replace(place.rules, shifts=False, red_blocks=("cash-sale",))
        self.place = replace(place, rules=self.rules)
        self.device = device or Device()
        self.station = Station(
            self.settings.database, self.rules, policy_of(self.rules), self.clock, TILLS, parties=parties
        )
        self.device.station = self.station
        (folder / "static").mkdir()
        with override_settings(STATIC_ROOT=str(folder / "static")):
            self.application: Any = ProgramsFirst(get_wsgi_application())
        self.tokens = {till: tokens.token_for(till) for till in TILLS}

    def start(self) -> None:
        current.set_place(self.place)
        current.set_clock(self.clock)
        current.set_station(self.station)
        scene = self.scene()
        set_scene(scene)
        at_work.begin(scene, again_s=(0.0,))
        tokens.set_tokens({till: token.sha256 for till, token in self.tokens.items()})
        self.station.start_up(self.device)
        self.settle()  # what a start itself writes is written

    def scene(self) -> Scene:
        """Where probes look. Nobody listens at the addresses: what answers, answers in this process."""
        addresses = {(till, "control"): Address("127.0.0.1", 9) for till in TILLS}
        folder = self.settings.folder
        return Scene(self.station, addresses, folder, self.clock, restart=_nothing, backup=_nothing)

    def stop(self) -> None:
        at_work.end()
        set_scene(None)
        self.station.stop()
        current.set_station(None)

    # ── calling ──

    def call(
        self,
        method: str,
        path: str,
        body: bytes | str | object = b"",
        *,
        till: str | None = "till-1",
        **headers: str,
    ) -> Answer:
        """One request. A body that is no text is sent as JSON; headers are keywords, with underscores."""
        environ = self.environ(method, path, _bytes_of(body), till, headers)
        return self.run(environ)

    def environ(
        self, method: str, path: str, body: bytes, till: str | None, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """What a server hands to the application."""
        address, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
        }
        if method == "POST":
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        if till is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[till].text}"
        for name, value in headers.items():
            known = name.upper()
            environ[known if known in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{known}"] = value
        return environ

    def run(self, environ: dict[str, Any]) -> Answer:
        """Call the application as a server does."""
        begun: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            begun.append((int(status[:3]), {name.lower(): value for name, value in headers}))

        parts = self.application(environ, start_response)
        try:
            content = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = begun[0]
        return Answer(status, headers, content)

    def sell(self, uid: str, *, till: str = "till-1", total_minor: int = 378, wait_s: int = 20) -> Answer:
        """A sale of one line, waited for."""
        body = sale(uid, till=till, total_minor=total_minor)
        return self.call("POST", OPERATIONS, body, till=till, prefer=f"wait={wait_s}")

    # ── looking ──

    def rows(self) -> dict[str, int]:
        """How many rows each table of the journal has."""
        connection = sqlite.connect(self.settings.database, read_only=True)
        try:
            return {
                name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in schema.TABLE_NAMES
            }
        finally:
            connection.close()

    def pass_time(self, ms: int) -> None:
        """Let what has begun go on, move the clock, and let the writer see it."""
        self.settle()
        self.clock.ms += ms
        self.settle()

    def settle(self) -> None:
        """Let the writer finish what it has been told, and what follows from that."""
        for _ in range(3):
            self.station.write(lambda _connection: None)


def _nothing() -> None:
    """What a test's station does when it is told to restart, or to back itself up."""


OPERATIONS = "/api/v1/operations"


def uid(number: int) -> str:
    """A UUID for a number."""
    return f"00000000-0000-4000-8000-{number:012x}"


def sale(uid: str, *, till: str = "till-1", total_minor: int = 378, **more: Any) -> dict[str, Any]:
    """The body of a sale of one line, paid exactly."""
    return {
        "uid": uid,
        "kind": "cash-sale",
        "currency": TILLS[till],
        "lines": [{"goods": "1001", "quantity_milli": 2000, "total_minor": total_minor}],
        "tenders": [{"kind": "cash", "amount_minor": total_minor}],
        **more,
    }


def _bytes_of(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


# ── the folder ────────────────────────────────────────────────────────────────────────────────────


def make_template(folder: Path) -> None:
    """A migrated database with goods, to be copied for each test."""
    _use(folder)
    migrate()
    connection = sqlite.connect(folder / "station.db")
    put_goods(connection, GOODS)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def running_world(
    template: Path, folder: Path, world: type[World] = World, **options: Any
) -> Iterator[World]:
    """A world on a copy of the template."""
    for name in ("station.db", "sessions.db"):
        shutil.copy(template / name, folder / name)
    before = current.place()
    _use(folder)
    made = world(folder, **options)
    with own_threads():
        made.start()
        try:
            yield made
        finally:
            made.stop()
            connections.close_all()
            current.set_place(before)


def _use(folder: Path) -> None:
    """Let Django's connections lead into this folder."""
    connections.close_all()
    for alias, name in (("default", "station.db"), ("sessions", "sessions.db")):
        connections.databases[alias]["NAME"] = str(folder / name)
