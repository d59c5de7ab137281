"""What customers came for, and what became of them: the second model that the judge goes by.

It is naive on purpose. It knows nothing of journals, keys or legs: a customer came, paid or did not, left
with the goods or without, and that is all. An intent that left with the goods must be at the device exactly
once; one that left with its money back, or that never began, not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random

from tillwright.kernel.rules import CurrencyRules
from tillwright.operations.guards import Request
from tillwright.operations.kinds import exchange_minor
from tillwright.operations.model import Content, Line, Tender
from tillwright.parties.control.device import LINES_MAX

_GOODS = (
    ("milk", "Milk 3.2 % 1 l"),
    ("bread", "Rye bread"),
    ("tea", "Trà sen"),
    ("butter", "Масло 82,5 %"),
    ("rice", "大米 1 kg"),
    ("apples", "Apples, loose"),
)

HUGE_LINES = LINES_MAX + 1
"""One more than the device takes."""


class Ending(Enum):
    """How it went for the customer."""

    HERE = "here"
    """still at the till, or not yet come"""
    SOLD = "sold"
    """got what they came for: paid and left with the goods, say"""
    RETURNED = "returned"
    """left as they had come: without the goods, money back in hand"""
    NEVER = "never"
    """left without having begun"""


@dataclass(slots=True)
class Intent:
    """One customer's wish, and how it went. Times are true times."""

    uid: str
    till: str
    request: Request
    pressed_ms: int | None = None
    acknowledged: bool = False
    ending: Ending = Ending.HERE
    ended_ms: int | None = None
    offered: list[Content] = field(default_factory=list)
    """what the till was asked for under this uid; the payment may have changed between two presses"""
    follows: Intent | None = None
    """the sale that is taken back"""
    before: Intent | None = None
    """the sale of an exchange, whose goods this one brings back"""
    unique_number: str = ""
    """the number on the slip that the customer holds"""
    blind: bool = False
    """whether the drawer is counted first, to close the shift"""
    owed: bool = False
    """whether it was taken back, and the money has not been handed out yet"""

    @property
    def kind(self) -> str:
        """The kind of operation."""
        return self.request.kind

    @property
    def total_minor(self) -> int:
        """What it costs."""
        return self.request.content.total_minor

    @property
    def cash_minor(self) -> int:
        """What it brings into the drawer; below nought, what it takes out."""
        return cash_effect_minor(self.kind, self.request.content)

    def waited_ms(self, now_ms: int) -> int:
        """How long somebody has stood there since the first press."""
        if self.pressed_ms is None:
            return 0
        return (now_ms if self.ended_ms is None else self.ended_ms) - self.pressed_ms


_SIGNS = {"cash-sale": 1, "cash-in": 1, "refund": -1, "void": -1, "cash-out": -1}


def cash_effect_minor(kind: str, content: Content) -> int:
    """What an operation does to the drawer, if it happens."""
    return _SIGNS.get(kind, 0) * (content.total_minor - exchange_minor(content))


def sale_of(chance: Random, currency: CurrencyRules) -> Content:
    """A basket, and what is handed over for it."""
    unit_minor = currency.denominations_minor[-1]
    lines = tuple(_line(chance, unit_minor) for _ in range(1 + int(chance.random() ** 2 * 6)))
    total_minor = sum(line.total_minor for line in lines)
    return Content(
        currency.code, total_minor, lines, (Tender("cash", _handed_minor(chance, currency, total_minor)),)
    )


def _line(chance: Random, unit_minor: int) -> Line:
    goods, name = _GOODS[int(chance.random() * len(_GOODS))]
    quantity_milli = 1000 * (1 + int(chance.random() * 3))
    price_minor = unit_minor * (1 + int(chance.random() * 1500))
    return Line(goods, name, quantity_milli, price_minor * quantity_milli // 1000, price_minor)


def _handed_minor(chance: Random, currency: CurrencyRules, total_minor: int) -> int:
    """What the customer hands over: the sum itself, or rounded up to some note."""
    if chance.random() < 0.4:
        return total_minor
    notes = currency.denominations_minor
    note_minor = notes[int(chance.random() * len(notes))]
    return -(-total_minor // note_minor) * note_minor


def exact(request: Request) -> Request:
    """The same, paid without change."""
    content = request.content
    tenders = (Tender("cash", content.total_minor),)
    paid = Content(content.currency, content.total_minor, content.lines, tenders)
    return Request(request.uid, request.till, request.kind, request.cashier, paid)


def huge(request: Request) -> Request:
    """The same customer with more lines than the device takes: it refuses what the till has begun."""
    lines = (Line("n", "N", 1, 1, 1),) * HUGE_LINES
    content = Content(request.content.currency, HUGE_LINES, lines, (Tender("cash", HUGE_LINES),))
    return Request(request.uid, request.till, request.kind, request.cashier, content)


def everything(request: Request, sale: Intent) -> Request:
    """The same customer, who brings back the whole sale."""
    lines = tuple(replace(line, of=number) for number, line in enumerate(sale.request.content.lines, start=1))
    total_minor = sale.total_minor
    content = replace(
        request.content, total_minor=total_minor, lines=lines, tenders=(Tender("cash", total_minor),)
    )
    return replace(request, content=content)
