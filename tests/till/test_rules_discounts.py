"""What is taken off: as it was given, never below zero, spread without losing a minor unit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.fault import FaultError
from tillwright.machine.resources import shipped_rules
from tillwright.operations.guards import content_fault
from tillwright.operations.model import Tender
from tillwright.till import rules
from tillwright.till.discounts import AMOUNT, NO_DISCOUNT, PERCENT, WHOLE, Discount, spread
from tillwright.till.rules import Basket, Offer

PACK = shipped_rules("demo")
MILK = Offer("1001", "Milk", "piece", 189, "EUR")
BREAD = Offer("1002", "Bread", "piece", 240, "EUR")
APPLES = Offer("1004", "Apples", "kg", 249, "EUR")


def basket_of(*offers: Offer) -> Basket:
    basket = Basket("u", "1", "EUR", 0, 0, 1, ())
    for offer in offers:
        basket = rules.add(basket, offer, 1_000, PACK)
    return basket


def code(call, *arguments) -> str:
    with pytest.raises(FaultError) as caught:
        call(*arguments)
    return caught.value.fault.code


@given(st.lists(st.integers(0, 10**9), max_size=40), st.integers(0, 10**6))
def test_nothing_is_lost_and_no_part_exceeds_its_sum(sums: list[int], share: int) -> None:
    discount_minor = sum(sums) * share // 10**6
    parts = spread(discount_minor, sums)
    assert sum(parts) == discount_minor
    assert all(0 <= part <= whole for part, whole in zip(parts, sums, strict=True))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=12), st.data())
def test_parts_are_in_proportion(sums: list[int], data: st.DataObject) -> None:
    discount_minor = data.draw(st.integers(0, sum(sums)))
    for part, whole in zip(spread(discount_minor, sums), sums, strict=True):
        assert abs(part * sum(sums) - whole * discount_minor) < sum(sums)


@pytest.mark.parametrize(
    ("off", "sums", "parts"),
    [
        (1, [1, 1, 1], [1, 0, 0]),
        (100, [189, 240, 310], [26, 32, 42]),
        (0, [5], [0]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
        (5, [0, 5], [0, 5]),
    ],
)
def test_parts_by_hand(off: int, sums: list[int], parts: list[int]) -> None:
    assert spread(off, sums) == parts


@pytest.mark.parametrize("off", [-1, 6])
def test_more_than_there_is_cannot_be_spread(off: int) -> None:
    with pytest.raises(ValueError, match="taken off"):
        spread(off, [2, 3])


@given(st.integers(0, 10**9), st.integers(0, WHOLE))
def test_a_share_stays_within_the_sum(sum_minor: int, share: int) -> None:
    assert 0 <= Discount(PERCENT, share).of_minor(sum_minor) <= sum_minor
    assert Discount(PERCENT, WHOLE).of_minor(sum_minor) == sum_minor


@pytest.mark.parametrize(
    ("discount", "sum_minor", "off"),
    [
        (Discount(PERCENT, 1_000), 189, 19),
        (Discount(PERCENT, 250), 100, 3),
        (Discount(AMOUNT, 50), 189, 50),
        (Discount(AMOUNT, 50), 20, 20),
        (NO_DISCOUNT, 20, 0),
    ],
)
def test_what_is_taken_off(discount: Discount, sum_minor: int, off: int) -> None:
    assert discount.of_minor(sum_minor) == off


@pytest.mark.parametrize(
    ("discount", "told"),
    [
        (Discount("gift", 1), "till.discount-invalid"),
        (Discount("", 1), "till.discount-invalid"),
        (Discount(AMOUNT, -1), "till.discount-invalid"),
        (Discount(PERCENT, WHOLE + 1), "till.discount-invalid"),
        (Discount(AMOUNT, 190), "till.discount-too-large"),
    ],
)
def test_what_is_no_discount(discount: Discount, told: str) -> None:
    basket = basket_of(MILK)
    assert code(rules.discount_line, basket, 1, discount) == told
    assert code(rules.discount_basket, basket, discount) == told


def test_the_whole_is_reduced_after_its_lines() -> None:
    basket = rules.discount_line(basket_of(MILK, BREAD), 1, Discount(PERCENT, 1_000))
    basket = rules.discount_basket(basket, Discount(AMOUNT, 100))
    assert (basket.lines_minor, basket.discount_minor, basket.total_minor) == (410, 100, 310)
    content = rules.content_of(basket, [Tender("cash", 310)])
    assert [(line.total_minor, line.discount_minor) for line in content.lines] == [(129, 60), (181, 59)]
    assert content_fault("cash-sale", content, PACK) is None


def test_a_share_follows_the_quantity_and_a_sum_is_capped() -> None:
    basket = rules.discount_line(basket_of(MILK, BREAD), 1, Discount(PERCENT, 1_000))
    basket = rules.discount_basket(basket, Discount(AMOUNT, 400))
    basket = rules.set_quantity(basket, 1, 2_000, PACK)
    assert basket.lines[0].discount_minor == 38
    basket = rules.remove(basket, 1)
    assert (basket.discount_minor, basket.total_minor) == (240, 0)


def test_taken_away_again() -> None:
    basket = rules.discount_line(basket_of(MILK), 1, Discount(AMOUNT, 9))
    assert basket.discounted
    basket = rules.discount_line(basket, 1, NO_DISCOUNT)
    assert not basket.discounted
    assert basket.version == basket_of(MILK).version + 2
    assert code(rules.discount_line, basket, 9, NO_DISCOUNT) == "till.basket-stale"


@given(
    st.lists(
        st.tuples(st.sampled_from([MILK, BREAD, APPLES]), st.integers(0, WHOLE)), min_size=1, max_size=8
    ),
    st.integers(0, WHOLE),
)
def test_what_the_operation_is_asked_adds_up(chosen: list[tuple[Offer, int]], share: int) -> None:
    basket = basket_of(*[offer for offer, _ in chosen])
    for position, (_, own) in zip([line.position for line in basket.lines], chosen, strict=False):
        basket = rules.discount_line(basket, position, Discount(PERCENT, own))
    basket = rules.discount_basket(basket, Discount(PERCENT, share))
    content = rules.content_of(basket, [])
    assert sum(line.total_minor for line in content.lines) == content.total_minor == basket.total_minor
    for asked, line in zip(content.lines, basket.lines, strict=True):
        assert asked.total_minor + asked.discount_minor == line.total_minor
        assert asked.total_minor >= 0
    assert replace(basket, discount=NO_DISCOUNT).total_minor >= basket.total_minor
