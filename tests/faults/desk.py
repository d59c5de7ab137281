"""A desk for tests of the pages of faults: what probes find is written down.

Station, journal and pages are real; a probe finds what the test has put into `found` ('unknown' for what it
has not), an action does nothing but be noted; whatever the program does by itself after a press has been done
when `press` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.scenes import LOOKS
from tests.till.counter import Counter, counter, words
from tillwright.faults import actions, at_work, looking, store
from tillwright.faults.actions import Done
from tillwright.faults.looking import Found
from tillwright.faults.running import Diagnoses
from tillwright.faults.scene import Scene, Target
from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import UNKNOWN
from tillwright.kernel.registry import ACTIONS, PROBES
from tillwright.till.queries import reader

__all__ = ["LINK_LOST", "Desk", "counter", "desk"]

LINK_LOST = "fiscal.sko-disconnected"


@dataclass
class Desk:
    """The pages of faults before a person at till 1."""

    counter: Counter
    at: Diagnoses
    found: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def begin(self, code: str = LINK_LOST, till: str = "1") -> str:
        """A diagnosis that the program has begun."""
        uid = self.at.start(Fault(code), till)
        self.rest(uid)
        return uid

    def rest(self, uid: str) -> None:
        """Wait for the station's word that the program has done what it can; not for time."""
        station, tick = self.counter.page.station, -1
        for _ in range(LOOKS):
            if not self.at.view(uid).busy:
                return
            tick = station.changes(None, tick, 50)
        raise AssertionError(f"{uid} does not come to rest")

    def html(self, address: str, **query: str) -> str:
        return self.counter.html(address, **query)

    def words(self, address: str, **query: str) -> str:
        return words(self.html(address, **query))

    def press(self, uid: str, deed: str, seen: int | None = None, **form: object) -> Any:
        """A press on the card, by whoever sees it as it is now."""
        known = self.at.view(uid).seen if seen is None else seen
        answer = self.counter.post(f"/diagnoses/{uid}/{deed}", seen=known, **form)
        self.rest(uid)
        return answer

    def card(self, uid: str) -> str:
        """The words of the card as it is now."""
        return self.words(f"/diagnoses/{uid}")

    def state(self, uid: str) -> str:
        found = store.diagnosis(reader(), uid)
        assert found is not None
        return found.state


@pytest.fixture
def desk(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk where probes find nothing yet."""
    looking.written()
    made = Desk(counter, at_work.diagnoses(), {"control_link": "no-line"})

    def finding(name: str) -> Callable[[Scene, Target], Found]:
        return lambda _scene, _target: Found(made.found.get(name, UNKNOWN), "as the test says")

    def doing(name: str) -> Callable[[Scene, Target], Done]:
        return lambda _scene, _target: Done(not made.done.append(name))  # type: ignore[func-returns-value]

    monkeypatch.setattr(looking.REGISTER, "functions", {name: finding(name) for name in PROBES})
    monkeypatch.setattr(actions.REGISTER, "functions", {name: doing(name) for name in ACTIONS})
    return made
