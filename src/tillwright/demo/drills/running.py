"""One drill after the other: bring about, see raised, follow, judge; and everything well again afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.demo.drills.at_doctor import AtDoctor
from tillwright.demo.drills.desk import Desk
from tillwright.demo.drills.model import Row, Scenario
from tillwright.demo.drills.person import Person
from tillwright.demo.drills.printed import at_the_end, printed_people_s
from tillwright.demo.drills.world import NotSo, World
from tillwright.machine.clocks import SystemClock

RAISED_S = 25.0
"""So long, in real time, the program may take to notice."""
WELL_S = 30.0
TRUTH_S = 5.0
MISHAPS = (NotSo, httpx.HTTPError, OSError, subprocess.SubprocessError)
"""What may go wrong with one drill without costing the others."""
_OPEN = ("open", "unverified", "escalated")


@dataclass(slots=True)
class Drill:
    """One scenario at one till. `say` is told how it goes."""

    world: World
    catalogue: Catalogue
    say: Callable[[str], None]

    def run(self, scenario: Scenario) -> Row:
        """Bring it about and see it through; whatever goes wrong stands in the row."""
        row = Row(scenario.code, scenario.cause, asked=scenario.asked)
        real = SystemClock()
        began_ns = real.monotonic_ns()
        try:
            self._well("before")
            self._through(scenario, row)
        except MISHAPS as error:
            row.why = row.why or str(error) or type(error).__name__
        row.took_s = round((real.monotonic_ns() - began_ns) / 1e9, 1)
        return row

    def tidy(self, scenario: Scenario) -> bool:
        """Make all well again after a drill; False if that cannot be done, and another shop is needed."""
        try:
            scenario.afterwards(self.world)
            self.world.restore()
            self._settle()
            self._well("after")
        except MISHAPS as error:
            self.say(f"not well again: {error}")
            return False
        return True

    # ── one drill ──

    def _through(self, scenario: Scenario, row: Row) -> None:
        desk, since_ms = Desk(self.world), self.world.now_ms()
        self.world.struck_ms = 0
        self.world.seen.clear()
        scenario.bring(self.world)
        if scenario.doctor:
            self._with_doctor(scenario, row)
            return
        struck_ms = self.world.struck_ms or since_ms
        uid = self._raised(scenario, desk, since_ms)
        row.raised_s = round(max(0, desk.view(uid)["opened_ms"] - struck_ms) / 1000, 1)
        if scenario.opens:
            uid = self._led_to(scenario, desk, uid, row)
        if scenario.held:
            self._hand_over(desk, uid)
        entry = self.catalogue.entry(scenario.walks)
        person = Person(self.world, desk, scenario, self.catalogue, entry, row, since_ms)
        view = person.follow(uid)
        self._judge(scenario, row, view, person.did)
        if scenario.passing and scenario.planted == person.believed:
            row.named, row.why = True, row.why if not row.mended else ""

    def _hand_over(self, desk: Desk, uid: str) -> None:
        """Whom it is about takes it, as soon as the program has looked for the first time."""

        def taken() -> bool:
            view = desk.view(uid)
            return not view["busy"] and desk.press(uid, "hand-over", {"to": holder, "seen": view["seen"]})

        holder = self.world.seen["holder"]
        self.world.wait_for(taken, f"{holder} cannot take it over")

    def _with_doctor(self, scenario: Scenario, row: Row) -> None:
        """The program has said what is wrong as it ended, or there is nobody left to say it."""
        said_ms = self.world.seen.get("said_ms", self.world.struck_ms)
        row.raised_s = round(max(0, said_ms - self.world.struck_ms) / 1000, 1)
        visit = AtDoctor(self.world, scenario, self.catalogue, row)
        view = visit.follow()
        if row.escalated:
            scenario.outside(self.world)
            view |= {"state": "mended"} if visit.sees_well() else {}
        self._judge(scenario, row, view, visit.did)

    def _raised(self, scenario: Scenario, desk: Desk, since_ms: int) -> str:
        about = str(self.world.seen.get(scenario.about, ""))
        if scenario.asked:
            return desk.start(scenario.first, about, scenario.station)
        found = self.world.wait_for(
            lambda: desk.opened(scenario.first, since_ms, about),
            f"{scenario.first} was never raised", RAISED_S, scenario.rate,
        )  # fmt: skip
        return str(found["uid"])

    def _led_to(self, scenario: Scenario, desk: Desk, uid: str, row: Row) -> str:
        """Go from the fault that was noticed to the one that it turns out to be."""

        def led() -> str:
            view = desk.view(uid)
            if scenario.meanwhile is not None:
                scenario.meanwhile(self.world, view)
            if view["busy"]:
                return ""
            return scenario.walks if self._cause(scenario, view)["leads_to"] == scenario.walks else ""

        what = f"{scenario.first} does not lead to {scenario.walks}"
        self.world.wait_for(led, what, TRUTH_S * 4, 2)
        row.path.append(f"{scenario.first} leads here")
        if desk.view(uid)["state"] == "mended":
            return uid
        about = str(self.world.seen.get(scenario.about, ""))
        return desk.start(scenario.walks, about, scenario.station)

    def _cause(self, scenario: Scenario, view: Mapping[str, Any], did: str = "") -> Mapping[str, Any]:
        """The likeliest cause at this moment, with what ended it taken into account; `did`: what the person
        did last, where the program saw the end of it before it was told.
        """
        entry = self.catalogue.entry(view["code"])
        shares = {one["id"]: one["share"] for one in view["causes"]}
        believed = at_the_end(entry, shares, _mended_by(view) or _of(entry, did))
        name = max(believed, key=lambda cause: believed[cause])
        return next(one for one in view["causes"] if one["id"] == name)

    def _judge(self, scenario: Scenario, row: Row, view: Mapping[str, Any], did: str) -> None:
        row.path += [f"program: {one['remedy']}" for one in view["tried"] if not one["by"]]
        looked = [one for one in view["known"] if not one["by"]]
        row.program_steps = len(looked) + sum(not one["by"] for one in view["tried"])
        named = self._cause(scenario, view, did)
        led = view["code"] != scenario.walks
        row.named = named["leads_to"] == scenario.walks if led else named["id"] == scenario.planted
        if not row.named:
            row.why = f"named {named['id']}"
        known = {one["check"]: one["answer"] for one in view["known"]}
        entry = self.catalogue.entry(scenario.walks)
        mended_by = None if row.escalated else _mended_by(view) or _of(entry, did)
        row.printed_people_s = printed_people_s(entry, scenario, known, mended_by)
        row.mended = view["state"] == "mended" and self._true(scenario)
        if not row.mended:
            row.why += f" ended {view['state']}, in truth {'well' if scenario.truth(self.world) else 'not'}"

    def _true(self, scenario: Scenario) -> bool:
        try:
            return bool(self.world.wait_for(lambda: scenario.truth(self.world), "", TRUTH_S))
        except NotSo:
            return False

    # ── before and after ──

    def _settle(self) -> None:
        """Let what is open at this till come to its end; what does not is closed."""
        desk = Desk(self.world)

        def over() -> bool:
            return not any(one["state"] in _OPEN for one in desk.all())

        try:
            self.world.wait_for(over, "", 4.0, 12)
        except NotSo:
            for one in desk.all():
                if one["state"] in _OPEN:
                    view = desk.view(one["uid"])
                    desk.press(one["uid"], "close", {"seen": view["seen"]})

    def _well(self, when: str) -> None:
        """Every probe of the station and the till finds all well. Raises NotSo."""
        desk = Desk(self.world)
        sick: list[str] = []

        def well() -> bool:
            sick[:] = [
                f"{part['part']} {part['findings'][0]['probe']} {part['findings'][0]['value']}"
                for part in desk.look()["parts"]
                if part["condition"] == "sick"
            ]
            return not sick

        try:
            self.world.wait_for(well, "", WELL_S, 4)
        except NotSo as error:
            raise NotSo(str(error) or f"sick {when} the drill: {', '.join(sick)}") from None


def _of(entry: Entry, remedy: str) -> str:
    """The remedy, if the entry has it."""
    return remedy if any(one.id == remedy for one in entry.remedies) else ""


def _mended_by(view: Mapping[str, Any]) -> str:
    """The remedy after which it was gone; '' where it ended by itself."""
    helped = [str(one["remedy"]) for one in view["tried"] if one["result"] == "gone"]
    return helped[-1] if helped else ""
