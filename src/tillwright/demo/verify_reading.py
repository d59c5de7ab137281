"""The books as they lie on the disk, for `verify`: read with SQL of its own.

Nothing here knows how the program writes or reads its books; that is the point. What a row means is read
from its columns and from the JSON in them, so that a mistake that writer and reader share still shows.

The station may be running meanwhile. Each book is read in one transaction of its own, so each is consistent
in itself; and they are read in a sandwich: a mark of the journal first (what had ended and what had been
delivered by then), then the operator, then the devices, then the journal. Whatever had been delivered at the
mark, the operator must hold; whatever the operator holds, a device must have written; whatever had ended at
the mark, a device must hold; and whatever a device holds, the journal must have begun.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tillwright.demo.verify_fiscal_reading import (
    OperatorBook,
    TillBook,
    digest_of,
    read_head,
    read_operator,
    read_tills,
)
from tillwright.machine import sqlite

JOURNAL_FILE = "station.db"
TWINS_SETTINGS = "twins.toml"
TWINS_FILE = "twins.db"
OPERATOR_FILE = "operator.db"


class NoBooks(Exception):
    """The folder does not hold both books; the text says which is missing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the journal was at a moment: the newest operation, those that had not ended, and the documents
    (serial, number) that the operator had taken.
    """

    last_id: int
    unfinished: frozenset[int]
    delivered: frozenset[tuple[str, int]]

    def had_ended(self, operation: int) -> bool:
        """Whether the operation with this id had ended then."""
        return operation <= self.last_id and operation not in self.unfinished


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation; `content_minor` and `lines_minor` are what its content says of the total."""

    id: int
    uid: str
    till: str
    number: int
    kind: str
    state: str
    version: int
    currency: str
    total_minor: int
    content_hash: str
    started_ms: int
    posted: int
    content_minor: int
    lines_minor: int | None
    """None where the content has no lines: an operation that was taken over from the device's record."""
    shift: int
    parent: str
    """the uid of the operation that it takes back or pays out; empty: none"""
    owed: bool
    """what it was to pay out has not been handed out"""
    exchange_minor: int
    """what the other half of an exchange has paid of it"""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.kind} {self.number} of {self.till}"


@dataclass(frozen=True, slots=True)
class LegRow:
    """One leg of an operation, with the references in its evidence."""

    operation: int
    key: str
    state: str
    serial: str | None
    number: int | None
    unique_number: str | None
    action: str
    target: int | None
    """the number of the leg that this one takes back"""
    leg: int


@dataclass(frozen=True, slots=True)
class PostingRow:
    """What an operation's entries come to on one account; `count` of them."""

    operation: int
    till: str
    currency: str
    account: str
    count: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A stored receipt, and what it says."""

    operation: int
    uid: str | None
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A document of the device as the journal holds it; `digest` stands for its text."""

    serial: str
    number: int
    key: str
    unique_number: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document at the device: the columns, and what its signed text says (`told`, in the same order)."""

    serial: str
    number: int
    key: str
    unique_number: str
    kind: str
    till: str
    currency: str
    total_minor: int
    content_hash: str
    shift: int
    of: str
    """the unique number of the document that it takes back"""
    cash_minor: int
    told: tuple[object, ...]
    digest: bytes

    @property
    def name(self) -> str:
        """What people call it."""
        return f"document {self.number} of device {self.serial}"

    @property
    def columns(self) -> tuple[object, ...]:
        """What the columns say, to be compared with `told`."""
        return (
            self.serial, self.number, self.key, self.unique_number, self.kind, self.till, self.currency,
            self.total_minor, self.content_hash, self.shift, self.of, self.cash_minor,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JournalBook:
    """The journal of one station."""

    operations: dict[int, OperationRow]
    legs: list[LegRow]
    keys: dict[str, int]
    events: dict[int, int]
    """operation → how many events it has"""
    first_events: dict[int, str]
    """operation → the happening that it began with"""
    postings: list[PostingRow]
    balances: dict[tuple[str, str, str], int]
    """(till, currency, account) → the running sum"""
    receipts: list[ReceiptRow]
    held: dict[tuple[str, int], HeldRow]
    marks: dict[str, int]
    """serial → the number up to which the journal says that it holds every document"""
    undelivered: int
    reds: frozenset[int]
    """operations that have ever been red"""
    ruled: dict[str, int]


@dataclass(frozen=True, slots=True)
class DeviceBook:
    """The truth of all devices of one shop. `miscounted`: serial → by how much its counters are wrong."""

    documents: list[DocumentRow]
    fences: frozenset[tuple[str, str]]
    miscounted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Books:
    """The books of one folder, and the mark that was taken before them. `operator` is None where the shop has
    none.
    """

    folder: Path
    mark: Mark
    operator: OperatorBook | None
    device: DeviceBook
    journal: JournalBook
    tills: TillBook


def read_books(folder: Path) -> Books:
    """Read all books. Raises NoBooks; sqlite.Error for files that are none."""
    journal_file, device_file, operator_file = find_files(folder)
    head = read_head(journal_file)
    with _snapshot(journal_file) as connection:
        mark = _mark(connection)
    operator = None
    if operator_file is not None:
        with _snapshot(operator_file) as connection:
            operator = read_operator(connection)
    with _snapshot(device_file) as connection:
        device = _device(connection)
    with _snapshot(journal_file) as connection:
        journal, tills = _journal(connection), read_tills(connection, head)
    return Books(folder, mark, operator, device, journal, tills)


def find_files(folder: Path) -> tuple[Path, Path, Path | None]:
    """The files of the journal, the devices and the operator in a data folder; no operator, no file. Raises
    NoBooks.
    """
    journal, settings = folder / JOURNAL_FILE, folder / TWINS_SETTINGS
    told = tomllib.loads(settings.read_text("utf-8")) if settings.is_file() else {}
    store = folder / str(told.get("store", TWINS_FILE))
    operator = folder / str(told.get("operator", {}).get("store", OPERATOR_FILE))
    wanted = [(journal, "a station's journal"), (store, "the twins' truth")]
    if "operator" in told:
        wanted.append((operator, "the operator's truth"))
    for file, what in wanted:
        if not file.is_file():
            raise NoBooks(f"{folder}: {what} ({file.name}) is missing")
    return journal, store, operator if operator.is_file() else None


@contextmanager
def _snapshot(file: Path) -> Iterator[sqlite.Connection]:
    """A connection that sees one state of the file, whatever is written meanwhile."""
    connection = sqlite.connect(file, read_only=True)
    try:
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")
    finally:
        connection.close()


# ── the journal ─────────────────────────────────────────────────────────────────────────────────────────────

_OPERATIONS = """
    SELECT id, uid, till, number, kind, state, version, currency, total_minor, content_hash, started_ms,
           json_extract(CAST(body AS TEXT), '$.posted'),
           json_extract(CAST(content AS TEXT), '$.total_minor'),
           (SELECT sum(json_extract(value, '$.total_minor'))
              FROM json_each(CAST(content AS TEXT), '$.lines')),
           json_extract(CAST(body AS TEXT), '$.shift'),
           coalesce(parent, json_extract(CAST(content AS TEXT), '$.parent'), ''),
           coalesce(json_extract(CAST(body AS TEXT), '$.owed'), 0),
           (SELECT coalesce(sum(json_extract(value, '$.amount_minor')), 0)
              FROM json_each(CAST(content AS TEXT), '$.tenders')
             WHERE json_extract(value, '$.kind') = 'exchange')
      FROM operation
"""
_LEGS = """
    SELECT operation.id, json_extract(leg.value, '$.key'), json_extract(leg.value, '$.state'),
           json_extract(leg.value, '$.evidence.facts.serial'),
           json_extract(leg.value, '$.evidence.facts.document_number'),
           json_extract(leg.value, '$.evidence.facts.unique_number'),
           json_extract(leg.value, '$.action'), json_extract(leg.value, '$.target'),
           json_extract(leg.value, '$.number')
      FROM operation, json_each(CAST(operation.body AS TEXT), '$.legs') AS leg
"""
_POSTINGS = """
    SELECT operation, till, currency, account, count(*), sum(amount_minor)
      FROM entry GROUP BY operation, till, currency, account
"""
_BALANCES = "SELECT till, currency, account, amount_minor FROM balance"
_RECEIPTS = """
    SELECT operation, json_extract(CAST(body AS TEXT), '$.uid'),
           json_extract(CAST(body AS TEXT), '$.total_minor')
      FROM document
"""
_REDS = """
    SELECT operation FROM fault
     WHERE code = 'fiscal.red-cheque-status-unknown' AND operation IS NOT NULL
     UNION SELECT id FROM operation WHERE state = 'red'
"""
_RULED = """
    SELECT happening, count(*) FROM event
     WHERE happening IN ('ruled_happened', 'ruled_did_not') GROUP BY happening
"""


def _mark(connection: sqlite.Connection) -> Mark:
    last_id = connection.execute("SELECT coalesce(max(id), 0) FROM operation").fetchone()[0]
    rows = connection.execute("SELECT id FROM operation WHERE state IN ('open', 'undoing', 'red')")
    taken = connection.execute("SELECT serial, number FROM outbox WHERE delivered_ms IS NOT NULL")
    unfinished = frozenset(int(row[0]) for row in rows)
    return Mark(int(last_id), unfinished, frozenset((serial, number) for serial, number in taken))


def _journal(connection: sqlite.Connection) -> JournalBook:
    read = connection.execute
    return JournalBook(
        operations={row[0]: OperationRow(*row) for row in read(_OPERATIONS)},
        legs=[LegRow(*row) for row in read(_LEGS)],
        keys=dict(read("SELECT key, operation FROM leg_key")),
        events=dict(read("SELECT operation, count(*) FROM event GROUP BY operation")),
        first_events=dict(read("SELECT operation, happening FROM event WHERE version = 1")),
        postings=[PostingRow(*row) for row in read(_POSTINGS)],
        balances={
            row[:3]: row[3] for row in read("SELECT till, currency, account, amount_minor FROM balance")
        },
        receipts=[ReceiptRow(*row) for row in read(_RECEIPTS)],
        held={(row.serial, row.number): row for row in _held(connection)},
        marks=_held_marks(connection),
        undelivered=read("SELECT count(*) FROM outbox WHERE delivered_ms IS NULL").fetchone()[0],
        reds=frozenset(row[0] for row in read(_REDS)),
        ruled=dict(read(_RULED)),
    )


def _held(connection: sqlite.Connection) -> Iterator[HeldRow]:
    rows = connection.execute("SELECT serial, number, key, unique_number, text FROM device_document")
    for serial, number, key, unique_number, text in rows:
        yield HeldRow(serial, number, key, unique_number, digest_of(text))


def _held_marks(connection: sqlite.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT substr(name, 6), value FROM station WHERE name LIKE 'held:%'")
    return {serial: int(value) for serial, value in rows}


# ── the device ──────────────────────────────────────────────────────────────────────────────────────────────

_DOCUMENTS = """
    SELECT serial, number, key, unique_number, kind, till, currency, total_minor, content_hash, shift, "of",
           cash_minor, text,
           json_extract(text, '$.serial'), json_extract(text, '$.number'), json_extract(text, '$.key'),
           json_extract(text, '$.unique_number'), json_extract(text, '$.kind'), json_extract(text, '$.till'),
           json_extract(text, '$.currency'), json_extract(text, '$.total_minor'),
           json_extract(text, '$.content_hash'), json_extract(text, '$.shift'), json_extract(text, '$.of'),
           coalesce(json_extract(text, '$.tenders.cash'), 0)
               * iif(kind IN ('refund', 'annulment', 'withdrawal'), -1, 1)
      FROM document ORDER BY serial, number
"""


def _device(connection: sqlite.Connection) -> DeviceBook:
    documents = [_document(row) for row in connection.execute(_DOCUMENTS)]
    fences = connection.execute("SELECT serial, key FROM fence")
    return DeviceBook(documents, frozenset((serial, key) for serial, key in fences), _miscounted(connection))


def _miscounted(connection: sqlite.Connection) -> dict[str, int]:
    """By how much each device's cash counters have gone wrong; a file of an older twin has no such table."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'miscount'").fetchone() is None:
        return {}
    rows = connection.execute("SELECT serial, sum(amount_minor) FROM miscount GROUP BY serial")
    return {serial: int(sum_minor) for serial, sum_minor in rows}


def _document(row: tuple[Any, ...]) -> DocumentRow:
    values: tuple[Any, ...] = (*row[:12], row[13:], digest_of(row[12]))
    return DocumentRow(*values)
