"""What must hold before an operation may begin. Refused here means: nothing has been written, nothing has
been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules, PackRules
from tillwright.operations.kinds import STARTABLE
from tillwright.operations.model import Content, Line


@dataclass(frozen=True, slots=True)
class Request:
    """What a till asks to begin."""

    uid: str
    till: str
    kind: str
    cashier: str
    content: Content


@dataclass(frozen=True, slots=True)
class Facts:
    """What the journal knows of the till at this moment; read inside the batch that begins the operation."""

    open_number: int | None
    red_numbers: Sequence[int]
    drawer_minor: int


def content_fault(kind: str, content: Content, rules: PackRules) -> Fault | None:
    """What is wrong with the request in itself: its kind, currency, lines, total, tenders."""
    if kind not in STARTABLE or rules.kind(kind) is None:
        return Fault("till.kind-not-supported", kind=kind)
    currency = rules.currency(content.currency)
    if currency is None:
        return Fault("till.wrong-currency", currency=content.currency)
    return _lines_fault(content, rules) or _total_fault(content, currency) or _tender_fault(content)


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
    return "total_minor" if line.total_minor < 0 else None


def _total_fault(content: Content, currency: CurrencyRules) -> Fault | None:
    summed = sum(line.total_minor for line in content.lines)
    if summed != content.total_minor:
        return Fault(
            "till.total-mismatch",
            currency=content.currency,
            total_minor=content.total_minor,
            lines_minor=summed,
        )
    if not 0 < content.total_minor <= currency.maximum_total_minor:
        return Fault(
            "till.total-out-of-bounds",
            currency=content.currency,
            total_minor=content.total_minor,
            maximum_minor=currency.maximum_total_minor,
        )
    return None


def _tender_fault(content: Content) -> Fault | None:
    named: list[str] = []
    for tender in content.tenders:
        if tender.kind != "cash" or tender.amount_minor < 1 or tender.kind in named:
            return Fault("till.tender-mismatch", tender=tender.kind)
        named.append(tender.kind)
    if content.change_minor < 0:
        return Fault(
            "till.tender-too-small",
            currency=content.currency,
            tendered_minor=content.tendered_minor,
            total_minor=content.total_minor,
        )
    return None


def moment_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    """What stands against the request now: a red receipt, an operation in progress, too little cash for the
    change.
    """
    if facts.red_numbers and request.kind in rules.red_blocks:
        return Fault("till.red-blocks", number=facts.red_numbers[0])
    if facts.open_number is not None:
        return Fault("till.operation-open", number=facts.open_number)
    change_minor = request.content.change_minor
    if change_minor > facts.drawer_minor:
        return Fault(
            "till.change-exceeds-drawer",
            currency=request.content.currency,
            change_minor=change_minor,
            drawer_minor=facts.drawer_minor,
        )
    return None
