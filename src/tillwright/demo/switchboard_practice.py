"""The page of a practice: begin one, look and do with one's own hands, and see how it went."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.languages import ours
from tillwright.demo import switchboard
from tillwright.demo.careful_till import CarefulTill
from tillwright.demo.drills import practice
from tillwright.demo.drills.best import BestStep
from tillwright.demo.drills.practice import Ground, Practice, Standing
from tillwright.demo.drills.world import World
from tillwright.demo.shop import ShopTill
from tillwright.demo.switchboard_client import DeviceState, TwinsUnreachable, line
from tillwright.kernel.fault import FaultError
from tillwright.web import current, looks

MOST_ROWS = 100
SURPRISE = "any"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be looked at or done, in words."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was done, in words."""

    says: str
    seen: str
    people_s: int


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What can be practised; or the practice that runs at this till, or how the last one went."""
    try:
        device = _device(request.GET.get("till", ""))
    except TwinsUnreachable:
        return render(request, "switchboard/away.html")
    run = practice.running(device.till)
    if run is not None:
        _see_whether_over(run, device.till)
    place = current.place().till(device.till)
    content: dict[str, Any] = {
        "till": device.till,
        "till_name": place.name if place else device.till,
        "tills": [(one.till, one.name) for one in _tills()],
        "run": run,
        "choices": _codes() if run is None else (),
        "surprise": SURPRISE,
    }
    return render(request, "switchboard/practice.html", {**content, **(_running(run) if run else {})})


def _device(till: str) -> DeviceState:
    states = switchboard.twins().states()
    found = next((one for one in states.devices if one.till == till), None)
    if found is None:
        found = next(iter(states.devices), None)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    till: str
    name: str


def _tills() -> list[_Named]:
    return [_Named(one.id, one.name) for one in current.place().tills]


def _codes() -> list[Choice]:
    """What can be practised, as people call it."""
    return [Choice(code, _called(current.place().catalogue.entry(code))) for code in practice.codes()]


def _called(entry: Entry) -> str:
    """What people call a fault most: the first of its other names, without facts that nobody has yet."""
    language = ours(looks.language())
    names = entry.known_as.texts(language)
    name = names[0] if names else entry.code
    return name[:1].upper() + name[1:]


def _running(run: Practice) -> dict[str, Any]:
    language, entry, score = ours(looks.language()), run.entry, run.score
    causes = {one.id: one.says.text(language) for one in entry.causes}
    return {
        "looks": [Choice(one.id, one.asks.text(language)) for one in entry.checks if one.asks],
        "does": [Choice(one.id, one.says.text(language)) for one in entry.remedies if not one.action],
        "call": entry.escalate.says.text(language) if entry.escalate else "",
        "deeds": [_told(run, one.kind, one.id, one.people_s, one.answer) for one in run.deeds],
        "sells": run.exercise.sells,
        "score": score,
        "cause": causes.get(run.scenario.planted, ""),
        "said": _called(entry),
        "best": [_best(run, one) for one in score.best] if score else (),
    }


def _told(run: Practice, kind: str, id: str, people_s: int, answer: str) -> Told:
    language = ours(looks.language())
    if kind == "look":
        check = next(one for one in run.entry.checks if one.id == id)
        return Told(check.asks.text(language) if check.asks else id, _answer(run, id, answer), people_s)
    if kind == "do":
        remedy = next(one for one in run.entry.remedies if one.id == id)
        return Told(remedy.says.text(language), "", people_s)
    return Told(_("Called for help"), "", people_s)


def _answer(run: Practice, check: str, answer: str) -> str:
    """What is seen, in words."""
    plain = {"yes": _("Yes"), "no": _("No"), "": _("Nobody can tell")}
    spec = next(one for one in run.entry.checks if one.id == check)
    found = next((one for one in spec.answers if one.id == answer), None)
    if found is not None and found.says is not None:
        return found.says.text(ours(looks.language()))
    return plain.get(answer, answer)


def _best(run: Practice, step: BestStep) -> Told:
    kind = {"check": "look", "remedy": "do"}.get(step.kind, "call")
    answer = "" if step.answer == "cannot-tell" else step.answer
    return _told(run, kind, step.id, step.people_s, answer)


# ── whether it is over ──────────────────────────────────────────────────────────────────────────────────────


def _see_whether_over(run: Practice, till: str) -> None:
    """All is well in truth, and at the till: then it is over."""
    if run.score is not None:
        return
    reds = current.station().till_state(till).reds
    if reds:
        run.world.seen["red"] = True
    with suppress(httpx.HTTPError, StopIteration):
        if run.is_mended(len(reds)) and (run.deeds or not run.exercise.sells or run.world.seen.get("red")):
            run.end(True, standing(run, till), current.now_ms())


def standing(run: Practice, till: str) -> Standing:
    """Money in doubt: what is red, and by how much book and device differ. Forbidden: operations begun since,
    of kinds that may not be, and remedies that may not be.
    """
    station = current.station()
    reds = station.till_state(till).reds
    difference = station.cash_state(till).difference_minor or 0
    names = {name for never in run.entry.never for name in never.forbids}
    rows = station.page(till=till, state=None, after=None, limit=MOST_ROWS).items
    kinds = [row.kind for row in rows if row.changed_ms >= run.began_ms]
    kinds = kinds[:-1] if run.exercise.sells else kinds  # the first one is what is practised with
    forbidden = sum(f"kind:{kind}" in names for kind in kinds)
    forbidden += sum(one.id in names for one in run.deeds)
    return Standing(sum(row.total_minor for row in reds) + abs(difference), forbidden)


# ── pressing ───────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@require_POST
def begin(request: HttpRequest, till: str) -> HttpResponse:
    """Break something at this till."""
    wanted = request.POST.get("code", "")
    exercise = practice.pick("" if wanted == SURPRISE else wanted)
    if exercise is None:
        raise Http404
    with suppress(TwinsUnreachable, httpx.HTTPError):  # the page says so when it is shown again
        device = _device(till)
        if device.till != till:
            raise Http404
        entry = current.place().catalogue.entry(exercise.scenario.walks)
        run = Practice(exercise, entry, _world(device), current.now_ms())
        practice.begin(till, run)
    return _back(till)


def _world(device: DeviceState) -> World:
    """The twins of this till, as the scenarios see them. Nobody presses anything for the person."""
    till = ShopTill(device.till, device.till, device.currency, device.serial, 0)
    careful = CarefulTill("", "", threading.Event())
    return World(Ground(current.place().twins_url), till, _Now(), careful, line())


class _Now:
    """The station's clock, as the scenarios ask for it."""

    def now_ms(self) -> int:
        """The time at the station."""
        return current.now_ms()


@login_not_required
@require_POST
def act(request: HttpRequest, till: str) -> HttpResponse:
    """Look, do, call for help, give up, or go back to the choice."""
    run = practice.running(till)
    if run is None:
        return _back(till)
    what, id = request.POST.get("what", ""), request.POST.get("id", "")
    with suppress(httpx.HTTPError):  # the page shows how it stands
        if what == "look":
            run.look(id)
        elif what == "do":
            run.do(id)
        elif what == "call":
            run.call()
        elif what == "give-up" and run.score is None:
            run.end(False, standing(run, till), current.now_ms())
    if what == "leave":
        with suppress(TwinsUnreachable, FaultError):
            switchboard.make_well(till)
        practice.leave(till)
    return _back(till)


def _back(till: str) -> HttpResponse:
    return redirect(f"{reverse('switchboard:practice')}?{urlencode({'till': till})}")
