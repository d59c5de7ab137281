"""The kinds of operation: which legs in which order, where the commit point is, and what is booked at the
end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tillwright.books.cash import Entry, cash_sale, deposit
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
    """A kind of operation: its name for people and programs, its legs, its posting and its document."""

    name: str
    legs: tuple[LegPlan, ...]
    entries: Callable[[Content], tuple[Entry, ...]]
    document: str


def _cash_sale(content: Content) -> tuple[Entry, ...]:
    return cash_sale(content.total_minor)


def _cash_in(content: Content) -> tuple[Entry, ...]:
    return deposit(content.total_minor)


KINDS: Mapping[str, Kind] = {
    "cash-sale": Kind(
        "cash-sale", (LegPlan("control", "register", commit_point=True),), _cash_sale, "receipt"
    ),
    "cash-in": Kind("cash-in", (LegPlan("control", "deposit", commit_point=True),), _cash_in, "cash-slip"),
}
"""'cash-in' exists so far only as what a device's record tells; nobody can start one yet."""

STARTABLE = frozenset({"cash-sale"})
"""The kinds that a till can begin."""


def planned_legs(uid: str, kind: Kind) -> tuple[Leg, ...]:
    """The legs of a new operation of this kind."""
    return tuple(
        Leg(number, plan.party, plan.action, leg_key(uid, number), commit_point=plan.commit_point)
        for number, plan in enumerate(kind.legs, start=1)
    )
