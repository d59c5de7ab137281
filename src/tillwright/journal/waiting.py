"""Those who wait: for the answer to what they have asked, and for an operation to become what they want."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from tillwright.journal.runner import Answer, Item
from tillwright.operations.model import Operation

Enough = Callable[[Operation], bool]
"""Whether somebody who waits for an operation has seen enough of it."""


def anything(_operation: Operation) -> bool:
    """The first word of it will do."""
    return True


def newer(one: Operation | None, other: Operation) -> Operation:
    """The one that has seen more."""
    return one if one is not None and one.version > other.version else other


class Watch:
    """Somebody waits for an operation: the writer leaves its newest value here, and wakes them when it is
    enough. Used in place of a future, it waits for the answer to a request too, with one waking for both.
    """

    __slots__ = ("answered", "enough", "error", "event", "operation")

    def __init__(self, enough: Enough, *, answered: bool = True) -> None:
        self.enough = enough
        self.answered = answered
        self.event = threading.Event()
        self.operation: Operation | None = None
        self.error: Exception | None = None

    def show(self, operation: Operation) -> None:
        """The operation has become this."""
        self.operation = newer(self.operation, operation)
        if self.answered and self.enough(self.operation):
            self.event.set()

    def set_result(self, operation: Operation) -> None:
        """The request was taken."""
        self.operation = newer(self.operation, operation)  # before `answered`: who sees that, looks here
        self.answered = True
        self.show(operation)

    def set_exception(self, error: Exception) -> None:
        """The request was refused."""
        self.error = error
        self.answered = True
        self.event.set()


@dataclass(slots=True)
class Waiting:
    """An item, and who waits for its answer."""

    item: Item
    future: Future[Any] | Watch | None

    def answer(self, answer: Answer) -> None:
        """Give it to whoever waits."""
        if self.future is None:
            return
        if answer.error is not None:
            self.future.set_exception(answer.error)
        else:
            self.future.set_result(answer.value)


def begun(watch: Watch, timeout_ms: int) -> Operation:
    """The operation of a request, once that is answered and there is enough to see, or the time is over."""
    watch.event.wait(timeout_ms / 1000 if timeout_ms > 0 else None)
    watch.enough = anything
    if not watch.answered:  # a slow disk; what was asked for is not taken back
        watch.event.wait()
    if watch.error is not None:
        raise watch.error
    if watch.operation is None:
        raise AssertionError("an answer without an operation")
    return watch.operation


def satisfied(operation: Operation, version: int | None) -> bool:
    """Whether it has ended, or is newer than this version."""
    return operation.ended or (version is not None and operation.version > version)
