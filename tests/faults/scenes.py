"""A scene for tests of faults: a whole fiscal till in this process, its clock in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.till.api_shop import Shop
from tillwright.diagnosis.course import Stage
from tillwright.faults import at_work
from tillwright.faults.running import Diagnoses, View
from tillwright.faults.scene import Scene, scene

TILL = "till-1"
LOST = "fiscal.sko-disconnected"
LOOKS = 2_000
"""So often somebody looks, 50 ms apart, before it counts as standing still."""


def here() -> Scene:
    """The scene of the shop that the test has."""
    return scene()


def folder_of(shop: Shop) -> Path:
    """The station's data."""
    return shop.settings.folder


def diagnoses() -> Diagnoses:
    """What works on the diagnoses of the shop."""
    return at_work.diagnoses()


def at_rest(shop: Shop, uid: str) -> View:
    """A diagnosis when the program has done what it can: waits for the station's word, not for time."""
    return until(shop, uid, lambda view: not view.busy)


def until(shop: Shop, uid: str, enough: Callable[[View], bool]) -> View:
    """A diagnosis once it is so. Raises AssertionError if nothing changes any more."""
    tick = shop.station.changes(None, -1, 0)
    view = diagnoses().view(uid)
    for _ in range(LOOKS):
        if enough(view):
            return view
        tick = shop.station.changes(None, tick, 50)
        view = diagnoses().view(uid)
    raise AssertionError(f"{uid} stays {view.course.stage}, {view.course.events}")


def silence(shop: Shop) -> None:
    """The device is switched off: it says nothing, and nobody takes a connection."""
    shop.device.readable = False
    shop.device.behave = "silence"


def wake(shop: Shop) -> None:
    """The device is back."""
    shop.device.readable = True
    shop.device.behave = "accept"


def stage(view: View) -> Stage:
    """Where it stands."""
    return view.course.stage


def types_of(view: View) -> list[str]:
    """The kinds of events, in order."""
    return [type(one).__name__ for one in view.course.events]


def facts_of(found: Any) -> dict[str, str | int]:
    """The facts of a finding."""
    return dict(found.facts)
