"""The tables that came second: shifts, refunds, approvals, what goes to the operator and what people ruled.

A migration that has been used is never changed, so the first tables stand in `schema` as they were, and these
are laid over them. What must hold whatever the program does is a constraint here too: one open shift per
till; refunds never above their sale; one unfinished successor of a receipt; each document once for each
receiver; a closed shift and an audit entry never change.
"""

from __future__ import annotations

from tillwright.journal import schema

ADDED = """
ALTER TABLE operation ADD COLUMN parent TEXT;
ALTER TABLE operation ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX operation_one_successor ON operation (parent)
    WHERE parent IS NOT NULL AND reopened = 0 AND state IN ('open', 'undoing', 'red');
CREATE INDEX operation_parent ON operation (parent) WHERE parent IS NOT NULL;

CREATE INDEX entry_of_shift ON entry (till, shift);

DROP TRIGGER leg_key_no_update;
ALTER TABLE leg_key ADD COLUMN serial TEXT NOT NULL DEFAULT '';
"""

OUTBOX = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    till TEXT NOT NULL,
    serial TEXT NOT NULL,
    number INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    queued_tally_ms INTEGER NOT NULL,
    delivered_ms INTEGER,
    refused_reason TEXT,
    blocks INTEGER NOT NULL DEFAULT 0,
    UNIQUE (receiver, serial, number),
    FOREIGN KEY (serial, number) REFERENCES device_document (serial, number)
) STRICT;
CREATE INDEX outbox_undelivered
    ON outbox (receiver, till, id, queued_ms, queued_tally_ms, total_minor) WHERE delivered_ms IS NULL;
"""

_TAKEN_ALONG = """
INSERT OR IGNORE INTO outbox
    (receiver, till, serial, number, total_minor, queued_ms, queued_tally_ms, delivered_ms)
    SELECT q.receiver, q.till, d.serial, d.number, o.total_minor, q.queued_ms, 0, q.delivered_ms
    FROM outbox_first q JOIN operation o ON o.id = q.operation
    JOIN leg_key k ON k.operation = o.id JOIN device_document d ON d.key = k.key
    ORDER BY q.id;
DROP TABLE outbox_first;
INSERT INTO shift (till, number, state, currency, opened_ms, closed_ms, opened_by, closed_by)
    SELECT till, 1, 'closed', max(currency), min(started_ms), max(changed_ms), '', ''
    FROM operation GROUP BY till;
"""
"""Before there were shifts, each till was in its first one; documents were queued by operation."""

TABLES = """
CREATE TABLE shift (
    till TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    currency TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    opened_by TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    PRIMARY KEY (till, number),
    CHECK ((state = 'closed') = (closed_ms IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shift_one_open ON shift (till) WHERE state = 'open';

CREATE TABLE hold (
    till TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('count', 'close', 'correction')),
    person TEXT NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cash_count (
    uid TEXT NOT NULL PRIMARY KEY,
    till TEXT NOT NULL,
    shift INTEGER NOT NULL,
    person TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    currency TEXT NOT NULL,
    body BLOB NOT NULL,
    counted_minor INTEGER NOT NULL,
    expected_minor INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX cash_count_of_shift ON cash_count (till, shift);

CREATE TABLE refundable (
    parent INTEGER NOT NULL PRIMARY KEY REFERENCES operation (id),
    total_minor INTEGER NOT NULL,
    taken_minor INTEGER NOT NULL CHECK (taken_minor >= 0 AND taken_minor <= total_minor),
    beyond_minor INTEGER NOT NULL CHECK (beyond_minor >= 0),
    CHECK (beyond_minor = 0 OR taken_minor = total_minor)
) STRICT;

CREATE TABLE refundable_line (
    parent INTEGER NOT NULL REFERENCES operation (id),
    line INTEGER NOT NULL,
    quantity_milli INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    taken_milli INTEGER NOT NULL CHECK (taken_milli >= 0 AND taken_milli <= quantity_milli),
    taken_minor INTEGER NOT NULL CHECK (taken_minor >= 0 AND taken_minor <= total_minor),
    beyond_milli INTEGER NOT NULL CHECK (beyond_milli >= 0),
    beyond_minor INTEGER NOT NULL CHECK (beyond_minor >= 0),
    PRIMARY KEY (parent, line),
    CHECK (beyond_milli = 0 OR taken_milli = quantity_milli),
    CHECK (beyond_minor = 0 OR taken_minor = total_minor)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    id TEXT NOT NULL PRIMARY KEY,
    operation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    till TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE enquiry (
    id INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES operation (id),
    receiver TEXT NOT NULL,
    person TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    answered_ms INTEGER,
    body BLOB
) STRICT;
CREATE INDEX enquiry_of ON enquiry (operation);

CREATE TABLE ruling (
    id INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES operation (id),
    leg INTEGER NOT NULL,
    version INTEGER NOT NULL,
    happened INTEGER NOT NULL,
    person TEXT NOT NULL,
    second TEXT NOT NULL,
    reason TEXT NOT NULL,
    unique_number TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    checked_ms INTEGER,
    verdict TEXT NOT NULL DEFAULT '',
    UNIQUE (operation, version)
) STRICT;
CREATE INDEX ruling_unchecked ON ruling (id) WHERE checked_ms IS NULL;
CREATE INDEX ruling_unique_number ON ruling (unique_number) WHERE unique_number <> '';

CREATE TABLE party_state (
    till TEXT NOT NULL,
    party TEXT NOT NULL,
    state TEXT NOT NULL,
    body BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (till, party)
) STRICT, WITHOUT ROWID;

CREATE TABLE warning (
    till TEXT NOT NULL,
    code TEXT NOT NULL,
    first_shown_ms INTEGER NOT NULL,
    PRIMARY KEY (till, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    facts TEXT NOT NULL,
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL
) STRICT;
"""

TABLE_NAMES = (
    "audit",
    "warning",
    "party_state",
    "ruling",
    "enquiry",
    "approval",
    "refundable_line",
    "refundable",
    "cash_count",
    "hold",
    "shift",
)
"""In an order in which they can be dropped."""

_NEVER = "CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{why}'); END"

_GUARDS = (
    ("leg_key_no_update", "UPDATE OF key, operation ON leg_key", "leg_key is append-only"),
    ("operation_parent_fixed", "UPDATE OF parent ON operation", "what an operation takes back is fixed"),
    ("audit_no_update", "UPDATE ON audit", "audit is append-only"),
    ("audit_no_delete", "DELETE ON audit", "audit is append-only"),
    ("cash_count_no_delete", "DELETE ON cash_count", "a count is never deleted"),
    (
        "cash_count_no_update",
        "UPDATE OF uid, till, shift, person, at_ms, body, counted_minor, expected_minor ON cash_count",
        "a count is never changed",
    ),
    ("cash_count_explained_once", "UPDATE ON cash_count WHEN OLD.reason <> ''", "a reason is given once"),
    ("shift_no_delete", "DELETE ON shift", "a shift is never deleted"),
    (
        "shift_closed",
        (
            "UPDATE ON shift WHEN OLD.state = 'closed' AND EXISTS "
            "(SELECT 1 FROM shift later WHERE later.till = OLD.till AND later.number > OLD.number)"
        ),
        "a closed shift never changes",
    ),
    ("approval_used_once", "UPDATE ON approval WHEN OLD.used_ms IS NOT NULL", "an approval serves once"),
    ("outbox_no_delete", "DELETE ON outbox", "what was queued is delivered or stays"),
    ("ruling_no_delete", "DELETE ON ruling", "a ruling is never deleted"),
    (
        "ruling_no_update",
        "UPDATE OF operation, leg, version, happened, person, second, reason, body ON ruling",
        "a ruling is never changed",
    ),
    ("enquiry_no_delete", "DELETE ON enquiry", "an enquiry is never deleted"),
)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def statements() -> list[str]:
    """Every statement that brings the first tables to this form, with what is in them."""
    return [
        *_split(ADDED),
        "DROP INDEX outbox_undelivered",
        "ALTER TABLE outbox RENAME TO outbox_first",
        *_split(OUTBOX),
        *_split(TABLES),
        *_split(_TAKEN_ALONG),
        *(_NEVER.format(name=name, what=what, why=why) for name, what, why in _GUARDS),
    ]


def reverse_statements() -> list[str]:
    """Every statement that takes these tables away again and leaves the first ones; what stood in the outbox
    by number cannot be told by operation, and goes.
    """
    first = [part.strip() for part in schema.TABLES.split(";")]
    outbox = [part for part in first if part and "outbox" in part.splitlines()[0]]
    return [
        *(f"DROP TABLE {name}" for name in (*TABLE_NAMES, "outbox")),
        *outbox,
        "DROP TRIGGER operation_parent_fixed",
        "DROP INDEX operation_one_successor",
        "DROP INDEX operation_parent",
        "DROP INDEX entry_of_shift",
        "ALTER TABLE operation DROP COLUMN parent",
        "ALTER TABLE operation DROP COLUMN reopened",
        "DROP TRIGGER leg_key_no_update",
        "ALTER TABLE leg_key DROP COLUMN serial",
        _NEVER.format(name="leg_key_no_update", what="UPDATE ON leg_key", why="leg_key is append-only"),
    ]


ALL_TABLE_NAMES = (*TABLE_NAMES, *schema.TABLE_NAMES)
"""Every table of the journal, in an order in which they can be dropped."""
