"""The control device: away, silent, garbled, given up on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import World

_HOUR_MS = 3_600_000
_FORGOTTEN = 2


def pull(world: World) -> None:
    """Pull its plug, or its cable: the line is dead either way."""
    world.strike()
    world.device("plug", plugged=False)


def plug(world: World) -> None:
    """Put it back."""
    world.device("plug", plugged=True)


def come_back(world: World, _view: Mapping[str, Any]) -> None:
    """Its line was broken for a moment only."""
    if not world.seen.get("back"):
        world.seen["back"] = True
        plug(world)


def is_there(world: World) -> bool:
    """The device is plugged in, and somebody is connected to it."""
    state = world.device_state()
    return bool(state["plugged"] and not state["down"] and state["connections"])


# ── connected, and no answer ──


def hang(world: World) -> None:
    """It takes everything and answers nothing."""
    world.strike()
    world.device("faults", fault="silent", always=True)


def be_busy(world: World) -> None:
    """It answers nothing for as long as it takes to notice that."""
    hang(world)


def be_free(world: World, _view: Mapping[str, Any]) -> None:
    """It has come to its end, and answers as usual."""
    if not world.seen.get("free"):
        world.seen["free"] = True
        world.device("faults", off=True)


def wake(world: World) -> None:
    """Switched off and on, it answers."""
    world.device("faults", off=True)
    world.device("crash", down_ms=0)


def answers(world: World) -> bool:
    """Nothing is wrong with it any more."""
    return is_there(world) and not world.device_state()["armed"]


def then_gone(world: World, view: Mapping[str, Any]) -> None:
    """While it is asked in vain, its power goes, too."""
    if view["tried"] and not world.seen.get("gone"):
        world.seen["gone"] = True
        world.device("plug", plugged=False)


def power_again(world: World) -> None:
    """Its power is back, and it starts anew."""
    world.device("faults", off=True)
    plug(world)


# ── nonsense ──


def garble(world: World) -> None:
    """Whatever it says cannot be read."""
    world.strike()
    world.device("faults", fault="garbage", always=True, form="broken-frame")


def clear_line(world: World) -> None:
    """Another cable: nothing spoils any more what it says."""
    world.device("faults", off=True)


def garble_once(world: World) -> None:
    """One answer is spoilt, and no other."""
    world.strike()
    world.device("faults", fault="garbage", next=1, form="broken-frame")


# ── its memory and its clock ──


def forget(world: World) -> None:
    """It comes back with an older memory than the till's."""
    for _ in range(_FORGOTTEN):
        world.sell()
    world.seen["last"] = world.truth()["last_number"]
    world.strike()
    world.device("backup", writes=_FORGOTTEN)


def remembers(world: World) -> bool:
    """It has all its documents again."""
    return bool(world.truth()["last_number"] >= world.seen["last"])


def set_clock(hours: int) -> Act:
    """Its clock shows so many hours more than it should."""

    def bring(world: World) -> None:
        world.strike()
        world.device("clock", offset_ms=hours * _HOUR_MS)
        world.seen["hours"] = hours

    return bring


def clock_is_right(world: World) -> bool:
    """Somebody has set it."""
    return not world.seen["hours"]


# ── given up ──


def give_up(world: World) -> None:
    """A sale begins, the device is away, and the person gives up."""
    pull(world)
    sale = world.sale()
    world.seen["uid"] = sale["uid"]
    for _ in range(100):
        told = world.begin(sale)[1]
        if told.get("question") == "continue-or-give-up":
            break
        world.pause()
    world.strike()
    world.post(f"/api/v1/operations/{sale['uid']}/give-up", {})


def give_up_and_plug(world: World) -> None:
    """The same, and the device is there again."""
    give_up(world)
    plug(world)


def given_up(world: World) -> bool:
    """It ended, and the device has nothing of it."""
    uid = world.seen["uid"]
    return world.ended(uid) and not world.at_device(uid)


SCENARIOS = (
    Scenario("fiscal.sko-disconnected", "switched-off", pull, is_there, {"lamp": "no"}, {"switch-on": plug}),
    Scenario("fiscal.sko-disconnected", "cable-out", pull, is_there, {"lamp": "yes"}, {"plug-in": plug}),
    Scenario("fiscal.sko-disconnected", "broken", pull, is_there, {"lamp": "no"}, outside=plug),
    Scenario("fiscal.sko-disconnected", "moment", pull, is_there, {"lamp": "yes"}, meanwhile=come_back),
    Scenario("fiscal.sko-no-answer", "busy", be_busy, answers, {"lamp": "yes"}, meanwhile=be_free),
    Scenario("fiscal.sko-no-answer", "hung", hang, answers, {"lamp": "yes"}, {"switch-off-and-on": wake}),
    Scenario("fiscal.sko-no-answer", "broken", hang, answers, {"lamp": "no"}, outside=wake),
    Scenario(
        "fiscal.sko-no-answer",
        "gone",
        hang,
        answers,
        {"lamp": "no"},
        {"power-and-cable": power_again, "switch-on": power_again},
        meanwhile=then_gone,
    ),
    Scenario(
        "fiscal.device-garbled", "device-firmware", garble, answers, {"lamp": "yes"}, {"restart-device": wake}
    ),
    Scenario(
        "fiscal.device-garbled", "cable-bad", garble, answers, {"lamp": "yes"}, {"change-cable": clear_line}
    ),
    Scenario("fiscal.device-garbled", "one-answer", garble_once, answers, {"lamp": "yes"}),
    Scenario("fiscal.device-behind", "handing-back", forget, remembers),
    *(
        Scenario(
            "fiscal.device-clock-off",
            cause,
            set_clock(hours),
            clock_is_right,
            {"which": seen},
            {does: set_clock(0)},
            outside=set_clock(0),
        )
        for cause, hours, seen, does in (
            ("device-clock", 1, "device", "set-the-device"),
            ("zone-wrong", 2, "whole-hours", "set-the-zone"),
        )
    ),
    Scenario(
        "fiscal.sko-operation-refused",
        "nothing-sent",
        give_up_and_plug,
        given_up,
        about="uid",
        mends={"give-back": lambda world: None},
    ),
    Scenario(
        "fiscal.sko-operation-refused",
        "still-away",
        give_up,
        given_up,
        about="uid",
        mends={"power-and-cable": plug},
    ),
)
