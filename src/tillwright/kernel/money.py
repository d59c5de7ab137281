"""Money: a whole number of minor units and the currency that gives it meaning.

A sum is never a float. What the smallest unit is (a cent, a dong) is the currency's exponent, and the only
places that need to know it are the ones that show a sum to a person or read one that a person typed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO 4217 code and the number of decimal places of its minor unit (0 for VND, 2 for BYN)."""

    code: str
    exponent: int


def parse_minor(text: str, exponent: int) -> int:
    """Read a sum that a person typed ('12', '12.5', '12,50') as minor units.

    Raises ValueError for anything else: signs, thousands separators, more places than the currency has.
    """
    whole, mark, fraction = text.strip().replace(",", ".").partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 15:
        raise ValueError("not a sum")
    if mark and not (fraction.isascii() and fraction.isdigit() and len(fraction) <= exponent):
        raise ValueError("not a sum in this currency")
    return int(whole + fraction.ljust(exponent, "0"))


def plain(amount_minor: int, exponent: int) -> str:
    """Write a sum without currency or grouping: plain(568, 2) is '5.68', plain(-5, 2) is '-0.05'."""
    sign = "-" if amount_minor < 0 else ""
    whole, fraction = divmod(abs(amount_minor), 10**exponent)
    return f"{sign}{whole}.{fraction:0{exponent}d}" if exponent else f"{sign}{whole}"
