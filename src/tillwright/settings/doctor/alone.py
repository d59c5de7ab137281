"""A diagnosis while the station is down: the same runbook, walked here, with nobody to keep it.

Probes that can look from outside have looked; all others could not. Nothing that only the station can do is
offered, so what is left is what people can see and do; and a process that hangs can be ended, so that the
server behind it starts the station again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.runbooks import runbook_of
from tillwright.diagnosis import course as courses
from tillwright.diagnosis.course import Course, IllegalEvent, Stage
from tillwright.diagnosis.events import (
    Answered,
    CannotTell,
    Closed,
    Did,
    Escalated,
    Event,
    Found,
    Outcome,
    Undone,
    Verified,
)
from tillwright.faults import api_answers, store
from tillwright.faults.standing import View, forbidden, outcome_of, verification
from tillwright.faults.store import StoredDiagnosis
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.people.actions import CONSOLE
from tillwright.settings.doctor.calling import Refused
from tillwright.settings.doctor.talking import ASKED, Told

NOT_KEPT = "not kept"
"""The uid of a diagnosis that is in no database."""
RESTART = "restart_station"
"""The one action that can be done from outside."""


@dataclass(slots=True)
class Alone:
    """A case of the doctor's own. `look`: what one probe has found from outside; None where it cannot look.
    `again`: has it look now. `restart`: ends the process that hangs, None where there is none.
    """

    entry: Entry
    fault: Fault
    till: str
    clock: Clock
    language: str
    look: Callable[[str, str], Finding | None]
    again: Callable[[str, str], Finding | None]
    restart: Callable[[], None] | None
    course: Course

    def now(self) -> Told:
        """As the API would tell it, after the looks that are due."""
        self._look_around()
        now = courses.now(self.course)
        at_ms = self.clock.now_ms()
        stored = StoredDiagnosis(
            NOT_KEPT,
            self.fault,
            self.till,
            "",
            0,
            "person",
            at_ms,
            CONSOLE,
            CONSOLE,
            self._state(),
            at_ms,
            None,
        )
        view = View(stored, self.entry, self.course, now, len(self.course.events), busy=False)
        told: Told = msgspec.to_builtins(api_answers.detail(view, (), self.language))
        return told

    @property
    def verify(self) -> str:
        """How it is found out here whether it is gone."""
        return verification(self.entry, self.course, "")

    def press(self, what: str, body: Mapping[str, Any]) -> Told:
        """See talking.Case."""
        at_ms = self.clock.now_ms()
        if what == "verifications" and "outcome" not in body:
            self._apply(Verified(self._gone(), at_ms, CONSOLE, self.verify))
        else:
            self._apply(_event(what, body, at_ms))
            self._do(str(body.get("remedy", "")))
        if self.course.stage is Stage.VERIFYING and self.verify != ASKED:
            self._apply(Verified(self._gone(), at_ms, "", self.verify))
        if self.course.stage is Stage.MENDED:
            self._apply(Closed(at_ms, CONSOLE))
        return self.now()

    def _do(self, remedy: str) -> None:
        """What the doctor does itself."""
        action = next((one.action for one in self.entry.remedies if one.id == remedy), "")
        if action == RESTART and self.restart is not None:
            self.restart()

    def _gone(self) -> Outcome:
        finding = self.again(self.verify, self.till)
        return Outcome.UNKNOWN if finding is None else outcome_of(finding, self.entry)

    def _look_around(self) -> None:
        probes = {check.id: check.probe for check in self.entry.checks}
        while looks := courses.now(self.course).looks:
            for check in looks:
                finding = self.look(probes[check], self.till)
                value, how = (UNKNOWN, "") if finding is None else (finding.value, finding.how)
                self._apply(Found(check, value, self.clock.now_ms(), how))

    def _apply(self, event: Event) -> None:
        try:
            self.course = courses.apply(self.course, event)
        except IllegalEvent as error:
            raise Refused({"code": "faults.not-now", "detail": str(error)}) from error

    def _state(self) -> str:
        if self.course.stage is Stage.CLOSED:
            return store.MENDED if self.course.ended_as is Stage.MENDED else store.LEFT
        return store.ESCALATED if self.course.stage is Stage.ESCALATED else store.OPEN


def alone(
    entry: Entry,
    till: str,
    clock: Clock,
    language: str,
    look: Callable[[str, str], Finding | None],
    again: Callable[[str, str], Finding | None] | None = None,
    restart: Callable[[], None] | None = None,
) -> Alone | None:
    """A case of this entry; None for one without a runbook. `again`, `restart`: see Alone; `look` where
    `again` is left out.
    """
    runbook = runbook_of(entry)
    if runbook is None:
        return None
    entry = _asked_of_people(entry, lambda name: look(name, till) is not None)
    open_ones = {""} if restart is None else {"", RESTART}
    closed = forbidden(entry) | {one.id for one in entry.remedies if one.action not in open_ones}
    course = courses.begin(runbook, closed, CONSOLE)
    return Alone(entry, Fault(entry.code), till, clock, language, look, again or look, restart, course)


def _asked_of_people(entry: Entry, can_look: Callable[[str], bool]) -> Entry:
    """The entry as it is walked here: what cannot be looked at from outside, a person is asked."""
    remedies = tuple(
        one if not one.verify or can_look(one.verify) else msgspec.structs.replace(one, verify=ASKED)
        for one in entry.remedies
    )
    verify = entry.verify if can_look(entry.verify) else ASKED
    asks = entry.verify_asks or api_answers.IS_IT_GONE
    return msgspec.structs.replace(entry, remedies=remedies, verify=verify, verify_asks=asks)


def _event(what: str, body: Mapping[str, Any], at_ms: int) -> Event:
    if what == "answers":
        if body["answer"] is None:
            return CannotTell(body["check"], at_ms, CONSOLE)
        return Answered(body["check"], body["answer"], at_ms, CONSOLE)
    if what == "remedies":
        return Did(body["remedy"], at_ms, CONSOLE)
    if what == "verifications":
        return Verified(Outcome(body["outcome"]), at_ms, CONSOLE, ASKED)
    if what == "undo":
        return Undone(body["step"], at_ms, CONSOLE)
    return Escalated(at_ms, CONSOLE)
