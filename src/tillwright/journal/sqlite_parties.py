"""The journal on disk, third part: what goes to the parties, what they were asked and how they are; what
people ruled; the audit chain; the station's own values.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from tillwright.journal import audit_log
from tillwright.journal.port import Conflict
from tillwright.journal.records import (
    PartyState,
    Queued,
    StoredDocument,
    StoredEnquiry,
    StoredRuling,
    Waiting,
)
from tillwright.kernel.audit import AuditEntry
from tillwright.machine import sqlite

_log = structlog.get_logger(__name__)
_DOCUMENT = "serial, number, till, key, unique_number, at_ms, text"
_QUEUED = (
    "receiver, till, serial, number, total_minor, queued_ms, queued_tally_ms, delivered_ms, refused_reason, "
    "blocks"
)
_ENQUIRY = (
    "e.id, o.uid, o.till, e.receiver, e.person, e.asked_ms, e.from_ms, e.to_ms, e.answered_ms, e.body "
    "FROM enquiry e JOIN operation o ON o.id = e.operation"
)
_RULING = (
    "r.id, o.uid, r.leg, r.version, r.happened, r.person, r.second, r.reason, r.unique_number, r.at_ms, "
    "r.body, r.checked_ms, r.verdict FROM ruling r JOIN operation o ON o.id = r.operation"
)


class PartyTables:
    """What parties are told and tell, and what is kept as proof."""

    connection: sqlite.Connection
    path: Path
    _audited = False

    def _id(self, uid: str) -> int:
        raise NotImplementedError

    # ── the station's own values ──

    def value(self, name: str) -> str | None:
        row = self.connection.execute("SELECT value FROM station WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_value(self, name: str, value: str) -> None:
        self.connection.execute(
            "INSERT INTO station (name, value) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    # ── the outbox ──

    def enqueue(self, queued: Queued) -> bool:
        cursor = self.connection.execute(
            f"INSERT OR IGNORE INTO outbox ({_QUEUED}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # nosec B608
            (
                queued.receiver, queued.till, queued.serial, queued.number, queued.total_minor,
                queued.queued_ms, queued.queued_tally_ms, queued.delivered_ms, queued.refused_reason,
                int(queued.blocks),
            ),
        )  # fmt: skip
        return cursor.rowcount == 1

    def next_queued(self, receiver: str, till: str) -> Queued | None:
        row = self.connection.execute(
            "SELECT serial FROM outbox INDEXED BY outbox_undelivered "
            "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL "
            "AND (refused_reason IS NULL OR blocks) ORDER BY id LIMIT 1",
            (receiver, till),
        ).fetchone()
        if row is None:
            return None
        found = self.connection.execute(
            f"SELECT {_QUEUED} FROM outbox WHERE receiver = ? AND serial = ? "  # nosec B608  # constants
            "AND delivered_ms IS NULL AND (refused_reason IS NULL OR blocks) AND number >= ? "
            "ORDER BY number LIMIT 1",
            (receiver, row[0], self._first_waiting(receiver, till, row[0])),
        ).fetchone()
        return queued_of(found) if found else None

    def _first_waiting(self, receiver: str, till: str, serial: str) -> int:
        """The lowest number of this device that waits: looked for among what waits, not among all."""
        row = self.connection.execute(
            "SELECT min(number) FROM outbox INDEXED BY outbox_undelivered "
            "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL AND serial = ? "
            "AND (refused_reason IS NULL OR blocks)",
            (receiver, till, serial),
        ).fetchone()
        return int(row[0] or 0)

    def queued(self, receiver: str, serial: str, number: int) -> Queued | None:
        row = self.connection.execute(
            f"SELECT {_QUEUED} FROM outbox WHERE receiver = ? AND serial = ? AND number = ?",  # nosec B608
            (receiver, serial, number),
        ).fetchone()
        return queued_of(row) if row else None

    def delivered(self, receiver: str, serial: str, number: int, at_ms: int) -> bool:
        cursor = self.connection.execute(
            "UPDATE outbox SET delivered_ms = ?, refused_reason = NULL, blocks = 0 "
            "WHERE receiver = ? AND serial = ? AND number = ? AND delivered_ms IS NULL",
            (at_ms, receiver, serial, number),
        )
        return cursor.rowcount == 1

    def delivered_up_to(self, receiver: str, serial: str, number: int, at_ms: int) -> int:
        cursor = self.connection.execute(
            "UPDATE outbox SET delivered_ms = ? WHERE id IN (SELECT id FROM outbox "
            "INDEXED BY outbox_undelivered WHERE receiver = ? AND delivered_ms IS NULL AND serial = ? "
            "AND number <= ? AND refused_reason IS NULL)",
            (at_ms, receiver, serial, number),
        )
        return cursor.rowcount

    def set_aside(self, receiver: str, serial: str, number: int, reason: str, *, blocks: bool) -> None:
        self.connection.execute(
            "UPDATE outbox SET refused_reason = ?, blocks = ? "
            "WHERE receiver = ? AND serial = ? AND number = ? AND delivered_ms IS NULL",
            (reason, int(blocks), receiver, serial, number),
        )

    def deliver_again(self, receiver: str, serial: str, number: int) -> None:
        self.connection.execute(
            "UPDATE outbox SET delivered_ms = NULL, "
            "refused_reason = CASE WHEN number = ?3 THEN NULL ELSE refused_reason END, "
            "blocks = CASE WHEN number = ?3 THEN 0 ELSE blocks END "
            "WHERE receiver = ?1 AND serial = ?2 AND number >= ?3",
            (receiver, serial, number),
        )

    def retry_refused(self, receiver: str, till: str) -> None:
        self.connection.execute(
            "UPDATE outbox SET refused_reason = NULL, blocks = 0 "
            "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL AND refused_reason IS NOT NULL",
            (receiver, till),
        )

    def waiting(self, receiver: str, till: str) -> Waiting:
        row = self.connection.execute(
            "SELECT count(*), coalesce(sum(total_minor), 0), min(queued_ms), min(queued_tally_ms) "
            "FROM outbox INDEXED BY outbox_undelivered "
            "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL",
            (receiver, till),
        ).fetchone()
        return Waiting(*row)

    def refused_documents(self, receiver: str, till: str) -> list[Queued]:
        rows = self.connection.execute(
            f"SELECT {_QUEUED} FROM outbox INDEXED BY outbox_undelivered "  # nosec B608  # constants
            "WHERE receiver = ? AND till = ? AND delivered_ms IS NULL AND refused_reason IS NOT NULL "
            "ORDER BY id",
            (receiver, till),
        )
        return [queued_of(row) for row in rows]

    def queue_all(self, receiver: str, at_ms: int) -> int:
        cursor = self.connection.execute(
            "INSERT OR IGNORE INTO outbox (receiver, till, serial, number, total_minor, queued_ms, "
            "queued_tally_ms) SELECT ?1, d.till, d.serial, d.number, coalesce(o.total_minor, 0), ?2, 0 "
            "FROM device_document d LEFT JOIN leg_key k ON k.key = d.key "
            "LEFT JOIN operation o ON o.id = k.operation ORDER BY d.serial, d.number",
            (receiver, at_ms),
        )
        return cursor.rowcount

    # ── documents of the device ──

    def document_named(self, unique_number: str) -> StoredDocument | None:
        row = self.connection.execute(
            f"SELECT {_DOCUMENT} FROM device_document WHERE unique_number = ?",  # nosec B608  # constants
            (unique_number,),
        ).fetchone()
        return StoredDocument(*row) if row else None

    def sent_to(self, key: str) -> str | None:
        row = self.connection.execute("SELECT serial FROM leg_key WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row and row[0] else None

    def set_sent_to(self, key: str, serial: str) -> None:
        self.connection.execute("UPDATE leg_key SET serial = ? WHERE key = ?", (serial, key))

    def successor(self, parent: str) -> int | None:
        row = self.connection.execute(
            "SELECT number FROM operation INDEXED BY operation_parent WHERE parent = ? "
            "AND state IN ('open', 'undoing', 'red') ORDER BY id LIMIT 1",
            (parent,),
        ).fetchone()
        return int(row[0]) if row else None

    # ── enquiries and rulings ──

    def store_enquiry(self, uid: str, receiver: str, person: str, at_ms: int, window: tuple[int, int]) -> int:
        cursor = self.connection.execute(
            "INSERT INTO enquiry (operation, receiver, person, asked_ms, from_ms, to_ms) "
            "VALUES (?,?,?,?,?,?)",
            (self._id(uid), receiver, person, at_ms, *window),
        )
        return int(cursor.lastrowid or 0)

    def answer_enquiry(self, identity: int, at_ms: int, body: bytes) -> None:
        self.connection.execute(
            "UPDATE enquiry SET answered_ms = ?, body = ? WHERE id = ?", (at_ms, body, identity)
        )

    def enquiry(self, identity: int) -> StoredEnquiry | None:
        row = self.connection.execute(
            f"SELECT {_ENQUIRY} WHERE e.id = ?",  # nosec B608  # constants
            (identity,),
        ).fetchone()
        return StoredEnquiry(*row) if row else None

    def enquiries(self, uid: str) -> list[StoredEnquiry]:
        rows = self.connection.execute(
            f"SELECT {_ENQUIRY} WHERE o.uid = ? ORDER BY e.id",  # nosec B608  # constants
            (uid,),
        )
        return [StoredEnquiry(*row) for row in rows]

    def store_ruling(self, ruling: StoredRuling) -> int:
        try:
            cursor = self.connection.execute(
                "INSERT INTO ruling (operation, leg, version, happened, person, second, reason, "
                "unique_number, at_ms, body) VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    self._id(ruling.uid), ruling.leg, ruling.version, int(ruling.happened), ruling.person,
                    ruling.second, ruling.reason, ruling.unique_number, ruling.at_ms, ruling.body,
                ),
            )  # fmt: skip
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error
        return int(cursor.lastrowid or 0)

    def rulings(self, uid: str) -> list[StoredRuling]:
        rows = self.connection.execute(
            f"SELECT {_RULING} WHERE o.uid = ? ORDER BY r.id",  # nosec B608  # constants
            (uid,),
        )
        return [ruling_of(row) for row in rows]

    def unchecked_rulings(self, limit: int) -> list[StoredRuling]:
        rows = self.connection.execute(
            f"SELECT {_RULING} WHERE r.checked_ms IS NULL ORDER BY r.id LIMIT ?",  # nosec B608  # constants
            (limit,),
        )
        return [ruling_of(row) for row in rows]

    def check_ruling(self, identity: int, at_ms: int, verdict: str) -> None:
        self.connection.execute(
            "UPDATE ruling SET checked_ms = ?, verdict = ? WHERE id = ?", (at_ms, verdict, identity)
        )

    def ruled_unique(self, unique_number: str) -> str | None:
        row = self.connection.execute(
            "SELECT o.uid FROM ruling r JOIN operation o ON o.id = r.operation "
            "WHERE r.unique_number = ? AND r.unique_number <> '' ORDER BY r.id LIMIT 1",
            (unique_number,),
        ).fetchone()
        return str(row[0]) if row else None

    # ── parties and people ──

    def set_party(self, state: PartyState) -> None:
        self.connection.execute(
            "INSERT INTO party_state (till, party, state, body, at_ms) VALUES (?,?,?,?,?) "
            "ON CONFLICT DO UPDATE SET state = excluded.state, body = excluded.body, at_ms = excluded.at_ms",
            (state.till, state.party, state.state, state.body, state.at_ms),
        )

    def party(self, till: str, party: str) -> PartyState | None:
        row = self.connection.execute(
            "SELECT till, party, state, at_ms, body FROM party_state WHERE till = ? AND party = ?",
            (till, party),
        ).fetchone()
        return PartyState(*row) if row else None

    def parties(self, till: str) -> list[PartyState]:
        rows = self.connection.execute(
            "SELECT till, party, state, at_ms, body FROM party_state WHERE till = ? ORDER BY party", (till,)
        )
        return [PartyState(*row) for row in rows]

    def warned_ms(self, till: str, code: str) -> int | None:
        row = self.connection.execute(
            "SELECT first_shown_ms FROM warning WHERE till = ? AND code = ?", (till, code)
        ).fetchone()
        return int(row[0]) if row else None

    def set_warned(self, till: str, code: str, at_ms: int) -> None:
        self.connection.execute(
            "INSERT OR IGNORE INTO warning (till, code, first_shown_ms) VALUES (?,?,?)", (till, code, at_ms)
        )

    def clear_warnings(self, till: str) -> None:
        self.connection.execute("DELETE FROM warning WHERE till = ?", (till,))

    def last_audit(self) -> AuditEntry | None:
        found = audit_log.newest(self.connection, 1)
        return found[0] if found else None

    def append_audit(self, entry: AuditEntry) -> None:
        try:
            audit_log.insert(self.connection, entry)
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error
        self._audited = True

    def keep_audited(self) -> None:
        """After a commit with audit entries: keep the head of their chain beside the database too. What is
        committed stays so, whatever becomes of that file; the next commit tries again.
        """
        if not self._audited:
            return
        try:
            audit_log.keep_head(self.path)
        except (OSError, sqlite.Error):
            _log.exception("audit.head-not-kept")
        else:
            self._audited = False


def queued_of(row: Sequence[object]) -> Queued:
    """A document in the outbox from its columns."""
    return Queued(*row[:9], bool(row[9]))  # type: ignore[arg-type, call-arg]


def ruling_of(row: Sequence[object]) -> StoredRuling:
    """A ruling from its columns."""
    return StoredRuling(*row[:4], bool(row[4]), *row[5:])  # type: ignore[arg-type, call-arg]
