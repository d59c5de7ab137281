"""The operator and the way to it: no internet, down, blocked, warned, a document refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.scenes_red import accept_all as accept
from tillwright.demo.drills.scenes_red import cut_off, internet
from tillwright.demo.drills.world import World

UPLOAD = "fiscal.document-upload-failed"
BLOCKED = "fiscal.register-blocked"
WARNED = "fiscal.block-warning"
_DAY_MS = 86_400_000
REASONS = {
    "unpaid": "the fee has not been paid",
    "documents-late": "documents are missing",
    "data-wrong": "the data of the company are not right",
}


# ── documents that wait ──


def operator_down(world: World) -> None:
    """Only the operator cannot be reached."""
    world.operator("plug", plugged=False)


def operator_up(world: World) -> None:
    """The operator's people have mended their side."""
    world.operator("plug", plugged=True)


def wanting(upset: Act) -> Act:
    """A sale is made, and its document does not reach the operator."""

    def bring(world: World) -> None:
        upset(world)
        world.device("uplink", on=False)
        world.strike()
        world.seen["uid"] = world.sell()["uid"]

    return bring


def refuse_next(world: World) -> None:
    """The operator does not take the next document, and none after it."""
    world.operator("gaps", accepted=False)
    world.operator("refuse", reason="the sum does not fit", next=1)


def net_is_back(world: World, _view: Mapping[str, Any]) -> None:
    """The way out was broken for a while only."""
    if not world.seen.get("back"):
        world.seen["back"] = True
        internet(world)


def delivered(world: World) -> bool:
    """The operator has everything that the device has."""
    last = world.truth()["last_number"]
    return bool(world.party_state("operator")["last_numbers"].get(world.till.serial, 0) == last)


# ── how it judges the till ──


def judged(order: str, cause: str) -> Act:
    """The operator blocks the till, or warns of it."""

    def bring(world: World) -> None:
        world.strike()
        more: dict[str, Any] = {"date_ms": world.now_ms() + 3 * _DAY_MS} if order == "warn" else {}
        world.operator(order, till=world.till.id, reason=REASONS[cause], **more)

    return bring


def lift(world: World) -> None:
    """The operator lifts it."""
    world.operator("activate", till=world.till.id)


def lifted_unheard(order: str, heard: str) -> Act:
    """The till hears of a block, or a warning, that the operator has lifted just before."""

    def bring(world: World) -> None:
        judged(order, "unpaid")(world)
        world.hear_late("operator", heard, lift, twice=order == "warn")

    return bring


def late_and(order: str) -> Act:
    """Documents wait, and the operator has had enough of it."""

    def bring(world: World) -> None:
        world.device("uplink", on=False)
        world.operator("gaps", accepted=False)
        world.operator("refuse", reason="the sum does not fit", next=1)
        world.sell()
        judged(order, "documents-late")(world)

    return bring


def deliver_and_lift(world: World) -> None:
    """What waited is taken, and the operator is content."""
    accept(world)
    lift(world)


def is_active(world: World) -> bool:
    """The operator has nothing against the till."""
    tills = world.party_state("operator")["tills"]
    return all(one["state"] == "active" for one in tills if one["till"] == world.till.id)


# ── too long without it ──


def too_long(upset: Act, days: int = 6) -> Act:
    """A document waits, and days go by."""

    def bring(world: World) -> None:
        wanting(upset)(world)
        world.advance(days * _DAY_MS)
        world.strike()

    return bring


_CALLED = {"call-operator": operator_up}

SCENARIOS = (
    Scenario(UPLOAD, "no-internet", wanting(cut_off), delivered, mends={"restore-internet": internet}),
    Scenario(UPLOAD, "passing", wanting(cut_off), delivered, meanwhile=net_is_back),
    Scenario(UPLOAD, "operator-down", wanting(operator_down), delivered, mends=_CALLED, outside=operator_up),
    Scenario(
        UPLOAD,
        "document-refused",
        wanting(refuse_next),
        delivered,
        mends={"clear-refused": accept},
        outside=accept,
        afterwards=accept,
    ),
    *(
        Scenario(
            BLOCKED, cause, judged("block", cause), is_active, {"reason": seen}, {does: lift}, outside=lift
        )
        for cause, seen, does in (("unpaid", "payment", "pay"), ("data-wrong", "data", "correct-data"))
    ),
    Scenario(
        BLOCKED,
        "documents-late",
        late_and("block"),
        is_active,
        {"reason": "documents"},
        {"clear-refused": deliver_and_lift},
        outside=deliver_and_lift,
        afterwards=accept,
    ),
    Scenario(BLOCKED, "lifted", lifted_unheard("block", "blocked"), is_active, {"reason": "payment"}),
    Scenario(WARNED, "lifted", lifted_unheard("warn", "warning"), is_active, {"reason": "payment"}),
    *(
        Scenario(
            WARNED, cause, judged("warn", cause), is_active, {"reason": seen}, {does: lift}, outside=lift
        )
        for cause, seen, does in (("unpaid", "payment", "pay"), ("data-wrong", "data", "correct-data"))
    ),
    Scenario(
        WARNED,
        "documents-late",
        late_and("warn"),
        is_active,
        {"reason": "documents"},
        {"clear-refused": deliver_and_lift},
        outside=deliver_and_lift,
        afterwards=accept,
    ),
    Scenario(
        "fiscal.offline-limit",
        "no-internet",
        too_long(cut_off),
        delivered,
        mends={"restore-internet": internet},
        long=True,
    ),
    Scenario(
        "fiscal.offline-limit",
        "passing",
        too_long(cut_off),
        delivered,
        meanwhile=net_is_back,
        long=True,
    ),
    Scenario(
        "fiscal.offline-limit",
        "operator-down",
        too_long(operator_down),
        delivered,
        mends=_CALLED,
        outside=operator_up,
        long=True,
    ),
    Scenario(
        "fiscal.offline-limit",
        "document-refused",
        too_long(refuse_next),
        delivered,
        mends={"clear-refused": accept},
        outside=accept,
        afterwards=accept,
        long=True,
    ),
)
