"""The running tally: how long this station has certainly been at work, whatever the clock on the wall says.

It only ever grows, by what passes between two looks, never by more than a look may be late: a clock that is
set ahead adds next to nothing, one that is set back takes nothing away. While documents wait it is written
down once a minute, so that a restart does not begin at nought again.
"""

from __future__ import annotations

from tillwright.journal.place import Place
from tillwright.operations.offline import run_on

TALLY = "tally"
LOOK_MS = 60_000
"""So often it is looked at and written while documents wait; nothing longer is believed at once."""


class Tally:
    """Lets the tally of a place run on."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._seen_ms: int | None = None
        self._written_ms = 0

    def start(self, steady_ms: int) -> None:
        """After a start: go on where it was written last."""
        self._written_ms = self._place.tally_ms = int(self._place.journal.value(TALLY) or 0)
        self._seen_ms = steady_ms

    def look(self, steady_ms: int) -> None:
        """Time has passed."""
        if self._seen_ms is not None:
            seen_ms = max(self._seen_ms, steady_ms - 2 * LOOK_MS)
            self._place.tally_ms = run_on(self._place.tally_ms, seen_ms, steady_ms)
        self._seen_ms = steady_ms

    def write(self) -> None:
        """Put it down, inside a batch, if that is due."""
        if self._place.tally_ms - self._written_ms >= LOOK_MS:
            self._place.journal.set_value(TALLY, str(self._place.tally_ms))
            self._written_ms = self._place.tally_ms

    def forget(self) -> None:
        """The batch was not committed: what was to be written may not be there."""
        self._written_ms = int(self._place.journal.value(TALLY) or 0)
