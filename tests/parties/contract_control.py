"""What adapter and twin of the control device promise together, whatever carries their bytes.

Each test is one promise; `test_control.py` runs all of them on virtual time with both stores and on sockets.
`ControlContract` is kept by a device without shifts, `ShiftContract` by one with them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.parties.worlds import TIMES, World, fiscal, leg, sale, unique_number
from tillwright.kernel.evidence import Source
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent, Refused
from tillwright.operations.model import Operation
from tillwright.operations.ports import REQUESTS
from tillwright.parties.control.messages import Counters
from tillwright.parties.control.reading import DOCUMENT_KINDS, KIND_OF_ACTION
from tillwright.parties.faulting import GARBAGE_FORMS

OVER_MS = TIMES.answer_within_ms + 100
"""After this a request has no answer."""


class ControlContract:
    """A suite; the subclass gives the fixture `world`: connected, greeted, without faults."""

    # ── registering ─────────────────────────────────────────────────────────────────────────────────────────

    def test_a_sale_is_registered_and_its_document_told(self, world: World) -> None:
        outcome = world.sell(sale(1))
        assert isinstance(outcome, Accepted)
        assert outcome.evidence.source is Source.REPLY
        assert outcome.evidence.facts["document_number"] == 1
        assert world.registered() == [leg(sale(1)).key]
        assert world.held.last_number("SKO-1") == 1

    def test_numbers_follow_and_counters_add_up(self, world: World) -> None:
        for number in (1, 2, 3):
            world.sell(sale(number, 500 + number))
        world.until(lambda: world.health().last_number == 3)
        counters = world.health().counters
        assert counters is not None
        assert counters.cash_till_minor == 501 + 502 + 503
        assert counters.sums["sale"]["cash"].count == 3
        assert world.held.last_number("SKO-1") == 3

    def test_the_same_key_is_registered_once(self, world: World) -> None:
        first, second = world.sell(sale(1)), world.sell(sale(1))
        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert first.evidence.facts == second.evidence.facts
        assert len(world.registered()) == 1

    def test_the_same_key_with_other_content_is_refused(self, world: World) -> None:
        world.sell(sale(1, 568))
        outcome = world.sell(sale(1, 569))
        assert isinstance(outcome, Refused)
        assert outcome.fault.code == "fiscal.key-conflict"
        assert len(world.registered()) == 1

    def test_content_that_contradicts_itself_is_refused(self, world: World) -> None:
        good = sale(1)
        wrong = replace(good, content=replace(good.content, total_minor=good.content.total_minor - 1))
        outcome = world.sell(wrong)
        assert isinstance(outcome, Refused)
        assert outcome.fault.code == "fiscal.register-refused"
        assert world.registered() == []

    def test_several_may_be_under_way_at_once(self, world: World) -> None:
        for number in range(1, 6):
            world.register(sale(number))
        for number in range(1, 6):
            assert isinstance(world.ends(sale(number)), Accepted)
        assert world.held.last_number("SKO-1") == 5
        assert world.noticed("fiscal.device-garbled") == 0

    # ── asking by key ───────────────────────────────────────────────────────────────────────────────────────

    def test_what_happened_is_found(self, world: World) -> None:
        world.sell(sale(1))
        outcome = world.ask(sale(1))
        assert isinstance(outcome, Found)
        assert outcome.evidence.source is Source.INQUIRY
        assert outcome.evidence.facts["document_number"] == 1

    def test_what_is_absent_is_refused_for_ever(self, world: World) -> None:
        asked = world.ask(sale(1))
        assert isinstance(asked, Absent)
        assert asked.fenced
        outcome = world.sell(sale(1))
        assert isinstance(outcome, Refused)
        assert outcome.fault.code == "fiscal.not-registered"
        assert world.registered() == []

    def test_a_document_with_another_sum_is_not_what_was_asked_for(self, world: World) -> None:
        world.sell(sale(1, 568))
        assert isinstance(world.ask(sale(1, 569)), NoAnswer)

    # ── each fault of the twin ──────────────────────────────────────────────────────────────────────────────

    def test_written_but_the_answer_dropped(self, world: World) -> None:
        world.arm("commit_drop_answer")
        world.register(sale(1))
        world.struck("commit_drop_answer")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        assert isinstance(world.ask(sale(1)), Found)

    def test_a_document_without_an_answer_is_read_before_the_next_sale(self, world: World) -> None:
        world.arm("commit_drop_answer")
        world.register(sale(1))
        world.struck("commit_drop_answer")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        assert isinstance(world.sell(sale(2)), Accepted)
        assert [record.key for record in world.recorded()] == [leg(sale(1)).key]
        assert world.held.last_number("SKO-1") == 2

    def test_nobody_at_the_other_end(self, world: World) -> None:
        world.arm("refuse_connections", always=True)
        world.until(lambda: world.health().state == "lost")
        outcome = world.sell(sale(1))
        assert isinstance(outcome, NotSent)
        assert isinstance(world.ask(sale(1)), NoAnswer)
        world.order(lambda orders, _: orders.disarm())
        assert isinstance(world.sell(sale(1)), Accepted)
        assert world.registered() == [leg(sale(1)).key]

    def test_silence(self, world: World) -> None:
        world.arm("silent")
        world.register(sale(1))
        world.struck("silent")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        assert isinstance(world.ask(sale(1)), Absent)
        assert world.registered() == []

    def test_delivered_late(self, world: World) -> None:
        world.arm("deliver_late", delay_ms=6_000)
        world.register(sale(1))
        world.struck("deliver_late")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        assert world.registered() == []
        world.pass_time(6_000)
        assert isinstance(world.ends(sale(1), 2), Accepted)
        assert world.registered() == [leg(sale(1)).key]

    def test_delivered_late_after_its_absence_was_told(self, world: World) -> None:
        world.arm("deliver_late", delay_ms=6_000)
        world.register(sale(1))
        world.struck("deliver_late")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        assert isinstance(world.ask(sale(1)), Absent)
        world.pass_time(6_000)
        assert isinstance(world.ends(sale(1), 3), Refused)
        assert world.registered() == []

    def test_answered_late(self, world: World) -> None:
        world.arm("answer_late", delay_ms=6_000)
        world.register(sale(1))
        world.struck("answer_late")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        world.pass_time(6_000)
        assert isinstance(world.ends(sale(1), 2), Accepted)
        assert world.health().state == "ready"

    def test_answered_twice(self, world: World) -> None:
        world.arm("answer_twice")
        assert isinstance(world.sell(sale(1)), Accepted)
        assert isinstance(world.sell(sale(2)), Accepted)
        assert len(world.told(sale(1))) == 1
        assert world.noticed("fiscal.device-garbled") == 0

    @pytest.mark.parametrize("form", GARBAGE_FORMS)
    def test_garbage(self, world: World, form: str) -> None:
        world.arm("garbage", form=form)
        assert isinstance(world.sell(sale(1)), NoAnswer)
        assert world.noticed("fiscal.device-garbled") == 1
        assert isinstance(world.ask(sale(1)), Found)

    def test_dropped_with_the_connection(self, world: World) -> None:
        world.arm("drop_request_close")
        assert isinstance(world.sell(sale(1)), NoAnswer)
        assert isinstance(world.ask(sale(1)), Absent)

    def test_slow_but_in_time(self, world: World) -> None:
        world.arm("slow_bytes", delay_ms=1, piece_bytes=50)
        world.register(sale(1))
        world.struck("slow_bytes")
        world.pass_time(1_000)
        assert isinstance(world.ends(sale(1)), Accepted)

    def test_too_slow(self, world: World) -> None:
        world.arm("slow_bytes", delay_ms=500, piece_bytes=100)
        world.register(sale(1))
        world.struck("slow_bytes")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(sale(1)), NoAnswer)
        world.pass_time(20_000)
        assert isinstance(world.ends(sale(1), 2), Accepted)

    def test_what_is_said_meanwhile_does_not_get_between_slow_bytes(self, world: World) -> None:
        world.arm("slow_bytes", delay_ms=100, piece_bytes=200)
        world.register(sale(1))
        world.struck("slow_bytes")
        world.inquire(sale(2))
        world.until(lambda: world.fenced() == [leg(sale(2)).key])
        world.pass_time(2_000)
        assert isinstance(world.ends(sale(1)), Accepted)
        assert isinstance(world.ends(sale(2)), Absent)
        assert world.noticed("fiscal.device-garbled") == 0

    @pytest.mark.parametrize(("at", "then"), [("before", Absent), ("after", Found)])
    def test_crash(self, world: World, at: str, then: type) -> None:
        world.arm("crash", at=at, delay_ms=2_000)
        assert isinstance(world.sell(sale(1)), NoAnswer)
        assert isinstance(world.sell(sale(2)), NotSent)
        world.pass_time(2_000)
        assert isinstance(world.ask(sale(1)), then)

    def test_a_crash_loses_what_lies_in_the_device(self, world: World) -> None:
        world.arm("deliver_late", delay_ms=6_000)
        world.register(sale(1))
        world.struck("deliver_late")
        world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
        assert isinstance(world.ends(sale(1)), NoAnswer)
        world.pass_time(10_000)
        assert isinstance(world.sell(sale(2)), Accepted)
        assert world.registered() == [leg(sale(2)).key]

    def test_a_clock_that_is_off_is_noticed_once(self, world: World) -> None:
        world.order(lambda orders, _: orders.set_clock(3_600_000))
        for number in (1, 2, 3):
            assert isinstance(world.sell(sale(number)), Accepted)
        assert world.noticed("fiscal.device-clock-off") == 1
        world.order(lambda orders, _: orders.set_clock(0))
        world.sell(sale(4))
        world.arm("clock_off", off_ms=-600_000)
        world.sell(sale(5))
        assert world.noticed("fiscal.device-clock-off") == 2

    def test_a_device_from_an_old_backup_gets_its_documents_back(self, world: World) -> None:
        for number in (1, 2, 3):
            world.sell(sale(number))
        before = world.registered()
        world.order(lambda orders, _: orders.restore_backup(2))
        world.until(lambda: world.health().state == "lost")
        assert isinstance(world.sell(sale(4)), Accepted)
        assert world.noticed("fiscal.device-behind") == 1
        assert world.registered() == [*before, leg(sale(4)).key]
        assert world.held.last_number("SKO-1") == 4

    def test_a_backup_may_also_be_restored_under_a_request(self, world: World) -> None:
        for number in (1, 2, 3):
            world.sell(sale(number))
        world.arm("restored_backup", writes=1)
        assert isinstance(world.sell(sale(4)), NoAnswer)
        assert isinstance(world.ask(sale(4)), Absent)
        assert world.registered() == [leg(sale(number)).key for number in (1, 2, 3)]

    # ── what happens to the device ──────────────────────────────────────────────────────────────────────────

    def test_a_float_put_in_at_the_device_is_read_as_a_witness(self, world: World) -> None:
        world.look(lambda orders: orders.deposit("EUR", 20_000, world.now_ms()))
        assert isinstance(world.sell(sale(1)), Accepted)
        (record,) = world.recorded()
        assert (record.key, record.kind, record.total_minor, record.till) == (
            "float.SKO-1.1",
            "deposit",
            20_000,
            "T1",
        )
        assert world.held.last_number("SKO-1") == 2
        world.until(lambda: world.health().last_number == 2)
        counters = world.health().counters
        assert counters is not None
        assert counters.cash_till_minor == 20_568

    def test_unplugged_and_plugged_in_again(self, world: World) -> None:
        world.order(lambda orders, _: orders.unplug())
        world.until(lambda: world.health().state == "lost")
        assert isinstance(world.sell(sale(1)), NotSent)
        world.order(lambda orders, _: orders.plug())
        assert isinstance(world.sell(sale(1)), Accepted)

    def test_reset_is_a_device_that_lost_everything(self, world: World) -> None:
        world.sell(sale(1))
        world.order(lambda orders, _: orders.reset())
        world.until(lambda: world.health().state == "lost")
        assert isinstance(world.sell(sale(2)), Accepted)
        assert len(world.registered()) == 2
        assert world.noticed("fiscal.device-behind") == 1

    # ── more than sales ─────────────────────────────────────────────────────────────────────────────────────

    def test_money_goes_out_and_is_counted_without_shifts_too(self, world: World) -> None:
        origin = unique_number(world.sell(sale(1, 1_000)))
        assert isinstance(world.sell(fiscal("refund", 2, 300, origin)), Accepted)
        assert isinstance(world.sell(fiscal("cash-in", 3, 50)), Accepted)
        assert isinstance(world.sell(fiscal("cash-out", 4, 70)), Accepted)
        counters = counted(world, 4)
        assert (counters.cash_till_minor, counters.cash_shift_minor) == (680, 680)
        assert world.health().shift_state == "open"

    @pytest.mark.parametrize("kind", ["shift-open", "shift-close"])
    def test_a_device_without_shifts_opens_and_closes_none(self, world: World, kind: str) -> None:
        assert refusal(world, fiscal(kind, 1)) == ("fiscal.register-refused", {"reason": "kind"})

    # ── how it stands ───────────────────────────────────────────────────────────────────────────────────────

    def test_asked_how_it_stands_it_answers_afresh(self, world: World) -> None:
        world.sell(sale(1))
        first = world.status()
        world.pass_time(1_000)
        second = world.status()
        assert (first.state, second.state) == ("ready", "ready")
        assert second.at_ms >= first.at_ms + 1_000
        assert (second.serial, second.last_number, second.acknowledged) == ("SKO-1", 1, None)

    def test_what_the_till_does_not_hold_is_read_before_it_is_told_how_the_device_stands(
        self, world: World
    ) -> None:
        world.look(lambda orders: orders.deposit("EUR", 20_000, world.now_ms()))
        world.do(lambda adapter: adapter.status(world.now_ms()))
        world.until(lambda: world.health().last_number == 1 and world.held.last_number("SKO-1") == 1)
        assert [record.kind for record in world.recorded()] == ["deposit"]
        assert world.status().state == "ready"

    def test_a_device_that_cannot_be_asked_is_lost_and_its_last_word_stands(self, world: World) -> None:
        world.sell(sale(1))
        world.status()
        world.arm("silent")
        world.do(lambda adapter: adapter.status(world.now_ms()))
        world.struck("silent")
        world.pass_time(OVER_MS)
        world.until(lambda: world.health().state == "lost")
        assert world.health().last_number == 1
        assert world.status().state == "ready"

    def test_nor_can_one_that_is_not_there(self, world: World) -> None:
        world.order(lambda orders, _: orders.unplug())
        world.until(lambda: world.health().state == "lost")
        world.do(lambda adapter: adapter.status(world.now_ms()))
        world.pass_time(OVER_MS)
        assert world.health().state in ("lost", "connecting")


def counted(world: World, last_number: int) -> Counters:
    """What the device has counted with this document."""
    world.until(lambda: world.health().last_number == last_number)
    counters = world.health().counters
    assert counters is not None
    return counters


def refusal(world: World, operation: Operation) -> tuple[str, dict[str, object]]:
    """The fault with which the device refuses it."""
    before = world.registered()
    outcome = world.sell(operation)
    assert isinstance(outcome, Refused)
    assert world.registered() == before
    return outcome.fault.code, dict(outcome.fault.facts)


def next_of(world: World, kind: str) -> Operation:
    """An operation of this kind that the device will take, all that it needs being there."""
    if kind == "shift-open":
        return fiscal(kind, 9)
    assert isinstance(world.sell(fiscal("shift-open", 1)), Accepted)
    if kind == "shift-close":
        return fiscal(kind, 9)
    origin = unique_number(world.sell(sale(2)))
    return fiscal(kind, 9, 568, origin if kind in ("refund", "void") else "")


every_kind = pytest.mark.parametrize("kind", list(DOCUMENT_KINDS))


class ShiftContract:
    """A suite; the subclass gives the fixture `world`: connected, a device that never had a shift."""

    # ── what holds for every kind of document ───────────────────────────────────────────────────────────────

    def test_the_table_of_the_ports_names_what_is_promised_here(self, world: World) -> None:
        actions = {action for party, action in REQUESTS if party == "control"}
        assert actions == set(KIND_OF_ACTION)
        for action in actions:
            traits = REQUESTS["control", action]
            assert (traits.idempotent, traits.inquirable, traits.fences) == (True, True, True)

    @every_kind
    def test_it_is_registered_once_whatever_is_asked_again(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        first, second = world.sell(operation), world.sell(operation)
        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert first.evidence.facts == second.evidence.facts
        assert world.registered().count(leg(operation).key) == 1
        newest = world.look(lambda orders: orders.documents()[-1])
        assert (newest.kind, newest.of) == (DOCUMENT_KINDS[kind], operation.origin)
        assert newest.number == world.held.last_number("SKO-1")

    @every_kind
    def test_what_is_absent_is_refused_for_ever(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        asked = world.ask(operation)
        assert isinstance(asked, Absent)
        assert asked.fenced
        assert refusal(world, operation)[0] == "fiscal.not-registered"

    @every_kind
    @pytest.mark.parametrize("fault", ["commit_drop_answer", "garbage", "crash"])
    def test_what_was_written_without_an_answer_is_found(self, world: World, kind: str, fault: str) -> None:
        operation = next_of(world, kind)
        how = {"at": "after", "delay_ms": 0} if fault == "crash" else {}
        world.arm(fault, **how)
        world.register(operation)
        world.struck(fault)
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(operation), NoAnswer)
        assert isinstance(world.ask(operation), Found)
        assert world.registered().count(leg(operation).key) == 1

    @every_kind
    def test_silence_and_then_absence(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        world.arm("silent")
        world.register(operation)
        world.struck("silent")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(operation), NoAnswer)
        assert isinstance(world.ask(operation), Absent)

    @every_kind
    def test_a_late_delivery_after_its_absence_was_told_does_nothing(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        world.arm("deliver_late", delay_ms=6_000)
        world.register(operation)
        world.struck("deliver_late")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(operation), NoAnswer)
        assert isinstance(world.ask(operation), Absent)
        world.pass_time(6_000)
        assert isinstance(world.ends(operation, 3), Refused)
        assert leg(operation).key not in world.registered()

    @every_kind
    def test_a_late_answer_is_matched_and_a_second_one_taken_once(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        world.arm("answer_late", delay_ms=6_000)
        world.register(operation)
        world.struck("answer_late")
        world.pass_time(OVER_MS)
        assert isinstance(world.ends(operation), NoAnswer)
        world.pass_time(6_000)
        assert isinstance(world.ends(operation, 2), Accepted)
        world.arm("answer_twice")
        assert isinstance(world.ask(operation), Found)
        assert len(world.told(operation)) == 3

    @every_kind
    def test_without_a_reply_it_is_read_at_the_next_contact(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        world.arm("commit_drop_answer")
        world.register(operation)
        world.struck("commit_drop_answer")
        world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
        world.until(lambda: world.health().state == "lost")
        world.pass_time(1_000)
        world.until(lambda: world.recorded())
        (record,) = world.recorded()
        assert (record.key, record.kind, record.of) == (
            leg(operation).key,
            DOCUMENT_KINDS[kind],
            operation.origin,
        )
        assert sum(tender.amount_minor for tender in record.tenders) == operation.content.total_minor

    # ── shifts ──────────────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("kind", sorted(set(DOCUMENT_KINDS) - {"shift-open"}))
    def test_nothing_is_registered_while_no_shift_is_open(self, world: World, kind: str) -> None:
        operation = fiscal(kind, 5, 0 if kind == "shift-close" else 100)
        assert refusal(world, operation) == ("till.shift-closed", {})
        world.sell(fiscal("shift-open", 1))
        world.sell(fiscal("shift-close", 2))
        again = fiscal(kind, 6, operation.content.total_minor)
        assert refusal(world, again) == ("till.shift-closed", {})

    def test_a_shift_is_opened_once(self, world: World) -> None:
        world.sell(fiscal("shift-open", 1))
        assert refusal(world, fiscal("shift-open", 2)) == ("till.shift-already-open", {"shift": 1})

    def test_the_device_says_which_shift_it_is_in(self, world: World) -> None:
        assert (world.status().shift_number, world.health().shift_state) == (0, "closed")
        said = []
        for number, kind in enumerate(("shift-open", "shift-close", "shift-open"), start=1):
            world.sell(fiscal(kind, number))
            health = world.status()
            said.append((health.shift_number, health.shift_state))
        assert said == [(1, "open"), (1, "closed"), (2, "open")]

    def test_a_shift_may_be_named_and_only_forward(self, world: World) -> None:
        assert isinstance(world.sell(fiscal("shift-open", 1, shift=7)), Accepted)
        assert refusal(world, fiscal("shift-close", 2, shift=6))[0] == "fiscal.register-refused"
        assert isinstance(world.sell(fiscal("shift-close", 3, shift=7)), Accepted)
        assert refusal(world, fiscal("shift-open", 4, shift=7))[0] == "fiscal.register-refused"
        assert isinstance(world.sell(fiscal("shift-open", 5, shift=8)), Accepted)
        assert [document.shift for document in world.look(lambda orders: orders.documents())] == [7, 7, 8]

    def test_counters_of_the_shift_begin_anew_and_those_of_the_till_go_on(self, world: World) -> None:
        world.sell(fiscal("shift-open", 1))
        world.sell(sale(2, 1_000))
        world.sell(fiscal("cash-out", 3, 400))
        world.sell(fiscal("shift-close", 4))
        closed = counted(world, 4)
        assert (closed.cash_till_minor, closed.cash_shift_minor) == (600, 600)
        assert {kind: by["cash"].sum_minor for kind, by in closed.sums.items()} == {
            "sale": 1_000,
            "withdrawal": 400,
        }
        world.sell(fiscal("shift-open", 5))
        opened = counted(world, 5)
        assert (opened.cash_till_minor, opened.cash_shift_minor, dict(opened.sums)) == (600, 0, {})
        world.sell(fiscal("cash-out", 6, 600))
        assert counted(world, 6).cash_shift_minor == -600

    def test_a_float_put_in_while_no_shift_is_open_is_in_the_till_and_in_no_shift(self, world: World) -> None:
        world.look(lambda orders: orders.deposit("EUR", 20_000, world.now_ms()))
        assert isinstance(world.sell(fiscal("shift-open", 1)), Accepted)
        counters = counted(world, 2)
        assert (counters.cash_till_minor, counters.cash_shift_minor) == (20_000, 0)
        (record,) = world.recorded()
        assert (record.kind, record.shift) == ("deposit", 0)

    # ── money goes out ──────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("kind", ["refund", "cash-out"])
    def test_no_more_goes_out_than_the_device_counts(self, world: World, kind: str) -> None:
        operation = next_of(world, kind)
        more = fiscal(kind, 10, 569, operation.origin)
        assert refusal(world, more) == (
            "fiscal.negative-shift-balance",
            {"amount_minor": 569, "currency": "EUR", "device_minor": 568},
        )
        assert isinstance(world.sell(operation), Accepted)
        assert world.status().counters is not None
        assert counted(world, 3).cash_till_minor == 0

    def test_nor_by_an_annulment(self, world: World) -> None:
        void = next_of(world, "void")
        world.sell(fiscal("cash-out", 3, 500))
        assert refusal(world, void)[0] == "fiscal.negative-shift-balance"

    def test_a_sale_is_annulled_once_and_whole(self, world: World) -> None:
        void = next_of(world, "void")
        part = fiscal("void", 7, 567, void.origin)
        assert refusal(world, part) == ("fiscal.register-refused", {"reason": "total"})
        assert isinstance(world.sell(void), Accepted)
        world.sell(sale(3))
        again = fiscal("void", 8, 568, void.origin)
        assert refusal(world, again) == ("fiscal.register-refused", {"reason": "followed"})

    def test_a_refunded_sale_is_not_annulled(self, world: World) -> None:
        refund = next_of(world, "refund")
        world.sell(refund)
        world.sell(sale(3))
        void = fiscal("void", 8, 568, refund.origin)
        assert refusal(world, void) == ("fiscal.register-refused", {"reason": "followed"})

    def test_nothing_that_the_device_does_not_know_is_annulled(self, world: World) -> None:
        void = next_of(world, "void")
        assert refusal(world, fiscal("void", 7, 568)) == ("till.parent-unknown", {})
        assert refusal(world, fiscal("void", 8, 568, "0" * 24)) == ("till.parent-unknown", {})
        assert void.origin != "0" * 24

    def test_nor_a_sale_of_another_shift_but_it_is_refunded(self, world: World) -> None:
        void = next_of(world, "void")
        world.sell(fiscal("shift-close", 3))
        world.sell(fiscal("shift-open", 4))
        assert refusal(world, void) == ("fiscal.register-refused", {"reason": "shift"})
        assert isinstance(world.sell(fiscal("refund", 10, 568, void.origin)), Accepted)

    # ── what happens to the device ──────────────────────────────────────────────────────────────────────────

    def test_switched_off_and_on_it_is_in_the_same_shift_with_the_same_counters(self, world: World) -> None:
        world.sell(next_of(world, "refund"))
        world.sell(fiscal("cash-in", 10, 33))
        before = world.status()
        world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
        world.until(lambda: world.health().state == "lost")
        world.pass_time(1_000)
        world.ready()
        after = world.status()
        assert (after.counters, after.shift_number, after.shift_state, after.last_number) == (
            before.counters,
            before.shift_number,
            before.shift_state,
            before.last_number,
        )

    def test_from_an_old_backup_it_gets_its_shift_and_its_counters_back(self, world: World) -> None:
        world.sell(next_of(world, "void"))
        before = world.status()
        world.order(lambda orders, _: orders.restore_backup(3))
        world.until(lambda: world.health().state == "lost")
        assert isinstance(world.sell(fiscal("cash-in", 10, 5)), Accepted)
        after = world.status()
        assert before.counters is not None
        assert after.counters is not None
        assert after.counters.cash_till_minor == before.counters.cash_till_minor + 5
        assert (after.shift_number, after.shift_state) == (1, "open")
