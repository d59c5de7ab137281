"""What people did, written to the audit chain: who signed in, who failed to, who approved, who was changed.

A page writes through the station. While the station is not there yet, what happened waits here and is
written with the next entry, in its order and with its own time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tillwright.journal import audit_log
from tillwright.kernel.fault import Fact
from tillwright.machine.sqlite import Connection
from tillwright.people.signing import Refused

MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry to be. `who`: the person's number, '' for nobody. Facts hold no PIN and no token."""

    at_ms: int
    who: str
    what: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def refusals(refused: Refused, till: str, now_ms: int, what: str) -> list[Happened]:
    """The entries of a refused try: that it failed, and that it locked the number. A try that was not looked
    at, because the number was locked already, makes none: a log must not grow with the patience of whoever
    guesses.
    """
    if not refused.counted:
        return []
    who = "" if refused.number is None else str(refused.number)
    failed = Happened(now_ms, who, what, {"till": till})
    locked = Happened(now_ms, who, "locked", {"till": till, "wait_ms": refused.locks_ms})
    return [failed, locked] if refused.locks_ms else [failed]


class Station(Protocol):
    """What is needed of the station: its database, and its writer."""

    path: Path

    def write(self, change: Callable[[Connection], Any]) -> Any:
        """Run a change in the writer's transaction."""


_waiting: deque[Happened] = deque(maxlen=MOST_WAITING)


def record(station: Station | None, *happened: Happened) -> None:
    """Write what happened; durable when this returns, unless there is no station yet. Raises FaultError when
    the station cannot write: then it waits for the next one.
    """
    _waiting.extend(happened)
    if station is not None:
        change(station, lambda connection: None)


def change(station: Station, work: Callable[[Connection], Any], *happened: Happened) -> Any:
    """Do some work in the writer's transaction, and write what happened in the same commit."""
    waited = _take_waiting()

    def write(connection: Connection) -> Any:
        done = work(connection)
        append(connection, *waited, *happened)
        return done

    try:
        done = station.write(write)
    except BaseException:
        _waiting.extendleft(reversed(waited))
        raise
    audit_log.keep_head(station.path)
    return done


def forget_waiting() -> None:
    """Drop what waits for a station: for whoever puts another station in its place."""
    _waiting.clear()


def _take_waiting() -> list[Happened]:
    taken: list[Happened] = []
    while _waiting:
        taken.append(_waiting.popleft())
    return taken


def append(connection: Connection, *happened: Happened) -> None:
    """Write entries inside a transaction of the caller's own, who keeps the head afterwards."""
    for one in happened:
        audit_log.append(connection, one.at_ms, one.who, one.what, one.facts)
