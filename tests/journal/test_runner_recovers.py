"""What the runner does after a commit of which nobody knows, and when the clock on the wall is set back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import CommitUnknown
from tillwright.journal.runner import Apply, Begin, Feed, Item, Runner
from tillwright.kernel.fault import Fault, FaultError
from tillwright.machine.resources import shipped_rules
from tillwright.operations.events import Due, NoAnswer
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.policy import Policy

UID = "00000000-0000-4000-8000-0000000000aa"
NOW_MS = 1_763_704_800_000
HOUR_MS = 3_600_000


def sale() -> Begin:
    lines = (Line("milk", "Milk", 1000, 189, 189),)
    return Begin(Request(UID, "1", "cash-sale", "Minh", Content("EUR", 189, lines, (Tender("cash", 189),))))


def a_runner(journal: MemoryJournal) -> Runner:
    return Runner(journal, Policy(), replace(shipped_rules("demo"), shifts=False))


def unanswered(journal: MemoryJournal) -> Runner:
    """A sale whose answer has not come: it is to be asked for, and to turn red."""
    runner = a_runner(journal)
    runner.process([sale()], NOW_MS)
    runner.process([Feed(UID, NoAnswer(NOW_MS, 1, Fault("fiscal.sko-disconnected")))], NOW_MS)
    return runner


def names(items: list[Item]) -> list[str]:
    events = [item.event for item in items if isinstance(item, Feed)]
    return [event.timer for event in events if isinstance(event, Due)]


class TestTheClockOnTheWall:
    def test_a_clock_set_back_puts_no_timer_off(self) -> None:
        runner = unanswered(MemoryJournal())
        set_back_ms = NOW_MS - HOUR_MS
        assert runner.due(set_back_ms) == []
        assert runner.next_due_ms() == set_back_ms + Policy().red_after_ms
        assert names(runner.due(set_back_ms + Policy().red_after_ms)) == ["red"]

    def test_a_clock_set_back_twice_puts_no_timer_off(self) -> None:
        runner = unanswered(MemoryJournal())
        runner.due(NOW_MS - HOUR_MS)
        runner.due(NOW_MS - 3 * HOUR_MS)
        assert runner.next_due_ms() == NOW_MS - 3 * HOUR_MS + Policy().red_after_ms

    def test_a_timer_from_before_the_start_comes_no_later_than_any_does(self) -> None:
        journal = MemoryJournal()
        unanswered(journal)
        again = a_runner(journal)
        again.recover(NOW_MS - 24 * HOUR_MS)
        next_ms = again.next_due_ms()
        assert next_ms == NOW_MS - 24 * HOUR_MS + Policy().red_after_ms
        assert names(again.due(next_ms)) == ["red"]


class FailingJournal(MemoryJournal):
    """The next commit fails, written or not."""

    written: bool | None = None

    def commit(self) -> None:
        written, self.written = self.written, None
        if written is None:
            super().commit()
            return
        if written:
            super().commit()
        raise CommitUnknown("the disk says no")


def read_back(items: list[Begin | Feed | Apply], written: bool) -> tuple[FailingJournal, list[object]]:
    journal = FailingJournal()
    runner = a_runner(journal)
    journal.written = written
    with pytest.raises(CommitUnknown):
        runner.process(items, NOW_MS)
    done = runner.read_back(items, NOW_MS + 1)
    return journal, [answer.error or answer.value for answer in done.answers]


class TestReadingBack:
    def test_a_sale_begins_once_whether_it_was_written_or_not(self) -> None:
        for written in (False, True):
            journal, answers = read_back([sale()], written)
            assert [answer.uid for answer in answers if isinstance(answer, Operation)] == [UID]
            assert len(journal.operations) == 1
            assert journal.operations[UID].number == 1

    def test_a_write_that_may_not_be_repeated_is_told_as_failed(self) -> None:
        done: list[str] = []
        _, answers = read_back([Apply(lambda _journal: done.append("once"))], False)
        assert done == ["once"]
        assert isinstance(answers[0], FaultError)
        assert answers[0].fault.code == "journal.write-failed"

    def test_a_write_that_may_be_repeated_is_repeated(self) -> None:
        done: list[str] = []
        read_back([Apply(lambda _journal: done.append("again"), repeatable=True)], False)
        assert done == ["again", "again"]
