"""Carrying documents to a receiver: in order, one at a time, again and again until it is acknowledged.

This decides, and does nothing: what is to be carried now is an errand for the driver, and what came of it is
told back. It lives in memory. After a crash it begins anew with what the journal holds as undelivered; the
receiver takes each document once, however often it is brought.

Waiting grows with each failure, up to a ceiling. A document that the receiver refuses is set aside, and the
next one follows; where the receiver takes none after it, it is brought again at the ceiling's pace, because
what was wrong may be put right there.
"""

from __future__ import annotations

from dataclasses import dataclass

DELAYS_MS = (500, 1_000, 2_000, 5_000, 15_000, 30_000)
"""Waits after a failed attempt; the last one for ever."""
ANSWER_WITHIN_MS = 60_000
"""A driver that has told nothing for so long has forgotten the errand."""


@dataclass(slots=True)
class Lane:
    """The way from one till to one receiver. `carried`: which document is on its way (serial, number).

    `due_ms`: when the next attempt may be made, by the steady time. `cause`: why the last one failed.
    """

    till: str
    receiver: str
    carried: tuple[str, int] | None = None
    due_ms: int = 0
    failures: int = 0
    cause: str = ""
    empty: bool = False
    """nothing waited when it was last looked at"""

    def may_carry(self, now_ms: int) -> bool:
        """Whether the next document may go; one whose end was never told is given up on."""
        if self.carried is not None and now_ms >= self.due_ms:
            self.failed(self.carried, "no-answer", now_ms)
        return self.carried is None and now_ms >= self.due_ms and not self.empty

    def carrying(self, serial: str, number: int, now_ms: int) -> None:
        """It is on its way."""
        self.carried = (serial, number)
        self.due_ms = now_ms + ANSWER_WITHIN_MS

    def arrived(self, place: tuple[str, int]) -> None:
        """The receiver has it: the next one may go at once."""
        if self.carried is None or self.carried == place:
            self.carried, self.failures, self.due_ms, self.cause = None, 0, 0, ""

    def failed(self, place: tuple[str, int], cause: str, now_ms: int) -> bool:
        """It did not arrive, as far as anybody knows; whether people have not been told of this cause."""
        if self.carried != place:
            return False
        news = self.cause != cause
        self.carried, self.cause = None, cause
        self.due_ms = now_ms + DELAYS_MS[min(self.failures, len(DELAYS_MS) - 1)]
        self.failures += 1
        return news

    def out_of_order(self, place: tuple[str, int], now_ms: int) -> None:
        """The receiver wants another one first, which goes at once; if that does not help, more slowly."""
        if self.failed(place, "out-of-order", now_ms) and self.failures <= 2:
            self.due_ms = now_ms

    def refused(self, place: tuple[str, int], now_ms: int, *, blocks: bool) -> None:
        """The receiver will not take this one."""
        if self.carried == place:
            self.carried = None
        self.failures = len(DELAYS_MS) if blocks else 0
        self.due_ms = now_ms + DELAYS_MS[-1] if blocks else 0
        self.cause = "document-refused" if blocks else ""

    def hurry(self, now_ms: int) -> None:
        """Somebody says that the receiver is there again."""
        if self.carried is None:
            self.due_ms = min(self.due_ms, now_ms)
            self.failures = 0
