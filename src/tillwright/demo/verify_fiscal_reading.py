"""The operator's book, and what the journal says of shifts, refunds, deliveries and its own audit chain; for
`verify`, which reads the books with SQL of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillwright.machine import sqlite

OPERATOR = "operator"
GENESIS = "0" * 64
"""What the first entry of the audit chain names as the hash before it."""


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """A document at the operator: the columns, and what its signed text says (`told`, in the same order)."""

    serial: str
    number: int
    unique_number: str
    key: str
    kind: str
    till: str
    currency: str
    total_minor: int
    told: tuple[object, ...]
    digest: bytes

    @property
    def columns(self) -> tuple[object, ...]:
        """What the columns say, to be compared with `told`."""
        return (
            self.serial, self.number, self.unique_number, self.key, self.kind, self.till, self.currency,
            self.total_minor,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OperatorBook:
    """What the operator holds, and what it will not take."""

    documents: list[OperatorRow]
    refused: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A document that the journal owes the operator, or has brought it."""

    till: str
    serial: str
    number: int
    total_minor: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift of a till; `state` is 'open' or 'closed'."""

    till: str
    number: int
    state: str


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What is kept of what went back of a sale: in all, and by line (number → thousandths, sum)."""

    operation: int
    total_minor: int
    taken_minor: int
    beyond_minor: int
    lines: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class BookedRow:
    """One entry in the cash book, with the operation's tenders, change taken off the cash."""

    operation: int
    till: str
    shift: int
    kind: str
    account: str
    amount_minor: int
    paid: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ZRow:
    """A stored Z: `sums` is (kind, tender, count, sum), `drawer` the parts of the drawer by name."""

    operation: int
    till: str
    shift: int
    number: int
    sums: frozenset[tuple[str, str, int, int]]
    drawer: dict[str, int]
    counted_minor: int | None


@dataclass(frozen=True, slots=True)
class CountRow:
    """A stored blind count."""

    uid: str
    till: str
    shift: int
    counted_minor: int
    denominations_minor: int


@dataclass(frozen=True, slots=True)
class RulingRow:
    """What a person has ruled, and what a later check made of it ('' as long as there was none)."""

    operation: int
    leg: int
    happened: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit chain; `true_hash` is what its fields give."""

    number: int
    previous: str
    hash: str
    true_hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of the audit chain as a head names it; `signed`: with the station's own key."""

    number: int
    hash: str
    signed: bool


@dataclass(frozen=True, slots=True)
class HeadFile:
    """The head that stands beside the journal, None if there is none; and the key that signs heads."""

    text: str | None
    key: bytes


@dataclass(frozen=True, slots=True)
class TillBook:
    """What the journal holds beside operations. `heads`: where a head of the audit chain stands → the
    head.
    """

    outbox: list[OutboxRow]
    shifts: list[ShiftRow]
    taken: list[TakenRow]
    returned_lines: dict[int, dict[int, tuple[int, int]]]
    """operation → line of its sale → (thousandths, sum) that it takes back"""
    booked: list[BookedRow]
    zs: list[ZRow]
    counts: list[CountRow]
    rulings: list[RulingRow]
    audit: list[AuditRow]
    heads: dict[str, Head]


def digest_of(text: str) -> bytes:
    """Stands for a document's text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


# ── the operator ────────────────────────────────────────────────────────────────────────────────────────────

_OPERATORS = """
    SELECT serial, number, unique_number, key, kind, till, currency, total_minor, text,
           json_extract(text, '$.serial'), json_extract(text, '$.number'),
           json_extract(text, '$.unique_number'), json_extract(text, '$.key'), json_extract(text, '$.kind'),
           json_extract(text, '$.till'), json_extract(text, '$.currency'), json_extract(text, '$.total_minor')
      FROM document ORDER BY serial, number
"""


def read_operator(connection: sqlite.Connection) -> OperatorBook:
    """The operator's documents and refusals."""
    documents = [_operator_row(row) for row in connection.execute(_OPERATORS)]
    refused = connection.execute("SELECT serial, number FROM refusal")
    return OperatorBook(documents, frozenset((serial, number) for serial, number in refused))


def _operator_row(row: tuple[Any, ...]) -> OperatorRow:
    values: tuple[Any, ...] = (*row[:8], row[9:], digest_of(row[8]))
    return OperatorRow(*values)


# ── the journal ─────────────────────────────────────────────────────────────────────────────────────────────

_OUTBOX = """
    SELECT till, serial, number, total_minor, delivered_ms IS NOT NULL FROM outbox WHERE receiver = 'operator'
"""
_RETURNED = """
    SELECT operation.id, json_extract(line.value, '$.of'),
           sum(json_extract(line.value, '$.quantity_milli')), sum(json_extract(line.value, '$.total_minor'))
      FROM operation, json_each(CAST(operation.content AS TEXT), '$.lines') AS line
     WHERE operation.kind IN ('refund', 'void') AND json_extract(line.value, '$.of') > 0
     GROUP BY operation.id, json_extract(line.value, '$.of')
"""
_BOOKED = """
    SELECT entry.operation, entry.till, entry.shift, operation.kind, entry.account, entry.amount_minor,
           json_extract(CAST(operation.content AS TEXT), '$.tenders'), operation.total_minor
      FROM entry JOIN operation ON operation.id = entry.operation
"""
_ZS = "SELECT operation, CAST(body AS TEXT) FROM document WHERE kind = 'z-report'"
_COUNTS = "SELECT uid, till, shift, counted_minor, CAST(body AS TEXT) FROM cash_count"
_SHIFTS = "SELECT till, number, state FROM shift ORDER BY till, number"
_RULINGS = "SELECT operation, leg, happened, verdict FROM ruling"
_DRAWER = ("start", "sales", "in", "refunds", "out", "other", "end")


def read_tills(connection: sqlite.Connection, head: HeadFile) -> TillBook:
    """All of it; `head` is what `read_head` has found before."""
    read = connection.execute
    return TillBook(
        outbox=[_outbox_row(row) for row in read(_OUTBOX)],
        shifts=[ShiftRow(*row) for row in read(_SHIFTS)],
        taken=list(_taken(connection)),
        returned_lines=_returned(connection),
        booked=[_booked_row(row) for row in read(_BOOKED)],
        zs=[_z_row(operation, json.loads(body)) for operation, body in read(_ZS)],
        counts=[_count_row(row) for row in read(_COUNTS)],
        rulings=[
            RulingRow(operation, leg, bool(happened), verdict)
            for operation, leg, happened, verdict in read(_RULINGS)
        ],
        audit=[_audit_row(row) for row in read(_AUDIT)],
        heads=dict(_heads(connection, head)),
    )


def _outbox_row(row: tuple[Any, ...]) -> OutboxRow:
    till, serial, number, total_minor, delivered = row
    return OutboxRow(till, serial, number, total_minor, bool(delivered))


def _booked_row(row: tuple[Any, ...]) -> BookedRow:
    operation, till, shift, kind, account, amount_minor, tenders, total_minor = row
    return BookedRow(operation, till, shift, kind, account, amount_minor, _paid(tenders, total_minor))


def _count_row(row: tuple[Any, ...]) -> CountRow:
    uid, till, shift, counted_minor, body = row
    return CountRow(uid, till, shift, counted_minor, _worth(body))


def _taken(connection: sqlite.Connection) -> Iterator[TakenRow]:
    lines: dict[int, dict[int, tuple[int, int]]] = {}
    for parent, line, milli, minor in connection.execute(
        "SELECT parent, line, taken_milli + beyond_milli, taken_minor + beyond_minor FROM refundable_line"
    ):
        lines.setdefault(parent, {})[line] = (milli, minor)
    rows = connection.execute("SELECT parent, total_minor, taken_minor, beyond_minor FROM refundable")
    for parent, total_minor, taken_minor, beyond_minor in rows:
        yield TakenRow(parent, total_minor, taken_minor, beyond_minor, lines.get(parent, {}))


def _returned(connection: sqlite.Connection) -> dict[int, dict[int, tuple[int, int]]]:
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for operation, line, milli, minor in connection.execute(_RETURNED):
        found.setdefault(operation, {})[line] = (milli, minor)
    return found


def _paid(tenders: str | None, total_minor: int) -> tuple[tuple[str, int], ...]:
    told: list[dict[str, Any]] = json.loads(tenders or "[]")
    if not told:
        return (("", total_minor),)
    change_minor = sum(one["amount_minor"] for one in told) - total_minor
    return tuple(
        (one["kind"], one["amount_minor"] - (change_minor if one["kind"] == "cash" else 0)) for one in told
    )


def _z_row(operation: int, told: dict[str, Any]) -> ZRow:
    sums = ((one["kind"], one["tender"], one["count"], one["amount_minor"]) for one in told["sums"])
    said = frozenset(one for one in sums if any(one[2:]))
    drawer = {name: int(told[f"cash_{name}_minor"]) for name in _DRAWER}
    counted = told["counted"]["counted_minor"] if told.get("counted") else None
    return ZRow(operation, told["till"], told["shift"], told["number"], said, drawer, counted)


def _worth(denominations: str) -> int:
    told: Iterable[tuple[int, int]] = json.loads(denominations)
    return sum(value * many for value, many in told)


# ── the audit chain ─────────────────────────────────────────────────────────────────────────────────────────

_AUDIT = "SELECT number, at_ms, who, what, facts, previous, hash FROM audit ORDER BY number"


def _audit_row(row: tuple[Any, ...]) -> AuditRow:
    number, at_ms, who, what, facts, previous, told = row
    words = json.dumps(
        [number, at_ms, who, what, facts], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    true = hashlib.sha256(f"{previous}\n{words}".encode("utf-8", "surrogatepass")).hexdigest()
    return AuditRow(number, previous, told, true)


def read_head(journal_file: Path) -> HeadFile:
    """What stands beside the journal. It is read before the journal, which can only be further on."""
    head = journal_file.with_name(f"{journal_file.name}.audit-head")
    key = journal_file.with_name(f"{journal_file.name}.audit-key")
    return HeadFile(
        head.read_text("ascii", "replace") if head.is_file() else None,
        bytes.fromhex(key.read_text("ascii").strip()) if key.is_file() else b"",
    )


def _parsed(text: str, key: bytes) -> Head:
    parts = text.split()
    if len(parts) != 3 or not parts[0].isdigit():
        return Head(0, "", False)
    told = f"audit head\n{parts[0]}\n{parts[1]}".encode()
    signature = hmac.new(key, told, hashlib.sha256).hexdigest()
    return Head(int(parts[0]), parts[1], bool(key) and signature == parts[2])


def _heads(connection: sqlite.Connection, beside: HeadFile) -> Iterator[tuple[str, Head]]:
    own = connection.execute("SELECT value FROM station WHERE name = 'audit-head'").fetchone()
    if own is not None:
        yield "journal", _parsed(own[0], beside.key)
    if beside.text is not None:
        yield "file", _parsed(beside.text, beside.key)
