"""The contract of the printer, on four kinds of world, and what only virtual time can show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parties.contract_printer import PRINTER_WORLD, TIMES, PrinterContract, code, end, lies_there, send
from tests.parties.http_worlds import SocketWorld, VirtualWorld
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.printer.adapter import PrinterAdapter, PrinterTimes
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.slips import MemorySlips, Printed, SlipStore, Text
from tillwright.parties.printer.sqlite_slips import SqliteSlips
from tillwright.parties.printer.twin import PrinterTwin
from tillwright.parties.wire import PartyHealth, PrintTold

Virtual = VirtualWorld[PrinterAdapter, PrinterOrders]


def twin(store: SlipStore) -> PrinterTwin:
    return PrinterTwin("till-1/printer", Printer("PRN-1", store), FaultPlan())


def virtual(store: SlipStore | None = None, times: PrinterTimes = TIMES) -> Virtual:
    made = twin(store or MemorySlips())
    return VirtualWorld(PrinterAdapter("T1", times), made, PrinterOrders(made))


class TestInMemory(PrinterContract):
    """Virtual time, memory store: what the simulation runs."""

    @pytest.fixture
    def world(self) -> PRINTER_WORLD:
        return virtual()


class TestInSqlite(PrinterContract):
    """Virtual time, the store of the real process."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[PRINTER_WORLD]:
        store = SqliteSlips(tmp_path / "printers.db")
        yield virtual(store)
        store.close()


class TestByteByByte(PrinterContract):
    """Virtual time, and never two bytes at once."""

    @pytest.fixture
    def world(self) -> PRINTER_WORLD:
        world = virtual()
        world.reshape = lambda data: [bytes([byte]) for byte in data]
        return world

    @pytest.mark.parametrize("do", ["print"])
    def test_an_answer_that_comes_twice_is_one(self, world: PRINTER_WORLD, do: str) -> None:
        """Status bytes have no names: asked one by one and each answered twice, they cannot be told apart.
        A confirmation can.
        """
        super().test_an_answer_that_comes_twice_is_one(world, do)
        assert len(lies_there(world)) == 2


@pytest.mark.sockets
class TestOnSockets(PrinterContract):
    """The drivers of the real processes."""

    @pytest.fixture
    def world(self) -> Iterator[PRINTER_WORLD]:
        store = MemorySlips()
        made = twin(store)
        world: SocketWorld[PrinterAdapter, PrinterOrders] = SocketWorld(
            PrinterAdapter("T1", TIMES), made, PrinterOrders(made), store
        )
        yield world
        world.close()


# ── virtual time only ───────────────────────────────────────────────────────────────────────────────────────


def started(world: Virtual) -> Virtual:
    world.do(lambda adapter: adapter.start(world.now_ms()))
    world.until(lambda: world.health() == "ready")
    return world


def test_a_resting_printer_is_asked_by_itself_and_tells_only_changes() -> None:
    world = started(virtual(times=PrinterTimes(status_every_ms=5_000)))
    world.pass_time(60_000)
    assert [one.state for one in world.of(PartyHealth)] == ["ready"]
    world.order(lambda orders, now_ms: orders.set_cover(True, now_ms))
    world.pass_time(6_000)
    assert world.health() == "cover-open"


def test_it_connects_again_by_itself_after_the_power_was_off() -> None:
    world = started(virtual())
    world.order(lambda orders, _: orders.unplug())
    world.pass_time(30_000)
    assert world.health() == "lost"
    world.order(lambda orders, _: orders.plug())
    world.pass_time(6_000)
    assert world.health() == "ready"


def test_a_printer_that_takes_the_line_and_says_nothing_is_lost() -> None:
    world = virtual()
    world.arm("silent", always=True)
    send(world, "a")
    world.pass_time(10 * TIMES.status_within_ms)
    assert code(end(world, "a")) == "printer.unreachable"
    assert lies_there(world) == []


def test_connecting_has_its_time() -> None:
    adapter = PrinterAdapter("T1", TIMES)
    adapter.print("a", b"x", 0)
    out = adapter.due(TIMES.connect_within_ms)
    assert [one.fault.code for one in out if isinstance(one, PrintTold) and one.fault] == [
        "printer.unreachable"
    ]


def test_a_resting_line_that_broke_unnoticed_costs_the_slip_nothing() -> None:
    world = started(virtual())
    world.arm("drop_request_close", only=frozenset({"status"}))
    send(world, "a")
    assert end(world, "a").ok
    assert lies_there(world) == ["slip a"]


def test_a_clock_that_is_set_back_lengthens_no_wait() -> None:
    adapter = PrinterAdapter("T1", TIMES)
    adapter.print("a", b"x", 100_000)
    adapter.due(40_000)
    out = adapter.due(40_000 + TIMES.connect_within_ms)
    assert any(isinstance(one, PrintTold) for one in out)


def test_what_comes_without_having_been_asked_for_is_no_news() -> None:
    world = started(virtual())
    before = len(world.tellings)
    world.act(world.adapter.received(b"\x12\x00\x0f", world.now_ms()))
    assert world.tellings[before:] == []


def test_half_a_slip_is_printed_and_torn_off_when_the_next_begins() -> None:
    store = MemorySlips()
    world = virtual(store)
    made = world.twin
    made.accept(77, 0, world.chance)
    made.received(77, b"\x1b@half a sl", 0, world.chance)
    made.closed(77, 0)
    send(world, "a")
    assert end(world, "a").ok
    torn = store.slips("PRN-1")[0]
    assert (torn.whole, torn.text) == (False, "half a sl\n")


def test_slips_on_disk_are_given_back_as_they_were(tmp_path: Path) -> None:
    slip = Printed(1, 5, (Text("TOTAL", True),))
    store = SqliteSlips(tmp_path / "slips.db")
    store.keep("PRN-1", slip)
    store.close()
    again = SqliteSlips(tmp_path / "slips.db")
    assert again.slips("PRN-1") == (slip,)
    assert again.last_number("PRN-2") == 0
    again.close()
