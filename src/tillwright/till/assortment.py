"""Assortments: goods as a file that people can read and change, such as the one that the demo shop
begins with.

    [[goods]]
    sku = "1001"
    names = { en = "Milk", ru = "Молоко" }
    prices_minor = { EUR = 189 }
    barcodes = ["2000000010016"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from importlib.resources import files

import msgspec

from tillwright.machine.resources import shipped_rules
from tillwright.till.goods import NewGoods

DEMO = "demo/goods.toml"


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
    """The demo shop's goods, with their prices in the pack's currencies."""
    known = {currency.code for currency in shipped_rules(pack).currencies}
    text = (files("tillwright") / "packs" / DEMO).read_text(encoding="utf-8")
    return [replace(one, prices_minor=_only(one.prices_minor, known)) for one in read_assortment(text)]


def _only(prices_minor: Mapping[str, int], known: Collection[str]) -> dict[str, int]:
    return {currency: minor for currency, minor in prices_minor.items() if currency in known}
