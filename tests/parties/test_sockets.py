"""The driver of real sockets: every mishap of the system is mapped, and none of them ends its thread."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from tests.parties.worlds import REAL_WAIT_S, TIMES, Holding, ManualClock, SocketWorld, leg, sale
from tillwright.kernel.outcome import Accepted, NoAnswer, NotSent
from tillwright.parties import sockets
from tillwright.parties.control.adapter import ControlAdapter
from tillwright.parties.sockets import SocketDriver
from tillwright.parties.wire import Health, Telling, Told

pytestmark = pytest.mark.sockets

SYSTEM_ERRORS = (
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    errno.EPIPE,
    errno.ETIMEDOUT,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,
    errno.EMFILE,
    errno.ENOBUFS,
    errno.EACCES,
    errno.EBADF,
    errno.EIO,
)


class Station:
    """Hears what the driver delivers."""

    def __init__(self) -> None:
        self.held = Holding()
        self.tellings: list[tuple[str, Telling]] = []
        self._changed = threading.Condition()

    def deliver(self, till: str, telling: Telling) -> None:
        with self._changed:
            self.held.hear(telling)
            self.tellings.append((till, telling))
            self._changed.notify_all()

    def until(self, happened: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, REAL_WAIT_S)

    def outcome(self, till: str = "T1") -> object:
        """The first outcome that is told for this till."""
        self.until(lambda: self._outcomes(till))
        return self._outcomes(till)[0]

    def until_told(self, count: int) -> None:
        self.until(lambda: len(self._outcomes("T1")) >= count)

    def _outcomes(self, till: str) -> list[Any]:
        return [one.outcome for name, one in self.tellings if name == till and isinstance(one, Told)]

    def lost(self, till: str = "T1") -> bool:
        return any(
            name == till and isinstance(one, Health) and one.state == "lost" for name, one in self.tellings
        )


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def driver() -> Iterator[SocketDriver]:
    driver = SocketDriver(ManualClock())
    driver.start()
    yield driver
    driver.stop()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def add(driver: SocketDriver, station: Station, port: int, till: str = "T1") -> ControlAdapter:
    adapter = ControlAdapter(till, TIMES, station.held)
    driver.add(till, adapter, ("127.0.0.1", port), station.deliver)
    return adapter


def register(driver: SocketDriver, till: str = "T1", number: int = 1) -> None:
    operation = sale(number)
    driver.do(till, lambda adapter: adapter.register(operation, leg(operation), 1_700_000_000_000))


def test_nobody_listens(driver: SocketDriver, station: Station) -> None:
    add(driver, station, closed_port())
    register(driver)
    assert isinstance(station.outcome(), NotSent)


def test_a_name_that_no_address_belongs_to(driver: SocketDriver, station: Station) -> None:
    adapter = ControlAdapter("T1", TIMES, station.held)
    driver.add("T1", adapter, ("no such host .invalid", 1), station.deliver)
    register(driver)
    assert isinstance(station.outcome(), NotSent)


@pytest.mark.parametrize("number", SYSTEM_ERRORS, ids=errno.errorcode.get)
def test_whatever_goes_wrong_in_connecting_is_not_sent(
    driver: SocketDriver, station: Station, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(address: tuple[str, int]) -> socket.socket:
        raise OSError(number, "connecting")

    monkeypatch.setattr(sockets, "_open_socket", fail)
    add(driver, station, 1)
    register(driver)
    assert isinstance(station.outcome(), NotSent)
    assert station.lost()


@pytest.mark.parametrize("number", SYSTEM_ERRORS, ids=errno.errorcode.get)
def test_whatever_the_system_says_of_a_connection_that_was_begun_is_not_sent(
    driver: SocketDriver, station: Station, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(sockets, "_connect_code", lambda line: number)
    add(driver, station, closed_port())
    register(driver)
    assert isinstance(station.outcome(), NotSent)


class Breaking(socket.socket):
    """A socket of which receiving or sending fails, once it is told to."""

    receiving: int = 0
    sending: int = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        if Breaking.receiving:
            raise OSError(Breaking.receiving, "receiving")
        return super().recv(size, flags)

    def send(self, data: Any, flags: int = 0) -> int:
        if Breaking.sending:
            raise OSError(Breaking.sending, "sending")
        return super().send(data, flags)


@pytest.mark.parametrize("number", SYSTEM_ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize("way", ["receiving", "sending"])
def test_whatever_breaks_after_the_request_may_have_left_has_no_answer(
    monkeypatch: pytest.MonkeyPatch, number: int, way: str
) -> None:
    def open_breaking(address: tuple[str, int]) -> socket.socket:
        line = Breaking(socket.AF_INET, socket.SOCK_STREAM)
        line.setblocking(False)
        line.connect_ex(address)
        return line

    monkeypatch.setattr(sockets, "_open_socket", open_breaking)
    monkeypatch.setattr(Breaking, way, 0)
    world = SocketWorld()
    try:
        world.ready()
        if way == "receiving":
            world.arm("silent")
        setattr(Breaking, way, number)
        world.register(sale(1))
        if way == "receiving":
            world.struck("silent")
            world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
        assert isinstance(world.ends(sale(1)), NoAnswer)
        setattr(Breaking, way, 0)
        world.pass_time(10_000)
        world.ready()
        assert isinstance(world.sell(sale(2)), Accepted)
    finally:
        setattr(Breaking, way, 0)
        world.close()


def test_a_message_that_the_system_takes_piece_by_piece_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stingy(socket.socket):
        def send(self, data: Any, flags: int = 0) -> int:
            return super().send(bytes(data[:7]), flags)

    def open_stingy(address: tuple[str, int]) -> socket.socket:
        line = Stingy(socket.AF_INET, socket.SOCK_STREAM)
        line.setblocking(False)
        line.connect_ex(address)
        return line

    monkeypatch.setattr(sockets, "_open_socket", open_stingy)
    world = SocketWorld()
    world.ready()
    assert isinstance(world.sell(sale(1)), Accepted)
    world.close()


# ── mishaps of our own ──────────────────────────────────────────────────────────────────────────────────────


def fail(*_: object) -> Any:
    raise ZeroDivisionError("planted")


def test_a_mistake_in_one_adapter_ends_its_line_and_no_other() -> None:
    world = SocketWorld()
    world.ready()
    with structlog.testing.capture_logs() as logs:
        world.driver.do("T1", fail)
        world.until(lambda: world.health().state == "lost")
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["party.driver-failed"]
    world.pass_time(1_000)
    world.ready()
    assert isinstance(world.sell(sale(1)), Accepted)
    world.close()


def test_an_adapter_that_cannot_even_lose_its_line_is_told_lost_all_the_same(
    driver: SocketDriver, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = add(driver, station, closed_port())
    monkeypatch.setattr(adapter, "closed", fail)
    with structlog.testing.capture_logs():
        driver.do("T1", fail)
        station.until(station.lost)
    assert station.lost()


def test_a_station_that_fails_to_listen_stops_neither_line_nor_thread(driver: SocketDriver) -> None:
    heard = Station()

    def deliver(till: str, telling: Telling) -> None:
        heard.deliver(till, telling)
        raise ZeroDivisionError("planted")

    with structlog.testing.capture_logs():
        driver.add("T1", ControlAdapter("T1", TIMES, heard.held), ("127.0.0.1", closed_port()), deliver)
        register(driver)
        assert isinstance(heard.outcome(), NotSent)
        heard.until(heard.lost)


def test_a_till_that_was_never_added_disturbs_nobody(driver: SocketDriver, station: Station) -> None:
    with structlog.testing.capture_logs() as logs:
        driver.do("T9", fail)
        add(driver, station, closed_port())
        register(driver)
        assert isinstance(station.outcome(), NotSent)
    assert any(entry["log_level"] == "error" and entry["till"] == "T9" for entry in logs)


def test_a_failing_selector_is_recorded_and_survived(
    driver: SocketDriver, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(driver, station, closed_port())
    station.until(station.lost)
    failing = [OSError(errno.EINVAL, "selecting")] * 2
    select = driver._selector.select

    def select_sometimes(timeout: float | None = None) -> Any:
        if failing:
            raise failing.pop()
        return select(timeout)

    with structlog.testing.capture_logs() as logs:
        monkeypatch.setattr(driver._selector, "select", select_sometimes)
        for number in (1, 2):
            register(driver, number=number)
            station.until_told(number)
    assert failing == []
    assert sum(entry["event"] == "party.driver-failed" for entry in logs) == 2


@pytest.mark.parametrize("back_ms", [1, 400, 1_000, 1_001, 3_600_000])
def test_a_clock_that_is_set_back_keeps_no_request_waiting_for_ever(back_ms: int) -> None:
    """By little, which the adapter takes no notice of, or by much: after its time there is no answer."""
    world = SocketWorld()
    world.ready()
    world.arm("silent")
    world.register(sale(1))
    world.struck("silent")
    world.pass_time(-back_ms)
    for _ in range(3):
        world.do(lambda _adapter: [])  # the driver has looked at its clock between two of them
    world.pass_time(TIMES.answer_within_ms + back_ms)
    assert isinstance(world.ends(sale(1)), NoAnswer)
    world.close()


def test_two_tills_in_one_thread_are_apart() -> None:
    world = SocketWorld()
    world.ready()
    other = Station()
    add(world.driver, other, closed_port(), "T2")
    register(world.driver, "T2", 7)
    assert isinstance(other.outcome("T2"), NotSent)
    assert isinstance(world.sell(sale(1)), Accepted)
    world.close()


def test_stopped_it_is_gone_and_says_nothing_more() -> None:
    world = SocketWorld()
    world.ready()
    world.close()
    assert not any(thread.name == "parties" for thread in threading.enumerate() if thread.is_alive())
