"""What the switchboard offers: every fault in plain words, and stories of several orders under one press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

MINUTE_MS = 60_000


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


@dataclass(frozen=True, slots=True)
class Order:
    """One order to a twin: which door of the control endpoint, and the body."""

    door: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """Several orders under one press; what its fault is, is taken back after `ends_ms`, if that is not 0."""

    name: str
    title: Any
    text: Any
    orders: tuple[Order, ...]
    ends_ms: int = 0


def _fault(fault: str, **order: object) -> Order:
    return Order("faults", {"fault": fault, **order})


WELL = (Order("faults", {"off": True}), Order("plug", {"plugged": True}), Order("clock", {"offset_ms": 0}))
"""The orders after which a device is as it should be."""

STORIES: tuple[Story, ...] = (
    Story(
        "answer-lost",
        _("Loses the answer after counting"),
        _("The next sale is counted, but the till never hears of it. It asks, and finds it."),
        (_fault("commit_drop_answer", next=1, only=["register"]),),
    ),
    Story(
        "plug-pulled",
        _("Plug pulled in the middle of a sale"),
        _("The device goes dark as the next sale arrives, and comes back after 15 seconds."),
        (_fault("crash", next=1, only=["register"], at="after", delay_ms=15_000),),
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
        (Order("plug", {"plugged": False}),),
    ),
    Story(
        "old-backup",
        _("Restored from an old backup"),
        _("The device has forgotten its last three documents. The till hands them back."),
        (Order("backup", {"writes": 3}),),
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
)
