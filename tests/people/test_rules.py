"""The ladder of roles: each may what those below may, and a pack only ever asks for more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.rules import ROLES
from tillwright.people.models import Role
from tillwright.people.rules import (
    APPROVABLE,
    LARGEST_NUMBER,
    LONGEST_NAME,
    LOWEST_ROLE,
    may,
    needed_role,
    person_fault,
    pin_fault,
    rank,
)

PURPOSES = st.sampled_from(sorted(LOWEST_ROLE))
DEMANDS = st.lists(st.tuples(PURPOSES, st.sampled_from([*ROLES, "owner"])), max_size=6)


def pack(*demands: tuple[str, str]) -> Any:
    """Rules of a pack as far as roles go."""
    return SimpleNamespace(approvals=tuple(SimpleNamespace(purpose=one, role=role) for one, role in demands))


@given(PURPOSES, DEMANDS, st.integers(0, len(ROLES) - 1), st.integers(0, len(ROLES) - 1))
def test_a_higher_role_may_whatever_a_lower_one_may(purpose, demands, one: int, other: int) -> None:
    low, high = sorted((one, other))
    rules = pack(*demands)
    assert may(ROLES[high], purpose, rules) or not may(ROLES[low], purpose, rules)


@given(PURPOSES, DEMANDS, st.sampled_from(ROLES))
def test_a_pack_takes_rights_away_and_gives_none(purpose, demands, role) -> None:
    assert may(role, purpose, pack()) or not may(role, purpose, pack(*demands))


@given(PURPOSES, DEMANDS)
def test_somebody_may_do_everything(purpose, demands) -> None:
    assert may(ROLES[-1], purpose, pack(*demands))


@given(PURPOSES, DEMANDS, st.text(max_size=12).filter(lambda text: text not in ROLES))
def test_a_role_that_is_none_may_nothing(purpose, demands, role) -> None:
    assert not may(role, purpose, pack(*demands))


@pytest.mark.parametrize(
    ("purpose", "role"),
    [
        ("shift-open", "cashier"),
        ("shift-close", "cashier"),
        ("sale", "cashier"),
        ("cash-in", "cashier"),
        ("refund", "senior"),
        ("void", "senior"),
        ("ruling", "senior"),
        ("correction", "administrator"),
        ("people", "administrator"),
    ],
)
def test_who_may_what_where_the_pack_says_nothing(purpose: str, role: str) -> None:
    assert needed_role(purpose, pack()) == role


def test_a_pack_can_ask_for_more_and_not_for_less() -> None:
    rules = pack(("discount", "senior"), ("cash-out", "administrator"), ("correction", "cashier"))
    assert [needed_role(one, rules) for one in ("discount", "cash-out", "correction")] == [
        "senior",
        "administrator",
        "administrator",
    ]


def test_a_misspelt_role_in_a_pack_lets_only_the_highest_through() -> None:
    assert needed_role("discount", pack(("discount", "senoir"))) == "administrator"


def test_a_purpose_that_is_none_is_a_mistake() -> None:
    with pytest.raises(LookupError):
        may("administrator", "world-domination", pack())


def test_the_ladder_is_that_of_the_accounts() -> None:
    assert list(ROLES) == list(Role.values)
    assert [rank(role) for role in ROLES] == [0, 1, 2]
    assert set(APPROVABLE) <= set(LOWEST_ROLE)


@pytest.mark.parametrize(
    ("number", "name", "fits"),
    [
        (1, "A", True), (LARGEST_NUMBER, "Nguyễn Văn An", True), (1, "x" * LONGEST_NAME, True),
        (0, "A", False), (-1, "A", False), (LARGEST_NUMBER + 1, "A", False),
        (1, "", False), (1, " A", False), (1, "A ", False), (1, "x" * (LONGEST_NAME + 1), False),
        (1, "A\nB", False),
    ],
)  # fmt: skip
def test_who_can_work_here(number: int, name: str, fits: bool) -> None:
    fault = person_fault(number, name)
    assert fits if fault is None else (not fits and fault.code == "people.name-unfit")


@pytest.mark.parametrize(
    ("number", "pin", "fits"),
    [
        (7, "1357", True), (7, "13572468", True), (1357, "1358", True), (7, "0123", True),
        (7, "135", False), (7, "135724689", False), (7, "13a7", False), (7, "१२३४", False), (7, "", False),
        (7, "1111", False), (1357, "1357", False), (1357, "01357", False),
    ],
)  # fmt: skip
def test_a_pin_that_anybody_would_try_is_none(number: int, pin: str, fits: bool) -> None:
    fault = pin_fault(number, pin)
    assert fits if fault is None else (not fits and fault.code == "people.pin-unfit")
