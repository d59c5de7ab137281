"""Virtual time: what is to happen, in the order of its moments; among equal moments, in the order of its
planning.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

START_MS = 1_763_704_800_000
"""21 November 2025, 06:00 UTC: where every run begins."""


class Agenda:
    """The world's clock and all that is planned. `now_ms` is true time; a station's wall may show another."""

    __slots__ = ("_heap", "_order", "now_ms")

    def __init__(self, start_ms: int = START_MS) -> None:
        self.now_ms = start_ms
        self._heap: list[tuple[int, int, Callable[..., object], tuple[Any, ...]]] = []
        self._order = 0

    def at(self, at_ms: int, action: Callable[..., object], *arguments: Any) -> None:
        """Plan an action; a moment that has passed means now."""
        self._order += 1
        heappush(self._heap, (max(self.now_ms, at_ms), self._order, action, arguments))

    def after(self, delay_ms: int, action: Callable[..., object], *arguments: Any) -> None:
        """Plan an action so many milliseconds from now."""
        self.at(self.now_ms + delay_ms, action, *arguments)

    def run(self, until_ms: int, enough: Callable[[], bool]) -> int:
        """Let time pass until then, or until it is enough, or nothing is planned; the number of events."""
        heap, events = self._heap, 0
        while heap and heap[0][0] <= until_ms and not enough():
            self.now_ms, _, action, arguments = heappop(heap)
            action(*arguments)
            events += 1
        return events
