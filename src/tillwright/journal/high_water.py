"""The high-water mark: what has been given away already, in a file that no copy of the database carries back.

Whoever puts an old copy of the database in place of the new one leaves this file as it was, and the next
start sees that the journal has fallen behind it. The file is written after each commit that gives a number,
never before: it may be behind the journal, it is ahead of it only if the journal was restored. It is not
synced: losing the last lines of it in a power cut costs nothing but the chance to notice.

Two lines take turns, each with a checksum, so that a write that was torn leaves the other one whole.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

SLOT_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Marks:
    """The epoch, and for each till the highest number it has given, and how far that operation had come."""

    epoch: int = 1
    numbers: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


class HighWater(Protocol):
    """Where the marks are kept."""

    def read(self) -> Marks | None:
        """The highest marks that were written; None if there are none."""

    def write(self, marks: Marks) -> None:
        """Keep these."""


class MemoryHighWater:
    """Marks in memory, for the simulation: they outlive the journal's copies."""

    def __init__(self) -> None:
        self.marks: Marks | None = None

    def read(self) -> Marks | None:
        return self.marks

    def write(self, marks: Marks) -> None:
        self.marks = Marks(marks.epoch, dict(marks.numbers), dict(marks.versions))


class _Slot(msgspec.Struct):
    turn: int
    epoch: int
    numbers: dict[str, int]
    versions: dict[str, int] = {}


_WRITER = msgspec.json.Encoder()
_READER = msgspec.json.Decoder(_Slot)


def file_beside(database: Path) -> Path:
    """The file of a database's marks."""
    return database.with_name(database.name + ".high")


class FileHighWater:
    """Marks in a file. What cannot be read counts as not there; what cannot be written is left for the next
    time: it is a second witness, not the truth.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = 0
        self._file: int | None = None

    def read(self) -> Marks | None:
        try:
            data = self.path.read_bytes()
        except OSError:
            return None
        slots = [_slot(data[at : at + SLOT_BYTES]) for at in (0, SLOT_BYTES)]
        newest = max((slot for slot in slots if slot is not None), key=lambda slot: slot.turn, default=None)
        if newest is None:
            return None
        self._turn = newest.turn
        return Marks(newest.epoch, newest.numbers, newest.versions)

    def write(self, marks: Marks) -> None:
        self._turn += 1
        body = _WRITER.encode(_Slot(self._turn, marks.epoch, dict(marks.numbers), dict(marks.versions)))
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        if len(line) > SLOT_BYTES:
            return
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            os.pwrite(self._file, line.ljust(SLOT_BYTES), (self._turn % 2) * SLOT_BYTES)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _slot(data: bytes) -> _Slot | None:
    checksum, _, body = data.strip().partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
        return _READER.decode(body)
    except (ValueError, msgspec.MsgspecError):
        return None
