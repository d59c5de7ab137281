"""Settings, People: who works here, for the administrator. Views read a form and show a page; the rules and
the audit entry of each change are in people/actions.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import ROLES
from tillwright.machine.sqlite import Connection
from tillwright.people import actions, signing, trail
from tillwright.people.accounts import NewAccount
from tillwright.people.actions import By
from tillwright.people.models import Account, LiveSession
from tillwright.people.pins import hash_pin
from tillwright.people.rules import person_fault, pin_fault
from tillwright.people.signing import parse_number
from tillwright.web import current, looks
from tillwright.web.permission import needs
from tillwright.web.words import say

ROLE_WORDS: dict[str, str | Promise] = {
    "cashier": _("Cashier"),
    "senior": _("Senior cashier"),
    "administrator": _("Administrator"),
}
ROLE_TEXTS: dict[str, str | Promise] = {
    "cashier": _("Sells, moves cash, opens and closes shifts."),
    "senior": _("Approves refunds and settles unknown receipts as well."),
    "administrator": _("Corrects the books and manages people as well."),
}

Change = Callable[[Connection, By], None]


@dataclass(frozen=True, slots=True)
class Role:
    """A role as it is chosen."""

    name: str
    word: str | Promise
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list; `session` where they are signed in."""

    account: Account
    role: str | Promise
    session: LiveSession | None


def _roles() -> list[Role]:
    return [Role(name, ROLE_WORDS[name], ROLE_TEXTS[name]) for name in ROLES]


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
@needs("people")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, those who work here first."""
    since_ms = current.now_ms() - current.place().inactivity_ms
    sessions = {one.account: one for one in LiveSession.objects.filter(seen_ms__gte=since_ms)}
    accounts = Account.objects.order_by("-is_active", "number")
    rows = [Row(one, ROLE_WORDS[one.role], sessions.get(one.pk)) for one in accounts]
    return render(request, "web/people.html", {"rows": rows})


# ── somebody new ──────────────────────────────────────────────────────────────────────────────────


@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@needs("people")
def new_person(request: HttpRequest) -> HttpResponse:
    """A form for somebody new; afterwards the list."""
    if request.method == "GET":
        return _new_page(request, None)
    try:
        new = _new(request)
        hashed = hash_pin(new.pin)
        _change(request, lambda connection, by: actions.add(connection, by, new, hashed))
    except FaultError as error:
        return _new_page(request, error.fault)
    return redirect("web:people")


def _new(request: HttpRequest) -> NewAccount:
    """What was typed. Raises FaultError: people.name-unfit, people.pin-unfit."""
    number, name = parse_number(request.POST.get("number", "")) or 0, request.POST.get("name", "").strip()
    role, pin = request.POST.get("role", ""), request.POST.get("pin", "")
    fault = person_fault(number, name) or pin_fault(number, pin)
    if fault is not None:
        raise FaultError(fault)
    return NewAccount(number, name, role if role in ROLES else ROLES[0], pin)


def _new_page(request: HttpRequest, fault: Fault | None) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:60] for name in ("number", "name", "role")}
    typed["role"] = typed["role"] or ROLES[0]
    return _page(request, "web/person_new.html", {"typed": typed}, fault)


# ── somebody who is there ─────────────────────────────────────────────────────────────────────────


@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@needs("people")
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One person: role, new PIN, off and on; afterwards the same page, with what was done."""
    account = Account.objects.filter(number=number).first()
    if account is None:
        raise FaultError(Fault("people.number-unknown", number=number))
    if request.method == "GET":
        return _person_page(request, account, None)
    try:
        _change(request, _wanted(request, number))
        if request.POST["do"] == "pin":
            signing.forgive(number)
        if request.POST["do"] in ("pin", "off"):
            signing.end_all(number)
    except FaultError as error:
        return _person_page(request, account, error.fault)
    return redirect(f"{request.path}?done={request.POST['do']}")


def _wanted(request: HttpRequest, number: int) -> Change:
    """What was pressed. Raises FaultError: people.pin-unfit, api.malformed."""
    wanted, role, pin = (request.POST.get(name, "") for name in ("do", "role", "pin"))
    if wanted == "role" and role in ROLES:
        return lambda connection, by: actions.change_role(connection, by, number, role)
    if wanted == "pin":
        fault = pin_fault(number, pin)
        if fault is not None:
            raise FaultError(fault)
        hashed, failed = hash_pin(pin), signing.failures(number)
        return lambda connection, by: actions.change_pin(connection, by, number, pin, hashed, failed)
    if wanted == "off":
        return lambda connection, by: actions.switch_off(connection, by, number)
    if wanted == "on":
        return lambda connection, by: actions.switch_on(connection, by, number)
    raise FaultError(Fault("api.malformed", reason="do"))


DONE: dict[str, str | Promise] = {
    "role": _("The role is changed. It holds from the next press on."),
    "pin": _("The new PIN holds from now on. The person was signed out."),
    "off": _("This person can sign in no more."),
    "on": _("This person can sign in again."),
}


def _person_page(request: HttpRequest, account: Account, fault: Fault | None) -> HttpResponse:
    content = {"person": account, "done": DONE.get(request.GET.get("done", ""))}
    return _page(request, "web/person.html", content, fault)


# ── both ──────────────────────────────────────────────────────────────────────────────────────────


def _change(request: HttpRequest, change: Change) -> None:
    by = By(request.user.cashier if isinstance(request.user, Account) else "", current.now_ms())
    trail.change(current.station(), lambda connection: change(connection, by))


def _page(request: HttpRequest, template: str, content: dict[str, Any], fault: Fault | None) -> HttpResponse:
    said = say(fault, looks.language()) if fault else None
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, template, {**content, "roles": _roles(), "said": said}, status=status)
