"""The journal's disk: the seam at which a commit fails, or the station stops in the middle of one.

Both implementations of the journal port get the same seam: `commit`. A commit that failed may have been
written all the same; nobody can know before the journal has been opened anew and read.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tillwright.journal.high_water import MemoryHighWater
from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import CommitUnknown, JournalPort
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import uid_of_key
from tillwright.machine import sqlite
from tillwright.simulation.chance import Dice


class StationStopped(BaseException):
    """The station has lost its power at this very moment: no handler may run on, except the world's."""


class Journal(JournalPort, Protocol):
    """A journal port that can be opened anew, and read by the judge."""

    def reopen(self) -> None:
        """After a failed commit: know only what is on the disk."""

    def outbox_from(self, index: int) -> list[str]:
        """The operations whose documents are queued for receivers, from the row with this index on."""

    def faults_from(self, index: int) -> list[Fault]:
        """The faults raised, from the one with this index on."""


class _Striking:
    """What a commit may come to."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice

    def before(self) -> None:
        """Just before the commit is made durable."""
        if not self.dice.rates:
            return
        if self.dice.strikes("station.crash_before_commit"):
            raise StationStopped
        if self.dice.strikes("station.commit_failed"):
            raise CommitUnknown("the disk says no")

    def after(self) -> None:
        """Just after it."""
        if not self.dice.rates:
            return
        if self.dice.strikes("station.crash_after_commit"):
            raise StationStopped
        if self.dice.strikes("station.commit_failed_written"):
            raise CommitUnknown("the disk says no, after having written")


class SimulatedMemoryJournal(MemoryJournal):
    """The journal in memory on a disk that fails."""

    def __init__(self, dice: Dice) -> None:
        super().__init__()
        self._striking = _Striking(dice)

    def commit(self) -> None:
        self._striking.before()
        super().commit()
        self._striking.after()

    def reopen(self) -> None:
        """What was not committed never was."""
        self.rollback()

    def copy(self) -> dict[str, Any]:
        """All that is in it; between two batches."""
        return {name: _copied(value) for name, value in vars(self).items() if isinstance(value, dict | list)}

    def take_back(self, copy: dict[str, Any]) -> None:
        """It is as it was when the copy was made."""
        self.rollback()
        vars(self).update({name: _copied(value) for name, value in copy.items()})

    def outbox_from(self, index: int) -> list[str]:
        """The operations whose documents are queued for receivers, from the row with this index on."""
        places = list(self.outbox)[index:]
        return [uid_of_key(self.device[serial][number].key) for _, serial, number in places]

    def faults_from(self, index: int) -> list[Fault]:
        """The faults raised, from the one with this index on."""
        return [stored.fault for stored in self.faults[index:]]


class SimulatedSqliteJournal(SqliteJournal):
    """The journal in a file, on a disk that fails."""

    def __init__(self, path: Path, dice: Dice) -> None:
        new = not path.exists()
        super().__init__(path)
        self._striking = _Striking(dice)
        if new:
            create(self.connection)

    def commit(self) -> None:
        self._striking.before()
        super().commit()
        self._striking.after()

    def power_lost(self) -> None:
        """The process is gone; the file is as the last commit left it."""
        with suppress(sqlite.Error):
            self.connection.close()

    def outbox_from(self, index: int) -> list[str]:
        """The operations whose documents are queued for receivers, from the row with this index on."""
        rows = self.connection.execute(
            "SELECT d.key FROM outbox q JOIN device_document d USING (serial, number) WHERE q.id > ? "
            "ORDER BY q.id",
            (index,),
        )
        return [uid_of_key(str(key)) for (key,) in rows]

    def faults_from(self, index: int) -> list[Fault]:
        """The faults raised, from the one with this index on."""
        rows = self.connection.execute("SELECT code FROM fault WHERE id > ? ORDER BY id", (index,))
        return [Fault(code) for (code,) in rows]


def _copied(value: Any) -> Any:
    """Containers are copied, what they hold never changes."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


class Disk:
    """Where a station's journal lies; opening it is what a start of the station does first."""

    def __init__(self, dice: Dice, path: Path | None) -> None:
        self._dice = dice
        self._path = path
        self._memory = SimulatedMemoryJournal(dice) if path is None else None
        self._file: SimulatedSqliteJournal | None = None
        self.full = False
        self._copy: dict[str, Any] | None = None
        self.high = MemoryHighWater()
        """the marks that no copy of the journal carries back"""

    def open(self) -> Journal:
        """The journal as the disk holds it."""
        if self._memory is not None:
            self._memory.rollback()
            return self._memory
        if self._path is None:
            raise AssertionError("a disk without a journal")
        self._file = SimulatedSqliteJournal(self._path, self._dice)
        return self._file

    def power_lost(self) -> None:
        """Nothing that was not committed is there any more."""
        if self._memory is not None:
            self._memory.rollback()
        elif self._file is not None:
            self._file.power_lost()

    # ── copies ──────────────────────────────────────────────────────────────────────────────────────────────

    def copy(self) -> None:
        """Somebody makes a copy of the journal, between two of its commits."""
        if self._memory is not None:
            self._copy = self._memory.copy()
        elif self._path is not None:
            self._copy = {name: (self._path.parent / name).read_bytes() for name in self._names()}

    def take_back(self) -> bool:
        """Somebody puts the copy in the journal's place, while the station is off; whether there was one."""
        copy, self._copy = self._copy, None
        if copy is None:
            return False
        if self._memory is not None:
            self._memory.take_back(copy)
        elif self._path is not None:
            for name in self._names():
                (self._path.parent / name).unlink()
            for name, data in copy.items():
                (self._path.parent / name).write_bytes(data)
        return True

    def _names(self) -> list[str]:
        """The database's own files: what stands beside it is nobody's to copy."""
        if self._path is None:
            return []
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return [file.name for file in files if file.exists()]

    def space(self) -> Fault | None:
        """Whether there is room for new operations."""
        return Fault("journal.disk-low", free_bytes=1_000) if self.full else None
