"""Sums are whole minor units; reading and showing them are each other's reverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.money import Currency, parse_minor, plain

EXPONENTS = st.integers(0, 3)
SUMS = st.integers(0, 10**14)


@pytest.mark.parametrize(
    ("text", "exponent", "amount_minor"),
    [
        ("12", 2, 1200),
        ("12.5", 2, 1250),
        ("12,50", 2, 1250),
        (" 0.07 ", 2, 7),
        ("007", 0, 7),
        ("999999999999999", 0, 999_999_999_999_999),
    ],
)
def test_what_a_person_types_is_read(text: str, exponent: int, amount_minor: int) -> None:
    assert parse_minor(text, exponent) == amount_minor


@pytest.mark.parametrize(
    ("text", "exponent"),
    [
        ("", 2),
        (".5", 2),
        ("12.", 2),
        ("-1", 2),
        ("+1", 2),
        ("1.234", 2),
        ("1.5", 0),
        ("1.2.3", 2),
        ("1 000", 2),
        ("1e3", 2),
        ("٣", 2),
        ("1.٣", 2),
        ("1000000000000000", 0),
    ],
)
def test_anything_else_is_refused(text: str, exponent: int) -> None:
    with pytest.raises(ValueError, match="not a sum"):
        parse_minor(text, exponent)


@pytest.mark.parametrize(
    ("amount_minor", "exponent", "text"),
    [(568, 2, "5.68"), (-5, 2, "-0.05"), (0, 2, "0.00"), (1500, 0, "1500"), (-1500, 0, "-1500")],
)
def test_a_sum_is_written_plainly(amount_minor: int, exponent: int, text: str) -> None:
    assert plain(amount_minor, exponent) == text


@given(SUMS, EXPONENTS)
def test_what_is_written_is_read_back(amount_minor: int, exponent: int) -> None:
    assert parse_minor(plain(amount_minor, exponent), exponent) == amount_minor


def test_a_currency_is_its_code_and_its_exponent() -> None:
    assert Currency("VND", 0) != Currency("VND", 2)
