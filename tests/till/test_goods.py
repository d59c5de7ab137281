"""Goods: written, found by code and by name, in every language, quickly."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tillwright.catalogue.folding import fold
from tillwright.machine import sqlite
from tillwright.machine.resources import pack_names, shipped_rules
from tillwright.till import queries
from tillwright.till.assortment import BrokenAssortment, read_assortment, shipped_assortment
from tillwright.till.beginnings import beginnings
from tillwright.till.goods import NewGoods, put_goods, withdraw_goods
from tillwright.till.rules import KILOGRAM, is_ean13


@pytest.fixture
def db(page_template: Path, tmp_path: Path) -> Iterator[sqlite.Connection]:
    shutil.copy(page_template / "station.db", tmp_path)
    connection = sqlite.connect(tmp_path / "station.db")
    yield connection
    connection.close()


def names(db: sqlite.Connection, text: str, language: str = "en") -> list[str]:
    return [offer.name for offer in queries.search(db, text, "EUR", language)]


@pytest.mark.parametrize(
    ("text", "language", "first"),
    [
        ("milk", "en", "Milk 3.2\u00a0%, 1\u00a0l"),
        ("MILK", "en", "Milk 3.2\u00a0%, 1\u00a0l"),
        ("sữa", "vi", "Sữa tươi 3,2\u00a0%, 1\u00a0l"),
        ("sua tuoi", "vi", "Sữa tươi 3,2\u00a0%, 1\u00a0l"),
        ("banh mi", "vi", "Bánh mì lúa mạch đen, 500\u00a0g"),
        ("duong", "vi", "Đường, 1\u00a0kg"),
        ("молоко", "ru", "Молоко 3,2\u00a0%, 1\u00a0л"),
        ("мед", "ru", "Мёд, 350\u00a0г"),
        ("牛奶", "zh-hans", "全脂牛奶 1升"),
        ("奶", "zh-hans", "全脂牛奶 1升"),
        ("bread rye", "en", "Rye bread, 500\u00a0g"),
        ("anan", "en", "Bananas"),
        ("1004", "en", "Apples"),
        ("2000000010014", "en", "Milk 3.2\u00a0%, 1\u00a0l"),
    ],
)
def test_goods_are_found_as_people_type(db: sqlite.Connection, text: str, language: str, first: str) -> None:
    assert first in names(db, text, language)[:3]


def test_goods_are_found_in_any_language_and_named_in_the_readers(db: sqlite.Connection) -> None:
    assert "Milk 3.2\u00a0%, 1\u00a0l" in names(db, "молоко", "en")


@pytest.mark.parametrize(
    "text", ["", "   ", "zzzz", "%", '"', "x' OR 1=1; DROP TABLE goods --", "milk zzzz", "\x00", "*", "milk*"]
)
def test_nothing_fits_and_nothing_breaks(db: sqlite.Connection, text: str) -> None:
    assert all("ilk" in name for name in names(db, text))


def test_names_that_begin_so_come_before_words_that_do(db: sqlite.Connection) -> None:
    found = names(db, "gr")
    assert found[:2] == ["Grapes, white", "Green tea, 25\u00a0bags"]
    assert names(db, "wa").index("Washing-up liquid, 500\u00a0ml") < names(db, "wa").index(
        "Still water, 0.5\u00a0l"
    )


def test_a_code_means_one_thing(db: sqlite.Connection) -> None:
    milk = queries.by_code(db, " 2000000010014 ", "EUR", "ru")
    assert milk is not None
    assert (milk.sku, milk.price_minor, milk.unit) == ("1001", 189, "piece")
    in_dong = queries.by_code(db, "1001", "VND", "vi")
    assert in_dong is not None
    assert in_dong.price_minor == 32_000
    assert queries.by_code(db, "1001", "BYN", "ru") is None
    assert queries.by_code(db, "2000000099999", "EUR", "en") is None


def test_a_scales_label_brings_its_weight(db: sqlite.Connection) -> None:
    from tillwright.till.rules import check_digit

    digits = "220100401375"
    apples = queries.by_code(db, digits + check_digit(digits), "EUR", "en")
    assert apples is not None
    assert (apples.sku, apples.quantity_milli, apples.weighed) == ("1004", 1_375, True)


def test_favourites_have_their_order(db: sqlite.Connection) -> None:
    found = queries.favourites(db, "EUR", "en")
    assert [offer.sku for offer in found] == [str(1000 + place) for place in range(1, 13)]


def test_several_at_once(db: sqlite.Connection) -> None:
    assert list(queries.offers(db, ["1002", "nothing", "1001", "1002"], "EUR", "en")) == ["1002", "1001"]


def test_goods_can_be_renamed_and_withdrawn(db: sqlite.Connection) -> None:
    put_goods(db, [NewGoods("1001", {"": "Kefir"}, {"EUR": 99}, barcodes=("4006381333931",))])
    assert names(db, "kefir", "ru") == ["Kefir"]
    assert "Kefir" not in names(db, "milk")
    assert queries.by_code(db, "2000000010014", "EUR", "en") is None
    kefir = queries.by_code(db, "4006381333931", "EUR", "en")
    assert kefir is not None
    assert kefir.price_minor == 99
    withdraw_goods(db, "1001")
    assert names(db, "kefir") == []
    assert queries.by_code(db, "4006381333931", "EUR", "en") is None


def test_a_code_moves_to_the_goods_that_claim_it_last(db: sqlite.Connection) -> None:
    put_goods(db, [NewGoods("x", {"": "New"}, {"EUR": 1}, barcodes=("2000000010014",))])
    found = queries.by_code(db, "2000000010014", "EUR", "en")
    assert found is not None
    assert found.sku == "x"


@pytest.mark.parametrize(
    "goods",
    [
        NewGoods("", {"": "x"}, {}),
        NewGoods("x", {}, {}),
        NewGoods("x", {"en": ""}, {}),
        NewGoods("x", {"": "x"}, {}, unit="dozen"),
        NewGoods("x", {"": "x"}, {"EUR": -1}),
    ],
)
def test_goods_that_cannot_be_sold_are_refused(db: sqlite.Connection, goods: NewGoods) -> None:
    with pytest.raises(ValueError, match="goods"):
        put_goods(db, [goods])


@pytest.mark.slow
def test_a_search_over_many_goods_looks_at_few(db: sqlite.Connection) -> None:
    """Steps of SQLite's machine, not the clock: the same on every computer. 50,000 goods take well under 10
    ms.
    """
    chance = random.Random(1)
    words = [
        f"{first}{second}"
        for first in "bdfgklmnprst"
        for second in ("ask", "ell", "ino", "otch", "uda", "ero")
    ]
    goods = (
        NewGoods(f"s{number}", {"": " ".join(chance.sample(words, 3)) + f" {number}"}, {"EUR": 100})
        for number in range(20_000)
    )
    db.execute("BEGIN")
    put_goods(db, goods)
    db.execute("COMMIT")
    for text in ("m", "ma", "mask", "mask lell", "otch", "ask ell ino", "zzz", "19999"):
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        db.set_progress_handler(count, 1_000)
        queries.search(db, text, "EUR", "en")
        db.set_progress_handler(None, 0)
        assert steps <= 150, text


# --- folding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Bánh mì", "banh mi"),
        ("ĐƯỜNG", "duong"),
        ("Мёд и йогурт", "мед и иогурт"),
        ("Groß", "gross"),
        ("Milk 3.2 %, 1 l", "milk 3 2 1 l"),
        ("Ｍｉｌｋ", "milk"),
        ("snake_case", "snake case"),
        ("  ", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_chinese_begins_at_every_character() -> None:
    assert beginnings(fold("纯牛奶 milk")) == ("milk", "奶", "牛奶", "纯牛奶")


# --- the demo's assortment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", pack_names())
def test_the_demo_shop_has_goods_in_every_language_and_currency(pack: str) -> None:
    goods = shipped_assortment(pack)
    currencies = {currency.code for currency in shipped_rules(pack).currencies}
    assert len(goods) >= 60
    assert (
        len({one.sku for one in goods}) == len({code for one in goods for code in one.barcodes}) == len(goods)
    )
    for one in goods:
        assert set(one.names) == {"en", "vi", "ru", "zh"}, one.sku
        assert set(one.prices_minor) == currencies, one.sku
        assert all(price_minor > 0 for price_minor in one.prices_minor.values())
    assert any(one.unit == KILOGRAM for one in goods)


def test_its_codes_are_in_store_codes_that_a_scanner_accepts() -> None:
    for one in shipped_assortment("demo"):
        for code in one.barcodes:
            if one.unit == KILOGRAM:
                assert (len(code), code[:2]) == (7, "22")
            else:
                assert is_ean13(code)
                assert code[:2] == "20"


@pytest.mark.parametrize(
    "text", ["goods", "[[goods]]\nsku = 7", "[[goods]]\nsku = '7'", "[goods]\n", "bads = []"]
)
def test_a_broken_assortment_is_told(text: str) -> None:
    with pytest.raises(BrokenAssortment):
        read_assortment(text)
