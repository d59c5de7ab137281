"""Refusals that a till gives by itself: something else is going on there, its shift is not as it should be,
the goods or the receipt are not known.

The person presses, reads the refusal, and asks what to do about just that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tillwright.demo.careful_till import ENDED, CarefulTill
from tillwright.demo.drills import scenes_device, scenes_red
from tillwright.demo.drills.model import Act, Scenario, nothing
from tillwright.demo.drills.world import NotSo, World
from tillwright.kernel.keys import uid_from_bytes

RED_BLOCKS, OPEN, HELD = "till.red-blocks", "till.operation-open", "till.held"
CLOSED, ALREADY_OPEN = "till.shift-closed", "till.shift-already-open"
PARENT, GOODS = "till.parent-unknown", "till.unknown-goods"
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000


def refused(world: World, code: str, request: Mapping[str, Any], purpose: str = "") -> None:
    """Press, and be refused with this code. Raises NotSo for anything else."""
    world.strike()
    status, told = world.begin(request, purpose)
    require(code, status, told)


def require(code: str, status: int, told: Mapping[str, Any]) -> None:
    """Raise NotSo for any other answer than the refusal with this code."""
    if told.get("code") != code:
        raise NotSo(f"not {code}: {status} {told.get('state')} {told.get('code')} {told.get('detail')}")


def posted(world: World, path: str, body: Mapping[str, Any], wait_s: int = 0) -> dict[str, Any]:
    """A call that has to be taken. Raises NotSo."""
    status, told = world.post(path, body, wait_s)
    if status >= 300:
        raise NotSo(f"POST {path}: {status} {told.get('code')} {told.get('detail')}")
    return told


def sold(world: World) -> bool:
    """The device has what could be sold at last."""
    return "sold" in world.seen and world.at_device(world.seen["sold"])


def sell(world: World) -> None:
    """What was to be sold is sold."""
    world.seen["sold"] = world.sell()["uid"]


# ── a receipt in the way ──


def blocked_by(upset: Act, pulled: bool = False) -> Act:
    """A receipt is red, and the next customer is served."""

    def bring(world: World) -> None:
        scenes_red.red(upset, pulled=pulled)(world)
        refused(world, RED_BLOCKS, world.sale())

    return bring


def busy_with(upset: Act) -> Act:
    """A receipt is under way, and the next customer is served."""

    def bring(world: World) -> None:
        sale = world.sale()
        upset(world)
        world.seen["uid"] = sale["uid"]
        _under_way(world, sale)
        refused(world, OPEN, world.sale())

    return bring


def _under_way(world: World, sale: Mapping[str, Any]) -> None:
    status, told = world.begin(sale)
    if told.get("state") != "open":
        raise NotSo(f"it is not under way: {status} {told.get('state')} {told.get('code')}")


def be_slow(world: World) -> None:
    """The device takes its time over the next document."""
    world.device("faults", fault="answer_late", next=1, delay_ms=2_500, only=["register"])


def be_silent(world: World) -> None:
    """The device does not answer."""
    world.device("faults", fault="silent", always=True)


def wait_for_a_press(world: World) -> None:
    """A receipt waits for a press since the device was away; it is back, and the next customer comes."""
    sale = world.sale()
    world.seen["uid"] = sale["uid"]
    world.device("plug", plugged=False)
    world.begin(sale)
    asks = "continue-or-give-up"
    world.wait_for(lambda: world.operation(sale["uid"])["question"] == asks, "nothing is asked", 8.0, 2)
    world.device("plug", plugged=True)
    world.wait_for(lambda: scenes_device.is_there(world), "the device does not come back")
    world.wait_for(lambda: world.heard("control") == "ready", "the till does not hear of the device")
    refused(world, OPEN, world.sale())


def press_on(world: World) -> None:
    """Somebody reads what has become of the newest receipt, and presses what it asks for."""
    uid = world.seen["uid"]
    if world.operation(uid)["question"]:
        world.post(f"/api/v1/operations/{uid}/continue", {})


def has_ended(world: World) -> bool:
    """It has ended, and the till says of it what the device does."""
    told = world.operation(world.seen["uid"])
    return told["state"] in ENDED and (told["state"] == "done") == world.at_device(world.seen["uid"])


# ── a till that is held ──


def counting(world: World) -> None:
    """Somebody counts, and another one wants to sell."""
    posted(world, "/api/v1/till/count/open", {})
    refused(world, HELD, world.sale())


def correcting(world: World) -> None:
    """An administrator is about to correct the cash, and somebody wants to sell."""
    hold_for_correction(world)
    refused(world, HELD, world.sale())


def hold_for_correction(world: World) -> dict[str, Any]:
    """The till is held; cash by the book and by the device, just read. Raises NotSo."""
    uid = uid_from_bytes(os.urandom(16))
    approval = world.careful.approvals(uid, "correction", 2)[-1]
    cash = posted(world, "/api/v1/till/correction/hold", {"operation": uid, "approval": approval})
    world.seen["to-correct"] = {
        "uid": uid,
        "kind": "correction",
        "currency": world.till.currency,
        "total_minor": cash["difference_minor"],
        "after": cash["device_number"],
        "approvals": [approval],
        "reason": "other",
    }
    return cash


def let_go(world: World) -> None:
    """The till is let go."""
    world.post("/api/v1/till/release", {})


def is_free(world: World) -> bool:
    """Something can be sold again, and the device has it."""
    if "sold" not in world.seen:
        sell(world)
    return sold(world)


# ── shifts ──


def counted(world: World) -> dict[str, Any]:
    """Count, and put the cash away; what then closes the shift. Raises NotSo."""
    let_go(world)
    posted(world, "/api/v1/till/count/open", {})
    count = posted(world, "/api/v1/till/count", {"denominations": [], "reason": "other"})
    drawer_minor = world.till_now()["drawer_minor"]
    if drawer_minor:
        world.careful.carry_out({**world.cash("cash-out", drawer_minor), "reason": "shift-end"})
    return {**_shift(world, "shift-close", _number(world)), "count": count["uid"]}


def close_shift(world: World) -> None:
    """Count, put the cash away, close. Raises NotSo."""
    world.careful.carry_out(counted(world))


def open_shift(world: World) -> None:
    """Open the next one, and put the float in. Raises NotSo."""
    world.careful.carry_out(new_shift(world))
    world.careful.carry_out({**world.cash("cash-in", world.till.float_minor), "reason": "float"})


def _number(world: World) -> int:
    """The number of the till's newest shift."""
    return int(world.get("/api/v1/shifts?limit=1")["items"][0]["number"])


def _shift(world: World, kind: str, number: int) -> dict[str, Any]:
    return {
        "uid": uid_from_bytes(os.urandom(16)),
        "kind": kind,
        "currency": world.till.currency,
        "shift": number,
    }


def new_shift(world: World) -> dict[str, Any]:
    """A shift that is to be opened."""
    return _shift(world, "shift-open", _number(world) + 1)


def next_shift(world: World) -> None:
    """Close the old shift, and open the next."""
    close_shift(world)
    open_shift(world)
    sell(world)


def is_open(world: World) -> bool:
    """The device has a shift open."""
    return bool(world.truth()["shift"]["state"] == "open")


def has_open_shift(world: World) -> None:
    """Leave the till as it is found: with a shift open."""
    scenes_red.let_speak(world)
    if not is_open(world):
        open_shift(world)


def in_the_morning(world: World) -> None:
    """The shift was closed in the evening; the first customer comes before anybody has opened the next."""
    close_shift(world)
    world.advance(9 * _HOUR_MS)
    world.wait_for(lambda: world.heard("control") == "ready", "the device is not there")
    refused(world, CLOSED, world.sale())


def just_closed(world: World) -> None:
    """Somebody has closed the shift, and another customer comes."""
    close_shift(world)
    refused(world, CLOSED, world.sale())


def open_and_sell(world: World) -> None:
    """A shift is opened, and it is sold."""
    open_shift(world)
    sell(world)


def once_more(world: World) -> None:
    """Somebody wants to open a shift, and there is one."""
    refused(world, ALREADY_OPEN, new_shift(world))


def the_day_after(world: World) -> None:
    """Yesterday's shift was never closed."""
    world.advance(_DAY_MS + _HOUR_MS)
    world.wait_for(lambda: world.heard("control") == "ready", "the device is not there")
    once_more(world)


def at_a_stranger(world: World) -> None:
    """The device of another shop stands here, and its shift is open."""
    world.device("exchange", serial="SKO-77", till="till-77", shift=7)
    world.wait_for(lambda: world.till_now()["shift"] is None, "the shift does not end with its device")
    refused(world, CLOSED, world.sale())


def own_device(world: World) -> None:
    """The till's own device stands here again, and the customer is served."""
    own_again(world)
    sell(world)


def own_again(world: World) -> None:
    """Leave the till as it is found: with its own device."""
    world.device("exchange", serial=world.till.serial)
    world.wait_for(lambda: world.till_now()["shift"], "the shift does not go on", rate=4)


# ── receipts and goods that nobody knows ──


def take_back_unknown(world: World, of: Mapping[str, Any] | None = None) -> None:
    """Somebody wants to give goods back, and the number that is typed leads nowhere."""
    world.seen["sale"] = dict(of) if of is not None else world.sell()
    nowhere = {**world.seen["sale"], "uid": uid_from_bytes(os.urandom(16))}
    refused(world, PARENT, world.refund(nowhere), "refund")


def sold_elsewhere(world: World) -> None:
    """The goods were bought at another till of the shop."""
    other = _other(world)
    take_back_unknown(world, other.sell(world.sale()))


def _other(world: World) -> CarefulTill:
    """Another till of the shop."""
    till = next(one for one in world.shop.options.tills if one != world.till)
    world.seen["other"] = till.serial
    return CarefulTill(world.shop.url, world.shop.tokens[till.id], world.careful.stop)


def take_back_here(world: World) -> None:
    """The receipt is found in the list, and the goods are taken back."""
    world.seen["back"] = world.careful.carry_out(_back(world), "refund")["uid"]


def take_back_there(world: World) -> None:
    """The goods are taken back at the other till."""
    world.seen["back"] = _other(world).carry_out(_back(world), "refund")["uid"]


def _back(world: World) -> dict[str, Any]:
    lines = world.seen["sale"].get("lines")
    total = lines[0]["total_minor"] if lines else scenes_red.a_sale(world)["total_minor"]
    return world.refund({**world.seen["sale"], "total_minor": total})


def taken_back(world: World) -> bool:
    """The device at which the goods were taken back has a document of it."""
    documents = world.truth(world.seen.get("other", ""))["documents"]
    back = world.seen.get("back")
    return back is not None and any(str(one["key"]).startswith(back) for one in documents)


def of_another_shop(world: World) -> None:
    """Somebody wants to give goods back that another shop has sold."""
    take_back_unknown(world, {**world.sale()})


def explain(world: World) -> None:
    """It is explained to the customer where to go."""
    world.seen["explained"] = True


def sent_away(world: World) -> bool:
    """The customer knows where to go, and no money was given here."""
    return bool(world.seen.get("explained")) and "back" not in world.seen


SCENARIOS = (
    Scenario(
        RED_BLOCKS,
        "undecided",
        blocked_by(scenes_red.lose_request),
        scenes_red.never_happened,
        mends=scenes_red._SETTLE_NO,
        outside=scenes_red.let_speak,
        asked=True,
        about="uid",
    ),
    Scenario(
        RED_BLOCKS,
        "device-away",
        blocked_by(scenes_red.go_dark, pulled=True),
        scenes_red.happened,
        {"lamp": "no"},
        {"switch-on": scenes_red.power, "power-and-cable": scenes_red.power},
        outside=scenes_red.power,
        asked=True,
        about="uid",
    ),
    Scenario(
        OPEN, "running", busy_with(be_slow), has_ended, asked=True, about="uid", mends={"look": nothing}
    ),
    Scenario(
        OPEN,
        "waits-for-device",
        busy_with(be_silent),
        has_ended,
        {"lamp": "yes"},
        {"switch-off-and-on": scenes_device.wake},
        outside=scenes_device.wake,
        asked=True,
        about="uid",
    ),
    Scenario(
        OPEN, "waits-for-you", wait_for_a_press, has_ended, mends={"look": press_on}, asked=True, about="uid"
    ),
    Scenario(
        HELD,
        "going-on",
        counting,
        is_free,
        {"who": "count"},
        {"finish": next_shift},
        asked=True,
        afterwards=has_open_shift,
    ),
    Scenario(HELD, "abandoned", counting, is_free, {"who": "no"}, {"let-go": let_go}, asked=True),
    Scenario(
        HELD, "correction", correcting, is_free, {"who": "correct"}, {"wait-correction": let_go}, asked=True
    ),
    Scenario(
        CLOSED,
        "not-opened",
        in_the_morning,
        sold,
        mends={"open": open_and_sell},
        asked=True,
        afterwards=has_open_shift,
    ),
    Scenario(
        CLOSED,
        "closed-already",
        just_closed,
        sold,
        mends={"open": open_and_sell},
        asked=True,
        afterwards=has_open_shift,
    ),
    Scenario(ALREADY_OPEN, "in-work", once_more, sold, mends={"go-on": sell}, asked=True),
    Scenario(
        ALREADY_OPEN,
        "not-closed",
        the_day_after,
        sold,
        mends={"close": next_shift},
        asked=True,
        long=True,
        afterwards=has_open_shift,
    ),
    Scenario(
        CLOSED,
        "differs",
        at_a_stranger,
        sold,
        {"on-purpose": "no"},
        {"plug-the-right-one": own_device},
        asked=True,
        afterwards=own_again,
    ),
    Scenario(
        PARENT,
        "mistyped",
        take_back_unknown,
        taken_back,
        {"printed": "ours"},
        {"scan": take_back_here},
        asked=True,
    ),
    Scenario(
        PARENT,
        "other-till",
        sold_elsewhere,
        taken_back,
        {"printed": "ours"},
        {"at-the-other": take_back_there},
        asked=True,
    ),
    Scenario(
        PARENT,
        "other-shop",
        of_another_shop,
        sent_away,
        {"printed": "other"},
        {"to-the-other-shop": explain},
        asked=True,
    ),
)
