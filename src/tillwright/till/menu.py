"""The cashier's menu: what a till can do besides selling, each under a digit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from tillwright.web import current


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One way on: where it leads, its word, its picture, its key while the menu is open."""

    address: str
    word: Any
    picture: str
    key: str


DIGITS = 10

_ITEMS: tuple[tuple[str, str, Any, str, str], ...] = (
    ("till:operations", "", _("Receipts"), "list", ""),
    ("till:parked", "", _("Parked baskets"), "parked", ""),
    ("till:operations", "for=refund", _("Take goods back"), "back-goods", "refund"),
    ("till:last-receipt", "", _("Print the last one again"), "printer", ""),
    ("till:newest", "", _("Where do we stand?"), "question-mark", ""),
    ("till:cash-in", "", _("Cash in"), "cash-in", "cash-in"),
    ("till:cash-out", "", _("Cash out"), "cash-out", "cash-out"),
    ("till:data", "", _("Get data"), "data", ""),
    ("till:close", "", _("Close the shift"), "shift", "shift-close"),
    ("till:settings", "", _("Settings"), "settings", ""),
    ("faults:search", "", _("Something is wrong"), "question", ""),
)
"""In this order: the page, what goes with it, its word, its picture, the kind of operation that the pack must
have. What no page serves is left out.
"""


def menu_of(_request: HttpRequest) -> list[MenuItem]:
    """The menu."""
    rules = current.place().rules
    found = [
        (f"{address}?{more}" if more else address, word, picture)
        for name, more, word, picture, kind in _ITEMS
        if (address := _address(name)) and (not kind or rules.kind(kind))
    ]
    return [MenuItem(*one, key=_key(number)) for number, one in enumerate(found, start=1)]


def _key(number: int) -> str:
    """A digit for each of the first ten; what is behind them has the question mark."""
    return str(number % 10) if number <= DIGITS else "?"


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
