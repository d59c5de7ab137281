"""The real line to the parties: one thread, one selector, all adapters of a station.

The thread does what the adapters ask and tells them what happens; it decides nothing. Whatever goes wrong in
it ends one connection, never the thread: the adapter learns that the line is gone, and maps that as it maps
any loss.

Over TLS the adapter is told of a connection only when the handshake is over: before that nothing of what it
says can have left. Names are looked up in a thread of their own, because that may take as long as it likes.

Deadlines are the clock port's, so that a moved clock moves them too. The clock is therefore looked at again
after a short while even when nothing happens.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import selectors
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from typing import Any, Protocol, runtime_checkable

import structlog

from tillwright.kernel.clock import Clock
from tillwright.parties.tls import TlsLine
from tillwright.parties.wire import Action, Connect, Disconnect, Health, Telling, Transmit, WakeAt

Out = list[Action | Telling]
Deliver = Callable[[str, Telling], object]

LOOK_S = 0.05
"""So often the clock is looked at while something is to fall due."""
IDLE_S = 1.0
PAUSE_S = 0.1
"""After a mishap of the whole thread, so that one that comes again and again does not eat the processor."""
RECEIVE_BYTES = 1 << 16

_NO_NETWORK = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL})
_log = structlog.get_logger(__name__)


class Adapter(Protocol):
    """What the driver needs of an adapter; times in milliseconds."""

    def start(self, now_ms: int) -> Out: ...
    def connected(self, now_ms: int) -> Out: ...
    def connect_failed(self, now_ms: int) -> Out: ...
    def received(self, data: bytes, now_ms: int) -> Out: ...
    def closed(self, now_ms: int) -> Out: ...
    def due(self, now_ms: int) -> Out: ...


@runtime_checkable
class Curious(Protocol):
    """An adapter that wants to know why nobody could be reached."""

    def why_not_connected(self, cause: str) -> None:
        """'no-network' or 'unreachable'; told before `connect_failed`."""


class _Till:
    """One adapter and its connection, if it has one."""

    __slots__ = (
        "adapter", "address", "attempt", "connecting", "context", "deliver", "name", "seeking", "socket",
        "tls", "unsent", "wanted", "wants_write",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        adapter: Adapter,
        address: tuple[str, int],
        deliver: Deliver,
        context: ssl.SSLContext | None,
    ) -> None:
        self.context = context
        self.tls: TlsLine | None = None
        self.seeking = False
        """Whether the address of its name is being looked up."""
        self.wanted = False
        """Whether the adapter wants a connection and has none yet."""
        self.name = name
        self.adapter = adapter
        self.address = address
        self.deliver = deliver
        self.socket: socket.socket | None = None
        self.attempt = 0
        self.connecting = False
        self.wants_write = False
        self.unsent = bytearray()


class SocketDriver:
    """Drives adapters over TCP. `add`, `do`, `start` and `stop` may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._wake_receiver, self._wake_sender = socket.socketpair()
        for end in (self._wake_receiver, self._wake_sender):
            end.setblocking(False)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ, None)
        self._tills: dict[str, _Till] = {}
        self._orders: deque[Callable[[], None]] = deque()
        self._due: list[tuple[int, str]] = []
        self._now_ms = 0
        self._stopping = False
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parties", daemon=True)

    # ── for the station ─────────────────────────────────────────────────────────────────────────────────────

    def add(
        self,
        till: str,
        adapter: Adapter,
        address: tuple[str, int],
        deliver: Deliver,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Drive this adapter, to this host and port; what it tells goes to `deliver(till, telling)`.

        With a context the connection is under TLS. The adapter belongs to the driver's thread from here on;
        `deliver` is called in that thread and must not wait.
        """
        entry = _Till(till, adapter, address, deliver, context)
        self._order(lambda: self._begin(entry))

    def do(self, till: str, work: Callable[[Any], Out]) -> None:
        """Have `work(adapter)` run in the driver's thread, and what it returns carried out."""
        self._order(lambda: self._work(till, work))

    def start(self) -> None:
        """Begin to drive."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Close all connections and end the thread. What is open then has no answer and is told nothing."""
        self._stopping = True
        self._pause.set()
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._close_all()

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_sender.send(b"!")

    # ── the thread ──────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        self._now_ms = self._clock.now_ms()
        while not self._stopping:
            try:
                self._turn()
            except Exception as error:  # the outermost loop: recorded, every line closed, and gone on with
                _record(None, error)
                for entry in list(self._tills.values()):
                    self._give_up(entry)
                self._pause.wait(PAUSE_S)

    def _turn(self) -> None:
        """Wait for something to happen, and handle all of it."""
        events = self._selector.select(self._timeout_s())
        self._look_at_the_clock()
        for key, mask in events:
            if key.data is None:
                self._drain()
            else:
                self._guard(key.data, partial(self._ready, key.data, mask))
        while self._orders:
            self._orders.popleft()()
        self._wake_who_is_due()

    def _timeout_s(self) -> float:
        if self._orders:
            return 0.0
        if not self._due:
            return IDLE_S
        return min(LOOK_S, max(0, self._due[0][0] - self._clock.now_ms()) / 1000)

    def _look_at_the_clock(self) -> None:
        """A clock that was set back has all adapters look at their deadlines again. What they have asked for
        before stands: one that takes no notice of so little counts on being woken then.
        """
        now_ms = self._clock.now_ms()
        if now_ms < self._now_ms:
            for name in self._tills:
                heappush(self._due, (now_ms, name))
        self._now_ms = now_ms

    def _wake_who_is_due(self) -> None:
        """Wake them at the time at which they were found due: by a second look it might be earlier again."""
        now_ms = self._clock.now_ms()
        while self._due and self._due[0][0] <= now_ms:
            _, name = heappop(self._due)
            self._work(name, lambda adapter: adapter.due(now_ms))

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_receiver.recv(4096):
                pass

    def _guard(self, entry: _Till, work: Callable[[], None]) -> None:
        """One party's mishap is its own: recorded, its line closed, its open requests without an answer."""
        try:
            work()
        except Exception as error:
            _record(entry.name, error)
            self._give_up(entry)

    def _give_up(self, entry: _Till) -> None:
        self._close(entry)
        now_ms = self._clock.now_ms()
        try:
            self._act(entry, entry.adapter.closed(now_ms))
        except Exception as error:
            _record(entry.name, error)
            self._tell(entry, Health("lost", None, None, None, now_ms))

    def _tell(self, entry: _Till, telling: Telling) -> None:
        """What the station makes of it must not stop the line, nor what is to be told next."""
        try:
            entry.deliver(entry.name, telling)
        except Exception as error:
            _record(entry.name, error)

    def _begin(self, entry: _Till) -> None:
        self._tills[entry.name] = entry
        self._guard(entry, lambda: self._act(entry, entry.adapter.start(self._clock.now_ms())))

    def _work(self, till: str, work: Callable[[Any], Out]) -> None:
        entry = self._tills.get(till)
        if entry is None:
            _record(till, LookupError("no such till"))
        else:
            self._guard(entry, lambda: self._act(entry, work(entry.adapter)))

    # ── what adapters ask ───────────────────────────────────────────────────────────────────────────────────

    def _act(self, entry: _Till, actions: Out) -> None:
        for action in actions:
            if isinstance(action, Connect):
                self._connect(entry)
            elif isinstance(action, Transmit):
                self._transmit(entry, action.data)
            elif isinstance(action, Disconnect):
                self._close(entry)
            elif isinstance(action, WakeAt):
                heappush(self._due, (action.at_ms, entry.name))
            else:
                self._tell(entry, action)

    def _connect(self, entry: _Till) -> None:
        self._close(entry)
        entry.attempt += 1
        entry.wanted = True
        if _is_numeric(entry.address[0]):
            self._dial(entry, entry.address)
        elif not entry.seeking:
            entry.seeking = True
            threading.Thread(target=self._seek, args=(entry,), name="names", daemon=True).start()

    def _seek(self, entry: _Till) -> None:
        """Look up a name; in a thread of its own."""
        try:
            found = _addresses(entry.address)
        except OSError as error:
            failure = error
            self._order(lambda: self._guard(entry, lambda: self._not_found(entry, failure)))
        else:
            self._order(lambda: self._guard(entry, lambda: self._found(entry, found)))

    def _found(self, entry: _Till, addresses: list[tuple[str, int]]) -> None:
        """The adapter may have given up meanwhile, or have a connection already."""
        entry.seeking = False
        if entry.wanted:
            self._dial(entry, addresses[entry.attempt % len(addresses)])

    def _not_found(self, entry: _Till, error: OSError) -> None:
        entry.seeking = False
        if entry.wanted:
            self._fail_soon(entry, error)

    def _dial(self, entry: _Till, address: tuple[str, int]) -> None:
        entry.wanted = False
        try:
            entry.socket = _open_socket(address)
        except OSError as error:
            self._fail_soon(entry, error)
            return
        entry.connecting = True
        self._selector.register(entry.socket, selectors.EVENT_WRITE, entry)

    def _fail_soon(self, entry: _Till, error: OSError) -> None:
        """Tell the adapter that nobody is there, when what it has just asked for has all been done."""
        _log.debug("party.connect-failed", till=entry.name, error=str(error))
        self._close(entry)
        attempt, cause = entry.attempt, _cause(error)

        def fail() -> None:
            if entry.attempt == attempt and entry.socket is None:
                self._work(entry.name, lambda adapter: self._told_of_failure(adapter, cause))

        self._orders.append(fail)

    def _told_of_failure(self, adapter: Adapter, cause: str) -> Out:
        if isinstance(adapter, Curious):
            adapter.why_not_connected(cause)
        return adapter.connect_failed(self._clock.now_ms())

    def _lose_soon(self, entry: _Till, error: OSError) -> None:
        """Tell the adapter that the line is gone, when what it has just asked for has all been done."""
        _log.debug("party.send-failed", till=entry.name, error=str(error))
        self._close(entry)
        attempt = entry.attempt

        def lose() -> None:
            if entry.attempt == attempt:
                self._work(entry.name, lambda adapter: adapter.closed(self._clock.now_ms()))

        self._orders.append(lose)

    def _transmit(self, entry: _Till, data: bytes) -> None:
        """What the system does not take at once goes later."""
        if entry.socket is None or entry.connecting:
            return  # the line has broken in the middle of what the adapter asked for; it learns of it next
        self._put(entry, data if entry.tls is None else entry.tls.said(data))

    def _put(self, entry: _Till, data: bytes) -> None:
        entry.unsent += data
        if entry.socket is not None and entry.unsent:
            self._send(entry, entry.socket)

    # ── what happens on a socket ────────────────────────────────────────────────────────────────────────────

    def _ready(self, entry: _Till, mask: int) -> None:
        if entry.socket is None:
            return
        if entry.connecting and entry.tls is None:
            self._connect_ended(entry, entry.socket)
            return
        if mask & selectors.EVENT_WRITE:
            self._send(entry, entry.socket)
        if mask & selectors.EVENT_READ:
            self._receive(entry)

    def _connect_ended(self, entry: _Till, line: socket.socket) -> None:
        code = _connect_code(line)
        if code:
            self._fail_soon(entry, OSError(code, "connecting"))
            return
        self._selector.modify(line, selectors.EVENT_READ, entry)
        if entry.context is None:
            self._stands(entry)
            return
        try:
            entry.tls = TlsLine(entry.context, entry.address[0])
            self._put(entry, entry.tls.begin())
        except (ssl.SSLError, ValueError) as error:
            self._distrust(entry, error)

    def _stands(self, entry: _Till) -> None:
        entry.connecting = False
        self._act(entry, entry.adapter.connected(self._clock.now_ms()))

    def _distrust(self, entry: _Till, error: Exception) -> None:
        """The handshake failed: a wrong certificate, or no TLS at all. Somebody has to mend that."""
        _log.warning("party.not-trusted", till=entry.name, error=str(error))
        self._fail_soon(entry, OSError(errno.ECONNABORTED, "not to be trusted"))

    def _send(self, entry: _Till, line: socket.socket) -> None:
        try:
            sent = line.send(entry.unsent)
            del entry.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError as error:
            self._broke(entry, error)
            return
        if bool(entry.unsent) != entry.wants_write:
            entry.wants_write = bool(entry.unsent)
            more = selectors.EVENT_WRITE if entry.wants_write else 0
            self._selector.modify(line, selectors.EVENT_READ | more, entry)

    def _receive(self, entry: _Till) -> None:
        if entry.socket is None:
            return
        try:
            data = entry.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            _log.debug("party.receive-failed", till=entry.name, error=str(error))
            data = b""
        if not data:
            self._ended(entry)
        elif entry.tls is None:
            self._act(entry, entry.adapter.received(data, self._clock.now_ms()))
        else:
            self._receive_secured(entry, entry.tls, data)

    def _receive_secured(self, entry: _Till, tls: TlsLine, data: bytes) -> None:
        try:
            said, answer = tls.received(data)
        except ssl.SSLError as error:
            if entry.connecting:
                self._distrust(entry, error)
            else:
                self._lose_soon(entry, error)
            return
        self._put(entry, answer)
        if entry.connecting and tls.stands and entry.socket is not None:
            self._stands(entry)
        if said and entry.tls is tls:
            self._act(entry, entry.adapter.received(said, self._clock.now_ms()))
        if tls.is_over and entry.tls is tls:
            self._ended(entry)

    def _broke(self, entry: _Till, error: OSError) -> None:
        if entry.connecting:
            self._fail_soon(entry, error)
        else:
            self._lose_soon(entry, error)

    def _ended(self, entry: _Till) -> None:
        """The party has closed the connection."""
        if entry.connecting:
            self._fail_soon(entry, OSError(errno.ECONNRESET, "closed in the handshake"))
            return
        self._close(entry)
        self._act(entry, entry.adapter.closed(self._clock.now_ms()))

    def _close(self, entry: _Till) -> None:
        line, entry.socket = entry.socket, None
        entry.connecting = entry.wants_write = entry.wanted = False
        entry.tls = None
        entry.unsent.clear()
        if line is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(line)
            with contextlib.suppress(OSError):
                line.close()

    def _close_all(self) -> None:
        for entry in self._tills.values():
            self._close(entry)
        self._selector.close()
        self._wake_receiver.close()
        self._wake_sender.close()


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _addresses(address: tuple[str, int]) -> list[tuple[str, int]]:
    """The numeric addresses of a name, at least one. Raises OSError."""
    found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    return [(str(place[0]), int(place[1])) for _, _, _, _, place in found]


def _cause(error: OSError) -> str:
    """Whether there is no network at all, or nobody at that address."""
    none = isinstance(error, socket.gaierror) or error.errno in _NO_NETWORK
    return "no-network" if none else "unreachable"


def _open_socket(address: tuple[str, int]) -> socket.socket:
    """A socket that is connecting, without waiting for it. Raises OSError if that is refused at once."""
    line = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = line.connect_ex(address)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, "connecting")
    except BaseException:
        line.close()
        raise
    return line


def _connect_code(line: socket.socket) -> int:
    """How the connecting ended: 0, or the system's number of what went wrong."""
    code = line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        return code
    try:
        # With nobody at a port, the system may connect a socket of this machine with itself.
        itself = line.getsockname() == line.getpeername()
    except OSError as error:
        return error.errno or errno.ENOTCONN
    return errno.ECONNREFUSED if itself else 0


def _record(till: str | None, error: Exception) -> None:
    """A mistake of ours in the parties' thread: in the log, for people."""
    _log.error("party.driver-failed", till=till, error=repr(error), exc_info=error)
