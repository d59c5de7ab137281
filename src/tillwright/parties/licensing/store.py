"""The truth of the licensing twin: every licence in every state that it has had.

A row is never changed; the newest one of a serial counts. So a service that is restored from an old backup is
one for which everything after some moment never was.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tillwright.parties.durable import DurableFile


@dataclass(frozen=True, slots=True)
class StoredLicence:
    """A licence from this moment on, as JSON."""

    moment: int
    serial: str
    body: bytes


class LicenceStore(Protocol):
    """What the service keeps. A write that has returned is on the disk, unless it stands in a `group`."""

    def rows(self) -> Sequence[StoredLicence]:
        """Everything, in order."""

    def add(self, row: StoredLicence) -> None:
        """Write it."""

    def forget_after(self, moment: int) -> None:
        """Everything after the moment never was."""

    def group(self) -> AbstractContextManager[object]:
        """Writes inside it reach the disk together, when it ends."""


class MemoryStore:
    """A store without a disk: for the simulation and for tests."""

    def __init__(self) -> None:
        self._rows: list[StoredLicence] = []

    def rows(self) -> Sequence[StoredLicence]:
        return list(self._rows)

    def add(self, row: StoredLicence) -> None:
        self._rows.append(row)

    def forget_after(self, moment: int) -> None:
        self._rows = [row for row in self._rows if row.moment <= moment]

    def group(self) -> AbstractContextManager[object]:
        return nullcontext()


class SqliteStore(DurableFile):
    """The store in a file, which is made when it is missing. Raises what `machine.sqlite.connect` raises."""

    def __init__(self, path: str | Path) -> None:
        table = (
            "CREATE TABLE IF NOT EXISTS licence "
            "(moment INTEGER PRIMARY KEY, serial TEXT NOT NULL, body BLOB NOT NULL) STRICT"
        )
        super().__init__(path, (table,))

    def rows(self) -> Sequence[StoredLicence]:
        found = self.connection.execute("SELECT moment, serial, body FROM licence ORDER BY moment")
        return [StoredLicence(*row) for row in found]

    def add(self, row: StoredLicence) -> None:
        with self.all_or_none():
            self.connection.execute("INSERT INTO licence VALUES (?,?,?)", (row.moment, row.serial, row.body))

    def forget_after(self, moment: int) -> None:
        with self.all_or_none():
            self.connection.execute("DELETE FROM licence WHERE moment > ?", (moment,))
