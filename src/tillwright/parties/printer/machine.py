"""The printer itself: paper, cover, buffer and head, without a line to anybody.

What it is given goes through a buffer. While it has paper, is closed and on line it works the buffer off;
otherwise the buffer waits, and goes on when it can, as a real one does. Its real-time answers come all the
same.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from tillwright.parties.printer import states
from tillwright.parties.printer.reader import (
    CodePage,
    Command,
    Confirm,
    Cut,
    Feed,
    Initialise,
    Letters,
    Picture,
    Strong,
)
from tillwright.parties.printer.slips import Dots, Part, Printed, SlipStore, Text

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}


class Paper(Enum):
    """How much of it there is."""

    FULL = "full"
    LOW = "low"
    OUT = "out"


class Printer:
    """A printer with a serial and a store for what comes out of it."""

    def __init__(self, serial: str, store: SlipStore) -> None:
        self.serial = serial
        self.store = store
        self.paper = Paper.FULL
        self.cover_open = False
        self.online = True
        self.load()

    def load(self) -> None:
        """Switched on: buffer and settings are gone, the paper and the switches are as they were."""
        self._buffer: deque[Command] = deque()
        self._parts: list[Part] = []
        self._letters = ""
        self._page, self._strong = "cp437", False

    def reset(self) -> None:
        """As from the factory, with a full roll and none of its slips."""
        self.store.forget(self.serial)
        self.paper, self.cover_open, self.online = Paper.FULL, False, True
        self.load()

    @property
    def can_print(self) -> bool:
        """Whether it works its buffer off."""
        return self.paper is not Paper.OUT and not self.cover_open and self.online

    @property
    def waiting(self) -> int:
        """How many commands wait in the buffer."""
        return len(self._buffer)

    def answer(self, which: int) -> int:
        """The byte that answers a real-time question (DLE EOT `which`)."""
        out, is_open = self.paper is Paper.OUT, self.cover_open
        if which == 1:
            return states.BLANK | (0 if self.can_print else states.IS_OFFLINE)
        if which == 2:
            return states.BLANK | (states.IS_OPEN if is_open else 0) | (states.IS_STOPPED if out else 0)
        if which == 4:
            low = self.paper is not Paper.FULL
            return states.BLANK | (states.IS_LOW if low else 0) | (states.IS_OUT if out else 0)
        return states.BLANK

    @property
    def confirmation(self) -> int:
        """The byte that answers CONFIRM: paper near its end, and out."""
        return {Paper.FULL: 0x00, Paper.LOW: 0x03, Paper.OUT: 0x0F}[self.paper]

    # ── working ─────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, command: Command) -> None:
        """Put a command into the buffer."""
        self._buffer.append(command)

    def clear(self) -> None:
        """Forget the buffer; what is half printed is torn off when the next slip begins."""
        self._buffer.clear()

    def work(self, now_ms: int) -> int:
        """Work the buffer off as far as possible; how many confirmations are due because of it."""
        confirmed = 0
        while self._buffer and self.can_print:
            command = self._buffer.popleft()
            if isinstance(command, Confirm):
                confirmed += 1
            else:
                self._do(command, now_ms)
        return confirmed

    def work_half(self, now_ms: int) -> None:
        """Work off what waits, up to the middle of the last thing on the slip: no more of it comes out."""
        waiting = [command for command in self._buffer if not isinstance(command, Cut | Confirm | Feed)]
        self._buffer.clear()
        for command in waiting[:-1]:
            self._do(command, now_ms)
        for command in waiting[-1:]:
            self._do(_half(command), now_ms)
        self._tear(now_ms)

    def _do(self, command: Command, now_ms: int) -> None:
        match command:
            case Initialise():
                self._tear(now_ms)
                self._page, self._strong = "cp437", False
            case CodePage(number=number):
                self._page = CODE_PAGES.get(number, "cp437")
            case Strong(on=on):
                self._strong = on
            case Letters(data=data):
                self._letters += data.decode(self._page, "replace")
            case Feed(lines=lines):
                self._feed(lines)
            case Picture(row_bytes=row_bytes, rows=rows, data=data):
                self._parts.append(Dots(row_bytes * 8, rows, data))
            case Cut():
                self._off(now_ms, whole=True)

    def _feed(self, lines: int) -> None:
        """A line feed sets the line, also an empty one; a feed by lines only moves the paper."""
        if self._letters or not lines:
            self._parts.append(Text(self._letters, self._strong))
        self._letters = ""

    def _tear(self, now_ms: int) -> None:
        """What hung out of the printer, from a slip that never ended, is a slip of its own."""
        if self._parts or self._letters:
            self._off(now_ms, whole=False)

    def _off(self, now_ms: int, *, whole: bool) -> None:
        if self._letters:
            self._feed(1)
        number = self.store.last_number(self.serial) + 1
        self.store.keep(self.serial, Printed(number, now_ms, tuple(self._parts), whole))
        self._parts = []


def _half(command: Command) -> Command:
    """What comes out of it by the middle."""
    match command:
        case Picture(row_bytes=row_bytes, rows=rows, data=data):
            return Picture(row_bytes, rows // 2, data[: row_bytes * (rows // 2)])
        case Letters(data=data):
            return Letters(data[: len(data) // 2])
    return command
