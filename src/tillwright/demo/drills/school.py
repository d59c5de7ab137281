"""All drills, at shops that are used for as long as they come out well again.

One code may not come back at a till: a fault that returns within its watch opens the old diagnosis again, as
it must. So each cause of a code is drilled at a till of its own. Shops work side by side, each with its own
clock.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tillwright.catalogue.catalogue import Catalogue
from tillwright.demo.drills.model import Row, Scenario
from tillwright.demo.drills.running import Drill
from tillwright.demo.drills.world import TILLS, World, open_shop
from tillwright.demo.processes import NotReady
from tillwright.demo.shop import Shop, ShopTill
from tillwright.machine.resources import shipped_catalogue

Progress = Callable[[Row], None]
Say = Callable[[str], None]


@dataclass(slots=True)
class School:
    """Works the drills off. `progress` is called with every row, `say` with what else is worth a line."""

    folder: Path
    progress: Progress
    say: Say
    catalogue: Catalogue = field(default_factory=shipped_catalogue)
    _rows: list[tuple[int, Row]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _shops: int = 0

    def run(self, scenarios: Sequence[Scenario], side_by_side: int = 1) -> list[Row]:
        """The rows, in the order of the scenarios."""
        work: queue.SimpleQueue[tuple[int, Scenario]] = queue.SimpleQueue()
        for place in sorted(enumerate(scenarios), key=lambda one: one[1].long):
            work.put(place)
        tills = max(2, min(TILLS, len(scenarios)))
        workers = max(1, min(side_by_side, len(scenarios)))
        with ThreadPoolExecutor(workers) as pool:
            for worker in [pool.submit(self._work, work, tills) for _ in range(workers)]:
                worker.result()
        return [row for _, row in sorted(self._rows, key=lambda one: one[0])]

    def _work(self, work: queue.SimpleQueue[tuple[int, Scenario]], tills: int) -> None:
        place = _Place(self, tills)
        try:
            while True:
                number, scenario = work.get_nowait()
                row = place.drill(scenario)
                with self._lock:
                    self._rows.append((number, row))
                    self.progress(row)
        except queue.Empty:
            return
        finally:
            place.close()

    def new_shop(self, tills: int) -> Shop:
        """A shop that is open. A port that somebody else takes at that moment is no fault of the shop's:
        it is tried once more. Raises NotReady.
        """
        try:
            return self._opened(tills)
        except NotReady as error:
            self.say(f"the shop does not open: {error}")
            return self._opened(tills)

    def _opened(self, tills: int) -> Shop:
        with self._lock:
            self._shops += 1
            folder = self.folder / f"shop-{self._shops}"
        shop = open_shop(folder, tills)
        shop.start()
        return shop


class _Place:
    """The shop at which one worker drills; exchanged when a drill leaves it unwell."""

    def __init__(self, school: School, tills: int) -> None:
        self._school = school
        self._tills = tills
        self._shop: Shop | None = None
        self._used: set[tuple[str, str]] = set()
        self._turn = 0

    def drill(self, scenario: Scenario) -> Row:
        """One drill, and everything well again after it."""
        try:
            till = self._free_till(scenario)
            world = World.at(self._open(), till)
        except NotReady as error:
            self.close()
            return Row(scenario.code, scenario.cause, why=f"the shop does not open: {error}")
        drill = Drill(world, self._school.catalogue, self._school.say)
        try:
            row = drill.run(scenario)
            if not drill.tidy(scenario):
                self._school.say(f"after {scenario.name} the shop is exchanged")
                self.close()
        finally:
            world.close()
        return row

    def _open(self) -> Shop:
        if self._shop is None:
            self._shop = self._school.new_shop(self._tills)
            self._used.clear()
        return self._shop

    def _free_till(self, scenario: Scenario) -> ShopTill:
        """A till at which nothing of this code has been yet; a new shop where there is none left. What is the
        station's, and no till's, comes once in each shop.
        """
        tills = self._open().options.tills
        self._turn += 1
        order = [tills[(self._turn + step) % len(tills)] for step in range(len(tills))]
        codes = {scenario.code, scenario.walks, scenario.first}
        taken = {till for code, till in self._used if code in codes}
        found = next((one for one in order if one.id not in taken), None)
        if found is None or (scenario.station and taken):
            self.close()
            return self._free_till(scenario)
        self._used |= {(code, found.id) for code in codes}
        return found

    def close(self) -> None:
        """End the shop."""
        if self._shop is not None:
            self._shop.stop()
            self._shop = None


def run_in(
    data: Path | None, scenarios: Sequence[Scenario], shops: int, progress: Progress, say: Say
) -> list[Row]:
    """Drill in a folder of its own, which is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=data, prefix="tillwright-drill-") as folder:
        return School(Path(folder), progress, say).run(scenarios, shops)
