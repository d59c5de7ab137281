"""Type for paper: the fonts of this machine, and lines of text drawn with them, cell by cell.

A receipt printer's own letters end with Western Europe, and its code pages mangle everything else. So other
scripts are drawn here and sent as a picture. A letter is set into its cell, or two for a Chinese one, as on
the paper that was laid out; a letter that no font on this machine has is named, never replaced by another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tillwright.documents.measure import cells
from tillwright.documents.slip_text import Line

CELL_WIDTH, CELL_HEIGHT = 12, 24
"""A cell in dots, at the 203 dots an inch of a receipt printer."""
_NARROW_SIZE, _WIDE_SIZE = 20, 22
_BASELINE = 19
_NOT_A_CHARACTER = "\U0010ffff"
_NO_SHAPE = frozenset({"Mn", "Me", "Cf", "Zs", "Cc"})

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
NARROW = (
    "NotoSansMono-Regular.ttf",
    "DejaVuSansMono.ttf",
    "LiberationMono-Regular.ttf",
    "Menlo.ttc",
    "consola.ttf",
)
NARROW_STRONG = (
    "NotoSansMono-Bold.ttf",
    "DejaVuSansMono-Bold.ttf",
    "LiberationMono-Bold.ttf",
    "consolab.ttf",
)
WIDE = ("NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-zenhei.ttc", "PingFang.ttc", "msyh.ttc")
WIDE_STRONG = ("NotoSansCJK-Bold.ttc", "NotoSansSC-Bold.otf", "msyhbd.ttc")


class FontMissing(LookupError):
    """No font on this machine has these letters; `letters` names them, each once."""

    def __init__(self, letters: str) -> None:
        super().__init__(f"no font for {letters}")
        self.letters = letters


def find_fonts(names: Sequence[str], folders: Sequence[str] = FOLDERS) -> tuple[Path, ...]:
    """The files of these names below the folders, in the order of the names; none where there is none."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(Path(folder).expanduser().rglob("*.[to]t[fc]")):
            found.setdefault(path.name, path)
    return tuple(found[name] for name in names if name in found)


class Typeface:
    """The fonts in which paper is set, regular and strong. An empty list of files is allowed."""

    def __init__(self, regular: Sequence[tuple[Path, int]], strong: Sequence[tuple[Path, int]] = ()) -> None:
        self._regular = [_Font(path, size) for path, size in regular]
        self._strong = [_Font(path, size) for path, size in strong]

    def missing(self, text: str) -> str:
        """The letters of the text that no font has, each once, in the order in which they come."""
        letters = dict.fromkeys(unicodedata.normalize("NFC", text))
        return "".join(letter for letter in letters if not self._has(letter))

    def _has(self, letter: str) -> bool:
        return unicodedata.category(letter) in _NO_SHAPE or any(font.has(letter) for font in self._regular)

    def draw(self, lines: Sequence[Line], width: int) -> Image.Image:
        """The lines in black on white, `width` cells wide. Raises FontMissing."""
        letters = self.missing("".join(line.text for line in lines))
        if letters:
            raise FontMissing(letters)
        paper = Image.new("1", (width * CELL_WIDTH, max(1, len(lines)) * CELL_HEIGHT), 1)
        pen = ImageDraw.Draw(paper)
        for number, line in enumerate(lines):
            self._line(pen, line, number * CELL_HEIGHT + _BASELINE)
        return paper

    def _line(self, pen: ImageDraw.ImageDraw, line: Line, baseline: int) -> None:
        cell = 0
        for letter in _letters(line.text):
            font = self._font(letter[0], line.strong)
            if font is not None:
                pen.text((cell * CELL_WIDTH, baseline), letter, fill=0, font=font.face, anchor="ls")
            cell += cells(letter)

    def _font(self, letter: str, strong: bool) -> _Font | None:
        fonts = [*self._strong, *self._regular] if strong else self._regular
        return next((font for font in fonts if font.has(letter)), None)


class _Font:
    """One font file at one size."""

    def __init__(self, path: Path, size: int) -> None:
        self.face = ImageFont.truetype(str(path), size)
        self._none = self._shape(_NOT_A_CHARACTER)
        self._known: dict[str, bool] = {}

    def has(self, letter: str) -> bool:
        """Whether it has a shape of its own for the letter; a font draws the same box for all it lacks."""
        if letter not in self._known:
            blank = unicodedata.category(letter) in _NO_SHAPE
            self._known[letter] = blank or self._shape(letter) != self._none
        return self._known[letter]

    def _shape(self, letter: str) -> tuple[object, bytes]:
        mask = self.face.getmask(letter)
        return mask.size, bytes(mask)


def _letters(text: str) -> Iterator[str]:
    """Letters with the marks that stand on them."""
    letter = ""
    for character in unicodedata.normalize("NFC", text):
        if letter and not cells(character):
            letter += character
            continue
        if letter:
            yield letter
        letter = character
    if letter:
        yield letter


def system_typeface() -> Typeface:
    """The typeface of this machine, looked for once. Without any font it knows no letter."""
    return _typeface_of(_folders)


def look_in(folder: Path) -> None:
    """Have this folder's fonts alone, from now on, and none that lie elsewhere on this machine."""
    global _folders
    _folders = (str(folder),)


_folders = FOLDERS


@lru_cache(maxsize=1)
def _typeface_of(folders: tuple[str, ...]) -> Typeface:
    narrow, wide = find_fonts(NARROW, folders), find_fonts(WIDE, folders)
    strong_narrow, strong_wide = find_fonts(NARROW_STRONG, folders), find_fonts(WIDE_STRONG, folders)
    return Typeface(
        [*((path, _NARROW_SIZE) for path in narrow), *((path, _WIDE_SIZE) for path in wide)],
        [*((path, _NARROW_SIZE) for path in strong_narrow), *((path, _WIDE_SIZE) for path in strong_wide)],
    )
