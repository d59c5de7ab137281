"""What several slips have in common: the shop's name and the marks on top, the registration, the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tillwright.documents.receipt import Registration
from tillwright.documents.slip import Centred, Pair, Section
from tillwright.documents.words import Words, has

UNSIGNED = "_" * 16
"""The room for a signature."""


def heading(lines: Sequence[str], copy: bool, words: Words, mark: str = "") -> Section:
    """The shop, 'COPY' on every print but the first, and the mark of a document that is not fiscal."""
    rows = [Centred(line) for line in lines]
    if copy:
        rows.append(Centred(words.text("receipt.copy"), "copy"))
    if mark:
        rows.append(Centred(mark, "mark"))
    return Section("head", tuple(rows), ruled=False)


def proof(registration: Registration | None, words: Words) -> Iterator[Pair]:
    """Everything that proves the registration; that there is none is said too."""
    if registration is None:
        yield Pair(words.text("receipt.unregistered"), "")
        return
    told = (
        ("receipt.document", registration.document_number),
        ("receipt.unique", registration.unique_number),
        ("receipt.serial", registration.serial),
        ("receipt.registered", words.moment(registration.at_ms)),
    )
    yield from (Pair(words.text(key), value) for key, value in told if value)


def reason_name(reason: str, words: Words) -> str:
    """What people call a reason of the pack's list; a reason that somebody typed stands as it is."""
    key = f"reason.{reason}"
    return words.text(key) if has(key) else reason


def tender_name(kind: str, words: Words) -> str:
    """What people call a kind of tender."""
    key = f"receipt.tender.{kind}"
    return words.text(key) if has(key) else kind
