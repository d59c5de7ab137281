"""What the switchboard offers: every fault in plain words, and stories of several orders under one press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MINUTE_MS = 60_000
DAY_MS = 86_400_000

DEVICE, PRINTER, OPERATOR, LICENSING = "device", "printer", "operator", "licensing"
"""The kinds of twins that an order can be for; a device and a printer are those of the till at hand."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A fault in plain words; `seconds` is the usual delay of one that has a delay."""

    fault: str
    words: Any
    seconds: int = 0


SWITCHES: tuple[Switch, ...] = (
    Switch("commit_drop_answer", _("Loses the answer after counting")),
    Switch("silent", _("Takes the request and forgets it")),
    Switch("refuse_connections", _("Refuses connections")),
    Switch("drop_request_close", _("Hangs up instead of doing it")),
    Switch("answer_late", _("Does it, answers too late"), 8),
    Switch("deliver_late", _("The request lies on the way, and is done later"), 20),
    Switch("answer_twice", _("Answers twice")),
    Switch("garbage", _("Answers nonsense")),
    Switch("slow_bytes", _("Answers drop by drop"), 1),
    Switch("crash", _("Crashes at the next request and comes back"), 10),
    Switch("clock_off", _("Its clock is wrong"), 600),
    Switch("restored_backup", _("Comes back from an old backup")),
)

# ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class InDays:
    """A moment so many days from the press."""

    days: int


class _ThisTill:
    """Stands in an order for the till at hand."""


THIS_TILL = _ThisTill()


@dataclass(frozen=True, slots=True)
class Order:
    """One order to a twin: which door of the control endpoint, the body, and to what kind of twin."""

    door: str
    body: Mapping[str, Any]
    twin: str = DEVICE

    def filled(self, till: str, now_ms: int) -> dict[str, Any]:
        """The body for a till at this time, in the language of who presses."""
        return {name: _filled(value, till, now_ms) for name, value in self.body.items()}


def _filled(value: object, till: str, now_ms: int) -> object:
    if value is THIS_TILL:
        return till
    if isinstance(value, InDays):
        return now_ms + value.days * DAY_MS
    return str(value) if isinstance(value, Promise) else value


def _fault(fault: str, twin: str = DEVICE, **order: object) -> Order:
    return Order("faults", {"fault": fault, **order}, twin)


def _plug(twin: str, plugged: bool) -> Order:
    return Order("plug", {"plugged": plugged}, twin)


UNPAID = _("The service fee of this month has not been paid")
WRONG_RATE = _("A rate of tax that does not exist")

WARN = Order("warn", {"till": THIS_TILL, "reason": UNPAID, "date_ms": InDays(3)}, OPERATOR)
BLOCK = Order("block", {"till": THIS_TILL, "reason": UNPAID}, OPERATOR)
ACTIVATE = Order("activate", {"till": THIS_TILL}, OPERATOR)
REFUSE_NEXT = Order("refuse", {"next": 1, "reason": WRONG_RATE}, OPERATOR)
REFUSE_NONE = Order("refuse", {"next": 0, "reason": WRONG_RATE}, OPERATOR)
GAPS = Order("gaps", {"accepted": True}, OPERATOR)
NO_GAPS = Order("gaps", {"accepted": False}, OPERATOR)
UPLINK_OFF = Order("uplink", {"on": False})
UPLINK_ON = Order("uplink", {"on": True})


def licence(message: str, on: bool = True) -> Order:
    """One of the licensing service's messages, for every till."""
    return Order("switch", {"message": message, "on": on}, LICENSING)


WELL = (
    Order("faults", {"off": True}),
    _plug(DEVICE, True),
    Order("clock", {"offset_ms": 0}),
    UPLINK_ON,
    Order("faults", {"off": True}, PRINTER),
    _plug(PRINTER, True),
    Order("paper", {"paper": "full"}, PRINTER),
    Order("cover", {"open": False}, PRINTER),
    Order("online", {"online": True}, PRINTER),
    Order("faults", {"off": True}, OPERATOR),
    _plug(OPERATOR, True),
    Order("clock", {"offset_ms": 0}, OPERATOR),
    ACTIVATE,
    GAPS,
    REFUSE_NONE,
    Order("faults", {"off": True}, LICENSING),
    _plug(LICENSING, True),
    Order("well", {}, LICENSING),
)
"""The orders after which every twin of a till is as it should be."""

# ── stories ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Story:
    """Several orders under one press; its faults are taken back after `ends_ms`, if that is not 0."""

    name: str
    title: Any
    text: Any
    orders: tuple[Order, ...]
    ends_ms: int = 0

    @property
    def twins(self) -> frozenset[str]:
        """The kinds of twins that it needs."""
        return frozenset(order.twin for order in self.orders)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Stories of one sort."""

    title: Any
    stories: tuple[Story, ...]


_ASKING = ["inquire", "documents", "restore"]

SHELVES: tuple[Shelf, ...] = (
    Shelf(
        _("The device in the middle of a sale"),
        (
            Story(
                "plug-pulled",
                _("Plug pulled in the middle of a sale"),
                _("The device goes dark as the next sale arrives, and comes back after 15 seconds."),
                (_fault("crash", next=1, only=["register"], at="after", delay_ms=15_000),),
            ),
            Story(
                "answer-lost",
                _("Loses the answer after counting"),
                _("The next sale is counted, but the till never hears of it. It asks, and finds it."),
                (_fault("commit_drop_answer", next=1, only=["register"]),),
            ),
            Story(
                "nobody-answers",
                _("Registered, and nobody says so"),
                _("The next sale is counted and reaches the operator. The till hears nothing: settle it."),
                (
                    _fault("commit_drop_answer", always=True, only=["register"]),
                    _fault("silent", always=True, only=_ASKING),
                ),
            ),
            Story(
                "never-arrived",
                _("Never arrived, and nobody says so"),
                _("The next sale is lost on the way, and the device does not say so: settle it."),
                (
                    _fault("drop_request_close", next=1, only=["register"]),
                    _fault("silent", always=True, only=_ASKING),
                ),
            ),
            Story(
                "silent-minute",
                _("Silent for a minute"),
                _("For a minute nothing is answered. A sale turns red, then green by itself."),
                (_fault("answer_late", always=True, delay_ms=MINUTE_MS),),
                ends_ms=MINUTE_MS,
            ),
            Story(
                "late-answer",
                _("The answer comes late"),
                _("The next sale is counted at once and answered after 8 seconds."),
                (_fault("answer_late", next=1, only=["register"], delay_ms=8_000),),
            ),
            Story(
                "late-request",
                _("The request arrives late"),
                _("The next sale lies on the way for 20 seconds. The till asks before it arrives."),
                (_fault("deliver_late", next=1, only=["register"], delay_ms=20_000),),
            ),
            Story(
                "unplugged",
                _("Unplugged"),
                _("The device cannot be reached until all is well again."),
                (_plug(DEVICE, False),),
            ),
            Story(
                "old-backup",
                _("Restored from an old backup"),
                _("The device has forgotten its last three documents. The till hands them back."),
                (Order("backup", {"writes": 3}),),
            ),
            Story(
                "miscounts",
                _("Counts the cash wrongly"),
                _("It counts 5.00 too little, and nothing says why. An administrator corrects it."),
                (Order("miscount", {"amount_minor": -500}),),
            ),
            Story(
                "bad-morning",
                _("A bad morning"),
                _("One message in ten is lost, late, doubled or garbled, until all is well again."),
                (
                    _fault("commit_drop_answer", probability=0.1),
                    _fault("silent", probability=0.1),
                    _fault("answer_late", probability=0.1, delay_ms=5_000),
                    _fault("answer_twice", probability=0.1),
                    _fault("garbage", probability=0.1),
                    _fault("drop_request_close", probability=0.1),
                ),
            ),
        ),
    ),
    Shelf(
        _("The operator and the internet"),
        (
            Story(
                "no-internet",
                _("A morning without internet"),
                _("Neither operator nor licence can be reached. Selling goes on, documents wait."),
                (_plug(OPERATOR, False), _plug(LICENSING, False), UPLINK_OFF),
            ),
            Story(
                "operator-warns",
                _("Warning of a block"),
                _("In three days the till will be blocked. At shift open the warning stays for a minute."),
                (WARN,),
            ),
            Story(
                "operator-blocks",
                _("The operator blocks the till"),
                _("The fee has not been paid. No shift can be opened until the operator lifts it."),
                (BLOCK,),
            ),
            Story(
                "operator-refuses",
                _("The operator refuses one document"),
                _("It is set aside and shown; the later ones follow."),
                (GAPS, REFUSE_NEXT),
            ),
            Story(
                "operator-strict",
                _("One refused document holds up the rest"),
                _("The operator takes no document before the one that it has refused."),
                (NO_GAPS, REFUSE_NEXT),
            ),
            Story(
                "operator-late",
                _("The operator is slow"),
                _("For a minute every answer takes eight seconds."),
                (_fault("answer_late", OPERATOR, always=True, delay_ms=8_000),),
                ends_ms=MINUTE_MS,
            ),
        ),
    ),
    Shelf(
        _("The licence"),
        (
            Story(
                "subscription-ending",
                _("The subscription is ending"),
                _("Five days are left, and the account covers the renewal."),
                (licence("subscription-ending"),),
            ),
            Story(
                "no-funds",
                _("Ending, and the account is empty"),
                _("Five days are left, and nothing to renew it with."),
                (licence("subscription-ending-no-funds"),),
            ),
            Story(
                "subscription-missing",
                _("The subscription has run out"),
                _("The next shift cannot be opened."),
                (licence("subscription-missing"),),
            ),
            Story(
                "update-required",
                _("An update is required"),
                _("The program of the till is too old."),
                (licence("update-required"),),
            ),
        ),
    ),
    Shelf(
        _("The printer"),
        (
            Story(
                "no-paper",
                _("Printer without paper"),
                _("The next receipt does not come out. The sale is done all the same."),
                (Order("paper", {"paper": "out"}, PRINTER),),
            ),
            Story(
                "paper-low",
                _("The roll is nearly empty"),
                _("It still prints, and says that it will not for long."),
                (Order("paper", {"paper": "low"}, PRINTER),),
            ),
            Story(
                "cover-open",
                _("Somebody left the cover open"),
                _("Nothing comes out until it is closed."),
                (Order("cover", {"open": True}, PRINTER),),
            ),
            Story(
                "printer-unplugged",
                _("The printer is unplugged"),
                _("It cannot be reached until all is well again."),
                (_plug(PRINTER, False),),
            ),
        ),
    ),
)
STORIES: tuple[Story, ...] = tuple(story for shelf in SHELVES for story in shelf.stories)
