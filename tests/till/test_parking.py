"""Parked baskets: put aside, gone on with, given up; kept over a restart, seen at their own till only."""

import pytest
from django.utils import translation

from tests.pages import PageStation, People
from tests.till.counter import APPLES, BREAD, MILK, Counter, readable, words
from tillwright.machine import sqlite
from tillwright.till import queries


def plain(name: str) -> str:
    """A name with ordinary spaces."""
    return name.replace("\N{NO-BREAK SPACE}", " ")


def park(counter: Counter, note: str = "") -> str:
    basket = counter.basket()
    assert basket is not None
    counter.press("/basket/park", note=note)
    return basket.uid


def test_a_parked_basket_makes_room_for_another(counter: Counter) -> None:
    counter.add(MILK, BREAD)
    uid = park(counter, "Mrs Smith")
    assert counter.basket() is None
    page = words(counter.html("/parked"))
    assert "Mrs Smith" in page
    assert "Person 7" in page
    assert "2 lines" in page
    assert "€4.29" in page
    assert "1 parked" in words(counter.html("/"))
    counter.sell(APPLES)
    assert counter.post(f"/parked/{uid}/resume").status_code == 302
    basket = counter.basket()
    assert basket is not None
    assert (basket.uid, basket.note, basket.total_minor) == (uid, "Mrs Smith", 429)
    assert "No basket is parked" in counter.html("/parked")


def test_the_open_one_takes_the_place_of_the_one_that_is_resumed(counter: Counter) -> None:
    counter.add(MILK)
    first = park(counter)
    second = counter.add(BREAD).uid
    assert "The open basket is parked in its place." in counter.html("/parked")
    counter.post(f"/parked/{first}/resume")
    assert counter.basket().uid == first  # type: ignore[union-attr]
    assert [one.basket.uid for one in queries.parked(queries.reader(), "1")] == [second]


def test_the_newest_stands_first_and_any_can_be_looked_at(counter: Counter) -> None:
    uids = []
    for sku in (MILK, BREAD):
        counter.add(sku)
        uids.append(park(counter))
        counter.page.clock.at_ms += 1_000
    page = counter.html("/parked")
    assert page.index(uids[1]) < page.index(uids[0])
    assert f"/parked/{uids[1]}/resume" in page
    assert f"/parked/{uids[0]}/resume" in counter.html("/parked", basket=uids[0])


def test_a_parked_basket_is_given_up(counter: Counter) -> None:
    counter.add(MILK)
    uid = park(counter)
    assert counter.post(f"/parked/{uid}/cancel").status_code == 302
    assert queries.parked(queries.reader(), "1") == []
    assert counter.post(f"/parked/{uid}/resume").status_code == 409


def test_an_empty_basket_is_not_parked(counter: Counter) -> None:
    basket = counter.add(MILK)
    counter.press("/basket/remove", line=basket.lines[0].position)
    assert "till.basket-empty" in counter.press("/basket/park")
    assert "till.basket-stale" in readable(counter.post("/basket/park", uid=basket.uid, version=0))


def test_another_till_neither_sees_nor_touches_it(counter: Counter, people: People) -> None:
    counter.add(MILK)
    uid = park(counter, "mine")
    other = people.sign_in(people.other, till="2")
    assert "mine" not in readable(other.get("/parked"))
    assert other.post(f"/parked/{uid}/resume").status_code == 409
    assert other.post(f"/parked/{uid}/cancel").status_code == 409
    assert len(queries.parked(queries.reader(), "1")) == 1


def test_it_outlives_the_station(counter: Counter, page_station: PageStation) -> None:
    counter.add(MILK, BREAD)
    counter.press("/basket/discount", of="basket", kind="percent", value="10")
    uid = park(counter, "over night")
    page_station.station.stop()
    disk = sqlite.connect(page_station.settings.database)
    (found,) = queries.parked(disk, "1")
    disk.close()
    assert (found.basket.uid, found.basket.note, found.basket.total_minor) == (uid, "over night", 386)


@pytest.mark.parametrize(("language", "name"), [("ru", "Молоко 3,2 %, 1 л"), ("vi", "Sữa tươi 3,2 %, 1 l")])
def test_goods_are_called_as_the_reader_calls_them(counter: Counter, language: str, name: str) -> None:
    counter.add(MILK)
    with translation.override(language):
        basket = queries.open_basket(queries.reader(), "1", language)
    assert basket is not None
    assert plain(basket.lines[0].name) == name
    counter.client.cookies["language"] = language
    assert name in counter.html("/basket")
    park(counter)
    assert name in counter.html("/parked")


def test_the_receipt_calls_goods_as_the_shop_does(counter: Counter) -> None:
    counter.client.cookies["language"] = "ru"
    operation = counter.sell(MILK)
    assert plain(operation.content.lines[0].name) == "Milk 3.2 %, 1 l"
