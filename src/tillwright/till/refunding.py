"""Taking a sale back: whole, in part, line by line; voiding it; exchanging goods for others.

The page offers what of the sale may still come back. What is chosen is worked out here again, checked by the
journal against the sale, and begun as an operation of its own; the money is named only when that is done.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.money import parse_minor
from tillwright.operations.kinds import exchange_minor
from tillwright.operations.model import Content, Operation
from tillwright.operations.states import OperationState
from tillwright.till import contents, exchanges, queries, starting
from tillwright.till.contents import Returnable
from tillwright.till.reasons import reasons_for
from tillwright.till.standing import ahead_of, shift_number
from tillwright.till.views import cashier_of, till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.words import exponent_of, say

SALE = "cash-sale"
REFUND = "refund"
VOID = "void"


def _sale_or_404(uid: str) -> Operation:
    sale = current.station().operation(uid)
    if sale is None or sale.kind != SALE:
        raise Http404
    return sale


def _offered(sale: Operation) -> list[Returnable]:
    codes = [line.goods for line in sale.content.lines]
    goods = queries.called(queries.reader(), codes, looks.language())
    return contents.returnables(sale, current.station().refundable(sale.uid).lines, goods)


def can_come_back(operation: Operation) -> bool:
    """Whether the operation's page offers to take it back."""
    return operation.kind == SALE and operation.state is OperationState.DONE


def can_be_voided(request: HttpRequest, till: TillPlace, sale: Operation) -> bool:
    """Whether the whole sale may be annulled: the same till, the same shift, nothing of it taken back."""
    untouched = current.station().refundable(sale.uid).left_minor == sale.content.total_minor
    fits = (
        sale.till == till.id
        and sale.shift == shift_number(request, till)
        and not exchange_minor(sale.content)
    )
    return fits and untouched and current.place().rules.kind(VOID) is not None


# ── taking back ────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, uid: str) -> HttpResponse:
    """Choose what comes back; on POST give the money back."""
    till, sale = till_or_fault(request), _sale_or_404(uid)
    if request.method == "GET":
        return _refund_page(request, till, sale)
    try:
        content = _refund_content(request, sale)
        operation = starting.begin(request, till, REFUND, starting.uid_of(request), content)
    except FaultError as error:
        return _refund_page(request, till, sale, error.fault)
    return redirect("till:operation", operation.uid)


def _refund_content(request: HttpRequest, sale: Operation) -> Content:
    reason = request.POST.get("reason", "")[:32]
    if not sale.content.lines:
        return contents.refund_content(sale, (), reason, _amount_minor(request, sale))
    lines = contents.returned_lines(sale, _offered(sale), _picked(request))
    return contents.refund_content(sale, lines, reason)


def _amount_minor(request: HttpRequest, sale: Operation) -> int:
    """The sum that is to come back of a sale of which only the total is known."""
    try:
        return parse_minor(request.POST.get("amount", "").strip(), exponent_of(sale.content.currency))
    except ValueError:
        raise FaultError(Fault("till.amount-invalid")) from None


def _picked(request: HttpRequest) -> Mapping[int, int]:
    """Line of the sale → how much of it comes back, in thousandths. Raises FaultError(till.line-invalid)."""
    picked = {}
    for name, typed in request.POST.items():
        number = name.removeprefix("line-")
        if number == name or not number.isdecimal() or len(number) > 6 or not str(typed).strip():
            continue
        try:
            picked[int(number)] = parse_minor(str(typed), 3)
        except ValueError:
            raise FaultError(Fault("till.line-invalid", line=int(number), reason="quantity")) from None
    return picked


def _refund_page(
    request: HttpRequest, till: TillPlace, sale: Operation, fault: Fault | None = None
) -> HttpResponse:
    offered = _offered(sale)
    typed = {one.left.line: request.POST.get(f"line-{one.left.line}", "")[:12] for one in offered}
    content = {
        "sale": sale,
        "rows": [{"line": one, "typed": typed[one.left.line]} for one in offered],
        "left_minor": current.station().refundable(sale.uid).left_minor,
        "amount": request.POST.get("amount", "")[:16],
        "reasons": reasons_for(REFUND, current.place().rules),
        "reason": request.POST.get("reason", ""),
        "uid": starting.uid_of(request),
        "may_void": can_be_voided(request, till, sale),
        "ahead": ahead_of(request, till, REFUND),
        **_told(request, REFUND, fault),
    }
    return render(request, "till/refund.html", content, status=_status(fault))


def _told(request: HttpRequest, purpose: str, fault: Fault | None) -> dict[str, object]:
    """What was refused, in words, and whether somebody else has to approve."""
    return {
        "said": say(fault, looks.language()) if fault else None,
        "approve": starting.needs_approval(request, purpose, fault),
    }


def _status(fault: Fault | None) -> int:
    return (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200


@never_cache
@require_GET
def scanned(request: HttpRequest, uid: str) -> HttpResponse:
    """Which line of the sale a scanned code means; 0 for none of them."""
    sale, till = _sale_or_404(uid), till_or_fault(request)
    found = queries.by_code(queries.reader(), request.GET.get("code", ""), till.currency, looks.language())
    numbers = [
        number for number, line in enumerate(sale.content.lines, start=1) if found and line.goods == found.sku
    ]
    return JsonResponse({"line": numbers[0] if numbers else 0})


# ── voiding ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, uid: str) -> HttpResponse:
    """Annul a sale of this shift as a whole; where that is too late, the refund is offered."""
    till, sale = till_or_fault(request), _sale_or_404(uid)
    if request.method == "GET":
        return (
            _void_page(request, till, sale)
            if can_be_voided(request, till, sale)
            else redirect("till:refund", uid)
        )
    content = contents.void_content(sale, request.POST.get("reason", "")[:32])
    try:
        operation = starting.begin(request, till, VOID, starting.uid_of(request), content)
    except FaultError as error:
        return _void_page(request, till, sale, error.fault)
    return redirect("till:operation", operation.uid)


def _void_page(
    request: HttpRequest, till: TillPlace, sale: Operation, fault: Fault | None = None
) -> HttpResponse:
    content = {
        "sale": sale,
        "reasons": reasons_for(VOID, current.place().rules),
        "reason": request.POST.get("reason", ""),
        "uid": starting.uid_of(request),
        "ahead": ahead_of(request, till, VOID),
        **_told(request, VOID, fault),
    }
    return render(request, "till/void.html", content, status=_status(fault))


# ── exchanging ─────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
def exchange(request: HttpRequest, uid: str) -> HttpResponse:
    """Take the chosen goods back in exchange for others, which are chosen on the selling page."""
    till, sale = till_or_fault(request), _sale_or_404(uid)
    try:
        lines = contents.returned_lines(sale, _offered(sale), _picked(request))
    except FaultError as error:
        return _refund_page(request, till, sale, error.fault)
    cashier, now_ms = cashier_of(request), current.now_ms()
    returned = exchanges.Returned(sale.uid, starting.fresh_uid(), request.POST.get("reason", "")[:32], lines)
    current.station().write(
        lambda writer: exchanges.begin(writer, till.id, till.currency, cashier, now_ms, returned)
    )
    return redirect("till:sale")
