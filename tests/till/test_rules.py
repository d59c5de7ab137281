"""What a basket is: totals, bounds, positions, codes."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.fault import FaultError
from tillwright.machine.resources import shipped_rules
from tillwright.operations.guards import content_fault
from tillwright.operations.model import Tender
from tillwright.till import rules
from tillwright.till.rules import Basket, Offer

PACK = shipped_rules("demo")
EMPTY = Basket("u", "1", "EUR", 0, 0, 1, ())
MILK = Offer("1001", "Milk", "piece", 189, "EUR")
APPLES = Offer("1004", "Apples", "kg", 249, "EUR")


def code(call, *arguments) -> str:
    with pytest.raises(FaultError) as caught:
        call(*arguments)
    return caught.value.fault.code


@given(st.integers(0, 10**9), st.integers(0, 10**8))
def test_a_total_is_rounded_half_up(price_minor: int, quantity_milli: int) -> None:
    exact = Decimal(price_minor) * quantity_milli / 1000
    assert rules.line_total_minor(price_minor, quantity_milli) == int(
        exact.quantize(Decimal(1), ROUND_HALF_UP)
    )


@pytest.mark.parametrize(
    ("price", "milli", "total"), [(240, 1375, 330), (1, 500, 1), (1, 499, 0), (3, 500, 2), (0, 1, 0)]
)
def test_totals_by_hand(price: int, milli: int, total: int) -> None:
    assert rules.line_total_minor(price, milli) == total


def test_pieces_join_their_line_and_weighings_do_not() -> None:
    basket = rules.add(rules.add(EMPTY, MILK, 1_000, PACK), MILK, 2_000, PACK)
    assert [(line.quantity_milli, line.total_minor) for line in basket.lines] == [(3_000, 567)]
    for grams in (500, 250):
        basket = rules.add(basket, APPLES, grams, PACK)
    assert [line.total_minor for line in basket.lines] == [567, 125, 62]
    assert basket.total_minor == 754


def test_the_same_goods_at_another_price_are_another_line() -> None:
    basket = rules.add(EMPTY, MILK, 1_000, PACK)
    basket = rules.add(basket, replace(MILK, price_minor=150), 1_000, PACK)
    assert [line.price_minor for line in basket.lines] == [189, 150]


def test_positions_are_never_given_twice() -> None:
    basket = rules.add(rules.add(EMPTY, MILK, 1_000, PACK), APPLES, 500, PACK)
    basket = rules.add(rules.remove(basket, 2), APPLES, 700, PACK)
    assert [line.position for line in basket.lines] == [1, 3]
    assert code(rules.remove, basket, 2) == "till.basket-stale"
    assert code(rules.set_quantity, basket, 2, 1_000, PACK) == "till.basket-stale"


def test_every_change_makes_a_new_version() -> None:
    one = rules.add(EMPTY, MILK, 1_000, PACK)
    other = rules.remove(one, 1)
    assert (one.version, other.version) == (1, 2)


@pytest.mark.parametrize("quantity_milli", [0, -1_000, rules.LARGEST_QUANTITY_MILLI + 1_000, 1_500])
def test_a_quantity_that_cannot_be(quantity_milli: int) -> None:
    assert code(rules.add, EMPTY, MILK, quantity_milli, PACK) == "till.line-invalid"


def test_the_packs_bounds_hold() -> None:
    few = replace(PACK, maximum_lines=2)
    basket = rules.add(rules.add(EMPTY, APPLES, 1, few), APPLES, 1, few)
    assert code(rules.add, basket, APPLES, 1, few) == "till.lines-out-of-bounds"
    dear = Offer("9", "Gold", "piece", PACK.currencies[0].maximum_total_minor, "EUR")
    full = rules.add(EMPTY, dear, 1_000, PACK)
    assert code(rules.add, full, MILK, 1_000, PACK) == "till.total-out-of-bounds"
    assert code(rules.add, EMPTY, replace(MILK, currency="VND"), 1_000, PACK) == "till.wrong-currency"


def test_a_basket_in_a_currency_that_the_pack_does_not_sell_in() -> None:
    foreign = replace(EMPTY, currency="USD")
    assert code(rules.add, foreign, replace(MILK, currency="USD"), 1_000, PACK) == "till.wrong-currency"


@given(st.lists(st.tuples(st.sampled_from([MILK, APPLES]), st.integers(1, 9)), min_size=1, max_size=30))
def test_what_the_basket_holds_is_what_the_operation_accepts(presses) -> None:
    basket = EMPTY
    for offer, count in presses:
        basket = rules.add(basket, offer, count * 1_000, PACK)
    content = rules.content_of(basket, [Tender("cash", basket.total_minor)])
    assert content_fault("cash-sale", content, PACK) is None
    assert content.total_minor == sum(line.total_minor for line in basket.lines)


def test_an_empty_basket_cannot_be_sold() -> None:
    assert code(rules.content_of, EMPTY, []) == "till.basket-empty"


# --- codes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("good", ["4006381333931", "2000000010014", "9780201379624"])
def test_the_check_digit(good: str) -> None:
    assert rules.is_ean13(good)
    assert not rules.is_ean13(good[:-1] + str((int(good[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "bad", ["", "4006381333", "40063813339310", "400638133393x", "４００６３８１３３３９３１"]
)
def test_what_is_no_ean13(bad: str) -> None:
    assert not rules.is_ean13(bad)


def label(goods: str, grams: int) -> str:
    digits = f"22{goods}{grams:05}"
    return digits + rules.check_digit(digits)


def test_a_scales_label_carries_the_weight() -> None:
    assert rules.scale_label(label("01004", 1_375)) == ("2201004", 1_375)
    assert rules.scale_label(label("01004", 0)) is None
    assert rules.scale_label("2000000010014") is None
    assert rules.scale_label(label("01004", 1_375)[:-1] + "x") is None


@pytest.mark.parametrize(
    ("total_minor", "sums"),
    [
        (568, (568, 1_000, 2_000, 5_000)),
        (500, (500, 1_000, 2_000, 5_000)),
        (1_234, (1_234, 1_500, 2_000, 5_000)),
        (20_001, (20_001, 20_500, 21_000, 22_000)),
        (10_000, (10_000,)),
    ],
)
def test_the_next_sums_that_whole_notes_make(total_minor: int, sums: tuple[int, ...]) -> None:
    assert rules.notes_up(total_minor, (10_000, 5_000, 2_000, 1_000, 500)) == sums
