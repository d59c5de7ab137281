"""The cash book: sums move, they never appear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.books.cash import Account, Entry, Unbalanced, balanced, cash_sale, deposit, move

SUMS = st.integers(-(10**12), 10**12)
ACCOUNTS = st.sampled_from(Account)


@given(SUMS, ACCOUNTS, ACCOUNTS)
def test_a_move_adds_up_to_nothing(amount_minor: int, into: Account, out_of: Account) -> None:
    entries = move(amount_minor, into, out_of)
    assert entries == (Entry(into, amount_minor), Entry(out_of, -amount_minor))
    assert sum(entry.amount_minor for entry in entries) == 0


@given(st.lists(SUMS, max_size=5))
def test_only_what_adds_up_to_nothing_is_a_posting(amounts: list[int]) -> None:
    entries = [Entry(Account.DRAWER, amount) for amount in amounts]
    if sum(amounts) == 0:
        assert balanced(entries) == tuple(entries)
    else:
        with pytest.raises(Unbalanced):
            balanced(entries)


@given(st.integers(1, 10**12))
def test_a_sale_fills_the_drawer_and_is_earned(total_minor: int) -> None:
    assert cash_sale(total_minor) == (Entry(Account.DRAWER, total_minor), Entry(Account.SALES, -total_minor))


@given(st.integers(1, 10**12))
def test_a_deposit_fills_the_drawer_and_is_not_earned(amount_minor: int) -> None:
    assert deposit(amount_minor) == (
        Entry(Account.DRAWER, amount_minor),
        Entry(Account.DEPOSITS, -amount_minor),
    )
