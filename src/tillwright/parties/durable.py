"""A twin's file: SQLite with writes that reach the disk together when they came in together.

Each twin that keeps something has tables of its own in a file of its own, above this. One thread at a time
uses it; another process may read the file while it is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tillwright.machine import sqlite


class DurableFile:
    """A file with tables, made when it is missing. Raises what `machine.sqlite.connect` raises."""

    def __init__(self, path: str | Path, schema: Sequence[str]) -> None:
        self.connection = sqlite.connect(path)
        self._in_group = False
        for statement in schema:
            self.connection.execute(statement)

    def close(self) -> None:
        """Give the file back."""
        self.connection.close()

    @contextmanager
    def group(self) -> Iterator[None]:
        """Writes inside reach the disk when it ends; if it ends with an exception, none of them does."""
        self._in_group = True
        try:
            yield
            if self.connection.in_transaction:
                self._commit()
        finally:
            self._in_group = False
            self._undo()

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """A transaction of its own; inside a group a part of the group's, which the first write begins."""
        if not self.connection.in_transaction:
            self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute("SAVEPOINT one")
        try:
            yield
        except BaseException:
            self._undo_one()
            raise
        self.connection.execute("RELEASE one")
        if not self._in_group:
            self._commit()

    def _commit(self) -> None:
        try:
            self.connection.execute("COMMIT")
        finally:
            self._undo()

    def _undo_one(self) -> None:
        if self._in_group and self.connection.in_transaction:
            self.connection.execute("ROLLBACK TO one")
            self.connection.execute("RELEASE one")
        else:
            self._undo()

    def _undo(self) -> None:
        """Nothing of a transaction that did not end stays."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
