"""Practice: the same faults for people. Something breaks at a till; somebody works it out at its pages.

The page of the practice stands for the world around the till: there one looks (is the lamp lit?), does what
hands do (push the cable in), or calls for help. What is right to do, the till's own pages say. It is over
when the twins say that all is well, or when the person gives up; then it is told what the cause was, what
would have been best, and how it went.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillwright.catalogue.entry import Entry
from tillwright.demo.drills import scenes_device, scenes_licence, scenes_outside, scenes_printer, scenes_red
from tillwright.demo.drills.best import BestStep, best
from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.scenes import SCENARIOS
from tillwright.demo.drills.world import World
from tillwright.demo.shop import ShopOptions
from tillwright.demo.switchboard_client import line

WHOLE = 100
FOR_MONEY, FOR_FORBIDDEN, FOR_STEP, FOR_TIME = 40, 20, 4, 20
"""Points that are lost: for money that is in doubt at the end; for each forbidden thing; for each step too
many; for time, at most.
"""
_RED_ACTS: dict[str, Act] = {
    "registered-elsewhere": scenes_red.keep_silent,
    "never-registered": scenes_red.lose_request,
    "answer-lost": scenes_red.lose_answer,
}
_AWAY = ("fiscal.sko-disconnected", "fiscal.sko-no-answer")
_ALONE = (
    *scenes_printer.SCENARIOS,
    *(one for one in scenes_device.SCENARIOS if one.code in _AWAY and one.meanwhile is None),
    *(one for one in scenes_outside.SCENARIOS if one.code in (scenes_outside.BLOCKED, scenes_outside.WARNED)
      and one.cause in ("unpaid", "data-wrong")),
    *(one for one in scenes_licence.SCENARIOS if one.cause not in ("answer-old", "renews-itself")),
)  # fmt: skip
"""What the twins can be told without anybody at the till doing anything."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A scenario for a person. `brings`: what happens to the twins. `sells`: the person has to sell something
    for it to show.
    """

    scenario: Scenario
    brings: Act
    sells: bool = False


EXERCISES: tuple[Exercise, ...] = (
    *(Exercise(one, one.bring) for one in _ALONE),
    *(
        Exercise(one, _RED_ACTS[one.cause], sells=True)
        for one in SCENARIOS
        if one.code == scenes_red.STATUS_UNKNOWN and one.cause in _RED_ACTS
    ),
)
"""Every exercise; several share a code, and nobody is told which of its causes it is."""


class Ground:
    """The twins of a demo, as the scenarios see a shop; without a till that anybody presses at."""

    def __init__(self, twins_url: str) -> None:
        self.root = Path()
        self.options = ShopOptions(tills=())
        self.tokens: dict[str, str] = {}
        self.url = ""
        self.twins_url = twins_url.rstrip("/")
        self._line = line()

    def order(self, serial: str, order: str, body: dict[str, Any]) -> None:
        """An order to a twin. Raises httpx.HTTPError."""
        self._line.post(f"{self.twins_url}/twins/{serial}/{order}", json=body).raise_for_status()

    def twins_now(self) -> list[dict[str, Any]]:
        """How every device is."""
        return list(self._line.get(f"{self.twins_url}/twins").raise_for_status().json()["twins"])

    def parties_now(self) -> list[dict[str, Any]]:
        """How everybody else is."""
        return list(self._line.get(f"{self.twins_url}/twins").raise_for_status().json()["parties"])


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that the person did here: looked, did, called. `answer`: what was seen."""

    kind: str
    id: str
    people_s: int
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the till stands at the end: money in doubt, in minor units, and forbidden operations begun."""

    doubt_minor: int
    forbidden: int


@dataclass(frozen=True, slots=True)
class Score:
    """How it went, beside what would have been best."""

    mended: bool
    took_s: int
    steps: int
    people_s: int
    doubt_minor: int
    forbidden: int
    best: Sequence[BestStep]
    points: int

    @property
    def best_s(self) -> int:
        """Seconds of a person's time at best."""
        return sum(one.people_s for one in self.best)


@dataclass(slots=True)
class Practice:
    """One run of an exercise at a till. `ended_ms`: None while it runs."""

    exercise: Exercise
    entry: Entry
    world: World
    began_ms: int
    deeds: list[Deed] = field(default_factory=list)
    ended_ms: int | None = None
    score: Score | None = None

    @property
    def scenario(self) -> Scenario:
        """What is practised."""
        return self.exercise.scenario

    def look(self, check: str) -> None:
        """Look; what is seen stands in the list of deeds."""
        found = next((one for one in self.entry.checks if one.id == check and one.asks), None)
        if found is not None and self.score is None:
            seen = self.scenario.sees.get(check, "")
            self.deeds.append(Deed("look", check, found.cost.people, seen))

    def do(self, remedy: str) -> None:
        """Do something by hand; only what fits the cause changes anything. Raises httpx.HTTPError."""
        found = next((one for one in self.entry.remedies if one.id == remedy and not one.action), None)
        if found is not None and self.score is None:
            self.scenario.mends.get(remedy, _nothing)(self.world)
            self.deeds.append(Deed("do", remedy, found.cost.people))

    def call(self) -> None:
        """Call for help; whoever comes does what they can. Raises httpx.HTTPError."""
        if self.score is None:
            self.scenario.outside(self.world)
            cost = self.entry.escalate.cost.people if self.entry.escalate else 0
            self.deeds.append(Deed("call", "", cost))

    def is_mended(self, reds: int) -> bool:
        """Whether all is well in truth. Of a sale: it was made, and is not red any more."""
        if self.exercise.sells:
            return bool(self.world.seen.get("red")) and reds == 0
        return self.scenario.truth(self.world)

    def end(self, mended: bool, standing: Standing, now_ms: int) -> None:
        """It is over."""
        self.ended_ms = now_ms
        self.score = scored(self, mended, standing, now_ms)


def scored(practice: Practice, mended: bool, standing: Standing, now_ms: int) -> Score:
    """Points from 0 to WHOLE, and what they come from."""
    steps, people_s = len(practice.deeds), sum(one.people_s for one in practice.deeds)
    ideal = best(practice.entry, practice.scenario)
    best_s = sum(one.people_s for one in ideal)
    over = max(0, people_s - best_s)
    lost = FOR_MONEY * (standing.doubt_minor > 0) + FOR_FORBIDDEN * standing.forbidden
    lost += FOR_STEP * max(0, steps - len(ideal))
    lost += min(FOR_TIME, FOR_TIME * over // max(best_s, 30))
    took_s = max(0, now_ms - practice.began_ms) // 1000
    points = max(0, WHOLE - lost) if mended else 0
    return Score(
        mended, took_s, steps, people_s, standing.doubt_minor, standing.forbidden, ideal, points
    )  # fmt: skip


def _nothing(_world: World) -> None:
    return None


# ── which one ───────────────────────────────────────────────────────────────────────────────────────────────


def codes() -> list[str]:
    """The codes that can be practised, once each."""
    return list(dict.fromkeys(one.scenario.code for one in EXERCISES))


def pick(code: str) -> Exercise | None:
    """One of the exercises of a code, or of all without one; which, nobody can know beforehand."""
    fitting = [one for one in EXERCISES if code in ("", one.scenario.code)]
    return secrets.choice(fitting) if fitting else None


# ── those that run ──────────────────────────────────────────────────────────────────────────────────────────

_running: dict[str, Practice] = {}
_lock = threading.Lock()


def running(till: str) -> Practice | None:
    """The practice at a till, running or over."""
    with _lock:
        return _running.get(till)


def begin(till: str, practice: Practice) -> None:
    """Break it. Raises httpx.HTTPError."""
    practice.exercise.brings(practice.world)
    with _lock:
        _running[till] = practice


def leave(till: str) -> None:
    """Forget the practice at a till."""
    with _lock:
        _running.pop(till, None)
