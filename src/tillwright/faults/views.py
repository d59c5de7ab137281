"""Diagnoses on pages: starting one, the card, and every press on it; the list of all.

Every press says how many events its page had seen. One that came too late changes nothing: the page is shown
as it is now, with a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tillwright.diagnosis.events import Outcome
from tillwright.faults import at_work, beginning, listing, record, words
from tillwright.faults.running import Diagnoses, View
from tillwright.faults.showing import card_of
from tillwright.kernel.fault import Fault, FaultError
from tillwright.people.models import Account
from tillwright.till.starting import role_of
from tillwright.till.views import cashier_of
from tillwright.web import current, looks
from tillwright.web.words import say

LONGEST_ID = 80
LONGEST_STEP_MS = 4 * 3_600_000
"""Whoever needed longer for a step did something else meanwhile."""


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_GET
def diagnosis(request: HttpRequest, uid: str) -> HttpResponse:
    """The page of a diagnosis."""
    return _page(request, at_work.diagnoses().view(uid))


@never_cache
@require_GET
def card(request: HttpRequest, uid: str) -> HttpResponse:
    """The part of the page that changes; 204 while nothing has happened since `seen`."""
    shown = card_of(at_work.diagnoses().view(uid), role_of(request))
    if request.GET.get("seen") == shown.mark:
        return HttpResponse(status=204)
    return render(request, "faults/parts/card.html", _content(request, shown))


def _page(request: HttpRequest, view: View, fault: Fault | None = None) -> HttpResponse:
    content = _content(request, card_of(view, role_of(request)))
    content["notice_said"] = say(fault, looks.language()) if fault else None
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, "faults/diagnosis.html", content, status=status)


def _content(request: HttpRequest, shown: Any) -> dict[str, Any]:
    return {"card": shown, "me": cashier_of(request), "states": words.STATES}


@never_cache
@require_GET
def whole_record(request: HttpRequest, uid: str) -> HttpResponse:
    """The whole record, to be printed or read out on the telephone."""
    view = at_work.diagnoses().view(uid)
    content = {**_content(request, card_of(view, role_of(request))), "record": record.record_of(view)}
    return render(request, "faults/record.html", content)


@never_cache
@require_GET
def diagnoses(request: HttpRequest) -> HttpResponse:
    """All diagnoses, open ones first."""
    return render(request, "faults/diagnoses.html", {"rows": listing.rows(), "states": words.STATES})


# ── starting ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Open the diagnosis of a fault, or begin it; a page that says which, for who comes by a plain link."""
    wanted = beginning.wanted(request)
    found = beginning.open_one(wanted)
    if found is None and request.method == "POST":
        found = beginning.begin(wanted, cashier_of(request))
    if found is None:
        said = say(wanted.fault, looks.language())
        return render(request, "faults/start.html", {"wanted": wanted, "told": said})
    return _sent_to(request, found)


@never_cache
@require_GET
def of_part(request: HttpRequest, part: str) -> HttpResponse:
    """The open diagnosis of a part of this till; else its row in the settings."""
    found = beginning.open_of_part(request, part)
    if found is not None:
        return redirect("faults:diagnosis", found)
    return redirect(f"{reverse('till:settings')}#party-{part}")


def _sent_to(request: HttpRequest, uid: str) -> HttpResponse:
    address = reverse("faults:diagnosis", args=[uid])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


# ── presses ─────────────────────────────────────────────────────────────────────────────────────────────────

Deed = Callable[[Diagnoses, str, int], None]


def _press(request: HttpRequest, uid: str, deed: Deed) -> HttpResponse:
    """Do it, and show the page; if it was too late, or may not be, with a notice that says so."""
    at = at_work.diagnoses()
    try:
        deed(at, cashier_of(request), _whole(request.POST.get("seen", "")))
    except FaultError as error:
        if error.fault.code == "api.not-found":
            raise
        return _page(request, at.view(uid), error.fault)
    return redirect("faults:diagnosis", uid)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1


def _named(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()[:LONGEST_ID]


@require_POST
def answer(request: HttpRequest, uid: str) -> HttpResponse:
    """A question is answered; without an answer, nobody can tell."""
    check, given = _named(request, "check"), _named(request, "answer")

    def deed(at: Diagnoses, person: str, seen: int) -> None:
        if given:
            at.answer(uid, check, given, person, seen)
        else:
            at.cannot_tell(uid, check, person, seen)

    return _press(request, uid, deed)


@require_POST
def done(request: HttpRequest, uid: str) -> HttpResponse:
    """A remedy has been done."""
    remedy, took_ms = _named(request, "remedy"), max(0, _whole(request.POST.get("took_ms", "")))
    took_ms = took_ms if took_ms <= LONGEST_STEP_MS else 0
    return _press(request, uid, lambda at, person, seen: at.did(uid, remedy, person, seen, took_ms))


@require_POST
def agree(request: HttpRequest, uid: str) -> HttpResponse:
    """The program may do what it has announced."""
    remedy, key = _named(request, "remedy"), request.session.session_key or ""
    role = role_of(request)
    return _press(request, uid, lambda at, person, seen: at.consent(uid, remedy, person, role, seen, key))


@require_POST
def verified(request: HttpRequest, uid: str) -> HttpResponse:
    """A person has looked whether it is gone."""
    named = _named(request, "outcome")
    outcome = Outcome(named) if named in {one.value for one in Outcome} else Outcome.UNKNOWN
    return _press(request, uid, lambda at, person, seen: at.verified(uid, outcome, person, seen))


@require_POST
def look_again(request: HttpRequest, uid: str) -> HttpResponse:
    """Look once more whether it is gone."""
    return _press(request, uid, lambda at, _person, _seen: at.look_again(uid))


@require_POST
def undo(request: HttpRequest, uid: str) -> HttpResponse:
    """An answer, or a remedy, was not so."""
    step = _named(request, "step")
    return _press(request, uid, lambda at, person, seen: at.undo(uid, step, person, seen))


@never_cache
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, uid: str) -> HttpResponse:
    """Somebody else goes on: who is chosen on a page."""
    to, at = _named(request, "to"), at_work.diagnoses()
    people = (
        Account.objects.filter(is_active=True).order_by("name").exclude(number=_whole(cashier_of(request)))
    )
    chosen = next((one.cashier for one in people if one.cashier == to), "")
    if request.method == "POST" and chosen:
        return _press(request, uid, lambda at, person, seen: at.hand_over(uid, chosen, person, seen))
    content = {**_content(request, card_of(at.view(uid), role_of(request))), "people": people}
    return render(request, "faults/hand_over.html", content)


@require_POST
def leave(request: HttpRequest, uid: str) -> HttpResponse:
    """The person goes away from it: back to the list."""
    answer = _press(request, uid, lambda at, person, seen: at.leave(uid, person, seen))
    return redirect("faults:diagnoses") if answer.status_code == 302 else answer


@require_POST
def come_back(request: HttpRequest, uid: str) -> HttpResponse:
    """A person comes back to it."""
    return _press(request, uid, lambda at, person, seen: at.come_back(uid, person, seen))


@require_POST
def escalate(request: HttpRequest, uid: str) -> HttpResponse:
    """Give it to somebody else, with its record."""
    return _press(request, uid, lambda at, person, seen: at.escalate(uid, person, seen))


@require_POST
def close(request: HttpRequest, uid: str) -> HttpResponse:
    """End it, with the cause where somebody knows it."""
    cause = _named(request, "cause")
    return _press(request, uid, lambda at, person, seen: at.close(uid, person, seen, cause))
