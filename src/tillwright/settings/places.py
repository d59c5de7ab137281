"""What the pages are told of the station's settings, and the clock that these name."""

from __future__ import annotations

from dataclasses import replace

from tillwright.kernel.clock import Clock
from tillwright.kernel.rules import PackRules
from tillwright.machine.clocks import FileClock, SystemClock
from tillwright.machine.resources import shipped_catalogue, shipped_rules
from tillwright.settings.station import StationSettings
from tillwright.web.current import Place, TillPlace


def clock_of(station: StationSettings) -> Clock:
    """The clock that the settings name."""
    return SystemClock() if station.clock == "system" else FileClock(station.folder / station.clock)


def rules_of(station: StationSettings) -> PackRules:
    """The rules of its pack, with what the settings say otherwise. Raises LookupError for a pack that is not
    shipped.
    """
    rules = shipped_rules(station.pack)
    return replace(rules, reserve_bytes=station.reserve_bytes or rules.reserve_bytes)


def place_of(station: StationSettings) -> Place:
    """The station as its pages see it. Raises LookupError for a pack that is not shipped."""
    rules = rules_of(station)
    return Place(
        station=station.station,
        name=station.shown,
        tills=tuple(
            TillPlace(till.id, till.shown, till.currency or rules.currencies[0].code)
            for till in station.tills
        ),
        languages=station.languages,
        time_zone=station.time_zone,
        inactivity_ms=station.inactivity_ms,
        https=station.https,
        demo=station.demo,
        open_goods=station.open_goods,
        rules=rules,
        catalogue=shipped_catalogue(),
        twins_url=station.twins_url,
    )
