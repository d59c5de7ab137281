"""Cash in and cash out: a sum, a reason, and the device's word before the drawer is touched.

What cannot be taken out is refused with both figures and with the operations that explain their difference,
unless cash is being counted blind: then no page tells what should be there.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tillwright.documents.sentence import kind_name
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.money import parse_minor
from tillwright.till import contents, starting
from tillwright.till.document_words import page_words
from tillwright.till.reasons import reasons_for
from tillwright.till.standing import ahead_of
from tillwright.till.views import till_or_fault
from tillwright.web import current, looks, strip
from tillwright.web.current import TillPlace
from tillwright.web.words import exponent_of, say

CASH_IN = "cash-in"
CASH_OUT = "cash-out"
WORDS: dict[str, tuple[Any, Any]] = {
    CASH_IN: (_("Cash in"), _("Put in")),
    CASH_OUT: (_("Cash out"), _("Take out")),
}
MOST_NOTES = 9
NEGATIVE = "fiscal.negative-shift-balance"


@never_cache
@require_http_methods(["GET", "POST"])
def cash_in(request: HttpRequest) -> HttpResponse:
    """Put money into the drawer."""
    return _move(request, CASH_IN)


@never_cache
@require_http_methods(["GET", "POST"])
def cash_out(request: HttpRequest) -> HttpResponse:
    """Take money out of the drawer."""
    return _move(request, CASH_OUT)


def _move(request: HttpRequest, kind: str) -> HttpResponse:
    till = till_or_fault(request)
    if request.method == "GET":
        return _page(request, till, kind)
    try:
        amount_minor = parse_minor(request.POST.get("amount", "").strip(), exponent_of(till.currency))
        content = contents.cash_content(till.currency, amount_minor, request.POST.get("reason", "")[:32])
        operation = starting.begin(request, till, kind, starting.uid_of(request), content)
    except ValueError:
        return _page(request, till, kind, Fault("till.amount-invalid"))
    except FaultError as error:
        return _page(request, till, kind, error.fault)
    return redirect("till:operation", operation.uid)


def _explained(till: str) -> list[dict[str, object]]:
    """The operations that explain why the device holds another sum than the book."""
    words = page_words()
    rows = current.station().cash_state(till).explained
    return [{"row": row, "kind_name": kind_name(row.kind, words)} for row in rows]


def _page(request: HttpRequest, till: TillPlace, kind: str, fault: Fault | None = None) -> HttpResponse:
    currency = current.place().rules.currency(till.currency)
    exponent = exponent_of(till.currency)
    title, press = WORDS[kind]
    content = {
        "kind": kind,
        "title": title,
        "press": press,
        "currency": till.currency,
        "exponent": exponent,
        "notes": (currency.denominations_minor if currency else ())[:MOST_NOTES],
        "typed": request.POST.get("amount", "")[:16],
        "reasons": reasons_for(kind, current.place().rules),
        "reason": request.POST.get("reason", ""),
        "uid": starting.uid_of(request),
        "drawer_minor": strip.state_of(request, till).drawer_minor,
        "explained": _explained(till.id) if fault and fault.code == NEGATIVE else (),
        "said": say(fault, looks.language()) if fault else None,
        "approve": starting.needs_approval(request, kind, fault),
        "ahead": ahead_of(request, till, kind),
    }
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, "till/cash.html", content, status=status)
