"""Streams of events to whoever looks on (server-sent events): how many may be open, how long, and what all of
them have in common.

A stream holds a thread of the server for as long as it is open. So each kind of stream has its number of
places, each stream gives its place back however it ends, and it ends by itself before LONGEST_MS are over:
the other side comes back at once, says what it saw last, and misses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

LONGEST_MS = 25_000
HEARTBEAT_MS = 5_000
COME_BACK_MS = 400

OPENING = f"retry: {COME_BACK_MS}\n\n".encode()
"""The first words of every stream."""
HEARTBEAT = b": still here\n\n"
"""Said when there is nothing new, so that both sides see that the line is there."""


def last_seen(last_event_id: str) -> int | None:
    """The number in a Last-Event-ID header; None where there is none that could be ours."""
    text = last_event_id.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class Places:
    """How many streams of one kind may be open at once, in all threads together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = threading.BoundedSemaphore(most)

    def open(self, parts: Iterator[bytes]) -> Stream | None:
        """A stream of these parts, or None when too many are open; `parts` must not have begun."""
        return Stream(parts, self._free) if self._free.acquire(blocking=False) else None


class Stream:
    """One open stream: bytes to send, one after the other. Gives its place back however it ends."""

    def __init__(self, parts: Iterator[bytes], place: threading.Semaphore) -> None:
        self._parts = parts
        self._place = place
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the stream."""
        if self._open:
            self._open = False
            self._place.release()
