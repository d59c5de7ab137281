"""The journal's tables, in SQL, in one place.

Facts append, balances derive: events, entries, leg keys and the device's documents are only ever added
(triggers refuse anything else); an operation has one current row beside its events, written in the same
commit; a balance is the running sum of its entries, likewise. The rules that must hold whatever the program
does are constraints here: a key once and for ever, one open operation per till, one number per till.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE operation (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    till TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    cashier TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    content BLOB NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (till, number)
) STRICT;
CREATE UNIQUE INDEX operation_one_open ON operation (till) WHERE state = 'open';
CREATE INDEX operation_unfinished ON operation (state, till) WHERE state IN ('open', 'undoing', 'red');
CREATE INDEX operation_did_not ON operation (state, till, number) WHERE state IN ('refused', 'undone');

CREATE TABLE leg_key (
    key TEXT NOT NULL PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES operation (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    operation INTEGER NOT NULL REFERENCES operation (id),
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    happening TEXT NOT NULL,
    leg INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (operation, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES operation (id),
    till TEXT NOT NULL,
    shift INTEGER NOT NULL,
    currency TEXT NOT NULL,
    account TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE balance (
    till TEXT NOT NULL,
    currency TEXT NOT NULL,
    account TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (till, currency, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    operation INTEGER NOT NULL REFERENCES operation (id),
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (operation, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_document (
    serial TEXT NOT NULL,
    number INTEGER NOT NULL,
    till TEXT NOT NULL,
    key TEXT NOT NULL,
    unique_number TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (serial, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    till TEXT NOT NULL,
    operation INTEGER NOT NULL REFERENCES operation (id),
    document TEXT NOT NULL,
    queued_ms INTEGER NOT NULL,
    delivered_ms INTEGER
) STRICT;
CREATE INDEX outbox_undelivered ON outbox (receiver, till, id) WHERE delivered_ms IS NULL;

CREATE TABLE fault (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    till TEXT NOT NULL,
    operation INTEGER REFERENCES operation (id),
    code TEXT NOT NULL,
    facts BLOB NOT NULL
) STRICT;

CREATE TABLE station (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

_APPEND_ONLY = ("event", "entry", "leg_key", "device_document", "fault", "document")


def _guards() -> str:
    statements = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    statements.append(
        "CREATE TRIGGER operation_no_delete BEFORE DELETE ON operation "
        "BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END;"
    )
    statements.append(
        "CREATE TRIGGER operation_identity "
        "BEFORE UPDATE OF uid, till, number, kind, content, content_hash ON operation "
        "BEGIN SELECT RAISE(ABORT, 'what an operation was asked to do is fixed'); END;"
    )
    return "\n".join(statements)


TRIGGERS = _guards()

TABLE_NAMES = (
    "fault",
    "outbox",
    "device_document",
    "document",
    "balance",
    "entry",
    "event",
    "leg_key",
    "operation",
    "station",
)
"""In an order in which they can be dropped."""


def statements() -> list[str]:
    """Every statement that makes an empty journal, one by one."""
    tables = [part.strip() for part in TABLES.split(";") if part.strip()]
    triggers = [part.strip() + "; END" for part in TRIGGERS.split("; END;") if part.strip()]
    return tables + triggers


def reverse_statements() -> list[str]:
    """Every statement that takes an empty journal away again; triggers and indexes go with their tables."""
    return [f"DROP TABLE {name}" for name in TABLE_NAMES]
