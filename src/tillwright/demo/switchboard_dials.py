"""What each kind of twin can be set to, in plain words: a row of presses of which one is down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tillwright.demo.switchboard_client import (
    DeviceState,
    LicensingState,
    OperatorState,
    PrinterState,
    TwinState,
)
from tillwright.demo.switchboard_words import (
    ACTIVATE,
    BLOCK,
    DEVICE,
    GAPS,
    LICENSING,
    NO_GAPS,
    OPERATOR,
    PRINTER,
    REFUSE_NEXT,
    REFUSE_NONE,
    UPLINK_OFF,
    UPLINK_ON,
    WARN,
    Order,
    licence,
)
from tillwright.parties.licensing.licence import Licence, messages_of
from tillwright.parties.licensing.messages import CODES, Asked

MESSAGES: Mapping[str, Any] = {
    "contract-not-concluded": _("There is no contract yet"),
    "update-required": _("An update is required"),
    "sn-not-found": _("The serial number is not known"),
    "unp-mismatch": _("The taxpayer's number differs from the contract's"),
    "subscription-missing": _("There is no subscription"),
    "subscription-ending": _("The subscription is ending"),
    "subscription-ending-no-funds": _("The subscription is ending, and the account does not cover it"),
}
"""The seven messages of the licensing service."""


@dataclass(frozen=True, slots=True)
class Option:
    """One press of a dial, and the order that it gives."""

    name: str
    words: Any
    order: Order


@dataclass(frozen=True, slots=True)
class Dial:
    """One thing that can be set. `reads`: which option is down, for the twin as it stands at a till."""

    name: str
    words: Any
    options: tuple[Option, ...]
    reads: Callable[[Any, str, int], str]


@dataclass(frozen=True, slots=True)
class DialShown:
    """A dial with the option that is down."""

    dial: Dial
    now: str


def _plug(twin: str) -> Dial:
    return Dial(
        "plug",
        _("Plug"),
        (
            Option("in", _("Plugged in"), Order("plug", {"plugged": True}, twin)),
            Option("out", _("Pulled"), Order("plug", {"plugged": False}, twin)),
        ),
        lambda state, *_: "in" if state.plugged else "out",
    )


def _uplink(state: DeviceState, *_: object) -> str:
    return "on" if state.uplink is not None and state.uplink.on else "off"


def _judged(state: OperatorState, till: str, _now_ms: int) -> str:
    return state.judged(till).state


def messages(one: Licence, now_ms: int) -> list[str]:
    """The names of what the service says of a licence, whoever asks."""
    asked = Asked("", "", "0")
    return [message.code for message in messages_of(one, asked, now_ms)]


def _said(code: str) -> Callable[[LicensingState, str, int], str]:
    def reads(state: LicensingState, _till: str, now_ms: int) -> str:
        return "on" if any(code in messages(one, now_ms) for one in state.licences) else "off"

    return reads


_OFF, _ON = pgettext_lazy("of a message", "Not said"), pgettext_lazy("of a message", "Said")

DIALS: Mapping[str, tuple[Dial, ...]] = {
    DEVICE: (
        _plug(DEVICE),
        Dial(
            "uplink",
            _("Its own line to the operator"),
            (Option("on", _("On"), UPLINK_ON), Option("off", _("Off"), UPLINK_OFF)),
            _uplink,
        ),
    ),
    PRINTER: (
        Dial(
            "paper",
            _("Paper"),
            tuple(
                Option(name, word, Order("paper", {"paper": name}, PRINTER))
                for name, word in (("full", _("Full")), ("low", _("Nearly empty")), ("out", _("Out")))
            ),
            lambda state, *_: str(state.paper),
        ),
        Dial(
            "cover",
            _("Cover"),
            (
                Option("closed", _("Closed"), Order("cover", {"open": False}, PRINTER)),
                Option("open", _("Open"), Order("cover", {"open": True}, PRINTER)),
            ),
            lambda state, *_: "open" if state.cover_open else "closed",
        ),
        Dial(
            "online",
            _("Button"),
            (
                Option("on", _("On line"), Order("online", {"online": True}, PRINTER)),
                Option("off", _("Off line"), Order("online", {"online": False}, PRINTER)),
            ),
            lambda state, *_: "on" if state.online else "off",
        ),
        _plug(PRINTER),
    ),
    OPERATOR: (
        Dial(
            "judges",
            _("How it judges this till"),
            (
                Option("active", _("Active"), ACTIVATE),
                Option("warning", _("Warn"), WARN),
                Option("blocked", _("Block"), BLOCK),
            ),
            _judged,
        ),
        Dial(
            "refuses",
            _("The next new document"),
            (Option("none", _("Take"), REFUSE_NONE), Option("next", _("Refuse"), REFUSE_NEXT)),
            lambda state, *_: "next" if state.refuse_next else "none",
        ),
        Dial(
            "gaps",
            _("A document before an earlier one"),
            (Option("yes", _("Take"), GAPS), Option("no", _("Do not take"), NO_GAPS)),
            lambda state, *_: "yes" if state.gaps else "no",
        ),
        _plug(OPERATOR),
    ),
    LICENSING: (
        *(
            Dial(
                code,
                MESSAGES[code],
                (Option("off", _OFF, licence(code, False)), Option("on", _ON, licence(code))),
                _said(code),
            )
            for code in CODES
        ),
        _plug(LICENSING),
    ),
}
"""Kind of twin → its dials."""


def kind_of(state: TwinState) -> str:
    """The kind of a twin."""
    kinds = {DeviceState: DEVICE, PrinterState: PRINTER, OperatorState: OPERATOR, LicensingState: LICENSING}
    return kinds[type(state)]


def shown(state: TwinState, till: str, now_ms: int) -> list[DialShown]:
    """The dials of a twin as they stand for a till; a line that a device has not is left out."""
    dials = DIALS[kind_of(state)]
    if isinstance(state, DeviceState) and state.uplink is None:
        dials = dials[:1]
    return [DialShown(dial, dial.reads(state, till, now_ms)) for dial in dials]


def order_of(kind: str, dial: str, option: str) -> Order | None:
    """The order behind a press."""
    found = next((one for one in DIALS.get(kind, ()) if one.name == dial), None)
    return next((one.order for one in found.options if one.name == option), None) if found else None
