"""Assortments: goods as a file that people can read and change, such as the one that the demo shop
begins with.

[[goods]] sku = "1001" names = { en = "Milk", ru = "Молоко" } prices_minor = { EUR = 189 } barcodes =
["2000000010016"]
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec

from tillwright.till.goods import NewGoods

FILE_NAME = "goods.toml"


class BrokenAssortment(ValueError):
    """A text that is no assortment; the message names the place."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    goods: list[NewGoods]


def read_assortment(text: str) -> list[NewGoods]:
    """The goods that a TOML text states. Raises BrokenAssortment."""
    try:
        return msgspec.convert(tomllib.loads(text), _File).goods
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BrokenAssortment(str(error)) from error


def shipped_assortment(pack: str) -> list[NewGoods]:
    """The goods that a pack brings along; none for most packs."""
    path = files("tillwright") / "packs" / pack / FILE_NAME
    return read_assortment(path.read_text(encoding="utf-8")) if path.is_file() else []
