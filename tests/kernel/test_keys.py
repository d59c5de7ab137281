"""One intent has one name: operations by UUID, legs by the operation's name and their number."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.keys import leg_key, number_of_key, uid_from_bytes, uid_from_text, uid_of_key


@given(st.uuids())
def test_a_uid_has_one_form(uid: uuid.UUID) -> None:
    assert uid_from_text(f" {str(uid).upper()}\n") == str(uid)


@pytest.mark.parametrize(
    "text",
    ["", "1", "{a}", "g0000000-0000-4000-8000-000000000001", "00000000000040008000000000000001", "a.1"],
)
def test_anything_else_is_no_uid(text: str) -> None:
    with pytest.raises(ValueError, match="not a UUID"):
        uid_from_text(text)


@given(st.uuids(), st.integers(1, 99))
def test_a_key_leads_back_to_its_operation(uid: uuid.UUID, number: int) -> None:
    assert uid_of_key(leg_key(str(uid), number)) == str(uid)


@given(st.uuids(), st.integers(1, 99), st.integers(1, 99))
def test_each_leg_has_a_key_of_its_own(uid: uuid.UUID, one: int, other: int) -> None:
    assert (leg_key(str(uid), one) == leg_key(str(uid), other)) == (one == other)


@given(st.binary(min_size=16, max_size=16))
def test_chance_makes_a_version_4_uuid(chance: bytes) -> None:
    made = uuid.UUID(uid_from_bytes(chance))
    assert made.version == 4
    assert made.variant == uuid.RFC_4122
    assert uid_from_text(str(made)) == uid_from_bytes(chance)


@pytest.mark.parametrize("length", [0, 15, 17])
def test_too_little_chance_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        uid_from_bytes(bytes(length))


@pytest.mark.parametrize(
    ("key", "number"),
    [("u.7", 7), ("u.12", 12), ("u", None), ("u.", None), ("u.x", None), ("u.1.2", None), ("u.²", None)],
)
def test_the_number_of_a_leg_stands_in_its_key(key: str, number: int | None) -> None:
    assert number_of_key(key) == number


@given(st.integers(1, 10**9 - 1))
def test_the_number_comes_back(number: int) -> None:
    assert number_of_key(leg_key("u", number)) == number
    assert number_of_key(f"u.{10**9}") is None
