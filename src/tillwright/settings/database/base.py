"""Connections for pages: they read the station's database and cannot write it.

The station has one writer thread. A second writer in the same process would wait for it, hold it up, or end
'locked' in the middle of a sale; so what a page writes goes through the station, and here every connection
to the station's database is opened with `PRAGMA query_only`. The one exception is `writable()`, for the
migrations at the start, before there is a writer. The database of sessions is written by the pages
themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from tillwright.machine import sqlite

_writable: ContextVar[bool] = ContextVar("writable", default=False)


@contextmanager
def writable() -> Iterator[None]:
    """Connections that this thread opens inside may write. For migrations only."""
    token = _writable.set(True)
    try:
        yield
    finally:
        _writable.reset(token)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite connection, safe, and read-only where OPTIONS has `reads_only`."""

    reads_only = False

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own, by our option."""
        params: dict[str, Any] = super().get_connection_params()
        self.reads_only = bool(params.pop("reads_only", False)) and not _writable.get()
        if self.reads_only:  # a reader never makes the file
            params["database"] = f"{Path(params['database']).absolute().as_uri()}?mode=rw"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection and check every pragma that keeps what was committed."""
        connection = super().get_new_connection(conn_params)
        sqlite.make_safe(connection, read_only=self.reads_only)
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        # A reader must not take the writer's lock; a writer must take it at once, or two that have both read
        # cannot both go on.
        self.cursor().execute("BEGIN" if self.reads_only else "BEGIN IMMEDIATE")
