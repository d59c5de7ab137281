"""A station without its pages, as a process to be killed: it begins the operations that it is told, and tells
how each stands when nothing more happens by itself.

    python -m tests.crash.teller STATION_TOML

It says `ready` when it has recovered and its devices answer; then for each line of JSON, a request, one line
of JSON comes back; for `null` it comes when all is quiet. Journal, writer and lines are those of any station.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import django
import msgspec

from tillwright.journal.station import Station
from tillwright.kernel.fault import FaultError
from tillwright.operations.guards import Request
from tillwright.operations.model import Operation
from tillwright.operations.states import ENDED
from tillwright.settings.composition import run_station
from tillwright.settings.station import VARIABLE, load_station

PATIENCE_MS = 20_000
_LOOK_S = 0.02
_QUIET_LOOKS = 5


def main(file: str) -> None:
    """Serve until the input ends."""
    settings = load_station(Path(file))
    os.environ |= {VARIABLE: file, "DJANGO_SETTINGS_MODULE": "tillwright.settings.django"}
    django.setup()  # slips are set in the words of the pages
    running = run_station(settings)
    _wait_for_devices(running.station, [till.id for till in settings.tills])
    say({"ready": True})
    for line in sys.stdin:
        request = msgspec.json.decode(line, type=Request | None)
        say(_begin(running.station, request) if request else _be_quiet(running.station))
    running.stop()


def _wait_for_devices(station: Station, tills: list[str]) -> None:
    pause = threading.Event()
    for till in tills:
        while (health := station.till_state(till).health) is None or health.state != "ready":
            pause.wait(_LOOK_S)


def _be_quiet(station: Station) -> dict[str, Any]:
    """Wait until nothing that follows from earlier operations is written any more: slips, deliveries."""
    pause, quiet, last = threading.Event(), 0, -1
    while quiet < _QUIET_LOOKS:
        pause.wait(_LOOK_S)
        version = station.write(lambda db: int(db.execute("SELECT total_changes()").fetchone()[0]))
        quiet, last = (quiet + 1 if version == last else 0), version
    return {"quiet": True}


def _begin(station: Station, request: Request) -> dict[str, Any]:
    try:
        operation = station.start(request, _ended, PATIENCE_MS)
    except FaultError as error:
        return {"fault": error.fault.code, "facts": str(dict(error.fault.facts))}
    return {"state": operation.state.value, "number": operation.number}


def _ended(operation: Operation) -> bool:
    return operation.state in ENDED


def say(what: dict[str, Any]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
