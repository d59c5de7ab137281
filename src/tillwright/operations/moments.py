"""What stands against a request now: the till, its shift, the parties, the money, and who has to approve.

Asked in this order, so that nobody is called to approve what cannot be done anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import LicenceRules, PackRules, reaches
from tillwright.operations.kinds import KINDS, exchange_minor, in_cash_minor
from tillwright.operations.model import Operation
from tillwright.operations.offline import offline_fault
from tillwright.operations.refunds import lines_fault
from tillwright.operations.requests import Facts, Request
from tillwright.operations.states import OperationState

Check = Callable[[Request, Facts, PackRules], Fault | None]

TO_THE_END = ("cash-out", "shift-close", "payout", "correction")
"""What a till may do when its work is forbidden: what it takes to close the shift."""
_DURING: Mapping[str, tuple[str, ...]] = {"close": ("cash-out", "shift-close"), "correction": ("correction",)}
"""What a till that is held may do: held for what → which kinds."""
_LICENSED = ("shift-open", "cash-sale")


def moment_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    """The first thing that stands against it, or None."""
    for check in (_till_fault, _shift_fault, _party_fault, _KIND_CHECKS[request.kind], _approval_fault):
        fault = check(request, facts, rules)
        if fault is not None:
            return fault
    return None


# ── the till and its shift ────────────────────────────────────────────────────────────────────────


def _till_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    always = request.kind in ("shift-close", "correction")  # never while anything is uncertain
    if facts.red_numbers and (always or request.kind in rules.red_blocks):
        return Fault("till.red-blocks", number=facts.red_numbers[0])
    if facts.open_number is not None:
        return Fault("till.operation-open", number=facts.open_number)
    if facts.hold is not None and request.kind not in _DURING.get(facts.hold, ()):
        return Fault("till.held", purpose=facts.hold)
    if facts.forbidden_by:
        return Fault("till.forbidden-now", fault=facts.forbidden_by)
    # whoever presses again after an old copy was put back may ask for what the device has already
    return Fault("till.catching-up") if facts.catching_up else None


def _shift_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    if not rules.shifts:
        return None
    if request.kind == "shift-open":
        return None if facts.shift is None else Fault("till.shift-already-open", shift=facts.shift)
    if facts.shift is None:
        return Fault("till.shift-closed")
    if request.kind == "shift-close" and request.content.shift != facts.shift:
        return Fault("till.shift-closed")
    return None


# ── the parties ───────────────────────────────────────────────────────────────────────────────────


def _party_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    if request.kind in TO_THE_END:
        return None
    if facts.operator_state == "blocked":
        return Fault("fiscal.register-blocked", reason=facts.operator_reason)
    if request.kind in _LICENSED and rules.licence is not None:
        fault = _licence_fault(facts, rules.licence)
        if fault is not None:
            return fault
    if request.kind == "shift-open" and facts.operator_state == "warning":
        return _warning_fault(facts, rules)
    if rules.offline is not None and facts.undelivered is not None:
        sale_minor = request.content.total_minor if request.kind == "cash-sale" else 0
        return offline_fault(facts.undelivered, rules.offline, sale_minor)
    return None


def _licence_fault(facts: Facts, licence: LicenceRules) -> Fault | None:
    if facts.licence_age_ms is None:
        return None
    if facts.licence_age_ms > licence.grace_ms:
        return Fault("fiscal.licence-unreachable", age_ms=facts.licence_age_ms)
    return next((fault for fault in facts.licence if fault.code in licence.blocks), None)


def _warning_fault(facts: Facts, rules: PackRules) -> Fault | None:
    """The operator's warning is shown for its full time before the shift opens."""
    shown = facts.warning_until_ms is not None
    remaining_ms = (facts.warning_until_ms or 0) - facts.now_ms if shown else rules.operator_warning_ms
    if remaining_ms <= 0:
        return None
    return Fault(
        "fiscal.block-warning",
        reason=facts.operator_reason,
        date=facts.operator_date,
        remaining_s=-(-remaining_ms // 1_000),
    )


# ── the kinds ─────────────────────────────────────────────────────────────────────────────────────


def _sale(request: Request, facts: Facts, _rules: PackRules) -> Fault | None:
    """Change has to be there; whoever pays exactly buys even while the book holds less than nothing."""
    content = request.content
    if content.change_minor > max(0, facts.drawer_minor):
        return Fault(
            "till.change-exceeds-drawer",
            currency=content.currency,
            change_minor=content.change_minor,
            drawer_minor=facts.drawer_minor,
        )
    return None


def _refund(request: Request, facts: Facts, _rules: PackRules) -> Fault | None:
    return (
        _parent_fault(request, facts)
        or _successor_fault(facts)
        or _exceeds(request, facts, request.content.total_minor)
        or lines_fault(request.content, facts.parent_lines_left)
        or _exchange_fault(request, facts)
        or _cash_fault(request, facts)
    )


def _void(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    parent = facts.parent
    if parent is None:
        return Fault("till.parent-unknown")
    return (
        _parent_fault(request, facts)
        or _successor_fault(facts)
        or _whole_fault(request, facts, rules, parent)
        or lines_fault(request.content, facts.parent_lines_left)
        or _cash_fault(request, facts)
    )


def _payout(request: Request, facts: Facts, _rules: PackRules) -> Fault | None:
    """What is owed, once, and as a whole."""
    parent = facts.parent
    if parent is None or not KINDS[parent.kind].payout or not parent.owed:
        return Fault("till.parent-unknown")
    return (
        _parent_fault(request, facts, parent.kind)
        or _successor_fault(facts)
        or _owed_fault(request, facts, parent)
        or _drawer_fault(request, facts)
    )


def _owed_fault(request: Request, facts: Facts, parent: Operation) -> Fault | None:
    owed_minor = in_cash_minor(parent.content)
    left_minor = min(owed_minor, facts.parent_left_minor)
    return (
        None
        if request.content.total_minor == left_minor == owed_minor
        else Fault(
            "till.refund-exceeds-sale",
            currency=request.content.currency,
            left_minor=left_minor,
            total_minor=request.content.total_minor,
        )
    )


def _cash_in(_request: Request, _facts: Facts, _rules: PackRules) -> Fault | None:
    return None


def _cash_out(request: Request, facts: Facts, _rules: PackRules) -> Fault | None:
    return _cash_fault(request, facts)


def _shift_open(_request: Request, _facts: Facts, _rules: PackRules) -> Fault | None:
    return None


def _shift_close(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    content = request.content
    if not content.count or content.count != facts.count:
        return Fault("till.count-missing")
    if rules.withdraw_before_close and facts.drawer_minor > 0:
        return Fault("till.cash-not-withdrawn", currency=content.currency, drawer_minor=facts.drawer_minor)
    if facts.device_cash_minor is None:
        return Fault("fiscal.sko-disconnected")
    if facts.device_cash_minor != facts.book_minor:
        return Fault(
            "fiscal.cash-mismatch-at-shift-close",
            currency=content.currency,
            book_minor=facts.book_minor,
            device_minor=facts.device_cash_minor,
        )
    if facts.differing_document is not None:
        return Fault("till.documents-differ", document=facts.differing_document)
    return None


def _correction(request: Request, facts: Facts, _rules: PackRules) -> Fault | None:
    """The till is held, the device was read afresh, and equals what was shown."""
    if facts.hold != "correction":
        return Fault("till.too-late")
    if facts.device_cash_minor is None:
        return Fault("fiscal.sko-disconnected")
    read_minor = facts.device_cash_minor - facts.book_minor
    if read_minor == 0:
        return Fault("till.correction-nothing")
    if read_minor != request.content.total_minor:
        return Fault(
            "till.correction-not-equal",
            currency=request.content.currency,
            shown_minor=request.content.total_minor,
            read_minor=read_minor,
        )
    if facts.explained_by:
        return Fault("till.correction-explained", number=facts.explained_by[0])
    return None


_KIND_CHECKS: Mapping[str, Check] = {
    "cash-sale": _sale,
    "refund": _refund,
    "void": _void,
    "cash-in": _cash_in,
    "cash-out": _cash_out,
    "payout": _payout,
    "shift-open": _shift_open,
    "shift-close": _shift_close,
    "correction": _correction,
}


# ── what is taken back ────────────────────────────────────────────────────────────────────────────


def _parent_fault(request: Request, facts: Facts, kind: str = "cash-sale") -> Fault | None:
    parent = facts.parent
    if parent is None or parent.kind != kind or parent.content.currency != request.content.currency:
        return Fault("till.parent-unknown")
    if parent.state is not OperationState.DONE:
        return Fault("till.parent-not-done", number=parent.number)
    return None


def _successor_fault(facts: Facts) -> Fault | None:
    if facts.successor_number is None:
        return None
    return Fault("till.successor-unfinished", number=facts.successor_number)


def _exceeds(request: Request, facts: Facts, total_minor: int) -> Fault | None:
    if total_minor <= facts.parent_left_minor:
        return None
    return Fault(
        "till.refund-exceeds-sale",
        currency=request.content.currency,
        left_minor=facts.parent_left_minor,
        total_minor=total_minor,
    )


def _whole_fault(request: Request, facts: Facts, rules: PackRules, parent: Operation) -> Fault | None:
    """A void takes back all of a sale of this shift and this till, of which nothing has come back yet."""
    shift = facts.shift if rules.shifts else parent.shift
    if parent.till != request.till or parent.shift != shift:
        return Fault("till.void-other-shift", number=parent.number)
    if exchange_minor(parent.content):
        return Fault("till.tender-mismatch", tender="exchange")
    whole = parent.content.total_minor == request.content.total_minor
    if not whole or facts.parent_left_minor != parent.content.total_minor:
        return Fault(
            "till.refund-exceeds-sale",
            currency=request.content.currency,
            left_minor=facts.parent_left_minor,
            total_minor=request.content.total_minor,
        )
    return None


def _exchange_fault(request: Request, facts: Facts) -> Fault | None:
    """The sale of an exchange comes first, and its refund settles what it left owed."""
    if not request.content.exchange:
        return None
    sale = facts.exchange
    if sale is None or sale.kind != "cash-sale":
        return Fault("till.parent-unknown")
    if sale.state is not OperationState.DONE:
        return Fault("till.parent-not-done", number=sale.number)
    named = sale.content.exchange == request.uid or (sale.content.exchange and facts.exchange_retry)
    if not named or exchange_minor(sale.content) != exchange_minor(request.content):
        return Fault("till.exchange-invalid")
    return None


def _cash_fault(request: Request, facts: Facts) -> Fault | None:
    """Cash that goes out is in the drawer, and the device counts it there too."""
    content = request.content
    amount_minor = in_cash_minor(content)
    if facts.device_cash_minor is not None and amount_minor > facts.device_cash_minor:
        return Fault(
            "fiscal.negative-shift-balance",
            currency=content.currency,
            device_minor=facts.device_cash_minor,
            amount_minor=amount_minor,
        )
    return _drawer_fault(request, facts)


def _drawer_fault(request: Request, facts: Facts) -> Fault | None:
    content = request.content
    amount_minor = in_cash_minor(content)
    if amount_minor <= facts.drawer_minor:
        return None
    return Fault(
        "till.not-enough-cash",
        currency=content.currency,
        amount_minor=amount_minor,
        drawer_minor=facts.drawer_minor,
    )


# ── approvals ─────────────────────────────────────────────────────────────────────────────────────


def purposes_of(request: Request) -> tuple[str, ...]:
    """What the request needs an approval for, where the pack demands one."""
    content = request.content
    if request.kind == "cash-sale":
        discount = any(line.discount_minor for line in content.lines)
        return (*(("exchange",) if content.exchange else ()), *(("discount",) if discount else ()))
    if request.kind == "refund":
        return ("exchange",) if content.exchange else ("refund",)
    return (request.kind,) if request.kind in ("void", "cash-out", "correction") else ()


def _approval_fault(request: Request, facts: Facts, rules: PackRules) -> Fault | None:
    if len(facts.approvals) < len(request.approvals):
        return Fault("till.approval-invalid")
    for purpose in purposes_of(request):
        role = rules.role_for(purpose)
        fault = _unapproved(request, facts, rules, purpose, role) if role is not None else None
        if fault is not None:
            return fault
    return None


def _unapproved(request: Request, facts: Facts, rules: PackRules, purpose: str, role: str) -> Fault | None:
    """Nobody of that role has approved; or above a sum: nobody but the one who asks."""
    persons = [
        grant.person for grant in facts.approvals if grant.purpose == purpose and reaches(grant.role, role)
    ]
    persons += _approved_with_the_sale(request, facts.exchange) if purpose == "exchange" else ()
    if not persons and not reaches(request.role, role):
        return Fault("till.approval-needed", purpose=purpose, role=role)
    return _second_person_fault(request, rules, purpose, persons)


def _approved_with_the_sale(request: Request, sale: Operation | None) -> tuple[str, ...]:
    """One approval serves both halves of an exchange."""
    return sale.approved_by if request.kind == "refund" and sale is not None else ()


def _second_person_fault(
    request: Request, rules: PackRules, purpose: str, persons: list[str]
) -> Fault | None:
    limit_minor = rules.second_person_above_minor(request.content.currency)
    if purpose == "discount" or not limit_minor or abs(request.content.total_minor) <= limit_minor:
        return None
    if any(person != request.cashier for person in persons):
        return None
    return Fault("till.second-person-needed", currency=request.content.currency, limit_minor=limit_minor)
