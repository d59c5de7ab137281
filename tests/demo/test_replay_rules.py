"""The data set against the books: what is lost, doubled, off or at another till is seen basket by basket."""

from pathlib import Path

import pytest

from tests.demo import honest_books
from tests.demo.tampering import tamper
from tillwright.demo import replay_rules
from tillwright.demo.replay_rules import Intent
from tillwright.demo.verify_reading import Books, read_books


@pytest.fixture
def sold(tmp_path: Path) -> list[Intent]:
    """Three baskets, sold honestly; the second one was rung up twice, of which once came to nothing."""
    shop = honest_books.open_shop(tmp_path)
    first, second, third = (shop.sell("till-1", total_minor) for total_minor in (500, 600, 700))
    shop.close()
    nothing = "99999999-0000-4000-8000-000000000000"
    return [
        Intent("1", "till-1", 500, (first,)),
        Intent("2", "till-1", 600, (nothing, second)),
        Intent("3", "till-1", 700, (third,)),
    ]


def books(tmp_path: Path) -> Books:
    return read_books(tmp_path)


def test_honest_sales_stand_once(sold: list[Intent], tmp_path: Path) -> None:
    assert [one.wrong for one in replay_rules.find(sold, books(tmp_path))] == [False, False, False]
    assert list(replay_rules.strangers(sold, books(tmp_path))) == []
    sums = replay_rules.sums(sold, books(tmp_path))
    assert list(sums) == ["data set", "journal", "device"]
    assert list(sums.values()) == [{"operations": 3, "sum_minor": 1_800}] * 3


def test_a_basket_that_nobody_has_is_lost(sold: list[Intent], tmp_path: Path) -> None:
    never = Intent("4", "till-1", 800, ("99999999-0000-4000-8000-000000000001",))
    found = replay_rules.find([*sold, never], books(tmp_path))[-1]
    assert (found.lost, found.doubled, found.off_minor) == (True, False, 1_600)


def test_one_that_the_device_lacks_is_lost(sold: list[Intent], tmp_path: Path) -> None:
    tamper(tmp_path, "twins.db", "DELETE FROM document WHERE total_minor = 600")
    found = replay_rules.find(sold, books(tmp_path))
    assert [one.lost for one in found] == [False, True, False]
    assert found[1].off_minor == 600


def test_two_uids_that_are_both_sold_are_doubled(sold: list[Intent], tmp_path: Path) -> None:
    both = Intent("1", "till-1", 500, (*sold[0].uids, *sold[2].uids))
    found = replay_rules.find([both, sold[1]], books(tmp_path))[0]
    assert (found.lost, found.doubled, found.off_minor) == (False, True, 1_400)


def test_another_sum_is_off_on_both_sides(sold: list[Intent], tmp_path: Path) -> None:
    other = Intent("1", "till-1", 499, sold[0].uids)
    assert replay_rules.find([other], books(tmp_path))[0].off_minor == 2


def test_another_till_is_wrong(sold: list[Intent], tmp_path: Path) -> None:
    elsewhere = Intent("1", "till-2", 500, sold[0].uids)
    found = replay_rules.find([elsewhere], books(tmp_path))[0]
    assert (found.elsewhere, found.wrong) == (True, True)


def test_a_sale_of_no_basket_is_a_stranger(sold: list[Intent], tmp_path: Path) -> None:
    strangers = list(replay_rules.strangers(sold[1:], books(tmp_path)))
    assert strangers == [
        "cash-sale 2 of till-1 belongs to no basket",
        "document 2 of device SKO-1 belongs to no basket",
    ]
