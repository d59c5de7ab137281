"""The X report on its page: how the open shift stands; nothing is written by looking at it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tillwright.documents import receipt_html
from tillwright.till.document_words import page_words
from tillwright.till.views import till_or_fault
from tillwright.web import current


@never_cache
@require_GET
def x_report(request: HttpRequest) -> HttpResponse:
    """The open shift so far. Refused while its cash is counted blind."""
    till = till_or_fault(request)
    report = current.station().x_report(till.id)
    drawn = receipt_html.render(report, page_words(report.opened_by))
    content = {
        "report": mark_safe(drawn),  # nosec B308 B703  # the renderer escapes every text
        "shift": report.shift,
    }
    return render(request, "till/x_report.html", content)
