"""Printed slips, as the twin keeps them: what lies on the paper, as data, as text, and as a picture.

Paper outlives whatever happens to the printer. A slip is therefore put into its store the moment it is cut
off, and no crash takes it away again.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from typing import Protocol

import msgspec
from PIL import Image

from tillwright.documents.slip_text import Line
from tillwright.parties.printer.typefaces import CELL_HEIGHT, CELL_WIDTH, Typeface, system_typeface

CELLS = 42
_EDGE = 12


class Text(msgspec.Struct, frozen=True, tag="text"):
    """One line of the printer's own letters."""

    text: str
    strong: bool = False


class Dots(msgspec.Struct, frozen=True, tag="dots"):
    """A picture: `width` and `height` in dots, its rows as bytes with a bit a dot, black where it is set."""

    width: int
    height: int
    data: bytes


Part = Text | Dots


class Printed(msgspec.Struct, frozen=True):
    """One slip. `number` counts the printer's slips from 1; `whole`: it was cut off, not torn off."""

    number: int
    at_ms: int
    parts: tuple[Part, ...]
    whole: bool = True

    @property
    def text(self) -> str:
        """What can be read of it without eyes; a picture is only named."""
        return "".join(f"{_told(part)}\n" for part in self.parts)


def _told(part: Part) -> str:
    return part.text if isinstance(part, Text) else f"[{part.width} × {part.height}]"


class SlipStore(Protocol):
    """Where printed slips lie."""

    def keep(self, serial: str, slip: Printed) -> None:
        """Add a slip."""

    def slips(self, serial: str) -> tuple[Printed, ...]:
        """All slips of a printer, the first one first."""

    def last_number(self, serial: str) -> int:
        """The number of its newest slip; 0 before the first."""

    def forget(self, serial: str) -> None:
        """Throw them all away."""


class MemorySlips:
    """Slips in memory, for tests and the simulation."""

    def __init__(self) -> None:
        self._slips: dict[str, list[Printed]] = {}

    def group(self) -> AbstractContextManager[None]:
        return nullcontext()

    def keep(self, serial: str, slip: Printed) -> None:
        self._slips.setdefault(serial, []).append(slip)

    def slips(self, serial: str) -> tuple[Printed, ...]:
        return tuple(self._slips.get(serial, ()))

    def last_number(self, serial: str) -> int:
        return len(self._slips.get(serial, ()))

    def forget(self, serial: str) -> None:
        self._slips.pop(serial, None)


def png(slip: Printed, typeface: Typeface | None = None) -> bytes:
    """The slip as a picture to look at."""
    face = typeface or system_typeface()
    pieces = [_drawn(part, face) for part in slip.parts]
    width = max([CELLS * CELL_WIDTH, *(piece.width for piece in pieces)]) + 2 * _EDGE
    paper = Image.new("1", (width, sum(piece.height for piece in pieces) + 2 * _EDGE), 1)
    y = _EDGE
    for piece in pieces:
        paper.paste(piece, (_EDGE, y))
        y += piece.height
    output = BytesIO()
    paper.save(output, "PNG")
    return output.getvalue()


def _drawn(part: Part, face: Typeface) -> Image.Image:
    if isinstance(part, Dots):
        inverted = bytes(byte ^ 0xFF for byte in part.data)
        return Image.frombytes("1", (part.width, part.height), inverted)
    if face.missing(part.text):
        return Image.new("1", (CELLS * CELL_WIDTH, CELL_HEIGHT), 1)
    return face.draw([Line(part.text, part.strong)], max(CELLS, len(part.text)))
