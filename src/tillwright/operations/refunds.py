"""What of a sale may still go back, and what a part of a line is worth.

A part of a line is worth its share of what is left of it, half a unit rounded up; what comes back last is
worth exactly what is left. So the parts always add up to the line, in whatever pieces it comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.operations.model import Content, Line


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


def worth_minor(left: LineLeft, quantity_milli: int) -> int:
    """What so much of the line is worth, in minor units; all that is left for all that is left."""
    if quantity_milli >= left.left_milli:
        return left.left_minor
    return (2 * left.left_minor * quantity_milli + left.left_milli) // (2 * left.left_milli)


def lines_of(lines: Sequence[Line]) -> tuple[LineLeft, ...]:
    """The lines of a sale of which nothing has come back yet."""
    return tuple(
        LineLeft(number, line.quantity_milli, line.total_minor) for number, line in enumerate(lines, start=1)
    )


def lines_fault(content: Content, left: Sequence[LineLeft]) -> Fault | None:
    """What is wrong with the lines of a refund, given what is left of those of the sale.

    A sale that has lines is taken back by its lines; one of which only a total is known, by the total.
    """
    known = {one.line: one for one in left}
    if known and not content.lines:
        return Fault("till.basket-empty")
    for number, line in enumerate(content.lines, start=1):
        wrong = _wrong_with(line, known.get(line.of))
        if wrong is not None:
            return Fault("till.line-invalid", line=number, reason=wrong)
    return None


def _wrong_with(line: Line, left: LineLeft | None) -> str | None:
    if left is None:
        return "of"
    if line.quantity_milli > left.left_milli or (line.quantity_milli == 0 and left.left_milli > 0):
        return "quantity_milli"
    return None if line.total_minor == worth_minor(left, line.quantity_milli) else "total_minor"
