"""Corrections and closes that are refused: it is not as it was shown, or somebody has settled it wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillwright.demo.drills import scenes_outside, scenes_red, scenes_till
from tillwright.demo.drills.desk import Desk
from tillwright.demo.drills.model import Scenario
from tillwright.demo.drills.scenes_cash import agrees, correct, miscount
from tillwright.demo.drills.world import PRICE_MINOR, World

NOT_EQUAL, EXPLAINED = "till.correction-not-equal", "till.correction-explained"
DIFFER = "till.documents-differ"
_DAY_MS = 86_400_000
"""So long it is told of somebody who was mistaken."""
_ROUNDS_S = 40
_OFF_MINOR, _MORE_MINOR = 5_00, 2_00


def begin_correction(world: World) -> Mapping[str, Any]:
    """The till is held, and the administrator sees the difference; what would correct it."""
    scenes_till.hold_for_correction(world)
    wanted: Mapping[str, Any] = world.seen["to-correct"]
    return wanted


def sold_meanwhile(world: World) -> None:
    """Between the look and the press the till was let go, and the device counted wrongly once more."""
    miscount(_OFF_MINOR)(world)
    wanted = begin_correction(world)
    scenes_till.let_go(world)
    world.sell()
    miscount(_MORE_MINOR)(world)
    begin_correction(world)
    scenes_till.refused(world, NOT_EQUAL, wanted)


def let_go_and_settle(world: World) -> None:
    """Leave the till free, its cash corrected, and nothing refused at the operator."""
    scenes_red.let_speak(world)
    scenes_red.accept_all(world)
    world.device("uplink", on=True)
    if not agrees(world):
        correct(world)
    scenes_till.let_go(world)


# ── a ruling in between ──


def ruled_wrongly(world: World) -> None:
    """A sale that never happened was settled as registered, by what was heard on the phone. Its money is
    missing, and an administrator wants to correct that.
    """
    scenes_red._one_refused(world)
    scenes_red.red(scenes_red.lose_request)(world)
    scenes_red._rule_by_hearsay(world, {"happened": True, **scenes_red._another(world)})
    asked_in_vain(world)
    scenes_till.refused(world, EXPLAINED, begin_correction(world))
    everybody_speaks(world)


def ruled_rightly(world: World) -> None:
    """A sale that never happened was settled as such; nobody could bear that out yet. And just as much as it
    was, the device counts too much.
    """
    scenes_red.red(scenes_red.lose_request)(world)
    scenes_red.settle(False, "returned")(world)
    scenes_outside.operator_down(world)
    asked_in_vain(world)
    miscount(PRICE_MINOR)(world)
    scenes_till.refused(world, EXPLAINED, begin_correction(world))
    everybody_speaks(world)


def by_chance(world: World) -> None:
    """The same, and before anybody asks what to do, what was settled has been borne out."""
    ruled_rightly(world)
    scenes_till.posted(world, f"/api/v1/operations/{world.seen['uid']}/enquiries", {})
    world.wait_for(lambda: is_checked(world), "the ruling is not borne out", rate=30)
    world.strike()


def is_checked(world: World) -> bool:
    """Every ruling at the till is borne out."""
    parts = Desk(world).look()["parts"]
    found = {one["probe"]: one["value"] for part in parts for one in part["findings"]}
    return found.get("rulings_checked") == "agree"


def ruled_both(world: World) -> None:
    """A sale and as much taken out never happened, and were settled as registered by what was heard on the
    phone; then somebody wants to close the shift.
    """
    scenes_red._one_refused(world)
    heard = scenes_red._another(world)
    for request in (scenes_red.a_sale, _taken_out):
        scenes_red.red(scenes_red.lose_request, request)(world)
        world.seen.setdefault("uids", []).append(world.seen["uid"])
        unique = str(len(world.seen["uids"])) * 24
        told = {"registered_ms": world.now_ms(), "unique_number": unique}
        scenes_red._rule_by_hearsay(world, {"happened": True, **heard, **told})
    world.seen["close"] = scenes_till.counted(world)
    asked_in_vain(world)
    scenes_till.refused(world, DIFFER, world.seen["close"])
    everybody_speaks(world)


def _taken_out(world: World) -> Mapping[str, Any]:
    return {**world.cash("cash-out", PRICE_MINOR), "reason": "bank"}


def settle_both(world: World) -> None:
    """Both are settled by what the operator lists: nothing."""
    for uid in world.seen["uids"]:
        world.seen["uid"] = uid
        scenes_red.settle(False, "returned")(world)


def closed(world: World) -> bool:
    """Nothing of it happened, everywhere, and the shift can be closed: the device has closed it."""
    if not scenes_red.never_happened(world):
        return False
    world.begin(world.seen["close"])
    return not scenes_till.is_open(world)


def settled_and_open(world: World) -> None:
    """Leave the till with a shift open, and nothing refused at the operator."""
    let_go_and_settle(world)
    scenes_till.has_open_shift(world)
    world.advance(_DAY_MS)


def asked_in_vain(world: World) -> None:
    """Nobody answers while the ruling is asked after, and it is not asked after again for a while."""
    world.let_pass(_ROUNDS_S)


def everybody_speaks(world: World) -> None:
    """Device and operator can be asked again."""
    scenes_red.let_speak(world)
    scenes_outside.operator_up(world)


def a_day_later(world: World) -> None:
    """The same, and a day has passed."""
    let_go_and_settle(world)
    world.advance(_DAY_MS)


def undone(world: World) -> bool:
    """It did not happen, everywhere, and the till's book says what the device counts."""
    return scenes_red.never_happened(world) and agrees(world)


SCENARIOS = (
    Scenario(
        DIFFER,
        "ruled",
        ruled_both,
        closed,
        {"sum": "other-receipt"},
        {"settle": settle_both, "settle-red-again": settle_both},
        outside=settle_both,
        asked=True,
        afterwards=settled_and_open,
        long=True,
    ),
    Scenario(
        NOT_EQUAL,
        "sold-meanwhile",
        sold_meanwhile,
        agrees,
        mends={"look-again": correct},
        asked=True,
        afterwards=let_go_and_settle,
    ),
    Scenario(
        EXPLAINED,
        "ruling-wrong",
        ruled_wrongly,
        undone,
        {"sum": "other-receipt"},
        scenes_red._SETTLE_NO | dict.fromkeys(("settle-red-again", "ask-operator"), scenes_red._RETURNED),
        asked=True,
        about="uid",
        afterwards=a_day_later,
        long=True,
    ),
    Scenario(
        EXPLAINED,
        "chance",
        by_chance,
        agrees,
        mends={"correct": correct},
        asked=True,
        about="uid",
        afterwards=let_go_and_settle,
    ),
    Scenario(
        EXPLAINED,
        "not-checked",
        ruled_rightly,
        scenes_red.never_happened,
        asked=True,
        about="uid",
        afterwards=let_go_and_settle,
    ),
)
