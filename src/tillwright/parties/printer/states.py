"""How a printer is, in one word: what its status bytes say, and the fault that follows.

A printer answers four real-time questions with one byte each, even while it cannot print. Only three of them
matter here: whether it is offline, why, and how much paper there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillwright.kernel.fault import Fault

READY = "ready"
PAPER_LOW = "paper-low"
PAPER_OUT = "paper-out"
COVER_OPEN = "cover-open"
OFFLINE = "offline"
LOST = "lost"

QUESTIONS = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04")
"""DLE EOT 1, 2 and 4: asked together, answered in this order."""
CONFIRM = b"\x1dr\x01"
"""GS r 1: answered when everything before it has been worked off, and not before."""
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: forget what is not printed yet, so that nothing comes out long after it was given up."""

BLANK = 0x12
"""A status byte in which nothing is wrong: two bits of it are always set, two others never."""
_FIXED = 0x93
IS_OFFLINE, IS_OPEN, IS_STOPPED, IS_LOW, IS_OUT = 0x08, 0x04, 0x20, 0x0C, 0x60
CONFIRM_OUT = 0x0C


def is_status(byte: int) -> bool:
    """Whether this byte answers a real-time question."""
    return byte & _FIXED == BLANK


def is_confirmation(byte: int) -> bool:
    """Whether this byte answers CONFIRM."""
    return byte & 0x90 == 0


def state_of(answers: Sequence[int]) -> str:
    """The state behind the three answers; what stops the printer counts before what only warns."""
    printer, cause, paper = answers
    if cause & IS_OPEN:
        return COVER_OPEN
    if paper & IS_OUT or cause & IS_STOPPED:
        return PAPER_OUT
    if printer & IS_OFFLINE:
        return OFFLINE
    return PAPER_LOW if paper & IS_LOW else READY


FAULTS: Mapping[str, Fault] = {
    PAPER_LOW: Fault("printer.paper-low"),
    PAPER_OUT: Fault("printer.paper-out"),
    COVER_OPEN: Fault("printer.cover-open"),
    OFFLINE: Fault("printer.offline"),
    LOST: Fault("printer.unreachable"),
}
"""State → what is wrong; nothing is while it is ready."""

UNCONFIRMED = Fault("printer.unconfirmed")
STOPPED = frozenset({PAPER_OUT, COVER_OPEN, OFFLINE, LOST})
"""In these states nothing is printed."""
