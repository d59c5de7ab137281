"""The picture of an operation as a drawing, for a page.

Two widths are made, one for a screen and one for a telephone: scaling one down would make its text too small
to read. Columns share the width evenly. A label stands above its arrow and may be wider than it; on a
telephone the time stands in the line above the label instead of in a margin of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tillwright.documents.drawing import Box, Drawing, Path, Shape, Text
from tillwright.documents.measure import page_measure, wrap
from tillwright.documents.picture import (
    Arrow,
    Band,
    Cut,
    End,
    Note,
    Person,
    Picture,
    Row,
    Stroke,
    Tone,
)
from tillwright.documents.words import EnglishWords, Words

WIDE = 736
NARROW = 344
"""Widths in page units; the narrow one fits a telephone of 360 with its margins."""

SIZE, SMALL, LINE = 16, 14, 22
GUTTER = 84
EDGE = 4
HEAD = 9
"""Half the height of an arrow's head."""

_END_TONES = {"done": Tone.GOOD, "refused": Tone.REFUSED, "red": Tone.UNKNOWN}


def draw(picture: Picture, words: Words | None = None, width: int = WIDE, name: str = "picture") -> Drawing:
    """Lay the picture out at this width."""
    return _Sheet(picture, words or EnglishWords(), width, name).drawing()


def told(picture: Picture, words: Words) -> str:
    """The picture in words, a clause a row, for those who cannot see it."""
    return "; ".join(_told_row(picture, row, words) for row in picture.rows) + "."


def _told_row(picture: Picture, row: Row, words: Words) -> str:
    clock = words.clock(row.at_ms)
    if not isinstance(row, Arrow):
        return f"{clock} {row.text}"
    source, target = picture.columns[row.source].label, picture.columns[row.target].label
    return f"{clock} {source} → {target}: {', '.join(labels_of(row, words))}"


def labels_of(arrow: Arrow, words: Words) -> list[str]:
    """An arrow's label, and below it the count of what was folded into it."""
    if arrow.times == 1 or arrow.until_ms is None:
        return [arrow.label]
    until = words.clock(arrow.until_ms)
    return [arrow.label, words.text("times.until", count=str(arrow.times), until=until)]


@dataclass(slots=True)
class _Sheet:
    """Paper that grows downwards: `y` is where the next row begins."""

    picture: Picture
    words: Words
    width: int
    name: str
    y: int = 0
    under: list[Shape] = field(default_factory=list)
    over: list[Shape] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)

    @property
    def gutter(self) -> int:
        return GUTTER if self.width >= 560 else 0

    @property
    def box(self) -> int:
        """The width of a column's head."""
        pitch = (self.width - self.gutter) // len(self.picture.columns)
        return min(pitch - 8, 176 if self.gutter else 128)

    def x(self, column: int) -> int:
        """The middle of a column; the outermost heads touch the paper's edges."""
        first, last = self.gutter + EDGE + self.box // 2, self.width - EDGE - self.box // 2
        gaps = len(self.picture.columns) - 1
        return first + (last - first) * column // gaps if gaps else (first + last) // 2

    def drawing(self) -> Drawing:
        top = self.heads()
        for row, clock in zip(self.picture.rows, self.picture.clocks, strict=True):
            self.row(row, clock)
        self.lifelines(top, self.anchors[-1] if self.anchors else self.y)
        for band in self.picture.bands:
            self.band(band)
        return Drawing(
            self.name,
            self.width,
            self.y + EDGE,
            self.picture.title,
            told(self.picture, self.words),
            (*self.under, *self.over),
        )

    # ── columns ────────────────────────────────────────────────────────────────────────────────────────────

    def heads(self) -> int:
        """The columns' names in boxes of one height; the lower edge of the boxes."""
        measure, box = page_measure(SMALL, strong=True), self.box
        names = [wrap(column.label, box - 12, measure) for column in self.picture.columns]
        height = max(len(lines) for lines in names) * 20 + 16
        for column, lines in enumerate(names):
            middle = self.x(column)
            self.over.append(Box(middle - box // 2, EDGE, box, height, "pic-head", 10))
            first = EDGE + (height - len(lines) * 20) // 2 + 15
            for index, line in enumerate(lines):
                self.over.append(
                    Text(middle, first + index * 20, line, box - 12, SMALL, True, "middle", "pic-head-text")
                )
        self.y = EDGE + height + 14
        return EDGE + height

    def lifelines(self, top: int, bottom: int) -> None:
        """A line down from each column, interrupted where the station was."""
        edges = [top, *(edge for cut in self.cuts for edge in cut), bottom]
        lines: list[Shape] = []
        for column in range(len(self.picture.columns)):
            x = self.x(column)
            pieces = zip(edges[::2], edges[1::2], strict=True)
            lines.append(Path("".join(f"M{x} {start}V{end}" for start, end in pieces), "pic-life"))
        self.under[:0] = lines

    def band(self, band: Band) -> None:
        x, top, bottom = self.x(band.column), self.anchors[band.first], self.anchors[band.last]
        self.under.append(Box(x - 6, top, 12, max(bottom - top, 12), "pic-band", 3))

    # ── rows ───────────────────────────────────────────────────────────────────────────────────────────────

    def row(self, row: Row, clock: str) -> None:
        if isinstance(row, Arrow):
            self.arrow(row, clock)
        elif isinstance(row, Cut):
            self.cut(row, clock)
        else:
            self.plate(row, clock)

    def arrow(self, arrow: Arrow, clock: str) -> None:
        start, end = self.x(arrow.source), self.x(arrow.target)
        self.inline_clock(clock, (start + end) // 2)
        self.labels(arrow, start, end)
        y = self.y + 8
        self.margin_clock(clock, y)
        self.anchors.append(y)
        tone = f"tone-{arrow.tone.value}"
        _LINES[arrow.stroke](self, start, end, y, f"{tone} pic-{arrow.stroke.value}")
        self.y = y + 18

    def labels(self, arrow: Arrow, start: int, end: int) -> None:
        """The label in lines above the arrow, centred on it as far as the paper's edges allow."""
        middle = (start + end) // 2
        span, widest = abs(end - start), self.width - self.gutter - 2 * EDGE
        room = min(max(span - 32, 260), widest)
        strong = arrow.tone is Tone.UNKNOWN
        measure = page_measure(SIZE, strong=strong)
        lines = [line for label in labels_of(arrow, self.words) for line in wrap(label, room, measure)]
        half = max(measure(line) for line in lines) // 2 + 1
        middle = min(max(middle, self.gutter + EDGE + half), self.width - EDGE - half)
        for line in lines:
            self.y += LINE
            look = f"pic-label tone-{arrow.tone.value}"
            self.over.append(Text(middle, self.y - 4, line, room, SIZE, strong, "middle", look))

    def inline_clock(self, clock: str, middle: int) -> None:
        if clock and not self.gutter:
            self.y += 18
            self.over.append(Text(middle, self.y - 4, clock, 120, SMALL, False, "middle", "pic-clock"))

    def margin_clock(self, clock: str, y: int) -> None:
        if clock and self.gutter:
            self.over.append(Text(EDGE, y + 5, clock, self.gutter - EDGE, SMALL, False, "start", "pic-clock"))

    def plate(self, row: Note | Person | End, clock: str) -> None:
        """A box across the columns: a note, a person's decision, an end."""
        tone = _END_TONES.get(row.state, Tone.NEUTRAL) if isinstance(row, End) else row.tone
        strong = isinstance(row, End)
        self.inline_clock(clock, self.gutter + (self.width - self.gutter) // 2)
        left, right = self.gutter + EDGE, self.width - EDGE
        room = right - left - 60
        lines = wrap(row.text, room, page_measure(SIZE, strong=strong))
        height = len(lines) * LINE + 14
        kind = type(row).__name__.lower()
        self.over.append(Box(left, self.y, right - left, height, f"pic-{kind} tone-{tone.value}", 10))
        self.mark(row, left + 24, self.y + height // 2, tone)
        for index, line in enumerate(lines):
            y = self.y + 7 + index * LINE + 17
            self.over.append(
                Text(left + 46, y, line, room, SIZE, strong, look=f"pic-plate-text tone-{tone.value}")
            )
        self.margin_clock(clock, self.y + height // 2)
        self.anchors.append(self.y + height // 2)
        self.y += height + 12

    def mark(self, row: Note | Person | End, x: int, y: int, tone: Tone) -> None:
        """What stands at the left of a plate: a state's shape, a person, a question."""
        look = f"pic-mark tone-{tone.value}"
        if isinstance(row, Person):
            self.over.append(Path(_PERSON.format(x=x, y=y - 9, left=x - 9, low=y + 10), look))
        elif isinstance(row, End):
            self.over.append(_shape(row.state, x, y, look))
        elif tone is Tone.QUESTION:
            self.over.append(Text(x, y + 6, "?", 24, 16, True, "middle", look))
        else:
            self.over.append(_shape(_NOTE_SHAPES.get(tone, ""), x, y, look))

    def cut(self, cut: Cut, clock: str) -> None:
        """Two torn edges across everything, and between them what happened."""
        self.inline_clock(clock, self.width // 2)
        left, right = self.gutter, self.width
        lines = wrap(cut.text, right - left - 40, page_measure(SIZE, strong=True))
        top, bottom = self.y + 4, self.y + 4 + len(lines) * LINE + 20
        self.cuts.append((top, bottom))
        self.over.append(Path(_torn(left, right, top) + _torn(left, right, bottom), "pic-cut"))
        middle = left + (right - left) // 2
        for index, line in enumerate(lines):
            y = top + 10 + index * LINE + 16
            self.over.append(Text(middle, y, line, right - left - 40, SIZE, True, "middle", "pic-cut-text"))
        self.margin_clock(clock, (top + bottom) // 2)
        self.anchors.append(bottom)
        self.y = bottom + 14


_PERSON = "M{x} {y}a5 5 0 1 1 -.1 0zM{left} {low}a9 8 0 0 1 18 0z"
_NOTE_SHAPES = {Tone.UNKNOWN: "red", Tone.REFUSED: "refused"}
_OUTLINES = {
    "done": "M{x} {y}m-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0z",
    "open": "M{x} {y}m-8 0a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z",
    "refused": "M{x} {y}m0 -9l10 17h-20z",
    "undoing": "M{x} {y}m0 -10l10 10l-10 10l-10 -10z",
    "undone": "M{x} {y}m0 -9l9 9l-9 9l-9 -9z",
    "red": "M{x} {y}m-8 -8h16v16h-16z",
}
_DOT = "M{x} {y}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"
_HOLLOW = {"open": " pic-mark-open", "undone": " pic-mark-hollow"}


def _shape(state: str, x: int, y: int, look: str) -> Path:
    """The shape of a state, drawn: type faces differ too much in theirs."""
    return Path(_OUTLINES.get(state, _DOT).format(x=x, y=y), look + _HOLLOW.get(state, ""))


def _torn(left: int, right: int, y: int) -> str:
    steps = "".join(f"l8 {-6 if index % 2 else 6}" for index in range((right - left) // 8))
    return f"M{left} {y}{steps}"


# ── arrows ─────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(sheet: _Sheet, start: int, end: int, y: int, look: str) -> None:
    way = 1 if end > start else -1
    sheet.over.append(Path(f"M{start} {y}H{end - way * HEAD}", f"pic-line {look}"))
    sheet.over.append(Path(_head(end, y, way), f"pic-tip {look}"))


def _broken(sheet: _Sheet, start: int, end: int, y: int, look: str) -> None:
    """It ends in the middle with a cross; what should have been is a trace of dots."""
    way, middle = (1 if end > start else -1), (start + end) // 2
    sheet.over.append(Path(f"M{start} {y}H{middle - way * 12}", f"pic-line {look}"))
    sheet.over.append(Path(f"M{middle - 7} {y - 7}l14 14m0 -14l-14 14", f"pic-cross {look}"))
    sheet.over.append(Path(f"M{middle + way * 14} {y}H{end - way * HEAD}", f"pic-trace {look}"))
    sheet.over.append(Path(_head(end, y, way), f"pic-tip pic-hollow {look}"))


def _stopped(sheet: _Sheet, start: int, end: int, y: int, look: str) -> None:
    """It runs against a bar just outside its own column."""
    way = 1 if end > start else -1
    bar = start + (end - start) // 5
    sheet.over.append(Path(f"M{start} {y}H{bar}M{bar} {y - 9}v18", f"pic-line {look}"))
    sheet.over.append(Path(f"M{bar + way * 10} {y}H{end}", f"pic-trace {look}"))


def _head(x: int, y: int, way: int) -> str:
    back = x - way * (HEAD + 3)
    return f"M{x} {y}L{back} {y - 6}V{y + 6}z"


_LINES = {
    Stroke.SOLID: _whole,
    Stroke.DASHED: _whole,
    Stroke.WAITING: _whole,
    Stroke.BROKEN: _broken,
    Stroke.STOPPED: _stopped,
}
