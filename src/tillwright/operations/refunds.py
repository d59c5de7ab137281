"""What of a sale may still go back, and what a part of a line is worth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of a sale, and what refunds have taken of it so far, unfinished ones counted."""

    line: int
    quantity_milli: int
    total_minor: int
    taken_milli: int = 0
    taken_minor: int = 0

    @property
    def left_milli(self) -> int:
        """The quantity that may still come back."""
        return self.quantity_milli - self.taken_milli

    @property
    def left_minor(self) -> int:
        """What that may cost at most."""
        return self.total_minor - self.taken_minor
