"""The seam at the commit: both journals fail alike, and only what was committed is there afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tillwright.journal.port import CommitUnknown
from tillwright.kernel.fault import Fault
from tillwright.simulation.chance import Dice, Options
from tillwright.simulation.disk import Disk, Journal, StationStopped

CODES = ("till.too-late", "till.basket-empty")


class Bench:
    """A disk with one of the two journals."""

    def __init__(self, folder: Path | None) -> None:
        self.dice = Dice(Options(1, 1, 1, "memory", "EUR"))
        self.disk = Disk(self.dice, folder / "station.db" if folder is not None else None)
        self.journal = self.disk.open()

    def write(self, code: str) -> None:
        self.journal.begin()
        self.journal.raise_fault("1", None, Fault(code), 0)
        self.journal.commit()

    def strike(self, name: str) -> None:
        self.dice.rates = {f"station.{name}": 1.0}

    def codes(self, journal: Journal) -> list[str]:
        return [fault.code for fault in journal.faults_from(0)]


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    bench = Bench(tmp_path if request.param == "sqlite" else None)
    bench.write(CODES[0])
    return bench


@pytest.mark.parametrize(("name", "written"), [("crash_before_commit", False), ("crash_after_commit", True)])
def test_a_station_that_stops_at_a_commit(bench: Bench, name: str, written: bool) -> None:
    bench.strike(name)
    with pytest.raises(StationStopped):
        bench.write(CODES[1])
    bench.disk.power_lost()
    bench.dice.calm()
    assert bench.codes(bench.disk.open()) == list(CODES[: 2 if written else 1])


@pytest.mark.parametrize(("name", "written"), [("commit_failed", False), ("commit_failed_written", True)])
def test_a_commit_of_which_nobody_knows(bench: Bench, name: str, written: bool) -> None:
    bench.strike(name)
    with pytest.raises(CommitUnknown):
        bench.write(CODES[1])
    bench.dice.calm()
    bench.journal.rollback()
    bench.journal.reopen()
    assert bench.codes(bench.journal) == list(CODES[: 2 if written else 1])


def test_a_batch_that_was_open_when_the_power_went(bench: Bench) -> None:
    bench.journal.begin()
    bench.journal.raise_fault("1", None, Fault(CODES[1]), 0)
    bench.disk.power_lost()
    assert bench.codes(bench.disk.open()) == [CODES[0]]


def test_a_full_disk_says_so() -> None:
    disk = Disk(Dice(Options(1, 1, 1, "memory", "EUR")), None)
    assert disk.space() is None
    disk.full = True
    fault = disk.space()
    assert fault is not None
    assert fault.code == "journal.disk-low"
