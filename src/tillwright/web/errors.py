"""Pages for what went wrong: a sentence, one next step, and the code small at the end.

Whatever fails, the page itself must not: it asks for nothing but the catalogue, and no database.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tillwright.catalogue.catalogue import UnknownCode
from tillwright.kernel.fault import Fault
from tillwright.web import current
from tillwright.web.looks import language
from tillwright.web.words import say

log = logging.getLogger(__name__)

SHORTEST_WAIT_S = 2


@dataclass(frozen=True, slots=True)
class Step:
    """The one button of the page."""

    label: object
    address: str


def fault_page(request: HttpRequest, fault: Fault, status: int | None = None) -> HttpResponse:
    """The whole page for a fault, or for a part of a page the notice alone."""
    waiting = fault.code == "api.unavailable"
    status = status or _status(fault)
    content = {
        "said": say(fault, language()),
        "step": _step(request, fault),
        "waiting": waiting,
        "again_s": SHORTEST_WAIT_S,
    }
    if request.headers.get("HX-Request"):
        return _notice(request, content, status)
    response = HttpResponse(render_to_string("web/error.html", content, request), status=status)
    if waiting:
        response.headers["Retry-After"] = str(SHORTEST_WAIT_S)
    return response


def _notice(request: HttpRequest, content: dict[str, object], status: int) -> HttpResponse:
    response = HttpResponse(render_to_string("web/parts/notice.html", content, request), status=status)
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def _status(fault: Fault) -> int:
    try:
        return current.place().catalogue.entry(fault.code).http_status or 500
    except UnknownCode:
        return 500


def _step(request: HttpRequest, fault: Fault) -> Step:
    if fault.code == "api.unavailable":
        return Step(_("Try again"), request.get_full_path() if request.method == "GET" else "/")
    if fault.code == "people.session-ended":
        return Step(_("Sign in"), reverse("web:sign-in"))
    return Step(_("Back to the till"), "/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the browser sent something that no page of ours sends."""
    return fault_page(request, Fault("api.malformed", reason=type(exception).__name__), 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: this person may not."""
    return fault_page(request, Fault("people.not-allowed"), 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is older than its session. Signing in again gives a new one."""
    return fault_page(request, Fault("people.session-ended"), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page."""
    return fault_page(request, Fault("api.not-found"), 404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a mistake of ours, with a reference that stands in the log too."""
    reference = os.urandom(4).hex()
    log.error("a page failed", extra={"reference": reference, "path": request.path})
    return fault_page(request, Fault("api.internal", reference=reference), 500)
