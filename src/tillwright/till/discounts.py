"""What is taken off a line or off the whole basket. Pure.

A discount is kept as it was given, a sum or a share, and worked out anew whenever the basket changes: ten
per cent stay ten per cent. It never takes off more than there is. What is taken off the whole is spread over
the lines in proportion, to the last minor unit: each line gets the whole part of its share, and the units
that are left over go to those whose shares were cut most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.kernel.fault import Fault, FaultError

AMOUNT = "amount"
PERCENT = "percent"
WHOLE = 10_000
"""All of it, in hundredths of a per cent."""


@dataclass(frozen=True, slots=True)
class Discount:
    """`kind` '' for none; `value`: minor units for an amount, hundredths of a per cent for a share."""

    kind: str = ""
    value: int = 0

    @property
    def percent_milli(self) -> int:
        """The share in thousandths of a per cent, as quantities are written; 0 for an amount."""
        return self.value * 10 if self.kind == PERCENT else 0

    def of_minor(self, sum_minor: int) -> int:
        """What it takes off a sum, half a unit rounded up; never more than the sum."""
        if self.kind == PERCENT:
            return min(sum_minor, (2 * sum_minor * self.value + WHOLE) // (2 * WHOLE))
        return min(sum_minor, self.value) if self.kind == AMOUNT else 0

    def require(self, sum_minor: int, currency: str) -> None:
        """Refuse what makes no sense for this sum.

        Raises FaultError: till.discount-invalid, till.discount-too-large.
        """
        if self.kind not in ("", AMOUNT, PERCENT) or self.value < 0 or (self.kind == "" and self.value):
            raise FaultError(Fault("till.discount-invalid"))
        if self.kind == PERCENT and self.value > WHOLE:
            raise FaultError(Fault("till.discount-invalid"))
        if self.kind == AMOUNT and self.value > sum_minor:
            raise FaultError(
                Fault(
                    "till.discount-too-large",
                    currency=currency,
                    discount_minor=self.value,
                    limit_minor=sum_minor,
                )
            )


NO_DISCOUNT = Discount()


def spread(discount_minor: int, sums_minor: Sequence[int]) -> list[int]:
    """The part of each sum in what is taken off them all; together exactly that, none above its sum."""
    whole_minor = sum(sums_minor)
    if not 0 <= discount_minor <= whole_minor:
        raise ValueError(f"{discount_minor} cannot be taken off {whole_minor}")
    if not whole_minor:
        return [0] * len(sums_minor)
    parts = [divmod(discount_minor * one, whole_minor) for one in sums_minor]
    shares = [whole for whole, _rest in parts]
    left = discount_minor - sum(shares)
    for place in sorted(range(len(parts)), key=lambda at: (-parts[at][1], at))[:left]:
        shares[place] += 1
    return shares
