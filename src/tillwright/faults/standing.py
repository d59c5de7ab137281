"""How a diagnosis stands, read off its entry and its course: what everybody sees of it, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.catalogue.entry import Entry
from tillwright.diagnosis.course import Course, Now, Stage
from tillwright.diagnosis.events import Outcome
from tillwright.faults import rules, store
from tillwright.faults.store import StoredDiagnosis
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES, Condition, Consent, Scope
from tillwright.people.rules import rank

ALIVE = "station_alive"
"""What looks from inside is alive: before anything was done that tells nothing."""
RANKS = {
    Consent.NOBODY: -1,
    Consent.CASHIER: rank("cashier"),
    Consent.SENIOR: rank("senior"),
    Consent.ADMINISTRATOR: rank("administrator"),
}
"""Whose consent an action needs → how high one has to stand to give it."""
_STATES = {
    Stage.MENDED: store.MENDED,
    Stage.ESCALATED: store.ESCALATED,
    Stage.CLOSED: store.LEFT,
}


@dataclass(frozen=True, slots=True)
class View:
    """A diagnosis for whoever looks at it. `seen`: how many events there are. `busy`: the program is at work
    on it.
    """

    stored: StoredDiagnosis
    entry: Entry
    course: Course
    now: Now
    seen: int
    busy: bool

    @property
    def verify(self) -> str:
        """How it is found out whether the fault is gone."""
        return verification(self.entry, self.course, self.stored.operation)


def outcome_of(finding: Finding, entry: Entry) -> Outcome:
    """What a finding says of the fault: gone, still there, or not known. A warning is still a fault where the
    fault is no more than one.
    """
    condition = rules.condition_of(finding)
    if condition is Condition.UNKNOWN:
        return Outcome.UNKNOWN
    gone = condition is Condition.HEALTHY or (condition is Condition.WARNING and entry.severity == "stop")
    return Outcome.GONE if gone else Outcome.STILL


def verification(entry: Entry, course: Course, operation: str) -> str:
    """How it is found out whether the fault is gone: what the last remedy names, else the entry. An operation
    that there is not, only a person can try again.
    """
    last = course.tried[-1].remedy if course.tried else ""
    own = next((one.verify for one in entry.remedies if one.id == last), "")
    named = own or entry.verify
    return "asked" if not operation and _is_about_one(named) else named


def _is_about_one(verify: str) -> bool:
    """Whether it looks at an operation, so that without one only a person can tell."""
    spec = PROBES.get(verify)
    return verify == "operation" or (spec is not None and spec.scope is Scope.OPERATION)


def forbidden(entry: Entry) -> frozenset[str]:
    """The remedies that must not be done while this fault is there."""
    names = {name for never in entry.never for name in never.forbids}
    return frozenset(one.id for one in entry.remedies if one.id in names or one.action in names)


def state_of(course: Course) -> str:
    """The state by which a diagnosis is listed."""
    if course.stage is Stage.CLOSED:
        return _STATES.get(course.ended_as or Stage.CLOSED, store.UNVERIFIED)
    if course.stage is Stage.ESCALATED:
        return store.ESCALATED
    return store.MENDED if course.stage is Stage.MENDED else store.OPEN
