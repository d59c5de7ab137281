"""What must hold before an operation may begin. Refused here means: nothing has been written, nothing has
been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules, PackRules
from tillwright.operations.kinds import STARTABLE
from tillwright.operations.model import Content, Line, Operation
from tillwright.operations.offline import Undelivered
from tillwright.operations.refunds import LineLeft


@dataclass(frozen=True, slots=True)
class Request:
    """What a till asks to begin. `approvals`: ids of grants; `role`: that of the cashier, as the door knows
    it.
    """

    uid: str
    till: str
    kind: str
    cashier: str
    content: Content
    approvals: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """An approval that holds for this request now: who gave it, in which role, for what."""

    person: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the journal knows of the till at this moment; read inside the batch that begins the operation.

    `shift`: the number of the open one; `last_shift`: of the newest. `hold`: what the till is held for.
    `parent`, `exchange`: the operations that the request names, `parent_left_minor` and `parent_lines_left`
    what may still go back of the first, `successor_number` another that has begun to take it back.
    `device_cash_minor`: cash in the till by the device, None if it cannot be read; `owed_minor`: what is owed
    to customers and still lies in the drawer; `differing_document`: the first device document that stands on
    one side only. `explained_by`: the operations that explain a difference of cash. `licence`: what the
    licence said last, `licence_age_ms` ago (None: it was never asked). `warning_until_ms`: until when the
    operator's warning has to be shown; None: it has not been shown yet. `approvals`: those among the
    request's that hold. `count`: the stored blind count of this shift.
    """

    open_number: int | None
    red_numbers: Sequence[int]
    drawer_minor: int
    now_ms: int = 0
    shift: int | None = None
    last_shift: int = 0
    hold: str | None = None
    parent: Operation | None = None
    parent_left_minor: int = 0
    parent_lines_left: tuple[LineLeft, ...] = ()
    successor_number: int | None = None
    exchange: Operation | None = None
    device_cash_minor: int | None = None
    owed_minor: int = 0
    differing_document: int | None = None
    explained_by: tuple[int, ...] = ()
    undelivered: Undelivered | None = None
    operator_state: str = "active"
    operator_reason: str = ""
    operator_date: str = ""
    warning_until_ms: int | None = None
    licence: tuple[Fault, ...] = ()
    licence_age_ms: int | None = None
    approvals: tuple[Grant, ...] = ()
    count: str = ""


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
