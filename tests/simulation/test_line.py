"""The simulated line: what it does to messages, and that virtual time passes in order."""

from __future__ import annotations

import pytest

from tillwright.parties.control.messages import DeviceProfile, Hello, Status, decode_reply, encode
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.frames import FrameReader, frame
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.books import DeviceBooks
from tillwright.simulation.chance import MOST, SCENES, Dice, Options, draw, stream
from tillwright.simulation.network import Link


class Till:
    """The till's end: remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.replies: list[int] = []
        self._frames = FrameReader()

    def connected(self) -> None:
        self.heard.append("connected")
        self._frames = FrameReader()

    def connect_failed(self) -> None:
        self.heard.append("failed")

    def received(self, data: bytes) -> None:
        self.heard.append("received")
        self.replies += [decode_reply(message).id for message in self._frames.feed(data)]

    def closed(self) -> None:
        self.heard.append("closed")


class Place:
    """A till, a line and a device; nobody else."""

    def __init__(self, **rates: float) -> None:
        named = {f"network.{name}": rate for name, rate in rates.items()}
        self.agenda = Agenda(0)
        self.dice = Dice(Options(1, 1, 1, "memory", "EUR", rates=named))
        self.twin = ControlTwin(DeviceProfile(serial="A", till="1"), DeviceBooks(), FaultPlan())
        self.link = Link(self.agenda, self.dice, self.twin, "A")
        self.till = Till()
        self.link.client = self.till

    def pass_ms(self, length_ms: int) -> None:
        until_ms = self.agenda.now_ms + length_ms
        self.agenda.run(until_ms, lambda: False)
        self.agenda.now_ms = until_ms

    def ask(self, first: int, count: int = 1) -> None:
        for number in range(first, first + count):
            self.link.send(frame(encode(Status(number))))


def connected(**rates: float) -> Place:
    place = Place(**rates)
    place.link.connect()
    place.pass_ms(100)
    assert place.till.heard == ["connected"]
    return place


class TestACalmLine:
    def test_messages_keep_their_order(self) -> None:
        place = connected()
        place.ask(1, 50)
        place.pass_ms(100)
        assert place.till.replies == list(range(1, 51))

    def test_nobody_hears_of_a_connection_that_was_closed(self) -> None:
        place = connected()
        place.ask(1)
        place.link.disconnect()
        place.pass_ms(100)
        assert place.till.heard == ["connected"]
        place.link.connect()
        place.pass_ms(100)
        place.ask(1)
        place.pass_ms(100)
        assert place.till.replies == [1]

    def test_a_device_that_is_unplugged_refuses(self) -> None:
        place = Place()
        place.twin.unplug()
        for _ in range(12):
            place.link.connect()
            place.pass_ms(100)
        assert {"failed", "closed"} <= set(place.till.heard)
        assert place.till.replies == []

    def test_a_device_that_crashes_closes_the_connection(self) -> None:
        place = connected()
        place.link.carry_out(place.twin.ordered(lambda: place.twin.crash(0)))
        place.pass_ms(100)
        assert place.till.heard == ["connected", "closed"]

    def test_a_till_without_power_hears_nothing(self) -> None:
        place = connected()
        place.ask(1)
        place.link.power_lost()
        place.pass_ms(100)
        assert place.till.heard == ["connected"]


class TestARoughLine:
    def test_lost(self) -> None:
        place = connected(lost=1.0)
        place.ask(1, 5)
        place.pass_ms(10_000)
        assert place.till.replies == []
        assert place.dice.fired["network.lost"] == 5

    def test_repeated(self) -> None:
        place = connected(repeated=1.0)
        place.ask(1, 5)
        place.pass_ms(10_000)
        assert place.twin.repeats == 5, "the device does nothing twice"
        assert sorted(place.till.replies) == sorted([*range(1, 6)] * 2), "but answers come twice"

    def test_late(self) -> None:
        place = connected(late=1.0)
        place.ask(1)
        place.pass_ms(999)
        assert place.till.replies == []
        place.pass_ms(60_000)
        assert place.till.replies == [1]

    def test_reordered(self) -> None:
        place = connected(reordered=1.0)
        place.ask(1, 30)
        place.pass_ms(30_000)
        assert place.till.replies != sorted(place.till.replies)

    def test_corrupted(self) -> None:
        place = connected()
        whole = frame(encode(Hello(1, "1")))
        for changed in (place.link._corrupt(whole) for _ in range(40)):
            assert len(changed) == len(whole)
            assert sum(old != new for old, new in zip(whole, changed, strict=True)) == 1

    def test_cut(self) -> None:
        place = connected(cut=1.0)
        place.ask(1)
        place.pass_ms(100)
        assert place.till.heard == ["connected", "closed"]

    def test_a_lost_attempt_to_connect(self) -> None:
        place = Place(connect_lost=1.0)
        place.link.connect()
        place.pass_ms(60_000)
        assert place.till.heard == []

    def test_clogged_and_then_all_at_once(self) -> None:
        place = connected()
        place.link.clog(5_000)
        place.ask(1, 10)
        place.pass_ms(4_900)
        assert place.till.replies == []
        place.pass_ms(200)
        assert place.till.replies == list(range(1, 11))

    @pytest.mark.parametrize("form", ["both", "to_device", "from_device"])
    def test_a_partition_ends(self, form: str) -> None:
        place = connected()
        place.link.begin_partition(5_000, form)
        place.ask(1)
        place.pass_ms(5_000)
        assert place.till.replies == []
        place.ask(2)
        place.pass_ms(100)
        assert place.till.replies == [2]

    def test_mended_at_once(self) -> None:
        place = connected()
        place.link.begin_partition(5_000, "both")
        place.link.clog(5_000)
        place.link.mend()
        place.ask(1)
        place.pass_ms(100)
        assert place.till.replies == [1]


class TestTimeAndChance:
    def test_what_is_planned_happens_in_order(self) -> None:
        agenda, done = Agenda(0), list[str]()
        agenda.at(20, done.append, "later")
        agenda.at(10, done.append, "first")
        agenda.at(10, done.append, "second")
        agenda.at(-5, done.append, "now")
        assert agenda.run(15, lambda: False) == 3
        assert done == ["now", "first", "second"]
        assert agenda.run(100, lambda: len(done) == 3) == 0, "it was enough"

    def test_a_kind_that_is_switched_off_leaves_the_others_as_they_were(self) -> None:
        options = Options(3, 1, 1, "memory", "EUR", rates={"network.lost": 0.5, "network.late": 0.5})
        both, one = Dice(options), Dice(options.without("network.lost"))
        drawn = [(both.strikes("network.lost"), both.strikes("network.late"))[1] for _ in range(50)]
        alone = [(one.strikes("network.lost"), one.strikes("network.late"))[1] for _ in range(50)]
        assert drawn == alone
        assert one.fired["network.lost"] == 0 < both.fired["network.lost"]

    def test_nothing_strikes_any_more_after_calm(self) -> None:
        dice = Dice(Options(3, 1, 1, "memory", "EUR", rates={"network.lost": 1.0}))
        assert dice.strikes("network.lost")
        dice.calm()
        assert not dice.strikes("network.lost")

    def test_a_stream_depends_on_seed_and_name_alone(self) -> None:
        assert stream(1, "a").random() == stream(1, "a").random()
        assert len({stream(1, "a").random(), stream(2, "a").random(), stream(1, "b").random()}) == 3

    def test_every_kind_is_drawn_by_some_seed_and_never_above_its_most(self) -> None:
        seen: set[str] = set()
        for seed in range(80):
            rates = draw(seed, 10, swarm=True).rates
            highest = {name: max([MOST[name], *(scene.get(name, 0) for scene in SCENES)]) for name in MOST}
            assert all(0 < rate <= highest[name] for name, rate in rates.items())
            seen |= set(rates)
        assert seen == set(MOST)

    def test_in_a_swarm_worlds_differ_in_what_fails(self) -> None:
        counts = [len(draw(seed, 10, swarm=True).rates) for seed in range(40)]
        assert min(counts) < 10 < 25 < max(counts)
        assert draw(1, 10, journal="sqlite").journal == "sqlite"
        assert {draw(seed, 10).journal for seed in range(80)} == {"memory", "sqlite"}
