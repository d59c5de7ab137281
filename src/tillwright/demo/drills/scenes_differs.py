"""The operator's list and the receipt say different things: another sum."""

from __future__ import annotations

from typing import Any

from tillwright.demo.drills import scenes_red
from tillwright.demo.drills.model import Scenario
from tillwright.demo.drills.scenes_red import WRONG_DATA
from tillwright.demo.drills.world import HURRY, NotSo, World

_OFF_MINOR = 1_00
_SAID = {"happened": True, "reason": "operator-lists-it"}


def _tell_nobody(world: World) -> None:
    """It registers the next document, and tells only the operator."""
    world.device("faults", fault="commit_drop_answer", next=1, only=["register"])
    world.device("faults", fault="silent", always=True, only=["inquire", "documents", "restore"])


def _misstate(world: World) -> None:
    """The operator's list has another sum."""
    world.operator("misstate", till=world.till.id, off_minor=_OFF_MINOR)


def _listed(world: World) -> dict[str, Any]:
    """The operator has it. Raises NotSo."""
    uid = world.seen["uid"]
    found: dict[str, Any] = world.wait_for(
        lambda: world.at_operator(uid), "it never reaches the operator", 10.0, HURRY
    )
    return found


def _say(world: World, document: dict[str, Any]) -> None:
    """A senior enters what the operator shows, and that is refused. Raises NotSo."""
    uid = world.seen["uid"]
    enquiry, operation = scenes_red._enquiry(world, uid), world.operation(uid)
    leg = next(one for one in operation["legs"] if one["state"] == "unknown")
    seen = {"leg": leg["number"], "version": operation["version"], "enquiry": enquiry}
    shown = {
        "document_number": document["number"],
        "registered_ms": document["registered_ms"],
        "unique_number": document["unique_number"],
    }
    approvals = world.careful.approvals(uid, "ruling", 1)
    body = {**_SAID, **seen, **shown, "approvals": approvals}
    status, told = world.post(f"/api/v1/operations/{uid}/rulings", body)
    if told.get("code") != WRONG_DATA:
        raise NotSo(f"what was entered is not refused: {status} {told.get('code')} {told.get('detail')}")


def other_sum(world: World) -> None:
    """A receipt is red, and the operator lists it with another sum."""
    _misstate(world)
    scenes_red.red(_tell_nobody)(world)
    _listed(world)
    world.strike()


def other_sum_entered(world: World) -> None:
    """The same, and somebody enters what it lists."""
    other_sum(world)
    _say(world, _listed(world))


def corrected(world: World) -> None:
    """The operator puts its list right, and is asked once more."""
    world.operator("misstate", till=world.till.id, off_minor=0)
    scenes_red._enquiry(world, world.seen["uid"])


SCENARIOS = (
    Scenario(
        WRONG_DATA,
        "operator-differs",
        other_sum_entered,
        scenes_red.at_both,
        {"sum": "sum-differs"},
        {"have-it-corrected": corrected},
        corrected,
        asked=True,
        about="uid",
        afterwards=scenes_red.let_speak,
    ),
)
