"""Pages that belong to no room: choosing language and theme, health for machines, the style guide."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.machine.sqlite import Connection
from tillwright.people import accounts
from tillwright.web import current, looks


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if safe else "/")


def _keep(request: HttpRequest, write: Callable[[Connection, int], None]) -> None:
    """Keep a choice in the account of who is signed in; a station that is not there yet keeps the cookie
    only.
    """
    if request.user.is_authenticated and current.running():
        number = request.user.number
        current.station().write(lambda connection: write(connection, number))


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser, and of the person."""
    code = looks.language_or_default(request.POST.get("language", ""))
    response = _back(request)
    looks.set_language(response, code)
    _keep(request, lambda connection, number: accounts.set_language(connection, number, code))
    return response


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Set the theme of this browser, and of the person."""
    chosen = request.POST.get("theme", "")
    chosen = chosen if chosen in looks.THEMES else "auto"
    response = _back(request)
    looks.set_theme(response, chosen)
    _keep(request, lambda connection, number: accounts.set_theme(connection, number, chosen))
    return response


@login_not_required
@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"})


@login_not_required
@never_cache
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """The station takes operations: 200, or 503 while it starts."""
    ready = current.running()
    return JsonResponse({"status": "ready" if ready else "starting"}, status=200 if ready else 503)


@login_not_required
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, on one page; on a station for trying out only."""
    if not current.place().demo:
        raise Http404
    from tillwright.web.samples import samples

    return render(request, "web/styleguide.html", samples())
