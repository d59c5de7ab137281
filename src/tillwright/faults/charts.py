"""Small charts of a probe's past, drawn here: a band of what it found, and its figures hour by hour.

    band     ███████████▒▒▒▒██████████████████   healthy, not known, healthy
    figures  ▁▁▂▂▃▃▄▅▆▇█▁▁▁▂▂▂

Drawn by classes only; the page's style gives the colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tillwright.documents.drawing import Box, Drawing, Path, Shape
from tillwright.faults.store import HOUR_MS, StoredChange, StoredHour
from tillwright.kernel.registry import PROBES

WIDTH, BAND, TALL = 720, 20, 64
LEAST_PX = 2
"""So wide is what lasted no time at all."""


def band(
    changes: Sequence[StoredChange], since_ms: int, now_ms: int, name: str, words: tuple[str, str]
) -> Drawing:
    """What a probe found over a time; `words`: its title, and what it tells to who cannot see it."""
    shapes = [Box(0, 0, WIDTH, BAND, "band-none", 4), *_spans(changes, since_ms, now_ms)]
    return Drawing(name, WIDTH, BAND, *words, tuple(shapes))


def _spans(changes: Sequence[StoredChange], since_ms: int, now_ms: int) -> Iterator[Shape]:
    ends = [*(one.at_ms for one in changes[1:]), now_ms][: len(changes)]
    for one, end_ms in zip(changes, ends, strict=True):
        left, right = _x(max(one.at_ms, since_ms), since_ms, now_ms), _x(end_ms, since_ms, now_ms)
        condition = PROBES[one.probe].condition(one.value).value
        yield Box(left, 0, max(LEAST_PX, right - left), BAND, f"band-{condition}", 0)


def _x(at_ms: int, since_ms: int, now_ms: int) -> int:
    return (at_ms - since_ms) * WIDTH // max(1, now_ms - since_ms)


def figures(
    hours: Sequence[StoredHour], since_ms: int, now_ms: int, name: str, words: tuple[str, str]
) -> Drawing:
    """The last figure of each hour as columns, with the largest one written out."""
    first, last = since_ms // HOUR_MS, now_ms // HOUR_MS
    known = {one.hour: one.figure for one in hours if one.figure is not None}
    most = max(1, *(abs(figure) for figure in known.values())) if known else 1
    step = WIDTH // max(1, last - first + 1)
    shapes: list[Shape] = [Path(f"M 0 {TALL} H {WIDTH}", "chart-base")]
    for hour, figure in sorted(known.items()):
        height = max(LEAST_PX, abs(figure) * (TALL - 4) // most)
        shapes.append(
            Box((hour - first) * step + 1, TALL - height, max(1, step - 2), height, "chart-column", 2)
        )
    return Drawing(name, WIDTH, TALL, *words, tuple(shapes))
