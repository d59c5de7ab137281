"""The X and the Z as slips: the same figures in the same order, the Z with its count and its registration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tillwright.documents.report import NOT_AGREED, Z_REPORT, Counted, KindSum, PartyEnd, ShiftReport
from tillwright.documents.sentence import kind_name
from tillwright.documents.slip import Item, Pair, Plain, Row, Section, Slip, slip
from tillwright.documents.slip_parts import heading, proof, reason_name, tender_name
from tillwright.documents.words import Words, has
from tillwright.operations.kinds import KINDS


def report_slip(report: ShiftReport, words: Words) -> Slip:
    """The report laid out in the language of `words`."""
    return slip(_sections(report, words))


def _sections(report: ShiftReport, words: Words) -> Iterator[Section]:
    closed = report.document == Z_REPORT
    mark = "" if closed else words.text("receipt.non-fiscal")
    yield heading(report.heading, report.copy, words, mark)
    yield Section("facts", tuple(_facts(report, words)), ruled=False)
    yield Section("lines", tuple(_kinds(report, words)))
    yield Section("sums", tuple(_drawer(report, words)))
    if report.counted is not None:
        yield Section("sums", tuple(_count(report.counted, report.currency, words)))
    yield Section("proof", tuple(_undelivered(report, words)))
    yield Section("proof", tuple(_parties(report, words)))
    if closed:
        yield Section("proof", tuple(proof(report.registration, words)))


def _facts(report: ShiftReport, words: Words) -> Iterator[Row]:
    closed = report.document == Z_REPORT
    name = words.text("report.z", number=str(report.number)) if closed else words.text("report.x")
    yield Pair(name, words.text("receipt.till", till=report.till))
    shift = words.text("receipt.shift", shift=str(report.shift))
    yield Pair(shift, report.currency)
    yield Pair(words.text("report.opened", person=report.opened_by), words.moment(report.opened_ms))
    if closed:
        yield Pair(words.text("report.closed", person=report.closed_by), words.moment(report.made_ms))
    else:
        yield Pair(words.text("report.made"), words.moment(report.made_ms))
        yield Plain(words.text("report.interim"))


def _kinds(report: ShiftReport, words: Words) -> Iterator[Row]:
    """Each kind of operation with its count and sum, and below it the same by tender."""
    if not report.sums:
        yield Plain(words.text("report.none"))
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = sorted(report.sums, key=lambda one: (order.get(one.kind, len(order)), one.kind))
    for kind, sums in groupby(ordered, key=lambda one: one.kind):
        yield from _kind(kind, list(sums), report.currency, words)


def _kind(kind: str, sums: list[KindSum], currency: str, words: Words) -> Iterator[Row]:
    count, total = sum(one.count for one in sums), sum(one.amount_minor for one in sums)
    yield Item(f"{kind_name(kind, words)} × {count}", "", words.amount(total, currency))
    for one in sums:
        if one.tender:
            name = f"  {tender_name(one.tender, words)} × {one.count}"
            yield Pair(name, words.amount(one.amount_minor, currency))


def _drawer(report: ShiftReport, words: Words) -> Iterator[Row]:
    yield Plain(words.text("report.drawer"), "strong")
    moved = (
        ("report.start", report.cash_start_minor),
        ("report.sales", report.cash_sales_minor),
        ("report.in", report.cash_in_minor),
        ("report.refunds", -report.cash_refunds_minor),
        ("report.out", -report.cash_out_minor),
    )
    for key, amount_minor in moved:
        yield Pair(words.text(key), words.amount(amount_minor, report.currency))
    if report.cash_other_minor:
        yield Pair(words.text("report.other"), words.amount(report.cash_other_minor, report.currency))
    yield Pair(words.text("report.end"), words.money(report.cash_end_minor, report.currency), "total")
    yield Pair(words.text("report.device"), _known(report.device_cash_minor, report.currency, words))


def _known(amount_minor: int | None, currency: str, words: Words) -> str:
    return words.text("report.unknown") if amount_minor is None else words.amount(amount_minor, currency)


def _count(counted: Counted, currency: str, words: Words) -> Iterator[Row]:
    yield Plain(words.text("report.count"), "strong")
    for note_minor, pieces in counted.denominations:
        if pieces:
            name = f"  {words.amount(note_minor, currency)} × {pieces}"
            yield Pair(name, words.amount(note_minor * pieces, currency))
    yield Pair(words.text("report.counted"), words.amount(counted.counted_minor, currency))
    yield Pair(words.text("report.expected"), words.amount(counted.expected_minor, currency))
    yield Pair(words.text("report.difference"), words.money(counted.difference_minor, currency), "total")
    if counted.reason:
        yield Pair(words.text("receipt.reason"), reason_name(counted.reason, words))
    yield Plain(words.text("report.counter", person=counted.person))


def _undelivered(report: ShiftReport, words: Words) -> Iterator[Row]:
    unknown = words.text("report.unknown")
    count = unknown if report.undelivered is None else str(report.undelivered)
    yield Pair(words.text("report.undelivered"), count, "" if report.undelivered == 0 else "strong")
    if report.undelivered == 0:
        return
    since_ms = report.undelivered_oldest_ms
    age = unknown if since_ms is None else words.duration(max(0, report.made_ms - since_ms))
    yield Pair(words.text("report.oldest"), age)


def _parties(report: ShiftReport, words: Words) -> Iterator[Row]:
    if report.parties:
        yield Plain(words.text("report.parties"), "strong")
    for one in report.parties:
        yield from _party(one, report.currency, words)


def _party(one: PartyEnd, currency: str, words: Words) -> Iterator[Row]:
    key = f"party.{one.party}"
    yield Pair(words.text(key) if has(key) else one.party, words.text(f"end.{one.end}"))
    if one.end == NOT_AGREED:
        yield Pair(f"  {words.text('report.ours')}", _known(one.ours_minor, currency, words))
        yield Pair(f"  {words.text('report.theirs')}", _known(one.theirs_minor, currency, words))
