"""What adapter and twin of the printer promise together, whatever carries their bytes.

Each test is one promise; `test_printer.py` runs all of them on virtual time and on sockets.
"""

from __future__ import annotations

import pytest

from tests.parties.http_worlds import World
from tillwright.documents.slip_text import Line
from tillwright.parties.faulting import FAULTS
from tillwright.parties.printer.adapter import PrinterAdapter, PrinterTimes
from tillwright.parties.printer.machine import Paper
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.paper import paper_bytes
from tillwright.parties.printer.slips import Text
from tillwright.parties.printer.typefaces import Typeface
from tillwright.parties.wire import PartyHealth, PrintTold

PRINTER_WORLD = World[PrinterAdapter, PrinterOrders]
TIMES = PrinterTimes(status_every_ms=0)
OVER_MS = TIMES.print_within_ms + 100
"""After this a slip has no proof."""
NO_FONTS = Typeface(())


def slip(text: str) -> bytes:
    """A slip of one line."""
    return paper_bytes([Line(text)], NO_FONTS)


def send(world: PRINTER_WORLD, job: str, text: str = "") -> None:
    data = slip(text or f"slip {job}")
    world.do(lambda adapter: adapter.print(job, data, world.now_ms()))


def end(world: PRINTER_WORLD, job: str) -> PrintTold:
    """What is told of the job, once."""
    world.until(lambda: any(one.job == job for one in world.of(PrintTold)))
    (told,) = [one for one in world.of(PrintTold) if one.job == job]
    return told


def code(told: PrintTold) -> str:
    assert not told.ok
    assert told.fault is not None
    return told.fault.code


def lies_there(world: PRINTER_WORLD) -> list[str]:
    """The first line of every slip that came out."""
    return [
        next((part.text for part in printed.parts if isinstance(part, Text)), "")
        for printed in world.look(lambda orders: orders.slips)
    ]


def ready(world: PRINTER_WORLD) -> None:
    world.do(lambda adapter: adapter.start(world.now_ms()))
    world.until(lambda: world.health() == "ready")


class PrinterContract:
    """A suite; the subclass gives the fixture `world`: not started, without faults."""

    # ── printing ────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_slip_is_printed_and_said_to_be(self, world: PRINTER_WORLD) -> None:
        ready(world)
        send(world, "a", "TOTAL 5.68")
        assert end(world, "a").ok
        assert lies_there(world) == ["TOTAL 5.68"]

    def test_slips_come_out_in_the_order_in_which_they_were_sent(self, world: PRINTER_WORLD) -> None:
        for job in "abc":
            send(world, job)
        for job in "abc":
            assert end(world, job).ok
        assert lies_there(world) == ["slip a", "slip b", "slip c"]

    def test_without_being_started_it_connects_for_a_slip(self, world: PRINTER_WORLD) -> None:
        send(world, "a")
        assert end(world, "a").ok

    # ── how it stands ───────────────────────────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize(
        ("paper", "is_open", "online", "state"),
        [
            (Paper.FULL, False, True, "ready"),
            (Paper.LOW, False, True, "paper-low"),
            (Paper.OUT, False, True, "paper-out"),
            (Paper.FULL, True, True, "cover-open"),
            (Paper.FULL, False, False, "offline"),
        ],
    )
    def test_it_says_how_it_stands(self, world, paper, is_open, online, state) -> None:
        world.order(lambda orders, now_ms: orders.set_paper(paper, now_ms))
        world.order(lambda orders, now_ms: orders.set_cover(is_open, now_ms))
        world.order(lambda orders, now_ms: orders.set_online(online, now_ms))
        world.do(lambda adapter: adapter.status(world.now_ms()))
        world.until(lambda: world.health() == state)
        assert {told.party for told in world.of(PartyHealth)} == {"printer"}

    @pytest.mark.parametrize("state", ["paper-out", "cover-open", "offline"])
    def test_what_cannot_print_gets_no_byte_and_prints_nothing_later(self, world, state) -> None:
        ready(world)
        stop(world, state, on=True)
        send(world, "a")
        assert code(end(world, "a")) == f"printer.{state}"
        stop(world, state, on=False)
        send(world, "b")
        assert end(world, "b").ok
        assert lies_there(world) == ["slip b"]

    def test_near_the_end_of_the_roll_it_prints_and_says_so(self, world: PRINTER_WORLD) -> None:
        ready(world)
        world.order(lambda orders, now_ms: orders.set_paper(Paper.LOW, now_ms))
        send(world, "a")
        assert end(world, "a").ok
        world.until(lambda: world.health() == "paper-low")

    # ── nobody there ────────────────────────────────────────────────────────────────────────────────────────

    def test_a_printer_that_is_not_there_prints_nothing(self, world: PRINTER_WORLD) -> None:
        world.order(lambda orders, _: orders.unplug())
        send(world, "a")
        world.until(lambda: world.of(PrintTold))
        assert code(end(world, "a")) == "printer.unreachable"
        assert world.health() == "lost"
        world.order(lambda orders, _: orders.plug())
        send(world, "b")
        assert end(world, "b").ok
        assert lies_there(world) == ["slip b"]

    def test_a_question_for_the_status_has_an_end_even_without_an_answer(self, world: PRINTER_WORLD) -> None:
        world.order(lambda orders, _: orders.unplug())
        world.do(lambda adapter: adapter.status(world.now_ms()))
        world.until(lambda: world.health() == "lost")
        assert lies_there(world) == []

    # ── a slip without its proof ────────────────────────────────────────────────────────────────────────────

    def test_silence_after_printing_is_unconfirmed_and_nothing_is_repeated(self, world) -> None:
        ready(world)
        world.arm("commit_drop_answer", only=frozenset({"print"}))
        send(world, "a")
        world.struck("commit_drop_answer")
        world.pass_time(OVER_MS)
        assert code(end(world, "a")) == "printer.unconfirmed"
        send(world, "b")
        assert end(world, "b").ok
        assert lies_there(world) == ["slip a", "slip b"]

    def test_a_slip_that_the_printer_dropped_is_unconfirmed_too(self, world: PRINTER_WORLD) -> None:
        ready(world)
        world.arm("silent", only=frozenset({"print"}))
        send(world, "a")
        world.struck("silent")
        world.pass_time(OVER_MS)
        assert code(end(world, "a")) == "printer.unconfirmed"
        assert lies_there(world) == []

    @pytest.mark.parametrize(("fault", "lies"), [("drop_request_close", []), ("crash", ["slip a"])])
    def test_a_line_that_breaks_in_a_slip_leaves_it_unconfirmed(self, world, fault, lies) -> None:
        ready(world)
        world.arm(fault, only=frozenset({"print"}), at="after" if fault == "crash" else "")
        send(world, "a")
        assert code(end(world, "a")) == "printer.unconfirmed"
        assert lies_there(world) == lies

    def test_a_power_cut_in_the_middle_of_a_slip_leaves_half_of_it(self, world) -> None:
        ready(world)
        world.arm("crash", only=frozenset({"print"}), at="during")
        send(world, "a")
        assert code(end(world, "a")) == "printer.unconfirmed"
        [slip] = world.look(lambda orders: orders.slips)
        assert not slip.whole
        assert "slip a".startswith(slip.text.strip())
        assert slip.text.strip() != "slip a"

    def test_a_roll_that_ends_in_a_slip_is_told_as_that_and_nothing_comes_out_later(self, world) -> None:
        ready(world)
        world.arm("deliver_late", only=frozenset({"print"}), delay_ms=10)
        send(world, "a")
        world.struck("deliver_late")
        world.order(lambda orders, now_ms: orders.set_paper(Paper.OUT, now_ms))
        world.pass_time(20)
        world.until(lambda: world.look(lambda orders: orders.twin.printer.waiting))
        world.pass_time(OVER_MS)
        assert code(end(world, "a")) == "printer.paper-out"
        world.until(lambda: not world.look(lambda orders: orders.twin.printer.waiting))
        world.order(lambda orders, now_ms: orders.set_paper(Paper.FULL, now_ms))
        send(world, "b")
        assert end(world, "b").ok
        assert lies_there(world) == ["slip b"]

    def test_a_late_proof_never_stands_for_another_slip(self, world: PRINTER_WORLD) -> None:
        ready(world)
        world.arm("answer_late", only=frozenset({"print"}), delay_ms=OVER_MS + 60_000)
        send(world, "a")
        world.struck("answer_late")
        world.pass_time(OVER_MS)
        assert code(end(world, "a")) == "printer.unconfirmed"
        world.arm("silent", only=frozenset({"print"}))
        send(world, "b")
        world.struck("silent")
        world.pass_time(OVER_MS)
        assert code(end(world, "b")) == "printer.unconfirmed"

    # ── misbehaviour that does not matter ───────────────────────────────────────────────────────────────────

    @pytest.mark.parametrize("do", ["status", "print"])
    def test_an_answer_that_comes_twice_is_one(self, world: PRINTER_WORLD, do: str) -> None:
        ready(world)
        world.arm("answer_twice", only=frozenset({do}), next_count=9)
        for job in "ab":
            send(world, job)
            assert end(world, job).ok
        assert lies_there(world) == ["slip a", "slip b"]
        assert world.faults.struck["answer_twice"] > 1

    def test_babble_breaks_the_line_and_the_next_slip_is_printed(self, world: PRINTER_WORLD) -> None:
        ready(world)
        world.arm("garbage", only=frozenset({"print"}))
        send(world, "a")
        assert code(end(world, "a")) == "printer.unconfirmed"
        send(world, "b")
        assert end(world, "b").ok

    def test_babble_before_a_slip_was_sent_costs_it_nothing(self, world: PRINTER_WORLD) -> None:
        ready(world)
        world.arm("garbage", only=frozenset({"status"}))
        send(world, "a")
        assert end(world, "a").ok
        assert lies_there(world) == ["slip a"]

    @pytest.mark.parametrize("fault", ["clock_off", "restored_backup"])
    def test_what_makes_no_sense_for_a_printer_never_strikes(self, world: PRINTER_WORLD, fault) -> None:
        assert fault in FAULTS
        ready(world)
        world.arm(fault, always=True)
        send(world, "a")
        assert end(world, "a").ok
        assert world.faults.struck[fault] == 0

    def test_the_paper_outlives_a_crash(self, world: PRINTER_WORLD) -> None:
        ready(world)
        send(world, "a")
        assert end(world, "a").ok
        world.order(lambda orders, now_ms: orders.crash(now_ms, 0))
        send(world, "b")
        assert end(world, "b").ok
        assert lies_there(world) == ["slip a", "slip b"]

    def test_a_reset_printer_has_printed_nothing(self, world: PRINTER_WORLD) -> None:
        send(world, "a")
        assert end(world, "a").ok
        world.order(lambda orders, _: orders.reset())
        assert lies_there(world) == []


def stop(world: PRINTER_WORLD, state: str, *, on: bool) -> None:
    """Bring the printer into a state in which it cannot print, or out of it."""
    if state == "paper-out":
        world.order(lambda orders, now: orders.set_paper(Paper.OUT if on else Paper.FULL, now))
    elif state == "cover-open":
        world.order(lambda orders, now: orders.set_cover(on, now))
    else:
        world.order(lambda orders, now: orders.set_online(not on, now))
