"""What happens around every page: time measured, faults told, sessions kept to one, strangers sent to
sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from tillwright.kernel.fault import Fault, FaultError
from tillwright.people import signing
from tillwright.web import current, errors

Next = Callable[[HttpRequest], HttpResponseBase]

STREAM = "text/event-stream"

PROGRAMS = "/api/"
"""Below this address programs are served; they show a token and have no session."""


class ServerTime:
    """Says in a header how long the program needed, so that a page can be measured where it is used."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Measure one answer."""
        began_ns = current.clock().monotonic_ns()
        response = self.get_response(request)
        taken_us = (current.clock().monotonic_ns() - began_ns) // 1000
        response.headers["Server-Timing"] = f"app;dur={taken_us / 1000:.1f}"
        return response


class Faults:
    """Turns a fault that a page did not handle into a page that says it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the page answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a fault; everything else is a mistake of the program and goes on to Django."""
        return errors.fault_page(request, error.fault) if isinstance(error, FaultError) else None


class OneSession:
    """Ends a session that another one has replaced or that has rested too long, and says so."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Check the session before the page sees the person."""
        ended = self._ended(request)
        if ended and _only_looks(request):
            return HttpResponse(status=204)  # the page itself will ask, and is to be told why
        if ended:
            logout(request)
            request.session["ended"] = {"code": ended.code, "facts": dict(ended.facts)}
        return self.get_response(request)

    def _ended(self, request: HttpRequest) -> Fault | None:
        if request.path_info.startswith(PROGRAMS) or not request.user.is_authenticated:
            return None
        return ended_session(request, there=not _only_looks(request))


def ended_session(request: HttpRequest, *, there: bool) -> Fault | None:
    """Why the session of this request has ended, or None while it lives; `there`: see signing.check."""
    account, key = request.user.pk or 0, request.session.session_key or ""
    return signing.check(account, key, current.now_ms(), current.place().inactivity_ms, there=there)


def _only_looks(request: HttpRequest) -> bool:
    """Whether a page asks by itself: its stream comes back twice a minute, whether anybody is there or
    not.
    """
    return request.headers.get("Accept", "").startswith(STREAM)


class SignInFirst:
    """Pages are for people who have signed in, unless a view says `login_not_required`."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the page answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, named: Any
    ) -> HttpResponseBase | None:
        """Send a stranger to sign in, and afterwards back to where they wanted to go."""
        if request.path_info.startswith(PROGRAMS) or not getattr(view, "login_required", True):
            return None
        return None if request.user.is_authenticated else to_sign_in(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page, and from there back to what the person was looking at; a part of a page
    that asked takes the whole page there.
    """
    if _only_looks(request):
        return HttpResponse(status=204)  # a stream that gets 204 does not come back
    wanted, target = _wanted(request), reverse("web:sign-in")
    if wanted not in ("", "/", target):
        target = f"{target}?{urlencode({'next': wanted})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def _wanted(request: HttpRequest) -> str:
    """The page that was asked for; for a press or a part of a page the one on which it stood. That one is
    named by the browser, so only its path on this station counts.
    """
    part = request.headers.get("HX-Request")
    if request.method == "GET" and not part:
        return request.get_full_path()
    named = urlsplit(request.headers.get("HX-Current-URL" if part else "Referer") or "")
    if named.netloc != request.get_host() or not named.path.startswith("/"):
        return ""
    return f"{named.path}?{named.query}" if named.query else named.path
