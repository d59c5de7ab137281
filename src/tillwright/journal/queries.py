"""Reading the journal for pages, programs and people; never while deciding."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace

from tillwright.books.cash import Account
from tillwright.journal import codec
from tillwright.journal.records import Queued, ShiftState, StoredEvent, StoredFault
from tillwright.kernel.fault import Fault
from tillwright.machine import sqlite
from tillwright.operations.model import Operation

_SUMMARY = (
    "id, uid, till, number, kind, state, version, cashier, currency, total_minor, started_ms, changed_ms"
)


_CURSOR = re.compile("o[0-9]{1,18}")


_UNFINISHED = ("INDEXED BY operation_unfinished", "state IN ('open', 'undoing', 'red') AND state = ?")
_DID_NOT = ("INDEXED BY operation_did_not", "state IN ('refused', 'undone') AND state = ?")
_RARE = {
    "open": _UNFINISHED,
    "undoing": _UNFINISHED,
    "red": _UNFINISHED,
    "refused": _DID_NOT,
    "undone": _DID_NOT,
}
"""States that few operations are in → the index that holds only those, and the condition under which it
may be used.
"""


class BadCursor(ValueError):
    """A cursor that this list has not given out."""


@dataclass(frozen=True, slots=True)
class Summary:
    """An operation as a row of a list."""

    id: int
    uid: str
    till: str
    number: int
    kind: str
    state: str
    version: int
    cashier: str
    currency: str
    total_minor: int
    started_ms: int
    changed_ms: int


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list and the cursor of the next one; None at the end."""

    items: list[Summary]
    cursor: str | None


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"o{number}".encode()).decode().rstrip("=")


def _from_cursor(text: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except ValueError as error:
        raise BadCursor(text) from error
    if not _CURSOR.fullmatch(plain) or _cursor(int(plain[1:])) != text:
        raise BadCursor(text)
    return int(plain[1:])


def operation(connection: sqlite.Connection, uid: str) -> Operation | None:
    """The current row of an operation."""
    row = connection.execute("SELECT body, content FROM operation WHERE uid = ?", (uid,)).fetchone()
    return codec.decode_operation(row[0], row[1]) if row else None


def events(connection: sqlite.Connection, uid: str) -> list[StoredEvent]:
    """All events of an operation, oldest first."""
    rows = connection.execute(
        "SELECT e.version, e.at_ms, e.happening, e.leg, e.body FROM event e "
        "JOIN operation o ON o.id = e.operation WHERE o.uid = ? ORDER BY e.version",
        (uid,),
    )
    return [StoredEvent(*row) for row in rows]


def reds(connection: sqlite.Connection, till: str | None) -> list[Summary]:
    """Red operations, oldest first; by an index that holds only what is unfinished."""
    where = "AND till = ? " if till is not None else ""
    select = (
        f"SELECT {_SUMMARY} FROM operation INDEXED BY operation_unfinished "  # nosec B608  # constants
        f"WHERE state IN ('open', 'undoing', 'red') AND state = 'red' {where}ORDER BY id"
    )
    rows = connection.execute(select, (till,) if till is not None else ())
    return [Summary(*row) for row in rows]


def page(
    connection: sqlite.Connection,
    *,
    till: str | None,
    state: str | None,
    after: str | None,
    limit: int,
    kind: str | None = None,
) -> Page:
    """Operations, newest first; on the first page the red ones stand before all others, whatever their age.

    Raises BadCursor.
    """
    limit = max(1, min(limit, 200))
    order = "number" if till is not None else "id"  # each has an index, and grows with time
    first = reds(connection, till) if state is None and after is None else []
    first = [row for row in first if kind is None or row.kind == kind]
    index, condition = _RARE.get(state or "", ("", "state = ?" if state is not None else "state <> 'red'"))
    conditions = [condition]
    values: list[str | int] = [state] if state is not None else []
    if till is not None:
        conditions.append("till = ?")
        values.append(till)
    if kind is not None:
        conditions.append("kind = ?")
        values.append(kind)
    if after is not None:
        conditions.append(f"{order} < ?")
        values.append(_from_cursor(after))
    where = " AND ".join(conditions)
    select = f"SELECT {_SUMMARY} FROM operation {index} WHERE {where} ORDER BY {order} DESC LIMIT ?"  # nosec B608
    rows = connection.execute(select, (*values, limit + 1)).fetchall()
    items = [Summary(*row) for row in rows[:limit]]
    last = getattr(items[-1], order) if items else 0
    return Page(first + items, _cursor(last) if len(rows) > limit else None)


def document(connection: sqlite.Connection, uid: str) -> bytes | None:
    """The stored document of an operation."""
    row = connection.execute(
        "SELECT d.body FROM document d JOIN operation o ON o.id = d.operation WHERE o.uid = ?", (uid,)
    ).fetchone()
    return bytes(row[0]) if row else None


def balance_minor(connection: sqlite.Connection, till: str, currency: str, account: Account) -> int:
    """The running sum of an account of a till."""
    row = connection.execute(
        "SELECT amount_minor FROM balance WHERE till = ? AND currency = ? AND account = ?",
        (till, currency, account.value),
    ).fetchone()
    return int(row[0]) if row else 0


def successors(connection: sqlite.Connection, uid: str) -> list[Summary]:
    """The operations that take this one back, oldest first."""
    rows = connection.execute(
        f"SELECT {_SUMMARY} FROM operation INDEXED BY operation_parent "  # nosec B608  # constants
        "WHERE parent = ? ORDER BY id",
        (uid,),
    )
    return [Summary(*row) for row in rows]


def shifts(connection: sqlite.Connection, till: str, limit: int) -> list[ShiftState]:
    """The newest shifts of a till first."""
    rows = connection.execute(
        "SELECT till, number, state, currency, opened_ms, opened_by, closed_ms, closed_by FROM shift "
        "WHERE till = ? ORDER BY number DESC LIMIT ?",
        (till, limit),
    )
    return [ShiftState(*row) for row in rows]


def waiting_documents(connection: sqlite.Connection, receiver: str, till: str, limit: int) -> list[Queued]:
    """What a receiver does not have: documents that it refused first, then the oldest."""
    rows = connection.execute(
        "SELECT receiver, till, serial, number, total_minor, queued_ms, queued_tally_ms, delivered_ms, "
        "refused_reason, blocks FROM outbox INDEXED BY outbox_undelivered "
        "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL "
        "ORDER BY refused_reason IS NULL, id LIMIT ?",
        (receiver, till, limit),
    )
    return [replace(Queued(*row), blocks=bool(row[9])) for row in rows]


def summary_of(operation: Operation, row: int = 0) -> Summary:
    """An operation that is at hand as a row of a list."""
    content = operation.content
    return Summary(
        row, operation.uid, operation.till, operation.number, operation.kind, operation.state.value,
        operation.version, operation.cashier, content.currency, content.total_minor, operation.started_ms,
        operation.changed_ms,
    )  # fmt: skip


def open_operation(connection: sqlite.Connection, till: str) -> Operation | None:
    """The till's open operation, if there is one."""
    row = connection.execute(
        "SELECT body, content FROM operation WHERE till = ? AND state = 'open'", (till,)
    ).fetchone()
    return codec.decode_operation(row[0], row[1]) if row else None


def faults(connection: sqlite.Connection, limit: int) -> list[StoredFault]:
    """The newest faults first."""
    rows = connection.execute(
        "SELECT f.at_ms, f.till, o.uid, f.code, f.facts FROM fault f "
        "LEFT JOIN operation o ON o.id = f.operation ORDER BY f.id DESC LIMIT ?",
        (limit,),
    )
    return [
        StoredFault(at_ms, till, uid, Fault(code, **codec.decode_facts(facts)))
        for at_ms, till, uid, code, facts in rows
    ]
