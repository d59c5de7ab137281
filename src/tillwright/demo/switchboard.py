"""The switchboard: pages on which the twins of a demo are told to misbehave, and show what they really hold.

They exist only where the station is a demo that knows its twins. The station itself learns nothing from
them: an order goes to the twins' own control endpoint, and what comes of it comes over the wire.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.demo.switchboard_client import (
    Armed,
    TwinDocument,
    Twins,
    TwinState,
    TwinsUnreachable,
    TwinTruth,
)
from tillwright.demo.switchboard_words import STORIES, SWITCHES, WELL, Order, Switch
from tillwright.web import current

KINDS = {"sale": _("Sale"), "deposit": _("Cash in")}
MOST_NEXT = 1_000
LONGEST_S = 3_600


@dataclass(frozen=True, slots=True)
class SwitchShown:
    """A switch with how it stands: `how` is '', 'next', 'always' or 'sometimes'."""

    switch: Switch
    how: str
    next: int
    percent: int
    struck: int


@dataclass(frozen=True, slots=True)
class Card:
    """A device as its card shows it."""

    state: TwinState
    truth: TwinTruth
    till_name: str
    switches: Sequence[SwitchShown]
    documents: Sequence[tuple[Any, TwinDocument]]

    @property
    def condition(self) -> str:
        """'unplugged', 'down', 'armed' or 'well'."""
        if not self.state.plugged:
            return "unplugged"
        if self.state.down:
            return "down"
        return "armed" if self.state.armed else "well"


def _twins() -> Twins:
    place = current.place()
    if not (place.demo and place.twins_url):
        raise Http404
    return Twins(place.twins_url)


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@require_GET
def switchboard(request: HttpRequest) -> HttpResponse:
    """All devices with their switches and their truth."""
    return _page(request, "switchboard/switchboard.html")


@login_not_required
@never_cache
@require_GET
def truth(request: HttpRequest) -> HttpResponse:
    """What changes by itself: the states of the switches and the truth of each device."""
    return _page(request, "switchboard/parts/changes.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    try:
        cards = _cards(_twins())
    except TwinsUnreachable:
        return render(request, "switchboard/away.html" if template.endswith("board.html") else template)
    content = {"cards": cards, "stories": STORIES, "opened": request.GET.get("open", "")}
    return render(request, template, content)


def _cards(twins: Twins) -> list[Card]:
    return [_card(state, twins.truth(state)) for state in twins.states()]


def _card(state: TwinState, truth: TwinTruth) -> Card:
    till = current.place().till(state.till)
    switches = [_switch(one, state) for one in SWITCHES]
    documents = [(KINDS.get(one.kind, one.kind), one) for one in reversed(truth.documents)]
    return Card(state, truth, till.name if till else state.till, switches, documents)


def _switch(switch: Switch, state: TwinState) -> SwitchShown:
    armed = state.armed.get(switch.fault, Armed())
    how = "always" if armed.always else "next" if armed.next else "sometimes" if armed.probability else ""
    return SwitchShown(
        switch, how, armed.next, round(armed.probability * 100), state.struck.get(switch.fault, 0)
    )


# ── pressing ───────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@require_POST
def press(request: HttpRequest, serial: str) -> HttpResponse:
    """Arm or disarm one fault of a device."""
    fault, how = request.POST.get("fault", ""), request.POST.get("how", "")
    switch = next((one for one in SWITCHES if one.fault == fault), None)
    if switch is None:
        raise Http404
    return _give(serial, [Order("faults", _order(request, switch, how))], opened=True)


def _order(request: HttpRequest, switch: Switch, how: str) -> Mapping[str, object]:
    order: dict[str, object] = {"fault": switch.fault}
    if how == "off":
        return {**order, "off": True}
    if switch.seconds:
        seconds = _number(request.POST.get("seconds", ""), switch.seconds, LONGEST_S)
        order["off_ms" if switch.fault == "clock_off" else "delay_ms"] = seconds * 1000
    if how == "always":
        return {**order, "always": True}
    return {**order, "next": _number(request.POST.get("next", ""), 5, MOST_NEXT) if how == "next" else 1}


def _number(text: str, usual: int, most: int) -> int:
    return min(max(int(text), 1), most) if text.isdecimal() and len(text) < 7 else usual


@login_not_required
@require_POST
def story(request: HttpRequest, serial: str) -> HttpResponse:
    """Begin a story at a device; the orders of an earlier one are taken back first."""
    wanted = next((one for one in STORIES if one.name == request.POST.get("story")), None)
    if wanted is None:
        raise Http404
    answer = _give(serial, [*WELL, *wanted.orders])
    if wanted.ends_ms:
        _later(wanted.ends_ms, _twins(), serial, [_off(order) for order in wanted.orders])
    return answer


def _off(order: Order) -> Order:
    return Order("faults", {"fault": order.body["fault"], "off": True})


def _later(delay_ms: int, twins: Twins, serial: str, orders: Sequence[Order]) -> None:
    timer = threading.Timer(delay_ms / 1000, _give_quietly, (twins, serial, orders))
    timer.daemon = True
    timer.start()


@login_not_required
@require_POST
def well(request: HttpRequest, serial: str) -> HttpResponse:
    """Make all well again at a device."""
    return _give(serial, WELL)


@login_not_required
@require_POST
def plug(request: HttpRequest, serial: str) -> HttpResponse:
    """Plug a device in or out."""
    return _give(serial, [Order("plug", {"plugged": request.POST.get("plugged") == "1"})])


def _give(serial: str, orders: Sequence[Order], *, opened: bool = False) -> HttpResponse:
    """Give the orders, then show the device again; with its switches, if one of them was pressed."""
    twins = _twins()
    try:
        if serial not in {state.serial for state in twins.states()}:
            raise Http404
        for order in orders:
            twins.order(serial, order.door, order.body)
    except TwinsUnreachable:
        pass  # the page says so when it is shown again
    page = reverse("switchboard:switchboard")
    return redirect(f"{page}?open={serial}#{serial}" if opened else f"{page}#{serial}")


def _give_quietly(twins: Twins, serial: str, orders: Sequence[Order]) -> None:
    try:
        for order in orders:
            twins.order(serial, order.door, order.body)
    except TwinsUnreachable:
        return  # the twins have gone, and their faults with them
