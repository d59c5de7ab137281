"""The picture of an operation: who said what to whom, when, and what never came.

The till and the parties stand as columns, each message is an arrow between two of them, time runs down. A
missing answer is a broken arrow, asking what became of it a dashed one, a late answer enters where it came,
and the end stands below. What a cashier, a support agent and an auditor see is the same, because it is made
from the record and nothing else.

This module makes the picture as plain data. How it is drawn (`picture_svg`, `picture_text`) is decided
elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Stroke(Enum):
    """How an arrow is drawn."""

    SOLID = "solid"
    """a message that arrived, or left and was answered"""
    DASHED = "dashed"
    """asking what became of it, and what comes of asking"""
    BROKEN = "broken"
    """a message that never came"""
    STOPPED = "stopped"
    """a message that certainly did not leave"""
    WAITING = "waiting"
    """sent; the answer may come any moment"""


class Tone(Enum):
    """What it means. Unknown is the only one that is ever red."""

    NEUTRAL = "neutral"
    GOOD = "good"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Column:
    """The till (the first) or a party."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message from column `source` to column `target`.

    `times` > 1: so many alike, from `at_ms` to `until_ms`, folded into one. `leg` is the leg that it is
    about.
    """

    at_ms: int
    source: int
    target: int
    label: str
    stroke: Stroke
    tone: Tone = Tone.NEUTRAL
    leg: int | None = None
    times: int = 1
    until_ms: int | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that concerns the operation as a whole."""

    at_ms: int
    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Person:
    """What a person decided."""

    at_ms: int
    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Cut:
    """The station was restarted: a line across everything."""

    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class End:
    """Where it stood at this time. `final`: an end; otherwise where it stands now."""

    at_ms: int
    state: str
    text: str
    final: bool = True


Row = Arrow | Note | Person | Cut | End


@dataclass(frozen=True, slots=True)
class Band:
    """Rows `first` to `last` (indices) between which nobody knew what had become of a leg at `column`."""

    column: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole. `clocks`: the rows' times as people read them, one a row, empty where it repeats."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    clocks: tuple[str, ...]
    bands: tuple[Band, ...] = ()


SHAPES = {"open": "◌", "done": "●", "refused": "▲", "undoing": "◆", "undone": "◆", "red": "■"}
"""The shape of each state: never colour alone."""
