"""Who answers, and who does not: another control device, one that refuses, an operator and a licence that
nobody reaches or that do not know the till.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tillwright.demo.drills import scenes_cash, scenes_device, scenes_till
from tillwright.demo.drills.aside import register_aside
from tillwright.demo.drills.machine import restarted, shop_of
from tillwright.demo.drills.model import Act, Scenario, nothing
from tillwright.demo.drills.scenes_outside import delivered, judged, lift, operator_down, operator_up
from tillwright.demo.drills.scenes_red import cut_off, internet
from tillwright.demo.drills.world import LATE_MS, NotSo, World

UNREACHABLE, NO_ANSWER = "fiscal.operator-unreachable", "fiscal.operator-no-answer"
LICENCE, REFUSED, REPLACED = (
    "fiscal.licence-unreachable",
    "fiscal.register-refused",
    "fiscal.device-replaced",
)
UNKNOWN, CONFLICT = "fiscal.device-record-unknown", "fiscal.key-conflict"
_DAY_MS = 86_400_000
_NOWHERE = "nobody.invalid"
"""A name that leads nowhere, whoever is asked."""
_DATA = "station.db*"
_RATE = 4


# ── the settings of a till ──


def _settings(world: World, old: str, new: str) -> None:
    """What the settings say of this till is changed, and the station starts again. Raises NotSo."""
    file = shop_of(world).station_file
    world.seen["settings"] = file.read_text()
    parts = world.seen["settings"].split("[[tills]]")
    here = f'id = "{world.till.id}"\n'
    changed = [part.replace(old, new) if here in part else part for part in parts]
    if changed == parts:
        raise NotSo("nothing to change in the settings")
    file.write_text("[[tills]]".join(changed))
    restarted(world)


def lost_address(party: str) -> Act:
    """The name in the address of a party is mistyped."""
    right = f'{party}_url = "http://'
    return lambda world: _settings(world, f"{right}127.0.0.1", right + _NOWHERE)


def others_address(world: World) -> None:
    """The address of the next till's device stands in the settings of this one."""
    ports = shop_of(world).ports
    other = next(one for one in world.shop.options.tills if one.id != world.till.id)
    world.strike()
    _settings(world, f"control_port = {ports[world.till.id]}", f"control_port = {ports[other.id]}")


def right_address(world: World) -> None:
    """The administrator enters what is right."""
    file, right = shop_of(world).station_file, world.seen.get("settings", "")
    if right and file.read_text() != right:
        file.write_text(right)
        restarted(world)


# ── the operator is asked ──


def asked(upset: Act) -> Act:
    """Somebody asks the operator about a receipt, and there is no answer."""

    def bring(world: World) -> None:
        world.seen["uid"] = world.sell()["uid"]
        upset(world)
        world.strike()
        ask(world)

    return bring


def ask(world: World) -> int:
    """'Ask the operator'; the number of the enquiry. Raises NotSo."""
    status, told = world.post(f"/api/v1/operations/{world.seen['uid']}/enquiries", {})
    if status != 202:
        raise NotSo(f"no enquiry: {status} {told.get('code')}")
    return int(told["id"])


def operator_hangs(world: World) -> None:
    """The operator takes everything and answers nothing."""
    world.operator("faults", fault="silent", always=True)


def operator_works(world: World) -> None:
    """Its people have mended it."""
    world.operator("faults", off=True)


def less_busy(world: World, view: Mapping[str, Any]) -> None:
    """Once it has been asked again, it has come to its end."""
    if view["tried"] and not world.seen.get("free"):
        world.seen["free"] = True
        operator_works(world)


def disowned(world: World) -> None:
    """The operator does not know this till."""
    world.operator("disown", till=world.till.id)


def known_again(world: World) -> None:
    """The operator has put its own data right."""
    world.operator("disown", till=world.till.id, off=True)


def breaks_off(world: World) -> None:
    """The question is on its way; before the answer comes the internet is gone."""
    world.seen["uid"] = world.sell()["uid"]
    world.operator("faults", fault="answer_late", always=True, only=["list"], delay_ms=LATE_MS)
    world.strike()
    before = world.truth("operator")["struck"]["answer_late"]
    ask(world)
    world.wait_for(
        lambda: world.truth("operator")["struck"]["answer_late"] > before, "the question does not arrive", 5.0
    )
    cut_off(world)
    world.operator("faults", off=True)


def operator_answers(world: World) -> bool:
    """It can be reached, nothing is wrong with it, it knows the till, and it has the receipt."""
    state = world.party_state("operator")
    well = state["plugged"] and not state["armed"] and world.till.id not in state["strangers"]
    return bool(well and world.at_operator(world.seen["uid"]) is not None)


# ── a till that the operator has blocked ──


def blocked_since(world: World) -> None:
    """A document waits, and the operator, who is there again by now, has blocked the till."""
    operator_down(world)
    world.device("uplink", on=False)
    world.seen["uid"] = world.sell()["uid"]
    judged("block", "unpaid")(world)
    operator_up(world)


def blocked_for_days(world: World) -> None:
    """The same, and days go by."""
    blocked_since(world)
    world.advance(6 * _DAY_MS)
    world.strike()


# ── the licence ──


def too_long(upset: Act) -> Act:
    """Days go by in which the licence is not heard of."""

    def bring(world: World) -> None:
        upset(world)
        world.advance(4 * _DAY_MS)
        world.strike()

    return bring


def licensing_down(world: World) -> None:
    """Only the licensing cannot be reached."""
    world.licensing("plug", plugged=False)


def licensing_up(world: World) -> None:
    """Its people have mended it."""
    world.licensing("plug", plugged=True)


def licence_reached(world: World) -> bool:
    """The licensing can be reached, and somebody has asked it."""
    return bool(world.party_state("licensing")["plugged"]) and world.heard("licensing") == "ready"


# ── another device ──


def stray(world: World) -> str:
    """The serial of a device that belongs elsewhere."""
    return f"{world.till.serial}-B"


def exchanged(till: str = "", shift: int = 0) -> Act:
    """Another device stands here; of another till, in a shift of its own, if these are named."""

    def bring(world: World) -> None:
        world.strike()
        world.device("exchange", serial=stray(world), till=till, shift=shift)

    return bring


def own_device(world: World) -> None:
    """The till's own device stands here again."""
    if world.device_state()["serial"] != world.till.serial:
        world.device("exchange", serial=world.till.serial)


def planned(world: World) -> None:
    """The shift is closed, the cash put away, and the device is exchanged."""
    scenes_till.close_shift(world)
    exchanged()(world)


def as_planned_before(world: World) -> None:
    """The same back again."""
    if world.device_state()["serial"] != world.till.serial:
        scenes_till.close_shift(world)
    shift_as_before(world)
    scenes_till.has_open_shift(world)


def open_there(world: World) -> None:
    """A shift is opened at the device that stands here now."""
    scenes_till.open_shift(world)


def open_at_the_new(world: World) -> bool:
    """The new device has a shift open, and has written it for this till."""
    truth = world.truth()
    kinds = [one["kind"] for one in truth["documents"] if one["till"] == world.till.id]
    return bool(truth["shift"]["state"] == "open" and "shift-open" in kinds)


def is_own(world: World) -> bool:
    """The till's own device is here, and in a shift."""
    truth = world.truth()
    return bool(truth["serial"] == world.till.serial and truth["shift"]["state"] == "open")


def shift_as_before(world: World) -> None:
    """The own device is back, and a shift is open there."""
    own_device(world)
    world.device("refuse", off=True)
    world.wait_for(lambda: world.heard("control") == "ready", "the own device is not heard of", 12.0, _RATE)


# ── a device that refuses ──


def refused(upset: Act, price_minor: int) -> Act:
    """Something is sold, and the device will not have it. Raises NotSo."""

    def bring(world: World) -> None:
        upset(world)
        sale = world.sale(price_minor)
        world.strike()
        told = world.careful.carry_out(sale)
        if told["state"] != "refused":
            raise NotSo(f"it is not refused: {told['state']}")

    return bring


def sum_above(world: World) -> None:
    """The device takes no sums above a hundred."""
    world.device("refuse", reason="the sum is above the most", above_minor=100_01)


def refuses_all(world: World) -> None:
    """The device takes nothing any more."""
    world.device("refuse", reason="error 17 of the memory")


def others_device(world: World) -> None:
    """The device of another till is here, in a shift of the same number."""
    shift = world.truth()["shift"]["number"]
    exchanged("till-77", shift)(world)
    world.wait_for(lambda: world.device_state()["connections"], "nobody connects to the other device", 12.0)
    world.wait_for(lambda: world.heard("control") == "ready", "the other device is not heard of", 12.0)


def enter_anew(world: World) -> None:
    """It is entered once more, without what the device has named."""
    world.seen["sold"] = world.sell()["uid"]


def takes_again(world: World) -> None:
    """The operator has had the device put right; it is entered once more."""
    world.device("refuse", off=True)
    enter_anew(world)


# ── documents of others ──


def set_back(world: World, meanwhile: Act, before: Act = nothing) -> None:
    """The computer is put back to how it was before something happened. `before`: what is done before it
    starts again. Raises NotSo.
    """
    root = shop_of(world).root
    kept = root / "kept"
    kept.mkdir()
    restarted(world, lambda: _carry(root, kept))
    meanwhile(world)

    def back() -> None:
        _carry(kept, root)
        before(world)

    restarted(world, back)
    shutil.rmtree(kept)


def _carry(here: Path, there: Path) -> None:
    for old in there.glob(_DATA):
        old.unlink()
    for file in here.glob(_DATA):
        shutil.copy2(file, there / file.name)


def forgotten(world: World) -> None:
    """A receipt's answer went with the computer's memory: it was put back to before it."""

    def sell(world: World) -> None:
        world.seen["uid"] = world.sell()["uid"]

    set_back(world, sell, World.strike)


def sold_aside(world: World) -> None:
    """While the station is off, something is sold at the device without it."""

    def sell() -> None:
        world.strike()
        world.seen["uid"] = register_aside(world, 4_99)

    restarted(world, sell)


def note(world: World) -> None:
    """A person has found out what it is, and noted it."""
    world.seen["noted"] = True


def is_noted(world: World) -> bool:
    """The till has the device's document, and somebody has noted what it is."""
    uid = world.seen["uid"]
    return bool(world.seen.get("noted")) and world.operation(uid)["state"] == "done" and world.at_device(uid)


def both_at_it(world: World) -> None:
    """A second station, with a copy of the same data, sells at the same device under the same key."""
    sale = world.sale()
    world.seen["uid"] = register_aside(world, 4_99, str(sale["uid"]))
    world.strike()
    _conflicts(world, sale)


def paid_again(world: World) -> None:
    """A basket is paid; the computer is put back to before that, the device is off meanwhile, and the basket
    is paid once more, with more in it.
    """
    sale = world.sale()
    world.seen["uid"] = sale["uid"]

    def pay(world: World) -> None:
        world.careful.carry_out(sale)
        world.sell()

    set_back(world, pay, scenes_device.pull)
    more = {**world.sale(12_98), "uid": sale["uid"]}
    world.begin(more)
    world.strike()
    scenes_device.plug(world)
    _conflicts(world, more)


def _conflicts(world: World, sale: Mapping[str, Any]) -> None:
    told = world.careful.carry_out(sale)
    if told["state"] != "refused":
        raise NotSo(f"it is not refused: {told['state']}")


def is_compared(world: World) -> bool:
    """It has ended as not done, the device has the other document, and somebody has compared the two."""
    uid = world.seen["uid"]
    ended = world.operation(uid)["state"] == "refused" and world.at_device(uid)
    return bool(ended and world.seen.get("noted"))


def sold(world: World) -> bool:
    """The device has registered what was entered anew."""
    return "sold" in world.seen and world.at_device(world.seen["sold"])


def _asked(code: str, cause: str, upset: Act, **more: Any) -> Scenario:
    return Scenario(code, cause, asked(upset), operator_answers, rate=_RATE, **more)


def _licence(cause: str, upset: Act, **more: Any) -> Scenario:
    """At all tills at once: so each has a shop of its own."""
    return Scenario(LICENCE, cause, too_long(upset), licence_reached, station=True, long=True, **more)


def _replaced(cause: str, bring: Act, truth: Callable[[World], bool], **more: Any) -> Scenario:
    return Scenario(REPLACED, cause, bring, truth, afterwards=shift_as_before, rate=_RATE, **more)


def _unknown(cause: str, bring: Act, sees: Mapping[str, str], does: str) -> Scenario:
    mends = {does: note}
    return Scenario(UNKNOWN, cause, bring, is_noted, sees, mends, note, about="uid", rate=_RATE)


def _blocked(code: str, bring: Act, **more: Any) -> Scenario:
    return Scenario(
        code,
        "till-not-active",
        bring,
        delivered,
        {"reason": "payment"},
        {"pay": lift},
        lift,
        rate=_RATE,
        **more,
    )


_OPERATOR_UP: Mapping[str, Act] = {"call": operator_up}

SCENARIOS = (
    _asked(UNREACHABLE, "no-internet", cut_off, mends={"restore-internet": internet}, outside=internet),
    _asked(UNREACHABLE, "operator-down", operator_down, mends=_OPERATOR_UP, outside=operator_up),
    _asked(
        UNREACHABLE,
        "address-wrong",
        lost_address("operator"),
        mends={"correct-address": right_address},
        outside=right_address,
        afterwards=right_address,
    ),
    _asked(NO_ANSWER, "operator-busy", operator_hangs, meanwhile=less_busy),
    _asked(NO_ANSWER, "not-our-till", disowned, mends={"call": known_again}, outside=known_again),
    Scenario(
        NO_ANSWER,
        "line-breaks",
        breaks_off,
        operator_answers,
        mends={"restore-internet": internet},
        outside=internet,
        rate=_RATE,
    ),
    Scenario(
        REFUSED,
        "input-wrong",
        refused(sum_above, 250_00),
        sold,
        {"others": "no"},
        {"enter-anew": enter_anew},
        enter_anew,
        afterwards=shift_as_before,
    ),
    Scenario(
        REFUSED,
        "device-fault",
        refused(refuses_all, 6_49),
        sold,
        {"others": "yes"},
        {"tell-operator": takes_again},
        takes_again,
        afterwards=shift_as_before,
    ),
    Scenario(
        REFUSED,
        "other-device",
        refused(others_device, 6_49),
        is_own,
        {"others": "yes", "on-purpose": "no"},
        {"right-device": own_device, "plug-the-right-one": own_device},
        own_device,
        afterwards=shift_as_before,
    ),
    Scenario(
        REPLACED,
        "planned-swap",
        planned,
        open_at_the_new,
        {"on-purpose": "yes"},
        {"open-shift": open_there},
        afterwards=as_planned_before,
        rate=_RATE,
    ),
    _replaced(
        "plugged-in-wrongly",
        exchanged("till-77", 3),
        is_own,
        sees={"on-purpose": "no"},
        mends={"plug-the-right-one": own_device},
        outside=own_device,
    ),
    Scenario(
        REPLACED,
        "address-wrong",
        others_address,
        is_own,
        {"on-purpose": "no"},
        {"correct-address": right_address},
        right_address,
        afterwards=right_address,
        rate=_RATE,
    ),
    _unknown("answer-lost-earlier", forgotten, {"till": "no", "aside": "no"}, "compare"),
    _unknown("other-till", sold_aside, {"till": "yes", "aside": "no"}, "tell-other-till"),
    _unknown("entered-aside", sold_aside, {"till": "no", "aside": "yes"}, "ask-who-sold"),
    Scenario(
        CONFLICT,
        "shared-device",
        both_at_it,
        is_compared,
        {"restored": "no", "shared": "yes"},
        {"one-station": note},
        note,
        about="uid",
        rate=_RATE,
        afterwards=scenes_cash.correct,
    ),
    Scenario(
        CONFLICT,
        "restored-copy",
        paid_again,
        is_compared,
        {"restored": "yes", "shared": "no", "who": "computer"},
        {"compare": note, "exclude-data": note},
        note,
        about="uid",
        rate=_RATE,
        afterwards=scenes_cash.correct,
    ),
    _blocked("fiscal.document-upload-failed", blocked_since),
    _blocked("fiscal.offline-limit", blocked_for_days, long=True),
    _licence("no-internet", cut_off, mends={"restore-internet": internet}, outside=internet),
    _licence("service-down", licensing_down, mends={"call-vendor": licensing_up}, outside=licensing_up),
    _licence(
        "address-wrong",
        lost_address("licensing"),
        mends={"correct-address": right_address},
        outside=right_address,
        afterwards=right_address,
    ),
)
