"""The line between 'not sent' and 'no answer': at every byte of a conversation, and under all misfortunes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parties.worlds import VirtualWorld, leg, sale
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent, Refused
from tillwright.parties.control.messages import Garbled, Register, decode_reply, decode_request
from tillwright.parties.faulting import FAULTS, Arming
from tillwright.parties.frames import FrameReader

SALE = sale(1)
KEY = leg(SALE).key


class CutWorld(VirtualWorld):
    """A world whose line breaks after so many bytes in one direction; what was on its way by then arrives."""

    def __init__(self, to_device: int | None = None, to_till: int | None = None) -> None:
        super().__init__()
        self.left = {"device": to_device, "till": to_till}

    def _spend(self, direction: str, data: bytes) -> tuple[bytes, bool]:
        left = self.left[direction]
        if left is None:
            return data, False
        self.left[direction] = left - min(left, len(data))
        return data[:left], left <= len(data)

    def _bytes_at_twin(self, connection: int, data: bytes) -> None:
        data, cut = self._spend("device", data)
        if data:
            super()._bytes_at_twin(connection, data)
        if cut:
            self._cut(connection)

    def _bytes_at_adapter(self, connection: int, data: bytes) -> None:
        data, cut = self._spend("till", data)
        if data:
            super()._bytes_at_adapter(connection, data)
        if cut:
            self._cut(connection)

    def _cut(self, connection: int) -> None:
        self.left = {"device": None, "till": None}
        self._close_at_twin(connection)
        self.close_at_adapter(connection)


def register_left(world: VirtualWorld) -> bool:
    """Whether a byte of the request to register was handed to the driver."""
    reader = FrameReader()
    messages = [message for data in world.transmitted for message in reader.feed(data)]
    return any(isinstance(decode_request(message), Register) for message in messages)


def whole_conversation() -> tuple[int, int]:
    """Bytes to the device and to the till of one greeting and one sale."""
    world = VirtualWorld()
    world.register(SALE)
    world.until(lambda: world.told(SALE))
    sent = sum(len(data) for data in world.transmitted)
    return sent, sum(len(data) for data in world.carried) - sent


def cuts() -> Iterator[tuple[str, int]]:
    sent, heard = whole_conversation()
    yield from (("device", place) for place in range(sent + 1))
    yield from (("till", place) for place in range(heard + 1))


def test_cut_at_every_byte() -> None:
    """Not sent if and only if nothing of the request had left; and the device, asked later, says what was."""
    seen = set()
    for direction, place in cuts():
        world = CutWorld(**{f"to_{direction}": place})
        first = world.sell(SALE)
        if isinstance(first, NotSent):
            assert not register_left(world), (direction, place)
            world.pass_time(30_000)
            assert world.registered() == []
        else:
            assert register_left(world), (direction, place)
        seen.add((direction, type(first)))
        asked = world.ask(SALE)
        assert isinstance(asked, Found if world.registered() else Absent), (direction, place)
        assert not isinstance(first, Accepted) or isinstance(asked, Found)
    assert seen == {
        (direction, outcome)
        for direction in ("device", "till")
        for outcome in (NotSent, NoAnswer, Accepted)
        if (direction, outcome) != ("device", Accepted)
    }


def test_a_device_that_cannot_be_reached_is_not_sent_at_the_end_of_its_time() -> None:
    world = VirtualWorld()
    world.later = lambda *_: None  # type: ignore[method-assign]
    world.register(SALE)
    assert world.told(SALE) == []
    world.do(lambda adapter: adapter.due(world.now_ms() + 1_999))
    assert world.told(SALE) == []
    world.do(lambda adapter: adapter.due(world.now_ms() + 2_000))
    assert isinstance(world.told(SALE)[0], NotSent)


def test_still_greeting_when_the_time_is_over_is_not_sent() -> None:
    world = VirtualWorld()
    world.arm("silent", always=True)
    world.register(SALE)
    world.pass_time(2_100)
    assert [type(outcome) for outcome in world.told(SALE)] == [NotSent]
    world.order(lambda orders, _: orders.disarm())
    world.pass_time(60_000)
    assert world.registered() == []
    assert isinstance(world.sell(SALE), Accepted)


def test_an_inquiry_that_cannot_be_sent_has_no_answer() -> None:
    world = VirtualWorld()
    world.reachable = False
    assert isinstance(world.ask(SALE), NoAnswer)


def test_a_device_that_says_nothing_at_all_is_connected_to_anew() -> None:
    world = VirtualWorld()
    world.start()
    first = world.connection
    world.arm("silent", always=True)
    for number in range(1, 11):
        assert world.connection == first
        world.register(sale(number))
        world.pass_time(3_100)
        assert isinstance(world.told(sale(number))[0], NoAnswer)
    world.order(lambda orders, _: orders.disarm())
    world.pass_time(1_000)
    assert world.connection not in (0, first)
    assert world.health().state == "ready"


# ── garbage ─────────────────────────────────────────────────────────────────────────────────────────────────


def mangled(data: bytes) -> st.SearchStrategy[bytes]:
    """Something that looks a little like it."""
    places = st.integers(0, len(data) - 1)
    return st.one_of(
        st.binary(max_size=60),
        st.tuples(places, st.binary(min_size=1, max_size=3)).map(
            lambda cut: data[: cut[0]] + cut[1] + data[cut[0] + 1 :]
        ),
        places.map(lambda place: data[:place]),
        places.map(lambda place: data + data[:place]),
        st.tuples(places, places).map(lambda ends: data[: min(ends)] + data[max(ends) :]),
    )


def a_reply() -> bytes:
    """The bytes with which the device answers the sale."""
    world = VirtualWorld()
    world.start()
    world.sell(SALE)
    return world.carried[-1]


REPLY = a_reply()


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_whatever_comes_back_is_the_answer_or_none(data: st.DataObject) -> None:
    """Mangled bytes never fail the adapter, and never make it believe what was not said."""
    world = VirtualWorld()
    world.start()
    world.reachable = False
    world.reshape = lambda _: []
    world.register(SALE)
    for _ in range(data.draw(st.integers(1, 3))):
        pieces = data.draw(mangled(REPLY))
        world.act(world.adapter.received(pieces, world.now_ms()))
    world.pass_time(3_100)
    outcomes = world.told(SALE)
    assert outcomes
    for outcome in outcomes:
        assert isinstance(outcome, Accepted | NoAnswer)
    taken = world.held.texts.get("SKO-1", {})
    assert list(taken.values()) in ([], [decode_reply(FrameReader().feed(REPLY)[0]).document])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_whatever_reaches_the_device_registers_only_what_was_asked(data: st.DataObject) -> None:
    world = VirtualWorld()
    world.start()
    world.register(SALE)
    request = world.transmitted[-1]
    twin = VirtualWorld().twin
    twin.accept(1, world.now_ms(), random.Random(1))
    for _ in range(data.draw(st.integers(1, 4))):
        actions = twin.received(1, data.draw(mangled(request)), world.now_ms(), random.Random(1))
        assert isinstance(actions, list)
    documents = twin.device.store.documents("SKO-1", 0, 10)
    for document in documents:
        assert document.total_minor > 0
        assert document.till == "T1"


@pytest.mark.parametrize(
    "message",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b"null",
        b"1e999",
        b"{}",
        b'{"do":"dance","id":1}',
        b'{"do":"register","id":true,"key":"k"}',
        b'{"do":"status","id":99999999999999999999999999}',
        b'{"do":"status","id":0}',
        b'{"do":"documents","id":1,"above":-1,"limit":5}',
        b'{"do":"documents","id":1,"above":1,"limit":100000}',
        b'{"do":"restore","id":1,"documents":[1]}',
    ],
)
def test_messages_that_cannot_be_read_are_told_so(message: bytes) -> None:
    with pytest.raises(Garbled):
        decode_request(message)


class RoughWorld(VirtualWorld):
    """A world whose line loses, repeats, delays, reorders and corrupts, until `calm`."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.weather = chance
        self.calm = False

    def _carry(self, data: bytes, arrive: Callable[[int, bytes], None], connection: int) -> None:
        if self.calm:
            super()._carry(data, arrive, connection)
            return
        for _ in range(self.weather.choice((0, 1, 1, 1, 1, 1, 1, 2))):
            delay_ms = self.weather.choice((1, 1, 1, 1, 5, 900, 8_000))
            place = self.weather.randrange(len(data))
            torn = self.weather.random() < 0.03
            self.later(
                delay_ms, arrive, connection, data[:place] + b"\xff" + data[place + 1 :] if torn else data
            )


# ── any misfortune ──────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_under_any_misfortune_what_is_told_is_true(seed: int) -> None:
    """Not sent: never registered unless sent again. Absent: never from then on. Accepted, found: there."""
    chance = random.Random(seed)
    world = RoughWorld(random.Random(seed + 2)) if seed % 2 else VirtualWorld()
    world.chance = random.Random(seed + 1)
    world.do(lambda adapter: adapter.start(world.now_ms()))
    for name in FAULTS:
        if name != "refuse_connections":
            world.faults.arm(
                name, Arming(probability=chance.choice((0.02, 0.1, 0.3)), delay_ms=chance.randrange(9_000))
            )
    for number in range(1, 9):
        live_through(world, number, chance)
    world.faults.disarm()
    if isinstance(world, RoughWorld):
        world.calm = True
    world.do(lambda adapter: adapter.start(world.now_ms()))
    world.pass_time(1_200_000)
    for number in range(80, 90):  # a line that was left in the middle of a message shows it now
        world.register(sale(number))
        world.pass_time(5_000)
    assert isinstance(world.sell(sale(99)), Accepted)
    for number in range(1, 9):
        check_truth(world, number)


def live_through(world: VirtualWorld, number: int, chance: random.Random) -> None:
    """A sale, then asking until the device says what became of it.

    Sometimes the till's process dies, or somebody sets its clock.
    """
    operation = sale(number)
    world.register(operation)
    world.pass_time(chance.randrange(1, 7_000))
    if chance.random() < 0.15:
        world.restart_station()
    if chance.random() < 0.15:
        world.skew_ms += chance.choice((-7_200_000, -30_000, -500, 500, 30_000, 7_200_000))
        world.act(world.adapter.due(world.now_ms()))
    for _ in range(40):
        if world.told(operation) and not isinstance(world.told(operation)[-1], NoAnswer):
            return
        world.inquire(operation)
        world.pass_time(chance.randrange(1, 7_000))


def check_truth(world: VirtualWorld, number: int) -> None:
    operation = sale(number)
    kinds = [type(outcome) for outcome in world.told(operation)]
    there = leg(operation).key in world.registered()
    positive = Accepted in kinds or Found in kinds
    if Absent in kinds:
        assert not positive
        assert not there
    if kinds and all(kind is NotSent for kind in kinds):
        assert not there
    if positive:
        assert there


def test_fences_survive_nothing_but_a_backup() -> None:
    world = VirtualWorld()
    world.start()
    assert isinstance(world.ask(SALE), Absent)
    world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
    world.pass_time(1_000)
    assert isinstance(world.sell(SALE), Refused)
    assert KEY in world.fenced()
