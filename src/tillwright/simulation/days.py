"""What comes at one till, one errand after the other: a shift is opened, customers buy, bring back and
exchange, cash is put in and taken out, the shift is closed, and the next day begins.

It is as naive as the intents that it makes. It goes by what the people at the till have been told: what they
hold a receipt for may be brought back, what the till has refused is not asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from tillwright.journal.records import CashCount
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import uid_from_bytes
from tillwright.kernel.rules import CurrencyRules, PackRules
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Line, Tender
from tillwright.simulation.intents import Ending, Intent, sale_of

CASHIER = "Minh"

CUSTOMERS_A_SHIFT = (6, 30)

_WISHES = (
    ("cash-sale", 70), ("refund", 9), ("void", 6), ("exchange", 5), ("cash-in", 5), ("cash-out", 5),
)  # fmt: skip
"""What a customer, or the cashier, comes for, in a hundred."""
_AFTER_THE_HOLIDAYS = (
    ("cash-sale", 45), ("refund", 35), ("void", 5), ("exchange", 8), ("cash-in", 4), ("cash-out", 3),
)  # fmt: skip
"""The same at a till to which people bring their presents back; one till in four is like that."""

BROUGHT_AGAIN = 0.4
"""Who brings something back has brought a part of it back before, if anybody has, with this chance."""

PAID_OUT_SOON = 0.3
"""Who is owed money comes next with this chance."""

TAKEN_BACK_SOON = 40
"""So many sales are remembered that may still be brought back."""


@dataclass(slots=True)
class _Sold:
    """A sale whose receipt somebody holds, and what of it has not been brought back: line → thousandths."""

    intent: Intent
    shift: int
    left: dict[int, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing has been brought back yet."""
        return all(
            self.left[number] == line.quantity_milli
            for number, line in enumerate(self.intent.request.content.lines, start=1)
        )


class Day:
    """The errands of one till. `shifts`: whether it works in shifts."""

    def __init__(self, till: str, currency: CurrencyRules, rules: PackRules, chance: Random) -> None:
        self.till = till
        self.currency = currency
        self.rules = rules
        self.chance = chance
        self.shift = 0 if rules.shifts else 1
        self.is_open = not rules.shifts
        self.closing = False
        self.last = False
        """only one more sale is to come"""
        self._wishes = _AFTER_THE_HOLIDAYS if chance.random() < 0.25 else _WISHES
        self._customers_left = self._draw_shift()
        self._sold: list[_Sold] = []
        self._owed: list[Intent] = []
        self._next: list[Intent] = []

    # ── the next errand ─────────────────────────────────────────────────────────────────────────────────────

    def next(self) -> Intent:
        """What comes now."""
        if not self.is_open:
            return self._errand("shift-open", self._content(0, shift=self.shift + 1))
        if self.last:
            return self._sale()
        if self._next:
            return self._next.pop(0)
        if self.rules.shifts:
            self._customers_left -= 1
            if self._customers_left < 0:
                return self._close()
        if self._owed and self.chance.random() < PAID_OUT_SOON:
            return self._payout(self._owed.pop(0))
        return self._customer()

    def _draw_shift(self) -> int:
        low, high = CUSTOMERS_A_SHIFT
        return low + int(self.chance.random() * (high - low + 1))

    def _customer(self) -> Intent:
        drawn = int(self.chance.random() * 100)
        for wish, share in self._wishes:
            drawn -= share
            if drawn < 0:
                return self._wish(wish) or self._sale()
        return self._sale()

    def _wish(self, wish: str) -> Intent | None:
        if self.rules.kind("refund" if wish == "exchange" else wish) is None:
            return None
        if wish == "refund":
            return self._refund(self._bought())
        if wish == "void":
            return self._void()
        if wish == "exchange":
            return self._exchange()
        if wish in ("cash-in", "cash-out"):
            return self._cash(wish)
        return None

    def _errand(self, kind: str, content: Content, **more: Intent | bool | None) -> Intent:
        uid = uid_from_bytes(self.chance.randbytes(16))
        return Intent(uid, self.till, Request(uid, self.till, kind, CASHIER, content), **more)  # type: ignore[arg-type]

    def _content(
        self, total_minor: int, lines: tuple[Line, ...] = (), tenders: tuple[Tender, ...] = (), **more: object
    ) -> Content:
        return Content(self.currency.code, total_minor, lines, tenders, **more)  # type: ignore[arg-type]

    def _sale(self) -> Intent:
        return self._errand("cash-sale", sale_of(self.chance, self.currency))

    # ── taking back ─────────────────────────────────────────────────────────────────────────────────────────

    def _bought(self) -> _Sold | None:
        """Somebody comes back with a receipt, whatever shift it is of."""
        kept = [sold for sold in self._sold if any(sold.left.values())]
        partly = [sold for sold in kept if not sold.whole]
        if partly and self.chance.random() < BROUGHT_AGAIN:
            kept = partly
        return kept[int(self.chance.random() * len(kept))] if kept else None

    def _back(self, sold: _Sold, all_of_it: bool) -> tuple[Line, ...]:
        """The lines that are brought back: everything that is left, or one piece of one line."""
        lines = sold.intent.request.content.lines
        left = [(number, milli) for number, milli in sold.left.items() if milli]
        if not all_of_it:
            number, _ = left[int(self.chance.random() * len(left))]
            left = [(number, 1000)]
        return tuple(_part(lines[number - 1], number, milli) for number, milli in left)

    def _refund(self, sold: _Sold | None) -> Intent | None:
        if sold is None:
            return None
        lines = self._back(sold, self.chance.random() < 0.4)
        total_minor = sum(line.total_minor for line in lines)
        content = self._content(
            total_minor,
            lines,
            (Tender("cash", total_minor),),
            parent=sold.intent.uid,
            reason=self._why("refund"),
        )
        return self._errand("refund", content, follows=sold.intent)

    def _payout(self, refund: Intent) -> Intent:
        """Somebody comes for the money that they did not get when the goods came back."""
        content = self._content(
            refund.total_minor, (), (Tender("cash", refund.total_minor),), parent=refund.uid
        )
        return self._errand("payout", content, follows=refund)

    def _void(self) -> Intent | None:
        kept = [sold for sold in self._sold if sold.shift == self.shift and sold.whole]
        if not kept:
            return None
        sale = kept[int(self.chance.random() * len(kept))].intent
        old = sale.request.content
        lines = tuple(
            _part(line, number, line.quantity_milli) for number, line in enumerate(old.lines, start=1)
        )
        content = self._content(
            old.total_minor,
            lines,
            (Tender("cash", old.total_minor),),
            parent=sale.uid,
            reason=self._why("void"),
        )
        return self._errand("void", content, follows=sale)

    def _exchange(self) -> Intent | None:
        """Something comes back, something else is taken: the sale first, then the refund."""
        sold = self._bought()
        if sold is None:
            return None
        back = self._back(sold, False)
        worth_minor = sum(line.total_minor for line in back)
        wanted = sale_of(self.chance, self.currency)
        paid_minor = min(worth_minor, wanted.total_minor)
        tenders = [Tender("exchange", paid_minor)]
        if wanted.total_minor > paid_minor:
            tenders.append(Tender("cash", wanted.total_minor - paid_minor))
        sale = self._errand("cash-sale", replace(wanted, tenders=tuple(tenders)))
        given = [Tender("exchange", paid_minor)]
        if worth_minor > paid_minor:
            given.append(Tender("cash", worth_minor - paid_minor))
        content = self._content(
            worth_minor,
            back,
            tuple(given),
            parent=sold.intent.uid,
            exchange=sale.uid,
            reason=self._why("refund"),
        )
        refund = self._errand("refund", content, follows=sold.intent, before=sale)
        sale.request = replace(sale.request, content=replace(sale.request.content, exchange=refund.uid))
        self._next.append(refund)
        return sale

    def _cash(self, kind: str) -> Intent:
        unit_minor = self.currency.denominations_minor[-1]
        amount_minor = unit_minor * (1 + int(self.chance.random() * 20_000))
        return self._errand(kind, self._cash_content(kind, amount_minor))

    def _cash_content(self, kind: str, amount_minor: int) -> Content:
        return self._content(amount_minor, (), (Tender("cash", amount_minor),), reason=self._why(kind))

    def _why(self, purpose: str) -> str:
        reasons = self.rules.reasons_for(purpose)
        return reasons[int(self.chance.random() * len(reasons))] if reasons else ""

    # ── the end of the shift ────────────────────────────────────────────────────────────────────────────────

    def _close(self) -> Intent:
        """Count, take the cash out where the pack says so, close."""
        close = self._errand("shift-close", self._content(0, shift=self.shift), blind=True)
        if not self.rules.withdraw_before_close:
            return close
        self._next.append(close)
        return self._errand("cash-out", self._cash_content("cash-out", 1), blind=True)

    def counted(self, intent: Intent, count: CashCount) -> None:
        """The drawer has been counted, and the till has said what it expects."""
        content = intent.request.content
        if intent.kind == "shift-close":
            intent.request = replace(intent.request, content=replace(content, count=count.uid))
            return
        amount_minor = count.expected_minor
        paid = replace(content, total_minor=amount_minor, tenders=(Tender("cash", amount_minor),))
        intent.request = replace(intent.request, content=paid)
        intent.blind = False
        for one in self._next:
            if one.kind == "shift-close":
                one.request = replace(one.request, content=replace(one.request.content, count=count.uid))

    # ── what has become of it ───────────────────────────────────────────────────────────────────────────────

    def ended(self, intent: Intent) -> None:
        """Somebody has left; the cashier knows with what."""
        happened = intent.ending is Ending.SOLD
        if intent.kind == "cash-sale" and happened:
            self._remember(intent)
        elif intent.kind in ("refund", "void") and happened and intent.follows is not None:
            self._taken_back(intent, intent.follows)
        elif intent.kind == "shift-open" and happened:
            self._opened(intent.request.content.shift)
        elif intent.kind == "shift-close" and happened:
            self._closed()
        elif intent.kind == "payout" and not happened and intent.follows is not None:
            self._owed.append(intent.follows)
        if intent.owed and happened:
            self._owed.append(intent)
        if intent.ending is not Ending.SOLD:
            self._next = [one for one in self._next if one.before is not intent]

    def told(self, fault: Fault) -> None:
        """What the till has refused says how it stands."""
        if fault.code == "till.shift-closed" and self.rules.shifts:
            self._closed()
        elif fault.code == "till.shift-already-open":
            shift = fault.facts.get("shift")
            self._opened(shift if isinstance(shift, int) else self.shift + 1)

    def _opened(self, shift: int) -> None:
        if not self.is_open:
            self.is_open, self.shift = True, max(shift, self.shift)
            self._customers_left = self._draw_shift()

    def _closed(self) -> None:
        self.is_open = False

    def _remember(self, intent: Intent) -> None:
        lines = intent.request.content.lines
        left = {number: line.quantity_milli for number, line in enumerate(lines, start=1)}
        self._sold.append(_Sold(intent, self.shift, left))
        del self._sold[:-TAKEN_BACK_SOON]

    def _taken_back(self, intent: Intent, sale: Intent) -> None:
        for sold in self._sold:
            if sold.intent is sale:
                for line in intent.request.content.lines:
                    sold.left[line.of] = max(0, sold.left.get(line.of, 0) - line.quantity_milli)


def _part(line: Line, number: int, quantity_milli: int) -> Line:
    """So much of a line, as a refund names it. Prices are for whole pieces, so nothing has to be rounded."""
    total_minor = line.total_minor * quantity_milli // line.quantity_milli
    return Line(line.goods, line.name, quantity_milli, total_minor, line.price_minor, of=number)
