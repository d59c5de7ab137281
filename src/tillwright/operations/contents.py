"""What is wrong with a request in itself: its kind, currency, lines, total, tenders, and what it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules, PackRules
from tillwright.operations.kinds import STARTABLE
from tillwright.operations.model import Content, Line

Check = Callable[[Content, CurrencyRules, PackRules], Fault | None]

WITH_PARENT = ("refund", "void", "payout")
"""The kinds that cannot be without an operation that they take back or pay out."""


def content_fault(kind: str, content: Content, rules: PackRules) -> Fault | None:
    """The first thing that is wrong, or None."""
    if kind not in STARTABLE or rules.kind(kind) is None:
        return Fault("till.kind-not-supported", kind=kind)
    currency = rules.currency(content.currency)
    if currency is None:
        return Fault("till.wrong-currency", currency=content.currency)
    return (
        _parent_fault(kind, content)
        or _CHECKS[kind](content, currency, rules)
        or _reason_fault(kind, content, rules)
    )


def _parent_fault(kind: str, content: Content) -> Fault | None:
    return None if bool(content.parent) == (kind in WITH_PARENT) else Fault("till.parent-unknown")


def _reason_fault(kind: str, content: Content, rules: PackRules) -> Fault | None:
    known = rules.reasons_for(kind)
    return Fault("till.reason-missing", purpose=kind) if known and content.reason not in known else None


# ── kinds ─────────────────────────────────────────────────────────────────────────────────────────


def _sale(content: Content, currency: CurrencyRules, rules: PackRules) -> Fault | None:
    return (
        _lines_fault(content, rules)
        or _sum_fault(content)
        or _total_fault(content, currency)
        or _paid_fault(content)
    )


def _refund(content: Content, currency: CurrencyRules, rules: PackRules) -> Fault | None:
    if not content.lines:  # of a sale of which only the device's record is known
        return _total_fault(content, currency) or _exact_fault(content)
    return (
        _lines_fault(content, rules)
        or _returned_fault(content)
        or _sum_fault(content)
        or _total_fault(content, currency)
        or _exact_fault(content)
    )


def _void(content: Content, currency: CurrencyRules, rules: PackRules) -> Fault | None:
    if any(tender.kind == "exchange" for tender in content.tenders):
        return Fault("till.tender-mismatch", tender="exchange")
    return _refund(content, currency, rules)


def _cash(content: Content, currency: CurrencyRules, _rules: PackRules) -> Fault | None:
    if any(tender.kind == "exchange" for tender in content.tenders):
        return Fault("till.tender-mismatch", tender="exchange")
    return _bare_fault(content) or _total_fault(content, currency) or _exact_fault(content)


def _shift(content: Content, _currency: CurrencyRules, _rules: PackRules) -> Fault | None:
    if content.tenders or content.total_minor:
        return _mismatch(content, 0)
    return _bare_fault(content) or (Fault("till.shift-closed") if content.shift < 1 else None)


def _correction(content: Content, currency: CurrencyRules, _rules: PackRules) -> Fault | None:
    if content.tenders:
        return Fault("till.tender-mismatch", tender=content.tenders[0].kind)
    if content.total_minor == 0:
        return Fault("till.correction-nothing")
    if abs(content.total_minor) > currency.maximum_total_minor:
        return _out_of_bounds(content, currency)
    return _bare_fault(content)


_CHECKS: Mapping[str, Check] = {
    "cash-sale": _sale,
    "refund": _refund,
    "void": _void,
    "cash-in": _cash,
    "cash-out": _cash,
    "payout": _cash,
    "shift-open": _shift,
    "shift-close": _shift,
    "correction": _correction,
}


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────


def _lines_fault(content: Content, rules: PackRules) -> Fault | None:
    count = len(content.lines)
    if count == 0:
        return Fault("till.basket-empty")
    if count > rules.maximum_lines:
        return Fault("till.lines-out-of-bounds", line_count=count, maximum_count=rules.maximum_lines)
    for number, line in enumerate(content.lines, start=1):
        wrong = _wrong_field(line)
        if wrong is not None:
            return Fault("till.line-invalid", line=number, reason=wrong)
    return None


def _wrong_field(line: Line) -> str | None:
    if not line.goods:
        return "goods"
    if line.quantity_milli < 0:
        return "quantity_milli"
    if line.price_minor is not None and line.price_minor < 0:
        return "price_minor"
    if line.discount_minor < 0:
        return "discount_minor"
    if line.of < 0:
        return "of"
    return "total_minor" if line.total_minor < 0 else None


def _returned_fault(content: Content) -> Fault | None:
    """Each line names one line of the sale, and no two the same."""
    named: set[int] = set()
    for number, line in enumerate(content.lines, start=1):
        if line.of < 1 or line.of in named:
            return Fault("till.line-invalid", line=number, reason="of")
        named.add(line.of)
    return None


def _bare_fault(content: Content) -> Fault | None:
    return Fault("till.line-invalid", line=1, reason="lines") if content.lines else None


def _sum_fault(content: Content) -> Fault | None:
    summed = sum(line.total_minor for line in content.lines)
    return None if summed == content.total_minor else _mismatch(content, summed)


def _mismatch(content: Content, lines_minor: int) -> Fault:
    return Fault(
        "till.total-mismatch",
        currency=content.currency,
        total_minor=content.total_minor,
        lines_minor=lines_minor,
    )


def _total_fault(content: Content, currency: CurrencyRules) -> Fault | None:
    within = 0 < content.total_minor <= currency.maximum_total_minor
    return None if within else _out_of_bounds(content, currency)


def _out_of_bounds(content: Content, currency: CurrencyRules) -> Fault:
    return Fault(
        "till.total-out-of-bounds",
        currency=content.currency,
        total_minor=content.total_minor,
        maximum_minor=currency.maximum_total_minor,
    )


def _tenders_fault(content: Content) -> Fault | None:
    """Cash, and in an exchange the other half; each once and above nothing."""
    named: list[str] = []
    for tender in content.tenders:
        known = tender.kind == "cash" or (tender.kind == "exchange" and content.exchange)
        if not known or tender.amount_minor < 1 or tender.kind in named:
            return Fault("till.tender-mismatch", tender=tender.kind)
        named.append(tender.kind)
    if content.exchange and "exchange" not in named:
        return Fault("till.tender-mismatch", tender="exchange")
    return None


def _paid_fault(content: Content) -> Fault | None:
    """Enough is handed over, and change is due from cash alone."""
    wrong = _tenders_fault(content)
    if wrong is not None:
        return wrong
    if content.change_minor < 0:
        return Fault(
            "till.tender-too-small",
            currency=content.currency,
            tendered_minor=content.tendered_minor,
            total_minor=content.total_minor,
        )
    cash_minor = sum(tender.amount_minor for tender in content.tenders if tender.kind == "cash")
    return Fault("till.tender-mismatch", tender="exchange") if content.change_minor > cash_minor else None


def _exact_fault(content: Content) -> Fault | None:
    """What is handed out or in is the total, to the unit; without tenders it is all cash."""
    wrong = _tenders_fault(content)
    if wrong is not None:
        return wrong
    exact = not content.tenders or content.tendered_minor == content.total_minor
    return None if exact else Fault("till.tender-mismatch", tender=content.tenders[0].kind)
