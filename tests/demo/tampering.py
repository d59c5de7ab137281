"""Ways to change one row of a book behind the program's back, each with what `verify` must call it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tillwright.machine import sqlite

JOURNAL, DEVICE = "station.db", "twins.db"

DOCUMENT = "serial = 'SKO-1' AND number = 3"
SALE = "(SELECT id FROM operation WHERE number = 3 AND till = 'till-1')"
OTHER = "(SELECT id FROM operation WHERE number = 4 AND till = 'till-1')"


class Tampering(NamedTuple):
    """The book that is changed, the statement that changes it, and what the difference is called."""

    book: str
    statement: str
    what: str


def tamper(folder: Path, book: str, *statements: str) -> None:
    """Change a book without its triggers and constraints; every statement must really change something."""
    connection = sqlite.connect(folder / book)
    connection.execute("PRAGMA foreign_keys=0")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    changed = [connection.execute(statement).rowcount for statement in statements]
    connection.close()
    assert all(changed), "the planted change has changed nothing"


def copied(table: str, where: str, **changed: str) -> str:
    """Insert a copy of a row with other values in some columns (SQL expressions)."""
    columns = COLUMNS[table]
    values = ", ".join(changed.get(column, column) for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"


def exchanged(table: str, column: str, match: str, where: str) -> str:
    """Exchange a column's values between two rows; `match` says when a row and `other` are the pair."""
    return (
        f"UPDATE {table} SET {column} = other.value FROM (SELECT *, {column} AS value FROM {table}) AS other "
        f"WHERE {match} AND {where}"
    )


COLUMNS = {
    "document": (
        "serial", "number", "key", "unique_number", "kind", "till", "currency", "total_minor",
        "content_hash", "at_ms", "text", "moment",
    ),
    "operation": (
        "id", "uid", "till", "number", "kind", "state", "version", "cashier", "currency", "total_minor",
        "started_ms", "changed_ms", "content_hash", "content", "body",
    ),
    "device_document": ("serial", "number", "till", "key", "unique_number", "at_ms", "text"),
    "entry": ("id", "operation", "till", "shift", "currency", "account", "amount_minor", "at_ms"),
    "leg_key": ("key", "operation"),
}  # fmt: skip

_PAIR = "other.serial = 'SKO-1' AND other.number = 7 - {0}.number AND {0}.serial = 'SKO-1'"
_THREE_AND_FOUR = "{0}.number IN (3, 4)"
_REFUSED = """CAST(replace(CAST(body AS TEXT), '"state":"done"', '"state":"refused"') AS BLOB)"""
_RENAMED = "CAST(replace(CAST(body AS TEXT), '0000-4', '0001-4') AS BLOB)"


def _of_sale(statement: str) -> str:
    return f"{statement} WHERE operation = {SALE}"


def _of_drawer(statement: str) -> str:
    return f"{statement} WHERE operation = {SALE} AND account = 'drawer'"


TAMPERED: dict[str, Tampering] = {
    # the device's book
    "document deleted": Tampering(DEVICE, f"DELETE FROM document WHERE {DOCUMENT}", "missing-at-device"),
    "newest document deleted": Tampering(
        DEVICE, "DELETE FROM document WHERE serial = 'SKO-1' AND number = 5", "missing-at-device"
    ),
    "document one more": Tampering(
        DEVICE, f"UPDATE document SET total_minor = total_minor + 1 WHERE {DOCUMENT}", "sum-differs"
    ),
    "document one less": Tampering(
        DEVICE, f"UPDATE document SET total_minor = total_minor - 1 WHERE {DOCUMENT}", "sum-differs"
    ),
    "document twice": Tampering(
        DEVICE,
        copied("document", DOCUMENT, number="6", key="key || '0'", unique_number="unique_number || 'X'"),
        "missing-in-journal",
    ),
    "document twice, at another device": Tampering(
        DEVICE,
        copied("document", DOCUMENT, serial="'SKO-9'", number="1", unique_number="unique_number || 'X'"),
        "doubled-at-device",
    ),
    "two documents' sums swapped": Tampering(
        DEVICE,
        exchanged("document", "total_minor", _PAIR.format("document"), _THREE_AND_FOUR.format("document")),
        "swapped",
    ),
    "document in another currency": Tampering(
        DEVICE, f"UPDATE document SET currency = 'VND' WHERE {DOCUMENT}", "currency-differs"
    ),
    "document of another till": Tampering(
        DEVICE, f"UPDATE document SET till = 'till-2' WHERE {DOCUMENT}", "till-differs"
    ),
    "document of another kind": Tampering(
        DEVICE, f"UPDATE document SET kind = 'deposit' WHERE {DOCUMENT}", "kind-differs"
    ),
    "document of other goods": Tampering(
        DEVICE, f"UPDATE document SET content_hash = 'other' WHERE {DOCUMENT}", "content-differs"
    ),
    "document's words": Tampering(
        DEVICE,
        f"""UPDATE document SET text = replace(text, '"cash":', '"cash":1') WHERE {DOCUMENT}""",
        "copy-differs",
    ),
    "document's number": Tampering(
        DEVICE, f"UPDATE document SET number = 999999999999 WHERE {DOCUMENT}", "reference-differs"
    ),
    "document's unique number": Tampering(
        DEVICE, f"UPDATE document SET unique_number = 'X' WHERE {DOCUMENT}", "reference-differs"
    ),
    "document's key": Tampering(
        DEVICE, f"UPDATE document SET key = key || '0' WHERE {DOCUMENT}", "missing-in-journal"
    ),
    "document fenced": Tampering(
        DEVICE,
        f"INSERT INTO fence SELECT serial, key, at_ms, moment FROM document WHERE {DOCUMENT}",
        "fenced-and-registered",
    ),
    # the journal's operations
    "operation deleted": Tampering(JOURNAL, f"DELETE FROM operation WHERE id = {SALE}", "missing-in-journal"),
    "operation one more": Tampering(
        JOURNAL, f"UPDATE operation SET total_minor = total_minor + 1 WHERE id = {SALE}", "sum-differs"
    ),
    "operation one less": Tampering(
        JOURNAL, f"UPDATE operation SET total_minor = total_minor - 1 WHERE id = {SALE}", "sum-differs"
    ),
    "operation twice": Tampering(
        JOURNAL,
        copied(
            "operation",
            f"id = {SALE}",
            id="99",
            uid="replace(uid, '0000-4', '0001-4')",
            number="99",
            body=_RENAMED,
        ),
        "missing-at-device",
    ),
    "two operations' sums swapped": Tampering(
        JOURNAL,
        exchanged(
            "operation",
            "total_minor",
            "other.till = 'till-1' AND operation.till = 'till-1' AND other.number = 7 - operation.number",
            _THREE_AND_FOUR.format("operation"),
        ),
        "swapped",
    ),
    "operation's content": Tampering(
        JOURNAL,
        "UPDATE operation SET content = CAST(replace(CAST(content AS TEXT), '489', '488') AS BLOB) "
        f"WHERE id = {SALE}",
        "total-altered",
    ),
    "operation said to be refused": Tampering(
        JOURNAL,
        f"UPDATE operation SET state = 'refused', body = {_REFUSED} WHERE id = {SALE}",
        "contradiction",
    ),
    "key deleted": Tampering(JOURNAL, _of_sale("DELETE FROM leg_key"), "key-missing"),
    "key of another operation": Tampering(
        JOURNAL, _of_sale(f"UPDATE leg_key SET operation = {OTHER}"), "key-missing"
    ),
    "key twice": Tampering(
        JOURNAL, copied("leg_key", f"operation = {SALE}", key="key || '0'"), "key-unknown"
    ),
    "event deleted": Tampering(JOURNAL, _of_sale("DELETE FROM event") + " AND version = 2", "events-differ"),
    # the journal's copies of the device's documents
    "copy deleted": Tampering(JOURNAL, f"DELETE FROM device_document WHERE {DOCUMENT}", "not-held"),
    "copy twice": Tampering(
        JOURNAL,
        copied("device_document", DOCUMENT, number="99", unique_number="unique_number || 'X'"),
        "missing-at-device",
    ),
    "two copies swapped": Tampering(
        JOURNAL,
        exchanged(
            "device_document",
            "text",
            _PAIR.format("device_document"),
            _THREE_AND_FOUR.format("device_document"),
        ),
        "copy-differs",
    ),
    # the receipts
    "receipt deleted": Tampering(JOURNAL, _of_sale("DELETE FROM document"), "receipt-missing"),
    "receipt one more": Tampering(
        JOURNAL,
        _of_sale("UPDATE document SET body = CAST(replace(CAST(body AS TEXT), '489', '490') AS BLOB)"),
        "receipt-differs",
    ),
    "two receipts swapped": Tampering(
        JOURNAL,
        exchanged(
            "document",
            "body",
            f"other.operation = {SALE} + {OTHER} - document.operation",
            f"document.operation IN ({SALE}, {OTHER})",
        ),
        "receipt-differs",
    ),
    # the cash book
    "entry deleted": Tampering(JOURNAL, _of_drawer("DELETE FROM entry"), "entries-unbalanced"),
    "both entries deleted": Tampering(JOURNAL, _of_sale("DELETE FROM entry"), "entries-missing"),
    "entry one more": Tampering(
        JOURNAL, _of_drawer("UPDATE entry SET amount_minor = amount_minor + 1"), "entries-unbalanced"
    ),
    "entry one less": Tampering(
        JOURNAL, _of_drawer("UPDATE entry SET amount_minor = amount_minor - 1"), "entries-unbalanced"
    ),
    "entries of another sum": Tampering(
        JOURNAL, _of_sale("UPDATE entry SET amount_minor = 2 * amount_minor"), "entries-differ"
    ),
    "posted twice": Tampering(
        JOURNAL, copied("entry", f"operation = {SALE}", id="id + 1000"), "posted-twice"
    ),
    "two operations' entries swapped": Tampering(
        JOURNAL,
        f"UPDATE entry SET operation = {SALE} + {OTHER} - operation WHERE operation IN ({SALE}, {OTHER})",
        "entries-differ",
    ),
    "entries of nothing": Tampering(
        JOURNAL, _of_sale("UPDATE entry SET operation = 999"), "entries-without-done"
    ),
    "balance deleted": Tampering(
        JOURNAL, "DELETE FROM balance WHERE till = 'till-1' AND account = 'sales'", "balance-differs"
    ),
    "balance one more": Tampering(
        JOURNAL,
        "UPDATE balance SET amount_minor = amount_minor + 1 WHERE till = 'till-1' AND account = 'drawer'",
        "balance-differs",
    ),
    "balance one less": Tampering(
        JOURNAL,
        "UPDATE balance SET amount_minor = amount_minor - 1 WHERE till = 'till-1' AND account = 'drawer'",
        "balance-differs",
    ),
    "two tills' balances swapped": Tampering(
        JOURNAL,
        exchanged(
            "balance",
            "amount_minor",
            "other.account = balance.account AND other.till <> balance.till",
            "balance.account = 'drawer'",
        ),
        "balance-differs",
    ),
}
