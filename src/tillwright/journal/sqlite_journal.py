"""The journal on disk: SQLite through the driver itself, prepared statements, one writer.

This is the hot path: one module, no ORM. A statement's text is constant, so that the driver's statement cache
keeps it prepared. Durable means that `COMMIT` has returned: the connection is in WAL mode with
synchronous=FULL, checked at opening.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tillwright.books.cash import Account, Entry
from tillwright.journal import codec, schema, schema_till
from tillwright.journal.port import CommitUnknown, Conflict
from tillwright.journal.records import StoredDocument, StoredEvent
from tillwright.journal.sqlite_parties import PartyTables
from tillwright.journal.sqlite_shifts import ShiftTables
from tillwright.kernel.fault import Fault
from tillwright.machine import sqlite
from tillwright.operations.events import Event, happening
from tillwright.operations.model import Operation

_T = TypeVar("_T")
_IDS_MAX = 1_000
"""The row numbers of so many operations are remembered."""


def create(connection: sqlite.Connection) -> None:
    """Make the tables of an empty journal (the Django migrations do the same for a station)."""
    for statement in (*schema.statements(), *schema_till.statements()):
        connection.execute(statement)


class SqliteJournal(ShiftTables, PartyTables):
    """The journal port over one connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite.connect(path, handed_over=True)
        self._ids: dict[str, int] = {}

    def reopen(self) -> None:
        """After a commit that failed: a fresh connection, which knows only what is on the disk."""
        self._ids.clear()
        with contextlib.suppress(sqlite.Error):
            self.connection.close()
        self.connection = sqlite.connect(self.path, handed_over=True)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    # ── the batch ──

    def begin(self) -> None:
        if len(self._ids) > _IDS_MAX:
            self._ids.clear()
        self.connection.execute("BEGIN IMMEDIATE")

    def savepoint(self) -> None:
        self.connection.execute("SAVEPOINT item")

    def release(self) -> None:
        self.connection.execute("RELEASE item")

    def rollback_item(self) -> None:
        self._ids.clear()
        self.connection.execute("ROLLBACK TO item")
        self.connection.execute("RELEASE item")

    def commit(self) -> None:
        try:
            self.connection.execute("COMMIT")
        except sqlite.Error as error:
            raise CommitUnknown(str(error)) from error
        self.keep_audited()

    def rollback(self) -> None:
        self._ids.clear()
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def run(self, write: Callable[[sqlite.Connection], _T]) -> _T:
        """Any other write of the station's database, inside the batch."""
        return write(self.connection)

    # ── reading ──

    def operation(self, uid: str) -> Operation | None:
        row = self.connection.execute("SELECT body, content FROM operation WHERE uid = ?", (uid,)).fetchone()
        return codec.decode_operation(row[0], row[1]) if row else None

    def unfinished(self) -> list[Operation]:
        rows = self.connection.execute(
            "SELECT body, content FROM operation INDEXED BY operation_unfinished "
            "WHERE state IN ('open', 'undoing', 'red') ORDER BY state, till, id"
        )
        return [codec.decode_operation(body, content) for body, content in rows]

    def open_number(self, till: str) -> int | None:
        row = self.connection.execute(
            "SELECT number FROM operation WHERE till = ? AND state = 'open'", (till,)
        ).fetchone()
        return int(row[0]) if row else None

    def red_numbers(self, till: str) -> list[int]:
        rows = self.connection.execute(
            "SELECT number FROM operation INDEXED BY operation_unfinished "
            "WHERE state IN ('open', 'undoing', 'red') AND state = 'red' AND till = ? ORDER BY number",
            (till,),
        )
        return [int(row[0]) for row in rows]

    def last_number(self, till: str) -> int:
        row = self.connection.execute(
            "SELECT max(number), (SELECT value FROM station WHERE name = ?) FROM operation WHERE till = ?",
            (f"number:{till}", till),
        ).fetchone()
        return max(int(row[0] or 0), int(row[1] or 0))

    def balance_minor(self, till: str, currency: str, account: Account) -> int:
        row = self.connection.execute(
            "SELECT amount_minor FROM balance WHERE till = ? AND currency = ? AND account = ?",
            (till, currency, account.value),
        ).fetchone()
        return int(row[0]) if row else 0

    def last_document(self, serial: str) -> int:
        return int(self.value(f"held:{serial}") or 0)

    def device_document(self, serial: str, number: int) -> StoredDocument | None:
        row = self.connection.execute(
            "SELECT serial, number, till, key, unique_number, at_ms, text FROM device_document "
            "WHERE serial = ? AND number = ?",
            (serial, number),
        ).fetchone()
        return StoredDocument(*row) if row else None

    def device_documents(self, serial: str, above: int, limit: int) -> Sequence[StoredDocument]:
        rows = self.connection.execute(
            "SELECT serial, number, till, key, unique_number, at_ms, text FROM device_document "
            "WHERE serial = ? AND number > ? ORDER BY number LIMIT ?",
            (serial, above, limit),
        )
        return [StoredDocument(*row) for row in rows]

    def last_serial(self, till: str) -> str | None:
        return self.value(f"serial:{till}")

    def events(self, uid: str) -> list[StoredEvent]:
        rows = self.connection.execute(
            "SELECT e.version, e.at_ms, e.happening, e.leg, e.body FROM event e "
            "JOIN operation o ON o.id = e.operation WHERE o.uid = ? ORDER BY e.version",
            (uid,),
        )
        return [StoredEvent(*row) for row in rows]

    # ── writing ──

    def _id(self, uid: str) -> int:
        found = self._ids.get(uid)
        if found is None:
            row = self.connection.execute("SELECT id FROM operation WHERE uid = ?", (uid,)).fetchone()
            found = self._ids[uid] = int(row[0])
        return found

    def insert(self, operation: Operation) -> None:
        content = operation.content
        values = (
            operation.uid,
            operation.till,
            operation.number,
            operation.kind,
            operation.state.value,
            operation.version,
            operation.cashier,
            content.currency,
            content.total_minor,
            operation.started_ms,
            operation.changed_ms,
            operation.content_hash,
            codec.encode_content(content),
            codec.encode_operation(operation),
            content.parent or None,
        )
        try:
            cursor = self.connection.execute(
                "INSERT INTO operation (uid, till, number, kind, state, version, cashier, currency, "
                "total_minor, started_ms, changed_ms, content_hash, content, body, parent) "
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                values,
            )
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error
        self._ids[operation.uid] = int(cursor.lastrowid or 0)
        self._keys(operation, 0)

    def _keys(self, operation: Operation, known: int) -> None:
        number = self._id(operation.uid)
        try:
            for leg in operation.legs:
                if leg.number > known:
                    self.connection.execute(
                        "INSERT INTO leg_key (key, operation, serial) VALUES (?, ?, ?)",
                        (leg.key, number, leg.serial),
                    )
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error

    def update(self, operation: Operation) -> None:
        number = self._id(operation.uid)
        try:
            self.connection.execute(
                "UPDATE operation SET state = ?, version = ?, changed_ms = ?, body = ?, "
                "reopened = reopened OR (? AND state IN ('done', 'refused', 'undone')) WHERE id = ?",
                (
                    operation.state.value,
                    operation.version,
                    operation.changed_ms,
                    codec.encode_operation(operation),
                    not operation.ended,
                    number,
                ),
            )
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error
        if len(operation.legs) > 1:
            self._keys(operation, self._known_keys(number))

    def _known_keys(self, number: int) -> int:
        """How many keys the operation has: keys are numbered without gaps."""
        row = self.connection.execute("SELECT uid FROM operation WHERE id = ?", (number,)).fetchone()
        low = str(row[0]) + "."
        found = self.connection.execute(
            "SELECT count(*) FROM leg_key WHERE key >= ? AND key < ?", (low, str(row[0]) + "/")
        ).fetchone()
        return int(found[0])

    def append(self, uid: str, version: int, event: Event) -> None:
        try:
            self.connection.execute(
                "INSERT INTO event (operation, version, at_ms, happening, leg, body) VALUES (?,?,?,?,?,?)",
                (
                    self._id(uid),
                    version,
                    event.at_ms,
                    happening(event).value,
                    getattr(event, "leg", None),
                    codec.encode_event(event),
                ),
            )
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error

    def post(
        self, operation: Operation, entries: Sequence[Entry], at_ms: int, shift: int | None = None
    ) -> None:
        number = self._id(operation.uid)
        shift = operation.shift if shift is None else shift
        currency = operation.content.currency
        for entry in entries:
            account = entry.account.value
            self.connection.execute(
                "INSERT INTO entry (operation, till, shift, currency, account, amount_minor, at_ms) "
                "VALUES (?,?,?,?,?,?,?)",
                (number, operation.till, shift, currency, account, entry.amount_minor, at_ms),
            )
            self.connection.execute(
                "INSERT INTO balance (till, currency, account, amount_minor) VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor",
                (operation.till, currency, account, entry.amount_minor),
            )

    def store_document(self, uid: str, kind: str, body: bytes, at_ms: int) -> None:
        self.connection.execute(
            "INSERT OR IGNORE INTO document (operation, kind, at_ms, body) VALUES (?,?,?,?)",
            (self._id(uid), kind, at_ms, body),
        )

    def store_device_document(self, document: StoredDocument) -> bool:
        try:
            self.connection.execute(
                "INSERT INTO device_document (serial, number, till, key, unique_number, at_ms, text) "
                "VALUES (?,?,?,?,?,?,?)",
                (
                    document.serial,
                    document.number,
                    document.till,
                    document.key,
                    document.unique_number,
                    document.at_ms,
                    document.text,
                ),
            )
        except sqlite.IntegrityError as error:
            held = self.device_document(document.serial, document.number)
            if held is None or held.text != document.text:
                raise Conflict(str(error)) from error
            return False
        self._advance(document)
        return True

    def _advance(self, document: StoredDocument) -> None:
        """Move the mark below which every document of the device is held."""
        mark = self.last_document(document.serial)
        if document.number != mark + 1:
            return
        following = document.number
        while self.device_document(document.serial, following + 1) is not None:
            following += 1
        self.set_value(f"held:{document.serial}", str(following))

    def raise_fault(self, till: str, uid: str | None, fault: Fault, at_ms: int) -> None:
        number = self._id(uid) if uid else None
        self.connection.execute(
            "INSERT INTO fault (at_ms, till, operation, code, facts) VALUES (?,?,?,?,?)",
            (at_ms, till, number, fault.code, codec.encode_facts(fault.facts)),
        )

    def set_serial(self, till: str, serial: str) -> None:
        self.set_value(f"serial:{till}", serial)
