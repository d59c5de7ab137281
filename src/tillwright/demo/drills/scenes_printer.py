"""The receipt printer: away, without paper, open, off line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillwright.demo.drills.model import Act, Meanwhile, Scenario
from tillwright.demo.drills.world import World

AWAY_MS = 6_000
"""So long a printer is away that starts anew, or draws paper in."""


def _does(order: str, **body: Any) -> Act:
    return lambda world: world.printer(order, **body)


def _begins(order: str, **body: Any) -> Act:
    def bring(world: World) -> None:
        world.strike()
        world.printer(order, **body)

    return bring


def _hangs(world: World) -> None:
    world.strike()
    world.printer("faults", fault="silent", always=True)


def start_anew(world: World) -> None:
    """Its power dips: it starts anew, and is back after some seconds."""
    world.strike()
    world.printer("crash", down_ms=AWAY_MS)


def after(length_ms: int, act: Act) -> Meanwhile:
    """So long after the fault struck something happens in the world, whatever anybody does meanwhile."""

    def meanwhile(world: World, _view: Mapping[str, Any]) -> None:
        if not world.seen.get("passed") and world.now_ms() - world.struck_ms >= length_ms:
            world.seen["passed"] = True
            act(world)

    return meanwhile


def wake(world: World) -> None:
    """Switched off and on, it answers."""
    world.printer("faults", off=True)
    world.printer("crash", down_ms=0)


def prints(world: World) -> bool:
    """It is plugged in, closed, on line, has paper, and nothing is wrong with it."""
    state = world.party_state(world.till.printer)
    well = state["plugged"] and not state["down"] and state["online"] and not state["cover_open"]
    return bool(well and state["paper"] == "full" and not state["armed"])


pull, plug = _begins("plug", plugged=False), _does("plug", plugged=True)
paper_out, paper_low = _begins("paper", paper="out"), _begins("paper", paper="low")
new_roll = _does("paper", paper="full")
open_cover, close_cover = _begins("cover", open=True), _does("cover", open=False)
off_line, on_line = _begins("online", online=False), _does("online", online=True)

SCENARIOS = (
    Scenario("printer.unreachable", "switched-off", pull, prints, {"lamp": "no"}, {"switch-on": plug}),
    Scenario("printer.unreachable", "cable-out", pull, prints, {"lamp": "yes"}, {"plug-in": plug}),
    Scenario("printer.unreachable", "hangs", _hangs, prints, {"lamp": "yes"}, {"off-and-on": wake}),
    Scenario("printer.unreachable", "moment", start_anew, prints, rate=3),
    Scenario("printer.unreachable", "broken", pull, prints, {"lamp": "yes"}, outside=plug),
    Scenario("printer.paper-out", "roll-empty", paper_out, prints, {"paper": "no"}, {"new-roll": new_roll}),
    Scenario(
        "printer.paper-out",
        "wrong-way",
        paper_out,
        prints,
        {"paper": "yes"},
        {"turn": new_roll},
    ),
    Scenario("printer.paper-out", "sensor", paper_out, prints, {"paper": "yes"}, {"clean": new_roll}),
    Scenario("printer.paper-low", "near-end", paper_low, prints, {"roll": "yes"}, {"new-roll": new_roll}),
    Scenario("printer.paper-low", "sensor", paper_low, prints, {"roll": "no"}, {"clean": new_roll}),
    Scenario("printer.cover-open", "not-closed", open_cover, prints, {}, {"close": close_cover}),
    Scenario("printer.cover-open", "paper-in-the-way", open_cover, prints, {}, {"lay-straight": close_cover}),
    Scenario("printer.cover-open", "latch", open_cover, prints, outside=close_cover),
    Scenario("printer.offline", "taken-off-line", off_line, prints, {"paper": "no"}, {"off-and-on": on_line}),
    Scenario("printer.offline", "jam", off_line, prints, {"paper": "yes"}, {"clear": on_line}),
    Scenario("printer.offline", "hot", off_line, prints, {"paper": "no"}, {"cool": on_line}),
    Scenario("printer.offline", "busy", off_line, prints, rate=3, meanwhile=after(AWAY_MS, on_line)),
    Scenario("printer.offline", "broken", off_line, prints, {"paper": "no"}, outside=on_line),
)
