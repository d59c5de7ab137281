"""How wide a text is, on paper with fixed columns and on a page, without asking a screen.

Pictures and receipts are laid out before anybody shows them, so the room that a text takes is estimated
here. On paper and in a terminal it is exact: a Chinese character takes two cells, a combining mark none. On
a page it is an estimate in thousandths of the type size, on the wide side of the usual system faces: a text
may leave some room over, and must not overflow.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], int]
"""From a text to its width, in whatever unit the layout counts in."""

_NO_ROOM = frozenset({"Mn", "Me", "Cf"})
_NARROW = frozenset("ijlI|.,:;'!`·’‘í̆ìỉĩịï ")
_SLIM = frozenset('frt()[]{}/\\-"*°“”')
_BROAD = frozenset("mwMWGOQØ@%&—ЖМШЩЮФЫЪДжшщюфмыъд…═─→")
_NOT_AT_THE_START = frozenset("，。、；：？！）》」』”’…,.;:?!)%·")
_NOT_AT_THE_END = frozenset("（《「『“‘(")


def cells(text: str) -> int:
    """The columns that a text takes on paper or in a terminal."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in _NO_ROOM:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def millis(text: str) -> int:
    """The width on a page in thousandths of the type size; divide by 1000 after multiplying by it."""
    return sum(_millis_of(character) for character in text)


def _millis_of(character: str) -> int:
    if unicodedata.category(character) in _NO_ROOM:
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1040
    if character in _NARROW:
        return 310
    if character in _SLIM:
        return 430
    if character in _BROAD:
        return 940
    return 690 if character.isupper() else 590


def page_measure(size: int, *, strong: bool = False) -> Measure:
    """A measure in units of the page for type of this size; strong type is wider."""
    factor = size * (108 if strong else 100)
    return lambda text: -(-millis(text) * factor // 100_000)


def tidy(text: str) -> str:
    """The text without line feeds and other control characters, which have no width and break a line."""
    return "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)


def clip(text: str, room: int, measure: Measure = cells) -> str:
    """The text, cut with '…' if it takes more than `room`."""
    if measure(text) <= room:
        return text
    while text and measure(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…" if room >= measure("…") else ""


def wrap(text: str, room: int, measure: Measure = cells) -> list[str]:
    """The text in lines of at most `room`; at least one line.

    Breaks at spaces, between Chinese characters, and inside a word only when the word alone is too long. A
    single character wider than the room stands alone on its line.
    """
    lines = [""]
    for piece in _pieces(tidy(text)):
        _place(lines, piece, room, measure)
    return [line.rstrip(" ") for line in lines]


def _place(lines: list[str], piece: str, room: int, measure: Measure) -> None:
    if measure((lines[-1] + piece).rstrip(" ")) <= room:
        lines[-1] += piece if lines[-1] else piece.lstrip(" ")
        return
    piece = piece.lstrip(" ")
    if lines[-1]:
        lines.append("")
    while measure(piece.rstrip(" ")) > room and len(piece) > 1:
        head = _fitting(piece, room, measure)
        lines[-1] = piece[:head]
        piece = piece[head:]
        lines.append("")
    lines[-1] = piece


def _fitting(word: str, room: int, measure: Measure) -> int:
    """How many characters of a word fit, one at least."""
    count = 1
    while count < len(word) and measure(word[: count + 1]) <= room:
        count += 1
    return count


def _pieces(text: str) -> list[str]:
    """The text in the smallest pieces that a line may be broken between; each keeps the space after it."""
    pieces: list[str] = []
    for character in text:
        if pieces and not _may_break(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _may_break(before: str, character: str) -> bool:
    last = before[-1]
    if character == " " or character in _NOT_AT_THE_START or unicodedata.combining(character):
        return False
    if last == " ":
        return True
    if last in _NOT_AT_THE_END:
        return False
    return _cells_of(last) == 2 or _cells_of(character) == 2
