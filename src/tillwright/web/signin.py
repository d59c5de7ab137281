"""The sign-in page: till, number and PIN on one page, by touch, keyboard or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tillwright.kernel.fault import Fault, FaultError
from tillwright.people import signing, trail
from tillwright.people.backend import PATH
from tillwright.people.models import Account
from tillwright.people.signing import Refused
from tillwright.people.trail import Happened
from tillwright.web import current, looks, strip
from tillwright.web.current import TillPlace
from tillwright.web.words import say


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form brought; the PIN is kept out of every text that may be written down."""

    number: str
    pin: str
    till: TillPlace | None
    target: str

    def __repr__(self) -> str:
        return f"Typed(number={self.number!r})"


@login_not_required
@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the page; on POST let the person in, or say why not."""
    if request.method == "GET":
        return _page(request, _ended(request))
    typed = _typed(request)
    if typed.till is None:
        return _page(request, None, typed, missing_till=True)
    try:
        account = signing.sign_in(typed.number, typed.pin, current.now_ms())
    except Refused as refused:
        happened = trail.refusals(refused, typed.till.id, current.now_ms(), "sign-in-failed")
        trail.record(current.station_or_none(), *happened)
        return _page(request, refused.fault, typed)
    return _let_in(request, account, typed, typed.till)


def _typed(request: HttpRequest) -> Typed:
    till = current.place().till(request.POST.get("till")) or strip.till_of(request)
    return Typed(request.POST.get("number", "")[:16], request.POST.get("pin", ""), till, _target(request))


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if safe else "/"


def _ended(request: HttpRequest) -> Fault | None:
    """Why the person was signed out, told once."""
    told = request.session.pop("ended", None)
    return Fault(told["code"], **told["facts"]) if told else None


def _page(
    request: HttpRequest, fault: Fault | None, typed: Typed | None = None, *, missing_till: bool = False
) -> HttpResponse:
    content: dict[str, Any] = {
        "said": say(fault, looks.language()) if fault else None,
        "wait_ms": fault.facts.get("wait_ms", 0) if fault else 0,
        "number": typed.number if typed else "",
        "chosen": (typed.till if typed else None) or strip.till_of(request),
        "missing_till": missing_till,
        "next": _target(request),
    }
    status = (current.place().catalogue.entry(fault.code).http_status or 200) if fault and typed else 200
    return render(request, "web/sign_in.html", content, status=422 if missing_till else status)


def _let_in(request: HttpRequest, account: Account, typed: Typed, till: TillPlace) -> HttpResponse:
    login(request, account, backend=PATH)
    request.session[strip.SESSION_TILL] = till.id
    request.session.save()
    try:
        _begin(request, account, till)
    except FaultError:
        logout(request)  # nobody works here whose coming is not written down
        raise
    response = redirect(typed.target)
    _bind(response, till)
    if account.language:
        looks.set_language(response, account.language)
    if account.theme:
        looks.set_theme(response, account.theme)
    return response


def _begin(request: HttpRequest, account: Account, till: TillPlace) -> None:
    """Make this the live session of the account, and write down who came, and from where they left."""
    where, now_ms = signing.Where(request.session.session_key or "", till.id, till.name), current.now_ms()
    left = signing.begin(account.pk, where, now_ms)
    happened = [Happened(now_ms, account.cashier, "sign-in", {"till": till.id})]
    if left is not None:
        facts = {"till": till.id, "before": left}
        happened.append(Happened(now_ms, account.cashier, "session-taken-over", facts))
    trail.record(current.station_or_none(), *happened)


def _bind(response: HttpResponse, till: TillPlace) -> None:
    """Let this browser remember its till."""
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_cookie(
        strip.TILL_COOKIE, till.id, max_age=looks.COOKIE_AGE_S, httponly=True, samesite="Lax", secure=secure
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here."""
    if isinstance(request.user, Account):
        signing.end(request.user.pk, request.session.session_key or "")
        till = strip.till_of(request)
        facts = {"till": till.id} if till else {}
        happened = Happened(current.now_ms(), request.user.cashier, "sign-out", facts)
        trail.record(current.station_or_none(), happened)
    logout(request)
    return redirect(reverse("web:sign-in"))
