"""The truth of the operator's twin in one SQLite file: on the disk before it answers, there after kill -9."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from tillwright.parties.durable import DurableFile
from tillwright.parties.operator.messages import Asked
from tillwright.parties.operator.store import StoredContact, StoredDocument, StoredRefusal, StoredTill

_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS document (
        unique_number TEXT PRIMARY KEY,
        serial TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        till TEXT NOT NULL,
        currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL,
        registered_ms INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        via TEXT NOT NULL CHECK (via IN ('till', 'device')),
        text TEXT NOT NULL,
        moment INTEGER NOT NULL UNIQUE,
        UNIQUE (serial, number)
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS document_of_till ON document (till, registered_ms)",
    """
    CREATE TABLE IF NOT EXISTS refusal (
        serial TEXT NOT NULL,
        number INTEGER NOT NULL,
        reason TEXT NOT NULL,
        seen INTEGER NOT NULL,
        moment INTEGER NOT NULL,
        PRIMARY KEY (serial, number)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS contact (
        serial TEXT PRIMARY KEY,
        till TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        via TEXT NOT NULL,
        queued INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS till (
        till TEXT PRIMARY KEY,
        state TEXT NOT NULL CHECK (state IN ('active', 'warning', 'blocked')),
        reason TEXT NOT NULL,
        date_ms INTEGER
    ) STRICT
    """,
)

_SELECT = (
    "SELECT unique_number, serial, number, key, kind, till, currency, total_minor, registered_ms, "
    "received_ms, via, text, moment FROM document "
)
_FIND = _SELECT + (
    "WHERE till = ?1 AND registered_ms BETWEEN ?2 AND ?3 AND moment > ?4 "
    "AND (?5 IS NULL OR number = ?5) AND (?6 IS NULL OR unique_number = ?6) AND (?7 IS NULL OR serial = ?7) "
    "ORDER BY moment LIMIT ?8"
)
_NEWEST = _FIND.replace("ORDER BY moment", "ORDER BY moment DESC")
_ADD = "INSERT INTO document VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"


class SqliteStore(DurableFile):
    """The store in a file, which is made when it is missing. Raises what `machine.sqlite.connect` raises."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, _SCHEMA)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────

    def last_moment(self) -> int:
        found = self.connection.execute(
            "SELECT max(m) FROM (SELECT max(moment) AS m FROM document "
            "UNION ALL SELECT max(moment) FROM refusal)"
        )
        return int(found.fetchone()[0] or 0)

    def document(self, unique_number: str) -> StoredDocument | None:
        row = self.connection.execute(_SELECT + "WHERE unique_number = ?", (unique_number,)).fetchone()
        return StoredDocument(*row) if row else None

    def numbered(self, serial: str, number: int) -> StoredDocument | None:
        row = self.connection.execute(
            _SELECT + "WHERE serial = ? AND number = ?", (serial, number)
        ).fetchone()
        return StoredDocument(*row) if row else None

    def numbers(self) -> Sequence[tuple[str, int]]:
        rows = self.connection.execute("SELECT serial, number FROM document")
        return [(str(serial), int(number)) for serial, number in rows]

    def find(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        return self._found(_FIND, asked, limit)

    def newest(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        return self._found(_NEWEST, asked, limit)

    def _found(self, statement: str, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        rows = self.connection.execute(
            statement,
            (asked.till, asked.from_ms, asked.to_ms, asked.after, asked.number, asked.unique, asked.serial,
             limit),
        )  # fmt: skip
        return [StoredDocument(*row) for row in rows]

    def documents(self, above: int, limit: int) -> Sequence[StoredDocument]:
        rows = self.connection.execute(_SELECT + "WHERE moment > ? ORDER BY moment LIMIT ?", (above, limit))
        return [StoredDocument(*row) for row in rows]

    def refusals(self) -> Sequence[StoredRefusal]:
        rows = self.connection.execute(
            "SELECT serial, number, reason, seen, moment FROM refusal ORDER BY moment"
        )
        return [
            StoredRefusal(serial, number, reason, bool(seen), moment)
            for serial, number, reason, seen, moment in rows
        ]

    def contact(self, serial: str) -> StoredContact | None:
        return self._contact("SELECT serial, till, at_ms, via, queued FROM contact WHERE serial = ?", serial)

    def newest_contact(self, till: str) -> StoredContact | None:
        statement = (
            "SELECT serial, till, at_ms, via, queued FROM contact WHERE till = ? "
            "ORDER BY at_ms DESC, serial DESC LIMIT 1"
        )
        return self._contact(statement, till)

    def _contact(self, statement: str, name: str) -> StoredContact | None:
        row = self.connection.execute(statement, (name,)).fetchone()
        return StoredContact(*row) if row else None

    def contacts(self) -> Sequence[StoredContact]:
        rows = self.connection.execute("SELECT serial, till, at_ms, via, queued FROM contact ORDER BY serial")
        return [StoredContact(*row) for row in rows]

    def till(self, till: str) -> StoredTill:
        row = self.connection.execute(
            "SELECT till, state, reason, date_ms FROM till WHERE till = ?", (till,)
        ).fetchone()
        return StoredTill(*row) if row else StoredTill(till)

    def tills(self) -> Sequence[StoredTill]:
        rows = self.connection.execute("SELECT till, state, reason, date_ms FROM till ORDER BY till")
        return [StoredTill(*row) for row in rows]

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────

    def add_document(self, document: StoredDocument) -> None:
        self._write(_ADD, *astuple(document))

    def set_refusal(self, refusal: StoredRefusal) -> None:
        self._write("INSERT OR REPLACE INTO refusal VALUES (?,?,?,?,?)", *astuple(refusal))

    def lift_refusal(self, serial: str, number: int) -> None:
        self._write("DELETE FROM refusal WHERE serial = ? AND number = ?", serial, number)

    def set_contact(self, contact: StoredContact) -> None:
        self._write("INSERT OR REPLACE INTO contact VALUES (?,?,?,?,?)", *astuple(contact))

    def set_till(self, till: StoredTill) -> None:
        self._write("INSERT OR REPLACE INTO till VALUES (?,?,?,?)", *astuple(till))

    def forget_after(self, moment: int) -> None:
        with self.all_or_none():
            self.connection.execute("DELETE FROM document WHERE moment > ?", (moment,))
            self.connection.execute("DELETE FROM refusal WHERE moment > ?", (moment,))
            self.connection.execute("DELETE FROM contact")

    def reset(self) -> None:
        with self.all_or_none():
            for table in ("document", "refusal", "contact", "till"):
                self.connection.execute(f"DELETE FROM {table}")  # nosec B608  # names of our own

    def _write(self, statement: str, *values: str | int | None) -> None:
        with self.all_or_none():
            self.connection.execute(statement, values)
