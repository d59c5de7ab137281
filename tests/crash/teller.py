"""A station without its pages, as a process to be killed: it does what it is told, and tells what has come of
it when nothing more happens by itself.

    python -m tests.crash.teller STATION_TOML

It says `ready`, and which threads it has, when it has recovered and its devices answer; then for each line of
JSON, an `Asked`, one line of JSON comes back. Journal, writer and lines are those of any station.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import django
import msgspec

from tillwright.journal.station import Station
from tillwright.kernel.fault import FaultError
from tillwright.operations.guards import Request
from tillwright.operations.model import Operation
from tillwright.operations.rulings import Ruling
from tillwright.operations.states import ENDED, OperationState
from tillwright.settings.composition import run_station
from tillwright.settings.station import VARIABLE, load_station

PATIENCE_MS = 60_000
PERSON, ROLE = "7", "administrator"
_LOOK_S = 0.02
_QUIET_LOOKS = 5


class Asked(msgspec.Struct):
    """What is to be done at which till; the rest as that needs it."""

    do: str
    till: str
    request: Request | None = None
    ruling: Ruling | None = None
    denominations: dict[int, int] = {}


def main(file: str) -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the log must not cut an answer in two

    def say(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    settings = load_station(Path(file))
    os.environ |= {VARIABLE: file, "DJANGO_SETTINGS_MODULE": "tillwright.settings.django"}
    django.setup()  # slips are set in the words of the pages
    running = run_station(settings)
    for till in settings.tills:
        _wait_for_device(running.station, till.id)
    say({"ready": True, "threads": {one.name: one.native_id for one in threading.enumerate()}})
    for line in sys.stdin:
        asked = msgspec.json.decode(line, type=Asked)
        try:
            say(DOES[asked.do](running.station, asked))
        except FaultError as error:
            say({"fault": error.fault.code, "facts": str(dict(error.fault.facts))})
    running.stop()


# ── operations ──────────────────────────────────────────────────────────────────────────────────────────────


def _operate(station: Station, asked: Asked) -> dict[str, Any]:
    """Until it has ended."""
    return _begin(station, asked, lambda operation: operation.state in ENDED)


def _only_begin(station: Station, asked: Asked) -> dict[str, Any]:
    return _begin(station, asked, lambda _operation: True)


def _until_red(station: Station, asked: Asked) -> dict[str, Any]:
    return _begin(station, asked, lambda operation: operation.state in (*ENDED, OperationState.RED))


def _begin(station: Station, asked: Asked, enough: Callable[[Operation], bool]) -> dict[str, Any]:
    assert asked.request is not None
    return _told(station.start(asked.request, enough, PATIENCE_MS))


def _rule(station: Station, asked: Asked) -> dict[str, Any]:
    assert asked.ruling is not None
    return _told(station.rule(asked.ruling, ROLE))


def _told(operation: Operation) -> dict[str, Any]:
    return {
        "state": operation.state.value, "number": operation.number, "version": operation.version,
        "owed": operation.owed,
    }  # fmt: skip


# ── the till ────────────────────────────────────────────────────────────────────────────────────────────────


def _release(station: Station, asked: Asked) -> dict[str, Any]:
    """Let the till go; which shift is open (0: none), and which was the last."""
    station.release(asked.till, PERSON)
    state = station.till_state(asked.till)
    return {"shift": state.shift.number if state.shift is not None else 0, "last_shift": state.last_shift}


def _count(station: Station, asked: Asked) -> dict[str, Any]:
    """Count blind, as before a close."""
    station.open_count(asked.till, PERSON)
    count = station.store_count(asked.till, PERSON, asked.denominations)
    return {"count": count.uid, "shift": count.shift}


def _hold(station: Station, asked: Asked) -> dict[str, Any]:
    """Hold the till for a correction."""
    cash = station.hold_for_correction(asked.till, PERSON)
    return {"difference_minor": cash.difference_minor, "device_number": cash.device_number}


def _look_over(station: Station, asked: Asked) -> dict[str, Any]:
    """What the station says of the till's cash when it has just read the device, and of its audit."""
    station.read_device(asked.till)
    cash = station.cash_state(asked.till)
    return {
        "difference_minor": cash.difference_minor,
        "owed_minor": cash.owed_minor,
        "audit_whole": station.verify_audit().whole,
    }


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _wait_for_device(station: Station, till: str) -> None:
    pause = threading.Event()
    while (health := station.till_state(till).health) is None or health.state != "ready":
        pause.wait(_LOOK_S)


def _be_quiet(station: Station, asked: Asked) -> dict[str, Any]:
    """Wait until the device answers, and nothing that follows from earlier operations is written any more:
    documents of the device, slips, deliveries.
    """
    _wait_for_device(station, asked.till)
    pause, quiet, last = threading.Event(), 0, -1
    while quiet < _QUIET_LOOKS:
        pause.wait(_LOOK_S)
        version = station.write(lambda db: int(db.execute("SELECT total_changes()").fetchone()[0]))
        quiet, last = (quiet + 1 if version == last else 0), version
    return {"quiet": True}


DOES: Mapping[str, Callable[[Station, Asked], dict[str, Any]]] = {
    "operate": _operate,
    "only begin": _only_begin,
    "until red": _until_red,
    "rule": _rule,
    "release": _release,
    "count": _count,
    "hold": _hold,
    "look over": _look_over,
    "be quiet": _be_quiet,
}
"""What can be asked."""


if __name__ == "__main__":
    main(sys.argv[1])
