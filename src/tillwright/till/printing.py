"""A stored document as the bytes for the till's receipt printer, in the language of the shop's receipts.

Unlike a page, paper is not in the language of whoever presses the button: the customer takes it away.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import translation

from tillwright.documents.stored import copy_of, decode, people_of
from tillwright.parties.printer.paper import print_bytes
from tillwright.till.document_words import page_words
from tillwright.web import current, looks


def bytes_of(stored: bytes, *, copy: bool) -> bytes:
    """What PrinterAdapter.print takes; `copy` for every print but the first.

    Raises FaultError where this machine has no type for some of its letters. Reads people's names, and may
    take some ten milliseconds: not for the thread that writes.
    """
    document = decode(stored)
    language = looks.language_or_default(current.place().languages[0])
    with translation.override(language):
        words = replace(page_words(*people_of(document)), language=language)
        return print_bytes(copy_of(document) if copy else document, words)
