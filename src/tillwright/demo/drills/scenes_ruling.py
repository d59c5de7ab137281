"""Refusals of what a person says about a red receipt: not possible, against the record, documents wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillwright.demo.drills import scenes_red, scenes_till
from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.scenes_device import wake
from tillwright.demo.drills.scenes_outside import delivered, refuse_next
from tillwright.demo.drills.scenes_red import accept_all
from tillwright.demo.drills.world import HURRY, World

NOT_POSSIBLE, AGAINST = "till.ruling-not-possible", "till.ruling-against-record"
_STALE, _TIMES = "till.ruling-stale", 10
"""What is said while the device is being asked once more; then it is said again."""
UNDELIVERED, UNKNOWN = "till.ruling-undelivered", "till.ruling-undelivered-unknown"


def say_of_it(world: World, code: str, word: Mapping[str, Any], enquire: bool = True) -> None:
    """A senior says what became of the red receipt, and that is refused with this code. Raises NotSo."""
    uid = world.seen["uid"]
    enquiry = {"enquiry": scenes_red._enquiry(world, uid)} if enquire else {}
    status, told = 0, dict[str, Any]()
    for _ in range(_TIMES):
        operation = world.operation(uid)
        leg = next(one for one in operation["legs"] if one["state"] == "unknown")
        seen = {"leg": leg["number"], "version": operation["version"]}
        body = {**seen, **word, **enquiry, "approvals": world.careful.approvals(uid, "ruling", 1)}
        world.strike()
        status, told = world.post(f"/api/v1/operations/{uid}/rulings", body)
        if told.get("code") != _STALE:
            break
    scenes_till.require(code, status, told)


NOT_SO = {"happened": False, "then": "returned", "reason": "operator-lacks-it"}


def says_no(code: str, upset: Act, pulled: bool = False) -> Act:
    """A sale is red, and a senior says that it did not happen, without having asked."""

    def bring(world: World) -> None:
        scenes_red.red(upset, pulled=pulled)(world)
        if code == UNKNOWN:
            world.wait_for(
                lambda: world.heard("control") != "ready", "the device counts as there", 8.0, HURRY
            )
        say_of_it(world, code, NOT_SO, enquire=False)

    return bring


# ── shifts ──


def shift_red(upset: Act, pulled: bool = False) -> Act:
    """A shift is being opened and turns red, and a senior wants to settle that."""

    def bring(world: World) -> None:
        scenes_till.close_shift(world)
        scenes_red.red(upset, scenes_till.new_shift, pulled=pulled)(world)
        say_of_it(world, NOT_POSSIBLE, NOT_SO, enquire=False)

    return bring


def speak_when_asked(world: World, view: Mapping[str, Any]) -> None:
    """The device has come to itself."""
    if not world.seen.get("speaks"):
        world.seen["speaks"] = True
        scenes_red.let_speak(world)


def shift_opened(world: World) -> bool:
    """The till and the device have the same shift open."""
    return world.operation(world.seen["uid"])["state"] == "done" and scenes_till.is_open(world)


# ── documents that wait ──


def one_refused(world: World) -> None:
    """The operator refuses a document, and the next request is lost."""
    world.device("uplink", on=False)
    refuse_next(world)
    world.sell()
    scenes_red.lose_request(world)


def one_on_its_way(world: World) -> None:
    """The operator takes its time over a document, and the next request is lost."""
    world.device("uplink", on=False)
    world.operator("faults", fault="silent", always=True, only=["document"])
    world.sell()
    scenes_red.lose_request(world)


def takes_again(world: World, _view: Mapping[str, Any]) -> None:
    """The operator has come to the end of what it was doing."""
    if not world.seen.get("takes"):
        world.seen["takes"] = True
        world.operator("faults", off=True)


def settle_at_last(world: World) -> None:
    """What is still red is settled, so that nothing stays behind."""
    scenes_red._net_and_speak(world)
    accept_all(world)
    if not world.ended(world.seen["uid"]):
        scenes_red.settle(False, "returned")(world)


# ── against the record ──


def copy_wrongly(world: World) -> None:
    """Somebody is told the document's data on the phone, and copies the unique number of the line above."""
    _red_and_another(world)
    other = _other(world)
    told = {"document_number": other["number"] + 1, "registered_ms": world.now_ms()}
    say_of_it(world, AGAINST, {**_SO, **told, "unique_number": other["unique_number"]})


def look_at_another(world: World) -> None:
    """Another receipt in the cabinet is taken for the red one."""
    _red_and_another(world)
    other = _other(world)
    told = {"document_number": other["number"], "registered_ms": other["registered_ms"]}
    say_of_it(world, AGAINST, {**_SO, **told, "unique_number": other["unique_number"]})


def _red_and_another(world: World) -> None:
    """One is sold and listed; the next one turns red, and the operator does not have it yet."""
    world.seen["other"] = world.sell(2_49)["uid"]
    world.wait_for(lambda: world.at_operator(world.seen["other"]), "the operator lacks the other", 8.0)
    scenes_red.red(scenes_red.keep_silent)(world)


def _other(world: World) -> Mapping[str, Any]:
    return world.at_operator(world.seen["other"]) or {}


def make_up(world: World) -> None:
    """Somebody is sure that it happened; the operator has everything of the device, and that is not in it."""
    scenes_red.red(scenes_red.lose_request)(world)
    told = {"document_number": 9_999, "registered_ms": world.now_ms(), "unique_number": "0" * 24}
    say_of_it(world, AGAINST, {**_SO, **told})


_SO = {"happened": True, "reason": "operator-said-so"}


def settle_as_listed(world: World) -> None:
    """The device's line delivers it by now, and it is settled by what the cabinet says."""
    world.device("uplink", on=True)
    world.wait_for(lambda: world.at_operator(world.seen["uid"]), "the operator does not get it", 8.0, 2)
    scenes_red.settle(True)(world)


def _of_ruling(cause: str, bring: Act, same: str, remedy: str, **more: Any) -> Scenario:
    return Scenario(
        AGAINST, cause, bring, scenes_red.at_both, {"same": same}, {remedy: settle_as_listed},
        outside=settle_as_listed, asked=True, about="uid", **more,
    )  # fmt: skip


SCENARIOS = (
    Scenario(
        NOT_POSSIBLE,
        "device-away",
        shift_red(scenes_red.go_dark, pulled=True),
        shift_opened,
        {"lamp": "no"},
        {"switch-on": scenes_red.power},
        outside=scenes_red.power,
        asked=True,
        about="uid",
        afterwards=scenes_till.has_open_shift,
    ),
    Scenario(
        NOT_POSSIBLE,
        "not-asked",
        shift_red(scenes_red.lose_request),
        scenes_red.never_happened,
        asked=True,
        about="uid",
        meanwhile=speak_when_asked,
        afterwards=scenes_till.has_open_shift,
    ),
    Scenario(
        UNDELIVERED,
        "no-way",
        says_no(UNDELIVERED, scenes_red.cut_off_and_lost),
        delivered,
        mends={"restore-internet": scenes_red.internet},
        outside=scenes_red.internet,
        asked=True,
        about="uid",
        afterwards=settle_at_last,
    ),
    Scenario(
        UNDELIVERED,
        "on-the-way",
        says_no(UNDELIVERED, one_on_its_way),
        delivered,
        asked=True,
        about="uid",
        meanwhile=takes_again,
        afterwards=settle_at_last,
    ),
    Scenario(
        UNDELIVERED,
        "refused",
        says_no(UNDELIVERED, one_refused),
        delivered,
        mends={"clear-refused": accept_all, "see": accept_all},
        outside=accept_all,
        asked=True,
        about="uid",
        afterwards=settle_at_last,
    ),
    Scenario(
        UNKNOWN,
        "device-away",
        says_no(UNKNOWN, scenes_red.go_dark, pulled=True),
        scenes_red.happened,
        {"lamp": "no"},
        {"power": scenes_red.power, "switch-on": scenes_red.power},
        outside=scenes_red.power,
        asked=True,
        about="uid",
    ),
    Scenario(
        UNKNOWN,
        "device-silent",
        says_no(UNKNOWN, scenes_red.keep_silent),
        scenes_red.happened,
        {"lamp": "yes"},
        {"power": wake, "switch-off-and-on": wake},
        outside=wake,
        asked=True,
        about="uid",
    ),
    _of_ruling("typed-wrong", copy_wrongly, "yes", "copy-again"),
    _of_ruling("other-receipt", look_at_another, "no", "right-receipt"),
    Scenario(
        AGAINST,
        "record-right",
        make_up,
        scenes_red.never_happened,
        {"same": "no"},
        {"accept": scenes_red.settle(False, "returned")},
        outside=scenes_red.settle(False, "returned"),
        asked=True,
        about="uid",
    ),
)
