"""Small pieces of Markdown, and how they are put together to a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code: `make reference`. Changes go into the code, not here. -->"
"""The first line of every page that is made here."""

_TICKED = re.compile(r"(``?)(.+?)\1")


def page(title: str, *parts: str) -> str:
    """A page: the mark that it is made, its title, its parts with an empty line between them."""
    return "\n\n".join((MADE, f"# {title}", *(part.strip("\n") for part in parts if part))) + "\n"


def code(text: object) -> str:
    """Text as code, also when it has a tick in it; nothing for nothing."""
    plain = str(text)
    if not plain:
        return ""
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`"


def codes(texts: Iterable[object], between: str = ", ") -> str:
    """Several texts as code."""
    return between.join(code(text) for text in texts)


def prose(text: str) -> str:
    """A text of the source for a page: one line, its ticks kept, everything else taken as it stands."""
    flat = " ".join(text.split())
    pieces, end = [], 0
    for ticked in _TICKED.finditer(flat):
        pieces += [_plain(flat[end : ticked.start()]), code(ticked[2].strip())]
        end = ticked.end()
    return "".join((*pieces, _plain(flat[end:])))


def _plain(text: str) -> str:
    for character in "\\*_<[":
        text = text.replace(character, f"\\{character}" if character != "<" else "&lt;")
    return text


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped, an empty table is no table."""
    lines = [_row(row) for row in rows]
    if not lines:
        return ""
    return "\n".join((_row(heads), _row(["---"] * len(heads)), *lines))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split("\n")) for cell in cells) + " |"


def fenced(text: str, language: str = "") -> str:
    """A block of code or of text as it stands."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def bullets(texts: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {text}" for text in texts)


def anchor(heading: str) -> str:
    """The name under which the site knows a heading: 'till.red-blocks' is 'tillred-blocks'."""
    plain = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", plain)
