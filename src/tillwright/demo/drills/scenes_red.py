"""Red operations: the answer lost, the device gone, registered or not, and documents that still wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tillwright.demo.careful_till import ENDED
from tillwright.demo.drills.browser import press
from tillwright.demo.drills.model import Scenario
from tillwright.demo.drills.scenes_device import plug
from tillwright.demo.drills.world import NotSo, World

STATUS_UNKNOWN = "fiscal.red-cheque-status-unknown"
SUCCESS = "fiscal.red-cheque-cash-success"
UNSUCCESSFUL = "fiscal.red-cheque-cash-unsuccessful"
WRONG_DATA = "fiscal.wrong-red-cheque-data"
CASH = "fiscal.red-document-cash-in-out"
RETURN = "fiscal.red-document-return-annulment-cash"
_ASKING = ("inquire", "documents", "restore")
_RATE = 4
_PURPOSE = "ruling"
_TIMES = 10


# ── bringing about ──


def deliver_later(world: World, view: Mapping[str, Any]) -> None:
    """Once it has been asked in vain, the device delivers by its own line what it does not tell the till."""
    if view["tried"] and not world.seen.get("delivered"):
        world.seen["delivered"] = True
        world.device("uplink", on=True)


def lose_answer(world: World) -> None:
    """It registers the next document, and neither says so nor answers the first questions about it."""
    world.device("faults", fault="commit_drop_answer", next=1, only=["register"])
    world.device("faults", fault="silent", always=True, only=["inquire"])
    world.seen["passes"] = True


def lose_every_word(world: World) -> None:
    """The same, and it does not even give its documents out for a while."""
    lose_answer(world)
    world.device("faults", fault="silent", always=True, only=_ASKING)


def go_dark(world: World) -> None:
    """It registers the next document, tells nobody yet, and its plug comes out."""
    world.device("uplink", on=False)
    world.device("faults", fault="commit_drop_answer", next=1, only=["register"])
    world.device("faults", fault="silent", always=True, only=_ASKING)


def keep_silent(world: World) -> None:
    """It registers the next document, and says nothing at all any more; nor to the operator at first."""
    world.device("uplink", on=False)
    world.device("faults", fault="commit_drop_answer", next=1, only=["register"])
    world.device("faults", fault="silent", always=True, only=["hello", "status", *_ASKING])


def lose_request(world: World) -> None:
    """The next document never arrives, and the device does not say so."""
    world.device("faults", fault="drop_request_close", next=1, only=["register"])
    world.device("faults", fault="silent", always=True, only=_ASKING)


def cut_off(world: World) -> None:
    """Nothing outside can be reached."""
    world.operator("plug", plugged=False)
    world.licensing("plug", plugged=False)


def cut_off_and_lost(world: World) -> None:
    """A document waits, the internet is down, and the next request is lost."""
    cut_off(world)
    world.sell()
    lose_request(world)


def a_sale(world: World) -> Mapping[str, Any]:
    """Somebody buys something."""
    return world.sale()


def a_deposit(world: World) -> Mapping[str, Any]:
    """Change is put into the drawer."""
    return {**world.cash("cash-in", 10_00), "reason": "change"}


def a_refund(world: World) -> Mapping[str, Any]:
    """Somebody brings back what was sold to them; the operator has the sale by then."""
    sold = world.sell()
    world.wait_for(lambda: world.at_operator(sold["uid"]), "the operator does not get the sale")
    return world.refund(sold)


def red(upset: Any, request: Any = a_sale, purpose: str = "", pulled: bool = False) -> Any:
    """Something is begun while the device is in trouble, and turns red. `pulled`: the plug comes out as soon
    as it has been registered.
    """

    def bring(world: World) -> None:
        body = request(world)
        upset(world)
        world.seen["uid"] = body["uid"]
        world.seen["struck"] = world.device_state()["struck"].get("commit_drop_answer", 0)
        world.run(_RATE)
        try:
            told = _begun(world, body, purpose, pulled)
        finally:
            world.run(1)
        if world.seen.get("passes"):
            let_speak(world)
        if told.get("state") != "red":
            raise NotSo(f"it does not turn red: {told.get('state')} {told.get('code')} {told.get('detail')}")

    return bring


def _begun(world: World, body: Mapping[str, Any], purpose: str, pulled: bool) -> Mapping[str, Any]:
    """The operation once it is red, or has ended."""
    world.strike()
    world.begin(body, purpose)
    if pulled:
        struck = world.device_state()["struck"].get
        world.wait_for(lambda: _struck(world) > 0, f"nothing is registered: {struck('silent')}", 5.0)
        world.device("plug", plugged=False)
    told: dict[str, Any] = {}

    def over() -> bool:
        told.update(world.begin(body, purpose)[1])
        return told.get("state") in ("red", *ENDED)

    world.wait_for(over, f"it does not turn red: {told}", 12.0)
    return told


def _struck(world: World) -> int:
    return int(world.device_state()["struck"].get("commit_drop_answer", 0)) - int(world.seen["struck"])


# ── settling ──


def settle(happened: bool, then: str = "") -> Any:
    """A senior settles it by what the operator lists."""

    def act(world: World) -> None:
        uid = world.seen["uid"]
        enquiry = _enquiry(world, uid)
        document = world.at_operator(uid)
        listed = (
            _as_listed(document) if document is not None and happened else {"reason": "operator-lacks-it"}
        )
        for _ in range(20):
            operation = world.operation(uid)
            leg = _open_leg(operation, happened)
            if operation["state"] != "red" or leg is None:
                return
            approvals = world.careful.approvals(uid, _PURPOSE, 1)
            seen = {"leg": leg["number"], "version": operation["version"], "happened": happened}
            body = {**seen, **listed, "approvals": approvals, **({"then": then} if then else {})}
            status, told = world.post(f"/api/v1/operations/{uid}/rulings", {**body, "enquiry": enquiry})
            world.seen["ruling"] = f"{status} {told.get('code')}"
            if status in (200, 202):
                return
            world.pause(0.3)

    return act


def _open_leg(operation: Mapping[str, Any], happened: bool) -> Mapping[str, Any] | None:
    """The leg that waits for a person's word; of one that has been proved not to have happened, what is to
    follow.
    """
    proved = ("refused",) if operation["question"] == "settle" and not happened else ()
    return next((one for one in operation["legs"] if one["state"] in ("unknown", *proved)), None)


def _enquiry(world: World, uid: str) -> int:
    status, told = world.post(f"/api/v1/operations/{uid}/enquiries", {})
    if status != 202:
        raise NotSo(f"no enquiry: {status} {told.get('code')}")
    path = f"/api/v1/operations/{uid}/enquiries/{told['id']}"
    world.wait_for(lambda: world.get(path)["answered_ms"] is not None, "the operator does not answer", 8.0)
    return int(told["id"])


def _as_listed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document_number": document["number"],
        "registered_ms": document["registered_ms"],
        "unique_number": document["unique_number"],
        "reason": "operator-lists-it",
    }


def settle_wrongly(world: World) -> None:
    """A sale is red, the operator lists nothing yet; somebody is told a number on the phone, and mishears."""
    _one_refused(world)
    red(keep_silent)(world)
    _rule_by_hearsay(world, {"happened": True, **_another(world)})
    let_speak(world)
    accept_all(world)


def settle_another(world: World) -> None:
    """A sale is red; its request never came to the device, and the operator lacks a document anyway. On the
    phone somebody reads out another receipt, and it is settled as registered; then the device speaks.
    """
    _one_refused(world)
    red(lose_request)(world)
    _rule_by_hearsay(world, {"happened": True, **_another(world)})
    let_speak(world)
    accept_all(world)


def _one_refused(world: World) -> None:
    """A document waits that the operator does not take, so its list is not whole."""
    world.device("uplink", on=False)
    world.operator("refuse", reason="the sum does not fit", next=1)
    world.sell()


def _another(world: World) -> dict[str, Any]:
    """What is read out on the phone of a receipt that is not this one."""
    return {"document_number": 9_999, "registered_ms": world.now_ms(), "unique_number": "0" * 24}


def _rule_by_hearsay(world: World, ruling: Mapping[str, Any]) -> None:
    """Settle it by what somebody has said; once more where it was just being asked after. Raises NotSo."""
    uid = world.seen["uid"]
    enquiry = _enquiry(world, uid)
    status, told = 0, dict[str, Any]()
    for _ in range(_TIMES):
        operation = world.operation(uid)
        leg = next(one for one in operation["legs"] if one["state"] == "unknown")
        approvals = world.careful.approvals(uid, _PURPOSE, 1)
        seen = {"leg": leg["number"], "version": operation["version"], "enquiry": enquiry}
        body = {**seen, **ruling, "reason": "operator-said-so", "approvals": approvals}
        status, told = world.post(f"/api/v1/operations/{uid}/rulings", body, 5)
        if told.get("code") != "till.ruling-stale":
            break
    if status not in (200, 202):
        raise NotSo(f"hearsay is not taken: {status} {told.get('code')} {told.get('detail')}")
    world.strike()


def accept_all(world: World) -> None:
    """The operator has put its record right, and somebody presses 'Try again'."""
    for refusal in world.truth("operator")["refusals"]:
        world.operator("accept", serial=refusal["serial"], number=refusal["number"])
    press(world, "/undelivered/deliver")


def power(world: World) -> None:
    """Its power is back."""
    let_speak(world)
    plug(world)


def internet(world: World) -> None:
    """The router works again."""
    world.operator("plug", plugged=True)
    world.licensing("plug", plugged=True)


# ── in truth ──


def happened(world: World) -> bool:
    """It has ended as done, and the device has it."""
    uid = world.seen["uid"]
    return world.operation(uid)["state"] == "done" and world.at_device(uid)


def at_both(world: World) -> bool:
    """It has ended as done, and device and operator have it."""
    return happened(world) and world.at_operator(world.seen["uid"]) is not None


def registered_anew(world: World) -> bool:
    """It has ended as done, and the device has it by now."""
    return happened(world)


def never_happened(world: World) -> bool:
    """It has ended as not done, and neither device nor operator has it."""
    uid = world.seen["uid"]
    ended = world.operation(uid)["state"] in ("undone", "refused")
    return ended and not world.at_device(uid) and world.at_operator(uid) is None


def let_speak(world: World) -> None:
    """The device answers again."""
    world.device("faults", off=True)


_HAPPENED, _RETURNED, _REGISTER = settle(True), settle(False, "returned"), settle(False, "register-now")


def _of_sale(code: str, cause: str, upset: Any, truth: Any, **more: Any) -> Scenario:
    return Scenario(code, cause, red(upset), truth, about="uid", rate=2, **more)


def _of_document(code: str, request: Any, purpose: str = "") -> Sequence[Scenario]:
    def scene(cause: str, upset: Any, truth: Any, **more: Any) -> Scenario:
        return Scenario(code, cause, red(upset, request, purpose), truth, about="uid", rate=2, **more)

    return (
        scene("answer-lost", lose_every_word, happened),
        scene(
            "registered",
            keep_silent,
            at_both,
            mends={"settle": _HAPPENED, "call-and-settle": _HAPPENED},
            outside=let_speak,
            meanwhile=deliver_later,
        ),
        scene(
            "not-registered",
            lose_request,
            never_happened,
            mends={"settle": _RETURNED, "call-and-settle": _RETURNED},
            outside=let_speak,
        ),
        scene(
            "documents-waiting",
            cut_off_and_lost,
            never_happened,
            mends={"restore-internet": internet, "settle": _RETURNED, "call-and-settle": _RETURNED},
            outside=_net_and_speak,
            passing=True,
        ),
    )


def _net_and_speak(world: World) -> None:
    internet(world)
    let_speak(world)


_SETTLE_YES = {"settle": _HAPPENED, "settle-happened": _HAPPENED, "call-and-settle": _HAPPENED}
_SETTLE_NO = {
    "settle": _RETURNED,
    "settle-returned": _RETURNED,
    "settle-register": _REGISTER,
    "call-and-settle": _RETURNED,
}

SCENARIOS = (
    _of_sale(STATUS_UNKNOWN, "answer-lost", lose_every_word, happened),
    Scenario(
        STATUS_UNKNOWN,
        "device-away",
        red(go_dark, pulled=True),
        happened,
        about="uid",
        rate=2,
        mends={"power-and-cable": power, "switch-on": power},
        outside=power,
    ),
    _of_sale(
        STATUS_UNKNOWN,
        "registered-elsewhere",
        keep_silent,
        at_both,
        mends=_SETTLE_YES,
        outside=let_speak,
        meanwhile=deliver_later,
    ),
    _of_sale(
        STATUS_UNKNOWN, "never-registered", lose_request, never_happened, mends=_SETTLE_NO, outside=let_speak
    ),
    _of_sale(
        STATUS_UNKNOWN,
        "documents-waiting",
        cut_off_and_lost,
        never_happened,
        mends={"restore-internet": internet, **_SETTLE_NO},
        outside=_net_and_speak,
        passing=True,
    ),
    _of_sale(
        SUCCESS,
        "device-gone",
        keep_silent,
        at_both,
        opens=STATUS_UNKNOWN,
        mends=_SETTLE_YES,
        outside=let_speak,
        meanwhile=deliver_later,
    ),
    _of_sale(
        UNSUCCESSFUL,
        "goods-here",
        lose_request,
        never_happened,
        opens=STATUS_UNKNOWN,
        sees={"goods": "yes"},
        mends=_SETTLE_NO,
        outside=let_speak,
    ),
    _of_sale(
        UNSUCCESSFUL,
        "goods-gone",
        lose_request,
        registered_anew,
        opens=STATUS_UNKNOWN,
        sees={"goods": "no"},
        mends={"settle-register": _REGISTER, "call-and-settle": _REGISTER},
        outside=let_speak,
    ),
    Scenario(WRONG_DATA, "ruled-wrong-before", settle_wrongly, at_both, about="uid", rate=4),
    Scenario(
        "fiscal.contradiction",
        "ruled-wrong",
        settle_another,
        at_both,
        {"goods": "sold"},
        {"settle-it": _REGISTER, "call-operator": _REGISTER},
        about="uid",
        rate=4,
    ),
    *_of_document(CASH, a_deposit),
    *_of_document(RETURN, a_refund, "refund"),
)
