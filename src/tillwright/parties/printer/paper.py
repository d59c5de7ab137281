"""A document as the bytes that a receipt printer takes: ESC/POS, made by python-escpos.

Whatever a printer's own Western letters can say exactly is sent as text, which is fast and sharp. As soon as
one letter of a document is outside them, the whole document is sent as a picture, so that it looks of one
piece. Nothing is ever spelt in other letters: where no font has a letter, nothing is printed and the fault
names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tillwright.documents.layout import slip_of
from tillwright.documents.slip_text import WIDTH, Line, lines
from tillwright.documents.stored import Document
from tillwright.documents.words import Words
from tillwright.kernel.fault import Fault, FaultError
from tillwright.parties.printer.typefaces import FontMissing, Typeface, system_typeface

if TYPE_CHECKING:
    from escpos.printer import Dummy

CODE_PAGE = "CP858"
PROFILE = "TM-T88V"
"""The printer whose commands are spoken: 80 mm paper, and what nearly every other one understands too."""
_LETTERS_NAMED_MAX = 12
_AS_TEXT = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


def print_bytes(document: Document, words: Words, typeface: Typeface | None = None) -> bytes:
    """The document in the language of `words`, to be given to PrinterAdapter.print.

    Raises FaultError (printer.font-missing) where no font of this machine has some letter. Drawing takes some
    ten milliseconds: not for the thread that writes the journal.
    """
    return paper_bytes(lines(slip_of(document, words), WIDTH), typeface or system_typeface())


def paper_bytes(paper: Sequence[Line], typeface: Typeface) -> bytes:
    """These lines, a cut below them. Raises FaultError."""
    printer = _printer()
    printer.hw("INIT")
    if all(is_western(line.text) for line in paper):
        _as_text(printer, paper)
    else:
        _as_picture(printer, paper, typeface)
    printer.cut()
    return bytes(printer.output)


def _printer() -> Dummy:
    """What collects the bytes. Imported when the first document is printed: it takes a fifth of a second."""
    from tillwright.parties.printer.library import Dummy

    return Dummy(profile=PROFILE)


def is_western(text: str) -> bool:
    """Whether the printer's own letters say exactly this."""
    try:
        text.translate(_AS_TEXT).encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def _as_text(printer: Dummy, paper: Sequence[Line]) -> None:
    printer.charcode(CODE_PAGE)
    for line in paper:
        printer.set(bold=line.strong)
        printer.textln(line.text.translate(_AS_TEXT))


def _as_picture(printer: Dummy, paper: Sequence[Line], typeface: Typeface) -> None:
    try:
        drawn = typeface.draw(paper, WIDTH)
    except FontMissing as error:
        foreign = [letter for letter in error.letters if not is_western(letter)]
        letters = " ".join(foreign[:_LETTERS_NAMED_MAX])
        raise FaultError(Fault("printer.font-missing", letters=letters)) from error
    printer.image(drawn, impl="bitImageRaster", center=False)
