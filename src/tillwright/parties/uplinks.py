"""The devices' own lines to the operator, on real sockets, in the process of the twins.

The devices live in the server's thread, their lines in a thread of the socket driver. A line asks its device
between two messages, like anybody who gives orders: so it sees only what is durable, and the device never
waits for the operator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import CancelledError
from typing import TypeVar

from tillwright.kernel.clock import Clock
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.control.uplink import Load, TwinBooks, Uplink, UplinkTimes
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.orders import NAME as OPERATOR
from tillwright.parties.serving import TwinServer
from tillwright.parties.sockets import SocketDriver
from tillwright.parties.wire import PartyHealth, Telling

LOOPBACK = "127.0.0.1"
_T = TypeVar("_T")


class BadAddress(ValueError):
    """An uplink that leads nowhere; the text says which."""


class ServedBooks:
    """A device that is served, asked from another thread. While nobody serves it has nothing to deliver."""

    def __init__(self, server: TwinServer, serial: str) -> None:
        self._server = server
        self._serial = serial

    def load(self, aside: Collection[int], now_ms: int) -> Load | None:
        """What is next to be delivered."""
        left_out = frozenset(aside)
        return self._between(lambda books, at_ms: books.load(left_out, at_ms))

    def acknowledge(self, number: int) -> None:
        """All documents up to this one are at the operator."""
        self._between(lambda books, _: books.acknowledge(number))

    def _between(self, work: Callable[[TwinBooks, int], _T]) -> _T | None:
        try:
            return self._server.order(
                self._serial, lambda orders, now_ms: (work(TwinBooks(orders.twin), now_ms), [])
            )
        except (CancelledError, TimeoutError):
            return None


class Uplinks:
    """All lines of a process. `add` before the server runs."""

    def __init__(self, server: TwinServer, clock: Clock, times: UplinkTimes | None = None) -> None:
        self._server = server
        self._clock = clock
        self._times = times
        self._driver = SocketDriver(clock)
        self._count = 0

    def add(self, twin: ControlTwin) -> None:
        """Give this device its line, if its profile names one. Raises BadAddress."""
        profile = twin.profile
        if not profile.uplink:
            return
        address = address_of(profile.uplink, self._server.ports)
        operator = OperatorAdapter(profile.till, HttpTimes(), address[0], way="device")
        uplink = Uplink(ServedBooks(self._server, profile.serial), operator, self._times)
        self._driver.add(profile.serial, uplink, address, _remember(twin))
        twin.device.on_document = self._looking(profile.serial)
        self._count += 1

    def start(self) -> None:
        """Begin to deliver."""
        if self._count:
            self._driver.start()

    def stop(self) -> None:
        """Deliver no more. After the server has stopped, so that nobody waits for it."""
        self._driver.stop()

    def _looking(self, serial: str) -> Callable[[], None]:
        return lambda: self._driver.do(serial, lambda uplink: uplink.look(self._clock.now_ms()))


def address_of(uplink: str, ports: Mapping[str, int]) -> tuple[str, int]:
    """Host and port: 'operator' is the one of this process, if `ports` has it. Raises BadAddress."""
    if uplink == OPERATOR and OPERATOR in ports:
        return LOOPBACK, ports[OPERATOR]
    host, _, port = uplink.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise BadAddress(f"uplink {uplink!r}: host:port, or {OPERATOR!r} where one is served here")
    return host.strip("[]"), int(port)


def _remember(twin: ControlTwin) -> Callable[[str, Telling], None]:
    """How the line stands is shown with the device."""

    def told(_serial: str, telling: Telling) -> None:
        if isinstance(telling, PartyHealth):
            twin.uplink_state = telling.state

    return told
