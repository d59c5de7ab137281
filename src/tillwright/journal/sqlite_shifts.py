"""The journal on disk, second part: shifts, holds and counts, refunds and approvals.

The same port and the same connection as `sqlite_journal`; it stands apart so that either can be read at one
sitting.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.books.cash import Account
from tillwright.journal import codec
from tillwright.journal.port import Conflict
from tillwright.journal.records import Booked, CashCount, Grant, Hold, Refundable, ShiftState, Taken
from tillwright.machine import sqlite
from tillwright.operations.model import Operation
from tillwright.operations.refunds import LineLeft

_SHIFT = "till, number, state, currency, opened_ms, opened_by, closed_ms, closed_by"
_COUNT = "uid, till, shift, person, at_ms, currency, body, counted_minor, expected_minor, reason"
_TAKE = (
    "UPDATE refundable SET taken_minor = min(total_minor, taken_minor + beyond_minor + :minor), "
    "beyond_minor = max(0, taken_minor + beyond_minor + :minor - total_minor) WHERE parent = :parent"
)
_TAKE_LINE = (
    "UPDATE refundable_line SET "
    "taken_milli = min(quantity_milli, taken_milli + beyond_milli + :milli), "
    "beyond_milli = max(0, taken_milli + beyond_milli + :milli - quantity_milli), "
    "taken_minor = min(total_minor, taken_minor + beyond_minor + :minor), "
    "beyond_minor = max(0, taken_minor + beyond_minor + :minor - total_minor) "
    "WHERE parent = :parent AND line = :line"
)


class ShiftTables:
    """What a till's people do with shifts, cash and receipts."""

    connection: sqlite.Connection

    def _id(self, uid: str) -> int:
        raise NotImplementedError

    # ── shifts ──

    def shift(self, till: str, number: int | None = None) -> ShiftState | None:
        if number is None:
            row = self.connection.execute(
                f"SELECT {_SHIFT} FROM shift WHERE till = ? ORDER BY number DESC LIMIT 1",  # nosec B608
                (till,),
            ).fetchone()
        else:
            row = self.connection.execute(
                f"SELECT {_SHIFT} FROM shift WHERE till = ? AND number = ?",  # nosec B608  # constants
                (till, number),
            ).fetchone()
        return ShiftState(*row) if row else None

    def open_shift(self, shift: ShiftState) -> None:
        known = self.shift(shift.till)
        if known is not None and known.number >= shift.number:
            self._reopen_shift(known, shift)
            return
        _checked(
            self.connection,
            "INSERT INTO shift (till, number, state, currency, opened_ms, opened_by, closed_by) "
            "VALUES (?,?,'open',?,?,?,'')",
            (shift.till, shift.number, shift.currency, shift.opened_ms, shift.opened_by),
        )

    def _reopen_shift(self, known: ShiftState, shift: ShiftState) -> None:
        if known.is_open or known.number != shift.number:
            raise Conflict("one open shift per till, and later ones have greater numbers")
        self.connection.execute(
            "UPDATE shift SET state = 'open', closed_ms = NULL, closed_by = '' WHERE till = ? AND number = ?",
            (shift.till, shift.number),
        )

    def close_shift(self, till: str, number: int, at_ms: int, person: str) -> None:
        self.connection.execute(
            "UPDATE shift SET state = 'closed', closed_ms = ?, closed_by = ? "
            "WHERE till = ? AND number = ? AND state = 'open'",
            (at_ms, person, till, number),
        )

    def shift_balances(self, till: str, number: int) -> dict[Account, int]:
        rows = self.connection.execute(
            "SELECT account, sum(amount_minor) FROM entry INDEXED BY entry_of_shift "
            "WHERE till = ? AND shift = ? GROUP BY account",
            (till, number),
        )
        return {Account(account): int(amount_minor) for account, amount_minor in rows}

    def booked(self, till: str, number: int) -> list[Booked]:
        rows = self.connection.execute(
            "SELECT o.uid, o.kind, o.content, e.account, e.amount_minor FROM entry e "
            "INDEXED BY entry_of_shift JOIN operation o ON o.id = e.operation "
            "WHERE e.till = ? AND e.shift = ? ORDER BY e.id",
            (till, number),
        )
        return [
            Booked(uid, kind, codec.decode_content(content), Account(account), amount_minor)
            for uid, kind, content, account, amount_minor in rows
        ]

    # ── holds and counts ──

    def hold(self, till: str) -> Hold | None:
        row = self.connection.execute(
            "SELECT till, purpose, person, since_ms FROM hold WHERE till = ?", (till,)
        ).fetchone()
        return Hold(*row) if row else None

    def set_hold(self, hold: Hold) -> None:
        self.connection.execute(
            "INSERT INTO hold (till, purpose, person, since_ms) VALUES (?,?,?,?) "
            "ON CONFLICT DO UPDATE SET purpose = excluded.purpose, person = excluded.person, "
            "since_ms = excluded.since_ms",
            (hold.till, hold.purpose, hold.person, hold.since_ms),
        )

    def release_hold(self, till: str) -> None:
        self.connection.execute("DELETE FROM hold WHERE till = ?", (till,))

    def store_count(self, count: CashCount) -> None:
        values = (
            count.uid, count.till, count.shift, count.person, count.at_ms, count.currency,
            codec.encode_denominations(count.denominations), count.counted_minor, count.expected_minor,
            count.reason,
        )  # fmt: skip
        insert = f"INSERT INTO cash_count ({_COUNT}) VALUES (?,?,?,?,?,?,?,?,?,?)"  # nosec B608  # constants
        _checked(self.connection, insert, values)

    def explain_count(self, uid: str, reason: str) -> None:
        self.connection.execute("UPDATE cash_count SET reason = ? WHERE uid = ?", (reason, uid))

    def count(self, uid: str) -> CashCount | None:
        row = self.connection.execute(
            f"SELECT {_COUNT} FROM cash_count WHERE uid = ?",  # nosec B608  # constants
            (uid,),
        ).fetchone()
        return count_of(row) if row else None

    def counts(self, till: str, shift: int) -> list[CashCount]:
        rows = self.connection.execute(
            f"SELECT {_COUNT} FROM cash_count WHERE till = ? AND shift = ? ORDER BY rowid",  # nosec B608
            (till, shift),
        )
        return [count_of(row) for row in rows]

    # ── refunds ──

    def refundable(self, parent: Operation) -> Refundable:
        row = self.connection.execute(
            "SELECT total_minor - taken_minor, beyond_minor FROM refundable WHERE parent = ?",
            (self._id(parent.uid),),
        ).fetchone()
        if row is None:
            return untouched(parent)
        lines = self.connection.execute(
            "SELECT line, quantity_milli, total_minor, taken_milli, taken_minor FROM refundable_line "
            "WHERE parent = ? ORDER BY line",
            (self._id(parent.uid),),
        )
        return Refundable(int(row[0]), tuple(LineLeft(*line) for line in lines), int(row[1]))

    def take(self, parent: Operation, taken: Taken, *, beyond: bool) -> None:
        self._place_refundable(parent)
        number = self._id(parent.uid)
        try:
            if beyond:
                self._move_refundable(number, taken, 1)
            else:
                self._reserve(number, taken)
        except sqlite.IntegrityError as error:
            raise Conflict(str(error)) from error

    def _reserve(self, parent: int, taken: Taken) -> None:
        """The constraints of the tables refuse what is too much."""
        self.connection.execute(
            "UPDATE refundable SET taken_minor = taken_minor + ? WHERE parent = ?",
            (taken.total_minor, parent),
        )
        for line, milli, minor in taken.lines:
            cursor = self.connection.execute(
                "UPDATE refundable_line SET taken_milli = taken_milli + ?, taken_minor = taken_minor + ? "
                "WHERE parent = ? AND line = ?",
                (milli, minor, parent, line),
            )
            if cursor.rowcount == 0:
                raise Conflict("no such line")

    def give_back(self, parent: Operation, taken: Taken) -> None:
        self._move_refundable(self._id(parent.uid), taken, -1)

    def _move_refundable(self, parent: int, taken: Taken, sign: int) -> None:
        self.connection.execute(_TAKE, {"minor": sign * taken.total_minor, "parent": parent})
        for line, milli, minor in taken.lines:
            self.connection.execute(
                _TAKE_LINE, {"milli": sign * milli, "minor": sign * minor, "parent": parent, "line": line}
            )

    def _place_refundable(self, parent: Operation) -> None:
        number = self._id(parent.uid)
        cursor = self.connection.execute(
            "INSERT OR IGNORE INTO refundable (parent, total_minor, taken_minor, beyond_minor) "
            "VALUES (?,?,0,0)",
            (number, parent.content.total_minor),
        )
        if cursor.rowcount:
            self.connection.executemany(
                "INSERT INTO refundable_line (parent, line, quantity_milli, total_minor, taken_milli, "
                "taken_minor, beyond_milli, beyond_minor) VALUES (?,?,?,?,0,0,0,0)",
                [
                    (number, line.line, line.quantity_milli, line.total_minor)
                    for line in untouched(parent).lines
                ],
            )

    # ── approvals ──

    def store_grant(self, grant: Grant) -> None:
        _checked(
            self.connection,
            "INSERT INTO approval (id, operation, purpose, till, person, role, granted_ms, expires_ms) "
            "VALUES (?,?,?,?,?,?,?,?)",
            (
                grant.id, grant.operation, grant.purpose, grant.till, grant.person, grant.role,
                grant.granted_ms, grant.expires_ms,
            ),
        )  # fmt: skip

    def grant(self, identity: str) -> Grant | None:
        row = self.connection.execute(
            "SELECT id, operation, purpose, till, person, role, granted_ms, expires_ms FROM approval "
            "WHERE id = ? AND used_ms IS NULL",
            (identity,),
        ).fetchone()
        return Grant(*row) if row else None

    def use_grant(self, identity: str, at_ms: int) -> bool:
        cursor = self.connection.execute(
            "UPDATE approval SET used_ms = ? WHERE id = ? AND used_ms IS NULL", (at_ms, identity)
        )
        return cursor.rowcount == 1


def _checked(connection: sqlite.Connection, statement: str, values: Sequence[object]) -> None:
    try:
        connection.execute(statement, values)
    except sqlite.IntegrityError as error:
        raise Conflict(str(error)) from error


def count_of(row: Sequence[object]) -> CashCount:
    """A count from its columns."""
    body = row[6]
    if not isinstance(body, bytes):
        raise TypeError("a count without its denominations")
    return CashCount(*row[:6], codec.decode_denominations(body), *row[7:])  # type: ignore[arg-type, call-arg]


def untouched(parent: Operation) -> Refundable:
    """What may be taken back of an operation of which nothing has been."""
    lines = (
        LineLeft(number, line.quantity_milli, line.total_minor)
        for number, line in enumerate(parent.content.lines, start=1)
    )
    return Refundable(parent.content.total_minor, tuple(lines))
