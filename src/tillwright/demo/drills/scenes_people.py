"""Signing in: mistyped, forgotten, switched off, locked, signed in at another till."""

from __future__ import annotations

from collections.abc import Mapping

from tillwright.demo.drills.browser import browser, change, is_in, person, sign_in
from tillwright.demo.drills.desk import Desk
from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import World
from tillwright.demo.people import Person

FAILED, LOCKED, ELSEWHERE = "people.sign-in-failed", "people.locked", "people.signed-in-elsewhere"
CREDENTIALS, LOGIN_ELSEWHERE = "calls.login-wrong-credentials", "calls.login-elsewhere"
_WRONG, _NEW = "9898", "6767"
_FAILURES = 5
_LOCKS_S = (30, 60, 120, 240)
"""How long the first locks last."""


def _who(world: World) -> Person:
    """Who works at this till; each till has somebody else, as far as there are people."""
    return person((7, 8, 9, 10)[int(world.till.id.rsplit("-", 1)[1]) % 4])


def _enters(world: World, pin: str) -> bool:
    client = world.seen.setdefault("browser", browser(world))
    return sign_in(client, world.till.id, _who(world).number, pin)


def mistype(world: World) -> None:
    """Somebody types a wrong PIN."""
    world.strike()
    _enters(world, _WRONG)


def retype(world: World) -> None:
    """Once more, slowly."""
    _enters(world, world.seen.get("pin", _who(world).pin))


def forget(world: World) -> None:
    """The PIN was changed, and the person has forgotten the new one."""
    change(world, _who(world).number, do="pin", pin=_WRONG[::-1])
    world.strike()
    _enters(world, _who(world).pin)


def new_pin(world: World) -> None:
    """The administrator sets a new PIN, and the person signs in with it."""
    change(world, _who(world).number, do="pin", pin=_NEW)
    world.seen["pin"] = _NEW
    _enters(world, _NEW)


def switch_off(world: World) -> None:
    """The number was switched off."""
    change(world, _who(world).number, do="off")
    world.strike()
    _enters(world, _who(world).pin)


def switch_on(world: World) -> None:
    """It is switched on again."""
    change(world, _who(world).number, do="on")
    retype(world)


def as_before(world: World) -> None:
    """The person has the old PIN again, and the number is switched on."""
    number = _who(world).number
    change(world, number, do="on")
    change(world, number, do="pin", pin=_who(world).pin)
    if "browser" in world.seen:
        world.seen["browser"].close()


def lock_shortly(world: World) -> None:
    """Wrong PINs in a row, until the number is locked for the first time."""
    for _ in range(_FAILURES):
        world.strike()
        _enters(world, _WRONG)


def lock(world: World) -> None:
    """Wrong PINs in a row, and again each time that the lock is over: it grows."""
    for _ in range(_FAILURES):
        _enters(world, _WRONG)
    for longer_s in _LOCKS_S:
        world.run(longer_s)
        world.pause(1.1)
        world.run(1)
        world.strike()
        _enters(world, _WRONG)
    world.wait_for(lambda: _is_open(Desk(world)), f"{LOCKED} is not opened again", rate=4)


def _is_open(desk: Desk) -> bool:
    return any(one["code"] == LOCKED for one in desk.all("open"))


def wait_a_while(world: World) -> None:
    """The time of the lock goes by; then once, slowly."""
    world.run(240)
    world.pause(2.1)
    world.run(1)
    retype(world)


def works(world: World) -> bool:
    """The person is signed in, and the till's page opens."""
    client = world.seen.get("browser")
    return client is not None and is_in(client)


def may_enter(world: World) -> bool:
    """The person can sign in."""
    return works(world) or _enters(world, world.seen.get("pin", _who(world).pin))


def taken_over(world: World) -> None:
    """The person works here, and somebody signs in elsewhere under the same number."""
    _enters(world, _who(world).pin)
    other = world.seen["other"] = browser(world)
    tills = world.shop.options.tills
    world.strike()
    sign_in(other, next(one.id for one in tills if one != world.till), _who(world).number, _who(world).pin)
    world.seen["holder"] = str(_who(world).number)


def _scene(
    code: str, cause: str, bring: Act, sees: Mapping[str, str], mends: Mapping[str, Act], **more: object
) -> Scenario:
    return Scenario(
        code,
        cause,
        bring,
        works,
        sees,
        mends,
        asked=True,
        afterwards=as_before,
        **more,  # type: ignore[arg-type]
    )


_HERE = {"here": retype, "own-number": retype, "new-pin": new_pin, "end-other": retype}

SCENARIOS = (
    _scene(FAILED, "mistyped", mistype, {"shown": "yes"}, {"retype": retype}),
    _scene(FAILED, "forgotten", forget, {"shown": "yes"}, {"new-pin": new_pin}),
    _scene(FAILED, "switched-off", switch_off, {"shown": "yes"}, {"switch-on": switch_on}),
    _scene(FAILED, "keys", mistype, {"shown": "no"}, {"keyboard": retype}),
    Scenario(
        LOCKED,
        "own-mistakes",
        lock_shortly,
        may_enter,
        {"who": "yes", "sure": "yes"},
        {"wait": wait_a_while, "unlock": lambda world: None},
        afterwards=as_before,
        station=True,
        rate=3,
    ),
    Scenario(
        LOCKED,
        "forgotten",
        lock,
        may_enter,
        {"who": "yes", "sure": "no"},
        {"new-pin": new_pin},
        afterwards=as_before,
        station=True,
        rate=3,
    ),
    Scenario(
        LOCKED,
        "guessing",
        lock,
        may_enter,
        {"who": "no"},
        {"new-pin": new_pin},
        afterwards=as_before,
        station=True,
        rate=3,
    ),
    _scene(ELSEWHERE, "self", taken_over, {"who": "me"}, {"here": retype}, held=True),
    _scene(CREDENTIALS, "mistyped", mistype, {"shown": "yes"}, {"retype": retype}, via=FAILED),
    _scene(CREDENTIALS, "forgotten", forget, {"shown": "yes"}, {"new-pin": new_pin}, via=FAILED),
    Scenario(
        CREDENTIALS,
        "locked",
        lock_shortly,
        may_enter,
        {"who": "yes", "sure": "yes"},
        {"wait": wait_a_while, "unlock": lambda world: None},
        afterwards=as_before,
        station=True,
        via=LOCKED,
        meant="own-mistakes",
    ),
    _scene(
        LOGIN_ELSEWHERE,
        "own-device",
        taken_over,
        {"who": "me"},
        {"here": retype},
        via=ELSEWHERE,
        meant="self",
        held=True,
    ),
)
