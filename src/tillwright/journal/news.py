"""The newest changes of operations, in memory: what a stream tells, in the order in which it happened.

Each change has a tick; ticks grow, also from one process to the next. Somebody who was away for a moment
names the last tick that they saw and is told what they missed. Somebody who was away for too long is told so,
and looks at the journal instead.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tillwright.operations.model import Operation

KEPT = 1024
"""How many changes are remembered."""


@dataclass(frozen=True, slots=True)
class Change:
    """An operation as it became at a tick; without its content, which may be long."""

    tick: int
    till: str
    uid: str
    number: int
    kind: str
    state: str
    version: int
    currency: str
    total_minor: int
    changed_ms: int


class News:
    """The changes after a tick that is given at the start. Not safe for threads: the station holds a lock."""

    def __init__(self, tick: int) -> None:
        self._forgotten = tick
        self._changes: deque[Change] = deque()

    def add(self, tick: int, operation: Operation) -> None:
        """Remember a change."""
        if len(self._changes) == KEPT:
            self._forgotten = self._changes.popleft().tick
        content = operation.content
        self._changes.append(
            Change(
                tick,
                operation.till,
                operation.uid,
                operation.number,
                operation.kind,
                operation.state.value,
                operation.version,
                content.currency,
                content.total_minor,
                operation.changed_ms,
            )
        )

    def since(self, till: str, tick: int) -> list[Change] | None:
        """The till's changes after a tick, oldest first; None if that is too long ago to know them all."""
        if tick < self._forgotten:
            return None
        return [change for change in self._changes if change.tick > tick and change.till == till]
