"""The simulated person: does what the page says, answers what can be seen from the till, knows no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import CONSENT_S, VERIFY_S, helped
from tillwright.demo.drills.desk import Desk
from tillwright.demo.drills.model import Row, Scenario
from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.people import PEOPLE

MOST_STEPS = 30
LONG_WORK_S, WORK_S = 60, 24
"""Of work that takes a minute and more so much time goes by before it is said to be done."""
SETTLED_S = 40.0
WORK_RATE = 3
"""So fast time passes while the program is at work."""
WAITING_RATE = 6
"""So fast at least while everybody waits for somebody outside."""
_HELPS = 0.5
"""What ends a cause in half of all cases is meant for it."""
_CLOSED = ("mended", "unverified", "left")
_GOES_ON = ("open", "escalated")
"""So is one that was opened again: it had been mended here before."""


@dataclass(slots=True)
class Person:
    """Somebody at a till who follows one diagnosis to its end."""

    world: World
    desk: Desk
    scenario: Scenario
    catalogue: Catalogue
    entry: Entry
    row: Row
    since_ms: int
    left: set[str] = field(default_factory=set)
    believed: str = ""
    did: str = ""
    """What the person did last that mends, even if the program saw that before it was told."""

    def follow(self, uid: str) -> dict[str, Any]:
        """Take one step after the other; the diagnosis as it ended. Raises NotSo."""
        for _ in range(MOST_STEPS):
            view = self._settled(uid)
            if view["state"] in _CLOSED:
                return view
            led_to = self._led_to(view)
            if led_to is not None:
                self._elsewhere(uid, view, led_to)
                continue
            if view["stage"] == "escalated":
                return self._outside(uid)
            self._step(uid, view)
        raise NotSo(f"more than {MOST_STEPS} steps")

    def _settled(self, uid: str) -> dict[str, Any]:
        """The diagnosis once the program waits for a person, or it is over."""

        def settled() -> dict[str, Any] | None:
            view = self.desk.view(uid)
            if self.scenario.meanwhile is not None:
                self.scenario.meanwhile(self.world, view)
            waits = view["phase"] in ("asking", "doing", "unverified") or _asks_whether_gone(view)
            over = view["state"] in _CLOSED or view["stage"] == "escalated"
            return view if not view["busy"] and (waits or over) else None

        found: dict[str, Any] = self.world.wait_for(settled, "it waits for nobody", SETTLED_S, WORK_RATE)
        return found

    # ── another fault behind it ──

    def _led_to(self, view: dict[str, Any]) -> dict[str, Any] | None:
        """The diagnosis in which it goes on, because this fault's likeliest cause is one of its own."""
        code = view["causes"][0]["leads_to"]
        if not code or view["uid"] in self.left:
            return None
        here = (one for one in self.desk.all() if one["code"] == code and one["state"] != "left")
        fresh = (one for one in here if one["opened_ms"] >= self.since_ms or one["state"] in _GOES_ON)
        return next((one for one in fresh if one["uid"] not in self.left), None)

    def _elsewhere(self, uid: str, view: dict[str, Any], led_to: dict[str, Any]) -> None:
        """Go on there; back here, say that it is gone where the program cannot see that."""
        self.left.add(uid)
        self.row.path.append(f"goes on as {led_to['code']}")
        entry, self.entry = self.entry, self.catalogue.entry(led_to["code"])
        self.follow(led_to["uid"])
        self.entry = entry
        view = self.desk.view(uid)
        if view["state"] not in _CLOSED and view["verify"]["kind"] == "asked":
            self._verify(uid, self._settled(uid), {})
        elif view["state"] not in _CLOSED:
            self.desk.press(uid, "verifications", {"seen": view["seen"]})

    # ── steps ──

    def _step(self, uid: str, view: dict[str, Any]) -> None:
        todo = view["step"]
        getattr(self, f"_{todo['kind']}")(uid, view, todo)

    def _check(self, uid: str, view: dict[str, Any], todo: dict[str, Any]) -> None:
        check = next(one for one in self.entry.checks if one.id == todo["id"])
        seen = self.scenario.sees.get(f"{self.entry.code}:{check.id}", self.scenario.sees.get(check.id))
        answer = seen if seen in {one.id for one in check.answers} else None
        if self.desk.press(uid, "answers", {"check": check.id, "seen": view["seen"], "answer": answer}):
            self._took(check.cost.people, f"{check.id}: {answer or 'cannot tell'}")

    def _remedy(self, uid: str, view: dict[str, Any], todo: dict[str, Any]) -> None:
        remedy = next(one for one in self.entry.remedies if one.id == todo["id"])
        body: dict[str, Any] = {"remedy": remedy.id, "seen": view["seen"]}
        people_s = remedy.cost.people
        if todo["action"]:
            people_s += int(CONSENT_S)
            body |= self._agreed(uid, todo["consent"])
        if helped(remedy.helps).get(self.scenario.planted, 0.0) >= _HELPS:
            self.believed = view["causes"][0]["id"]
        if remedy.id in self.scenario.mends:
            self.did = remedy.id
        self.scenario.mends.get(remedy.id, _nothing)(self.world)
        if remedy.cost.people >= LONG_WORK_S:
            self.world.let_pass(WORK_S)
        pressed = self.desk.press(uid, "remedies", body)
        self._took(people_s, remedy.id if pressed else f"{remedy.id} (seen before it was pressed)")

    def _agreed(self, uid: str, role: str) -> dict[str, Any]:
        """The approval that an action needs; what a cashier may agree to, the press itself agrees to."""
        if role in ("", "nobody", "cashier"):
            return {}
        person = next(one for one in PEOPLE if one.role == role)
        return {"approval": self.desk.consent(uid, person.number, person.pin)}

    def _verify(self, uid: str, view: dict[str, Any], _todo: dict[str, Any]) -> None:
        gone = self.scenario.truth(self.world)
        body = {"seen": view["seen"], "outcome": "gone" if gone else "still"}
        if self.desk.press(uid, "verifications", body):
            self._took(int(VERIFY_S["asked"]), "it works again" if gone else "still there")

    def _escalate(self, uid: str, view: dict[str, Any], _todo: dict[str, Any]) -> None:
        if self.desk.press(uid, "escalate", {"seen": view["seen"]}):
            cost = self.entry.escalate.cost.people if self.entry.escalate else 0
            self._took(cost, "passed on")
            self.row.escalated = True

    def _took(self, people_s: int, what: str) -> None:
        self.row.people_steps += 1
        self.row.people_s += people_s
        self.row.path.append(what)

    # ── somebody outside ──

    def _outside(self, uid: str) -> dict[str, Any]:
        """Who was called does their part; that it is mended has to be found without a word from anybody,
        except where nobody but a person can see it.
        """
        self.scenario.outside(self.world)

        def over() -> dict[str, Any] | None:
            view = self.desk.view(uid)
            if view["state"] in _CLOSED:
                return view
            asked = view["verify"]["kind"] == "asked" and not view["busy"]
            if asked and self.scenario.truth(self.world):
                self._verify(uid, view, {})
            return None

        found: dict[str, Any] = self.world.wait_for(
            over, "nobody notices that it is mended", SETTLED_S, max(self.scenario.rate, WAITING_RATE)
        )
        return found


def _asks_whether_gone(view: dict[str, Any]) -> bool:
    step = view["step"]
    return bool(
        view["stage"] in ("verifying", "unverified") and step and step["kind"] == "verify" and step["answers"]
    )


def _nothing(_world: World) -> None:
    return None
