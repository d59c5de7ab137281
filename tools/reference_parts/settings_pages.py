"""Two pages of choices: the settings of a station, and the rules of the packs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from tillwright.kernel.rules import CurrencyRules, KindRules, LegRules, PackRules
from tillwright.machine.resources import pack_names, shipped_rules
from tillwright.settings import station
from tillwright.settings.station import Described, StationSettings, TillSettings, describe
from tools.reference_parts.markdown import cell, code, codes, fenced, page, prose, table
from tools.reference_parts.sources import fields_told, paragraphs

EXAMPLE = """
station = "corner-shop"
name = "The Corner Shop"
pack = "fiscal-by"
languages = ["ru", "en"]
time_zone = "Europe/Minsk"

[[tills]]
id = "till-1"
name = "Till 1"
control_host = "192.0.2.10"
control_port = 9100
"""
"""Read by the tests as a station reads it."""


def settings() -> str:
    """The settings of a station."""
    return page(
        "Settings of a station",
        *(prose(text) for text in paragraphs(station)[1:]),
        f"The file is called {code(station.FILE_NAME)}. `tillwright station` is given its path; where a "
        f"process cannot be given one, the environment variable {code(station.VARIABLE)} holds it.",
        fenced(EXAMPLE, "toml"),
        "## The station",
        _settings_table(describe(StationSettings)),
        "## A till",
        "One table `[[tills]]` for each till.",
        _settings_table(describe(TillSettings)),
    )


def _settings_table(rows: list[Described]) -> str:
    return table(
        ("Setting", "Kind", "If left out", "What it is"),
        (
            (code(row.name), row.kind, code(row.default) if row.default else "must be given", cell(row.text))
            for row in rows
        ),
    )


def packs() -> str:
    """The rules of a pack, and what the shipped packs say."""
    names = pack_names()
    return page(
        "Rules of the packs",
        "A pack is a deployment's choice: which kinds of operation there are, who must agree to each, in "
        "which currencies, how long to wait for whom. It is data, in "
        "`src/tillwright/packs/NAME/pack.toml`. Every field must be there and none may be unknown. Rules "
        "that contradict themselves stop the start.",
        f"Shipped packs: {codes(names)}. A station names its pack in [its settings](settings.md).",
        "## Rules",
        _rules_table(PackRules),
        "## A currency",
        "One table `[[currencies]]` for each.",
        _rules_table(CurrencyRules),
        "## A kind of operation",
        "One table `[[kinds]]` for each. Which kinds the program knows stands under [States and events]"
        "(states.md).",
        _rules_table(KindRules),
        "Each leg is a table of its own.",
        _rules_table(LegRules),
        "## What the shipped packs say",
        _values_table(names),
    )


def _rules_table(shape: type) -> str:
    told = fields_told(shape)
    missing = [one.name for one in fields(shape) if one.name not in told]
    if missing:
        raise LookupError(f"{shape.__name__} does not tell of {', '.join(missing)}")
    return table(("Rule", "What it is"), ((code(one.name), cell(told[one.name])) for one in fields(shape)))


def _values_table(names: tuple[str, ...]) -> str:
    rules = [shipped_rules(name) for name in names]
    rows = (
        (code(one.name), *(", ".join(_values(getattr(each, one.name))) or "none" for each in rules))
        for one in fields(PackRules)
        if one.name != "name"
    )
    return table(("Rule", *(code(name) for name in names)), rows)


def _values(value: object) -> Iterator[str]:
    """A rule's value for people."""
    if isinstance(value, CurrencyRules):
        yield f"{value.code} (up to {value.maximum_total_minor:,} in minor units)".replace(",", " ")
    elif isinstance(value, KindRules):
        yield f"{value.name}: " + " → ".join(_leg(leg) for leg in value.legs)
    elif isinstance(value, tuple):
        for one in value:
            yield from _values(one)
    else:
        yield f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)


def _leg(leg: LegRules) -> str:
    return f"{leg.party}.{leg.action}" + (" ★" if leg.commit else "")
