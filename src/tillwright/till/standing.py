"""How a till stands before something is begun there: what has to come first.

What is shown here may be older than a moment; the journal looks again inside the commit that begins an
operation, and its refusal is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tillwright.web import current, strip
from tillwright.web.current import TillPlace


class First(StrEnum):
    """What has to come before what somebody wants to do."""

    RED = "red"
    OPEN = "open"
    HELD = "held"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands before an operation, and the page on which it is ended; '' where that is not here."""

    first: First
    address: str
    number: int = 0


def ahead_of(request: HttpRequest, till: TillPlace, kind: str = "cash-sale") -> Ahead | None:
    """What an operation of this kind has to wait for, the oldest red one first."""
    state, rules = strip.state_of(request, till), current.place().rules
    if state.reds and kind in rules.red_blocks:
        return Ahead(First.RED, reverse("till:settle", args=[state.reds[0].uid]), state.reds[0].number)
    if state.open:
        return Ahead(First.OPEN, reverse("till:operation", args=[state.open.uid]), state.open.number)
    if state.hold and not (state.hold.purpose == "close" and kind == "cash-out"):
        correcting = state.hold.purpose == "correction"
        return Ahead(First.HELD, _address("till:correction" if correcting else "till:close"))
    if state.shift is None and kind != "shift-open":
        return Ahead(First.SHIFT, reverse("till:shift-open"))
    return None


def shift_number(request: HttpRequest, till: TillPlace) -> int | None:
    """The till's open shift; None where it is closed."""
    shift = strip.state_of(request, till).shift
    return shift.number if shift else None


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
