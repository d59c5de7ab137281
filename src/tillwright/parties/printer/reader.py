"""ESC/POS as a printer reads it: a stream of bytes, cut into commands.

Some commands carry their length, some are fixed, text runs until the next command. Real-time commands are
told apart from the rest, because a printer answers them even when it prints nothing. What this printer does
not know is kept as `Unknown` and does nothing; a real one would behave the same, or print rubbish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ESC, GS, DLE, LF = 0x1B, 0x1D, 0x10, 0x0A
PICTURE_HEAD = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """DLE EOT n: answer at once."""

    which: int


@dataclass(frozen=True, slots=True)
class Clear:
    """DLE DC4 8: forget what is not printed yet."""


@dataclass(frozen=True, slots=True)
class Initialise:
    """ESC @: back to the factory's settings."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """ESC t n: which letters the bytes above 127 are."""

    number: int


@dataclass(frozen=True, slots=True)
class Strong:
    """ESC E n."""

    on: bool


@dataclass(frozen=True, slots=True)
class Letters:
    """Text without a line feed, as bytes of the code page."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """LF or ESC d n: the line ends, and so many empty ones follow."""

    lines: int


@dataclass(frozen=True, slots=True)
class Picture:
    """GS v 0: rows of `row_bytes` bytes, a bit a dot, the highest bit on the left."""

    row_bytes: int
    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """GS V: the slip is done."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """GS r n: answer when everything before it has been worked off."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A command that this printer does not have."""

    data: bytes


Command = Ask | Clear | Initialise | CodePage | Strong | Letters | Feed | Picture | Cut | Confirm | Unknown
RealTime = Ask | Clear

_LENGTHS: Mapping[bytes, int] = {
    b"\x10\x04": 3, b"\x10\x14": 10, b"\x1b@": 2, b"\x1bt": 3, b"\x1bE": 3, b"\x1bG": 3, b"\x1b-": 3,
    b"\x1ba": 3, b"\x1bM": 3, b"\x1bd": 3, b"\x1b!": 3, b"\x1b{": 3, b"\x1bR": 3, b"\x1b3": 3, b"\x1b2": 2,
    b"\x1d!": 3, b"\x1dB": 3, b"\x1db": 3, b"\x1dr": 3,
}  # fmt: skip
"""Commands of a fixed length, in bytes."""


class CommandReader:
    """Puts commands together from whatever pieces come in."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """The commands that are complete with these bytes, in order. Text comes as soon as it is there."""
        self._rest += data
        commands: list[Command] = []
        while (length := _length(self._rest)) is not None:
            commands.append(_command(bytes(self._rest[:length])))
            del self._rest[:length]
        return commands


def _length(rest: bytearray) -> int | None:
    """The bytes of the first command; None while it is not complete."""
    if not rest:
        return None
    if rest[0] not in (ESC, GS, DLE):
        return _text_length(rest)
    if len(rest) < 2:
        return None
    head = bytes(rest[:2])
    if head == b"\x1dV":
        wanted = 4 if len(rest) > 2 and rest[2] > 48 + 1 else 3
    elif head == b"\x1dv":
        if len(rest) < PICTURE_HEAD:
            return None
        wanted = PICTURE_HEAD + (rest[4] + 256 * rest[5]) * (rest[6] + 256 * rest[7])
    else:
        wanted = _LENGTHS.get(head, 2)
    return wanted if len(rest) >= wanted else None


def _text_length(rest: bytearray) -> int:
    """Up to the next command or line feed; a line feed alone is one."""
    for index, byte in enumerate(rest):
        if byte in (ESC, GS, DLE):
            return index
        if byte == LF:
            return index or 1
    return len(rest)


def _command(data: bytes) -> Command:
    head = data[:2]
    if data == b"\n":
        return Feed(0)
    if data[0] not in (ESC, GS, DLE):
        return Letters(data)
    if head == b"\x10\x04":
        return Ask(data[2])
    if head == b"\x1dv":
        return Picture(data[4] + 256 * data[5], data[6] + 256 * data[7], data[PICTURE_HEAD:])
    if head == b"\x10\x14":
        return Clear() if data[2] == 8 else Unknown(data)
    if head == b"\x1dV":
        return Cut()
    return _setting(head, data)


def _setting(head: bytes, data: bytes) -> Command:
    if head == b"\x1b@":
        return Initialise()
    if head == b"\x1bt":
        return CodePage(data[2])
    if head == b"\x1bE":
        return Strong(bool(data[2] & 1))
    if head == b"\x1bd":
        return Feed(data[2])
    return Confirm() if head == b"\x1dr" else Unknown(data)
