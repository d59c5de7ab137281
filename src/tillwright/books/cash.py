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


def exchange_sale(total_minor: int, exchange_minor: int) -> tuple[Entry, ...]:
    """A sale that goods brought back pay in part: until their refund that part stands as owed."""
    return balanced(
        _without_nothing(
            Entry(Account.DRAWER, total_minor - exchange_minor),
            Entry(Account.OWED, exchange_minor),
            Entry(Account.SALES, -total_minor),
        )
    )


def refund(total_minor: int, exchange_minor: int = 0) -> tuple[Entry, ...]:
    """What a refund does: cash goes back from the drawer; what an exchange has paid with is settled."""
    return balanced(
        _without_nothing(
            Entry(Account.REFUNDS, total_minor),
            Entry(Account.DRAWER, exchange_minor - total_minor),
            Entry(Account.OWED, -exchange_minor),
        )
    )


def withdrawal(amount_minor: int) -> tuple[Entry, ...]:
    """What a cash-out does."""
    return move(amount_minor, Account.WITHDRAWALS, Account.DRAWER)


def correction(amount_minor: int) -> tuple[Entry, ...]:
    """What a correction does: the drawer's book is higher (lower, if negative) by so much."""
    return move(amount_minor, Account.DRAWER, Account.OVER_SHORT)


def owed_paid(amount_minor: int) -> tuple[Entry, ...]:
    """What was owed to a customer is handed out at last."""
    return move(amount_minor, Account.OWED, Account.DRAWER)


def not_handed_out(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The same posting when the money stayed in the drawer: it is owed instead."""
    return balanced(
        tuple(
            Entry(Account.OWED if entry.account is Account.DRAWER else entry.account, entry.amount_minor)
            for entry in entries
        )
    )


def taken_back(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The posting that undoes this one."""
    return balanced(tuple(Entry(entry.account, -entry.amount_minor) for entry in entries))


def _without_nothing(*entries: Entry) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.amount_minor != 0)


def deposit(amount_minor: int) -> tuple[Entry, ...]:
    """What a cash-in does, the opening float among them."""
    return move(amount_minor, Account.DRAWER, Account.DEPOSITS)
