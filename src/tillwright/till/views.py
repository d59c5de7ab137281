"""The selling page: search or scan, favourites, basket, total.

Every press on it is a small request that answers with the basket as it is now. A press that was refused
(the basket has changed in another tab, the goods are not known) answers with the true basket too, and says
why in a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from msgspec import structs

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.money import parse_minor
from tillwright.machine.sqlite import Connection
from tillwright.people.models import Account
from tillwright.till import actions, queries, rules
from tillwright.till.discounts import AMOUNT, NO_DISCOUNT, Discount
from tillwright.till.exchanges import Returned, returned_in
from tillwright.till.menu import menu_of
from tillwright.till.rules import Basket, Offer
from tillwright.till.standing import ahead_of
from tillwright.web import current, looks, strip
from tillwright.web.current import TillPlace
from tillwright.web.words import exponent_of, say

MOST_SHOWN = 100
"""So many lines of a basket are drawn; the rest is counted. A press must stay quick with 2,000 lines."""

_NO_VERSION = -1

Change = Callable[[Connection, tuple[str, int]], Basket]


@dataclass(frozen=True, slots=True)
class BasketShown:
    """A basket as the page shows it; `chosen` is the line that was touched last."""

    uid: str
    version: int
    currency: str
    total_minor: int
    lines: tuple[rules.BasketLine, ...]
    count: int
    chosen: rules.BasketLine | None
    opened_ms: int = 0
    discount: Discount = NO_DISCOUNT
    discount_minor: int = 0
    note: str = ""
    returned: Returned | None = None

    @property
    def to_pay_minor(self) -> int:
        """What the customer pays; below nought: what the customer gets."""
        return self.total_minor - (self.returned.total_minor if self.returned else 0)

    @property
    def to_give_minor(self) -> int:
        """What the customer gets, where the goods that come back are worth more."""
        return max(0, -self.to_pay_minor)

    @property
    def earlier_count(self) -> int:
        """How many lines stand above those that are drawn."""
        return self.count - len(self.lines)


def till_or_fault(request: HttpRequest) -> TillPlace:
    """The till of this browser. Raises FaultError(api.wrong-till) where none is chosen."""
    till = strip.till_of(request)
    if till is None:
        raise FaultError(Fault("api.wrong-till", till="—"))
    return till


def cashier_of(request: HttpRequest) -> str:
    """How operations name the person who is signed in."""
    user = request.user
    return user.cashier if isinstance(user, Account) else ""


# ── the page and its parts ─────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def sale(request: HttpRequest) -> HttpResponse:
    """The selling page."""
    till = till_or_fault(request)
    shown = queries.favourites(queries.reader(), till.currency, looks.language())
    content = {"goods": shown, "typed": "", "menu": menu_of(request), **_basket_content(request, till)}
    return render(request, "till/sale.html", content)


@never_cache
@require_GET
def goods(request: HttpRequest) -> HttpResponse:
    """The goods for what is typed; the favourites for nothing."""
    till, typed = till_or_fault(request), request.GET.get("code", "")
    if typed.strip():
        found = queries.search(queries.reader(), typed, till.currency, looks.language())
    else:
        found = queries.favourites(queries.reader(), till.currency, looks.language())
    return render(request, "till/parts/goods.html", {"goods": found, "typed": typed, "till": till})


@never_cache
@require_GET
def basket(request: HttpRequest) -> HttpResponse:
    """The basket as it is now."""
    return basket_part(request, till_or_fault(request), _whole(request.GET.get("line", "")))


def _basket_content(request: HttpRequest, till: TillPlace, chosen: int | None = None) -> dict[str, object]:
    found = queries.open_basket(queries.reader(), till.id, looks.language())
    parked_count = 0 if found and found.lines else queries.parked_count(queries.reader(), till.id)
    return {
        "basket": shown_basket(found, till, chosen),
        "ahead": ahead_of(request, till),
        "till": till,
        "parked_count": parked_count,
    }


def shown_basket(found: Basket | None, till: TillPlace, chosen: int | None = None) -> BasketShown:
    """The basket for a page; an empty one where there is none yet."""
    if found is None:
        return BasketShown("", 0, till.currency, 0, (), 0, None)
    lines = found.lines
    touched = found.line(chosen) if chosen is not None else None
    return BasketShown(
        found.uid,
        found.version,
        found.currency,
        found.total_minor,
        lines[-MOST_SHOWN:],
        len(lines),
        touched or (lines[-1] if lines else None),
        found.opened_ms,
        found.discount,
        found.discount_minor,
        found.note,
        _returned(found.uid) if found.exchange else None,
    )


def _returned(uid: str) -> Returned | None:
    """What comes back in exchange, as the reader calls it."""
    returned = returned_in(queries.reader(), uid)
    if returned is None:
        return None
    goods = queries.called(queries.reader(), [line.goods for line in returned.lines], looks.language())
    lines = tuple(
        replace(line, name=goods[line.goods].name) if line.goods in goods else line for line in returned.lines
    )
    return structs.replace(returned, lines=lines)


def basket_part(
    request: HttpRequest, till: TillPlace, chosen: int | None = None, fault: Fault | None = None
) -> HttpResponse:
    """The basket as it is now, with what was refused, if anything was."""
    content = _basket_content(request, till, chosen)
    content["said"] = say(fault, looks.language()) if fault else None
    return render(request, "till/parts/basket.html", content)


# ── presses ────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put goods into the basket: by code, by sku, or the first that the search finds."""
    till = till_or_fault(request)
    try:
        offer = _offer(request, till)
        quantity_milli = _quantity_milli(request, offer)
    except FaultError as error:
        return basket_part(request, till, fault=error.fault)
    pack = current.place().rules
    return _press(
        request,
        till,
        lambda writer, seen: actions.add_goods(writer, seen, offer, quantity_milli, pack),
        offer,
    )


@require_POST
def set_quantity(request: HttpRequest) -> HttpResponse:
    """Change how much of a line: by one piece with `step`, or to what was typed."""
    till, position, pack = till_or_fault(request), _position(request), current.place().rules
    step_milli = _STEPS.get(request.POST.get("step", ""))
    try:
        typed_milli = 0 if step_milli else _typed_milli(request.POST.get("quantity", ""))
    except FaultError as error:
        return basket_part(request, till, position, error.fault)

    def change(writer: Connection, seen: tuple[str, int]) -> Basket:
        wanted_milli = _now_milli(writer, till, position) + step_milli if step_milli else typed_milli
        if wanted_milli <= 0:
            return actions.remove_line(writer, seen, position)
        return actions.set_quantity(writer, seen, position, wanted_milli, pack)

    return _press(request, till, change)


_STEPS = {"more": rules.ONE, "fewer": -rules.ONE}


def _now_milli(writer: Connection, till: TillPlace, position: int) -> int:
    found = queries.open_basket(writer, till.id)
    line = found.line(position) if found else None
    return line.quantity_milli if line else 0


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Take a line out."""
    till, position = till_or_fault(request), _position(request)
    return _press(request, till, lambda writer, seen: actions.remove_line(writer, seen, position))


@require_POST
def discount(request: HttpRequest) -> HttpResponse:
    """Take something off the chosen line or off the whole; nothing typed takes the discount away."""
    till, position = till_or_fault(request), _position(request)
    try:
        wanted = _discount(request, till)
    except FaultError as error:
        return basket_part(request, till, position, error.fault)
    if request.POST.get("of") == "line":
        return _press(
            request, till, lambda writer, seen: actions.discount_line(writer, seen, position, wanted)
        )
    return _press(request, till, lambda writer, seen: actions.discount_basket(writer, seen, wanted))


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Give the whole basket up, before anything has been started."""
    seen = seen_basket(request)
    current.station().write(lambda writer: actions.cancel_basket(writer, seen))
    return redirect("till:sale")


def _press(request: HttpRequest, till: TillPlace, change: Change, offer: Offer | None = None) -> HttpResponse:
    seen, cashier, now_ms = seen_basket(request), cashier_of(request), current.now_ms()

    def write(writer: Connection) -> Basket:
        if seen[0]:
            return change(writer, seen)
        opened = actions.open_basket(writer, till.id, till.currency, cashier, now_ms)
        return change(writer, (opened.uid, 0))

    try:
        after = current.station().write(write)
    except FaultError as error:
        return basket_part(request, till, _position(request), error.fault)
    return basket_part(request, till, _touched(after, offer) or _position(request))


def _touched(after: Basket, offer: Offer | None) -> int | None:
    """The line that goods have come into."""
    if offer is None:
        return None
    return next((line.position for line in reversed(after.lines) if line.sku == offer.sku), None)


# ── what a press says ──────────────────────────────────────────────────────────────────────────────────────


def seen_basket(request: HttpRequest) -> tuple[str, int]:
    """The basket that the page showed when something was pressed: (uid, version). That of another till is
    never what this page has seen: its version is one that no basket has.
    """
    uid = request.POST.get("uid", "")[:64]
    if uid and queries.till_of_basket(queries.reader(), uid) != till_or_fault(request).id:
        return uid, _NO_VERSION
    return uid, _whole(request.POST.get("version", ""))


def _position(request: HttpRequest) -> int:
    return _whole(request.POST.get("line", ""))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _offer(request: HttpRequest, till: TillPlace) -> Offer:
    reader, language = queries.reader(), looks.language()
    sku, code = request.POST.get("sku", ""), request.POST.get("code", "").strip()
    if sku:
        found = queries.offers(reader, [sku], till.currency, language).get(sku)
    else:
        found = next(iter(queries.search(reader, code, till.currency, language, limit=1)), None)
    if found is None:
        raise FaultError(Fault("till.unknown-goods", goods=(sku or code)[: queries.LONGEST_SEARCH] or "—"))
    return found


def _quantity_milli(request: HttpRequest, offer: Offer) -> int:
    typed = request.POST.get("quantity", "")
    return _typed_milli(typed) if typed else offer.quantity_milli


def _discount(request: HttpRequest, till: TillPlace) -> Discount:
    kind, typed = request.POST.get("kind", ""), request.POST.get("value", "").strip()
    if not typed:
        return NO_DISCOUNT
    try:
        value = parse_minor(typed, exponent_of(till.currency) if kind == AMOUNT else 2)
    except ValueError:
        raise FaultError(Fault("till.discount-invalid")) from None
    return Discount(kind, value) if value else NO_DISCOUNT


def _typed_milli(text: str) -> int:
    """What somebody typed as a quantity: '2', '0.375', '0,375'."""
    try:
        return parse_minor(text, 3)
    except ValueError:
        raise FaultError(Fault("till.line-invalid", line=1, reason="quantity")) from None
