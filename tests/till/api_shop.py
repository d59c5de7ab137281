"""A whole fiscal till behind the API: shifts, a device that counts cash, an operator that lists, and people.

Device and operator answer in the thread that asks them, as in `api_world`; what they tell is written when the
call has come back and `settle` was called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from tests.journal.tills import FullDevice, Operator
from tests.till.api_world import OPERATIONS, Answer, Device, World, make_template, running_world, uid
from tillwright.journal.errands import Enquire
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Accepted, Found, NoAnswer, NotSent, Refused
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.machine.resources import shipped_rules
from tillwright.operations.model import Leg, Operation
from tillwright.parties.wire import (
    Acknowledged,
    DeviceRecord,
    DocumentRefused,
    NotDelivered,
    OperatorStatus,
    Telling,
    Told,
    Unlisted,
)
from tillwright.people.accounts import NewAccount, put_account

TILL = "till-1"
CASHIER, SENIOR, OTHER_SENIOR, ADMINISTRATOR = 7, 50, 51, 90
PINS = {CASHIER: "73195", SENIOR: "50917", OTHER_SENIOR: "51083", ADMINISTRATOR: "90263"}
ROLES = {CASHIER: "cashier", SENIOR: "senior", OTHER_SENIOR: "senior", ADMINISTRATOR: "administrator"}
_LOST = Fault("fiscal.sko-disconnected")
CLAIMED = 900
"""From here on operations have uids that the shop itself gives."""


class FiscalDevice(Device):
    """One device and one operator for till-1. `behave` as in `Device`, and 'swallow' (do nothing, and no
    answer comes in time). `hearing`: the operator 'hears' (all is taken and listed), 'refuses' each document,
    or is 'deaf'.
    """

    def __init__(self) -> None:
        super().__init__()
        self.full = FullDevice()
        self.operator = Operator()
        self.hearing = "hears"
        self.standing = OperatorStatus("active", "", None, 0)
        self.readable = True
        self.strange_minor = 0  # cash that it counts and explains with no document

    def do(self, till: str, work: Callable[[Any], Any]) -> None:
        line, _, party = till.partition("/")
        if party:
            work(_OperatorLine(self, till))
        elif line == TILL:
            work(self)
        else:
            raise AssertionError(f"till {line} has no device here")

    def register(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        self.asked += 1
        record = None
        if self.behave in ("accept", "lose"):
            record = self.full.write(operation, leg, now_ms)
        if self.behave == "accept" and record is not None:
            self._tell_of(leg, Accepted(_proof(Source.REPLY, record, now_ms)), record)
            self.status(now_ms)
        elif self.behave == "refuse":
            self._tell_of(leg, Refused(Fault("fiscal.not-registered"), Evidence(Source.REPLY, now_ms)), None)
        elif self.behave == "unreached":
            self._tell_of(leg, NotSent(_LOST), None)
        elif self.behave in ("lose", "swallow"):
            self._tell_of(leg, NoAnswer(_LOST), None)

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> None:
        record = self.full.of(leg.key)
        if self.behave == "accept" and record is not None:
            found = Found(_proof(Source.INQUIRY, record, now_ms))
            self.tell(TILL, Told(leg.key, found, True, record))
        elif self.behave != "silence":
            self.tell(TILL, Told(leg.key, NoAnswer(_LOST), True, None))

    def status(self, now_ms: int) -> None:
        """It says how it stands."""
        health = self.full.health(now_ms, "ready" if self.readable else "lost")
        counters = health.counters
        if counters is not None:
            cash_minor = counters.cash_till_minor + self.strange_minor
            counters = msgspec.structs.replace(counters, cash_till_minor=cash_minor)
        self.tell(TILL, replace(health, counters=counters))

    def _tell_of(self, leg: Leg, outcome: Any, record: DeviceRecord | None) -> None:
        self.tell(TILL, Told(leg.key, outcome, False, record))

    def tell(self, line: str, telling: Telling) -> None:
        assert self.station is not None
        self.station.deliver(line, telling)


class _OperatorLine:
    """What the station calls on the operator's line."""

    def __init__(self, device: FiscalDevice, line: str) -> None:
        self._device, self._line = device, line

    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int = 0
    ) -> None:
        device = self._device
        if device.hearing == "deaf":
            device.tell(self._line, NotDelivered("operator", serial, number, "operator-unreachable"))
        elif device.hearing == "refuses":
            device.tell(self._line, DocumentRefused("operator", serial, number, "bad-sum", False))
        else:
            record = next(one for one in device.full.documents if one.number == number)
            device.tell(self._line, replace(device.operator.takes(record), up_to=self._up_to(serial)))

    def report(self, serial: str, last_number: int, queued: int, now_ms: int) -> None:
        if self._device.hearing == "hears":
            self._device.tell(self._line, Acknowledged("operator", serial, 0, self._up_to(serial)))

    def _up_to(self, serial: str) -> int:
        """Up to which number the operator has all of the device."""
        held = {one.number for one in self._device.operator.documents.values() if one.serial == serial}
        return next(number for number in range(len(held) + 1) if number + 1 not in held)

    def enquire(
        self, query: int, till: str, from_ms: int, to_ms: int, *_: object, serial: str | None = None
    ) -> None:
        device = self._device
        if device.hearing != "hears":
            device.tell(self._line, Unlisted(query, Fault("fiscal.operator-unreachable")))
            return
        asked = Enquire(till, "operator", query, from_ms, to_ms, serial)
        told = device.operator.lists(asked, self._now_ms(), serial=device.full.serial)
        device.tell(self._line, told)

    def ask_status(self, now_ms: int) -> None:
        self._device.tell(self._line, replace(self._device.standing, at_ms=now_ms))

    def _now_ms(self) -> int:
        station = self._device.station
        assert station is not None
        return station.clock.now_ms()


def _proof(source: Source, record: DeviceRecord, now_ms: int) -> Evidence:
    facts: dict[str, str | int] = {
        "document_number": record.number,
        "unique_number": record.unique_number,
        "serial": record.serial,
        "device_at_ms": record.registered_ms,
    }
    return Evidence(source, now_ms, facts)


class Shop(World):
    """A world that knows the way through a day."""

    device: FiscalDevice

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self._claimed = CLAIMED

    def start(self) -> None:
        super().start()
        self.look()

    def look(self) -> None:
        """The device says how it stands."""
        self.device.status(self.clock.ms)
        self.settle()

    def get(self, path: str) -> Any:
        """What is told at an address below /api/v1."""
        answer = self.call("GET", f"/api/v1{path}")
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, path: str, body: object = b"") -> Answer:
        answer = self.call("POST", f"/api/v1{path}", body)
        self.settle()
        return answer

    def begin(self, number: int, kind: str, **more: Any) -> Answer:
        """Begin an operation and let everything answer."""
        body = {"uid": uid(number), "kind": kind, "currency": "EUR", **more}
        answer = self.call("POST", OPERATIONS, body, prefer="wait=20")
        self.settle()
        return answer

    def open_shift(self, number: int = CLAIMED) -> None:
        """Open the next shift."""
        answer = self.begin(number, "shift-open", shift=self.get("/till")["last_shift"] + 1)
        assert (answer.status, answer.json["state"]) == (201, "done"), answer.body

    def approve(self, number: int, purpose: str, by: int = SENIOR) -> str:
        """An approval for an operation, by number and PIN."""
        body = {"number": by, "pin": PINS[by], "operation": uid(number), "purpose": purpose}
        answer = self.post("/approvals", body)
        assert answer.status == 201, answer.body
        approval: str = answer.json["approval"]
        return approval

    def sold(self, number: int = 1, total_minor: int = 378) -> None:
        """A sale that goes well."""
        answer = self.sell(uid(number), total_minor=total_minor)
        self.settle()
        assert (answer.status, answer.json["state"]) == (201, "done"), answer.body

    def lose(self, number: int, behave: str = "lose", total_minor: int = 378) -> dict[str, Any]:
        """A sale that turns red: registered and not heard of, or swallowed."""
        self.device.behave = behave
        self.sell(uid(number), wait_s=0, total_minor=total_minor)
        for _ in range(4):
            self.pass_time(5_000)
        told: dict[str, Any] = self.get(f"/operations/{uid(number)}")
        assert told["state"] == "red", told["state"]
        return told


def fiscal_rules(**changes: Any) -> PackRules:
    """The rules of the demo pack with shifts, as a fiscal till has them."""
    return replace(shipped_rules("demo"), shifts=True, **changes)


def make_shop_template(folder: Path) -> None:
    """A migrated database with goods and people."""
    make_template(folder)
    connection = sqlite.connect(folder / "station.db")
    for number, pin in PINS.items():
        put_account(connection, NewAccount(number, f"Person {number}", ROLES[number], pin))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def running_shop(template: Path, folder: Path, **changes: Any) -> Iterator[Shop]:
    """A shop on a copy of the template; `changes` are of its rules."""
    with running_world(
        template,
        folder,
        world=Shop,
        rules=fiscal_rules(**changes),
        device=FiscalDevice(),
        parties={TILL: frozenset({"operator"})},
    ) as made:
        assert isinstance(made, Shop)
        yield made
