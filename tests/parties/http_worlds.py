"""An adapter and a twin, joined by calls on virtual time or by real sockets.

Both worlds offer the same words, so that one suite of promises runs on both: `do`, `until`, `pass_time`,
`order`, `arm`, and what was told (`tellings`, `of`).
"""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from tests.parties.worlds import REAL_WAIT_S, START_MS, ManualClock
from tillwright.parties.faulting import Arming, FaultPlan
from tillwright.parties.serving import Store, Twin, TwinServer
from tillwright.parties.sockets import Adapter, SocketDriver
from tillwright.parties.wire import (
    Action,
    Connect,
    Disconnect,
    HangUp,
    PartyHealth,
    Reply,
    Telling,
    Transmit,
    TwinAction,
    WakeAt,
)


class FaultyTwin(Twin, Protocol):
    """A twin that can be told to misbehave."""

    name: str
    faults: FaultPlan


class Orders(Protocol):
    """Who gives it orders."""

    def arm(self, fault: str, arming: Arming) -> list[TwinAction]: ...


A = TypeVar("A", bound=Adapter)
O = TypeVar("O", bound=Orders)  # noqa: E741  # orders, beside A for adapter
T = TypeVar("T", bound=Telling)
V = TypeVar("V")
Out = list[Action | Telling]


class World(ABC, Generic[A, O]):
    """One till's adapter and its party."""

    def __init__(self, twin: FaultyTwin) -> None:
        self.twin = twin
        self.faults = twin.faults
        self.chance = random.Random(1)
        self.tellings: list[Telling] = []

    @abstractmethod
    def do(self, work: Callable[[A], Out]) -> None:
        """Run it on the adapter, now, and have its actions carried out."""

    @abstractmethod
    def now_ms(self) -> int:
        """What the clock shows."""

    @abstractmethod
    def pass_time(self, for_ms: int) -> None:
        """So much later."""

    @abstractmethod
    def until(self, happened: Callable[[], object]) -> None:
        """Wait for it; fails if it does not happen."""

    @abstractmethod
    def order(self, work: Callable[[O, int], list[TwinAction]]) -> None:
        """Give the twin an order."""

    @abstractmethod
    def close(self) -> None:
        """End it."""

    def look(self, work: Callable[[O], V]) -> V:
        """Read the twin's truth, between two messages."""
        found: list[V] = []

        def read(orders: O, _: int) -> list[TwinAction]:
            found.append(work(orders))
            return []

        self.order(read)
        return found[0]

    def arm(self, fault: str, **how: Any) -> None:
        """Arm a fault of the twin, for the next message unless said otherwise."""
        if not {"probability", "always", "next_count"} & how.keys():
            how["next_count"] = 1
        self.order(lambda orders, _: orders.arm(fault, Arming(**how)))

    def struck(self, fault: str, times: int = 1) -> None:
        """Wait until the fault has struck so often."""
        self.until(lambda: self.faults.struck[fault] >= times)

    def of(self, form: type[T]) -> list[T]:
        """All tellings of a form, in order."""
        return [one for one in list(self.tellings) if isinstance(one, form)]

    def next(self, form: type[T], work: Callable[[A], Out]) -> T:
        """Do it, and wait for the next telling of this form."""
        before = len(self.of(form))
        self.do(work)
        return self.nth(form, before + 1)

    def nth(self, form: type[T], number: int) -> T:
        """Wait until so many of this form were told; the last of them."""
        self.until(lambda: len(self.of(form)) >= number)
        return self.of(form)[number - 1]

    def health(self) -> str:
        """The last that was told of it."""
        told = self.of(PartyHealth)
        return told[-1].state if told else "unknown"


class VirtualWorld(World[A, O]):
    """Adapter and twin some milliseconds apart, on virtual time, in one thread."""

    def __init__(self, adapter: A, twin: FaultyTwin, orders: O, latency_ms: int = 2) -> None:
        super().__init__(twin)
        self.adapter = adapter
        self._orders = orders
        self.latency_ms = latency_ms
        self.transmitted: list[bytes] = []
        self.reachable = True
        self.reshape: Callable[[bytes], list[bytes]] = lambda data: [data]
        """How bytes arrive, in both directions."""
        self.clock_ms = START_MS
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()
        self._connections = count(1)
        self.connection = 0
        self.connects = 0

    def now_ms(self) -> int:
        return self.clock_ms

    def later(self, delay_ms: int, call: Callable[..., None], *arguments: Any) -> None:
        """Have it happen after so long."""
        heappush(self._events, (self.clock_ms + delay_ms, next(self._order), call, arguments))

    def pass_time(self, for_ms: int) -> None:
        end_ms = self.clock_ms + for_ms
        while self._events and self._events[0][0] <= end_ms:
            self._step()
        self.clock_ms = end_ms

    def _step(self) -> None:
        at_ms, _, call, arguments = heappop(self._events)
        self.clock_ms = max(self.clock_ms, at_ms)
        call(*arguments)

    def until(self, happened: Callable[[], object]) -> None:
        end_ms = self.clock_ms + 1_000
        while not happened():
            if not self._events or self._events[0][0] > end_ms:
                raise AssertionError("it does not happen within a second")
            self._step()

    def order(self, work: Callable[[O, int], list[TwinAction]]) -> None:
        self.twin_acts(work(self._orders, self.clock_ms))

    def do(self, work: Callable[[A], Out]) -> None:
        self.act(work(self.adapter))

    def close(self) -> None:
        """Nothing is open."""

    # ── the till's side ─────────────────────────────────────────────────────────────────────────────────────

    def act(self, actions: Out) -> None:
        """Do what the adapter asks."""
        for action in actions:
            if isinstance(action, Connect):
                self.connection = next(self._connections)
                self.connects += 1
                self.later(self.latency_ms, self._arrive, self.connection)
            elif isinstance(action, Transmit):
                self.transmitted.append(action.data)
                self._carry(action.data, self._bytes_at_twin, self.connection)
            elif isinstance(action, Disconnect):
                self.later(self.latency_ms, self._close_at_twin, self.connection)
                self.connection = 0
            elif isinstance(action, WakeAt):
                self.later(max(0, action.at_ms - self.clock_ms), self._due_at_adapter)
            else:
                self.tellings.append(action)

    def _carry(self, data: bytes, arrive: Callable[[int, bytes], None], connection: int) -> None:
        for piece in self.reshape(data):
            self.later(self.latency_ms, arrive, connection, piece)

    def _due_at_adapter(self) -> None:
        self.act(self.adapter.due(self.clock_ms))

    def _connected(self, connection: int, accepted: bool) -> None:
        if connection == self.connection:
            call = self.adapter.connected if accepted else self.adapter.connect_failed
            self.act(call(self.clock_ms))

    def _bytes_at_adapter(self, connection: int, data: bytes) -> None:
        if connection == self.connection:
            self.act(self.adapter.received(data, self.clock_ms))

    def close_at_adapter(self, connection: int) -> None:
        """The line breaks, as the till sees it."""
        if connection == self.connection:
            self.connection = 0
            self.act(self.adapter.closed(self.clock_ms))

    # ── the twin's side ─────────────────────────────────────────────────────────────────────────────────────

    def _arrive(self, connection: int) -> None:
        refused = not self.reachable or bool(self.twin.accept(connection, self.clock_ms, self.chance))
        self.later(self.latency_ms, self._connected, connection, not refused)

    def _bytes_at_twin(self, connection: int, data: bytes) -> None:
        self.twin_acts(self.twin.received(connection, data, self.clock_ms, self.chance))

    def _close_at_twin(self, connection: int) -> None:
        self.twin_acts(self.twin.closed(connection, self.clock_ms))

    def _due_at_twin(self) -> None:
        self.twin_acts(self.twin.due(self.clock_ms, self.chance))

    def twin_acts(self, actions: list[TwinAction]) -> None:
        """Do what the twin asks."""
        for action in actions:
            if isinstance(action, Reply):
                self._carry(action.data, self._bytes_at_adapter, action.connection)
            elif isinstance(action, HangUp):
                self.later(self.latency_ms, self.close_at_adapter, action.connection)
            else:
                self.later(max(0, action.at_ms - self.clock_ms), self._due_at_twin)


class SocketWorld(World[A, O]):
    """The twin behind a real socket, the adapter in the real driver, both by one clock that stands still."""

    def __init__(self, adapter: A, twin: FaultyTwin, orders: O, store: Store) -> None:
        super().__init__(twin)
        self.clock = ManualClock()
        self.server = TwinServer(store, self.clock, self.chance)
        self.port = self.server.serve(twin.name, twin, orders)
        self._server_thread = threading.Thread(target=self.server.run, daemon=True)
        self._server_thread.start()
        self._happened = threading.Condition()
        self.driver = SocketDriver(self.clock)
        self.driver.add("T1/party", adapter, ("127.0.0.1", self.port), self._deliver)
        self.driver.start()

    def _deliver(self, name: str, telling: Telling) -> None:
        with self._happened:
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

    def order(self, work: Callable[[O, int], list[TwinAction]]) -> None:
        self.server.order(self.twin.name, lambda orders, now_ms: (None, work(orders, now_ms)))

    def do(self, work: Callable[[A], Out]) -> None:
        """Returns when the driver has done it, so that the clock may be moved after it."""
        done = threading.Event()

        def run(adapter: A) -> Out:
            actions = work(adapter)
            done.set()
            return actions

        self.driver.do("T1/party", run)
        if not done.wait(REAL_WAIT_S):
            raise AssertionError("the driver does not work")

    def close(self) -> None:
        self.driver.stop()
        self.server.stop()
        self._server_thread.join(REAL_WAIT_S)
