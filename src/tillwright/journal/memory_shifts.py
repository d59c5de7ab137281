"""The journal in memory, second part: shifts, holds and counts, refunds and approvals."""

from __future__ import annotations

from dataclasses import replace

from tillwright.books.cash import Account, Entry
from tillwright.journal.memory_undo import Undoing
from tillwright.journal.port import Conflict
from tillwright.journal.records import Booked, CashCount, Grant, Hold, Refundable, ShiftState, Taken
from tillwright.operations.model import Operation
from tillwright.operations.refunds import LineLeft


class _Claims:
    """What all refunds of a sale, or of a line of it, come to, in one measure; above `total` it is beyond."""

    def __init__(self, total: int, claimed: int = 0) -> None:
        self.total = total
        self.claimed = claimed

    @property
    def left(self) -> int:
        return max(0, self.total - self.claimed)

    @property
    def beyond(self) -> int:
        return max(0, self.claimed - self.total)


_Lines = dict[int, tuple[int, int, int, int]]
"""Line → quantity, total, claimed quantity, claimed sum."""


class MemoryShifts(Undoing):
    """What a till's people do with shifts, cash and receipts."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: dict[str, Operation] = {}
        self.entries: list[tuple[str, str, str, Entry]] = []
        self.entry_shifts: list[int] = []
        self.numbers: dict[str, int] = {}
        self.shifts: dict[tuple[str, int], ShiftState] = {}
        self.newest: dict[str, int] = {}
        self.holds: dict[str, Hold] = {}
        self.cash_counts: dict[str, CashCount] = {}
        self.taken_back: dict[str, tuple[int, int, _Lines]] = {}
        self.grants: dict[str, tuple[Grant, int | None]] = {}

    # ── shifts ──

    def shift(self, till: str, number: int | None = None) -> ShiftState | None:
        return self.shifts.get((till, self.newest.get(till, 0) if number is None else number))

    def open_shift(self, shift: ShiftState) -> None:
        newest = self.shift(shift.till)
        opened = replace(shift, state="open", closed_ms=None, closed_by="")
        if newest is not None and (newest.is_open or newest.number > shift.number):
            raise Conflict("one open shift per till, and later ones have greater numbers")
        if newest is not None and newest.number == shift.number:
            opened = replace(newest, state="open", closed_ms=None, closed_by="")
        self._set(self.shifts, (shift.till, shift.number), opened)
        self._set(self.newest, shift.till, shift.number)

    def close_shift(self, till: str, number: int, at_ms: int, person: str) -> None:
        shift = self.shifts.get((till, number))
        if shift is not None and shift.is_open:
            closed = replace(shift, state="closed", closed_ms=at_ms, closed_by=person)
            self._set(self.shifts, (till, number), closed)

    def _entries_of(self, till: str, number: int) -> list[tuple[str, Entry]]:
        return [
            (uid, entry)
            for (uid, of_till, _, entry), shift in zip(self.entries, self.entry_shifts, strict=True)
            if of_till == till and shift == number
        ]

    def shift_balances(self, till: str, number: int) -> dict[Account, int]:
        found: dict[Account, int] = {}
        for _, entry in self._entries_of(till, number):
            found[entry.account] = found.get(entry.account, 0) + entry.amount_minor
        return found

    def booked(self, till: str, number: int) -> list[Booked]:
        found = []
        for uid, entry in self._entries_of(till, number):
            operation = self.operations[uid]
            found.append(Booked(uid, operation.kind, operation.content, entry.account, entry.amount_minor))
        return found

    # ── holds and counts ──

    def hold(self, till: str) -> Hold | None:
        return self.holds.get(till)

    def set_hold(self, hold: Hold) -> None:
        self._set(self.holds, hold.till, hold)

    def release_hold(self, till: str) -> None:
        if till in self.holds:
            self._drop(self.holds, till)

    def store_count(self, count: CashCount) -> None:
        if count.uid in self.cash_counts:
            raise Conflict("uid of a count")
        self._set(self.cash_counts, count.uid, count)

    def explain_count(self, uid: str, reason: str) -> None:
        if uid in self.cash_counts:
            self._set(self.cash_counts, uid, replace(self.cash_counts[uid], reason=reason))

    def count(self, uid: str) -> CashCount | None:
        return self.cash_counts.get(uid)

    def counts(self, till: str, shift: int) -> list[CashCount]:
        return [count for count in self.cash_counts.values() if (count.till, count.shift) == (till, shift)]

    # ── refunds ──

    def refundable(self, parent: Operation) -> Refundable:
        total_minor, claimed_minor, lines = self.taken_back.get(parent.uid) or _untouched(parent)
        whole = _Claims(total_minor, claimed_minor)
        left = tuple(
            LineLeft(line, milli, minor, milli - _Claims(milli, took).left, minor - _Claims(minor, cost).left)
            for line, (milli, minor, took, cost) in sorted(lines.items())
        )
        return Refundable(whole.left, left, whole.beyond)

    def take(self, parent: Operation, taken: Taken, *, beyond: bool) -> None:
        total_minor, claimed_minor, lines = self.taken_back.get(parent.uid) or _untouched(parent)
        after = self._claimed(lines, taken, 1)
        claimed_minor += taken.total_minor
        if not beyond and (
            claimed_minor > total_minor
            or any(line not in lines for line, _, _ in taken.lines)
            or any(
                after[line][2] > after[line][0] or after[line][3] > after[line][1]
                for line, _, _ in taken.lines
            )
        ):
            raise Conflict("more than the sale")
        self._set(self.taken_back, parent.uid, (total_minor, claimed_minor, after))

    def give_back(self, parent: Operation, taken: Taken) -> None:
        if parent.uid in self.taken_back:
            total_minor, claimed_minor, lines = self.taken_back[parent.uid]
            after = self._claimed(lines, taken, -1)
            self._set(self.taken_back, parent.uid, (total_minor, claimed_minor - taken.total_minor, after))

    def _claimed(self, lines: _Lines, taken: Taken, sign: int) -> _Lines:
        after = dict(lines)
        for line, milli, minor in taken.lines:
            if line in after:
                quantity, total_minor, took, cost_minor = after[line]
                after[line] = (quantity, total_minor, took + sign * milli, cost_minor + sign * minor)
        return after

    # ── approvals ──

    def store_grant(self, grant: Grant) -> None:
        if grant.id in self.grants:
            raise Conflict("id of an approval")
        self._set(self.grants, grant.id, (grant, None))

    def grant(self, identity: str) -> Grant | None:
        grant, used_ms = self.grants.get(identity, (None, None))
        return grant if used_ms is None else None

    def use_grant(self, identity: str, at_ms: int) -> bool:
        grant = self.grant(identity)
        if grant is None:
            return False
        self._set(self.grants, identity, (grant, at_ms))
        return True


def _untouched(parent: Operation) -> tuple[int, int, _Lines]:
    lines = {
        number: (line.quantity_milli, line.total_minor, 0, 0)
        for number, line in enumerate(parent.content.lines, start=1)
    }
    return parent.content.total_minor, 0, lines
