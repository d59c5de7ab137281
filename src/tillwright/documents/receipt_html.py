"""The receipt as a fragment of a page; its style is the page's."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tillwright.documents.receipt import Receipt, ReceiptLine
from tillwright.documents.receipt_text import reckoning, registration, tender_name, title
from tillwright.documents.words import EnglishWords, Words


def render(receipt: Receipt, words: Words | None = None) -> str:
    """The receipt as an `article`; every text in it is escaped."""
    return "".join(_parts(receipt, words or EnglishWords()))


def _parts(receipt: Receipt, words: Words) -> Iterator[str]:
    yield '<article class="receipt">'
    yield from _head(receipt, words)
    yield '<table class="receipt-lines"><tbody>'
    for line in receipt.lines:
        yield _line(line, receipt.currency, words)
    yield "</tbody></table>"
    yield from _sums(receipt, words)
    yield '<dl class="receipt-proof">'
    for label, value in registration(receipt, words):
        yield f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
    yield f'</dl><p class="receipt-thanks">{escape(words.text("receipt.thanks"))}</p></article>'


def _head(receipt: Receipt, words: Words) -> Iterator[str]:
    yield '<header class="receipt-head">'
    for line in receipt.heading:
        yield f"<p>{escape(line)}</p>"
    if receipt.copy:
        yield f'<p class="receipt-copy">{escape(words.text("receipt.copy"))}</p>'
    yield "</header>"
    till = words.text("receipt.till", till=receipt.till)
    shift = words.text("receipt.shift", shift=str(receipt.shift))
    cashier = words.text("receipt.cashier", cashier=receipt.cashier)
    yield '<div class="receipt-facts">'
    for text in (title(receipt, words), till, cashier, shift, words.moment(receipt.ended_ms)):
        yield f"<span>{escape(text)}</span>"
    yield "</div>"


def _line(line: ReceiptLine, currency: str, words: Words) -> str:
    how = reckoning(line, currency, words)
    small = f"<small>{escape(how)}</small>" if how else ""
    amount = escape(words.amount(line.total_minor, currency))
    return f"<tr><td>{escape(line.name)}{small}</td><td>{amount}</td></tr>"


def _sums(receipt: Receipt, words: Words) -> Iterator[str]:
    yield '<dl class="receipt-sums">'
    total = words.money(receipt.total_minor, receipt.currency)
    yield _sum("receipt-total", words.text("receipt.total"), total)
    for tender in receipt.tenders:
        amount = words.amount(tender.amount_minor, receipt.currency)
        yield _sum("receipt-tender", tender_name(tender.kind, words), amount)
    if receipt.change_minor > 0:
        amount = words.amount(receipt.change_minor, receipt.currency)
        yield _sum("receipt-change", words.text("receipt.change"), amount)
    yield "</dl>"


def _sum(look: str, label: str, amount: str) -> str:
    return f'<div class="{look}"><dt>{escape(label)}</dt><dd>{escape(amount)}</dd></div>'
