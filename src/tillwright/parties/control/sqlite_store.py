"""The truth of the twins in one SQLite file: on the disk before the device answers, and there after kill -9.

The file is shared by all devices of a process; `group` lets what came in together reach the disk together.
One thread at a time uses a store; another process may read the file while it is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tillwright.machine import sqlite
from tillwright.parties.control.store import Exists, Fence, Miscount, StoredDocument

_DOCUMENT = """
    CREATE TABLE IF NOT EXISTS document (
        serial TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        key TEXT NOT NULL,
        unique_number TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN
            ('sale', 'refund', 'annulment', 'deposit', 'withdrawal', 'shift-open', 'shift-close')),
        till TEXT NOT NULL,
        currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL CHECK (total_minor > 0 OR (total_minor = 0 AND kind LIKE 'shift-%')),
        content_hash TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        text TEXT NOT NULL,
        moment INTEGER NOT NULL,
        shift INTEGER NOT NULL DEFAULT 1,
        "of" TEXT NOT NULL DEFAULT '',
        cash_minor INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (serial, number),
        UNIQUE (serial, key)
    ) STRICT
    """
_OTHERS = (
    """CREATE INDEX IF NOT EXISTS document_followed ON document (serial, "of") WHERE "of" <> ''""",
    """
    CREATE TABLE IF NOT EXISTS fence (
        serial TEXT NOT NULL,
        key TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        moment INTEGER NOT NULL,
        PRIMARY KEY (serial, key)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS acknowledged (
        serial TEXT PRIMARY KEY,
        number INTEGER NOT NULL CHECK (number >= 0)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS miscount (
        serial TEXT NOT NULL,
        amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
        shift INTEGER NOT NULL,
        moment INTEGER NOT NULL,
        PRIMARY KEY (serial, moment)
    ) STRICT
    """,
)
_FROM_BEFORE_SHIFTS = (
    "ALTER TABLE document RENAME TO document_before_shifts",
    _DOCUMENT,
    """
    INSERT INTO document (serial, number, key, unique_number, kind, till, currency, total_minor, content_hash,
                          at_ms, text, moment, cash_minor)
    SELECT serial, number, key, unique_number, kind, till, currency, total_minor, content_hash, at_ms, text,
           moment, coalesce(json_extract(text, '$.tenders.cash'), 0)
      FROM document_before_shifts ORDER BY serial, number
    """,
    "DROP TABLE document_before_shifts",
)
"""A file from before shifts holds sales and deposits only, all of shift 1. Its rules cannot be widened in
place."""

_COLUMNS = (
    "serial, number, key, unique_number, kind, till, currency, total_minor, content_hash, at_ms, text, "
    'moment, shift, "of", cash_minor'
)
_SELECT = f"SELECT {_COLUMNS} FROM document WHERE serial = ? "  # nosec B608  # the columns above
_INSERT = f"INSERT INTO document ({_COLUMNS}) VALUES ({','.join('?' * 15)})"  # nosec B608  # likewise


class SqliteStore:
    """The store in a file, which is made when it is missing. Raises what `machine.sqlite.connect` raises."""

    def __init__(self, path: str | Path) -> None:
        self._connection = sqlite.connect(path)
        self._in_group = False
        self._prepare()

    def _prepare(self) -> None:
        """Make what is missing, and widen a file from before shifts."""
        with self._all_or_none():
            columns = [row[1] for row in self._connection.execute("PRAGMA table_info(document)")]
            if columns and "shift" not in columns:
                for statement in _FROM_BEFORE_SHIFTS:
                    self._connection.execute(statement)
            for statement in (_DOCUMENT, *_OTHERS):
                self._connection.execute(statement)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────

    def last_number(self, serial: str) -> int:
        return self._number("SELECT max(number) FROM document WHERE serial = ?", serial)

    def last_moment(self, serial: str) -> int:
        tables = ("document", "fence", "miscount")
        return max(self._number(f"SELECT max(moment) FROM {one} WHERE serial = ?", serial) for one in tables)  # nosec B608  # a table named above

    def document(self, serial: str, key: str) -> StoredDocument | None:
        row = self._connection.execute(_SELECT + "AND key = ?", (serial, key)).fetchone()
        return StoredDocument(*row) if row else None

    def by_unique_number(self, serial: str, unique_number: str) -> StoredDocument | None:
        row = self._connection.execute(_SELECT + "AND unique_number = ?", (serial, unique_number)).fetchone()
        return StoredDocument(*row) if row else None

    def followed(self, serial: str, unique_number: str) -> bool:
        statement = """SELECT 1 FROM document WHERE serial = ? AND "of" = ? AND "of" <> '' LIMIT 1"""
        return self._connection.execute(statement, (serial, unique_number)).fetchone() is not None

    def documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        rows = self._connection.execute(
            _SELECT + "AND number > ? ORDER BY number LIMIT ?", (serial, above, limit)
        )
        return [StoredDocument(*row) for row in rows]

    def texts(self, serial: str) -> Iterator[str]:
        statement = "SELECT text FROM document WHERE serial = ? ORDER BY number"
        return (str(row[0]) for row in self._connection.execute(statement, (serial,)))

    def is_fenced(self, serial: str, key: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM fence WHERE serial = ? AND key = ?", (serial, key))
        return found.fetchone() is not None

    def acknowledged(self, serial: str) -> int:
        return self._number("SELECT max(number) FROM acknowledged WHERE serial = ?", serial)

    def fences(self, serial: str) -> Sequence[Fence]:
        rows = self._connection.execute(
            "SELECT serial, key, at_ms, moment FROM fence WHERE serial = ? ORDER BY moment", (serial,)
        )
        return [Fence(*row) for row in rows]

    def miscounts(self, serial: str) -> Sequence[Miscount]:
        rows = self._connection.execute(
            "SELECT serial, amount_minor, shift, moment FROM miscount WHERE serial = ? ORDER BY moment",
            (serial,),
        )
        return [Miscount(*row) for row in rows]

    def _number(self, statement: str, serial: str) -> int:
        value = self._connection.execute(statement, (serial,)).fetchone()[0]
        return int(value or 0)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────

    def add_documents(self, documents: Sequence[StoredDocument]) -> None:
        with self._all_or_none():
            try:
                self._connection.executemany(_INSERT, [_row(document) for document in documents])
            except sqlite.IntegrityError as error:
                raise Exists(str(error)) from error

    def add_fence(self, fence: Fence) -> None:
        with self._all_or_none():
            self._connection.execute(
                "INSERT OR IGNORE INTO fence (serial, key, at_ms, moment) VALUES (?,?,?,?)",
                (fence.serial, fence.key, fence.at_ms, fence.moment),
            )

    def add_miscount(self, miscount: Miscount) -> None:
        with self._all_or_none():
            self._connection.execute(
                "INSERT INTO miscount (serial, amount_minor, shift, moment) VALUES (?,?,?,?)",
                (miscount.serial, miscount.amount_minor, miscount.shift, miscount.moment),
            )

    def acknowledge(self, serial: str, number: int) -> None:
        with self._all_or_none():
            self._connection.execute(
                "INSERT INTO acknowledged (serial, number) VALUES (?,?) "
                "ON CONFLICT (serial) DO UPDATE SET number = excluded.number",
                (serial, number),
            )

    def forget_after(self, serial: str, moment: int) -> None:
        with self._all_or_none():
            for table in ("document", "fence", "miscount"):
                statement = f"DELETE FROM {table} WHERE serial = ? AND moment > ?"  # nosec B608  # a table named above
                self._connection.execute(statement, (serial, moment))

    def reset(self, serial: str) -> None:
        with self._all_or_none():
            for table in ("document", "fence", "miscount", "acknowledged"):
                statement = f"DELETE FROM {table} WHERE serial = ?"  # nosec B608  # a table named above
                self._connection.execute(statement, (serial,))

    @contextmanager
    def group(self) -> Iterator[None]:
        """Writes inside reach the disk when it ends; if it ends with an exception, none of them does."""
        self._in_group = True
        try:
            yield
            if self._connection.in_transaction:
                self._commit()
        finally:
            self._in_group = False
            self._undo()

    @contextmanager
    def _all_or_none(self) -> Iterator[None]:
        """A transaction of its own; inside a group a part of the group's, which the first write begins."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("SAVEPOINT one")
        try:
            yield
        except BaseException:
            self._undo_one()
            raise
        self._connection.execute("RELEASE one")
        if not self._in_group:
            self._commit()

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        finally:
            self._undo()

    def _undo_one(self) -> None:
        if self._in_group and self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO one")
            self._connection.execute("RELEASE one")
        else:
            self._undo()

    def _undo(self) -> None:
        """Nothing of a transaction that did not end stays."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _row(document: StoredDocument) -> tuple[str | int, ...]:
    return (
        document.serial, document.number, document.key, document.unique_number, document.kind, document.till,
        document.currency, document.total_minor, document.content_hash, document.at_ms, document.text,
        document.moment, document.shift, document.of, document.cash_minor,
    )  # fmt: skip
