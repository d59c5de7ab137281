"""Twins on real sockets: one process, one thread, any number of twins, each on a port of its own.

The thread waits for tills and for orders. What came in together is done in one group of the store, so that
it reaches the disk together, and only then the replies go out: nothing is answered that is not durable. A
store that cannot be written ends the process: a device without memory must not answer.

Orders come from other threads (the control endpoint) and run in this one, between two messages.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from heapq import heappop, heappush
from itertools import count
from typing import Any, Protocol, TypeVar

import structlog

from tillwright.kernel.clock import Clock
from tillwright.parties.control.orders import ControlOrders
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import Chance
from tillwright.parties.wire import HangUp, Reply, TwinAction, WakeAt

LOOPBACK = "127.0.0.1"
LOOK_S = 0.05
IDLE_S = 1.0
ORDER_S = 10.0
RECEIVE_BYTES = 1 << 16
BACKLOG = 64
UNSENT_BYTES_MAX = 1 << 24
"""A till that asks and does not listen is hung up."""
_AT_ONCE = struct.pack("ii", 1, 0)  # close without lingering: the till sees the line break

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class Twin(Protocol):
    """What the server needs of a twin; times in milliseconds."""

    def accept(self, connection: int, now_ms: int, chance: Chance) -> list[TwinAction]: ...
    def received(self, connection: int, data: bytes, now_ms: int, chance: Chance) -> list[TwinAction]: ...
    def closed(self, connection: int, now_ms: int) -> list[TwinAction]: ...
    def due(self, now_ms: int, chance: Chance) -> list[TwinAction]: ...


class Store(Protocol):
    """What the server needs of what twins keep."""

    def group(self) -> contextlib.AbstractContextManager[object]:
        """Writes inside it reach the disk together, when it ends."""


class _Served:
    """A twin, who gives it orders, and the socket at which it listens."""

    def __init__(self, name: str, twin: Twin, orders: Any, listener: socket.socket) -> None:
        self.name = name
        self.twin = twin
        self.orders = orders
        self.listener = listener
        self.listens = True

    @property
    def is_off_the_net(self) -> bool:
        """Whether nobody gets a connection at all: unplugged, it does not even hang up."""
        return bool(getattr(self.twin, "vanishes", False)) and not getattr(self.twin, "plugged", True)


class _Line:
    """One connection of a till to a twin."""

    __slots__ = ("connection", "served", "socket", "unsent", "wants_write")

    def __init__(self, connection: int, served: _Served, line: socket.socket) -> None:
        self.connection = connection
        self.served = served
        self.socket = line
        self.unsent = bytearray()
        self.wants_write = False


class TwinServer:
    """Serves twins that write into these stores. `order` and `stop` may be called from any thread."""

    def __init__(self, stores: Store | Sequence[Store], clock: Clock, chance: Chance) -> None:
        self._stores = tuple(stores) if isinstance(stores, Sequence) else (stores,)
        self._clock = clock
        self._chance = chance
        self._selector = selectors.DefaultSelector()
        self._wake_receiver, self._wake_sender = socket.socketpair()
        for end in (self._wake_receiver, self._wake_sender):
            end.setblocking(False)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ, None)
        self._served: dict[str, _Served] = {}
        self._lines: dict[int, _Line] = {}
        self._connections = count(1)
        self._orders: deque[tuple[Callable[[], None], Future[Any]]] = deque()
        self._due: list[tuple[int, str]] = []
        self._now_ms = clock.now_ms()
        self._stopping = False
        self._closed = False

    def add(self, twin: ControlTwin, port: int = 0) -> int:
        """Serve a control device, under its serial; as `serve`."""
        return self.serve(twin.profile.serial, twin, ControlOrders(twin), port)

    def serve(self, name: str, twin: Twin, orders: Any, port: int = 0) -> int:
        """Serve a twin at this port of this machine; 0 has the system choose. Returns the port.

        `orders`: what `order` hands to its work. Before `run`. Raises OSError when the port is taken,
        ValueError for a name that is served already.
        """
        if name in self._served:
            raise ValueError(f"{name} is served already")
        listener = _bound(port)
        listener.listen(BACKLOG)
        self._served[name] = _Served(name, twin, orders, listener)
        self._selector.register(listener, selectors.EVENT_READ, self._served[name])
        bound: int = listener.getsockname()[1]
        return bound

    @property
    def ports(self) -> Mapping[str, int]:
        """Name → port."""
        return {name: served.listener.getsockname()[1] for name, served in self._served.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The twins that are served, in the order in which they were added."""
        return tuple(self._served)

    def orders(self, name: str) -> Any:
        """Who gives orders to a twin; to be used inside `order` only. Raises KeyError."""
        return self._served[name].orders

    def order(self, name: str, work: Callable[[Any, int], tuple[_T, list[TwinAction]]]) -> _T:
        """Run `work(orders, now_ms)` between two messages and carry out its actions; returns its result.

        Raises KeyError for a twin that is not served, TimeoutError or CancelledError when nobody serves
        (any more), and what `work` raises.
        """
        served = self._served[name]
        done: Future[_T] = Future()

        def run() -> None:
            try:
                result, actions = work(served.orders, self._clock.now_ms())
            except Exception as error:
                _record_refused(name, error)
                done.set_exception(error)
                return
            self._act(served, actions)
            self._mind_the_net(served)
            done.set_result(result)

        self._orders.append((run, done))
        self._wake()
        if self._closed:
            done.cancel()
        return done.result(ORDER_S)

    def _mind_the_net(self, served: _Served) -> None:
        """A twin that was taken off the net keeps its port, and nobody listens there; back on, it does."""
        if served.is_off_the_net and served.listens:
            port = served.listener.getsockname()[1]
            self._selector.unregister(served.listener)
            served.listener.close()
            served.listener, served.listens = _bound(port), False
        elif not served.is_off_the_net and not served.listens:
            served.listener.listen(BACKLOG)
            self._selector.register(served.listener, selectors.EVENT_READ, served)
            served.listens = True

    def stop(self) -> None:
        """Have `run` return."""
        self._stopping = True
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_sender.send(b"!")

    # ── the loop ────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Serve until `stop`. An exception is a store that failed, or a mistake of ours: the process ends."""
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._close_all()

    def _turn(self) -> None:
        events = self._selector.select(self._timeout_s())
        said: list[tuple[_Served, list[TwinAction]]] = []
        with contextlib.ExitStack() as groups:
            for store in self._stores:
                groups.enter_context(store.group())
            for key, mask in events:
                said += self._happened(key.fileobj, key.data, mask)
            said += self._fallen_due()
        for served, actions in said:
            self._act(served, actions)
        while self._orders:
            self._orders.popleft()[0]()

    def _timeout_s(self) -> float:
        if not self._due:
            return IDLE_S
        return min(LOOK_S, max(0, self._due[0][0] - self._clock.now_ms()) / 1000)

    def _happened(
        self, source: object, owner: _Served | _Line | None, mask: int
    ) -> list[tuple[_Served, list[TwinAction]]]:
        if owner is None:
            self._drain()
            return []
        if isinstance(owner, _Served):
            return self._accept(owner)
        if mask & selectors.EVENT_WRITE:
            self._send(owner)
        return self._receive(owner) if mask & selectors.EVENT_READ else []

    def _fallen_due(self) -> list[tuple[_Served, list[TwinAction]]]:
        now_ms = self._clock.now_ms()
        if now_ms < self._now_ms:  # the clock was set back: look at everything again, and when it was to be
            for name in self._served:
                heappush(self._due, (now_ms, name))
        self._now_ms = now_ms
        said = []
        while self._due and self._due[0][0] <= now_ms:
            served = self._served[heappop(self._due)[1]]
            said.append((served, served.twin.due(now_ms, self._chance)))
        return said

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_receiver.recv(4096):
                pass

    # ── lines ───────────────────────────────────────────────────────────────────────────────────────────────

    def _accept(self, served: _Served) -> list[tuple[_Served, list[TwinAction]]]:
        try:
            line, _ = served.listener.accept()
        except OSError:
            return []  # it was gone before we looked
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = next(self._connections)
        self._lines[connection] = _Line(connection, served, line)
        self._selector.register(line, selectors.EVENT_READ, self._lines[connection])
        return [(served, served.twin.accept(connection, self._clock.now_ms(), self._chance))]

    def _receive(self, line: _Line) -> list[tuple[_Served, list[TwinAction]]]:
        try:
            data = line.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        twin, now_ms = line.served.twin, self._clock.now_ms()
        if data:
            return [(line.served, twin.received(line.connection, data, now_ms, self._chance))]
        self._close(line)
        return [(line.served, twin.closed(line.connection, now_ms))]

    def _act(self, served: _Served, actions: list[TwinAction]) -> None:
        for action in actions:
            if isinstance(action, WakeAt):
                heappush(self._due, (action.at_ms, served.name))
            elif (line := self._lines.get(action.connection)) is None:
                continue
            elif isinstance(action, Reply):
                line.unsent += action.data
                self._send(line)
                if len(line.unsent) > UNSENT_BYTES_MAX:
                    self._hang_up(line)
            elif isinstance(action, HangUp):
                self._hang_up(line)

    def _send(self, line: _Line) -> None:
        try:
            sent = line.socket.send(line.unsent)
            del line.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            line.unsent.clear()  # the next read says that the line is gone
        if bool(line.unsent) != line.wants_write:
            line.wants_write = bool(line.unsent)
            more = selectors.EVENT_WRITE if line.wants_write else 0
            self._selector.modify(line.socket, selectors.EVENT_READ | more, line)

    def _hang_up(self, line: _Line) -> None:
        """Break the line at once; the twin has forgotten it, or soon will."""
        with contextlib.suppress(OSError):
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._close(line)

    def _close(self, line: _Line) -> None:
        if self._lines.pop(line.connection, None) is None:
            return
        self._selector.unregister(line.socket)
        line.socket.close()

    def _close_all(self) -> None:
        self._closed = True
        for line in list(self._lines.values()):
            self._close(line)
        for served in self._served.values():
            served.listener.close()
        self._selector.close()
        self._wake_receiver.close()
        self._wake_sender.close()
        while self._orders:
            self._orders.popleft()[1].cancel()


def _bound(port: int) -> socket.socket:
    """A socket at this port of this machine; nobody listens yet. Raises OSError when it is taken."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((LOOPBACK, port))
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _record_refused(name: str, error: Exception) -> None:
    """An order that could not be carried out is answered as such to whoever gave it."""
    _log.info("twin.order-refused", twin=name, error=str(error))
