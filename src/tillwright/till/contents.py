"""What operations other than a plain sale are asked to do: taking back, exchanging, cash, shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.refunds import LineLeft, worth_minor
from tillwright.till.queries import Called
from tillwright.till.rules import KILOGRAM, ONE, line_total_minor

CASH = "cash"
EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of a sale as the refund page offers it. `whole`: it was sold by the piece."""

    left: LineLeft
    name: str
    whole: bool


def returnables(
    sale: Operation, left: Sequence[LineLeft], goods: Mapping[str, Called] = MappingProxyType({})
) -> list[Returnable]:
    """The lines of a sale with what of them may still come back; `goods`: what is known of them here."""
    return [_returnable(sale.content.lines[one.line - 1], one, goods) for one in left]


def _returnable(line: Line, left: LineLeft, goods: Mapping[str, Called]) -> Returnable:
    known = goods.get(line.goods)
    weighed = line.quantity_milli % ONE != 0 or (known is not None and known.unit == KILOGRAM)
    return Returnable(left, known.name if known else line.name, not weighed)


def returned_lines(
    sale: Operation, offered: Sequence[Returnable], picked: Mapping[int, int]
) -> tuple[Line, ...]:
    """The lines of a refund: for each line of the sale (from 1) how much of it comes back, in thousandths.

    Raises FaultError: till.line-invalid, till.basket-empty.
    """
    lines = []
    for one in offered:
        number, milli = one.left.line, picked.get(one.left.line, 0)
        if not 0 <= milli <= one.left.left_milli or (one.whole and milli % ONE):
            raise FaultError(Fault("till.line-invalid", line=number, reason="quantity"))
        if milli:
            lines.append(_returned(sale.content.lines[number - 1], one.left, milli))
    if not lines:
        raise FaultError(Fault("till.basket-empty"))
    return tuple(lines)


def _returned(line: Line, left: LineLeft, quantity_milli: int) -> Line:
    total_minor = worth_minor(left, quantity_milli)
    gross_minor = line_total_minor(line.price_minor or 0, quantity_milli)
    off_minor = max(0, gross_minor - total_minor) if line.discount_minor else 0
    return Line(line.goods, line.name, quantity_milli, total_minor, line.price_minor, left.line, off_minor)


def total_of(lines: Sequence[Line]) -> int:
    """What lines are worth together."""
    return sum(line.total_minor for line in lines)


def refund_content(sale: Operation, lines: tuple[Line, ...], reason: str, amount_minor: int = 0) -> Content:
    """Goods come back, the customer gets the money in cash; without lines it is this sum."""
    total_minor = total_of(lines) if lines else amount_minor
    tenders = (Tender(CASH, total_minor),) if total_minor else ()
    return Content(sale.content.currency, total_minor, lines, tenders, parent=sale.uid, reason=reason)


def void_content(sale: Operation, reason: str) -> Content:
    """The whole sale is annulled."""
    content = sale.content
    lines = tuple(
        Line(
            line.goods, line.name, line.quantity_milli, line.total_minor, line.price_minor, number,
            line.discount_minor,
        )
        for number, line in enumerate(content.lines, start=1)
    )  # fmt: skip
    tenders = (Tender(CASH, content.total_minor),)
    return Content(content.currency, content.total_minor, lines, tenders, parent=sale.uid, reason=reason)


def cash_content(currency: str, amount_minor: int, reason: str = "") -> Content:
    """Money is put into the drawer, or taken out of it."""
    return Content(currency, amount_minor, (), (Tender(CASH, amount_minor),), reason=reason)


def payout_content(refund: Operation, amount_minor: int) -> Content:
    """What a refund left owed is handed out in cash."""
    tenders = (Tender(CASH, amount_minor),)
    return Content(refund.content.currency, amount_minor, (), tenders, parent=refund.uid)


def shift_content(currency: str, number: int) -> Content:
    """A shift is opened; no money moves."""
    return Content(currency, 0, (), (), shift=number)


def close_content(currency: str, number: int, count: str) -> Content:
    """A shift is closed on the word of a stored count."""
    return Content(currency, 0, (), (), shift=number, count=count)


def correction_content(currency: str, difference_minor: int, last_number: int, reason: str) -> Content:
    """The book follows the device: so much more, or less if below nought; `last_number`: the device's last
    document then.
    """
    return Content(currency, difference_minor, (), (), reason=reason, after=last_number)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Goods brought back and goods chosen instead; the customer pays or gets the difference.

    `sale_uid`, `refund_uid`: the two operations; `parent`: the sale whose goods come back.
    """

    sale_uid: str
    refund_uid: str
    parent: str
    returned_minor: int
    chosen_minor: int

    @property
    def to_pay_minor(self) -> int:
        """What the customer still pays; 0 if nothing."""
        return max(0, self.chosen_minor - self.returned_minor)

    @property
    def to_give_minor(self) -> int:
        """What the customer gets; 0 if nothing."""
        return max(0, self.returned_minor - self.chosen_minor)

    @property
    def settled_minor(self) -> int:
        """The part that goods pay for goods."""
        return min(self.returned_minor, self.chosen_minor)

    def sale_tenders(self, tendered_minor: int) -> tuple[Tender, ...]:
        """How the chosen goods are paid: with the returned ones, and with what is handed over."""
        cash = (Tender(CASH, tendered_minor),) if self.to_pay_minor else ()
        return (*cash, Tender(EXCHANGE, self.settled_minor))

    def refund_tenders(self) -> tuple[Tender, ...]:
        """How the returned goods are paid for: with the chosen ones, the rest in cash."""
        cash = (Tender(CASH, self.to_give_minor),) if self.to_give_minor else ()
        return (*cash, Tender(EXCHANGE, self.settled_minor))
