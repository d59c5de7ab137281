"""The diagnoses of this process, for pages and programs; and the watch that starts them by itself."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Timer

from tillwright.faults import searching, store
from tillwright.faults.running import LOOKS_AGAIN_S, Diagnoses
from tillwright.faults.scene import Scene, scene
from tillwright.faults.watching import Watch
from tillwright.kernel.finding import Finding
from tillwright.till.queries import reader
from tillwright.web import current

INDEX_AFTER_S = 15.0
"""So long after the start the index of the search is built: it takes seconds, and a till sells first."""

_diagnoses: Diagnoses | None = None
_watch: Watch | None = None
_later: Timer | None = None


def diagnoses() -> Diagnoses:
    """The diagnoses of the running station. Raises FaultError(api.unavailable) before it is there."""
    return _diagnoses if _diagnoses is not None else begin(scene())


def begin(over: Scene, again_s: Sequence[float] = LOOKS_AGAIN_S) -> Diagnoses:
    """Work on the diagnoses of this station from now on. `again_s`: see Diagnoses."""
    global _diagnoses
    _diagnoses = Diagnoses(over, current.place().catalogue, again_s)
    return _diagnoses


def watch() -> Watch | None:
    """What watches the station; None where nothing does."""
    return _watch


def findings() -> list[Finding]:
    """What every probe found last; where nothing watches, what is on record."""
    if _watch is not None:
        return _watch.findings()
    return [
        Finding(one.probe, one.scope, one.value, one.at_ms, one.took_ms, one.how, one.facts)
        for one in store.last_changes(reader())
    ]


def take_up(over: Scene, *, watches: bool) -> None:
    """Go on with open diagnoses: what they forbid is forbidden from here on. `watches`: look by schedule from
    now on, too.
    """
    diagnoses().resume()
    if watches:
        _begin_to_watch(over, diagnoses())


def _begin_to_watch(over: Scene, at_work: Diagnoses) -> None:
    global _watch, _later
    _watch = Watch(over, at_work.raised, at_work.noticed, at_work.look_over)
    at_work.heard = _watch.take
    _watch.start()
    _later = Timer(INDEX_AFTER_S, searching.index)
    _later.daemon = True
    _later.start()


def end() -> None:
    """Watch no more, and take no further step."""
    global _diagnoses, _watch, _later
    if _later is not None:
        _later.cancel()
    if _watch is not None:
        _watch.stop()
    if _diagnoses is not None:
        _diagnoses.stop()
    _diagnoses = _watch = _later = None
