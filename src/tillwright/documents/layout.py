"""Which slip a document becomes: receipts, refunds, voids, cash slips, the X, the Z and the correction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tillwright.documents import receipt as receipts
from tillwright.documents.correction import CorrectionSlip
from tillwright.documents.receipt import Receipt, ReceiptLine
from tillwright.documents.report import ShiftReport
from tillwright.documents.report_layout import report_slip
from tillwright.documents.slip import Centred, Item, Pair, Plain, Row, Section, Slip, slip
from tillwright.documents.slip_parts import UNSIGNED, heading, proof, reason_name, tender_name
from tillwright.documents.stored import Document
from tillwright.documents.words import Words, has


def slip_of(document: Document, words: Words) -> Slip:
    """The document laid out in the language of `words`."""
    if isinstance(document, ShiftReport):
        return report_slip(document, words)
    if isinstance(document, CorrectionSlip):
        return slip(_correction(document, words))
    return slip(_receipt(document, words))


# ── receipts and their kin ─────────────────────────────────────────────────────────────────────────────────


def _receipt(receipt: Receipt, words: Words) -> Iterator[Section]:
    yield heading(receipt.heading, receipt.copy, words)
    yield Section("facts", tuple(_facts(receipt, words)), ruled=False)
    yield Section("lines", tuple(_lines(receipt.lines, receipt.currency, words)))
    yield Section("sums", tuple(_sums(receipt, words)))
    yield Section("proof", tuple(_proof(receipt, words)))
    if receipt.document == receipts.RECEIPT:
        yield Section("thanks", (Centred(words.text("receipt.thanks")),), ruled=False)


def _facts(receipt: Receipt, words: Words) -> Iterator[Row]:
    yield Pair(title(receipt, words), words.text("receipt.till", till=receipt.till))
    shift = words.text("receipt.shift", shift=str(receipt.shift))
    yield Pair(words.text("receipt.cashier", cashier=receipt.cashier), shift)
    yield Plain(words.moment(receipt.ended_ms))


def title(receipt: Receipt, words: Words) -> str:
    """'Receipt 118', or what a document of this kind is called."""
    key = f"receipt.title.{receipt.kind}"
    return words.text(key if has(key) else "receipt.title.cash-sale", number=str(receipt.number))


def _lines(lines: Iterable[ReceiptLine], currency: str, words: Words) -> Iterator[Row]:
    """What was taken off a line stands below it, so that both sums can be checked."""
    for line in lines:
        amount = words.amount(line.total_minor + line.discount_minor, currency)
        yield Item(line.name, reckoning(line, currency, words), amount)
        if line.discount_minor:
            yield Pair(f"  {words.text('receipt.discount')}", words.amount(-line.discount_minor, currency))


def reckoning(line: ReceiptLine, currency: str, words: Words) -> str:
    """'2 × 1.89' where it tells more than the line's sum; else nothing."""
    if line.quantity_milli == 1000:
        return ""
    quantity = words.quantity(line.quantity_milli)
    if line.price_minor is None:
        return f"{quantity} ×"
    return f"{quantity} × {words.amount(line.price_minor, currency)}"


def _sums(receipt: Receipt, words: Words) -> Iterator[Row]:
    key = f"receipt.total.{receipt.document}"
    total = words.money(receipt.total_minor, receipt.currency)
    yield Pair(words.text(key if has(key) else "receipt.total"), total, "total")
    for tender in receipt.tenders:
        amount = words.amount(tender.amount_minor, receipt.currency)
        yield Pair(_tender_name(receipt, tender.kind, words), amount, "tender")
    if receipt.change_minor > 0:
        change = words.amount(receipt.change_minor, receipt.currency)
        yield Pair(words.text("receipt.change"), change, "change")


def _tender_name(receipt: Receipt, kind: str, words: Words) -> str:
    """What people call a kind of tender, and which way it went."""
    key = f"receipt.paid.{kind}"
    out = receipt.document in (receipts.REFUND_RECEIPT, receipts.VOID_RECEIPT)
    return words.text(key) if out and has(key) else tender_name(kind, words)


def _proof(receipt: Receipt, words: Words) -> Iterator[Row]:
    if receipt.origin:
        yield Pair(words.text("receipt.origin"), receipt.origin)
    if receipt.reason:
        yield Pair(words.text("receipt.reason"), reason_name(receipt.reason, words))
    yield from _approved(receipt.approved_by, words)
    yield from proof(receipt.registration, words)
    if receipt.document != receipts.RECEIPT:
        yield Pair(words.text("receipt.signature"), UNSIGNED)


def _approved(people: Iterable[str], words: Words) -> Iterator[Row]:
    yield from (Plain(words.text("receipt.approved", person=person)) for person in people)


# ── the correction ─────────────────────────────────────────────────────────────────────────────────────────


def _correction(done: CorrectionSlip, words: Words) -> Iterator[Section]:
    yield heading(done.heading, done.copy, words, words.text("receipt.non-fiscal"))
    yield Section("facts", tuple(_correction_facts(done, words)), ruled=False)
    yield Section("sums", tuple(_correction_sums(done, words)))
    yield Section("proof", tuple(_correction_proof(done, words)))


def _correction_facts(done: CorrectionSlip, words: Words) -> Iterator[Row]:
    name = words.text("receipt.title.correction", number=str(done.number))
    yield Pair(name, words.text("receipt.till", till=done.till))
    shift = words.text("receipt.shift", shift=str(done.shift))
    yield Pair(words.text("correction.person", person=done.person), shift)
    yield Plain(words.moment(done.made_ms))


def _correction_sums(done: CorrectionSlip, words: Words) -> Iterator[Row]:
    yield Pair(words.text("correction.before"), words.amount(done.before_minor, done.currency))
    yield Pair(words.text("correction.difference"), words.amount(done.difference_minor, done.currency))
    yield Pair(words.text("correction.after"), words.money(done.after_minor, done.currency), "total")


def _correction_proof(done: CorrectionSlip, words: Words) -> Iterator[Row]:
    yield Pair(words.text("receipt.reason"), reason_name(done.reason, words))
    yield from _approved(done.approved_by, words)
    if done.device_number:
        yield Pair(words.text("correction.device"), str(done.device_number))
    yield Pair(words.text("receipt.signature"), UNSIGNED)
