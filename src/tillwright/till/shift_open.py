"""Opening a shift: the check of everything that the day needs, then the device, then the float.

What is found is asked for afresh when the page is opened, and the page follows while answers come in. The
operator's warning has to stand here for its full time before the shift can be opened; the station counts that
time and refuses before it is over, the page only shows it running down.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tillwright.kernel.fault import Fault, FaultError
from tillwright.till import checking, contents, looking, starting
from tillwright.till.standing import ahead_of, shift_number
from tillwright.till.views import till_or_fault
from tillwright.web import current, looks
from tillwright.web.current import TillPlace
from tillwright.web.words import say

KIND = "shift-open"


@never_cache
@require_http_methods(["GET", "POST"])
def open_shift(request: HttpRequest) -> HttpResponse:
    """The check; on POST open the shift."""
    till = till_or_fault(request)
    if request.method == "GET":
        if shift_number(request, till) is not None:
            return redirect("till:sale")
        looking.ask_everybody(till.id)
        return _page(request, till)
    content = contents.shift_content(till.currency, looking.next_shift(till.id))
    try:
        operation = starting.begin(request, till, KIND, starting.uid_of(request), content)
    except FaultError as error:
        return _page(request, till, error.fault)
    return redirect("till:operation", operation.uid)


@never_cache
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """The check as it stands now, for the page that follows."""
    till = till_or_fault(request)
    return render(request, "till/parts/check.html", _content(request, till))


def _page(request: HttpRequest, till: TillPlace, fault: Fault | None = None) -> HttpResponse:
    content = _content(request, till) | {"said": say(fault, looks.language()) if fault else None}
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, "till/shift_open.html", content, status=status)


def _content(request: HttpRequest, till: TillPlace) -> dict[str, object]:
    found = checking.urgent_first(checking.rows(looking.seen(till.id)))
    return {
        "rows": [
            {"row": one, "said": say(one.fault, looks.language()) if one.fault else None} for one in found
        ],
        "may_open": checking.may_open(found),
        "wait_ms": looking.warning_left_ms(till.id),
        "number": looking.next_shift(till.id),
        "uid": starting.uid_of(request),
        "ahead": ahead_of(request, till, KIND),
    }
