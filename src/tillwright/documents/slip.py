"""A slip: a document laid out once, before anybody decides whether it goes to paper or to a page.

A document says what happened; a slip says in which order people read it and what stands beside what. Paper
42 cells wide, a page and a printer all draw the same slip, so that they cannot tell different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Centred:
    """A text in the middle. `look`: 'copy' and 'mark' stand out, '' does not."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """A text from the left edge."""

    text: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what belongs to it, at the two edges. `look`: 'total' is large, 'strong' is strong."""

    label: str
    value: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of goods; `how`: the reckoning ('2 × 1.89') where it tells more than the sum."""

    name: str
    how: str
    amount: str


Row = Centred | Plain | Pair | Item


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that belong together. `name`: 'head', 'facts', 'lines', 'sums', 'proof' or 'thanks'; `ruled`: a
    line is drawn above it.
    """

    name: str
    rows: tuple[Row, ...]
    ruled: bool = True


@dataclass(frozen=True, slots=True)
class Slip:
    """The whole, from top to bottom; sections without rows are left out."""

    sections: tuple[Section, ...]


def slip(sections: Iterable[Section]) -> Slip:
    """A slip of these sections, without the empty ones."""
    return Slip(tuple(section for section in sections if section.rows))
