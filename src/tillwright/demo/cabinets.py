"""The cabinets of the simulated operator and of the simulated licensing: what a person sees who signs in
there.

A cabinet shows what its party holds, not what the station believes. So it answers also while no till can
reach the party: somebody looks it up from a telephone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.demo.document_names import DOCUMENTS
from tillwright.demo.switchboard import licences_of, twins
from tillwright.demo.switchboard_client import (
    MOST_FOUND,
    Cabinet,
    CabinetDocument,
    Contact,
    Refusal,
    TillJudged,
    TwinsUnreachable,
)
from tillwright.demo.switchboard_dials import MESSAGES, messages
from tillwright.demo.switchboard_words import ACTIVATE, BLOCK, WARN
from tillwright.web import current, strip

LONGEST_TYPED = 64
WAYS: Mapping[str, Any] = {"till": _("by the till"), "device": _("by the device itself")}
JUDGEMENTS = {"active": ACTIVATE, "warning": WARN, "blocked": BLOCK}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed into the cabinet's form, and what is asked of the operator with it."""

    till: str
    day: str = ""
    number: str = ""
    unique: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The question as the control endpoint takes it; what cannot be read is not asked."""
        asked = {"till": self.till}
        if self.number.isdecimal() and int(self.number):
            asked["number"] = self.number
        if self.unique:
            asked["unique"] = self.unique
        if (day := _day(self.day)) is not None:
            asked |= {"from": str(day[0]), "to": str(day[1])}
        return asked


def _day(text: str) -> tuple[int, int] | None:
    """The first and the last millisecond of a day in the station's zone; None for what is no day."""
    try:
        begins = datetime.fromisoformat(text).replace(tzinfo=current.place().zone)
    except ValueError:
        return None
    ends = begins + timedelta(days=1)
    first_ms, last_ms = (int(one.timestamp()) * 1000 for one in (begins, ends))
    return max(0, first_ms), max(0, last_ms - 1)


@dataclass(frozen=True, slots=True)
class CabinetShown:
    """The operator's cabinet as its page shows it: one till, its device's state, its documents."""

    judged: TillJudged
    contact: Contact | None
    last_number: int
    refusals: Sequence[Refusal]
    documents: Sequence[tuple[Any, Any, CabinetDocument]]
    more: bool


# ── the operator's ──────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@require_GET
def operator(request: HttpRequest) -> HttpResponse:
    """The documents of a till, how it stands, what is refused."""
    door = twins()
    try:
        states = door.states()
        if states.operator is None:
            raise Http404
        tills = list(dict.fromkeys(one.till for one in states.devices))
        asked = _asked(request, tills)
        shown = _shown(door.cabinet(asked.query), asked.till)
    except TwinsUnreachable:
        return render(request, "switchboard/away.html")
    named = [(till, _till_name(till)) for till in tills]
    content = {"asked": asked, "shown": shown, "tills": named, "till_name": _till_name(asked.till)}
    return render(request, "switchboard/operator.html", content)


def _asked(request: HttpRequest, tills: Sequence[str]) -> Asked:
    bound = strip.till_of(request)
    wanted = request.GET.get("till") or (bound.id if bound else "")
    typed = {name: request.GET.get(name, "").strip()[:LONGEST_TYPED] for name in ("day", "number", "unique")}
    return Asked(wanted if wanted in tills else next(iter(tills), ""), **typed)


def _shown(cabinet: Cabinet, till: str) -> CabinetShown:
    judged = next((one for one in cabinet.tills if one.till == till), TillJudged(till, "active", "", None))
    contacts = [one for one in cabinet.contacts if one.till == till]
    contact = max(contacts, key=lambda one: one.at_ms, default=None)
    serials = {one.serial for one in contacts} | {one.serial for one in cabinet.documents}
    return CabinetShown(
        judged=judged,
        contact=contact,
        last_number=cabinet.last_numbers.get(contact.serial, 0) if contact else 0,
        refusals=[one for one in cabinet.refusals if one.serial in serials],
        documents=[(DOCUMENTS.get(one.kind, one.kind), WAYS[one.via], one) for one in cabinet.documents],
        more=len(cabinet.documents) == MOST_FOUND,
    )


def _till_name(till: str) -> str:
    known = current.place().till(till)
    return known.name if known else till


@login_not_required
@require_POST
def judge(request: HttpRequest) -> HttpResponse:
    """Warn, block or activate a till, as the operator."""
    till, order = request.POST.get("till", ""), JUDGEMENTS.get(request.POST.get("state", ""))
    if order is None or current.place().till(till) is None:
        raise Http404
    _order("operator", order.door, order.filled(till, current.now_ms()))
    return redirect(f"{reverse('switchboard:operator')}?{urlencode({'till': till})}")


@login_not_required
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Take a refused document again, as the operator."""
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise Http404
    _order("operator", "accept", {"serial": request.POST.get("serial", ""), "number": int(number)})
    return redirect(f"{reverse('switchboard:operator')}?{urlencode({'till': request.POST.get('till', '')})}")


def _order(name: str, door: str, body: Mapping[str, Any]) -> None:
    with suppress(TwinsUnreachable):  # the page says so when it is shown again
        twins().order(name, door, body)


# ── the licensing's ─────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@require_GET
def licensing(request: HttpRequest) -> HttpResponse:
    """Every licence with its account, until when it is paid, and what is said of it."""
    now_ms = current.now_ms()
    try:
        state = twins().states().licensing
    except TwinsUnreachable:
        return render(request, "switchboard/away.html")
    if state is None:
        raise Http404
    rows = [
        (one, said, [(code, word, code in messages(one, now_ms)) for code, word in MESSAGES.items()])
        for one, said in licences_of(state, now_ms)
    ]
    currency = next((till.currency for till in current.place().tills), "EUR")
    return render(request, "switchboard/licensing.html", {"rows": rows, "currency": currency})


@login_not_required
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Have one message said of a licence, or no longer."""
    code, serial = request.POST.get("message", ""), request.POST.get("serial", "")
    if code not in MESSAGES or not serial:
        raise Http404
    on = request.POST.get("on") == "1"
    _order("licensing", "switch", {"message": code, "on": on, "serial": serial})
    return redirect(f"{reverse('switchboard:licensing')}#{serial}")


@login_not_required
@require_POST
def settle(_request: HttpRequest) -> HttpResponse:
    """Nothing is wrong with any licence."""
    _order("licensing", "well", {})
    return redirect("switchboard:licensing")
