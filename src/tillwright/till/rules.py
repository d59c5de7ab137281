"""What a basket is and what may stand in it. Pure.

A line's total is the price times the quantity, rounded half up to the currency's smallest unit; it is
worked out once, when the line is made, and is what counts from then on. A line keeps its position for as
long as the basket lives, so that a press names the same line whatever has been pressed in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.operations.model import Content, Line, Tender
from tillwright.till.discounts import NO_DISCOUNT, Discount, spread

PIECE = "piece"
KILOGRAM = "kg"
UNITS = (PIECE, KILOGRAM)

ONE = 1_000
"""One piece, or one kilogram, in thousandths."""
LARGEST_QUANTITY_MILLI = 99_999_000

SCALE_PREFIX = "22"
"""In-store codes that a scale prints: prefix, five digits of the goods, five of the grams, a check digit."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Goods as a till sells them: named in one language, priced in one currency."""

    sku: str
    name: str
    unit: str
    price_minor: int
    currency: str
    quantity_milli: int = ONE
    """How much one press adds; what the label said, for goods that a scale has weighed"""

    @property
    def weighed(self) -> bool:
        """Whether it is sold by weight, so that a quantity must come from somewhere."""
        return self.unit == KILOGRAM


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line; `position` is its name within the basket, and is never given twice."""

    position: int
    sku: str
    name: str
    unit: str
    quantity_milli: int
    price_minor: int
    total_minor: int
    """Price times quantity, before any discount"""
    discount_kind: str = ""
    discount_value: int = 0

    @property
    def discount(self) -> Discount:
        """What was taken off this line alone."""
        return Discount(self.discount_kind, self.discount_value)

    @property
    def discount_minor(self) -> int:
        """The sum that this line's own discount takes off."""
        return self.discount.of_minor(self.total_minor)

    @property
    def net_minor(self) -> int:
        """The line after its own discount."""
        return self.total_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class Basket:
    """What a customer wants to buy. Its uid becomes the operation's; `version` grows with every change."""

    uid: str
    till: str
    currency: str
    opened_ms: int
    version: int
    next_position: int
    lines: tuple[BasketLine, ...]
    discount: Discount = NO_DISCOUNT
    """What was taken off the whole"""
    note: str = ""
    """What was noted when it was parked"""
    exchange: bool = False
    """Whether goods come back in exchange for these; see exchanges.py"""

    @property
    def lines_minor(self) -> int:
        """All lines after their own discounts."""
        return sum(line.net_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """The sum that the discount on the whole takes off."""
        return self.discount.of_minor(self.lines_minor)

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.lines_minor - self.discount_minor

    @property
    def discounted(self) -> bool:
        """Whether anything has been taken off."""
        return self.total_minor != sum(line.total_minor for line in self.lines)

    def line(self, position: int) -> BasketLine | None:
        """The line at a position, or None if it is gone."""
        return next((line for line in self.lines if line.position == position), None)


def line_total_minor(price_minor: int, quantity_milli: int) -> int:
    """Price times quantity in thousandths, rounded half up: 1.375 kg at 2.40 is 3.30."""
    return (2 * price_minor * quantity_milli + ONE) // (2 * ONE)


def check_digit(digits: str) -> str:
    """The last digit of an EAN code, from the digits before it."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def is_ean13(code: str) -> bool:
    """Whether a code has the form and the check digit of an EAN-13."""
    return len(code) == 13 and code.isascii() and code.isdigit() and check_digit(code[:12]) == code[12]


def scale_label(code: str) -> tuple[str, int] | None:
    """What a scale's label says: the goods' code ('22' and five digits) and the weight in grams; else
    None.
    """
    if not code.startswith(SCALE_PREFIX) or not is_ean13(code) or int(code[7:12]) == 0:
        return None
    return code[:7], int(code[7:12])


def add(basket: Basket, offer: Offer, quantity_milli: int, rules: PackRules) -> Basket:
    """The basket with so much more of some goods. Pieces join their line; each weighing is a line of its
    own.

    Raises FaultError: till.wrong-currency, till.line-invalid, till.lines-out-of-bounds,
    till.total-out-of-bounds.
    """
    if offer.currency != basket.currency:
        raise FaultError(Fault("till.wrong-currency", currency=offer.currency))
    for line in basket.lines:
        if not offer.weighed and line.sku == offer.sku and line.price_minor == offer.price_minor:
            return set_quantity(basket, line.position, line.quantity_milli + quantity_milli, rules)
    total_minor = line_total_minor(offer.price_minor, quantity_milli)
    line = BasketLine(
        basket.next_position,
        offer.sku,
        offer.name,
        offer.unit,
        quantity_milli,
        offer.price_minor,
        total_minor,
    )
    grown = replace(basket, next_position=basket.next_position + 1)
    return _checked(grown, (*basket.lines, line), line, rules)


def set_quantity(basket: Basket, position: int, quantity_milli: int, rules: PackRules) -> Basket:
    """The basket with another quantity in one line. Raises FaultError as `add` does, or till.basket-stale."""
    line = _require(basket, position)
    changed = replace(
        line, quantity_milli=quantity_milli, total_minor=line_total_minor(line.price_minor, quantity_milli)
    )
    lines = tuple(changed if one.position == position else one for one in basket.lines)
    return _checked(basket, lines, changed, rules)


def remove(basket: Basket, position: int) -> Basket:
    """The basket without a line. Raises FaultError(till.basket-stale) if it is gone already."""
    line = _require(basket, position)
    return _next(basket, tuple(one for one in basket.lines if one is not line))


def discount_line(basket: Basket, position: int, discount: Discount) -> Basket:
    """The basket with this taken off a line, in place of what was taken off it before.

    Raises FaultError: till.discount-invalid, till.discount-too-large, till.basket-stale.
    """
    line = _require(basket, position)
    discount.require(line.total_minor, basket.currency)
    changed = replace(line, discount_kind=discount.kind, discount_value=discount.value)
    return _next(basket, tuple(changed if one is line else one for one in basket.lines))


def discount_basket(basket: Basket, discount: Discount) -> Basket:
    """The basket with this taken off the whole, in place of what was taken off it before.

    Raises FaultError: till.discount-invalid, till.discount-too-large.
    """
    discount.require(basket.lines_minor, basket.currency)
    return replace(_next(basket, basket.lines), discount=discount)


def content_of(basket: Basket, tenders: Sequence[Tender], exchange: str = "") -> Content:
    """What the operation is asked to do; `exchange`: the uid of the refund that belongs to it.

    Raises FaultError(till.basket-empty).
    """
    if not basket.lines:
        raise FaultError(Fault("till.basket-empty"))
    shares = spread(basket.discount_minor, [line.net_minor for line in basket.lines])
    lines = tuple(_content_line(line, share) for line, share in zip(basket.lines, shares, strict=True))
    return Content(basket.currency, basket.total_minor, lines, tuple(tenders), exchange=exchange)


def _content_line(line: BasketLine, share_minor: int) -> Line:
    """A line with its part of what was taken off the whole; all that was taken off stands beside it."""
    off_minor = line.discount_minor + share_minor
    total_minor = line.total_minor - off_minor
    return Line(
        line.sku, line.name, line.quantity_milli, total_minor, line.price_minor, discount_minor=off_minor
    )


def notes_up(total_minor: int, denominations_minor: Sequence[int], most: int = 4) -> tuple[int, ...]:
    """Sums that a customer is likely to hand over: the exact one, then the next that whole notes make.

    For 5.68 with notes of 5, 10, 20: 5.68, 10.00, 20.00.
    """
    sums = {total_minor}
    for note in denominations_minor:
        sums.add(-(-total_minor // note) * note)
    likely = sorted(one for one in sums if one < 2 * total_minor or one in denominations_minor)
    return tuple(likely[:most])


def _require(basket: Basket, position: int) -> BasketLine:
    line = basket.line(position)
    if line is None:
        raise FaultError(Fault("till.basket-stale"))
    return line


def _checked(basket: Basket, lines: tuple[BasketLine, ...], line: BasketLine, rules: PackRules) -> Basket:
    place = next(at for at, one in enumerate(lines, start=1) if one is line)
    if not 0 < line.quantity_milli <= LARGEST_QUANTITY_MILLI:
        raise FaultError(Fault("till.line-invalid", line=place, reason="quantity"))
    if line.unit == PIECE and line.quantity_milli % ONE:
        raise FaultError(Fault("till.line-invalid", line=place, reason="pieces are whole"))
    if len(lines) > rules.maximum_lines:
        raise FaultError(
            Fault("till.lines-out-of-bounds", line_count=len(lines), maximum_count=rules.maximum_lines)
        )
    changed = _next(basket, lines)
    _require_total(changed, rules)
    return changed


def _require_total(basket: Basket, rules: PackRules) -> None:
    currency = rules.currency(basket.currency)
    if currency is None:
        raise FaultError(Fault("till.wrong-currency", currency=basket.currency))
    if basket.total_minor > currency.maximum_total_minor:
        raise FaultError(
            Fault(
                "till.total-out-of-bounds",
                total_minor=basket.total_minor,
                maximum_minor=currency.maximum_total_minor,
                currency=basket.currency,
            )
        )


def _next(basket: Basket, lines: tuple[BasketLine, ...]) -> Basket:
    return replace(basket, lines=lines, version=basket.version + 1)
