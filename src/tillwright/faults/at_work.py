"""The diagnoses of this process, for pages and programs; and the watch that starts them by itself."""

from __future__ import annotations

from tillwright.faults.running import Diagnoses
from tillwright.faults.scene import Scene, scene
from tillwright.faults.watching import Watch
from tillwright.web import current

_diagnoses: Diagnoses | None = None
_watch: Watch | None = None


def diagnoses() -> Diagnoses:
    """The diagnoses of the running station. Raises FaultError(api.unavailable) before it is there."""
    global _diagnoses
    if _diagnoses is None:
        _diagnoses = Diagnoses(scene(), current.place().catalogue)
    return _diagnoses


def watch() -> Watch | None:
    """What watches the station; None where nothing does."""
    return _watch


def begin_to_watch(over: Scene) -> None:
    """Go on with open diagnoses, and look by schedule from now on."""
    global _watch
    at_work = diagnoses()
    _watch = Watch(over, at_work.raised, at_work.noticed)
    at_work.resume()
    _watch.start()
