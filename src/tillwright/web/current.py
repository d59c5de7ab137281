"""The station that this process serves, and where it stands: what every page needs and none may build.

The composition root sets these once, when the process starts. Until the station is set, whoever asks for it
gets the fault `api.unavailable`, and a page that says 'the station is starting' and goes on by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tillwright.catalogue.catalogue import Catalogue
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.machine.clocks import SystemClock

if TYPE_CHECKING:
    from tillwright.journal.station import Station


@dataclass(frozen=True, slots=True)
class TillPlace:
    """A till as the pages know it."""

    id: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where these pages are served: the station, its tills, its rules and its words."""

    station: str
    name: str
    tills: tuple[TillPlace, ...]
    languages: tuple[str, ...]
    time_zone: str
    inactivity_ms: int
    https: bool
    demo: bool
    open_goods: bool
    rules: PackRules
    catalogue: Catalogue = field(repr=False)
    twins_url: str = ""

    def till(self, till: str | None) -> TillPlace | None:
        """A till by its id, or None if there is none."""
        return next((one for one in self.tills if one.id == till), None)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people are shown times."""
        return ZoneInfo(self.time_zone)


_station: Station | None = None
_place: Place | None = None
_clock: Clock = SystemClock()


def set_station(station: Station | None) -> None:
    """Set the running station; None while it is not there."""
    global _station
    _station = station


def station() -> Station:
    """The running station. Raises FaultError(api.unavailable) before it is there."""
    if _station is None:
        raise FaultError(Fault("api.unavailable"))
    return _station


def station_or_none() -> Station | None:
    """The running station; None before it is there."""
    return _station


def running() -> bool:
    """Whether the station is there."""
    return _station is not None


def set_place(place: Place) -> None:
    """Set where the pages are served."""
    global _place
    _place = place


def place() -> Place:
    """Where the pages are served; set when Django starts."""
    if _place is None:
        raise RuntimeError("pages are served before the settings were handed down")
    return _place


def set_clock(clock: Clock) -> None:
    """Set the clock of the station."""
    global _clock
    _clock = clock


def clock() -> Clock:
    """The clock of the station."""
    return _clock


def now_ms() -> int:
    """Wall time by the station's clock."""
    return _clock.now_ms()
