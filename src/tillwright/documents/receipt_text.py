"""Any document on paper 42 cells wide, and in a terminal."""

from __future__ import annotations

from tillwright.documents import slip_text
from tillwright.documents.layout import slip_of
from tillwright.documents.slip_text import WIDTH
from tillwright.documents.stored import Document
from tillwright.documents.words import EnglishWords, Words


def render(document: Document, words: Words | None = None, width: int = WIDTH) -> str:
    """The document as lines of at most `width` cells, ending with a line feed."""
    return slip_text.render(slip_of(document, words or EnglishWords()), width)
