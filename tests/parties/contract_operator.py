"""What adapter and twin of the operator promise together, whatever carries their bytes.

Each test is one promise; `test_operator.py` runs all of them on virtual time with both stores and on sockets.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.parties.http_worlds import World
from tests.parties.worlds import START_MS
from tillwright.parties.control.device import Device
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.reading import read_record
from tillwright.parties.control.store import MemoryStore as DeviceStore
from tillwright.parties.faulting import GARBAGE_FORMS
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.orders import OperatorOrders
from tillwright.parties.wire import (
    Acknowledged,
    DeviceRecord,
    DocumentRefused,
    Listed,
    NotDelivered,
    OperatorStatus,
    PartyHealth,
    Unlisted,
)

TIMES = HttpTimes()
OVER_MS = TIMES.answer_within_ms + 100
"""After this a request has no answer."""
OPERATOR_WORLD = World[OperatorAdapter, OperatorOrders]
LONG_AGO_MS, NEVER_MS = 0, 2**53


@cache
def documents(serial: str = "SKO-1", till: str = "T1", count: int = 250) -> tuple[DeviceRecord, ...]:
    """Documents as a device signs them, one a second."""
    device = Device(DeviceProfile(serial=serial, till=till), DeviceStore())
    texts = [device.deposit("EUR", 100 + number, START_MS + number * 1_000) for number in range(count)]
    return tuple(read_record(text) for text in texts)


def document(number: int, serial: str = "SKO-1") -> DeviceRecord:
    """The device's document of this number."""
    return documents(serial)[number - 1]


class OperatorWords:
    """What the tests say of a world."""

    def __init__(self, world: OPERATOR_WORLD) -> None:
        self.world = world

    def send(self, number: int, serial: str = "SKO-1", queued: int | None = None) -> None:
        """Carry a document; nothing is waited for."""
        one = document(number, serial)
        self.world.do(
            lambda adapter: adapter.deliver(
                one.text, one.serial, one.number, one.unique_number, self.world.now_ms(), queued
            )
        )

    def deliver(
        self, number: int, serial: str = "SKO-1", queued: int | None = None
    ) -> Acknowledged | DocumentRefused | NotDelivered:
        """Carry a document, and wait for what is told of it next."""
        before = len(self.ends())
        self.send(number, serial, queued)
        return self.end(before + 1)

    def not_delivered(self, number: int) -> str:
        """Carry a document in vain; the cause."""
        end = self.deliver(number)
        assert isinstance(end, NotDelivered)
        assert (end.serial, end.number) == ("SKO-1", number)
        return end.cause

    def ends(self) -> list[Acknowledged | DocumentRefused | NotDelivered]:
        """All ends of documents, in order."""
        forms = (Acknowledged, DocumentRefused, NotDelivered)
        return [one for one in list(self.world.tellings) if isinstance(one, forms)]

    def end(self, number: int) -> Acknowledged | DocumentRefused | NotDelivered:
        """Wait for so many ends; the last of them."""
        self.world.until(lambda: len(self.ends()) >= number)
        return self.ends()[number - 1]

    def enquire(
        self,
        query: int = 1,
        from_ms: int = LONG_AGO_MS,
        to_ms: int = NEVER_MS,
        number: int | None = None,
        unique: str | None = None,
        serial: str | None = None,
    ) -> None:
        """Ask the cabinet; nothing is waited for."""
        self.world.do(
            lambda adapter: adapter.enquire(
                query, "T1", from_ms, to_ms, number, unique, self.world.now_ms(), serial
            )
        )

    def listed(self, **what: object) -> Listed:
        """Ask the cabinet, and wait for the list."""
        before = len(self.world.of(Listed))
        self.enquire(**what)  # type: ignore[arg-type]
        return self.world.nth(Listed, before + 1)

    def status(self) -> OperatorStatus:
        """Ask how the till stands."""
        return self.world.next(OperatorStatus, lambda adapter: adapter.ask_status(self.world.now_ms()))

    def held(self) -> list[tuple[str, int]]:
        """Serial and number of all that the operator holds, as they came."""
        return self.world.look(lambda orders: [(one.serial, one.number) for one in orders.documents()])


class OperatorContract:
    """A suite; the subclass gives the fixture `world`: without faults, nothing delivered."""

    @pytest.fixture
    def words(self, world: OPERATOR_WORLD) -> OperatorWords:
        return OperatorWords(world)

    # ── documents ───────────────────────────────────────────────────────────────────────────────────────────

    def test_a_document_is_delivered_and_listed(self, words: OperatorWords) -> None:
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)
        listed = words.listed(query=7)
        (record,) = listed.records
        one = document(1)
        assert listed.query == 7
        assert (record.serial, record.number, record.unique_number, record.key, record.kind) == (
            one.serial, one.number, one.unique_number, one.key, one.kind,
        )  # fmt: skip
        assert (record.till, record.total_minor, record.currency, record.registered_ms) == (
            "T1", one.total_minor, "EUR", one.registered_ms,
        )  # fmt: skip
        assert (listed.serial, listed.last_number, listed.more) == ("SKO-1", 1, False)
        assert words.world.health() == "ready"

    def test_the_same_document_is_held_once(self, words: OperatorWords) -> None:
        assert words.deliver(1) == words.deliver(1)
        assert words.held() == [("SKO-1", 1)]

    def test_one_after_the_other_on_one_connection(self, words: OperatorWords) -> None:
        for number in (1, 2, 3, 4, 5):
            words.send(number)
        words.end(5)
        assert [end.number for end in words.ends()] == [1, 2, 3, 4, 5]
        assert words.held() == [("SKO-1", number) for number in (1, 2, 3, 4, 5)]
        assert words.world.look(lambda orders: orders.twin.connections) == 1

    def test_a_gap_is_filled_later(self, words: OperatorWords) -> None:
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)
        assert words.deliver(3) == Acknowledged("operator", "SKO-1", 3, 1)
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 3)

    def test_without_gaps_it_says_what_it_wants_first(self, words: OperatorWords) -> None:
        words.world.order(lambda orders, _: orders.set_gaps(False))
        assert words.deliver(2) == NotDelivered("operator", "SKO-1", 2, "out-of-order", 1)
        assert words.held() == []
        words.deliver(1)
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 2)

    def test_a_refused_document_is_set_aside_and_later_ones_follow(self, words: OperatorWords) -> None:
        words.world.order(lambda orders, _: orders.refuse("SKO-1", 1, "wrong tax rate"))
        assert words.deliver(1) == DocumentRefused("operator", "SKO-1", 1, "wrong tax rate", False)
        assert words.deliver(2, queued=0) == Acknowledged("operator", "SKO-1", 2, 0)
        assert words.held() == [("SKO-1", 2)]
        assert words.listed().queued == 1

    def test_a_refused_document_blocks_where_gaps_are_not_accepted(self, words: OperatorWords) -> None:
        words.world.order(lambda orders, _: orders.set_gaps(False))
        words.world.order(lambda orders, _: orders.refuse("SKO-1", 1, "wrong tax rate"))
        assert words.deliver(1) == DocumentRefused("operator", "SKO-1", 1, "wrong tax rate", True)
        assert words.deliver(2) == NotDelivered("operator", "SKO-1", 2, "out-of-order", 1)
        words.world.order(lambda orders, _: orders.accept("SKO-1", 1))
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)

    def test_the_next_one_may_be_refused(self, words: OperatorWords) -> None:
        words.world.order(lambda orders, _: orders.refuse_next(1, "illegible"))
        assert words.deliver(1) == DocumentRefused("operator", "SKO-1", 1, "illegible", False)
        assert words.deliver(1) == DocumentRefused("operator", "SKO-1", 1, "illegible", False)
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 0)

    def test_a_text_that_was_changed_is_refused(self, words: OperatorWords) -> None:
        one = document(1)
        changed = one.text.replace('"total_minor":100', '"total_minor":900')
        told = words.world.next(
            DocumentRefused,
            lambda adapter: adapter.deliver(changed, "SKO-1", 1, one.unique_number, words.world.now_ms()),
        )
        assert changed != one.text
        assert told.reason == "not-whole"
        assert words.held() == []

    def test_the_same_number_of_another_document_is_refused(self, words: OperatorWords) -> None:
        device = Device(DeviceProfile(serial="SKO-1", till="T1"), DeviceStore())
        other = read_record(device.deposit("EUR", 999, START_MS))
        words.deliver(1)
        told = words.world.next(
            DocumentRefused,
            lambda adapter: adapter.deliver(
                other.text, "SKO-1", 1, other.unique_number, words.world.now_ms()
            ),
        )
        assert told.reason == "number-taken"

    # ── the cabinet ─────────────────────────────────────────────────────────────────────────────────────────

    def test_the_cabinet_is_narrowed_by_number_unique_number_time_and_device(
        self, words: OperatorWords
    ) -> None:
        for number in (1, 2, 3):
            words.deliver(number)
        words.deliver(2, "SKO-2")
        second = document(2)

        def numbers(**what: object) -> list[tuple[str, int]]:
            return [(one.serial, one.number) for one in words.listed(**what).records]

        assert numbers(number=2) == [("SKO-1", 2), ("SKO-2", 2)]
        assert numbers(number=2, serial="SKO-1") == [("SKO-1", 2)]
        assert numbers(unique=second.unique_number) == [("SKO-1", 2)]
        assert numbers(unique="no such & number?") == []
        assert numbers(from_ms=START_MS + 1_000, to_ms=START_MS + 1_000, serial="SKO-1") == [("SKO-1", 2)]
        assert numbers(from_ms=START_MS + 9_000) == []

    def test_a_long_list_comes_page_by_page(self, words: OperatorWords) -> None:
        for number in range(1, 251):
            words.send(number)
            if number % 50 == 0:
                words.end(number)
        listed = words.listed()
        assert [record.number for record in listed.records] == list(range(1, 251))
        assert not listed.more

    def test_it_says_when_the_device_was_last_heard_of_and_what_was_queued(
        self, words: OperatorWords
    ) -> None:
        nothing = words.listed()
        assert (nothing.serial, nothing.last_contact_ms, nothing.queued) == (None, None, None)
        before_ms = words.world.now_ms()
        words.deliver(1, queued=2)
        words.world.pass_time(60_000)
        listed = words.listed(serial="SKO-1")
        assert listed.queued == 2
        assert listed.last_contact_ms is not None
        assert before_ms - 50 <= listed.last_contact_ms <= before_ms + 50

    def test_a_contact_is_not_dated_while_the_clocks_differ(self, words: OperatorWords) -> None:
        words.deliver(1, queued=0)
        words.world.order(lambda orders, _: orders.set_clock(-3_600_000))
        listed = words.listed()
        assert (listed.last_number, listed.last_contact_ms) == (1, None)

    def test_a_sign_of_life_tells_up_to_where_all_is_there(self, words: OperatorWords) -> None:
        words.deliver(1)
        told = words.world.next(
            Acknowledged, lambda adapter: adapter.report("SKO-1", 5, 4, words.world.now_ms())
        )
        assert told == Acknowledged("operator", "SKO-1", 0, 1)
        assert words.listed().queued == 4

    # ── the till ────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_till_is_active_warned_blocked_and_active_again(self, words: OperatorWords) -> None:
        world = words.world
        assert (words.status().state, words.status().reason) == ("active", "")
        world.order(lambda orders, _: orders.warn("T1", "fee unpaid", START_MS + 5))
        told = words.status()
        assert (told.state, told.reason, told.date_ms) == ("warning", "fee unpaid", START_MS + 5)
        assert isinstance(words.deliver(1), Acknowledged)
        world.order(lambda orders, _: orders.block("T1", "fee unpaid"))
        assert (words.status().state, words.status().reason) == ("blocked", "fee unpaid")
        assert words.deliver(2) == NotDelivered("operator", "SKO-1", 2, "operator-blocked")
        assert isinstance(words.deliver(1), Acknowledged)
        world.order(lambda orders, _: orders.activate("T1"))
        assert isinstance(words.deliver(2), Acknowledged)

    # ── each fault of the twin ──────────────────────────────────────────────────────────────────────────────

    def test_nobody_at_the_other_end(self, words: OperatorWords, refused: frozenset[str]) -> None:
        words.world.arm("refuse_connections", always=True)
        assert words.not_delivered(1) in refused
        assert words.world.health() == "lost"
        words.enquire(query=3)
        assert words.world.nth(Unlisted, 1).query == 3
        words.world.order(lambda orders, _: orders.disarm())
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)
        assert words.world.health() == "ready"

    def test_silence(self, words: OperatorWords) -> None:
        words.world.arm("silent")
        words.send(1)
        words.world.struck("silent")
        words.world.pass_time(OVER_MS)
        assert words.end(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 0)
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 2)

    def test_silence_at_the_question_for_the_status(self, words: OperatorWords) -> None:
        words.world.arm("silent")
        words.world.do(lambda adapter: adapter.ask_status(words.world.now_ms()))
        words.world.struck("silent")
        words.world.pass_time(OVER_MS)
        words.world.until(lambda: words.world.health() == "lost")
        words.world.do(lambda adapter: adapter.ask_status(words.world.now_ms()))
        words.world.pass_time(TIMES.connect_within_ms + 100)
        assert words.world.nth(OperatorStatus, 1).state == "active"

    def test_delivered_late(self, words: OperatorWords) -> None:
        words.world.arm("deliver_late", delay_ms=8_000)
        words.send(1)
        words.world.struck("deliver_late")
        words.world.pass_time(OVER_MS)
        assert words.end(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert words.held() == []
        words.world.pass_time(8_000)
        assert words.end(2) == Acknowledged("operator", "SKO-1", 1, 1)

    def test_delivered_late_after_it_was_carried_again(self, words: OperatorWords) -> None:
        words.world.arm("deliver_late", delay_ms=40_000)
        words.send(1)
        words.world.struck("deliver_late")
        words.world.pass_time(OVER_MS)
        words.end(1)
        assert isinstance(words.deliver(2), Acknowledged)
        assert isinstance(words.deliver(1), Acknowledged)
        words.world.pass_time(40_000)
        assert isinstance(words.deliver(3), Acknowledged)
        assert sorted(words.held()) == [("SKO-1", 1), ("SKO-1", 2), ("SKO-1", 3)]

    def test_answered_late(self, words: OperatorWords) -> None:
        words.world.arm("answer_late", delay_ms=8_000)
        words.send(1)
        words.world.struck("answer_late")
        words.world.pass_time(OVER_MS)
        assert words.end(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        words.world.pass_time(8_000)
        assert words.end(2) == Acknowledged("operator", "SKO-1", 1, 1)
        assert words.world.health() == "ready"

    def test_answered_twice(self, words: OperatorWords) -> None:
        words.world.arm("answer_twice", next_count=2)
        for number in (1, 2, 3, 4):
            assert words.deliver(number) == Acknowledged("operator", "SKO-1", number, number)
        assert len(words.ends()) == 4

    @pytest.mark.parametrize("form", GARBAGE_FORMS)
    def test_garbage(self, words: OperatorWords, form: str) -> None:
        words.world.arm("garbage", form=form)
        assert words.deliver(1) == NotDelivered("operator", "SKO-1", 1, "operator-garbled")
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)
        words.world.arm("garbage", form=form)
        words.enquire(query=5)
        assert words.world.nth(Unlisted, 1).fault.code == "fiscal.operator-no-answer"
        words.world.arm("garbage", form=form)
        before = len(words.world.of(PartyHealth))
        words.world.do(lambda adapter: adapter.ask_status(words.world.now_ms()))
        assert words.world.nth(PartyHealth, before + 1).state == "lost"
        assert words.held() == [("SKO-1", 1)]

    def test_written_but_the_answer_dropped(self, words: OperatorWords) -> None:
        words.world.arm("commit_drop_answer")
        words.send(1)
        words.world.struck("commit_drop_answer")
        words.world.pass_time(OVER_MS)
        assert words.end(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert words.held() == [("SKO-1", 1)]
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 2)

    def test_dropped_with_the_connection(self, words: OperatorWords) -> None:
        words.world.arm("drop_request_close")
        assert words.deliver(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert words.held() == []
        assert isinstance(words.deliver(1), Acknowledged)

    def test_a_used_connection_that_was_closed_meanwhile_costs_nothing(self, words: OperatorWords) -> None:
        words.deliver(1)
        words.world.arm("drop_request_close")
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 2)

    def test_slow_but_in_time(self, words: OperatorWords) -> None:
        words.world.arm("slow_bytes", delay_ms=1, piece_bytes=50)
        words.send(1)
        words.world.struck("slow_bytes")
        words.world.pass_time(1_000)
        assert isinstance(words.end(1), Acknowledged)

    def test_too_slow(self, words: OperatorWords) -> None:
        words.world.arm("slow_bytes", delay_ms=1_000, piece_bytes=50)
        words.send(1)
        words.world.struck("slow_bytes")
        words.world.pass_time(OVER_MS)
        assert words.end(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        words.world.pass_time(9_000)
        assert words.end(2) == Acknowledged("operator", "SKO-1", 1, 1)

    @pytest.mark.parametrize(("at", "held"), [("before", []), ("after", [("SKO-1", 1)])])
    def test_crash(
        self, words: OperatorWords, at: str, held: list[tuple[str, int]], refused: frozenset[str]
    ) -> None:
        words.world.arm("crash", at=at, delay_ms=2_000)
        assert words.deliver(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert words.held() == held
        assert words.not_delivered(1) in refused
        words.world.pass_time(2_100)
        assert words.deliver(1) == Acknowledged("operator", "SKO-1", 1, 1)
        assert words.held() == [("SKO-1", 1)]

    def test_a_clock_that_is_off_dates_what_comes(self, words: OperatorWords) -> None:
        words.world.arm("clock_off", off_ms=3_600_000)
        words.deliver(1)
        (record,) = words.listed().records
        assert record.received_ms >= START_MS + 3_600_000
        assert words.listed().last_contact_ms is None

    def test_an_operator_from_an_old_backup_wants_its_documents_again(self, words: OperatorWords) -> None:
        words.world.order(lambda orders, _: orders.set_gaps(False))
        for number in (1, 2, 3):
            words.deliver(number)
        words.world.order(lambda orders, _: orders.restore_backup(2))
        assert words.deliver(4) == NotDelivered("operator", "SKO-1", 4, "out-of-order", 2)
        for number in (2, 3, 4):
            assert isinstance(words.deliver(number), Acknowledged)
        assert [number for _, number in words.held()] == [1, 2, 3, 4]

    def test_a_backup_may_also_be_restored_under_a_request(self, words: OperatorWords) -> None:
        words.world.arm("restored_backup", writes=1, only=frozenset({"document"}))
        assert words.deliver(1) == NotDelivered("operator", "SKO-1", 1, "no-answer")
        assert isinstance(words.deliver(1), Acknowledged)

    def test_off_the_net_and_back(self, words: OperatorWords, refused: frozenset[str]) -> None:
        words.deliver(1)
        words.world.order(lambda orders, _: orders.unplug())
        words.world.pass_time(100)
        assert words.not_delivered(2) in refused
        words.world.order(lambda orders, _: orders.plug())
        assert words.deliver(2) == Acknowledged("operator", "SKO-1", 2, 2)

    def test_reset_is_an_operator_that_never_was_used(self, words: OperatorWords) -> None:
        words.deliver(1)
        words.world.order(lambda orders, _: orders.block("T1", "fee unpaid"))
        words.world.order(lambda orders, _: orders.reset())
        assert words.held() == []
        assert words.status().state == "active"
