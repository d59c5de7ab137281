"""The cash book: sums move, they never appear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.books.cash import (
    Account,
    Entry,
    Unbalanced,
    balanced,
    cash_sale,
    correction,
    deposit,
    exchange_sale,
    move,
    not_handed_out,
    owed_paid,
    refund,
    taken_back,
    withdrawal,
)

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


@given(st.integers(1, 10**12), st.data())
def test_both_halves_of_an_exchange_leave_nothing_owed(returned_minor: int, data: st.DataObject) -> None:
    """Goods for goods: cash moves by the difference, and what stood between the halves is gone."""
    chosen_minor = data.draw(st.integers(1, 10**12))
    settled_minor = min(returned_minor, chosen_minor)
    entries = [*exchange_sale(chosen_minor, settled_minor), *refund(returned_minor, settled_minor)]
    sums = {account: sum(e.amount_minor for e in entries if e.account is account) for account in Account}
    assert sums[Account.OWED] == 0
    assert sums[Account.DRAWER] == chosen_minor - returned_minor
    assert (sums[Account.SALES], sums[Account.REFUNDS]) == (-chosen_minor, returned_minor)
    assert all(entry.amount_minor for entry in entries)


@given(st.integers(1, 10**12))
def test_a_sale_without_an_exchange_is_a_cash_sale(total_minor: int) -> None:
    assert exchange_sale(total_minor, 0) == cash_sale(total_minor)


@given(st.integers(1, 10**12))
def test_what_goes_out_empties_the_drawer(amount_minor: int) -> None:
    assert refund(amount_minor)[1] == Entry(Account.DRAWER, -amount_minor)
    assert withdrawal(amount_minor) == (
        Entry(Account.WITHDRAWALS, amount_minor),
        Entry(Account.DRAWER, -amount_minor),
    )


@given(SUMS)
def test_a_correction_goes_either_way(amount_minor: int) -> None:
    assert correction(amount_minor) == (
        Entry(Account.DRAWER, amount_minor),
        Entry(Account.OVER_SHORT, -amount_minor),
    )


@given(st.integers(1, 10**12))
def test_what_was_not_handed_out_is_owed_until_it_is_paid(amount_minor: int) -> None:
    owed = not_handed_out(refund(amount_minor))
    assert owed == (Entry(Account.REFUNDS, amount_minor), Entry(Account.OWED, -amount_minor))
    after = (*owed, *owed_paid(amount_minor))
    assert sum(entry.amount_minor for entry in after if entry.account is Account.OWED) == 0
    assert sum(entry.amount_minor for entry in after if entry.account is Account.DRAWER) == -amount_minor


@given(SUMS, ACCOUNTS, ACCOUNTS)
def test_what_is_taken_back_leaves_no_trace(amount_minor: int, into: Account, out_of: Account) -> None:
    entries = move(amount_minor, into, out_of)
    both = (*entries, *taken_back(entries))
    assert all(sum(e.amount_minor for e in both if e.account is account) == 0 for account in Account)
