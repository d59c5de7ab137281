"""Writing master data: goods with their names, codes and prices, and the index that makes them found.

Plain SQL on a connection that is handed in: the writer's, while the station runs; one of its own before
that.

The search index has two parts, kept here and nowhere else: the beginnings of all words (short searches, and
Chinese), and groups of three letters (anything within a word).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tillwright.catalogue.folding import fold
from tillwright.machine.sqlite import Connection
from tillwright.till.beginnings import beginnings, whole
from tillwright.till.rules import PIECE, UNITS

ANY_LANGUAGE = ""


@dataclass(frozen=True, slots=True)
class NewGoods:
    """Goods to be. `names`: language (en, vi, ru, zh) → name, or '' → one name for all; `prices_minor`:
    currency → price of one piece or one kilogram. `favourite`: its place among the presses on the page,
    None for not there.
    """

    sku: str
    names: Mapping[str, str]
    prices_minor: Mapping[str, int]
    unit: str = PIECE
    barcodes: tuple[str, ...] = field(default=())
    favourite: int | None = None


def put_goods(connection: Connection, goods: Iterable[NewGoods]) -> int:
    """Make goods, or give those with the same sku these values; how many they were.

    Raises ValueError for goods that cannot be sold (no name, a unit that is none, a price below zero).
    """
    count = 0
    for one in goods:
        require(one)
        number = _put_row(connection, one)
        _put_codes(connection, number, one)
        _put_index(connection, number, one)
        count += 1
    return count


def withdraw_goods(connection: Connection, sku: str) -> None:
    """Sell these goods no more; what was sold keeps its name."""
    connection.execute("UPDATE goods SET active = 0, favourite = NULL WHERE sku = ?", (sku,))


def require(goods: NewGoods) -> None:
    """Raise ValueError for goods that cannot be sold: no name, a unit that is none, a price below zero."""
    if not goods.sku or not goods.names or not all(goods.names.values()):
        raise ValueError(f"goods {goods.sku!r} have no name")
    if goods.unit not in UNITS:
        raise ValueError(f"goods {goods.sku!r}: no unit {goods.unit!r}")
    if any(price_minor < 0 for price_minor in goods.prices_minor.values()):
        raise ValueError(f"goods {goods.sku!r}: a price below zero")


def _folded(goods: NewGoods) -> str:
    return fold(" ".join((goods.sku, *dict.fromkeys(goods.names.values()))))


def _put_row(connection: Connection, goods: NewGoods) -> int:
    names = json.dumps(dict(goods.names), ensure_ascii=False, sort_keys=True)
    row = connection.execute(
        "INSERT INTO goods (sku, names, fold, unit, favourite, active) VALUES (?, ?, ?, ?, ?, 1)"
        " ON CONFLICT (sku) DO UPDATE SET names = excluded.names, fold = excluded.fold, unit = excluded.unit,"
        " favourite = excluded.favourite, active = 1 RETURNING id",
        (goods.sku, names, _folded(goods), goods.unit, goods.favourite),
    ).fetchone()
    return int(row[0])


def _put_codes(connection: Connection, number: int, goods: NewGoods) -> None:
    connection.execute("DELETE FROM barcode WHERE goods = ?", (number,))
    connection.executemany(
        "INSERT INTO barcode (code, goods) VALUES (?, ?)"
        " ON CONFLICT (code) DO UPDATE SET goods = excluded.goods",
        [(code, number) for code in goods.barcodes],
    )
    connection.execute("DELETE FROM price WHERE goods = ?", (number,))
    connection.executemany(
        "INSERT INTO price (goods, currency, price_minor) VALUES (?, ?, ?)",
        [(number, currency, price_minor) for currency, price_minor in sorted(goods.prices_minor.items())],
    )


def _put_index(connection: Connection, number: int, goods: NewGoods) -> None:
    folded = _folded(goods)
    words = {*beginnings(folded), *(whole(fold(name)) for name in goods.names.values())}
    connection.execute("DELETE FROM goods_word WHERE goods = ?", (number,))
    connection.executemany(
        "INSERT INTO goods_word (word, goods) VALUES (?, ?)", [(word, number) for word in sorted(words)]
    )
    connection.execute("DELETE FROM goods_letters WHERE rowid = ?", (number,))
    connection.execute("INSERT INTO goods_letters (rowid, fold) VALUES (?, ?)", (number, folded))
