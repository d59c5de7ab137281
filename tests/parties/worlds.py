"""A till's adapter and its device's twin, joined by calls on virtual time or by real sockets.

Both worlds offer the same words, so that one suite of promises runs on both: `register`, `inquire`, `until`,
`pass_time`, `order`, and what came of it (`told`, `noticed`, `recorded`, `registered`).
"""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from tillwright.kernel.outcome import Accepted, Found, InquiryOutcome, Outcome
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Leg, Line, Operation, Tender
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.orders import ControlOrders
from tillwright.parties.control.store import MemoryStore, TwinStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import Arming, FaultPlan
from tillwright.parties.serving import TwinServer
from tillwright.parties.sockets import SocketDriver
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
SHIFTS = DeviceProfile(serial="SKO-1", till="T1", shifts=True)
TIMES = ControlTimes()
REAL_WAIT_S = 60.0
"""How long the real world may take for what takes milliseconds, on a machine that is busy."""

T = TypeVar("T")
Order = Callable[[ControlOrders, int], list[TwinAction]]


def sale(number: int, total_minor: int = 568, started_ms: int = START_MS) -> Operation:
    """A cash sale of two lines, its leg planned; the same number makes the same operation."""
    uid = f"00000000-0000-4000-8000-{number:012d}"
    lines = (Line("1", "Milk", 1000, total_minor - 68), Line("2", "Bread", 2000, 68))
    content = Content("EUR", total_minor, lines, (Tender("cash", total_minor + 432),))
    legs = planned_legs(uid, KINDS["cash-sale"])
    return Operation(
        uid, "T1", number, "cash-sale", "c1", 1, content, f"hash-{total_minor}", started_ms, started_ms, legs
    )


def fiscal(kind: str, number: int, total_minor: int = 0, origin: str = "", shift: int = 0) -> Operation:
    """An operation of any kind that the device registers, in cash; the same number makes the same."""
    uid = f"00000000-0000-4000-8000-{number:012d}"
    lines = (Line("1", "Milk", 1000, total_minor),) if kind in ("cash-sale", "refund", "void") else ()
    tenders = (Tender("cash", total_minor),) if total_minor else ()
    return Operation(
        uid,
        "T1",
        number,
        kind,
        "c1",
        1,
        Content("EUR", total_minor, lines, tenders, shift=shift),
        f"hash-{kind}-{total_minor}-{origin}-{shift}",
        START_MS,
        START_MS,
        planned_legs(uid, KINDS[kind]),
        origin=origin,
    )


def unique_number(outcome: Outcome | InquiryOutcome) -> str:
    """The unique number of the document that the outcome proves."""
    assert isinstance(outcome, Accepted | Found)
    return str(outcome.evidence.facts["unique_number"])


def leg(operation: Operation) -> Leg:
    """Its one leg."""
    return operation.legs[0]


@dataclass
class Holding:
    """What the station holds of the device: it writes down at once what it is told, unless it is `lame`."""

    texts: dict[str, dict[int, str]] = field(default_factory=dict)
    last_serial: str | None = None
    lame: bool = False
    sent: dict[str, str] = field(default_factory=dict)
    """Key → the device to which its request went, as a journal has it over restarts."""

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

    def sent_to(self, key: str) -> str | None:
        return self.sent.get(key)

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
        if held.setdefault(record.number, record.text) != record.text:
            raise AssertionError(f"two documents with number {record.number}")


class World(ABC):
    """One till and its device."""

    def __init__(self, store: TwinStore, profile: DeviceProfile, held: Holding | None = None) -> None:
        self.chance = random.Random(1)
        self.store = store
        self.faults = FaultPlan()
        self.twin = ControlTwin(profile, store, self.faults)
        self.held = held or Holding()
        self.tellings: list[Telling] = []

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def do(self, work: Callable[[ControlAdapter], list[Action | Telling]]) -> None:
        """Run it on the adapter, now, and have its actions carried out."""

    @abstractmethod
    def now_ms(self) -> int:
        """What the clock shows."""

    @abstractmethod
    def pass_time(self, for_ms: int) -> None:
        """So much later."""

    @abstractmethod
    def until(self, happened: Callable[[], object]) -> None:
        """Wait for it, on the same time as far as time can stand still; fails if it does not happen."""

    @abstractmethod
    def order(self, work: Order) -> None:
        """Give the twin an order."""

    def look(self, work: Callable[[ControlOrders], T]) -> T:
        """Read the twin's truth, between two messages."""
        found: list[T] = []

        def read(orders: ControlOrders, _: int) -> list[TwinAction]:
            found.append(work(orders))
            return []

        self.order(read)
        return found[0]

    def register(self, operation: Operation) -> None:
        """The station asks for it; nothing is waited for."""
        self.do(lambda adapter: adapter.register(operation, leg(operation), self.now_ms()))

    def inquire(self, operation: Operation) -> None:
        """The station asks what became of it."""
        self.do(lambda adapter: adapter.inquire(operation, leg(operation), self.now_ms()))

    def status(self) -> Health:
        """Ask the device how it stands, and wait for what is told next."""
        before = sum(isinstance(one, Health) for one in list(self.tellings))
        self.do(lambda adapter: adapter.status(self.now_ms()))
        self.until(lambda: sum(isinstance(one, Health) for one in list(self.tellings)) > before)
        return self.health()

    def arm(self, fault: str, **how: Any) -> None:
        """Arm a fault of the twin, for the next message unless said otherwise."""
        if not {"probability", "always", "next_count"} & how.keys():
            how["next_count"] = 1
        self.order(lambda orders, _: orders.arm(fault, Arming(**how)))

    def ready(self) -> None:
        """Wait until the device is at hand."""
        self.until(lambda: self.health().state == "ready")

    def struck(self, fault: str, times: int = 1) -> None:
        """Wait until the fault has struck so often."""
        self.until(lambda: self.faults.struck[fault] >= times)

    def ends(self, operation: Operation, times: int = 1) -> Outcome | InquiryOutcome:
        """Wait until something has been told of it so often; the last of it."""
        self.until(lambda: len(self.told(operation)) >= times)
        return self.told(operation)[-1]

    def sell(self, operation: Operation) -> Outcome | InquiryOutcome:
        """Register it and wait for what is told next."""
        before = len(self.told(operation))
        self.register(operation)
        return self.ends(operation, before + 1)

    def ask(self, operation: Operation) -> Outcome | InquiryOutcome:
        """Inquire and wait for what is told next."""
        before = len(self.told(operation))
        self.inquire(operation)
        return self.ends(operation, before + 1)

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────────

    def told(self, operation: Operation) -> list[Outcome | InquiryOutcome]:
        """Every outcome told for its leg, in order."""
        key = leg(operation).key
        return [one.outcome for one in list(self.tellings) if isinstance(one, Told) and one.key == key]

    def noticed(self, code: str) -> int:
        """How often this fault was noticed."""
        return sum(isinstance(one, Noticed) and one.fault.code == code for one in list(self.tellings))

    def recorded(self) -> list[DeviceRecord]:
        """All documents told as witness records."""
        return [record for one in list(self.tellings) if isinstance(one, Recorded) for record in one.records]

    def health(self) -> Health:
        """The last that was told of it."""
        for telling in reversed(list(self.tellings)):
            if isinstance(telling, Health):
                return telling
        return Health("unknown", None, None, None, 0)

    def registered(self) -> list[str]:
        """The keys of the device's documents, in order."""
        return self.look(lambda orders: [document.key for document in orders.documents(0, 1_000)])

    def fenced(self) -> list[str]:
        """The keys that the device refuses, in the order of their fencing."""
        return self.look(lambda orders: [fence.key for fence in orders.fences()])

    @abstractmethod
    def close(self) -> None:
        """End it."""


class VirtualWorld(World):
    """Adapter and twin some milliseconds apart, on virtual time, in one thread."""

    def __init__(
        self,
        store: TwinStore | None = None,
        profile: DeviceProfile = PROFILE,
        times: ControlTimes = TIMES,
        held: Holding | None = None,
        latency_ms: int = 2,
    ) -> None:
        super().__init__(store or MemoryStore(), profile, held)
        self.latency_ms = latency_ms
        self.transmitted: list[bytes] = []
        self.carried: list[bytes] = []
        """What has gone over the line, in both directions."""
        self.reachable = True
        self.reshape: Callable[[bytes], list[bytes]] = lambda data: [data]
        """How bytes arrive, in both directions."""
        self._clock_ms = START_MS
        self.skew_ms = 0
        """By so much the till's clock is ahead of the world's; somebody may set it at any time."""
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()
        self._connections = count(1)
        self.connection = 0
        self.connects: list[int] = []
        """When the adapter asked for a connection."""
        self.adapter = ControlAdapter(profile.till, times, self.held)

    def now_ms(self) -> int:
        """By the till's clock."""
        return self._clock_ms + self.skew_ms

    def later(self, delay_ms: int, call: Callable[..., None], *arguments: Any) -> None:
        """Have it happen after so long."""
        heappush(self._events, (self._clock_ms + delay_ms, next(self._order), call, arguments))

    def pass_time(self, for_ms: int) -> None:
        end_ms = self._clock_ms + for_ms
        while self._events and self._events[0][0] <= end_ms:
            self._step()
        self._clock_ms = end_ms

    def _step(self) -> None:
        at_ms, _, call, arguments = heappop(self._events)
        self._clock_ms = max(self._clock_ms, at_ms)
        call(*arguments)

    def until(self, happened: Callable[[], object]) -> None:
        end_ms = self._clock_ms + 1_000
        while not happened():
            if not self._events or self._events[0][0] > end_ms:
                raise AssertionError("it does not happen within a second")
            self._step()

    def order(self, work: Order) -> None:
        self.twin_acts(work(ControlOrders(self.twin), self._clock_ms))

    def do(self, work: Callable[[ControlAdapter], list[Action | Telling]]) -> None:
        self.act(work(self.adapter))

    def close(self) -> None:
        """Nothing is open."""

    def start(self) -> None:
        """Connect and greet."""
        self.do(lambda adapter: adapter.start(self.now_ms()))
        self.ready()

    def restart_station(self) -> None:
        """The till's process is gone, and another one begins with what is held."""
        self.later(self.latency_ms, self._close_at_twin, self.connection)
        self.connection = 0
        self.adapter = ControlAdapter(self.adapter.till, self.adapter.times, self.held)

    # ── the till's side ─────────────────────────────────────────────────────────────────────────────────────

    def act(self, actions: list[Action | Telling]) -> None:
        """Do what the adapter asks."""
        for action in actions:
            if isinstance(action, Connect):
                self.connection = next(self._connections)
                self.connects.append(self._clock_ms)
                self.later(self.latency_ms, self._arrive_at_twin, self.connection)
            elif isinstance(action, Transmit):
                self.transmitted.append(action.data)
                self._carry(action.data, self._bytes_at_twin, self.connection)
            elif isinstance(action, Disconnect):
                self.later(self.latency_ms, self._close_at_twin, self.connection)
                self.connection = 0
            elif isinstance(action, WakeAt):
                self._wake_adapter_at(action.at_ms)
            else:
                self.tellings.append(action)
                self.held.hear(action)

    def _carry(self, data: bytes, arrive: Callable[[int, bytes], None], connection: int) -> None:
        self.carried.append(data)
        for piece in self.reshape(data):
            self.later(self.latency_ms, arrive, connection, piece)

    def _wake_adapter_at(self, at_ms: int) -> None:
        self.later(max(0, at_ms - self.now_ms()), self._due_at_adapter, at_ms)

    def _due_at_adapter(self, at_ms: int) -> None:
        if self.now_ms() < at_ms:
            self._wake_adapter_at(at_ms)  # the clock was set back meanwhile
        self.act(self.adapter.due(self.now_ms()))

    def _connected(self, connection: int, accepted: bool) -> None:
        if connection != self.connection:
            return
        if accepted:
            self.act(self.adapter.connected(self.now_ms()))
        else:
            self.connection = 0
            self.act(self.adapter.connect_failed(self.now_ms()))

    def _bytes_at_adapter(self, connection: int, data: bytes) -> None:
        if connection == self.connection:
            self.act(self.adapter.received(data, self.now_ms()))

    def close_at_adapter(self, connection: int) -> None:
        """The line breaks, as the till sees it."""
        if connection == self.connection:
            self.connection = 0
            self.act(self.adapter.closed(self.now_ms()))

    # ── the twin's side ─────────────────────────────────────────────────────────────────────────────────────

    def _arrive_at_twin(self, connection: int) -> None:
        refused = not self.reachable or bool(self.twin.accept(connection, self._clock_ms, self.chance))
        self.later(self.latency_ms, self._connected, connection, not refused)

    def _bytes_at_twin(self, connection: int, data: bytes) -> None:
        self.twin_acts(self.twin.received(connection, data, self._clock_ms, self.chance))

    def _close_at_twin(self, connection: int) -> None:
        self.twin_acts(self.twin.closed(connection, self._clock_ms))

    def _due_at_twin(self) -> None:
        self.twin_acts(self.twin.due(self._clock_ms, self.chance))

    def twin_acts(self, actions: list[TwinAction]) -> None:
        """Do what the twin asks."""
        for action in actions:
            if isinstance(action, Reply):
                self._carry(action.data, self._bytes_at_adapter, action.connection)
            elif isinstance(action, HangUp):
                self.later(self.latency_ms, self.close_at_adapter, action.connection)
            else:
                self.later(max(0, action.at_ms - self._clock_ms), self._due_at_twin)


class ManualClock:
    """Shows what it is set to; may be asked from any thread."""

    def __init__(self) -> None:
        self.at_ms = START_MS

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_ns(self) -> int:
        return self.at_ms * 1_000_000


class SocketWorld(World):
    """The twin behind a real socket, the adapter in the real driver, both by one clock that stands still."""

    def __init__(self, profile: DeviceProfile = PROFILE, times: ControlTimes = TIMES) -> None:
        super().__init__(MemoryStore(), profile)
        self.clock = ManualClock()
        self.server = TwinServer(self.store, self.clock, self.chance)
        port = self.server.add(self.twin)
        self._server_thread = threading.Thread(target=self.server.run, daemon=True)
        self._server_thread.start()
        self._happened = threading.Condition()
        self.driver = SocketDriver(self.clock)
        self.driver.add("T1", ControlAdapter("T1", times, self.held), ("127.0.0.1", port), self._deliver)
        self.driver.start()

    def _deliver(self, till: str, telling: Telling) -> None:
        with self._happened:
            self.held.hear(telling)
            self.tellings.append(telling)
            self._happened.notify_all()

    def now_ms(self) -> int:
        return self.clock.now_ms()

    def pass_time(self, for_ms: int) -> None:
        self.clock.at_ms += for_ms

    def until(self, happened: Callable[[], object]) -> None:
        end = time.monotonic() + REAL_WAIT_S
        with self._happened:
            while not happened():
                if time.monotonic() > end:
                    raise AssertionError("it does not happen")
                self._happened.wait(0.01)

    def order(self, work: Order) -> None:
        self.server.order(self.twin.profile.serial, lambda orders, now_ms: (None, work(orders, now_ms)))

    def do(self, work: Callable[[ControlAdapter], list[Action | Telling]]) -> None:
        """Returns when the driver has done it, so that the clock may be moved after it."""
        done = threading.Event()

        def run(adapter: ControlAdapter) -> list[Action | Telling]:
            actions = work(adapter)
            done.set()
            return actions

        self.driver.do("T1", run)
        if not done.wait(REAL_WAIT_S):
            raise AssertionError("the driver does not work")

    def close(self) -> None:
        self.driver.stop()
        self.server.stop()
        self._server_thread.join(REAL_WAIT_S)
