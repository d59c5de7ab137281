"""A slip on paper of fixed width, and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tillwright.documents.measure import cells, tidy, wrap
from tillwright.documents.slip import Centred, Item, Pair, Plain, Row, Slip

WIDTH = 42
_LEAST_GAP = 2
_MARKED = "*** {text} ***"
_LOOKS = {"copy": "strong", "mark": "strong", "total": "strong", "strong": "strong"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of paper, at most as many cells as the paper is wide; `strong`: it is to stand out."""

    text: str
    strong: bool = False


def render(slip: Slip, width: int = WIDTH) -> str:
    """The slip as text of at most `width` cells a line, ending with a line feed."""
    return "\n".join(line.text for line in lines(slip, width)) + "\n"


def lines(slip: Slip, width: int = WIDTH) -> tuple[Line, ...]:
    """The slip line by line, for a printer that can make some of them strong."""
    return tuple(_lines(slip, width))


def _lines(slip: Slip, width: int) -> Iterator[Line]:
    for section in slip.sections:
        if section.ruled:
            yield Line("-" * width)
        for row in section.rows:
            strong = bool(_LOOKS.get(getattr(row, "look", "")))
            yield from (Line(text.rstrip(), strong) for text in _row(row, width))


def _row(row: Row, width: int) -> Iterator[str]:
    if isinstance(row, Centred):
        text = _MARKED.format(text=row.text) if row.look == "copy" else row.text
        yield from (_centred(part, width) for part in wrap(text, width))
    elif isinstance(row, Plain):
        yield from wrap(row.text, width)
    elif isinstance(row, Pair):
        yield from _pair(row.label, row.value, width)
    else:
        yield from _item(row, width)


def _item(item: Item, width: int) -> Iterator[str]:
    if not item.how:
        yield from _pair(item.name, item.amount, width)
        return
    yield from wrap(item.name, width)
    yield from _pair(f"  {item.how}", item.amount, width)


def _pair(left: str, right: str, width: int) -> Iterator[str]:
    """Left and right on one line where both fit; else the left one is wrapped above the right one."""
    left, right = tidy(left), tidy(right)
    room = width - cells(right) - _LEAST_GAP
    indent = left[: len(left) - len(left.lstrip())]
    if cells(left) <= room:
        yield left + " " * (width - cells(left) - cells(right)) + right
        return
    *above, last = [indent + part for part in wrap(left.strip(), width - len(indent))]
    yield from above
    if cells(last) <= room:
        yield last + " " * (width - cells(last) - cells(right)) + right
        return
    yield last
    for part in wrap(right, width):
        yield " " * (width - cells(part)) + part


def _centred(text: str, width: int) -> str:
    return " " * ((width - cells(text)) // 2) + text
