"""A stored document as the bytes for the till's receipt printer, in the language of the shop's receipts.

Unlike a page, paper is not in the language of whoever presses the button: the customer takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from tillwright.documents.slip_text import WIDTH, Line
from tillwright.documents.stored import copy_of, decode, people_of
from tillwright.parties.printer.paper import paper_bytes, print_bytes
from tillwright.parties.printer.typefaces import system_typeface
from tillwright.till.document_words import page_words
from tillwright.web import current, looks

TEST_SLIP = b"test"
"""Stands in place of a document for the slip that tests a printer."""


def bytes_of(stored: bytes, *, copy: bool) -> bytes:
    """What PrinterAdapter.print takes, of a stored document or of TEST_SLIP; `copy` for every print but the
    first.

    Raises FaultError where this machine has no type for some of its letters. Reads people's names, and may
    take some ten milliseconds: not for the thread that writes.
    """
    language = looks.language_or_default(current.place().languages[0])
    if stored == TEST_SLIP:
        with translation.override(language):
            return paper_bytes(_test_lines(), system_typeface())
    document = decode(stored)
    with translation.override(language):
        words = replace(page_words(*people_of(document)), language=language)
        return print_bytes(copy_of(document) if copy else document, words)


def _test_lines() -> tuple[Line, ...]:
    """A few lines that show whether the paper is wide enough and the letters are right; no receipt at all."""
    place = current.place()
    ruler = "".join(str(cell % 10) for cell in range(1, WIDTH + 1))
    languages = (one.name for one in looks.languages() if one.code in _known(place.languages))
    return (
        Line(place.name, strong=True),
        Line(_("Test of the printer")),
        Line(_("This is not a receipt.")),
        Line(ruler),
        *(Line(name) for name in languages),
    )


def _known(languages: Iterable[str]) -> set[str]:
    return {looks.language_or_default(one) for one in languages}
