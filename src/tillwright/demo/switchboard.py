"""The switchboard: pages on which the twins of a demo are told to misbehave, and show what they really hold.

They exist only where the station is a demo that knows its twins. The station itself learns nothing from
them: an order goes to the twins' own control endpoint, and what comes of it comes over the wire. One page
shows the twins of one till: its device and its printer, and the operator and the licensing of all tills.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tillwright.demo import switchboard_dials
from tillwright.demo.document_names import DOCUMENTS
from tillwright.demo.switchboard_client import (
    Armed,
    Cabinet,
    DeviceState,
    LicensingState,
    OperatorState,
    PrinterState,
    Slip,
    States,
    TwinDocument,
    Twins,
    TwinState,
    TwinsUnreachable,
    TwinTruth,
)
from tillwright.demo.switchboard_dials import MESSAGES, DialShown
from tillwright.demo.switchboard_words import (
    DEVICE,
    LICENSING,
    OPERATOR,
    PRINTER,
    SHELVES,
    STORIES,
    SWITCHES,
    WELL,
    Order,
    Shelf,
    Switch,
)
from tillwright.parties.licensing.licence import Licence
from tillwright.web import current, strip

MOST_NEXT = 1_000
LONGEST_S = 3_600
NAMES: Mapping[str, Any] = {
    DEVICE: _("Control device"),
    PRINTER: _("Receipt printer"),
    OPERATOR: _("Operator"),
    LICENSING: _("Licensing"),
}
_WITHOUT = {PRINTER: ("clock_off", "restored_backup", "deliver_late")}
"""Faults that mean nothing to a kind of twin: no clock of a printer matters, and paper has no old backup."""


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
    """A twin as its card shows it; what it holds is in the field of its kind."""

    kind: str
    state: TwinState
    switches: Sequence[SwitchShown]
    dials: Sequence[DialShown]
    truth: TwinTruth | None = None
    documents: Sequence[tuple[Any, TwinDocument]] = ()
    slips: Sequence[Slip] = ()
    cabinet: Cabinet | None = None
    licences: Sequence[tuple[Licence, Sequence[Any]]] = ()

    @property
    def name(self) -> Any:
        """What people call this kind of twin."""
        return NAMES[self.kind]

    @property
    def condition(self) -> str:
        """'unplugged', 'down', 'armed' or 'well'."""
        return self.state.condition


@dataclass(frozen=True, slots=True)
class Board:
    """The twins of one till, and how to find them by kind."""

    till: str
    states: States
    of: Mapping[str, TwinState] = field(default_factory=dict)


def twins() -> Twins:
    """The twins of this demo. Raises Http404 where there are none."""
    place = current.place()
    if not (place.demo and place.twins_url):
        raise Http404
    return Twins(place.twins_url)


def board_of(states: States, till: str) -> Board:
    """The twins of a till; of the first one where there is no such till. Raises Http404 without devices."""
    device = next((one for one in states.devices if one.till == till), None)
    device = device or next(iter(states.devices), None)
    if device is None:
        raise Http404
    position = states.devices.index(device)
    printer = next((one for one in states.printers if one.serial.endswith(device.till)), None)
    if printer is None and position < len(states.printers):
        printer = states.printers[position]
    found = {DEVICE: device, PRINTER: printer, OPERATOR: states.operator, LICENSING: states.licensing}
    return Board(device.till, states, {kind: one for kind, one in found.items() if one is not None})


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@never_cache
@require_GET
def switchboard(request: HttpRequest) -> HttpResponse:
    """The twins of one till with their switches and their truth."""
    return _page(request, "switchboard/switchboard.html")


@login_not_required
@never_cache
@require_GET
def truth(request: HttpRequest) -> HttpResponse:
    """What changes by itself: the states of the switches and the truth of each twin."""
    return _page(request, "switchboard/parts/changes.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    try:
        content = _content(request, twins())
    except TwinsUnreachable:
        return render(request, "switchboard/away.html" if template.endswith("board.html") else template)
    return render(request, template, content)


def _content(request: HttpRequest, door: Twins) -> dict[str, Any]:
    bound = strip.till_of(request)
    board = board_of(door.states(), request.GET.get("till") or (bound.id if bound else ""))
    return {
        "cards": [_card(door, board, kind, state) for kind, state in board.of.items()],
        "shelves": _shelves(board),
        "chosen": board.till,
        "tills": [(one.till, _till_name(one.till)) for one in board.states.devices],
        "opened": request.GET.get("open", ""),
    }


def _shelves(board: Board) -> list[Shelf]:
    """The stories that can be played with the twins that are there."""
    found = [
        Shelf(shelf.title, tuple(s for s in shelf.stories if s.twins <= set(board.of))) for shelf in SHELVES
    ]
    return [shelf for shelf in found if shelf.stories]


def _till_name(till: str) -> str:
    known = current.place().till(till)
    return known.name if known else till


def _card(door: Twins, board: Board, kind: str, state: TwinState) -> Card:
    switches = [_switch(one, state) for one in SWITCHES if one.fault not in _WITHOUT.get(kind, ())]
    dials = switchboard_dials.shown(state, board.till, current.now_ms())
    return Card(kind, state, switches, dials, **_held(door, board, state))


def _held(door: Twins, board: Board, state: TwinState) -> dict[str, Any]:
    """What the twin of a card holds, under the name of the card's field."""
    match state:
        case DeviceState():
            held = door.truth(state)
            documents = [(DOCUMENTS.get(one.kind, one.kind), one) for one in reversed(held.documents)]
            return {"truth": held, "documents": documents}
        case PrinterState():
            return {"slips": door.slips(state)}
        case OperatorState():
            return {"cabinet": door.cabinet({"till": board.till})}
        case LicensingState():
            return {"licences": licences_of(state, current.now_ms())}
    return {}


def licences_of(state: LicensingState, now_ms: int) -> list[tuple[Licence, list[Any]]]:
    """Every licence that was asked about, and what is said of it."""
    return [
        (one, [MESSAGES[code] for code in switchboard_dials.messages(one, now_ms)])
        for one in state.licences
        if one.serial != "*"
    ]


def _switch(switch: Switch, state: TwinState) -> SwitchShown:
    armed = state.armed.get(switch.fault, Armed())
    how = "always" if armed.always else "next" if armed.next else "sometimes" if armed.probability else ""
    return SwitchShown(
        switch, how, armed.next, round(armed.probability * 100), state.struck.get(switch.fault, 0)
    )


@login_not_required
@never_cache
@require_GET
def slip(_request: HttpRequest, name: str, number: int) -> HttpResponse:
    """The picture of one slip of a printer."""
    try:
        found = twins().slip(name, number)
    except TwinsUnreachable:
        raise Http404 from None
    if found is None:
        raise Http404
    return HttpResponse(b64decode(found.png), content_type="image/png")


# ── pressing ───────────────────────────────────────────────────────────────────────────────────────────────


@login_not_required
@require_POST
def press(request: HttpRequest, name: str) -> HttpResponse:
    """Arm or disarm one fault of a twin."""
    fault, how = request.POST.get("fault", ""), request.POST.get("how", "")
    switch = next((one for one in SWITCHES if one.fault == fault), None)
    if switch is None:
        raise Http404
    order = Order("faults", _order(request, switch, how))
    return _give_one(request, name, order, opened=True)


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
def turn(request: HttpRequest, name: str) -> HttpResponse:
    """Turn a dial of a twin."""
    kind = request.POST.get("kind", "")
    order = switchboard_dials.order_of(kind, request.POST.get("dial", ""), request.POST.get("option", ""))
    if order is None:
        raise Http404
    return _give_one(request, name, order)


def _give_one(request: HttpRequest, name: str, order: Order, *, opened: bool = False) -> HttpResponse:
    till = request.POST.get("till", "")
    door = twins()
    with suppress(TwinsUnreachable):  # the page says so when it is shown again
        if door.states().named(name) is None:
            raise Http404
        door.order(name, order.door, order.filled(till, current.now_ms()))
    return _back(till, name, opened=opened)


@login_not_required
@require_POST
def story(request: HttpRequest, till: str) -> HttpResponse:
    """Begin a story at a till; the orders of an earlier one are taken back first."""
    wanted = next((one for one in STORIES if one.name == request.POST.get("story")), None)
    if wanted is None:
        raise Http404
    _give(till, [*WELL, *wanted.orders])
    if wanted.ends_ms:
        _later(wanted.ends_ms, twins(), till, [_off(order) for order in wanted.orders])
    return _back(till, "")


def _off(order: Order) -> Order:
    return Order("faults", {"fault": order.body["fault"], "off": True}, order.twin)


def _later(delay_ms: int, door: Twins, till: str, orders: Sequence[Order]) -> None:
    timer = threading.Timer(delay_ms / 1000, _give_quietly, (door, till, orders))
    timer.daemon = True
    timer.start()


@login_not_required
@require_POST
def well(request: HttpRequest, till: str) -> HttpResponse:
    """Make all well again at a till, and with the parties of all tills."""
    make_well(till)
    return _back(till, "")


def make_well(till: str) -> None:
    """Every twin of the till, and the parties of all tills, are as they should be. Raises Http404."""
    door = twins()
    _give(till, WELL)
    with suppress(TwinsUnreachable):  # the page says so when it is shown again
        _lift_refusals(door)


def _lift_refusals(door: Twins) -> None:
    if door.states().operator is None:
        return
    for refusal in door.cabinet({}).refusals:
        door.order("operator", "accept", {"serial": refusal.serial, "number": refusal.number})


def _give(till: str, orders: Sequence[Order]) -> None:
    """Give the orders to the till's twins. Raises Http404 for a till that has none."""
    with suppress(TwinsUnreachable):  # the page says so when it is shown again
        _carry(twins(), till, orders)


def _carry(door: Twins, till: str, orders: Sequence[Order]) -> None:
    board = board_of(door.states(), till)
    if board.till != till:
        raise Http404
    for order in orders:
        if order.twin in board.of:
            door.order(board.of[order.twin].name, order.door, order.filled(till, current.now_ms()))


def _give_quietly(door: Twins, till: str, orders: Sequence[Order]) -> None:
    try:
        _carry(door, till, orders)
    except (TwinsUnreachable, Http404):
        return  # the twins have gone, and their faults with them


def _back(till: str, name: str, *, opened: bool = False) -> HttpResponse:
    """The page of the till again; at the twin whose switch was pressed, with its switches open."""
    query = urlencode({"till": till, **({"open": name} if opened else {})})
    place = f"#{name}" if name else ""
    return redirect(f"{reverse('switchboard:switchboard')}?{query}{place}")
