"""What adapter and twin of the control device promise together, whatever carries their bytes.

Each test is one promise; `test_control.py` runs all of them on virtual time with both stores and on sockets.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.parties.worlds import TIMES, World, leg, sale
from tillwright.kernel.evidence import Source
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent, Refused
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
