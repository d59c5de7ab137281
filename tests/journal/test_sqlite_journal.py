"""What the journal on disk promises beside the port: its constraints, its indexes, its commits."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.journal.storages import CONTENT, UID, UIDS, document, sale
from tests.journal.worlds import NOW_MS, REQUEST, Desk
from tillwright.books.cash import Account, cash_sale
from tillwright.journal import codec, queries, schema, schema_till
from tillwright.journal.port import CommitUnknown
from tillwright.journal.records import CashCount, Grant, Queued, ShiftState, StoredRuling, Taken
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.kernel import audit
from tillwright.kernel.fault import Fault
from tillwright.machine import sqlite
from tillwright.operations import events
from tillwright.operations.states import OperationState


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    made = SqliteJournal(tmp_path / "station.db")
    create(made.connection)
    yield made
    made.close()


@pytest.fixture
def full(journal: SqliteJournal) -> SqliteJournal:
    """A row in every table."""
    ended = replace(sale(), state=OperationState.DONE)
    journal.begin()
    journal.insert(ended)
    journal.append(UID, 1, events.Started(1))
    journal.post(ended, cash_sale(568), 1)
    journal.store_document(UID, "receipt", b"{}", 1)
    journal.store_device_document(document(1))
    journal.enqueue(Queued("operator", "1", "SKO-1", 1, 568, 1, 0))
    journal.raise_fault("1", UID, Fault("fiscal.contradiction", number=1), 1)
    journal.commit()
    return journal


# ── constraints ───────────────────────────────────────────────────────────────────────────────────

APPEND_ONLY = {
    "event": "happening = 'x'",
    "entry": "amount_minor = 0",
    "leg_key": "key = 'x'",
    "device_document": "text = 'x'",
    "fault": "code = 'x'",
    "document": "body = x'00'",
}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_facts_are_only_added(full: SqliteJournal, table: str) -> None:
    before = full.connection.execute(f"SELECT * FROM {table}").fetchall()
    assert before
    for statement in (f"UPDATE {table} SET {APPEND_ONLY[table]}", f"DELETE FROM {table}"):
        with pytest.raises(sqlite.IntegrityError, match="append-only"):
            full.connection.execute(statement)
    assert full.connection.execute(f"SELECT * FROM {table}").fetchall() == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_replacing_a_fact_is_refused_too(full: SqliteJournal, table: str) -> None:
    columns = full.connection.execute(f"SELECT * FROM {table}").fetchone()
    marks = ",".join("?" * len(columns))
    with pytest.raises(sqlite.IntegrityError):
        full.connection.execute(f"REPLACE INTO {table} VALUES ({marks})", columns)


def test_an_operation_is_never_deleted(full: SqliteJournal) -> None:
    with pytest.raises(sqlite.IntegrityError, match="never deleted"):
        full.connection.execute("DELETE FROM operation")


@pytest.mark.parametrize(
    "column", ["uid = 'x'", "till = '9'", "number = 9", "kind = 'x'", "content = x'00'", "content_hash = 'x'"]
)
def test_what_an_operation_was_asked_to_do_is_fixed(full: SqliteJournal, column: str) -> None:
    with pytest.raises(sqlite.IntegrityError, match="fixed"):
        full.connection.execute(f"UPDATE operation SET {column}")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO balance (till, currency, account, amount_minor) VALUES ('1', 'EUR', 'owed', 1.5)",
        "INSERT INTO event (operation, version, at_ms, happening, body) VALUES (1, 2, 'soon', 'x', x'00')",
        "INSERT INTO event (operation, version, at_ms, happening, body) VALUES (99, 1, 1, 'x', x'00')",
        "INSERT INTO leg_key (key, operation) VALUES (NULL, 1)",
    ],
)
def test_types_and_references_are_enforced(full: SqliteJournal, statement: str) -> None:
    with pytest.raises(sqlite.IntegrityError):
        full.connection.execute(statement)


def test_every_table_is_strict_and_named_for_dropping(journal: SqliteJournal) -> None:
    found = journal.connection.execute("PRAGMA table_list").fetchall()
    ours = {row[1]: row[5] for row in found if row[0] == "main" and not row[1].startswith("sqlite_")}
    assert set(ours) == set(schema_till.ALL_TABLE_NAMES)
    assert all(ours.values())


def test_the_tables_can_be_dropped_in_the_order_that_is_named(full: SqliteJournal) -> None:
    triggers = full.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        full.connection.execute(f"DROP TRIGGER {name}")
    for table in schema_till.ALL_TABLE_NAMES:
        full.connection.execute(f"DROP TABLE {table}")
    assert full.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_what_the_first_tables_hold_is_taken_along(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "station.db")
    old = journal.connection
    for statement in schema.statements():
        old.execute(statement)
    ended = replace(sale(), state=OperationState.DONE, started_ms=900, changed_ms=1_100)
    old.execute(
        "INSERT INTO operation VALUES (1, ?, '1', 1, 'cash-sale', 'done', 1, '11', 'EUR', 568, 900, 1100, "
        "'hash', ?, ?)",
        (UID, codec.encode_content(ended.content), codec.encode_operation(ended)),
    )
    for statement in LANDED:
        old.execute(statement, {"uid": UID})
    for statement in schema_till.statements():
        old.execute(statement)
    assert journal.operation(UID) == ended
    assert journal.balance_minor("1", "EUR", Account.DRAWER) == 568
    assert journal.next_queued("operator", "1") == Queued("operator", "1", "SKO-1", 1, 568, 77, 0)
    assert journal.waiting("centre", "1").count == 0
    shift = journal.shift("1")
    assert shift is not None
    assert (shift.number, shift.state, shift.opened_ms, shift.closed_ms) == (1, "closed", 900, 1_100)
    assert journal.shift_balances("1", 1)[Account.DRAWER] == 568
    assert journal.sent_to(f"{UID}.1") is None
    journal.close()


LANDED = (
    "INSERT INTO leg_key VALUES (:uid || '.1', 1)",
    "INSERT INTO device_document VALUES ('SKO-1', 1, '1', :uid || '.1', 'U1', 1000, 'doc')",
    "INSERT INTO entry VALUES (1, 1, '1', 1, 'EUR', 'drawer', 568, 1000)",
    "INSERT INTO balance VALUES ('1', 'EUR', 'drawer', 568)",
    "INSERT INTO outbox VALUES (1, 'operator', '1', 1, 'receipt', 77, NULL)",
    "INSERT INTO outbox VALUES (2, 'centre', '1', 1, 'receipt', 77, 99)",
)

NEVER = {
    "a closed shift": ("UPDATE shift SET closed_by = 'x' WHERE number = 1", "never changes"),
    "a shift": ("DELETE FROM shift", "never deleted"),
    "a count": ("UPDATE cash_count SET counted_minor = 1", "never changed|once"),
    "its reason": ("UPDATE cash_count SET reason = 'other'", "once"),
    "a count that is thrown away": ("DELETE FROM cash_count", "never deleted"),
    "a ruling": ("UPDATE ruling SET person = 'x'", "never changed"),
    "an audit entry": ("UPDATE audit SET who = 'x'", "append-only"),
    "the end of the audit chain": ("DELETE FROM audit", "append-only"),
    "an approval": ("UPDATE approval SET used_ms = 9", "once"),
    "what was queued": ("DELETE FROM outbox", "stays"),
    "whose sale it was": ("UPDATE operation SET parent = 'x'", "fixed"),
    "above the sale": ("UPDATE refundable SET taken_minor = 569", "CHECK"),
    "beyond a sale that is not used up": ("UPDATE refundable SET beyond_minor = 1", "CHECK"),
    "above the line": ("UPDATE refundable_line SET taken_milli = 2001", "CHECK"),
    "a hold for nothing": ("INSERT INTO hold VALUES ('1', 'lunch', '11', 1)", "CHECK"),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_must_never_happen_is_refused_by_the_tables(full: SqliteJournal, name: str) -> None:
    full.begin()
    full.open_shift(ShiftState("1", 1, "open", "EUR", 1, "11"))
    full.close_shift("1", 1, 2, "11")
    full.open_shift(ShiftState("1", 2, "open", "EUR", 1, "11"))
    full.store_count(CashCount("c", "1", 1, "11", 1, "EUR", (), 5, 6, "miscounted"))
    full.store_ruling(StoredRuling(0, UID, 1, 1, True, "11", "", "", "", 1, b"{}"))
    full.append_audit(audit.entry(audit.GENESIS, 1, 1, "11", "ruling", {}))
    full.store_grant(Grant("g", UID, "refund", "1", "21", "senior", 1, 2))
    full.use_grant("g", 1)
    full.take(sale(), Taken(1, ((1, 1, 1),)), beyond=False)
    full.commit()
    statement, why = NEVER[name]
    with pytest.raises(sqlite.IntegrityError, match=why):
        full.connection.execute(statement)


# ── indexes ───────────────────────────────────────────────────────────────────────────────────────


def plans(journal: SqliteJournal, work: Callable[[], object]) -> list[str]:
    """How SQLite does the statements that the work runs, one line a step."""
    statements: list[str] = []
    journal.connection.set_trace_callback(statements.append)
    work()
    journal.connection.set_trace_callback(None)
    return [
        row[3]
        for statement in statements
        for row in journal.connection.execute("EXPLAIN QUERY PLAN " + statement)
    ]


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda j: j.unfinished(), "operation_unfinished"),
        (lambda j: j.red_numbers("1"), "operation_unfinished"),
        (lambda j: j.open_number("1"), "operation_one_open"),
        (lambda j: j.last_number("1"), "sqlite_autoindex_operation_2"),
        (lambda j: j.operation(UID), "sqlite_autoindex_operation_1"),
        (lambda j: j.last_document("SKO-1"), "PRIMARY KEY"),
        (lambda j: j.device_documents("SKO-1", 3, 9), "PRIMARY KEY"),
        (lambda j: queries.reds(j.connection, None), "operation_unfinished"),
        (lambda j: queries.open_operation(j.connection, "1"), "operation_one_open"),
        (lambda j: queries.successors(j.connection, UID), "operation_parent"),
        (lambda j: queries.shifts(j.connection, "1", 9), "PRIMARY KEY"),
        (lambda j: j.waiting("operator", "1"), "outbox_undelivered"),
        (lambda j: j.next_queued("operator", "1"), "outbox_undelivered"),
        (lambda j: j.delivered_up_to("operator", "SKO-1", 9, 1), "outbox_undelivered"),
        (lambda j: j.successor(UID), "operation_parent"),
        (lambda j: j.unchecked_rulings(9), "ruling_unchecked"),
        (lambda j: j.ruled_unique("U"), "ruling_unique_number"),
        (lambda j: j.document_named("U"), "sqlite_autoindex_device_document"),
        (lambda j: j.shift("1"), "PRIMARY KEY"),
        (lambda j: j.shift_balances("1", 1), "entry_of_shift"),
        (lambda j: page(j, "1", None), "sqlite_autoindex_operation_2"),
        (lambda j: page(j, None, None), "INTEGER PRIMARY KEY"),
        (lambda j: page(j, None, "refused"), "operation_did_not"),
        (lambda j: page(j, "1", "undone"), "operation_did_not"),
        (lambda j: page(j, "1", "red"), "operation_unfinished"),
    ],
)
def test_reading_uses_an_index(full: SqliteJournal, read: Callable[[Any], object], index: str) -> None:
    found = plans(full, lambda: read(full))
    assert any(index in line for line in found) or index == "INTEGER PRIMARY KEY"
    scanned = [line for line in found if line.startswith("SCAN") and "USING" not in line]
    assert scanned == ([] if index != "INTEGER PRIMARY KEY" else ["SCAN operation"])


def page(journal: SqliteJournal, till: str | None, state: str | None) -> object:
    return queries.page(journal.connection, till=till, state=state, after=None, limit=50)


def test_recovery_costs_the_same_after_many_operations_as_after_few(journal: SqliteJournal) -> None:
    def steps(finished: int) -> int:
        journal.begin()
        for _ in range(finished):
            number = journal.last_number("9") + 1
            uid = f"00000000-0000-4000-8000-{number:012}"
            journal.insert(replace(sale(number, "9", uid), state=OperationState.DONE))
        journal.commit()
        journal.unfinished()  # the statement is prepared by now
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        journal.connection.set_progress_handler(count, 1)
        Desk(journal).runner.recover(1)
        journal.connection.set_progress_handler(None, 0)
        return counted

    assert steps(10) == steps(1_000)


# ── commits ───────────────────────────────────────────────────────────────────────────────────────


def test_a_cash_sale_waits_for_exactly_two_commits(journal: SqliteJournal) -> None:
    statements: list[str] = []
    desk = Desk(journal)
    journal.connection.set_trace_callback(statements.append)
    desk.begin()
    assert desk.live().state is OperationState.DONE
    journal.connection.set_trace_callback(None)
    assert [statement for statement in statements if "COMMIT" in statement] == ["COMMIT", "COMMIT"]
    writes = [s for s in statements if s.startswith(("INSERT", "UPDATE"))]
    assert len([s for s in writes if "INTO operation" in s]) == 1


class FailingConnection:
    """A connection whose COMMIT fails, before or after it has worked."""

    def __init__(self, connection: sqlite.Connection, *, written: bool) -> None:
        self.connection = connection
        self.written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT":
            if self.written:
                self.connection.execute(statement)
            raise sqlite.OperationalError("disk I/O error")
        return self.connection.execute(statement, *values)


@pytest.mark.parametrize("written", [False, True])
def test_after_a_commit_that_failed_only_the_disk_knows(journal: SqliteJournal, written: bool) -> None:
    desk = Desk(journal)
    journal.connection = FailingConnection(journal.connection, written=written)  # type: ignore[assignment]
    with pytest.raises(CommitUnknown, match="disk I/O error"):
        desk.begin()
    assert desk.effects == []
    journal.reopen()
    assert (journal.operation(UID) is not None) == written
    unfinished = desk.runner.recover(NOW_MS)
    assert len(unfinished) == int(written)
    desk.process(*unfinished)
    desk.begin()
    assert desk.live().state is OperationState.DONE
    assert journal.last_number("1") == 1


def test_two_writers_do_not_get_into_each_others_batch(journal: SqliteJournal) -> None:
    other = SqliteJournal(journal.path)
    other.connection.execute("PRAGMA busy_timeout = 0")
    journal.begin()
    with pytest.raises(sqlite.OperationalError, match="locked"):
        other.begin()
    other.rollback()
    other.close()
    journal.rollback()


def test_row_numbers_are_not_remembered_for_ever(journal: SqliteJournal) -> None:
    for number in range(1, 1_100):
        journal.begin()
        uid = f"00000000-0000-4000-8000-{number:012}"
        journal.insert(replace(sale(number, uid=uid), state=OperationState.DONE))
        journal.commit()
    assert len(journal._ids) < 1_100
    journal.begin()
    first = journal.operation("00000000-0000-4000-8000-000000000001")
    assert first is not None
    journal.append(first.uid, 1, events.Printed(1))
    journal.commit()
    assert [event.happening for event in journal.events(first.uid)] == ["printed"]


def test_any_other_write_goes_through_the_same_connection(journal: SqliteJournal) -> None:
    journal.begin()
    assert journal.run(lambda connection: connection.in_transaction)
    journal.rollback()


# ── reading for people ────────────────────────────────────────────────────────────────────────────


def test_a_page_has_the_red_ones_first_and_a_cursor_for_the_next(journal: SqliteJournal) -> None:
    states = [OperationState.RED, *[OperationState.DONE] * 4, OperationState.REFUSED]
    journal.begin()
    for number, state in enumerate(states, start=1):
        journal.insert(replace(sale(number), state=state))
    journal.commit()
    first = queries.page(journal.connection, till=None, state=None, after=None, limit=3)
    assert [row.number for row in first.items] == [1, 6, 5, 4]
    second = queries.page(journal.connection, till=None, state=None, after=first.cursor, limit=3)
    assert [row.number for row in second.items] == [3, 2]
    assert second.cursor is None
    refused = queries.page(journal.connection, till="1", state="refused", after=None, limit=3)
    assert [row.number for row in refused.items] == [6]
    none = queries.page(journal.connection, till="2", state=None, after=None, limit=3)
    assert (none.items, none.cursor) == ([], None)
    with pytest.raises(queries.BadCursor):
        queries.page(journal.connection, till=None, state=None, after="nonsense", limit=3)


def test_documents_faults_balances_and_the_open_one_are_read(full: SqliteJournal) -> None:
    assert queries.document(full.connection, UID) == b"{}"
    assert queries.document(full.connection, UIDS[5]) is None
    (fault,) = queries.faults(full.connection, 9)
    assert (fault.till, fault.uid, fault.fault) == ("1", UID, Fault("fiscal.contradiction", number=1))
    assert full.waiting("operator", "1").count == 1
    assert queries.open_operation(full.connection, "1") is None
    Desk(full).begin(replace(REQUEST, uid=UIDS[1]))
    begun = queries.open_operation(full.connection, "1")
    assert begun is not None
    assert begun.content == CONTENT
    assert queries.operation(full.connection, UIDS[1]) == begun
    assert [event.happening for event in queries.events(full.connection, UIDS[1])] == ["started"]
