"""A drawing: shapes with places, and how they are written as SVG.

Shapes carry class names and no colours: the page's style decides, so the same drawing serves light, dark and
high contrast. Every text knows the room that it may take, so that a test can tell whether it fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tillwright.documents.measure import page_measure


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text. `y`: its baseline; `anchor`: start, middle or end; `room`: the width it may take."""

    x: int
    y: int
    text: str
    room: int
    size: int = 16
    strong: bool = False
    anchor: str = "start"
    look: str = ""

    def span(self) -> tuple[int, int]:
        """Where it begins and ends, by our measure."""
        width = page_measure(self.size, strong=self.strong)(self.text)
        start = {"start": self.x, "middle": self.x - width // 2, "end": self.x - width}[self.anchor]
        return start, start + width


@dataclass(frozen=True, slots=True)
class Path:
    """Straight and curved lines, in SVG's own notation."""

    d: str
    look: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: int
    y: int
    width: int
    height: int
    look: str
    radius: int = 0


Shape = Text | Path | Box


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order in which they are painted; `title` and `told` are for those who cannot see it."""

    name: str
    width: int
    height: int
    title: str
    told: str
    shapes: tuple[Shape, ...]


def svg(drawing: Drawing, look: str = "picture") -> str:
    """The drawing as an SVG element to stand in a page; `drawing.name` must be unique in that page."""
    name, width, height = escape(drawing.name), drawing.width, drawing.height
    head = (
        f'<svg class="{escape(look)}" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="{name}-title {name}-told" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{escape(drawing.title)}</title>'
        f'<desc id="{name}-told">{escape(drawing.told)}</desc>'
    )
    return head + "".join(_write(drawing.shapes)) + "</svg>"


def _write(shapes: Sequence[Shape]) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, Text):
            yield _text(shape)
        elif isinstance(shape, Box):
            yield (
                f'<rect class="{shape.look}" x="{shape.x}" y="{shape.y}" width="{shape.width}" '
                f'height="{shape.height}" rx="{shape.radius}"/>'
            )
        else:
            yield f'<path class="{shape.look}" d="{shape.d}"/>'


def _text(text: Text) -> str:
    parts = (f"size-{text.size}", "strong" if text.strong else "", text.look)
    look = " ".join(part for part in parts if part)
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    return f'<text class="{look}" x="{text.x}" y="{text.y}"{anchor}>{escape(text.text)}</text>'
