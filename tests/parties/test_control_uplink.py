"""The device's own line to the operator: all of it arrives, in order, and the device knows how far it got."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.parties.worlds import START_MS
from tillwright.parties.control.messages import DeviceProfile, Status
from tillwright.parties.control.orders import ControlOrders
from tillwright.parties.control.store import MemoryStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.control.uplink import TwinBooks, Uplink, UplinkTimes
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.wire import (
    Acknowledged,
    Action,
    DocumentRefused,
    NotDelivered,
    PartyHealth,
    Telling,
    WakeAt,
)

Out = list[Action | Telling]
PROFILE = DeviceProfile(serial="SKO-1", till="T1", currency="EUR", uplink="127.0.0.1:1")
TIMES = UplinkTimes(retry_delays_ms=(500, 2_000), report_every_ms=10_000, look_every_ms=1_000)


class Operator:
    """An operator without a line: it answers when it is told to, or at once if `prompt`."""

    def __init__(self) -> None:
        self.prompt = True
        self.up_to = 0
        self.asked: list[tuple[str, int, int | None]] = []
        """what, number, how many are queued behind it"""
        self.refuses: dict[int, bool] = {}
        """number → whether it blocks the later ones"""
        self.fails: Callable[[int], Telling | None] = lambda _: None

    def start(self, now_ms: int) -> Out:
        return []

    connected = connect_failed = closed = due = start

    def why_not_connected(self, cause: str) -> None:
        self.asked.append((cause, 0, None))

    def received(self, data: bytes, now_ms: int) -> Out:
        """Only here does one who is not prompt answer."""
        what, number, _ = self.asked[-1]
        return [self._answer(number if what == "deliver" else 0)]

    def report(self, serial: str, last_number: int, queued: int, now_ms: int) -> Out:
        self.asked.append(("report", last_number, queued))
        return [PartyHealth("operator", "ready", now_ms), self._answer(0)] if self.prompt else []

    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int | None = None
    ) -> Out:
        assert text
        assert unique_number
        self.asked.append(("deliver", number, queued))
        return [self._answer(number)] if self.prompt else []

    def _answer(self, number: int) -> Telling:
        failure = self.fails(number)
        if failure is not None:
            return failure
        if number in self.refuses:
            if not self.refuses[number]:
                self.up_to = max(self.up_to, number)
            return DocumentRefused("operator", "SKO-1", number, "sum", self.refuses[number])
        if number == self.up_to + 1:
            self.up_to = number
        return Acknowledged("operator", "SKO-1", number, self.up_to)

    def delivered(self) -> list[int]:
        return [number for what, number, _ in self.asked if what == "deliver"]


class Shop:
    """A device, its own line, and an operator; time passes when it is told to."""

    def __init__(self) -> None:
        self.twin = ControlTwin(PROFILE, MemoryStore(), FaultPlan())
        self.orders = ControlOrders(self.twin)
        self.operator = Operator()
        self.uplink = Uplink(TwinBooks(self.twin), self.operator, TIMES)
        self.now_ms = START_MS
        self.wakes: list[int] = []

    def do(self, work: Callable[[int], Out]) -> None:
        """As a driver does: carry out, and look again as long as something was asked."""
        before = -1
        self.act(work(self.now_ms))
        while before != len(self.operator.asked) and self.operator.prompt:
            before = len(self.operator.asked)
            self.act(self.uplink.look(self.now_ms))

    def act(self, out: Out) -> None:
        for one in out:
            assert isinstance(one, WakeAt | PartyHealth)
            if isinstance(one, WakeAt):
                self.wakes.append(one.at_ms)

    def write(self, count: int) -> None:
        for _ in range(count):
            self.twin.device.deposit("EUR", 100, self.now_ms)

    def pass_time(self, for_ms: int) -> None:
        end_ms = self.now_ms + for_ms
        while self.wakes and min(self.wakes) <= end_ms:
            self.now_ms = max(self.now_ms, min(self.wakes))
            self.wakes.remove(min(self.wakes))
            self.do(self.uplink.due)
        self.now_ms = end_ms

    def acknowledged(self) -> int | None:
        return self.twin.device.answer(Status(1), self.now_ms).acknowledged


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_everything_arrives_in_order_and_each_says_how_many_follow(shop: Shop) -> None:
    shop.write(3)
    assert shop.acknowledged() == 0
    shop.do(shop.uplink.start)
    assert shop.operator.asked[:3] == [("deliver", 1, 2), ("deliver", 2, 1), ("deliver", 3, 0)]
    assert shop.acknowledged() == 3
    assert shop.twin.device.store.acknowledged("SKO-1") == 3


def test_what_is_written_later_is_delivered_when_it_is_told_of_it_or_soon_after(shop: Shop) -> None:
    shop.do(shop.uplink.start)
    shop.twin.device.on_document = lambda: shop.do(shop.uplink.look)
    shop.write(1)
    assert shop.acknowledged() == 1
    shop.twin.device.on_document = lambda: None
    shop.write(1)
    assert shop.acknowledged() == 1
    shop.pass_time(1_000)
    assert shop.acknowledged() == 2


def test_with_nothing_to_deliver_it_gives_signs_of_life(shop: Shop) -> None:
    shop.do(shop.uplink.start)
    assert shop.operator.asked == [("report", 0, 0)]
    assert shop.uplink.state == "ready"
    shop.pass_time(35_000)
    assert shop.operator.asked == [("report", 0, 0)] * 4


@pytest.mark.parametrize("off", ["switched off", "unplugged", "down"])
def test_a_line_that_is_off_delivers_nothing_and_then_all(shop: Shop, off: str) -> None:
    shop.do(shop.uplink.start)
    if off == "switched off":
        shop.orders.set_uplink(False)
    elif off == "unplugged":
        shop.orders.unplug()
    else:
        shop.orders.crash(shop.now_ms, 20_000)
    asked = len(shop.operator.asked)
    shop.write(2)
    shop.pass_time(19_000)
    assert len(shop.operator.asked) == asked
    assert shop.acknowledged() == 0
    shop.orders.set_uplink(True)
    shop.orders.plug()
    shop.pass_time(2_000)
    assert shop.acknowledged() == 2


def test_an_operator_that_cannot_be_reached_is_tried_at_growing_intervals(shop: Shop) -> None:
    shop.write(1)
    shop.operator.fails = lambda number: NotDelivered("operator", "SKO-1", number, "operator-unreachable")
    times: list[int] = []
    failing = shop.operator.fails

    def fails(number: int) -> Telling | None:
        times.append(shop.now_ms - START_MS)
        return failing(number)

    shop.operator.fails = fails
    shop.do(shop.uplink.start)
    shop.pass_time(9_000)
    assert times == [0, 1_000, 3_000, 5_000, 7_000, 9_000]
    assert (shop.uplink.cause, shop.acknowledged()) == ("operator-unreachable", 0)
    shop.operator.fails = lambda _: None
    shop.pass_time(2_000)
    assert (shop.uplink.cause, shop.acknowledged()) == ("", 1)


def test_a_document_that_is_refused_is_set_aside_where_later_ones_may_follow(shop: Shop) -> None:
    shop.write(3)
    shop.operator.refuses[2] = False
    shop.do(shop.uplink.start)
    assert shop.operator.delivered() == [1, 2, 3]
    assert shop.acknowledged() == 3


def test_also_when_it_is_the_last_one(shop: Shop) -> None:
    shop.write(2)
    shop.operator.refuses[2] = False
    shop.do(shop.uplink.start)
    assert shop.operator.asked[-1] == ("report", 2, 0)
    assert shop.acknowledged() == 2


def test_a_document_that_blocks_is_carried_until_it_is_taken(shop: Shop) -> None:
    shop.write(3)
    shop.operator.refuses[2] = True
    shop.do(shop.uplink.start)
    shop.pass_time(5_000)
    assert set(shop.operator.delivered()) == {1, 2}
    assert (shop.uplink.cause, shop.acknowledged()) == ("sum", 1)
    shop.operator.refuses.clear()
    shop.pass_time(2_000)
    assert shop.acknowledged() == 3


def test_an_operator_that_went_back_gets_again_what_it_lost(shop: Shop) -> None:
    shop.write(5)
    shop.do(shop.uplink.start)
    assert shop.acknowledged() == 5
    shop.operator.up_to = 2
    shop.pass_time(11_000)
    assert shop.operator.delivered() == [1, 2, 3, 4, 5, 3, 4, 5]
    assert shop.acknowledged() == 5


def test_an_operator_that_wants_an_earlier_one_first_gets_it(shop: Shop) -> None:
    shop.write(4)
    shop.twin.device.acknowledge(3)
    shop.operator.up_to = 1
    wanted = NotDelivered("operator", "SKO-1", 4, "out-of-order", 2)
    shop.operator.fails = lambda number: wanted if number > shop.operator.up_to + 1 else None
    shop.do(shop.uplink.start)
    shop.pass_time(2_000)
    assert shop.operator.delivered() == [4, 2, 3, 4]
    assert shop.acknowledged() == 4


def test_one_thing_is_asked_at_a_time(shop: Shop) -> None:
    shop.operator.prompt = False
    shop.write(3)
    shop.do(shop.uplink.start)
    for _ in range(3):
        shop.act(shop.uplink.look(shop.now_ms))
        shop.act(shop.uplink.due(shop.now_ms))
    assert shop.operator.asked == [("deliver", 1, 2)]
    shop.act(shop.uplink.received(b"", shop.now_ms))
    assert shop.operator.asked == [("deliver", 1, 2), ("deliver", 2, 1)]


def test_a_clock_that_is_set_back_does_not_keep_it_from_trying(shop: Shop) -> None:
    shop.write(1)
    shop.operator.fails = lambda number: NotDelivered("operator", "SKO-1", number, "no-answer")
    shop.do(shop.uplink.start)
    shop.operator.fails = lambda _: None
    shop.now_ms -= 7_200_000
    shop.wakes.clear()
    shop.do(shop.uplink.look)
    shop.pass_time(2_000)
    assert shop.acknowledged() == 1


def test_a_device_that_came_back_old_says_no_more_than_it_has(shop: Shop) -> None:
    shop.write(5)
    shop.do(shop.uplink.start)
    shop.orders.restore_backup(2)
    assert shop.acknowledged() == 3
    shop.write(2)
    shop.twin.device.load()
    assert shop.acknowledged() == 3
    shop.operator.up_to = 9
    shop.pass_time(11_000)
    assert shop.acknowledged() == 5


def test_a_device_without_a_line_of_its_own_does_not_say_how_far_it_has_got() -> None:
    twin = ControlTwin(DeviceProfile(serial="SKO-1", till="T1"), MemoryStore(), FaultPlan())
    ControlOrders(twin).set_uplink(True)
    assert twin.device.answer(Status(1), START_MS).acknowledged is None
    assert TwinBooks(twin).load((), START_MS) is None


def test_what_is_forgotten_in_a_crash_is_delivered_once_more_and_no_more_than_that(shop: Shop) -> None:
    shop.write(30)
    shop.operator.fails = lambda number: (
        NotDelivered("operator", "SKO-1", number, "no-answer") if number > 25 else None
    )
    shop.do(shop.uplink.start)
    assert shop.acknowledged() == 25
    shop.orders.crash(shop.now_ms, 0)
    assert shop.acknowledged() == 20
    shop.operator.fails = lambda _: None
    shop.pass_time(3_000)
    assert shop.acknowledged() == 30
