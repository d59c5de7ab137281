"""Any document as a fragment of a page; its style is the page's."""

from __future__ import annotations

from tillwright.documents import slip_html
from tillwright.documents.layout import slip_of
from tillwright.documents.stored import Document
from tillwright.documents.words import EnglishWords, Words


def render(document: Document, words: Words | None = None) -> str:
    """The document as an `article`; every text in it is escaped."""
    return slip_html.render(slip_of(document, words or EnglishWords()))
