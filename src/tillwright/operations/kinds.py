"""The kinds of operation: which legs in which order, where the commit point is, and what is booked at the
end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tillwright.books import cash
from tillwright.books.cash import Entry
from tillwright.kernel.keys import leg_key
from tillwright.operations.model import Content, Leg


@dataclass(frozen=True, slots=True)
class LegPlan:
    """One leg of a kind. Before the commit point a failure undoes; after it everything moves forward only."""

    party: str
    action: str
    commit_point: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of operation: its name for people and programs, its legs, its posting and its document.

    `device_document`: the kind of the fiscal document that comes of it, '' for none. `payout`: money goes to
    a customer. `ruled`: a person may rule over its legs (a shift follows the device alone). `shift`: what it
    makes of the till's shift.
    """

    name: str
    legs: tuple[LegPlan, ...]
    entries: Callable[[Content], tuple[Entry, ...]]
    document: str
    device_document: str = ""
    payout: bool = False
    ruled: bool = True
    shift: str = ""


def exchange_minor(content: Content) -> int:
    """The part of the total that the other half of an exchange pays."""
    return sum(tender.amount_minor for tender in content.tenders if tender.kind == "exchange")


def in_cash_minor(content: Content) -> int:
    """The part of the total that moves in cash: without what the other half of an exchange pays."""
    return content.total_minor - exchange_minor(content)


def _cash_sale(content: Content) -> tuple[Entry, ...]:
    return cash.exchange_sale(content.total_minor, exchange_minor(content))


def _refund(content: Content) -> tuple[Entry, ...]:
    return cash.refund(content.total_minor, exchange_minor(content))


def _cash_in(content: Content) -> tuple[Entry, ...]:
    return cash.deposit(content.total_minor)


def _cash_out(content: Content) -> tuple[Entry, ...]:
    return cash.withdrawal(content.total_minor)


def _payout(content: Content) -> tuple[Entry, ...]:
    return cash.owed_paid(content.total_minor)


def _correction(content: Content) -> tuple[Entry, ...]:
    return cash.correction(content.total_minor)


def _nothing(_content: Content) -> tuple[Entry, ...]:
    return ()


def _control(action: str) -> tuple[LegPlan, ...]:
    return (LegPlan("control", action, commit_point=True),)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cash-sale", _control("register"), _cash_sale, "receipt", "sale"),
        Kind("refund", _control("refund"), _refund, "refund-receipt", "refund", payout=True),
        Kind("void", _control("annul"), _refund, "void-receipt", "annulment", payout=True),
        Kind("cash-in", _control("deposit"), _cash_in, "cash-slip", "deposit"),
        Kind("cash-out", _control("withdraw"), _cash_out, "cash-slip", "withdrawal"),
        Kind("shift-open", _control("open"), _nothing, "", "shift-open", ruled=False, shift="open"),
        Kind(
            "shift-close", _control("close"), _nothing, "z-report", "shift-close", ruled=False, shift="closed"
        ),
        Kind("payout", (), _payout, "cash-slip"),
        Kind("correction", (), _correction, "correction-slip"),
    )
}
"""'payout' hands out what is owed to a customer; the device has counted it with the refund."""


def entries_of(kind: Kind, content: Content, *, owed: bool = False) -> tuple[Entry, ...]:
    """What an operation of this kind books; if its payout was not handed out, as owed to the customer."""
    entries = kind.entries(content)
    return cash.not_handed_out(entries) if owed else entries


STARTABLE = frozenset(KINDS)
"""The kinds that a till can begin, where its pack has them."""


def planned_legs(uid: str, kind: Kind) -> tuple[Leg, ...]:
    """The legs of a new operation of this kind."""
    return tuple(
        Leg(number, plan.party, plan.action, leg_key(uid, number), commit_point=plan.commit_point)
        for number, plan in enumerate(kind.legs, start=1)
    )
