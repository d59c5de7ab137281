"""Parked baskets: put one aside, look at those of this till, go on with one, give one up.

They are kept in the station's database like the open one, so they outlive a restart. Each is seen only at the
till at which it was parked.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.kernel.fault import FaultError
from tillwright.till import actions, queries
from tillwright.till.document_words import page_words
from tillwright.till.queries import Parked
from tillwright.till.views import basket_part, cashier_of, seen_basket, shown_basket, till_or_fault
from tillwright.web import current, looks

MOST_NAMES = 3
"""So many goods are named in the list, so that a basket is known again."""


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A parked basket in the list."""

    uid: str
    note: str
    parked_ms: int
    cashier: str
    count: int
    names: str
    total_minor: int


@require_POST
def park(request: HttpRequest) -> HttpResponse:
    """Put the open basket aside; answers with an empty one."""
    till, seen, note = till_or_fault(request), seen_basket(request), request.POST.get("note", "")
    cashier, now_ms = cashier_of(request), current.now_ms()
    try:
        current.station().write(lambda writer: actions.park_basket(writer, seen, note, cashier, now_ms))
    except FaultError as error:
        return basket_part(request, till, fault=error.fault)
    return basket_part(request, till)


@never_cache
@require_GET
def parked(request: HttpRequest) -> HttpResponse:
    """The till's parked baskets, and what is in the chosen one."""
    till = till_or_fault(request)
    found = queries.parked(queries.reader(), till.id, looks.language())
    wanted = request.GET.get("basket", "")
    chosen = next((one for one in found if one.basket.uid == wanted), found[0] if found else None)
    opened = queries.open_basket(queries.reader(), till.id)
    content = {
        "rows": _rows(found),
        "chosen": shown_basket(chosen.basket, till) if chosen else None,
        "open_count": len(opened.lines) if opened else 0,
        "currency": till.currency,
    }
    return render(request, "till/parked.html", content)


def _rows(found: list[Parked]) -> list[ParkedRow]:
    words = page_words(*(one.cashier for one in found))
    return [
        ParkedRow(
            one.basket.uid,
            one.basket.note,
            one.parked_ms,
            words.names.get(one.cashier, one.cashier),
            len(one.basket.lines),
            " · ".join(line.name for line in one.basket.lines[:MOST_NAMES]),
            one.basket.total_minor,
        )
        for one in found
    ]


@require_POST
def resume(request: HttpRequest, uid: str) -> HttpResponse:
    """Go on with a parked basket; the open one, if it has lines, is parked in its place."""
    till, cashier, now_ms = till_or_fault(request).id, cashier_of(request), current.now_ms()
    current.station().write(lambda writer: actions.resume_basket(writer, till, uid, cashier, now_ms))
    return redirect("till:sale")


@require_POST
def cancel_parked(request: HttpRequest, uid: str) -> HttpResponse:
    """Give a parked basket up."""
    till = till_or_fault(request).id
    current.station().write(lambda writer: actions.cancel_parked(writer, till, uid))
    return redirect("till:parked")
