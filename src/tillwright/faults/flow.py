"""A runbook as a flow chart: questions with points, remedies as boxes, ends round; drawn on the server.

Every way goes downwards; what a remedy ends stands as a green mark at its side, so that the chart is as broad
as there are ways to go, and no broader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tillwright.documents.drawing import Box, Drawing, Path, Shape, Text
from tillwright.documents.measure import page_measure, wrap
from tillwright.faults.ways import CHECK, REMEDY

WIDTH, HEIGHT = 236, 84
GAP_X, GAP_Y = 24, 72
EDGE = 4
LINES, SIZE, LINE = 3, 14, 18
CAME_LINES = 3
POINT = 14


@dataclass(frozen=True, slots=True)
class Node:
    """A step in the chart: its words, the words of the branch that led here, its figures in words."""

    path: tuple[str, ...]
    kind: str
    step: str
    words: str
    came: str
    figures: str
    ended: str
    automatic: bool
    children: tuple[Node, ...] = ()

    def wide(self) -> int:
        """How many ways there are below it."""
        return sum(one.wide() for one in self.children) or 1

    def deep(self) -> int:
        """How many steps there are at most, with this one."""
        return 1 + max((one.deep() for one in self.children), default=0)


def chart(root: Node, title: str, told: str) -> Drawing:
    """The drawing of a tree of steps."""
    width = root.wide() * (WIDTH + GAP_X) - GAP_X + EDGE * 2
    height = root.deep() * (HEIGHT + GAP_Y) - GAP_Y + EDGE * 2
    return Drawing("flow", width, height, title, told, tuple(_node(root, EDGE, EDGE)))


def _node(node: Node, left: int, y: int) -> Iterator[Shape]:
    middle = _middle(node, left)
    at = left
    for child in node.children:
        yield from _edge(child, middle, y + HEIGHT, _middle(child, at))
        yield from _node(child, at, y + HEIGHT + GAP_Y)
        at += child.wide() * (WIDTH + GAP_X)
    yield from _step(node, middle - WIDTH // 2, y)


def _middle(node: Node, left: int) -> int:
    return left + (node.wide() * (WIDTH + GAP_X) - GAP_X) // 2


def _edge(child: Node, x: int, y: int, to_x: int) -> Iterator[Shape]:
    turn = y + 12
    yield Path(f"M {x} {y} V {turn} H {to_x} V {y + GAP_Y}", "flow-line")
    yield Path(f"M {to_x - 5} {y + GAP_Y - 8} L {to_x} {y + GAP_Y} L {to_x + 5} {y + GAP_Y - 8}", "flow-line")
    room = WIDTH // 2 - 8
    measure = page_measure(SIZE)
    for number, line in enumerate(wrap(child.came, room, measure)[:CAME_LINES]):
        yield Text(to_x + 8, turn + 17 + number * 16, line, room, SIZE, look="flow-came")


def _step(node: Node, x: int, y: int) -> Iterator[Shape]:
    automatic = " flow-automatic" if node.automatic else ""
    if node.kind == CHECK:
        yield Path(
            f"M {x} {y + HEIGHT // 2} l {POINT} {-HEIGHT // 2} h {WIDTH - 2 * POINT} "
            f"l {POINT} {HEIGHT // 2} l {-POINT} {HEIGHT // 2} h {2 * POINT - WIDTH} Z",
            f"flow-check{automatic}",
        )
    elif node.kind == REMEDY:
        yield Box(x, y, WIDTH, HEIGHT, f"flow-remedy{automatic}", 8)
    else:
        yield Box(x, y, WIDTH, HEIGHT, f"flow-{node.kind}", HEIGHT // 2)
    yield from _words(node, x, y)


def _words(node: Node, x: int, y: int) -> Iterator[Shape]:
    room = WIDTH - 2 * POINT - 4
    measure = page_measure(SIZE)
    lines = wrap(node.words, room, measure)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1].rstrip('.,;')} …"[: len(lines[LINES - 1]) + 2]]
    small = " · ".join(one for one in (node.figures, node.ended) if one)
    top = y + (HEIGHT - (len(lines) + bool(small)) * LINE) // 2 + 14
    for number, line in enumerate(lines):
        yield Text(x + WIDTH // 2, top + number * LINE, line, room + 20, SIZE, anchor="middle")
    if small:
        at_y = top + len(lines) * LINE
        yield Text(x + WIDTH // 2, at_y, small, room + 20, SIZE, anchor="middle", look="flow-small")


def told(node: Node) -> str:
    """The chart in words, for those who cannot see it."""
    below = " ".join(told(one) for one in node.children)
    came = f"{node.came}: " if node.came else ""
    return f"{came}{node.words} {below}".strip()
