"""The station and its tills as a drawing: what needs what, and how each part is.

    disk ── journal ── station ── clock   people   network
                          │                           │
    printer ─ control ─ till 1    licensing  operator ┤
    printer ─ control ─ till 2    licensing  operator ┘

A part that is sick by itself stands out; one that only follows another has a broken outline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tillwright.documents.drawing import Box, Drawing, Path, Shape, Text
from tillwright.documents.measure import clip, page_measure
from tillwright.faults.rules import PartState
from tillwright.kernel.registry import Condition

STEP_X, STEP_Y = 164, 92
WIDTH, HEIGHT = 148, 60
EDGE = 2
SIZE = 14
COLUMNS: Mapping[str, int] = {
    "disk": 0, "journal": 1, "station": 2, "clock": 3, "people": 4, "network": 5,
    "printer": 0, "control": 1, "till": 2, "licensing": 3, "operator": 4,
}  # fmt: skip
TOP = ("disk", "journal", "station", "clock", "people", "network")
_MARKS: Mapping[Condition, str] = {
    Condition.HEALTHY: "M {x} {y} a 6 6 0 1 0 12 0 a 6 6 0 1 0 -12 0 Z",
    Condition.WARNING: "M {x} {y} l 6 -7 l 6 7 l -6 7 Z",
    Condition.SICK: "M {x} {low} l 6 -12 l 6 12 Z",
    Condition.UNKNOWN: "M {x} {top} h 12 v 12 h -12 Z",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A part with its words: its name, how it is."""

    state: PartState
    name: str
    word: str


def topology(parts: Sequence[Named], tills: Sequence[str], title: str) -> Drawing:
    """The drawing; `tills` in the order of their rows."""
    by_place = {(one.state.part, one.state.scope): one for one in parts}
    rows = [till for till in tills if ("till", till) in by_place]
    shapes = [*_lines(by_place, rows), *_boxes(by_place, rows)]
    told = ". ".join(f"{one.name}: {one.word}" for one in parts)
    height = EDGE * 2 + HEIGHT + STEP_Y * len(rows)
    return Drawing("topology", STEP_X * 5 + WIDTH + EDGE * 2, height, title, told, tuple(shapes))


def _corner(part: str, row: int) -> tuple[int, int]:
    return EDGE + COLUMNS[part] * STEP_X, EDGE + row * STEP_Y


def _boxes(by_place: Mapping[tuple[str, str], Named], rows: Sequence[str]) -> Iterator[Shape]:
    for (part, scope), one in by_place.items():
        if scope and scope not in rows:
            continue
        x, y = _corner(part, rows.index(scope) + 1 if scope else 0)
        yield from _box(one, x, y)


def _box(one: Named, x: int, y: int) -> Iterator[Shape]:
    look = "follows" if one.state.follows else one.state.condition.value
    yield Box(x, y, WIDTH, HEIGHT, f"part-box part-{look}", 10)
    mark = _MARKS[one.state.condition].format(x=x + 12, y=y + 43, low=y + 49, top=y + 37)
    yield Path(mark, f"part-mark mark-{look}")
    room = WIDTH - 20
    name = clip(one.name, room, page_measure(SIZE, strong=True))
    yield Text(x + 12, y + 24, name, room, SIZE, strong=True)
    room = WIDTH - 40
    yield Text(x + 30, y + 48, clip(one.word, room, page_measure(SIZE)), room, SIZE, look="part-word")


def _lines(by_place: Mapping[tuple[str, str], Named], rows: Sequence[str]) -> Iterator[Shape]:
    middle = HEIGHT // 2
    for left, right in (("disk", "journal"), ("journal", "station"), ("station", "clock")):
        if (left, "") in by_place and (right, "") in by_place:
            yield from _across(left, right, 0)
    if ("people", "") in by_place:
        x, y = _corner("clock", 0)
        yield Path(
            f"M {x + WIDTH // 2} {y + HEIGHT} v 12 H {_corner('people', 0)[0] + 40} v -12", "part-line"
        )
    for row, till in enumerate(rows, start=1):
        x, y = _corner("till", row)
        yield Path(f"M {x + WIDTH // 2} {y} v {HEIGHT - STEP_Y}", "part-line")
        for left, right in (("printer", "control"), ("control", "till"), ("till", "licensing")):
            if (left, till) in by_place and (right, till) in by_place:
                yield from _across(left, right, row)
        yield from _outside(by_place, till, row, middle)


def _across(left: str, right: str, row: int) -> Iterator[Shape]:
    x, y = _corner(left, row)
    length = _corner(right, row)[0] - x - WIDTH
    yield Path(f"M {x + WIDTH} {y + HEIGHT // 2} h {length}", "part-line")


def _outside(by_place: Mapping[tuple[str, str], Named], till: str, row: int, middle: int) -> Iterator[Shape]:
    """From the till to whoever is outside, and from there down the line of the network."""
    reached = [part for part in ("licensing", "operator") if (part, till) in by_place]
    if not reached or ("network", "") not in by_place:
        return
    if len(reached) == 2:
        yield from _across("licensing", "operator", row)
    elif reached == ["operator"]:
        x, y = _corner("till", row)
        yield Path(f"M {x + WIDTH} {y + middle} H {_corner('operator', row)[0]}", "part-line")
    x, y = _corner(reached[-1], row)
    line_x = _corner("network", 0)[0] + WIDTH // 2
    yield Path(f"M {x + WIDTH} {y + middle} H {line_x} V {EDGE + HEIGHT}", "part-line")
