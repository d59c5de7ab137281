"""What the adapter needs to know of the station's journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class HeldDocuments(Protocol):
    """The device's documents as the station holds them, durably."""

    def last_number(self, serial: str) -> int:
        """The highest number of this device that is held without a gap below it; 0 if none."""

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        """The signed texts of this device's documents above a number, in order, at most so many."""

    def serial(self, till: str) -> str | None:
        """The serial of the device that this till last heard from; None if it never did."""

    def sent_to(self, key: str) -> str | None:
        """The serial of the device to which the request with this key went last; None if that is not held."""
