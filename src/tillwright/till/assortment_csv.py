"""Goods as a table (CSV), as spreadsheets and other systems write them: one row for each.

    sku;name;name.ru;unit;price.EUR;price.VND;barcodes;favourite
    1001;Milk 1 l;Молоко 1 л;piece;1.89;32000;2000000010014;1
    1002;Apples;Яблоки;kg;2.49;;2201004 2201005;

Commas or semicolons part the columns; the first line names them, in any order. `name` is one name for all
languages, `name.LANGUAGE` the name in one. `price.CURRENCY` is written as on a price tag, with a point or a
comma before the decimals; where it is empty the goods have no price in that currency. Several barcodes stand
in one cell with a space between. Only `sku` and one name are needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from tillwright.kernel.money import parse_minor
from tillwright.till.assortment import BrokenAssortment
from tillwright.till.goods import ANY_LANGUAGE, NewGoods
from tillwright.till.rules import PIECE

LANGUAGES = ("en", "vi", "ru", "zh")
_PLAIN = ("sku", "name", "unit", "barcodes", "favourite")


def read_table(text: str, exponents: Mapping[str, int]) -> list[NewGoods]:
    """The goods of a table; `exponents`: currency → decimals, for all that may be named. Raises
    BrokenAssortment with the line.
    """
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0].strip()
    if not first:
        raise BrokenAssortment("line 1: the names of the columns are missing")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    try:
        _check_columns(list(rows.fieldnames or ()), exponents)
        return list(_goods(rows, exponents))
    except (csv.Error, ValueError) as error:
        raise BrokenAssortment(f"line {rows.line_num}: {error}") from error


def _check_columns(names: list[str], exponents: Mapping[str, int]) -> None:
    known = {*_PLAIN, *(f"name.{one}" for one in LANGUAGES), *(f"price.{one}" for one in exponents)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"there is no column {', '.join(map(repr, unknown))}")
    if "sku" not in names or not any(name.partition(".")[0] == "name" for name in names):
        raise ValueError("the columns sku and name are needed")
    if len(set(names)) != len(names):
        raise ValueError("two columns have the same name")


def _goods(rows: csv.DictReader[str], exponents: Mapping[str, int]) -> Iterator[NewGoods]:
    for row in rows:
        if None in row or None in row.values():
            raise ValueError("there are more or fewer cells than columns")
        cells = {name: cell.strip() for name, cell in row.items()}
        if any(cells.values()):
            yield _one(cells, exponents)


def _one(cells: Mapping[str, str], exponents: Mapping[str, int]) -> NewGoods:
    names = {language: cells.get(f"name.{language}", "") for language in LANGUAGES}
    names[ANY_LANGUAGE] = cells.get("name", "")
    prices = {currency: cells.get(f"price.{currency}", "") for currency in exponents}
    return NewGoods(
        sku=cells["sku"],
        names={language: name for language, name in names.items() if name},
        prices_minor={
            currency: parse_minor(price, exponents[currency]) for currency, price in prices.items() if price
        },
        unit=cells.get("unit") or PIECE,
        barcodes=tuple(cells.get("barcodes", "").split()),
        favourite=int(cells["favourite"]) if cells.get("favourite") else None,
    )
