"""What the adapter makes of a device that is replaced, behind, babbling, or answers somebody else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest

from tests.parties.worlds import PROFILE, START_MS, Holding, VirtualWorld, leg, sale
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent, Refused
from tillwright.parties.control import numbers
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.control.messages import (
    DeviceProfile,
    ReplyMessage,
    decode_reply,
    decode_request,
    encode,
)
from tillwright.parties.control.store import MemoryStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import FAULTS, FaultPlan
from tillwright.parties.frames import FrameReader, frame
from tillwright.parties.wire import Connect, Disconnect, Health, Recorded, Told, Transmit, WakeAt

GARBLED = "fiscal.device-garbled"


@pytest.fixture
def world() -> VirtualWorld:
    world = VirtualWorld()
    world.start()
    return world


def message(data: bytes) -> bytes:
    return FrameReader().feed(data)[0]


def answer_to(world: VirtualWorld, number: int, **changes: object) -> None:
    """Register sale `number`, and have the device's answer arrive with these fields changed."""
    world.reachable = False
    world.register(sale(number))
    request = world.transmitted[-1]
    reply = world.twin.device.answer(decode_request(message(request)), world.now_ms())
    changed = msgspec.structs.replace(reply, **changes)
    world.act(world.adapter.received(frame(encode(changed)), world.now_ms()))


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 999},
        {"key": "another key"},
        {"key": None},
        {"do": "inquire"},
        {"do": "hello", "key": None},
        {"serial": "SKO-2"},
    ],
    ids=str,
)
def test_an_answer_to_nothing_known_is_noticed_and_not_believed(changes: dict[str, object]) -> None:
    world = VirtualWorld()
    world.start()
    world.reshape = lambda _: []
    answer_to(world, 1, **changes)
    assert world.told(sale(1)) == []
    assert world.noticed(GARBLED) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"document": None},
        {"document": "poem"},
        {"document": '{"serial":"SKO-1"}'},
        {"last_number": 0},
    ],
    ids=str,
)
def test_an_acceptance_without_its_document_is_no_answer(changes: dict[str, object]) -> None:
    world = VirtualWorld()
    world.start()
    world.reshape = lambda _: []
    answer_to(world, 1, **changes)
    assert [type(outcome) for outcome in world.told(sale(1))] == [NoAnswer]
    assert world.noticed(GARBLED) == 1


def test_the_document_of_another_sale_is_no_answer(world: VirtualWorld) -> None:
    world.sell(sale(1))
    other = world.held.texts["SKO-1"][1]
    world.reshape = lambda _: []
    answer_to(world, 2, document=other)
    assert [type(outcome) for outcome in world.told(sale(2))] == [NoAnswer]


def test_a_second_answer_that_differs_is_told_too(world: VirtualWorld) -> None:
    """The station decides what it means when the device contradicts itself."""
    world.sell(sale(1))
    world.reshape = lambda _: []
    first = decode_reply(message(world.carried[-1]))
    contrary: ReplyMessage = msgspec.structs.replace(first, ok=False, code="fenced", document=None)
    world.act(world.adapter.received(frame(encode(contrary)), world.now_ms()))
    assert [type(outcome) for outcome in world.told(sale(1))] == [Accepted, Refused]


def test_a_device_that_babbles_is_noticed_once_a_second(world: VirtualWorld) -> None:
    for _ in range(100):
        world.act(world.adapter.received(frame(b"blah"), world.now_ms()))
    assert world.noticed(GARBLED) == 1
    world.pass_time(1_000)
    world.act(world.adapter.received(frame(b"blah"), world.now_ms()))
    assert world.noticed(GARBLED) == 2


def test_a_sale_that_cannot_be_written_as_a_message_never_leaves(world: VirtualWorld) -> None:
    huge = sale(1)
    lines = tuple(replace(line, name="x" * 600_000) for line in huge.content.lines)
    huge = replace(huge, content=replace(huge.content, lines=lines))
    before = len(world.transmitted)
    assert isinstance(world.sell(huge), NotSent)
    assert len(world.transmitted) == before


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_till_that_comes_back_reads_what_it_never_heard_of() -> None:
    world = VirtualWorld()
    world.start()
    world.sell(sale(1))
    world.held.lame = True
    world.sell(sale(2))
    world.sell(sale(3))
    world.held.lame = False
    world.restart_station()
    world.tellings.clear()
    world.start()
    assert [record.number for record in world.recorded()] == [2, 3]
    assert world.held.last_number("SKO-1") == 3


def test_a_long_absence_is_read_page_by_page_before_anything_else() -> None:
    world = VirtualWorld()
    for _ in range(250):
        world.twin.device.deposit("EUR", 100, START_MS)
    world.register(sale(1))
    world.until(lambda: world.told(sale(1)))
    pages = [telling for telling in world.tellings if isinstance(telling, Recorded)]
    assert [len(page.records) for page in pages] == [100, 100, 50]
    assert world.tellings.index(pages[-1]) < [isinstance(one, Told) for one in world.tellings].index(True)
    assert world.held.last_number("SKO-1") == 251


def test_a_document_that_was_told_is_not_given_away_again_before_it_is_held() -> None:
    """The journal is still writing when the device comes back from a backup: nothing is registered."""
    world = VirtualWorld()
    world.start()
    world.sell(sale(1))
    world.held.lame = True
    world.sell(sale(2))
    world.order(lambda orders, _: orders.restore_backup(1))
    world.until(lambda: world.health().state == "lost")
    assert isinstance(world.sell(sale(3)), NotSent)
    assert world.registered() == [leg(sale(1)).key]
    world.held.lame = False
    record = next(
        one.record for one in world.tellings if isinstance(one, Told) and one.key == leg(sale(2)).key
    )
    assert record is not None
    world.held.texts["SKO-1"][2] = record.text
    assert isinstance(world.sell(sale(3)), NotSent | Accepted)
    assert isinstance(world.sell(sale(3)), Accepted)
    assert world.registered() == [leg(sale(number)).key for number in (1, 2, 3)]


def test_what_the_journal_never_shows_is_not_believed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "BELIEVED_MS", 30_000)
    world = VirtualWorld()
    world.start()
    world.held.lame = True
    world.sell(sale(1))
    world.order(lambda orders, _: orders.restore_backup(1))
    world.pass_time(40_000)
    assert isinstance(world.sell(sale(2)), Accepted)


def test_what_was_told_counts_as_held_while_the_disk_stands_still() -> None:
    world = VirtualWorld()
    world.start()
    world.held.lame = True
    world.sell(sale(1))
    world.order(lambda orders, _: orders.restore_backup(1))
    world.pass_time(600_000)
    outcome = world.sell(sale(2))
    assert isinstance(outcome, NotSent)
    assert outcome.fault.code == "fiscal.device-behind"
    assert world.registered() == []


def test_a_device_that_takes_nothing_back_registers_nothing() -> None:
    world = VirtualWorld()
    world.start()
    for number in (1, 2, 3):
        world.sell(sale(number))
    world.held.texts["SKO-1"][2] = world.held.texts["SKO-1"][2].replace("568", "569")
    world.order(lambda orders, _: orders.restore_backup(2))
    world.until(lambda: world.health().state == "lost")
    outcome = world.sell(sale(4))
    assert isinstance(outcome, NotSent)
    assert outcome.fault.code == "fiscal.device-behind"
    assert outcome.fault.facts == {"serial": "SKO-1", "device_number": 1, "till_number": 3}
    assert isinstance(world.ask(sale(4)), NoAnswer)
    assert world.registered() == [leg(sale(1)).key]
    assert world.noticed("fiscal.device-behind") >= 1


def test_handing_back_goes_page_by_page() -> None:
    world = VirtualWorld()
    for _ in range(250):
        world.twin.device.deposit("EUR", 100, START_MS)
    world.start()
    world.order(lambda orders, _: orders.restore_backup(240))
    world.until(lambda: world.health().state == "lost")
    world.pass_time(1_000)
    assert world.health().last_number == 250
    assert world.noticed("fiscal.device-behind") == 1


def test_documents_that_skip_a_number_are_left_for_another_time(world: VirtualWorld) -> None:
    world.sell(sale(1))
    world.twin.device.deposit("EUR", 100, START_MS)
    world.twin.device.deposit("EUR", 200, START_MS)
    hidden = world.store._documents["SKO-1"]  # type: ignore[attr-defined]
    second = hidden.pop(2)
    hidden[2] = msgspec.convert(msgspec.to_builtins(hidden[3]), type=type(second))
    assert isinstance(world.sell(sale(2)), NotSent)
    assert world.recorded() == []
    assert world.noticed(GARBLED) >= 1


def test_that_the_two_disagree_may_be_said_twice(world: VirtualWorld) -> None:
    world.twin.device.deposit("EUR", 100, START_MS)
    world.arm("answer_twice", only=frozenset({"register"}))
    assert isinstance(world.sell(sale(1)), Accepted)
    world.held.texts.clear()
    assert len(world.told(sale(1))) == 1
    assert world.noticed(GARBLED) == 0
    assert world.registered() == ["float.SKO-1.1", leg(sale(1)).key]


# ── another device ──────────────────────────────────────────────────────────────────────────────────────────


def another_device(world: VirtualWorld, serial: str = "SKO-2") -> None:
    """Somebody plugs in another one."""
    world.order(lambda orders, _: orders.unplug())
    world.pass_time(100)
    profile = DeviceProfile(serial=serial, till="T1")
    world.twin = ControlTwin(profile, world.store, FaultPlan())


def test_another_serial_is_noticed_and_sold_on() -> None:
    world = VirtualWorld()
    world.start()
    world.sell(sale(1))
    another_device(world)
    world.pass_time(10_000)
    assert world.noticed("fiscal.device-replaced") == 1
    assert isinstance(world.sell(sale(2)), Accepted)
    assert world.health().serial == "SKO-2"
    assert world.held.last_number("SKO-2") == 1


def test_absence_at_another_device_proves_nothing() -> None:
    world = VirtualWorld()
    world.start()
    world.arm("commit_drop_answer")
    world.register(sale(1))
    world.pass_time(3_100)
    another_device(world)
    world.pass_time(10_000)
    outcome = world.ask(sale(1))
    assert isinstance(outcome, NoAnswer)
    assert outcome.fault.code == "fiscal.device-replaced"


def test_nor_after_the_till_was_switched_off_in_between() -> None:
    world = VirtualWorld()
    world.start()
    world.arm("commit_drop_answer")
    world.register(sale(1))
    world.pass_time(10)
    world.restart_station()
    another_device(world)
    assert isinstance(world.ask(sale(1)), NoAnswer)
    assert world.noticed("fiscal.device-replaced") == 1


def test_nor_when_the_till_has_long_known_the_other_one_and_is_switched_off_in_between() -> None:
    """Which device was asked is held by the journal; the device that was heard from last is another one."""
    world = VirtualWorld()
    world.start()
    world.arm("commit_drop_answer")
    world.register(sale(1))
    world.held.sent[leg(sale(1)).key] = "SKO-1"
    world.pass_time(3_100)
    another_device(world)
    world.pass_time(10_000)
    assert isinstance(world.sell(sale(2)), Accepted)
    assert world.held.last_serial == "SKO-2"
    world.restart_station()
    outcome = world.ask(sale(1))
    assert isinstance(outcome, NoAnswer)
    assert outcome.fault.code == "fiscal.device-replaced"
    assert isinstance(world.ask(sale(3)), Absent)


def test_the_first_device_back_again_is_believed() -> None:
    world = VirtualWorld()
    world.start()
    world.arm("silent")
    world.register(sale(1))
    world.pass_time(3_100)
    first = world.twin
    another_device(world)
    world.pass_time(10_000)
    assert isinstance(world.ask(sale(1)), NoAnswer)
    world.order(lambda orders, _: orders.unplug())
    world.pass_time(100)
    world.twin = first
    world.order(lambda orders, _: orders.plug())
    world.pass_time(10_000)
    assert isinstance(world.ask(sale(1)), Absent)


def test_absence_of_what_the_device_no_longer_knows_proves_nothing() -> None:
    world = VirtualWorld(profile=msgspec.structs.replace(PROFILE, retention_ms=1_000))
    world.start()
    world.pass_time(5_000)
    assert isinstance(world.ask(sale(1)), NoAnswer)
    assert isinstance(world.ask(sale(2, started_ms=world.now_ms())), Absent)


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_clock_that_is_set_back_does_not_make_anybody_wait_for_hours(world: VirtualWorld) -> None:
    world.arm("silent")
    world.register(sale(1))
    world.pass_time(1_000)
    back_ms = world.now_ms() - 7_200_000
    actions = world.adapter.due(back_ms)
    (wake,) = [action for action in actions if isinstance(action, WakeAt)]
    assert wake.at_ms <= back_ms + 3_000
    tellings = world.adapter.due(wake.at_ms)
    assert any(isinstance(one, Told) and isinstance(one.outcome, NoAnswer) for one in tellings)


def test_two_threads_that_look_at_the_clock_one_after_the_other_set_nothing_back(world: VirtualWorld) -> None:
    world.arm("silent")
    world.register(sale(1))
    world.pass_time(2_900)
    for _ in range(50):
        world.act(world.adapter.due(world.now_ms() - 20))
    assert world.told(sale(1)) == []


def test_reconnecting_takes_longer_and_longer() -> None:
    world = VirtualWorld()
    world.reachable = False
    world.do(lambda adapter: adapter.start(world.now_ms()))
    world.pass_time(25_000)
    waits = [later - earlier - 2 * world.latency_ms for earlier, later in pairwise(world.connects)]
    assert waits[:6] == [200, 500, 1_000, 2_000, 5_000, 5_000]


def test_an_idle_device_is_asked_how_it_stands() -> None:
    world = VirtualWorld(times=ControlTimes(status_every_ms=15_000))
    world.start()
    world.twin.device.deposit("EUR", 100, START_MS)
    assert world.recorded() == []
    world.pass_time(15_100)
    assert [record.kind for record in world.recorded()] == ["deposit"]
    world.arm("silent", always=True)
    world.pass_time(60_000)
    assert world.health().state in ("lost", "connecting")


def test_without_something_to_do_an_adapter_that_was_not_started_stays_apart() -> None:
    world = VirtualWorld()
    assert isinstance(world.sell(sale(1)), Accepted)
    world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
    world.pass_time(60_000)
    assert world.connection == 0
    assert isinstance(world.sell(sale(2)), Accepted)


def test_health_is_told_when_it_changes_and_only_then(world: VirtualWorld) -> None:
    states = [telling.state for telling in world.tellings if isinstance(telling, Health)]
    assert states == ["connecting", "connecting", "ready"]
    world.sell(sale(1))
    before = len([one for one in world.tellings if isinstance(one, Health)])
    assert isinstance(world.ask(sale(1)), Found)
    assert len([one for one in world.tellings if isinstance(one, Health)]) == before


def test_the_adapter_asks_for_a_connection_that_it_gives_up_itself() -> None:
    adapter = ControlAdapter("T1", ControlTimes(), Holding())
    assert Connect() in adapter.register(sale(1), leg(sale(1)), START_MS)
    late = adapter.due(START_MS + 2_000)
    assert Disconnect() in late
    assert not any(isinstance(action, Transmit) for action in late)
    assert adapter.connected(START_MS + 2_100) == []


# ── the twin's own bookkeeping ──────────────────────────────────────────────────────────────────────────────


def test_a_repeat_of_the_line_is_not_done_again(world: VirtualWorld) -> None:
    world.sell(sale(1))
    again = world.transmitted[-1]
    assert world.twin.received(world.connection, again, world.now_ms(), world.chance) == []
    assert world.twin.repeats == 1


def test_every_fault_can_strike_and_is_counted_when_it_does() -> None:
    for fault in FAULTS:
        world = VirtualWorld()
        if fault == "refuse_connections":
            world.arm(fault)
            world.sell(sale(1))
        else:
            world.start()
            world.arm(fault)
            world.register(sale(1))
            world.pass_time(30_000)
        assert world.faults.struck[fault] == 1, fault


def test_bytes_on_a_connection_that_the_device_has_forgotten_are_nothing_to_it(world: VirtualWorld) -> None:
    world.register(sale(1))
    data = world.transmitted[-1]
    connection = world.connection
    world.twin.crash(world.now_ms())
    assert world.twin.received(connection, data, world.now_ms(), world.chance) == []
    assert isinstance(world.store, MemoryStore)
    assert world.store.last_number("SKO-1") == 0
