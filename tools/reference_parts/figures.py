"""Figures of the explanations that no record can be drawn of, laid out here."""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.documents.drawing import Box, Drawing, Path, Shape, Text

STYLE = """
text { fill: var(--ink); font-family: var(--text-face); font-size: 16px; }
.size-14 { font-size: 14px; }
.strong { font-weight: 650; }
.soft { fill: var(--ink-soft); }
.mono { font-family: var(--code-face); font-size: 13px; fill: var(--ink-soft); }
.card { fill: var(--surface); stroke: var(--line); stroke-width: 1.5; }
.core { fill: var(--accent-soft); stroke: var(--accent); stroke-width: 1.5; }
.before { fill: var(--sunken); }
.after { fill: var(--red-soft); }
.axis { fill: none; stroke: var(--line-strong); stroke-width: 2; }
.dot { fill: var(--surface); stroke: var(--ink); stroke-width: 2; }
.edge { fill: none; stroke: var(--red); stroke-width: 2; stroke-dasharray: 6 5; }
.red { fill: var(--red); }
.link { fill: none; stroke: var(--ink-soft); stroke-width: 1.5; }
.tip { fill: var(--ink-soft); }
"""

WIDTH = 760
MOMENTS = ("connecting", "first byte leaves", "the party does it", "the answer leaves", "it has arrived")
PLACES = (96, 272, 410, 550, 690)


def not_sent_or_no_answer() -> Drawing:
    """A request in time, and what a failure at each moment of it means."""
    edge, axis, right = 196, 112, 216
    shapes: list[Shape] = [
        Box(0, 60, edge - 4, 90, "before", 10),
        Box(edge + 4, 60, WIDTH - edge - 4, 90, "after", 10),
        Path(f"M20 {axis}H{WIDTH - 20}", "axis"),
        Path(f"M{edge} 4V210", "edge"),
        Text(4, 20, "Fails here: not sent", edge, 16, True),
        Text(4, 44, "It has not happened.", edge, 14, look="soft"),
        Text(right, 20, "Fails here: no answer", 500, 16, True, look="red"),
        Text(right, 44, "Nobody knows whether it has happened.", 540, 14, look="soft"),
        Text(4, 180, "It may be sent again,", edge, 14),
        Text(4, 200, "with an easy mind.", edge, 14),
        Text(right, 180, "The party is asked by key, again and again, until there is evidence.", 540, 14),
        Text(right, 200, "Meanwhile nothing is sent with another key.", 540, 14),
    ]
    for x, name in zip(PLACES, MOMENTS, strict=True):
        shapes.append(Path(f"M{x} {axis - 7}a7 7 0 1 1 -.1 0z", "dot"))
        shapes.append(Text(x, axis - 20, name, 130, 14, False, "middle"))
    told = "A request in time: a failure while connecting is 'not sent', any later one is 'no answer'."
    return Drawing("the-line", WIDTH, 212, "Not sent, or no answer", told, tuple(shapes))


REAL = (
    ("journal/station.py", "the writer's thread"),
    ("parties/sockets.py", "sockets of the tills"),
    ("parties/serving.py", "sockets of the twins"),
)
PURE = (
    ("operations/decide.py", "decide"),
    ("journal/runner.py", "runner and recovery"),
    ("parties/control/adapter.py", "adapter"),
    ("parties/control/twin.py", "twin"),
)
VIRTUAL = (
    ("simulation/station.py", "the writer, planned"),
    ("simulation/network.py", "a line that can fail"),
    ("simulation/agenda.py", "a heap of moments"),
)
FILES = tuple(name for name, _ in (*REAL, *PURE, *VIRTUAL))
"""The files that the figure of the drivers names; a test holds that they are there."""


def two_drivers() -> Drawing:
    """The same classes between two drivers."""
    shapes: list[Shape] = [
        *_card(0, 232, "Threads and sockets", "the till, the demo, replay", REAL, "card"),
        *_card(264, 232, "The same classes", "no I/O of their own", PURE, "core"),
        *_card(528, 232, "Virtual time", "the simulation, one thread", VIRTUAL, "card"),
        *_arrows(232, 264),
        *_arrows(528, 496),
    ]
    told = "Threads and sockets drive the same classes as virtual time: decide, runner, adapter, twin."
    return Drawing("two-drivers", WIDTH, 300, "One implementation, two drivers", told, tuple(shapes))


def _card(
    x: int, width: int, title: str, under: str, rows: Sequence[tuple[str, str]], look: str
) -> list[Shape]:
    shapes: list[Shape] = [
        Box(x, 1, width, 298, look, 12),
        Text(x + 16, 32, title, width - 32, 16, True),
        Text(x + 16, 54, under, width - 32, 14, look="soft"),
    ]
    for index, (file, text) in enumerate(rows):
        y = 92 + index * 52
        shapes.append(Text(x + 16, y, text, width - 32, 16))
        shapes.append(Text(x + 16, y + 19, file, width - 24, 14, look="mono"))
    return shapes


def _arrows(start: int, end: int) -> list[Shape]:
    way = 1 if end > start else -1
    shapes: list[Shape] = []
    for y in (110, 162, 214):
        shapes.append(Path(f"M{start + way * 3} {y}H{end - way * 9}", "link"))
        shapes.append(Path(f"M{end - way * 2} {y}l{-way * 9} -5v10z", "tip"))
    return shapes
