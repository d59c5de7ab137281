"""Reads the rules of a pack from its TOML text.

Every field must be there and none may be unknown: a misspelt name that quietly fell back to
a default would be noticed in front of a customer.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator
from typing import Any

import msgspec

from tillwright.catalogue.source import place_of
from tillwright.kernel.rules import (
    ApprovalRules,
    CurrencyRules,
    KindRules,
    LegRules,
    LicenceRules,
    OfflineRules,
    PackRules,
    ReasonRules,
)

INSIDE: dict[tuple[type, str], type] = {
    (PackRules, "currencies"): CurrencyRules,
    (PackRules, "kinds"): KindRules,
    (PackRules, "approvals"): ApprovalRules,
    (PackRules, "reasons"): ReasonRules,
    (PackRules, "offline"): OfflineRules,
    (PackRules, "licence"): LicenceRules,
    (KindRules, "legs"): LegRules,
}

MAY_LACK = ("offline", "licence")
"""Left out by a pack that has no such caps, or no licence."""


class BrokenPack(Exception):
    """A text that is not the rules of a pack; the message names the place."""


def rules_from_toml(text: str) -> PackRules:
    """The rules that a pack.toml states. Raises BrokenPack."""
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenPack(str(error)) from error
    unknown = list(_unknown_keys(PackRules, value, ""))
    if unknown:
        raise BrokenPack("unknown: " + ", ".join(unknown))
    missing = [field.name for field in dataclasses.fields(PackRules) if field.name not in (*value, *MAY_LACK)]
    if missing:
        raise BrokenPack("missing: " + ", ".join(missing))
    try:
        return msgspec.convert(value, PackRules)
    except msgspec.ValidationError as error:
        said, place = place_of(str(error))
        raise BrokenPack(f"{'.'.join(place)}: {said}" if place else said) from error


def _unknown_keys(shape: type, value: Any, place: str) -> Iterator[str]:
    """The keys of a table that its class does not have; what is no table is judged later."""
    if not isinstance(value, dict):
        return
    known = {field.name for field in dataclasses.fields(shape)}
    for key, item in value.items():
        if key not in known:
            yield place + key
        inside = INSIDE.get((shape, key))
        if inside and isinstance(item, dict):
            yield from _unknown_keys(inside, item, f"{place}{key}.")
        if inside and isinstance(item, list):
            for number, one in enumerate(item):
                yield from _unknown_keys(inside, one, f"{place}{key}.{number}.")
