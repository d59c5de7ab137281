"""Baskets as they are kept: one open per till, each press once, nothing lost by a restart."""

import re
from collections.abc import Callable

import pytest

from tests.pages import NOON_MS, PageStation
from tillwright.kernel.fault import FaultError
from tillwright.machine import sqlite
from tillwright.operations.guards import Request
from tillwright.operations.model import Tender
from tillwright.till import actions, queries, rules
from tillwright.till.rules import Basket, Offer

MILK = Offer("1001", "Milk", "piece", 189, "EUR")
APPLES = Offer("1004", "Apples", "kg", 249, "EUR")


class Till:
    """Presses on one till."""

    def __init__(self, station: PageStation, till: str = "1") -> None:
        self.station, self.till = station.station, till
        self.pack = self.station.rules

    def write(self, change: Callable[[sqlite.Connection], Basket]) -> Basket:
        return self.station.write(change)

    def open(self, currency: str = "EUR") -> Basket:
        return self.write(lambda db: actions.open_basket(db, self.till, currency, "7", NOON_MS))

    def add(self, basket: Basket, offer: Offer, quantity_milli: int = 1_000) -> Basket:
        seen = (basket.uid, basket.version)
        return self.write(lambda db: actions.add_goods(db, seen, offer, quantity_milli, self.pack))

    def sell(self, basket: Basket) -> None:
        content = rules.content_of(basket, [Tender("cash", basket.total_minor)])
        self.station.start(Request(basket.uid, self.till, "cash-sale", "7", content))

    def now(self) -> Basket | None:
        return queries.open_basket(queries.reader(), self.till)


@pytest.fixture
def till(page_station: PageStation) -> Till:
    return Till(page_station)


def fault_of(call: Callable[[], object]) -> str:
    with pytest.raises(FaultError) as caught:
        call()
    return caught.value.fault.code


def test_a_basket_gets_its_uid_when_it_opens(till: Till) -> None:
    basket = till.open()
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", basket.uid)
    assert till.open() == basket == till.now()


def test_each_till_has_its_own(till: Till, page_station: PageStation) -> None:
    other = Till(page_station, "2")
    assert till.open().uid != other.open("VND").uid


def test_what_was_pressed_is_what_is_read_again(till: Till) -> None:
    basket = till.add(till.add(till.add(till.open(), MILK), APPLES, 375), MILK)
    assert till.now() == basket
    assert [(line.sku, line.quantity_milli, line.total_minor) for line in basket.lines] == [
        ("1001", 2_000, 378),
        ("1004", 375, 93),
    ]


def test_lines_are_changed_and_removed(till: Till) -> None:
    basket = till.add(till.add(till.open(), MILK), APPLES, 375)
    seen = (basket.uid, basket.version)
    basket = till.write(lambda db: actions.set_quantity(db, seen, 1, 5_000, till.pack))
    assert basket.lines[0].total_minor == 945
    newer = (basket.uid, basket.version)
    basket = till.write(lambda db: actions.remove_line(db, newer, 2))
    assert till.now() == basket
    assert [line.position for line in basket.lines] == [1]


def test_a_basket_survives_the_station(till: Till, page_station: PageStation) -> None:
    basket = till.add(till.open(), MILK)
    page_station.station.stop()
    with_other_eyes = sqlite.connect(page_station.settings.database)
    assert queries.open_basket(with_other_eyes, "1") == basket
    with_other_eyes.close()


def test_pressing_again_after_a_lost_answer_adds_nothing_twice(till: Till) -> None:
    basket = till.open()
    till.add(basket, MILK)
    assert fault_of(lambda: till.add(basket, MILK)) == "till.basket-stale"
    now = till.now()
    assert now is not None
    assert now.lines[0].quantity_milli == 1_000


def test_a_refused_press_changes_nothing(till: Till) -> None:
    basket = till.add(till.open(), MILK)
    assert fault_of(lambda: till.add(basket, APPLES, 0)) == "till.line-invalid"
    assert till.now() == basket


def test_what_has_been_started_is_open_no_more(till: Till) -> None:
    basket = till.add(till.open(), MILK)
    till.sell(basket)
    assert till.now() is None
    assert fault_of(lambda: till.add(basket, MILK)) == "till.basket-stale"
    fresh = till.open()
    assert fresh.uid != basket.uid
    assert fresh.lines == ()
    assert queries.basket(queries.reader(), basket.uid) == basket


def test_a_basket_can_be_given_up(till: Till) -> None:
    basket = till.add(till.open(), MILK)
    till.station.write(lambda db: actions.cancel_basket(db, (basket.uid, basket.version)))
    assert till.now() is None
    stale = fault_of(
        lambda: till.station.write(lambda db: actions.cancel_basket(db, (basket.uid, basket.version)))
    )
    assert stale == "till.basket-stale"


def test_a_refused_sale_is_tried_anew_with_another_uid(till: Till) -> None:
    basket = till.add(till.add(till.open(), MILK), APPLES, 500)
    till.sell(basket)
    again = till.write(lambda db: actions.copy_basket(db, basket.uid, "7", NOON_MS))
    assert again.uid != basket.uid
    assert again.lines == basket.lines
    assert till.now() == again
    assert till.write(lambda db: actions.copy_basket(db, basket.uid, "7", NOON_MS)) == again


@pytest.mark.parametrize("uid", ["", "nothing", "0" * 36])
def test_a_basket_that_never_was(till: Till, uid: str) -> None:
    till.open()
    assert (
        fault_of(lambda: till.write(lambda db: actions.remove_line(db, (uid, 0), 1))) == "till.basket-stale"
    )
    assert (
        fault_of(lambda: till.write(lambda db: actions.copy_basket(db, uid, "7", 0))) == "till.basket-stale"
    )


def test_the_database_holds_to_one_open_basket_a_till(till: Till) -> None:
    till.open()
    insert = (
        "INSERT INTO basket (uid, till, currency, cashier, state, opened_ms, version, next_position)"
        " VALUES ('second', '1', 'EUR', '7', 'open', 0, 0, 1)"
    )
    with pytest.raises(sqlite.IntegrityError):
        till.station.write(lambda db: db.execute(insert))


def test_a_long_basket_costs_no_more_than_the_line_that_was_scanned(till: Till) -> None:
    basket = till.open()
    for _ in range(50):
        basket = till.add(basket, APPLES, 10)
    written: list[str] = []

    def traced(db: sqlite.Connection) -> Basket:
        db.set_trace_callback(
            lambda sql: (
                written.append(sql) if sql.strip().startswith(("INSERT", "UPDATE", "DELETE")) else None
            )
        )
        try:
            return actions.add_goods(db, (basket.uid, basket.version), APPLES, 10, till.pack)
        finally:
            db.set_trace_callback(None)

    till.write(traced)
    assert len(written) == 2
