"""Taking the money: what is to be paid, what the customer hands over, what goes back.

Pressing 'take' journals the operation before the answer is sent, and leads to its page. The operation's uid
is the basket's, so a second press, a reload or another tab lead to the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.money import parse_minor
from tillwright.operations.model import Tender
from tillwright.till import exchanges, exchanging, queries, starting
from tillwright.till.rules import Basket, content_of, notes_up
from tillwright.till.standing import ahead_of
from tillwright.till.views import till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.words import exponent_of, say

KIND = "cash-sale"
CASH = "cash"
MOST_NOTES = 6
MOST_SUMS = 5
SMALLEST_SHARE = 3


@dataclass(frozen=True, slots=True)
class Note:
    """A note or coin on the pad: what it adds, as minor units."""

    amount_minor: int


@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest) -> HttpResponse:
    """Show the sheet; on POST take the money."""
    till = till_or_fault(request)
    basket = queries.open_basket(queries.reader(), till.id, _language_of_receipts())
    if request.method == "GET":
        return _sheet(request, till, basket) if basket and basket.lines else redirect("till:sale")
    uid = request.POST.get("uid", "")[:64]
    if basket is None or basket.uid != uid:
        return _not_this_one(request, till, basket, uid)
    try:
        return _take(request, till, basket)
    except FaultError as error:
        return _refused(request, till, basket, error.fault)


def _language_of_receipts() -> str:
    """Goods stand on a receipt as the shop calls them, whoever sells them in which language."""
    return current.place().languages[0]


def _not_this_one(request: HttpRequest, till: TillPlace, basket: Basket | None, uid: str) -> HttpResponse:
    """Pressed again, or in another tab: the operation, if it has begun; else the basket that there is now."""
    if current.station().operation(uid) is not None:
        return redirect("till:operation", uid)
    stale = Fault("till.basket-stale")
    return _refused(request, till, basket, stale) if basket and basket.lines else redirect("till:sale")


def _take(request: HttpRequest, till: TillPlace, basket: Basket) -> HttpResponse:
    if request.POST.get("version") != str(basket.version):
        raise FaultError(Fault("till.basket-stale"))
    returned = exchanges.returned_in(queries.reader(), basket.uid) if basket.exchange else None
    if returned is not None:
        return exchanging.take(request, till, basket, returned, _tendered_minor(request, _due(basket)))
    content = content_of(basket, [Tender(CASH, _tendered_minor(request, _due(basket)))])
    operation = starting.begin(request, till, KIND, basket.uid, content)
    return redirect("till:operation", operation.uid)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid for a basket, in minor units; `give_minor`: what the customer gets instead."""

    currency: str
    amount_minor: int
    give_minor: int = 0


def _due(basket: Basket) -> Due:
    returned = exchanges.returned_in(queries.reader(), basket.uid) if basket.exchange else None
    if returned is None:
        return Due(basket.currency, basket.total_minor)
    exchange = exchanges.exchange_of(basket, returned)
    return Due(basket.currency, exchange.to_pay_minor, exchange.to_give_minor)


def _tendered_minor(request: HttpRequest, due: Due) -> int:
    """The sum on the pressed note, else what was typed, else the exact sum."""
    pressed, typed = request.POST.get("sum", ""), request.POST.get("received", "").strip()
    if pressed:
        return int(pressed) if pressed.isdecimal() and len(pressed) < 16 else 0
    if not typed:
        return due.amount_minor
    try:
        return parse_minor(typed, exponent_of(due.currency))
    except ValueError:
        raise FaultError(Fault("till.tender-mismatch", tender=CASH)) from None


def _refused(request: HttpRequest, till: TillPlace, basket: Basket, fault: Fault) -> HttpResponse:
    status = current.place().catalogue.entry(fault.code).http_status or 422
    return _sheet(request, till, basket, fault, status)


def _sheet(
    request: HttpRequest, till: TillPlace, basket: Basket, fault: Fault | None = None, status: int = 200
) -> HttpResponse:
    currency = current.place().rules.currency(basket.currency)
    denominations = currency.denominations_minor if currency else ()
    exponent, due = exponent_of(basket.currency), _due(basket)
    content = {
        "basket": basket,
        "due": due,
        "sums": _sums(denominations, due.amount_minor),
        "notes": [Note(amount_minor) for amount_minor in _useful(denominations, due.amount_minor)],
        "exponent": exponent,
        "received": request.POST.get("received", "")[:20],
        "approve": _purposes(request, basket, fault),
        "said": say(fault, looks.language()) if fault else None,
        "ahead": ahead_of(request, till),
    }
    return render(request, "till/pay.html", content, status=status)


def _purposes(request: HttpRequest, basket: Basket, fault: Fault | None) -> list[str]:
    """What somebody else has to approve before this is paid."""
    asked = ["exchange"] * basket.exchange + ["discount"] * basket.discounted
    return [purpose for purpose in asked if starting.needs_approval(request, purpose, fault)]


def _sums(denominations_minor: tuple[int, ...], total_minor: int) -> tuple[int, ...]:
    """What this customer is likely to hand over, the exact sum first."""
    return notes_up(total_minor, _whole_notes(denominations_minor, total_minor), MOST_SUMS)


def _whole_notes(denominations_minor: tuple[int, ...], total_minor: int) -> list[int]:
    """The notes that people pay such a sum with: nobody rounds 16.67 up to 16.70."""
    return [one for one in denominations_minor if one * SMALLEST_SHARE >= total_minor]


def _useful(denominations_minor: tuple[int, ...], total_minor: int) -> list[int]:
    """The notes of which one would count: the largest that are not far above the total, largest first."""
    near = [one for one in denominations_minor if one < 10 * total_minor]
    return (near or list(denominations_minor[-MOST_NOTES:]))[:MOST_NOTES]
