"""The picture of an operation in plain characters, for a terminal, a log, and a report of the simulation.

Times on the left, the columns as lines, arrows between them, all within 80 cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tillwright.documents.measure import cells, clip, wrap
from tillwright.documents.picture import SHAPES, Arrow, Cut, End, Person, Picture, Row, Stroke, Tone
from tillwright.documents.picture_svg import labels_of
from tillwright.documents.words import EnglishWords, Words

WIDTH = 80
GUTTER = 10

_LIFE = "│"
_BODY = {Stroke.SOLID: "─", Stroke.DASHED: "╌", Stroke.WAITING: "·", Stroke.BROKEN: "─", Stroke.STOPPED: "─"}
_SIGNS = {Tone.UNKNOWN: "■", Tone.REFUSED: "▲", Tone.QUESTION: "?", Tone.GOOD: "●", Tone.NEUTRAL: "•"}


def render(picture: Picture, words: Words | None = None) -> str:
    """The picture as lines of at most 80 cells, ending with a line feed."""
    page = _Page(picture, words or EnglishWords())
    page.heads()
    for row, clock in zip(picture.rows, picture.clocks, strict=True):
        page.row(row, clock)
    return "\n".join(line.rstrip() for line in page.lines) + "\n"


@dataclass(slots=True)
class _Page:
    picture: Picture
    words: Words
    lines: list[str] = field(default_factory=list)

    @property
    def pitch(self) -> int:
        return (WIDTH - GUTTER) // len(self.picture.columns)

    def x(self, column: int) -> int:
        """The cell of a column's line."""
        return GUTTER + self.pitch * column + self.pitch // 2

    def heads(self) -> None:
        names = [wrap(column.label, self.pitch - 2) for column in self.picture.columns]
        for index in range(max(len(lines) for lines in names)):
            canvas = _Canvas()
            for column, lines in enumerate(names):
                if index < len(lines):
                    canvas.centre(self.x(column), lines[index])
            self.lines.append(canvas.text())

    def row(self, row: Row, clock: str) -> None:
        if isinstance(row, Arrow):
            self.arrow(row, clock)
        elif isinstance(row, Cut):
            self.across(f" {row.text} ", clock, "═")
        else:
            self.plate(row, clock)

    def life(self, clock: str = "") -> _Canvas:
        """A line with nothing but the columns and the time."""
        canvas = _Canvas()
        canvas.put(0, clip(clock, GUTTER - 1))
        for column in range(len(self.picture.columns)):
            canvas.put(self.x(column), _LIFE)
        return canvas

    def arrow(self, arrow: Arrow, clock: str) -> None:
        start, end = self.x(arrow.source), self.x(arrow.target)
        left, right = min(start, end), max(start, end)
        for label in labels_of(arrow, self.words):
            for line in wrap(label, right - left - 3):
                canvas = self.life()
                canvas.centre((left + right) // 2, line)
                self.lines.append(canvas.text())
        canvas = self.life(clock)
        canvas.put(left + 1, _shaft(arrow.stroke, right - left - 1, end > start))
        self.lines.append(canvas.text())

    def plate(self, row: Row, clock: str) -> None:
        sign, text = _sign(row), getattr(row, "text", "")
        lines = wrap(text, WIDTH - GUTTER - 4)
        for index, line in enumerate(lines):
            canvas = _Canvas()
            canvas.put(0, clip(clock, GUTTER - 1) if index == 0 else "")
            canvas.put(GUTTER, f"{sign if index == 0 else ' '} {line}")
            self.lines.append(canvas.text())

    def across(self, text: str, clock: str, line: str) -> None:
        room = WIDTH - GUTTER
        for index, part in enumerate(wrap(text.strip(), room - 6)):
            free = room - cells(part) - 2
            body = line * (free // 2) + f" {part} " + line * (free - free // 2)
            self.lines.append(clip(clock if index == 0 else "", GUTTER - 1).ljust(GUTTER) + body)


def _sign(row: Row) -> str:
    if isinstance(row, End):
        return SHAPES[row.state]
    if isinstance(row, Person):
        return "☺"
    return _SIGNS[getattr(row, "tone", Tone.NEUTRAL)]


def _shaft(stroke: Stroke, room: int, rightwards: bool) -> str:
    """An arrow of exactly so many cells."""
    body = _BODY[stroke]
    if stroke is Stroke.STOPPED:
        shaft = body * (room // 5) + "┤" + " " * (room - room // 5 - 1)
        return shaft if rightwards else shaft[::-1].replace("┤", "├")
    half = (room - 3) // 2
    if stroke is Stroke.BROKEN:
        shaft = body * half + " ╳ " + "┄" * (room - 3 - half - 1) + "▷"
    else:
        shaft = body * (room - 1) + "▶"
    return shaft if rightwards else shaft[::-1].translate(_TURNED)


_TURNED = str.maketrans("▶▷", "◀◁")


class _Canvas:
    """One line of cells; what is put later covers what was there."""

    def __init__(self) -> None:
        self.row = [" "] * WIDTH

    def put(self, x: int, text: str) -> None:
        for character in text:
            width = cells(character)
            if width == 0 and x > 0:
                self.row[x - 1] += character
            elif x + width <= WIDTH:
                self.row[x] = character
                if width == 2:
                    self.row[x + 1] = ""
                x += width

    def centre(self, x: int, text: str) -> None:
        width = cells(text)
        start = min(max(x - width // 2, GUTTER), max(WIDTH - width, GUTTER))
        self.put(start - 1 if start > GUTTER else start, f" {text} " if start > GUTTER else text)

    def text(self) -> str:
        return "".join(self.row)
