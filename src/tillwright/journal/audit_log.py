"""The audit chain of a station on disk: append an entry, keep its head in two places, check it all.

An entry is appended inside the transaction of what it tells of, and its signed head with it. After the commit
the head is written to a file beside the database as well (`keep_head`): a file that is some entries behind is
fine, one that is ahead of the database, or names another hash, is proof that somebody was at it. So a head
file that the database contradicts is never overwritten, and a head that this station did not sign is never
replaced by one that it did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from tillwright.kernel import audit
from tillwright.kernel.audit import GENESIS, AuditEntry, Head, Verdict
from tillwright.kernel.fault import Fact
from tillwright.machine import audit_files, sqlite

HEAD = "audit-head"
"""The name of the station's row that holds the signed head."""

_FIELDS = "number, at_ms, who, what, facts, previous, hash"
_log = structlog.get_logger(__name__)
_keeping = threading.Lock()


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


def append(
    connection: sqlite.Connection, at_ms: int, who: str, what: str, facts: Mapping[str, Fact]
) -> AuditEntry:
    """Append an entry, inside the transaction that is open on the writer's connection.

    `who`: the person's number, '' for one that nobody has. Facts never hold a PIN, a token or a card number.
    """
    before = _last(connection)
    number, previous = (before.number, before.hash) if before else audit.EMPTY
    entry = audit.entry(previous, number + 1, at_ms, who, what, facts)
    insert(connection, entry)
    return entry


def insert(connection: sqlite.Connection, entry: AuditEntry) -> None:
    """Write the next entry and sign the head. IntegrityError if it does not follow the last one."""
    connection.execute(
        f"INSERT INTO audit ({_FIELDS}) VALUES (?,?,?,?,?,?,?)",  # nosec B608  # constants
        (entry.number, entry.at_ms, entry.who, entry.what, entry.facts, entry.previous, entry.hash),
    )
    _sign(connection, entry)


def _sign(connection: sqlite.Connection, entry: AuditEntry) -> None:
    """Sign the new head, if the head before it was ours and named the entry before."""
    key = audit_files.make_key(_path(connection))
    own = own_head(connection) or (audit.sign(key, *audit.EMPTY) if entry.number == 1 else None)
    if own is None or not audit.is_signed(key, own) or (own.number + 1, own.hash) != _follows(entry):
        _log.error("audit.broken", number=entry.number)
        return
    connection.execute(
        "INSERT INTO station (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (HEAD, audit.sign(key, entry.number, entry.hash).text()),
    )


def _follows(entry: AuditEntry) -> tuple[int, str]:
    return entry.number, entry.previous


def _path(connection: sqlite.Connection) -> Path:
    [main] = [row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"]
    if not main:
        raise ValueError("an audit chain stands in a file, beside its key")
    return Path(main)


def keep_head(database: Path) -> None:
    """Bring the head file up to date; after a commit, by any thread. Only ever forward, along the chain."""
    with _keeping:
        key, beside = audit_files.make_key(database), _head_beside(database)
        connection = sqlite.connect(database, read_only=True)
        try:
            own = own_head(connection)
            fits = beside is not None and audit.is_signed(key, beside) and _holds(connection, beside)
        finally:
            connection.close()
        if own is None or own == beside:
            return
        if beside is None or not fits:
            _log.error("audit.head-contradicts", number=beside.number if beside else None)
        elif own.number > beside.number:
            audit_files.write_head(database, own)


def _holds(connection: sqlite.Connection, head: Head) -> bool:
    if head.number == 0:
        return True
    row = connection.execute("SELECT hash FROM audit WHERE number = ?", (head.number,)).fetchone()
    return row is not None and row[0] == head.hash


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def _last(connection: sqlite.Connection) -> AuditEntry | None:
    found = newest(connection, 1)
    return found[0] if found else None


def newest(connection: sqlite.Connection, limit: int) -> list[AuditEntry]:
    """The newest entries first."""
    select = f"SELECT {_FIELDS} FROM audit ORDER BY number DESC LIMIT ?"  # nosec B608  # constants
    return [AuditEntry(*row) for row in connection.execute(select, (limit,))]


def entries(connection: sqlite.Connection) -> Iterator[AuditEntry]:
    """All entries in order, read as they are asked for."""
    select = f"SELECT {_FIELDS} FROM audit ORDER BY number"  # nosec B608  # constants
    return (AuditEntry(*row) for row in connection.execute(select))


def own_head(connection: sqlite.Connection) -> Head | None:
    """The signed head that stands with the entries. One that cannot be read is a head that nobody signed."""
    row = connection.execute("SELECT value FROM station WHERE name = ?", (HEAD,)).fetchone()
    return _parsed(str(row[0])) if row else None


def _parsed(text: str) -> Head:
    try:
        return audit.parse_head(text)
    except ValueError:
        return Head(0, GENESIS, "unreadable")


# ── checking ──────────────────────────────────────────────────────────────────────────────────────


class NoKey(Exception):
    """The key file is missing, or holds no key: nothing can be said about who wrote the chain."""


def verify(database: Path) -> Verdict:
    """Check the chain of a database, also while its station runs. Raises NoKey, OperationalError."""
    beside = _head_beside(database)  # first: the database can only be further on
    key = _key(database)
    connection = sqlite.connect(database, read_only=True)
    try:
        connection.execute("BEGIN")  # one moment for the entries and their head
        return audit.verify(entries(connection), key, own_head(connection), {"file": beside})
    finally:
        connection.close()


def _key(database: Path) -> bytes:
    try:
        key = audit_files.read_key(database)
    except ValueError as error:
        raise NoKey(str(error)) from error
    if key is None:
        raise NoKey(f"{audit_files.key_file(database).name} is missing")
    return key


def _head_beside(database: Path) -> Head | None:
    try:
        return audit_files.read_head(database)
    except ValueError:
        return Head(0, GENESIS, "unreadable")
