"""A slip as a fragment of a page; its style is the page's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape

from tillwright.documents.slip import Item, Pair, Row, Section, Slip


def render(slip: Slip) -> str:
    """The slip as an `article`; every text in it is escaped."""
    return '<article class="receipt">' + "".join(_parts(slip)) + "</article>"


def _parts(slip: Slip) -> Iterator[str]:
    for section in slip.sections:
        yield from _SECTIONS[section.name](section)


def _head(section: Section) -> Iterator[str]:
    rows = "".join(_paragraph(row) for row in section.rows)
    yield f'<header class="receipt-head">{rows}</header>'


def _facts(section: Section) -> Iterator[str]:
    spans = "".join(f"<span>{escape(text)}</span>" for text in _texts(section.rows))
    yield f'<div class="receipt-facts">{spans}</div>'


def _texts(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Pair):
            yield row.label
            yield row.value
        else:
            yield getattr(row, "text", "")


def _table(section: Section) -> Iterator[str]:
    yield '<table class="receipt-lines"><tbody>'
    for row in section.rows:
        if isinstance(row, Item):
            small = f"<small>{escape(row.how)}</small>" if row.how else ""
            yield f"<tr><td>{escape(row.name)}{small}</td><td>{escape(row.amount)}</td></tr>"
        elif isinstance(row, Pair):
            yield f"<tr><td>{escape(row.label.strip())}</td><td>{escape(row.value)}</td></tr>"
        else:
            yield f'<tr><td colspan="2">{escape(row.text)}</td></tr>'
    yield "</tbody></table>"


def _pairs(section: Section) -> Iterator[str]:
    """A list of labels and values; texts without a value stand between such lists."""
    opened = False
    for row in section.rows:
        if isinstance(row, Pair) != opened:
            yield "</dl>" if opened else f'<dl class="receipt-{section.name}">'
            opened = not opened
        yield _pair(row) if isinstance(row, Pair) else _paragraph(row)
    yield "</dl>" if opened else ""


def _pair(pair: Pair) -> str:
    look = f' class="receipt-{pair.look}"' if pair.look else ""
    return f"<div{look}><dt>{escape(pair.label.strip())}</dt><dd>{escape(pair.value)}</dd></div>"


def _paragraph(row: Row, look: str = "") -> str:
    look = look or getattr(row, "look", "")
    name = f' class="receipt-{look}"' if look else ""
    return f"<p{name}>{escape(getattr(row, 'text', ''))}</p>"


def _thanks(section: Section) -> Iterator[str]:
    yield from (_paragraph(row, "thanks") for row in section.rows)


_SECTIONS: Mapping[str, Callable[[Section], Iterator[str]]] = {
    "head": _head,
    "facts": _facts,
    "lines": _table,
    "sums": _pairs,
    "proof": _pairs,
    "thanks": _thanks,
}
