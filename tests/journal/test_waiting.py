"""Waiting for an operation: woken once, when there is enough to see, and never before it is journaled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tillwright.journal.news import KEPT, News
from tillwright.journal.waiting import Watch, begun
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Operation
from tillwright.operations.states import OperationState

UID = "00000000-0000-4000-8000-000000000001"
OPEN = Operation(
    uid=UID,
    till="till-1",
    number=1,
    kind="cash-sale",
    cashier="",
    shift=1,
    content=Content("EUR", 100, (), ()),
    content_hash="",
    started_ms=0,
    changed_ms=0,
    legs=planned_legs(UID, KINDS["cash-sale"]),
    version=1,
)
DONE = replace(OPEN, state=OperationState.DONE, version=2)


def ended(operation: Operation) -> bool:
    return operation.ended


def asked(answered: bool = False) -> Watch:
    return Watch(ended, answered=answered)


def test_it_is_woken_by_the_end_and_not_by_the_beginning() -> None:
    watch = asked()
    watch.set_result(OPEN)
    assert not watch.event.is_set()
    watch.show(DONE)
    assert begun(watch, 1000) is DONE


def test_the_end_may_be_shown_before_the_answer() -> None:
    watch = asked()
    watch.show(DONE)
    assert not watch.event.is_set()
    watch.set_result(OPEN)
    assert begun(watch, 1000) is DONE


def test_another_change_of_the_same_uid_is_no_answer() -> None:
    watch = asked()
    watch.show(DONE)
    watch.set_exception(FaultError(Fault("api.uid-reused", uid=UID)))
    with pytest.raises(FaultError, match="uid-reused"):
        begun(watch, 1000)


class SlowDisk:
    """In place of an event: the time is over first, and the answer comes while it is waited for again."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.waits: list[float | None] = []

    def wait(self, timeout_s: float | None = None) -> bool:
        self.waits.append(timeout_s)
        if timeout_s is None:
            self.watch.set_result(OPEN)
        return timeout_s is None

    def set(self) -> None:
        """The waiting is over."""


def test_the_answer_is_waited_for_when_the_time_is_over() -> None:
    watch = asked()
    slow = SlowDisk(watch)
    watch.event = slow  # type: ignore[assignment]
    assert begun(watch, 1) is OPEN
    assert slow.waits == [0.001, None]


def test_who_only_watches_is_shown_the_newest() -> None:
    watch = asked(answered=True)
    watch.show(DONE)
    watch.show(OPEN)
    assert watch.operation is DONE
    assert watch.event.is_set()


def test_news_are_told_from_a_tick_on_and_by_till() -> None:
    news = News(100)
    news.add(101, OPEN)
    news.add(102, replace(OPEN, till="till-2"))
    news.add(103, DONE)
    assert [change.tick for change in news.since("till-1", 100) or ()] == [101, 103]
    assert [change.state for change in news.since("till-1", 101) or ()] == ["done"]
    assert news.since("till-1", 103) == []
    assert news.since("till-1", 99) is None


def test_old_news_are_forgotten_and_that_is_told() -> None:
    news = News(0)
    for tick in range(1, KEPT + 3):
        news.add(tick, OPEN)
    assert news.since("till-1", 1) is None
    assert len(news.since("till-1", 2) or ()) == KEPT
