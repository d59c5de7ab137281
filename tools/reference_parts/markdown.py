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


def cell(text: str) -> str:
    """A text of the source for a cell of a table: a capital first, no full stop after a single sentence."""
    told = prose(text)
    single = told.endswith(".") and ". " not in told and not told.endswith("..")
    told = told[:-1] if single else told
    return told[:1].upper() + told[1:]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped, an empty column is left out, an empty table is no table."""
    lines = [tuple(row) for row in rows]
    kept = [place for place in range(len(heads)) if any(row[place] for row in lines)]
    if not lines:
        return ""
    told = [[row[place] for place in kept] for row in lines]
    return "\n".join((_row([heads[place] for place in kept]), _row(["---"] * len(kept)), *map(_row, told)))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(one.replace("|", "\\|").split("\n")) for one in cells) + " |"


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
