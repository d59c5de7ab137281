"""The devices' own lines on real sockets: device, line and operator, each in a thread as in earnest."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.parties.worlds import REAL_WAIT_S, ManualClock
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.orders import ControlOrders
from tillwright.parties.control.store import MemoryStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import Arming, FaultPlan
from tillwright.parties.operator.orders import OperatorOrders, operator_twin
from tillwright.parties.operator.store import MemoryStore as OperatorBooks
from tillwright.parties.serving import TwinServer
from tillwright.parties.uplinks import BadAddress, Uplinks, address_of
from tillwright.parties.wire import TwinAction

pytestmark = pytest.mark.sockets


class Process:
    """A device and an operator behind one server, and the device's line."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store, self.books = MemoryStore(), OperatorBooks()
        self.server = TwinServer([self.store, self.books], self.clock, random.Random(1))
        self.device = ControlTwin(
            DeviceProfile(serial="SKO-1", till="T1", currency="EUR", uplink="operator"),
            self.store,
            FaultPlan(),
        )
        self.server.add(self.device)
        twin = operator_twin(self.books, FaultPlan())
        self.operator = OperatorOrders(twin)
        self.server.serve("operator", twin, self.operator)
        self.uplinks = Uplinks(self.server, self.clock)
        self.uplinks.add(self.device)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self.uplinks.start()

    def at_device(self, work: Callable[[ControlOrders], object]) -> None:
        self.server.order("SKO-1", lambda orders, _: (work(orders), []))

    def put_in(self, count: int = 1) -> None:
        for _ in range(count):
            self.at_device(lambda orders: orders.deposit("EUR", 100, self.clock.now_ms()))

    def acknowledged(self) -> int | None:
        found: list[int | None] = []
        self.at_device(lambda orders: found.append(orders.acknowledged()))
        return found[0]

    def at_operator(self) -> list[int]:
        """The numbers of the documents there, in the order in which they came."""
        found: list[int] = []

        def read(orders: OperatorOrders, _: int) -> tuple[None, list[TwinAction]]:
            found.extend(document.number for document in orders.documents())
            return None, []

        self.server.order("operator", read)
        return found

    def until(self, happened: Callable[[], bool]) -> None:
        """Time is moved on, so that what is to be tried again is."""
        end = time.monotonic() + REAL_WAIT_S
        while not happened():
            assert time.monotonic() < end, "it does not happen"
            self.clock.at_ms += 100
            self.thread.join(0.005)

    def close(self) -> None:
        self.server.stop()
        self.thread.join(REAL_WAIT_S)
        self.uplinks.stop()


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    yield process
    process.close()


def test_what_the_device_writes_arrives_at_the_operator(process: Process) -> None:
    process.put_in(5)
    process.until(lambda: process.acknowledged() == 5)
    assert process.at_operator() == [1, 2, 3, 4, 5]
    process.until(lambda: process.device.uplink_state == "ready")
    process.put_in()
    process.until(lambda: process.at_operator() == [1, 2, 3, 4, 5, 6])


def test_switched_off_it_keeps_them_and_switched_on_it_brings_them(process: Process) -> None:
    process.put_in()
    process.until(lambda: process.acknowledged() == 1)
    process.at_device(lambda orders: orders.set_uplink(False))
    process.put_in(3)
    later_ms = process.clock.at_ms + 3_000
    process.until(lambda: process.clock.at_ms > later_ms)
    assert process.at_operator() == [1]
    process.at_device(lambda orders: orders.set_uplink(True))
    process.until(lambda: process.acknowledged() == 4)


@pytest.mark.parametrize("fault", ["silent", "drop_request_close", "garbage", "answer_twice", "crash"])
def test_whatever_befalls_the_line_each_arrives_once(process: Process, fault: str) -> None:
    process.server.order(
        "operator", lambda orders, _: (None, orders.arm(fault, Arming(next_count=2, delay_ms=500)))
    )
    process.put_in(3)
    process.until(lambda: process.acknowledged() == 3)
    assert process.at_operator() == [1, 2, 3]


@pytest.mark.parametrize(
    ("uplink", "address"),
    [
        ("10.0.0.1:8300", ("10.0.0.1", 8300)),
        ("[::1]:8300", ("::1", 8300)),
        ("operator", ("127.0.0.1", 8211)),
    ],
)
def test_a_line_leads_to_a_host_or_to_the_operator_of_this_process(
    uplink: str, address: tuple[str, int]
) -> None:
    assert address_of(uplink, {"operator": 8211, "SKO-1": 8201}) == address


@pytest.mark.parametrize("uplink", ["nowhere", "host:", ":80", "host:99999", "host:0", "operator", "SKO-1"])
def test_a_line_that_leads_nowhere_is_told(uplink: str) -> None:
    with pytest.raises(BadAddress, match=uplink):
        address_of(uplink, {"SKO-1": 8201})
