"""Settling an unknown operation: the page of the walk, asking the operator, a person's word.

The page asks the operator by itself when it is opened, and follows what comes; a person chooses among what
the evidence allows, gives a reason, and somebody else stands behind it where that is asked for.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Operation
from tillwright.operations.rulings import Ruling
from tillwright.operations.states import OperationState
from tillwright.till import walk
from tillwright.till.showing import shown
from tillwright.till.starting import role_of
from tillwright.till.views import cashier_of, till_or_fault
from tillwright.till.walk import Typed, Walk
from tillwright.till.walk_words import CANCEL, HAPPENED, KEEP, OWED
from tillwright.web import current, looks
from tillwright.web.approving import granted
from tillwright.web.permission import allowed
from tillwright.web.words import say

LONGEST = {
    "choice": 16, "number": 16, "day": 10, "time": 8, "unique": 64, "spoke_with": 60, "spoke_day": 10,
    "spoke_time": 8, "spoke_offered": 20, "reason": 32, "usual": 32,
}  # fmt: skip
PURPOSE = "ruling"
MINUTE_MS = 60_000


def _own(request: HttpRequest, uid: str) -> Operation:
    """An operation of this browser's till. Raises FaultError: api.not-found."""
    found = current.station().operation(uid)
    if found is None or found.till != till_or_fault(request).id:
        raise FaultError(Fault("api.not-found"))
    return found


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────


@never_cache
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, uid: str) -> HttpResponse:
    """The walk; on POST a person's word."""
    found = _own(request, uid)
    if request.method == "POST":
        return _take(request, found)
    if found.state is not OperationState.RED:
        return redirect("till:operation", uid)
    return _page(request, found)


@never_cache
@require_GET
def steps(request: HttpRequest, uid: str) -> HttpResponse:
    """The steps as they are now; 204 while nothing has changed, a fresh start once it is settled."""
    found = _own(request, uid)
    if found.state is not OperationState.RED:
        return _settled()
    content = _content(request, found, _typed(request.GET))
    if request.GET.get("seen") == content["seen"]:
        return HttpResponse(status=204)
    return render(request, "till/parts/walk.html", content)


@require_POST
def ask(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask the operator, and the device once more."""
    found = _own(request, uid)
    fault = None
    try:
        if walk.has_operator(found.till):
            current.station().enquire(uid, cashier_of(request))
        current.station().go_on(uid, cashier_of(request))
    except FaultError as error:
        fault = error.fault if error.fault.code != "till.too-late" else None
    found = current.station().operation(uid) or found
    if found.state is not OperationState.RED:
        return _settled()
    content = _content(request, found, _typed(request.POST))
    content["said"] = say(fault, looks.language()) if fault else None
    return render(request, "till/parts/walk.html", content)


def _settled() -> HttpResponse:
    """It has ended by itself: the page begins anew, and leads on to the receipt."""
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def _page(
    request: HttpRequest, found: Operation, typed: Typed = walk.NOTHING_TYPED, fault: Fault | None = None
) -> HttpResponse:
    content = _content(request, found, typed)
    content["said"] = say(fault, looks.language()) if fault else None
    content["asks"] = walk.should_ask(found)
    status = (current.place().catalogue.entry(fault.code).http_status or 422) if fault else 200
    return render(request, "till/settle.html", content, status=status)


def _content(request: HttpRequest, found: Operation, typed: Typed) -> dict[str, object]:
    station = current.station()
    made = walk.walk_of(found, allowed(request, PURPOSE), typed)
    enquiries = station.enquiries(found.uid)
    return {
        "walk": made,
        "operation": found,
        "shown": shown(found, station.events(found.uid), station.policy, current.now_ms(), enquiries),
        "seen": _seen(made),
        "local": _local(made),
    }


def _seen(made: Walk) -> str:
    """All that matters on the page, in a word: it is drawn anew when this changes. That a party was asked
    once more and said nothing does not matter.
    """
    legs = "".join(f"{leg.number}{leg.state.value}" for leg in made.operation.legs)
    against = "".join("." if one.is_open else "x" for one in made.choices)
    question = made.operation.question.value if made.operation.question else ""
    asked = f"{made.asked.state}-{made.enquiry_id}-{made.cash.undelivered}"
    return f"{legs}-{question}-{asked}-{against}"


def _local(made: Walk) -> dict[str, str]:
    """Days and times as the form begins with them: the operation's own, and now for a talk."""
    zone, typed = current.place().zone, made.typed
    at = datetime.fromtimestamp(made.operation.started_ms / 1000, zone)
    now = datetime.fromtimestamp(current.now_ms() / 1000, zone)
    return {
        "day": typed.day or f"{at:%Y-%m-%d}",
        "time": typed.time or f"{at:%H:%M}",
        "spoke_day": f"{now:%Y-%m-%d}" if _is_now(typed) else typed.spoke_day,
        "spoke_time": f"{now:%H:%M}" if _is_now(typed) else typed.spoke_time,
        "spoke_offered": f"{now:%Y-%m-%d %H:%M}" if _is_now(typed) else typed.spoke_offered,
        "today": f"{now:%Y-%m-%d}",
    }


def _is_now(typed: Typed) -> bool:
    """Whether the time of a talk is the one that the page had put there: now."""
    return f"{typed.spoke_day} {typed.spoke_time}".strip() in ("", typed.spoke_offered)


# ── a person's word ─────────────────────────────────────────────────────────────────────────────────────────


def _typed(form: QueryDict) -> Typed:
    return Typed(**{name: form.get(name, "").strip()[:most] for name, most in LONGEST.items()})


def _take(request: HttpRequest, found: Operation) -> HttpResponse:
    typed, station = _typed(request.POST), current.station()
    try:
        if typed.choice == KEEP:
            station.go_on(found.uid, cashier_of(request))
        elif typed.choice == CANCEL:
            station.cancel(found.uid, cashier_of(request))
        else:
            station.rule(_ruling(request, found, typed), role_of(request), granted(request))
    except FaultError as error:
        if error.fault.code == "till.too-late":
            return redirect("till:operation", found.uid)
        return _page(request, station.operation(found.uid) or found, typed, error.fault)
    return redirect("till:operation", found.uid)


def _ruling(request: HttpRequest, found: Operation, typed: Typed) -> Ruling:
    """What the form says. Raises FaultError: till.ruling-not-possible for what is none."""
    made = walk.walk_of(found, allowed(request, PURPOSE), typed)
    if made.leg is None or typed.choice not in {one.saying.name for one in made.choices}:
        raise FaultError(Fault("till.ruling-not-possible", kind=found.kind))
    listed, happened = made.asked.listed, typed.choice in (HAPPENED, OWED)
    ruling = walk.trial(made, typed.choice)
    return Ruling(
        uid=found.uid,
        leg=ruling.leg,
        version=_version(request, found, made),
        happened=happened,
        then=ruling.then,
        person=cashier_of(request),
        second="",
        reason=typed.reason,
        document_number=(listed.number if listed else _whole(typed.number)) if happened else None,
        registered_ms=(listed.registered_ms if listed else _moment_ms(typed.day, typed.time))
        if happened
        else None,
        unique_number=(listed.unique_number if listed else typed.unique) if happened else None,
        enquiry=made.enquiry_id or None,
        spoke_with=typed.spoke_with or None,
        spoke_ms=_spoke_ms(typed) if typed.spoke_with else None,
    )


def _version(request: HttpRequest, found: Operation, made: Walk) -> int:
    """The version that the person has seen: the present one, if nothing that matters has changed since."""
    if request.POST.get("seen", "") == _seen(made):
        return found.version
    return _whole(request.POST.get("version", "")) or 0


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _spoke_ms(typed: Typed) -> int:
    """When somebody was spoken to: the end of the minute that was typed, which may not be over yet; now,
    where nobody has changed what the page had put there. Raises FaultError: till.ruling-field.
    """
    now_ms = current.now_ms()
    if _is_now(typed):
        return now_ms
    minute_ms = _moment_ms(typed.spoke_day, typed.spoke_time[:5])
    if minute_ms is None:
        raise FaultError(Fault("till.ruling-field", field="spoke_at", reason="format"))
    return max(minute_ms, min(now_ms, minute_ms + MINUTE_MS - 1))


def _moment_ms(day: str, time: str) -> int | None:
    """Day and time in the station's zone, as they stand on the document; None for what is none."""
    try:
        at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=current.place().zone)
    except ValueError:
        return None
    return max(0, int(at.timestamp()) * 1000)
