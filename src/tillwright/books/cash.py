"""The cash book of a till: drawer, sales, refunds, deposits, withdrawals, over and short, owed to customers.

Every posting is a set of entries that add up to nothing, so a sum can move but never appear. The drawer is
what should lie in it; the other accounts say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Account(Enum):
    """The accounts of the cash book."""

    DRAWER = "drawer"
    SALES = "sales"
    REFUNDS = "refunds"
    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    OVER_SHORT = "over-short"
    OWED = "owed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a posting: minor units, positive into the account."""

    account: Account
    amount_minor: int


class Unbalanced(Exception):
    """A posting whose entries do not add up to nothing: a mistake of ours, never written."""


def balanced(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, if they add up to nothing; Unbalanced otherwise."""
    if sum(entry.amount_minor for entry in entries) != 0:
        raise Unbalanced(str([(entry.account.value, entry.amount_minor) for entry in entries]))
    return tuple(entries)


def move(amount_minor: int, into: Account, out_of: Account) -> tuple[Entry, ...]:
    """The posting that moves a sum from one account to another."""
    return balanced((Entry(into, amount_minor), Entry(out_of, -amount_minor)))


def cash_sale(total_minor: int) -> tuple[Entry, ...]:
    """What a cash sale does: its total lies in the drawer (tendered less change) and is earned."""
    return move(total_minor, Account.DRAWER, Account.SALES)


def deposit(amount_minor: int) -> tuple[Entry, ...]:
    """What a cash-in does, the opening float among them."""
    return move(amount_minor, Account.DRAWER, Account.DEPOSITS)
