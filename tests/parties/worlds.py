"""A till's adapter and its device's twin, joined by calls on virtual time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from tillwright.kernel.outcome import InquiryOutcome, Outcome
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Leg, Line, Operation, Tender
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.store import MemoryStore, TwinStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.wire import (
    Action,
    Connect,
    DeviceRecord,
    Disconnect,
    HangUp,
    Health,
    Noticed,
    Recorded,
    Reply,
    Telling,
    Told,
    Transmit,
    TwinAction,
    WakeAt,
)

START_MS = 1_700_000_000_000
PROFILE = DeviceProfile(serial="SKO-1", till="T1")
TIMES = ControlTimes()
_UID = "00000000-0000-4000-8000-{:012d}"


def sale(number: int, total_minor: int = 568, started_ms: int = START_MS) -> Operation:
    """A cash sale of two lines, its leg planned; the same number makes the same operation."""
    uid = _UID.format(number)
    lines = (Line("1", "Milk", 1000, total_minor - 68), Line("2", "Bread", 2000, 68))
    content = Content("EUR", total_minor, lines, (Tender("cash", total_minor + 432),))
    legs = planned_legs(uid, KINDS["cash-sale"])
    return Operation(
        uid, "T1", number, "cash-sale", "c1", 1, content, f"hash-{total_minor}", started_ms, started_ms, legs
    )


def leg(operation: Operation) -> Leg:
    """Its one leg."""
    return operation.legs[0]


@dataclass
class Holding:
    """What the station holds of the device: it writes down what it is told, at once, or not at all while
    `lame`.
    """

    texts: dict[str, dict[int, str]] = field(default_factory=dict)
    last_serial: str | None = None
    lame: bool = False

    def last_number(self, serial: str) -> int:
        held = self.texts.get(serial, {})
        number = 0
        while number + 1 in held:
            number += 1
        return number

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        held = self.texts.get(serial, {})
        return [held[number] for number in sorted(held) if number > above][:limit]

    def serial(self, till: str) -> str | None:
        return self.last_serial

    def hear(self, telling: Telling) -> None:
        """Write it down."""
        if self.lame:
            return
        if isinstance(telling, Told) and telling.record is not None:
            self._hold(telling.record)
        elif isinstance(telling, Recorded):
            for record in telling.records:
                self._hold(record)
        elif isinstance(telling, Health) and telling.serial is not None:
            self.last_serial = telling.serial

    def _hold(self, record: DeviceRecord) -> None:
        held = self.texts.setdefault(record.serial, {})
        assert held.setdefault(record.number, record.text) == record.text, "two documents with one number"


class VirtualWorld:
    """Adapter and twin, one latency apart, on virtual time."""

    def __init__(
        self,
        store: TwinStore | None = None,
        profile: DeviceProfile = PROFILE,
        times: ControlTimes = TIMES,
        latency_ms: int = 5,
        seed: int = 1,
    ) -> None:
        self.now_ms = START_MS
        self.latency_ms = latency_ms
        self.chance = random.Random(seed)
        self.store = store or MemoryStore()
        self.faults = FaultPlan()
        self.twin = ControlTwin(profile, self.store, self.faults)
        self.held = Holding()
        self.tellings: list[Telling] = []
        self.sent: list[bytes] = []
        self._events: list[tuple[int, int, object, tuple[object, ...]]] = []
        self._order = count()
        self._connections = count(1)
        self.connection = 0
        self.reachable = True
        self.adapter = ControlAdapter(profile.till, times, self.held)

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────

    def _later(self, delay_ms: int, call: object, *arguments: object) -> None:
        heappush(self._events, (self.now_ms + delay_ms, next(self._order), call, arguments))

    def run(self, for_ms: int = 20_000) -> None:
        """Let so much time pass."""
        end_ms = self.now_ms + for_ms
        while self._events and self._events[0][0] <= end_ms:
            at_ms, _, call, arguments = heappop(self._events)
            self.now_ms = max(self.now_ms, at_ms)
            call(*arguments)  # type: ignore[operator]
        self.now_ms = end_ms

    # ── the till's side ─────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        self.act(self.adapter.start(self.now_ms))

    def register(self, operation: Operation) -> None:
        self.act(self.adapter.register(operation, leg(operation), self.now_ms))

    def inquire(self, operation: Operation) -> None:
        self.act(self.adapter.inquire(operation, leg(operation), self.now_ms))

    def act(self, actions: list[Action | Telling]) -> None:
        """Do what the adapter asks."""
        for action in actions:
            if isinstance(action, Connect):
                self.connection = next(self._connections)
                self._later(self.latency_ms, self._arrive_at_twin, self.connection)
            elif isinstance(action, Transmit):
                self.sent.append(action.data)
                self._later(self.latency_ms, self._bytes_at_twin, self.connection, action.data)
            elif isinstance(action, Disconnect):
                self._later(self.latency_ms, self._close_at_twin, self.connection)
                self.connection = 0
            elif isinstance(action, WakeAt):
                self._later(max(0, action.at_ms - self.now_ms), self._due_at_adapter)
            else:
                self.tellings.append(action)
                self.held.hear(action)

    def _due_at_adapter(self) -> None:
        self.act(self.adapter.due(self.now_ms))

    def _connected(self, connection: int, accepted: bool) -> None:
        if connection != self.connection:
            return
        if accepted:
            self.act(self.adapter.connected(self.now_ms))
        else:
            self.connection = 0
            self.act(self.adapter.connect_failed(self.now_ms))

    def _bytes_at_adapter(self, connection: int, data: bytes) -> None:
        if connection == self.connection:
            self.act(self.adapter.received(data, self.now_ms))

    def close_at_adapter(self, connection: int) -> None:
        if connection == self.connection:
            self.connection = 0
            self.act(self.adapter.closed(self.now_ms))

    # ── the twin's side ─────────────────────────────────────────────────────────────────────────────────────

    def _arrive_at_twin(self, connection: int) -> None:
        if not self.reachable:
            self._later(self.latency_ms, self._connected, connection, False)
            return
        actions = self.twin.accept(connection, self.now_ms, self.chance)
        refused = any(isinstance(action, HangUp) for action in actions)
        self._later(self.latency_ms, self._connected, connection, not refused)

    def _bytes_at_twin(self, connection: int, data: bytes) -> None:
        self.twin_acts(self.twin.received(connection, data, self.now_ms, self.chance))

    def _close_at_twin(self, connection: int) -> None:
        self.twin_acts(self.twin.closed(connection, self.now_ms))

    def _due_at_twin(self) -> None:
        self.twin_acts(self.twin.due(self.now_ms, self.chance))

    def twin_acts(self, actions: list[TwinAction]) -> None:
        """Do what the twin asks."""
        for action in actions:
            if isinstance(action, Reply):
                self._later(self.latency_ms, self._bytes_at_adapter, action.connection, action.data)
            elif isinstance(action, HangUp):
                self._later(self.latency_ms, self.close_at_adapter, action.connection)
            else:
                self._later(max(0, action.at_ms - self.now_ms), self._due_at_twin)

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────────

    def told(self, operation: Operation) -> list[Outcome | InquiryOutcome]:
        """Every outcome told for its leg, in order."""
        key = leg(operation).key
        return [one.outcome for one in self.tellings if isinstance(one, Told) and one.key == key]

    def noticed(self) -> list[str]:
        """The codes of all faults noticed."""
        return [one.fault.code for one in self.tellings if isinstance(one, Noticed)]

    def recorded(self) -> list[DeviceRecord]:
        """All documents told as witness records."""
        return [record for one in self.tellings if isinstance(one, Recorded) for record in one.records]

    def registered(self) -> list[str]:
        """The keys of the device's documents, in order."""
        return [document.key for document in self.store.documents(self.twin.profile.serial, 0, 10_000)]
