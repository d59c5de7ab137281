"""The station watches itself: probes run by schedule, and what is new starts a diagnosis by itself.

One thread looks what is due, runs it side by side, and keeps what changed and a row an hour; a finding that
stays the same costs no write. It also reads the faults that the program has raised since it last looked. Both
lead to the same: a diagnosis that does what it can alone, and waits for a person only where it needs one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from tillwright.faults import rules, store
from tillwright.faults.looking import look
from tillwright.faults.scene import Scene, Target
from tillwright.faults.store import HOUR_MS, StoredHour
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES, Condition, Scope

TURN_S = 0.5
LOOK_BACK_MS = 600_000
"""Faults that were raised so long before the start may have no diagnosis yet: the process was ended."""
FIGURES = ("_count", "_ms", "_bytes", "_minor")
"""Ends of facts that can be drawn as a figure."""
MOST_LATE = 100
"""So many faults wait at most for the station to take them."""
LEAP = "clock.jumped"
"""The code under which the wall clock's leaps are told."""
LEAP_MS = 60_000
"""A wall clock that is set by no more than this is only kept right."""
MISHAP = "api.internal"
"""The code under which a mistake of the program is on record."""
_log = structlog.get_logger(__name__)

Raised = Callable[[StoredFault], None]
Noticed = Callable[[Finding], None]


@dataclass(slots=True)
class _Hour:
    looks: int = 0
    sick: int = 0
    unknown: int = 0
    slowest_ms: int = 0
    figure: int | None = None


class Watch:
    """Runs probes by schedule. `raised` is called for every new fault of the program, `noticed` for every
    finding that has changed, and for every one that finds all well; both in the watch's thread.
    """

    def __init__(
        self, scene: Scene, raised: Raised, noticed: Noticed, turned: Callable[[], None] | None = None
    ) -> None:
        self._scene = scene
        self._turned = turned
        self._raised = raised
        self._noticed = noticed
        self._last: dict[tuple[str, str], Finding] = {}
        self._due_ns: dict[tuple[str, str], int] = {}
        self._hours: dict[tuple[str, str, int], _Hour] = {}
        self._parties: dict[str, dict[str, str]] = {}
        self._seen_ms = scene.clock.now_ms() - LOOK_BACK_MS
        self._seen: set[tuple[int, str, str, str | None]] = set()
        self._ahead_ms = self._wall_ahead_ms()
        self._unkept: set[tuple[str, str]] = set()
        self._untold: set[tuple[str, str]] = set()
        self._late: list[StoredFault] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End, and keep the hour that has begun."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(5.0)

    def findings(self) -> list[Finding]:
        """What every probe found last."""
        with self._lock:
            return [self._last[key] for key in sorted(self._last)]

    def take(self, findings: Iterable[Finding]) -> None:
        """Take in what somebody else has looked at; it counts as one look. Each stands alone: what goes wrong
        with one is on record, and it is told again when it is looked at next.
        """
        for finding in findings:
            with _alone("finding", probe=finding.probe, scope=finding.scope):
                self._take(finding)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn()
            except FaultError as error:
                _log.warning("watch.cannot", code=error.fault.code)
            except Exception as error:  # the outermost loop: the next turn looks again
                _record(error)
            self._stop.wait(TURN_S)
        self._keep_hours(all_of_them=True)

    def turn(self) -> None:
        """Look at all that is due, and at the faults that are new."""
        self._tell_faults()
        self._notice_leap()
        self._hurry()
        for till, names in self._due():
            self.take(look(self._scene, names, Target(till)))
        if self._turned is not None:
            with _alone("turn"):
                self._turned()
        self._keep_hours(all_of_them=False)

    def _tell_faults(self) -> None:
        """Those that are new, each for itself; and those again that the station could not take."""
        late, self._late = self._late, []
        for stored in (*late, *self._new_faults()):
            with _alone("fault", fault=stored.fault.code, till=stored.till):
                try:
                    self._raised(stored)
                except FaultError:
                    self._late.append(stored)
                    if stored not in late:  # on record once
                        raise
        del self._late[:-MOST_LATE]

    # ── the clock ──

    def _notice_leap(self) -> None:
        """A wall clock that goes otherwise than the time that passes was set, by whomever. After one that was
        set back, faults come with times that lie before those of older ones.
        """
        leap_ms = self._wall_ahead_ms() - self._ahead_ms
        if abs(leap_ms) <= LEAP_MS:
            return
        self._ahead_ms += leap_ms
        if leap_ms < 0:
            self._seen_ms += leap_ms
        fault = Fault(LEAP, jump_ms=leap_ms)
        with _alone("fault", fault=LEAP):
            self._raised(StoredFault(self._scene.clock.now_ms(), "", None, fault))

    def _wall_ahead_ms(self) -> int:
        clock = self._scene.clock
        return clock.now_ms() - clock.monotonic_ns() // 1_000_000

    # ── what is due ──

    def _hurry(self) -> None:
        """A party that has just come or gone is looked at now, and not when its time comes."""
        now_ns = self._scene.clock.monotonic_ns()
        for till in self._scene.tills:
            states = {
                party: state for party, (state, _since_ms) in self._scene.station.party_states(till).items()
            }
            before = self._parties.get(till, states)
            self._parties[till] = states
            turned = {party for party in states if states[party] != before.get(party)}
            for spec in PROBES.values():
                if spec.part in turned and spec.scope is Scope.TILL and spec.every_ms:
                    self._due_ns[spec.name, till] = now_ns

    def _due(self) -> list[tuple[str, list[str]]]:
        """(till, probes); '' for the station's."""
        now_ns, found = self._scene.clock.monotonic_ns(), dict[str, list[str]]()
        for spec in PROBES.values():
            if not spec.every_ms or spec.scope is Scope.OPERATION:
                continue
            for till in self._scene.tills if spec.scope is Scope.TILL else ("",):
                if self._due_ns.get((spec.name, till), 0) <= now_ns:
                    self._due_ns[spec.name, till] = now_ns + spec.every_ms * 1_000_000
                    found.setdefault(till, []).append(spec.name)
        return sorted(found.items())

    def _new_faults(self) -> list[StoredFault]:
        since_ms, fresh = self._seen_ms, list[StoredFault]()
        for stored in self._scene.station.faults(100):
            key = (stored.at_ms, stored.till, stored.fault.code, stored.uid)
            if stored.at_ms >= since_ms and key not in self._seen:
                self._seen.add(key)
                fresh.append(stored)
        if fresh:
            self._seen_ms = max(stored.at_ms for stored in fresh)
            self._seen = {key for key in self._seen if key[0] >= self._seen_ms}
        return fresh[::-1]

    # ── what was found ──

    def _take(self, finding: Finding) -> None:
        key = (finding.probe, finding.scope)
        with self._lock:
            before = self._last.get(key)
            self._last[key] = finding
        self._count(finding)
        if before is None or before.value != finding.value:
            self._unkept.add(key)
            self._untold.add(key)
        if key in self._unkept:
            self._scene.station.write(lambda connection: store.keep_change(connection, finding))
            self._unkept.discard(key)
        if key in self._untold or rules.condition_of(finding) is Condition.HEALTHY:
            self._noticed(finding)  # well for all that is known here: who waits for that may know of more
            self._untold.discard(key)

    def _count(self, finding: Finding) -> None:
        condition = rules.condition_of(finding)
        hour = self._hours.setdefault((finding.probe, finding.scope, finding.at_ms // HOUR_MS), _Hour())
        hour.looks += 1
        hour.sick += condition is Condition.SICK
        hour.unknown += condition is Condition.UNKNOWN
        hour.slowest_ms = max(hour.slowest_ms, finding.took_ms)
        hour.figure = figure_of(finding)

    def _keep_hours(self, *, all_of_them: bool) -> None:
        now_hour = self._scene.clock.now_ms() // HOUR_MS
        over = [key for key in sorted(self._hours) if all_of_them or key[2] != now_hour]
        if not over:
            return
        rows = [_row(key, self._hours.pop(key)) for key in over]
        try:
            self._scene.station.write(lambda connection: store.count_hours(connection, rows))
        except FaultError as error:
            _log.warning("watch.hours-lost", fault=str(error.fault), hours=len(rows))


@contextmanager
def _alone(what: str, **about: str) -> Iterator[None]:
    """What goes wrong inside is on record with its code, and stays there."""
    try:
        yield
    except FaultError as error:
        _log.warning("watch.cannot", what=what, code=error.fault.code, **about)
    except Exception as error:  # a mishap with one must not cost the others
        _record(error, what=what, **about)


def _record(error: Exception, **about: str) -> None:
    _log.error("watch.failed", code=MISHAP, error=repr(error), exc_info=error, **about)


def _row(key: tuple[str, str, int], hour: _Hour) -> StoredHour:
    return StoredHour(*key, hour.looks, hour.sick, hour.unknown, hour.slowest_ms, hour.figure)


def figure_of(finding: Finding) -> int | None:
    """The figure of a finding that can be drawn over time; None where it has none."""
    for name, value in sorted(finding.facts.items()):
        if isinstance(value, int) and name.endswith(FIGURES):
            return value
    return None
