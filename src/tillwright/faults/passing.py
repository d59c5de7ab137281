"""Waiting: for faults that end by themselves at a time that is known, and between two looks.

A number that is locked for half a minute is free after half a minute, and nobody is asked meanwhile. A probe
that finds such a fault tells so in its facts (`wait_ms`). What lasts longer, or has come back once already,
is somebody's business at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from tillwright.diagnosis.course import Stage
from tillwright.diagnosis.events import Answered, CannotTell, HandedOver, Left
from tillwright.faults.standing import View
from tillwright.faults.store import StoredDiagnosis
from tillwright.journal.station import Station
from tillwright.kernel.clock import Clock
from tillwright.kernel.finding import Finding

WAIT_FACT = "wait_ms"
SOON_MS = 35_000
"""What is over within this time is waited for; more would keep people from helping."""
LOOK_S = 0.25
PAUSE_S = 0.1
NEWEST = 20
"""So many faults are looked through for one that has struck again."""
_waiting = threading.BoundedSemaphore(1)
"""One at a time: threads that wait are missing elsewhere."""


def ends_ms(view: View, finding: Finding) -> int:
    """When the fault ends by itself; 0 where it does not, or not soon, or where it has come back before, or a
    person has taken it in hand.
    """
    left, course = finding.facts.get(WAIT_FACT), view.course
    fresh = course.stage is Stage.OPEN and not course.tried and not course.reopened
    fresh = fresh and not any(
        isinstance(one, Answered | CannotTell | HandedOver | Left) for one in course.events
    )
    return finding.at_ms + left if fresh and isinstance(left, int) and 0 < left <= SOON_MS else 0


def wait(until_ms: int, clock: Clock, stop: threading.Event, waits: Callable[[], bool]) -> bool:
    """Wait for it, as long as `waits` says so; whether the time has come. False at once while another one is
    waited for.
    """
    if not _waiting.acquire(blocking=False):
        return False
    try:
        for _ in range(int(SOON_MS / 1000 / LOOK_S)):
            if clock.now_ms() >= until_ms:
                return True
            if stop.wait(LOOK_S) or not waits():
                return False
    finally:
        _waiting.release()
    return False


def pause(length_s: float, clock: Clock, stop: threading.Event) -> bool:
    """Let so much of the station's time pass; whether everything is to stop."""
    until_ns = clock.monotonic_ns() + int(length_s * 1e9)
    for _ in range(round(length_s / PAUSE_S)):
        if clock.monotonic_ns() >= until_ns or stop.wait(PAUSE_S):
            break
    return stop.is_set()


def struck_since(station: Station, stored: StoredDiagnosis, at_ms: int) -> bool:
    """Whether the program has raised the same fault anew since then: then it is not gone. The till's may have
    struck any receipt. What has a time that is still to come was raised before the clock was set back.
    """
    now_ms = station.clock.now_ms()
    return any(
        (one.fault.code, one.till) == (stored.fault.code, stored.till)
        and stored.operation in ("", one.uid)
        and at_ms < one.at_ms <= now_ms
        for one in station.faults(NEWEST)
    )
