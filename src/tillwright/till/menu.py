"""The cashier's menu: what a till can do besides selling, each under a digit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One way on: where it leads, its word, its picture, its key while the menu is open."""

    address: str
    word: Any
    picture: str
    key: str


_ITEMS: tuple[tuple[str, Any, str], ...] = (
    ("till:operations", _("Receipts"), "list"),
    ("till:parked", _("Parked baskets"), "parked"),
)
"""In this order; what no page serves is left out."""


def menu_of(_request: HttpRequest) -> list[MenuItem]:
    """The menu."""
    found = [(address, word, picture) for name, word, picture in _ITEMS if (address := _address(name))]
    return [MenuItem(*one, key=str(number)) for number, one in enumerate(found, start=1)]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
