"""The journal for reading alone: the same port, on a connection that cannot write; one for each thread."""

from __future__ import annotations

import threading
from pathlib import Path

from tillwright.journal.sqlite_journal import SqliteJournal
from tillwright.machine import sqlite


class SqliteReader(SqliteJournal):
    """What is committed, through the port."""

    def __init__(self, path: Path) -> None:  # not the writer's: nothing here may ever lock or write
        self.path = path
        self.connection = sqlite.connect(path, read_only=True)
        self._ids = {}


class Readers:
    """A reader for each thread that asks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def reader(self) -> SqliteReader:
        """This thread's own."""
        found: SqliteReader | None = getattr(self._local, "reader", None)
        if found is None:
            found = self._local.reader = SqliteReader(self._path)
        return found
