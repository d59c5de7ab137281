"""Card numbers do not survive in free text; what is none mostly does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.masking import has_check_digit, looks_like_card, mask_cards


def with_check_digit(digits: str) -> str:
    """The number that begins with `digits` and fits."""
    return digits + next(last for last in "0123456789" if has_check_digit(digits + last))


NUMBERS = st.text("0123456789", min_size=12, max_size=18).map(with_check_digit)
APART = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "411111******1111"),
        ("Visa 4111 1111 1111 1111, thanks", "Visa 4111 11** **** 1111, thanks"),
        ("378282246310005", "378282*****0005"),
        ("6304-0000-0000-0000", "6304-00**-****-0000"),
        ("9112 3800.0000\u00a00002", "9112 38**.****\u00a00002"),
        ("4222222222222", "422222***2222"),
        ("4111–1111–1111–1111", "4111–11**–****–1111"),
        ("４１１１１１１１１１１１１１１１", "４１１１１１******１１１１"),
        ("6221260000000000001", "622126*********0001"),
        ("4111111111111111, 5500005555555559", "411111******1111, 550000******5559"),
        ("% B4111111111111111^DOE/J^2512", "% B411111******1111^DOE/J^2512"),
    ],
)
def test_a_card_number_is_masked(text: str, masked: str) -> None:
    assert mask_cards(text) == masked
    assert looks_like_card(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bread",
        "4111 1111 1111",
        "4111111111111112",
        "4111 1111 1111 1112",
        "Milk 3.5 % 1000 ml",
        "411111111111a1111111",
        "411111  1111111111",
        "+375 29 123 45 67",
        "4006381333931",
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert mask_cards(text) == text
    assert not looks_like_card(text)


@given(NUMBERS, APART, APART)
def test_no_card_number_survives_in_any_company(number: str, before: str, after: str) -> None:
    masked = mask_cards(before + number + after)
    assert set(masked[len(before) + 6 : len(before) + len(number) - 4]) == {"*"}


@given(NUMBERS, st.text("0123456789", max_size=12), st.text("0123456789", max_size=12))
def test_groups_of_digits_around_it_do_not_save_it(number: str, before: str, after: str) -> None:
    masked = mask_cards(f"{before} {number} {after}")
    assert set(masked[len(before) + 7 : len(before) + 1 + len(number) - 4]) == {"*"}


@given(NUMBERS.filter(lambda number: len(number) > 15), st.text("0123456789", min_size=4, max_size=20))
def test_digits_that_run_on_do_not_save_it(number: str, after: str) -> None:
    assert set(mask_cards(number + after)[6 : len(number) - 4]) == {"*"}


@given(st.lists(NUMBERS, max_size=3), st.text("0123456789 -.*x", max_size=60))
def test_masking_twice_is_masking_once(numbers: list[str], text: str) -> None:
    whole = " ".join([*numbers, text])
    once = mask_cards(whole)
    assert mask_cards(once) == once
    assert len(once) == len(whole)


@given(NUMBERS)
def test_the_check_digit_catches_a_wrong_one(number: str) -> None:
    wrong = str((int(number[-1]) + 1) % 10)
    assert has_check_digit(number)
    assert not has_check_digit(number[:-1] + wrong)
