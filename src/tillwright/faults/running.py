"""Runs diagnoses: what the program can do by itself it does at once, and then it waits for a person.

    a fault, a finding, a person  ─▶  start  ─▶  look (all probes at once)  ─▶  act, verify, look again …
                                                                             └▶  wait for an answer, a deed

Every step is an event in the station's database before anything else happens, so a diagnosis survives any end
of the process and goes on where it was. Whoever presses says how many events their page had seen; if there
are more, somebody or something was quicker, and the press is refused with what is true now.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.diagnosis import course as courses
from tillwright.diagnosis import learning
from tillwright.diagnosis.course import Course, IllegalEvent, Stage
from tillwright.diagnosis.events import (
    Answered,
    CannotTell,
    Closed,
    Did,
    Escalated,
    Event,
    Found,
    HandedOver,
    Left,
    Outcome,
    Reopened,
    Resumed,
    Undone,
    Verified,
)
from tillwright.faults import actions, leading, passing, rules, store
from tillwright.faults.books import Books
from tillwright.faults.codec import body_of, event_of
from tillwright.faults.forbidding import bans_of
from tillwright.faults.looking import look_live, look_once
from tillwright.faults.scene import Scene, Target
from tillwright.faults.standing import ALIVE, RANKS, View, forbidden, outcome_of, state_of, verification
from tillwright.faults.store import StoredDiagnosis
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.keys import uid_from_bytes
from tillwright.kernel.registry import ACTIONS, PROBES, Condition, Consent, Scope
from tillwright.machine.sqlite import Connection
from tillwright.operations.states import OperationState
from tillwright.people.rules import rank
from tillwright.till.queries import reader

PROGRAM = ""
"""Who does what no person does."""
LOOKS_AGAIN_S = (0.0, 1.0, 3.0, 4.0)
"""After so long the verification looks again, while it finds the fault still there: a device that starts anew
takes some seconds.
"""
MOST_STEPS = 50
"""So many steps of its own the program takes in a row; more would be a loop."""
_WORKERS = 4
_WAITING = (store.OPEN, store.ESCALATED)
"""States in which a diagnosis waits for its part to be well again, whoever sees to that."""
_ENDED = (OperationState.DONE, OperationState.UNDONE, OperationState.REFUSED)
_log = structlog.get_logger(__name__)

Also = Callable[[Connection], None]
"""What is written in the same transaction as a press; if it raises, nothing is."""


def nothing(connection: Connection) -> None:
    """Nothing is written beside."""


class Diagnoses:
    """The diagnoses of a station; for any thread. `heard`: told of every part that a look has found well."""

    def __init__(self, scene: Scene, catalogue: Catalogue, again_s: Sequence[float] = LOOKS_AGAIN_S) -> None:
        self._scene = scene
        self._books = Books(scene, catalogue)
        self._again_s = again_s
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="diagnosis")
        self._queued: dict[str, deque[Callable[[], None]]] = {}
        self._looked_over: set[tuple[str, int]] = set()
        self._lock = threading.Lock()
        self._forbidding = threading.Lock()
        self._stop = threading.Event()
        self.heard: Callable[[list[Finding]], None] = lambda found: None

    @property
    def books(self) -> Books:
        """The runbooks in force."""
        return self._books

    def stop(self) -> None:
        """Take no further step."""
        with self._lock:
            self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def resume(self) -> None:
        """Go on with what was open when the process ended, each for itself; what is forbidden is so first."""
        self._forbid()
        for stored in store.diagnoses(reader(), state=store.OPEN, limit=store.ALL):
            self._submit(stored.uid, partial(self._take_up, stored.uid))
            self._work_on(stored.uid)

    def _take_up(self, uid: str) -> None:
        """Nobody knows how far an action came that was being done. What may be done twice is done once more;
        what needed consent is asked for again; of all others the verification tells whether it has helped.
        """
        view = self.view(uid)
        last = view.course.tried[-1].remedy if view.course.stage is Stage.VERIFYING else ""
        name = next((one.action for one in view.entry.remedies if one.id == last), "")
        if not name or not ACTIONS[name].again:
            return
        if ACTIONS[name].consent is Consent.NOBODY:
            actions.perform(self._scene, name, self._target(view, view.stored.holder))
        else:
            self._append(view, Undone(last, self._scene.clock.now_ms(), PROGRAM), PROGRAM)

    # ── starting ──

    def start(
        self,
        fault: Fault,
        till: str,
        operation: str = "",
        person: str = PROGRAM,
        source: str = "person",
        parent: str = "",
    ) -> str:
        """Begin a diagnosis, or find the open one of the same fault at the same place; its uid. One that was
        mended lately is opened again: it was not mended. Raises FaultError: api.not-found for a code without
        a runbook.
        """
        entry = self._books.entry(fault.code)
        if not entry.causes:
            raise FaultError(Fault("api.not-found"))
        now_ms, operation = self._scene.clock.now_ms(), self._books.about(fault.code, operation)

        def begin(connection: Connection) -> str:
            found = store.open_one(connection, fault.code, till, operation)
            if found is not None:
                return found.uid
            watched_ms = entry.watch_hours * store.HOUR_MS
            mended = store.closed_lately(connection, fault.code, till, operation, now_ms - watched_ms)
            if mended is not None:
                self._reopen(connection, mended, person, now_ms)
                return mended.uid
            uid = uid_from_bytes(os.urandom(16))
            version = self._books.version(fault.code)
            fresh = StoredDiagnosis(
                uid, fault, till, operation, version, source, now_ms, person, person, store.OPEN, now_ms,
                None, parent,
            )  # fmt: skip
            store.begin(connection, fresh)
            return uid

        uid = self._scene.station.write(begin)
        self._forbid()
        self._work_on(uid)
        return uid

    def _forbid(self) -> None:
        """Have the station refuse what open diagnoses forbid."""
        with self._forbidding:
            bans = bans_of(self._waiting(), lambda one: self._books.entry(one.fault.code, one.version))
            self._scene.station.forbid(bans)

    def _waiting(self) -> list[StoredDiagnosis]:
        """All that wait, and that the program still knows."""
        found = [one for state in _WAITING for one in store.diagnoses(reader(), state=state, limit=store.ALL)]
        return [one for one in found if self._books.knows(one.fault.code)]

    def _reopen(self, connection: Connection, mended: StoredDiagnosis, person: str, now_ms: int) -> None:
        seen = len(store.events(connection, mended.uid))
        store.append(connection, mended.uid, seen, [body_of(Reopened(now_ms, person))], person, now_ms)
        store.turn(connection, mended.uid, store.OPEN, now_ms)
        credit = {cause: -share for cause, share in store.learnt_of(connection, mended.uid).items()}
        store.learn(connection, mended.uid, mended.fault.code, credit, now_ms)

    def raised(self, stored: StoredFault) -> None:
        """The program has raised a fault: if it has a runbook, its diagnosis begins by itself. One that is
        older than the last step of its diagnosis is known, and so is one that strikes again while its
        diagnosis waits: it is still there, and to look at that would only bring it about once more.
        """
        operation = self._scene.station.operation(stored.uid) if stored.uid else None
        fault = rules.named_for(stored.fault, operation.kind if operation is not None else "")
        if not self._books.has_runbook(fault.code):
            return
        about = self._books.about(fault.code, stored.uid or "")
        known = store.newest_of(reader(), fault.code, stored.till, about)
        if known is not None and (known.state in _WAITING or known.changed_ms >= stored.at_ms):
            return
        self.start(fault, stored.till, about, PROGRAM, "fault")

    def noticed(self, finding: Finding) -> None:
        """A probe found something else than before: a fault begins its diagnosis, and a part that is well
        again ends those that waited for it.
        """
        condition = rules.condition_of(finding)
        if condition in (Condition.HEALTHY, Condition.WARNING):  # of what stops work a warning may be left
            self._well_again(finding)
        if condition is Condition.HEALTHY:
            return
        declared = self._books.declared(rules.RAISES.get((finding.probe, finding.value), ""))
        fault = rules.fault_of(finding, declared)
        if fault is not None and self._books.has_runbook(fault.code):
            self.start(fault, finding.scope, "", PROGRAM, "probe")

    def _well_again(self, finding: Finding) -> None:
        for stored in self._waiting():
            if finding.scope not in ("", stored.till) or not self._may_verify(stored, finding.probe):
                continue
            view = self._view(stored)
            if view.verify == finding.probe and view.course.stage is not Stage.VERIFYING:
                self._work_on(stored.uid)

    def _may_verify(self, stored: StoredDiagnosis, probe: str) -> bool:
        """Whether the probe can tell that it is gone, by whatever was done last."""
        entry = self._books.entry(stored.fault.code, stored.version)
        return probe == entry.verify or any(probe == one.verify for one in entry.remedies)

    def look_over(self) -> None:
        """Look again at what waits for an operation that has ended: no probe looks at one by schedule."""
        self._forbid()
        for stored in self._waiting():
            if not stored.operation or (stored.uid, stored.changed_ms) in self._looked_over:
                continue
            operation = self._scene.station.operation(stored.operation)
            if operation is not None and operation.state in _ENDED:
                self._looked_over.add((stored.uid, stored.changed_ms))
                self._work_on(stored.uid)

    # ── looking ──

    def view(self, uid: str) -> View:
        """A diagnosis as it stands. Raises FaultError: api.not-found."""
        with self._lock:  # first: who is told that it rests is told all that was done until then
            busy = uid in self._queued
        stored = store.diagnosis(reader(), uid)
        if stored is None:
            raise FaultError(Fault("api.not-found"))
        return self._view(stored, busy)

    def _view(self, stored: StoredDiagnosis, busy: bool = False) -> View:
        entry = self._books.entry(stored.fault.code, stored.version)
        record = [event_of(one) for one in store.events(reader(), stored.uid)]
        course = self._course(stored, entry, record)
        now = courses.now(course, self._books.policy(course.runbook, course.forbidden))
        return View(stored, entry, course, now, len(record), busy)

    def _course(self, stored: StoredDiagnosis, entry: Entry, record: Sequence[Event]) -> Course:
        """Where it stands by its record. What an earlier program has written of steps that there
        are no more is passed over: the rest of it still holds.
        """
        runbook = self._books.runbook(entry, stored.opened_ms)
        course = courses.begin(runbook, forbidden(entry))
        for event in record:
            try:
                course = courses.apply(course, event)
            except IllegalEvent as error:
                _log.info("diagnosis.passed-over", diagnosis=stored.uid, why=str(error))
        return course

    # ── what people say and do ──

    def answer(self, uid: str, check: str, answer: str, person: str, seen: int) -> None:
        """A person has answered a question. Raises FaultError: faults.stale, faults.not-now."""
        self._press(uid, seen, person, lambda now_ms: Answered(check, answer, now_ms, person))

    def cannot_tell(self, uid: str, check: str, person: str, seen: int) -> None:
        """A person cannot answer a question. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: CannotTell(check, now_ms, person))

    def did(self, uid: str, remedy: str, person: str, seen: int, took_ms: int = 0) -> None:
        """A person has done a remedy; whether it has helped is looked at next. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Did(remedy, now_ms, person, took_ms))

    def consent(
        self,
        uid: str,
        remedy: str,
        person: str,
        role: str,
        seen: int,
        session: str = "",
        also: Also = nothing,
    ) -> None:
        """A person agrees to what the program is to do; `also` is written with it. Raises FaultError:
        faults.consent-needed, faults.stale, faults.not-now, and whatever `also` raises.
        """
        view = self.view(uid)
        step = next((one for one in view.entry.remedies if one.id == remedy), None)
        spec = ACTIONS.get(step.action) if step is not None else None
        if step is None or spec is None or remedy in forbidden(view.entry):
            raise FaultError(Fault("faults.not-now"))
        if rank(role) < RANKS[spec.consent]:
            raise FaultError(Fault("faults.consent-needed", role=spec.consent.value))
        self._press(uid, seen, person, lambda now_ms: Did(remedy, now_ms, person), go_on=False, also=also)
        target = self._target(view, person if person.isdecimal() else view.stored.holder, session)
        self._submit(uid, lambda: self._act_and_verify(uid, step.action, target))

    def verified(self, uid: str, outcome: Outcome, person: str, seen: int) -> None:
        """A person has looked whether the fault is gone, where nobody else can see it. Raises FaultError."""
        if self.view(uid).verify != "asked":
            raise FaultError(Fault("faults.not-now"))
        self._press(uid, seen, person, lambda now_ms: Verified(outcome, now_ms, person, "asked"))

    def look_again(self, uid: str) -> None:
        """Have the verification look once more."""
        view = self.view(uid)
        if view.verify != "asked" and view.course.stage not in (Stage.MENDED, Stage.CLOSED):
            self._submit(uid, lambda: self._verify_now(uid))

    def undo(self, uid: str, step: str, person: str, seen: int) -> None:
        """An answer, or a remedy, was not so. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Undone(step, now_ms, person))

    def hand_over(self, uid: str, to: str, person: str, seen: int) -> None:
        """Another person goes on; what the program finds for them may be otherwise. Raises FaultError."""
        self._press(uid, seen, person, lambda at_ms: HandedOver(to, at_ms, person), holder=to, go_on=False)
        self._submit(uid, lambda: self._look(self.view(uid), again=True))
        self._work_on(uid)

    def leave(self, uid: str, person: str, seen: int) -> None:
        """The person goes away from it. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Left(now_ms, person), go_on=False)

    def come_back(self, uid: str, person: str, seen: int) -> None:
        """A person comes back to it. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Resumed(now_ms, person), holder=person)

    def escalate(self, uid: str, person: str, seen: int) -> None:
        """Give it to somebody else, with its whole record. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Escalated(now_ms, person), go_on=False)

    def close(self, uid: str, person: str, seen: int, cause: str = "") -> None:
        """End it, with its cause where somebody knows it for certain. Raises FaultError."""
        self._press(uid, seen, person, lambda now_ms: Closed(now_ms, person, cause), go_on=False)

    def _press(
        self,
        uid: str,
        seen: int,
        person: str,
        event: Callable[[int], Event],
        *,
        holder: str = "",
        go_on: bool = True,
        also: Also = nothing,
    ) -> None:
        view = self.view(uid)
        if view.seen != seen:
            raise FaultError(Fault("faults.stale"))
        self._append(view, event(self._scene.clock.now_ms()), person, holder, also)
        if go_on:
            self._work_on(uid)

    def _append(self, view: View, event: Event, person: str, holder: str = "", also: Also = nothing) -> None:
        """Keep an event and what follows from it. Raises FaultError: faults.not-now if it does not fit,
        faults.stale if somebody was quicker.
        """
        try:
            after = courses.apply(view.course, event)
        except IllegalEvent as error:
            _log.info("diagnosis.refused", diagnosis=view.stored.uid, why=str(error))
            raise FaultError(Fault("faults.not-now")) from error
        followed = [event]
        if after.stage is Stage.MENDED:
            followed.append(Closed(event.at_ms, person))
            after = courses.apply(after, followed[-1])
        at_ms, uid = event.at_ms, view.stored.uid

        def keep(connection: Connection) -> bool:
            bodies = [body_of(one) for one in followed]
            if not store.append(connection, uid, view.seen, bodies, person, at_ms):
                return False
            also(connection)
            self._follow(connection, view, after, at_ms, holder)
            return True

        if not self._scene.station.write(keep):
            raise FaultError(Fault("faults.stale"))
        if state_of(after) != view.stored.state:
            self._forbid()
        self._scene.station.touch(view.stored.till)
        if after.ended_as is Stage.MENDED and view.stored.parent:
            self._work_on(view.stored.parent)

    def _follow(self, connection: Connection, view: View, after: Course, at_ms: int, holder: str) -> None:
        """The state that people list it by, who holds it, and what it has taught."""
        uid = view.stored.uid
        state = state_of(after)
        if state != view.stored.state:
            store.turn(connection, uid, state, at_ms)
        if holder:
            store.hand_over(connection, uid, holder)
        credit = learning.credit(after)
        if credit and self._scene.learns and view.course.stage is not Stage.CLOSED:
            store.learn(connection, uid, view.stored.fault.code, credit, at_ms)

    # ── what the program does by itself ──

    def _work_on(self, uid: str) -> None:
        self._submit(uid, lambda: self._go_on(uid))

    def _submit(self, uid: str, work: Callable[[], None]) -> None:
        """Have it done soon; one thing at a time for each diagnosis, in the order in which they came."""
        with self._lock:
            if self._stop.is_set():
                return
            at_work = uid in self._queued
            self._queued.setdefault(uid, deque()).append(work)
            if not at_work:
                self._pool.submit(self._run, uid)

    def _run(self, uid: str) -> None:
        """Do what was submitted, and what is submitted meanwhile. It stands in the queue while it is done."""
        while True:
            with self._lock:
                work = self._queued[uid][0]
            if not self._stop.is_set():
                self._do(uid, work)
            with self._lock:
                self._queued[uid].popleft()
                if not self._queued[uid]:
                    del self._queued[uid]
                    break
        self._scene.station.touch("")

    def _do(self, uid: str, work: Callable[[], None]) -> None:
        try:
            work()
        except FaultError as error:
            _log.info("diagnosis.waits", diagnosis=uid, fault=str(error.fault))
        except Exception as error:  # the outermost loop of this thread: people can go on
            _record(uid, error)

    def _go_on(self, uid: str) -> None:
        """Look, act and verify until a person is needed, or nothing is. It looks even at what may be over
        by now: what is found is what tells the causes apart.
        """
        view = self.view(uid)
        fresh = bool(view.now.looks)
        if fresh:
            self._look(view)
        self._verify_at_first(uid, fresh)
        for _ in range(MOST_STEPS):
            view = self.view(uid)
            if self._stop.is_set() or view.course.stage in (Stage.MENDED, Stage.CLOSED, Stage.ESCALATED):
                return
            if view.course.stage is Stage.VERIFYING:
                if not self._verify(uid):
                    return
            elif view.now.looks:
                self._look(view)
            elif not self._act(view):
                self._lead_on(view)
                return
        raise AssertionError(f"diagnosis {uid} takes step after step")

    def _verify_at_first(self, uid: str, fresh: bool) -> None:
        """What has ended meanwhile, without anybody's doing, is mended. Not so what a person has seen, as
        long as nothing was done about it: a probe that finds nothing then has looked at the wrong thing.
        `fresh`: the program has only just looked, so it passed of itself, and that tells the causes apart.
        """
        view = self.view(uid)
        if (view.stored.source == "person" or view.verify == ALIVE) and not view.course.tried:
            return
        if view.course.stage in (Stage.OPEN, Stage.UNVERIFIED, Stage.ESCALATED):
            self._let_pass(view)
            looked = self._look_whether_gone(view)
            if looked.outcome is Outcome.GONE:
                if fresh and not view.course.tried:
                    self._look(view, again=True, only=view.verify)
                self._append(self.view(uid), looked, PROGRAM)

    def _let_pass(self, view: View) -> None:
        """What tells when it is over is waited for, unless a person takes it in hand meanwhile."""
        uid, tells = view.stored.uid, passing.WAIT_FACT in view.entry.facts
        finding = self._finding_of(view) if tells else None
        until_ms = passing.ends_ms(view, finding) if finding is not None else 0
        if until_ms:
            passing.wait(until_ms, self._scene.clock, self._stop, lambda: self.view(uid).seen == view.seen)

    def _look(self, view: View, *, again: bool = False, only: str = "") -> None:
        """Run the probes of all checks that are due, side by side, and keep what each found as soon as it is
        there. `again`: of those that were made before, and what they find otherwise now: something was done
        meanwhile. `only`: no other probe than this.
        """
        probes = {check.id: check.probe for check in view.entry.checks if check.probe}
        probes = {check: probe for check, probe in probes.items() if only in ("", probe)}
        checks = [check for check in probes if check in view.course.answers] if again else view.now.looks
        target = self._target(view, view.stored.holder)
        names = dict.fromkeys(probes[check] for check in checks)
        for finding, check in (
            (finding, check)
            for finding in look_live(self._scene, names, target)
            for check in checks
            if probes[check] == finding.probe
        ):
            before = view.course.answers.get(check, "")
            if again and (not finding.known or finding.value in before.split("|")):
                continue
            how = f"{finding.how} ({finding.took_ms} ms)"
            found = Found(check, finding.value, self._scene.clock.now_ms(), how)
            self._append(self.view(view.stored.uid), found, PROGRAM)

    def _act(self, view: View) -> bool:
        """Do the next step if the program may do it alone; whether it did."""
        choice = view.now.choice
        if choice is None or choice.step.kind != "remedy":
            return False
        remedy = next(one for one in view.entry.remedies if one.id == choice.step.id)
        spec = ACTIONS.get(remedy.action)
        if spec is None or spec.consent is not Consent.NOBODY or choice.reason != "free-remedy":
            return False
        now_ms, target = self._scene.clock.now_ms(), self._target(view, view.stored.holder)
        self._append(view, Did(remedy.id, now_ms), PROGRAM)
        actions.perform(self._scene, remedy.action, target)
        return True

    def _lead_on(self, view: View) -> None:
        """If the likeliest cause is a fault of its own, and nothing here ends it, go on in its runbook. This
        one waits, and is looked at again when that one is mended; it then leads there no more.
        """
        fault, stored = leading.fault_behind(view, self._books), view.stored
        if fault is not None:
            self.start(fault, stored.till, stored.operation, stored.holder, "cause", stored.uid)

    def _act_and_verify(self, uid: str, action: str, target: Target) -> None:
        actions.perform(self._scene, action, target)
        if self._verify(uid):
            self._go_on(uid)

    def _verify(self, uid: str) -> bool:
        """Look whether the last remedy has helped, and keep it; False where only a person can see that."""
        looked = None
        for wait_s in self._again_s:
            if passing.pause(wait_s, self._scene.clock, self._stop):
                return False
            view = self.view(uid)
            if view.verify == "asked":
                return False
            looked = self._look_whether_gone(view)
            if looked.outcome is Outcome.GONE:
                break
        view = self.view(uid)
        if looked is None or view.course.stage is not Stage.VERIFYING:
            return True
        self._append(view, looked, PROGRAM)
        if looked.outcome is Outcome.STILL:
            self._look(self.view(uid), again=True)
        return True

    def _verify_now(self, uid: str) -> None:
        view = self.view(uid)
        self._append(view, self._look_whether_gone(view), PROGRAM)
        self._go_on(uid)

    def _look_whether_gone(self, view: View) -> Verified:
        """What the look has found, as of the moment of the look: what strikes after it is news."""
        finding = self._finding_of(view)
        if finding is None:
            return Verified(Outcome.UNKNOWN, self._scene.clock.now_ms(), PROGRAM, "only a person can see it")
        how, outcome = f"{finding.probe}: {finding.value}; {finding.how}", outcome_of(finding, view.entry)
        if outcome is Outcome.GONE and passing.struck_since(self._scene.station, view.stored, finding.at_ms):
            outcome = Outcome.STILL
        if outcome is Outcome.GONE and PROBES[finding.probe].scope is not Scope.OPERATION:
            self.heard([finding])  # else the watch would take for old what strikes before its next look
        return Verified(outcome, finding.at_ms, PROGRAM, how)

    def _finding_of(self, view: View) -> Finding | None:
        """What the probe finds that tells whether the fault is gone; None where only a person can see it."""
        name = "operation_state" if view.verify == "operation" else view.verify
        spec = PROBES.get(name)
        if spec is None or (spec.scope is Scope.OPERATION and not view.stored.operation):
            return None
        return look_once(self._scene, name, self._target(view, view.stored.holder))

    def _target(self, view: View, person: str, session: str = "") -> Target:
        return Target(view.stored.till, view.stored.operation, person, session)


def _record(uid: str, error: Exception) -> None:
    _log.error("diagnosis.failed", diagnosis=uid, error=repr(error), exc_info=error)


__all__ = ["Diagnoses", "View", "forbidden", "outcome_of", "verification"]
