"""People at work: signed out, not allowed, an approval refused, a number that two people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import httpx

from tillwright.demo.drills import scenes_device, scenes_people, scenes_process, scenes_red
from tillwright.demo.drills.browser import add_person, browser, change, person, sign_in
from tillwright.demo.drills.model import Act, Scenario, nothing
from tillwright.demo.drills.scenes_people import ELSEWHERE, FAILED, LOGIN_ELSEWHERE
from tillwright.demo.drills.world import NotSo, World

ENDED, NOT_ALLOWED = "people.session-ended", "people.not-allowed"
REFUSED = "people.approval-refused"
_OPERATING = "process.category-operating-error"
_REST_MS = 8 * 3_600_000 + 60_000
"""A little longer than a page may rest."""
_ADMINISTRATORS_PAGE = "/settings/correction"
_WRONG, _OTHER = "8787", "7676"
_FIRST_NEW_NUMBER = 300

_who, _enters, works = scenes_people._who, scenes_people._enters, scenes_people.works


def _senior() -> tuple[int, str]:
    ruth = person(50)
    return ruth.number, ruth.pin


def _administrator() -> tuple[int, str]:
    tom = person(90)
    return tom.number, tom.pin


# ── signed out ──────────────────────────────────────────────────────────────────────────────────────────────


def _at_work(world: World) -> None:
    """The person has signed in here, and the page opens."""
    _enters(world, _who(world).pin)
    if not works(world):
        raise NotSo("the person cannot sign in")
    world.seen["holder"] = str(_who(world).number)


def _rests(world: World) -> None:
    """Nobody touches the page for longer than it may rest."""
    _at_work(world)
    world.advance(_REST_MS)
    world.strike()
    _is_out(world)


def _pin_changed(world: World) -> None:
    """The administrator gives the person another PIN, and has not told it yet."""
    _at_work(world)
    world.strike()
    change(world, _who(world).number, do="pin", pin=_OTHER)
    _is_out(world)


def _is_out(world: World) -> None:
    if works(world):
        raise NotSo("the person is still signed in")


def _told_pin(world: World) -> None:
    """The administrator tells the new PIN, and the person signs in with it."""
    world.seen["pin"] = _OTHER
    scenes_people.retype(world)


# ── a number that somebody else uses, too ───────────────────────────────────────────────────────────────────


def _other_enters(world: World) -> None:
    """Whoever works elsewhere under this number signs in there."""
    other = world.seen.setdefault("other", browser(world))
    number, pin = world.seen.get("own", (_who(world).number, _who(world).pin))
    tills = world.shop.options.tills
    sign_in(other, next(one.id for one in tills if one != world.till), number, pin)


def _taken_over(world: World) -> None:
    """The person works here, until somebody signs in elsewhere under the same number."""
    _at_work(world)
    world.strike()
    _other_enters(world)
    _is_out(world)


def _comes_again(world: World, view: Mapping[str, Any]) -> None:
    """Whoever works elsewhere goes on doing so, and signs in again after everything that was done here."""
    done = len(view["tried"])
    if done > world.seen.get("done", 0):
        world.seen["done"] = done
        _other_enters(world)


def _both(world: World) -> None:
    """The person signs in here again, which puts the other one out, who does the same at once."""
    scenes_people.retype(world)
    _other_enters(world)


def _own_number(world: World) -> None:
    """The colleague gets a number of their own and works under it; the person signs in here again."""
    number = _FIRST_NEW_NUMBER + int(world.till.id.rsplit("-", 1)[1])
    add_person(world, number, "Vera", "cashier", _OTHER)
    world.seen["own"] = (number, _OTHER)
    _other_enters(world)
    scenes_people.retype(world)


def _new_pin(world: World) -> None:
    """The administrator sets a new PIN, which the person alone is told."""
    scenes_people.new_pin(world)


def _alone_again(world: World) -> bool:
    """The person works here, and whoever tries under their number elsewhere does not put them out."""
    if not works(world):
        return False
    _other_enters(world)
    return works(world)


def _as_before(world: World) -> None:
    """The colleague's number is switched off again, and the person's PIN is the old one."""
    if "own" in world.seen:
        change(world, world.seen["own"][0], do="off")
    scenes_people.as_before(world)


# ── not allowed ─────────────────────────────────────────────────────────────────────────────────────────────


def _opens(world: World) -> bool:
    """The administrator's page opens in this till's browser."""
    client: httpx.Client | None = world.seen.get("browser")
    return client is not None and client.get(_ADMINISTRATORS_PAGE).status_code == httpx.codes.OK


def _is_refused(world: World) -> None:
    """Whoever is signed in here wants the administrator's page."""
    _at_work(world)
    world.strike()
    if _opens(world):
        raise NotSo("everybody may correct the books")


def _lowered(world: World) -> None:
    """An administrator is made a cashier by mistake, and wants what was allowed until then."""
    number = _who(world).number
    change(world, number, do="role", role="administrator")
    _at_work(world)
    if not _opens(world):
        raise NotSo("the administrator may not correct the books")
    world.strike()
    change(world, number, do="role", role="cashier")
    if _opens(world):
        raise NotSo("a cashier may correct the books")


def _raise(world: World) -> None:
    """The administrator looks at the role and sets it right."""
    change(world, _who(world).number, do="role", role="administrator")


def _administrator_here(world: World) -> None:
    """The administrator signs in here with number and PIN, and opens it."""
    sign_in(world.seen["browser"], world.till.id, *_administrator())


def _roles_as_before(world: World) -> None:
    """The person is a cashier again."""
    change(world, _who(world).number, do="role", role="cashier")
    _as_before(world)


# ── an approval that is refused ─────────────────────────────────────────────────────────────────────────────


def _wants_refund(world: World) -> None:
    """Something was sold that is brought back: it can be taken back once a senior cashier has approved."""
    world.seen["sold"] = world.sell()
    world.seen["refund"] = world.refund(world.seen["sold"])


def _approves(world: World, number: int, pin: str) -> int:
    """Somebody types number and PIN; with the approval the goods are taken back. What was answered."""
    body = world.seen["refund"]
    asked = {"number": number, "pin": pin, "operation": body["uid"], "purpose": "refund"}
    status, told = world.post("/api/v1/approvals", asked)
    if status == httpx.codes.CREATED:
        world.seen["back"] = world.careful.carry_out({**body, "approvals": [told["approval"]]})["state"]
    return status


def _mistypes(world: World) -> None:
    """The senior cashier types a wrong PIN."""
    _wants_refund(world)
    world.strike()
    _approves(world, _senior()[0], _WRONG)


def _forgets(world: World) -> None:
    """The senior cashier's PIN was changed, and they type the old one."""
    _wants_refund(world)
    change(world, _senior()[0], do="pin", pin=_OTHER)
    world.strike()
    _approves(world, *_senior())


def _locks(world: World) -> None:
    """The senior cashier types wrong PINs until the number is locked."""
    _wants_refund(world)
    for _ in range(scenes_people._FAILURES):
        world.strike()
        _approves(world, _senior()[0], _WRONG)
    if _approves(world, *_senior()) == httpx.codes.CREATED:
        raise NotSo("the number is not locked")


def _retypes(world: World) -> None:
    """The same person types number and PIN once more."""
    _approves(world, *_senior())


def _another(world: World) -> None:
    """The administrator approves it."""
    _approves(world, *_administrator())


def _taken_back(world: World) -> bool:
    return world.seen.get("back") == "done"


def _senior_as_before(world: World) -> None:
    """The senior cashier has the old PIN, and is not locked out."""
    number, pin = _senior()
    change(world, number, do="pin", pin=pin)


# ── a receipt that is red ───────────────────────────────────────────────────────────────────────────────────


def _red_receipt(world: World) -> None:
    """The answer to a sale is lost, and its receipt is red; the device is well again by then."""

    def well() -> bool:
        return scenes_device.is_there(world) and world.heard("control") == "ready"

    scenes_red.red(scenes_red.lose_every_word)(world)
    world.wait_for(well, "the device is not back", rate=4)


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────

_Sees = Mapping[str, str]
_Mends = Mapping[str, Act]
_NONE: Mapping[str, Any] = MappingProxyType({})


def _asked(
    code: str,
    cause: str,
    bring: Act,
    truth: Callable[[World], bool],
    sees: _Sees = _NONE,
    mends: _Mends = _NONE,
    afterwards: Act = nothing,
    **more: Any,
) -> Scenario:
    return Scenario(code, cause, bring, truth, sees, mends, asked=True, afterwards=afterwards, **more)


def _signed_out(cause: str, bring: Act, sees: _Sees, mends: _Mends, **more: Any) -> Scenario:
    told = {"sign-in": scenes_people.retype, **mends}
    return _asked(ENDED, cause, bring, works, sees, told, _as_before, held=True, **more)


def _two_people(code: str, cause: str, who: str, mends: _Mends, **more: Any) -> Scenario:
    told = {"here": _both, **mends}
    return _asked(
        code, cause, _taken_over, _alone_again, {"who": who}, told, _as_before,
        held=True, meanwhile=_comes_again, **more,
    )  # fmt: skip


def _refused(code: str, cause: str, bring: Act, sees: _Sees, mends: _Mends) -> Scenario:
    return _asked(code, cause, bring, _opens, sees, mends, _roles_as_before)


def _unapproved(cause: str, bring: Act, **more: Any) -> Scenario:
    mends = {"retype": _retypes, "another": _another}
    return _asked(REFUSED, cause, bring, _taken_back, {}, mends, _senior_as_before, **more)


_SHARED: _Mends = {"own-number": _own_number}
_STRANGER: _Mends = {"new-pin": _new_pin}
_HERE: _Mends = {"approve": _administrator_here}

SCENARIOS = (
    _signed_out("idle", _rests, {}, {}, long=True),
    _signed_out("elsewhere", scenes_people.taken_over, {"who": "me"}, {"here": scenes_people.retype}),
    _signed_out("changed", _pin_changed, {}, {"ask-admin": _told_pin}),
    _two_people(ELSEWHERE, "shared", "colleague", _SHARED),
    _two_people(ELSEWHERE, "stranger", "nobody", _STRANGER),
    _two_people(LOGIN_ELSEWHERE, "shared-account", "colleague", _SHARED, via=ELSEWHERE, meant="shared"),
    _two_people(LOGIN_ELSEWHERE, "stranger", "nobody", _STRANGER, via=ELSEWHERE, meant="stranger"),
    _refused(NOT_ALLOWED, "role", _is_refused, {"name": "yes", "before": "no"}, _HERE),
    _refused(
        NOT_ALLOWED,
        "wrong-person",
        _is_refused,
        {"name": "no", "before": "yes"},
        {"own-sign-in": _administrator_here},
    ),
    _refused(NOT_ALLOWED, "role-wrong", _lowered, {"name": "yes", "before": "yes"}, {"raise": _raise}),
    _unapproved("mistyped", _mistypes),
    _unapproved("forgotten", _forgets),
    _unapproved("locked", _locks),
    _asked(
        FAILED,
        "locked",
        scenes_people.lock_shortly,
        scenes_people.may_enter,
        {"shown": "yes", "who": "yes", "sure": "yes"},
        {"wait": scenes_people.wait_a_while},
        scenes_people.as_before,
    ),
    _asked(
        _OPERATING,
        "foreign-hands",
        _taken_over,
        _alone_again,
        {"what": "not-me"},
        _STRANGER,
        _as_before,
        held=True,
        meanwhile=_comes_again,
    ),
    _refused(_OPERATING, "no-right", _is_refused, {"what": "refused", "name": "yes", "before": "no"}, _HERE),
    _asked(
        scenes_process._INCIDENT,
        "transaction",
        _red_receipt,
        scenes_red.happened,
        {"what": "receipt", "entry": "yes", "stopped": "no"},
        about="uid",
    ),
)
