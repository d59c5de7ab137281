"""The receipt on paper 42 cells wide, and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from tillwright.documents.measure import cells, tidy, wrap
from tillwright.documents.receipt import Receipt, ReceiptLine
from tillwright.documents.words import EnglishWords, Words, has

WIDTH = 42
_LEAST_GAP = 2


def render(receipt: Receipt, words: Words | None = None, width: int = WIDTH) -> str:
    """The receipt as lines of at most `width` cells, ending with a line feed."""
    return "\n".join(line.rstrip() for line in _lines(receipt, words or EnglishWords(), width)) + "\n"


def _lines(receipt: Receipt, words: Words, width: int) -> Iterator[str]:
    yield from _top(receipt, words, width)
    yield "-" * width
    for line in receipt.lines:
        yield from _line(line, receipt.currency, words, width)
    yield "-" * width
    yield from _sums(receipt, words, width)
    yield "-" * width
    for label, value in registration(receipt, words):
        yield from _pair(label, value, width)
    for part in wrap(words.text("receipt.thanks"), width):
        yield _centred(part, width)


def _top(receipt: Receipt, words: Words, width: int) -> Iterator[str]:
    for line in receipt.heading:
        yield from (_centred(part, width) for part in wrap(line, width))
    if receipt.copy:
        yield _centred(f"*** {words.text('receipt.copy')} ***", width)
    yield from _pair(title(receipt, words), words.text("receipt.till", till=receipt.till), width)
    shift = words.text("receipt.shift", shift=str(receipt.shift))
    yield from _pair(words.text("receipt.cashier", cashier=receipt.cashier), shift, width)
    yield from wrap(words.moment(receipt.ended_ms), width)


def _line(line: ReceiptLine, currency: str, words: Words, width: int) -> Iterator[str]:
    sum_text, how = words.amount(line.total_minor, currency), reckoning(line, currency, words)
    if not how:
        yield from _pair(line.name, sum_text, width)
        return
    yield from wrap(line.name, width)
    yield from _pair(f"  {how}", sum_text, width)


def reckoning(line: ReceiptLine, currency: str, words: Words) -> str:
    """'2 × 1.89' where it tells more than the line's sum; else nothing."""
    if line.quantity_milli == 1000:
        return ""
    quantity = words.quantity(line.quantity_milli)
    return (
        f"{quantity} ×"
        if line.price_minor is None
        else f"{quantity} × {words.amount(line.price_minor, currency)}"
    )


def _sums(receipt: Receipt, words: Words, width: int) -> Iterator[str]:
    total = words.money(receipt.total_minor, receipt.currency)
    yield from _pair(words.text("receipt.total"), total, width)
    for tender in receipt.tenders:
        amount = words.amount(tender.amount_minor, receipt.currency)
        yield from _pair(tender_name(tender.kind, words), amount, width)
    if receipt.change_minor > 0:
        change = words.amount(receipt.change_minor, receipt.currency)
        yield from _pair(words.text("receipt.change"), change, width)


def title(receipt: Receipt, words: Words) -> str:
    """'Receipt 118', or what a document of this kind is called."""
    key = f"receipt.title.{receipt.kind}"
    return words.text(key if has(key) else "receipt.title.cash-sale", number=str(receipt.number))


def tender_name(kind: str, words: Words) -> str:
    """What people call a kind of tender."""
    key = f"receipt.tender.{kind}"
    return words.text(key) if has(key) else kind


def registration(receipt: Receipt, words: Words) -> Iterator[tuple[str, str]]:
    """Label and value of everything that proves the registration."""
    proof = receipt.registration
    if proof is None:
        yield words.text("receipt.unregistered"), ""
        return
    told = (
        ("receipt.document", proof.document_number),
        ("receipt.unique", proof.unique_number),
        ("receipt.serial", proof.serial),
        ("receipt.registered", words.moment(proof.at_ms)),
    )
    yield from ((words.text(key), value) for key, value in told if value)


def _pair(left: str, right: str, width: int) -> Iterator[str]:
    """Left and right on one line where both fit; else the left one is wrapped above the right one."""
    left, right = tidy(left), tidy(right)
    room = width - cells(right) - _LEAST_GAP
    indent = left[: len(left) - len(left.lstrip())]
    if cells(left) <= room:
        yield left + " " * (width - cells(left) - cells(right)) + right
        return
    *above, last = [indent + part for part in wrap(left.strip(), width - len(indent))]
    yield from above
    if cells(last) <= room:
        yield last + " " * (width - cells(last) - cells(right)) + right
        return
    yield last
    for part in wrap(right, width):
        yield " " * (width - cells(part)) + part


def _centred(text: str, width: int) -> str:
    return " " * ((width - cells(text)) // 2) + text
