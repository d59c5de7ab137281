"""The audit chain on disk: what somebody does to the file by hand is found, at its place."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tillwright.journal import audit_log
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.kernel import audit
from tillwright.kernel.audit import Break, Head
from tillwright.machine import audit_files, sqlite

TABLES = """
CREATE TABLE audit (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    facts TEXT NOT NULL, previous TEXT NOT NULL UNIQUE, hash TEXT NOT NULL) STRICT;
CREATE TABLE station (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class Log:
    """A database with nothing but a chain, as somebody with a hex editor sees it: no triggers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.at_ms = 1000
        self.connection = sqlite.connect(path)
        for statement in TABLES.split(";"):
            self.connection.execute(statement)
        audit_files.make_key(path)

    def append(self, count: int = 1) -> None:
        for _ in range(count):
            self.at_ms += 1
            self.connection.execute("BEGIN IMMEDIATE")
            audit_log.append(self.connection, self.at_ms, "7", "sign-in", {"till": "till-1"})
            self.connection.execute("COMMIT")
            audit_log.keep_head(self.path)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)

    def found(self) -> tuple[int | None, Break | None]:
        verdict = audit_log.verify(self.path)
        return verdict.number, verdict.broken


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "station.db")
    yield made
    made.connection.close()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_chain_grows_and_stays_whole(log: Log) -> None:
    assert audit_log.verify(log.path).whole
    log.append(5)
    verdict = audit_log.verify(log.path)
    assert (verdict.whole, verdict.count) == (True, 5)
    head = audit_files.read_head(log.path)
    assert head == audit_log.own_head(log.connection)
    assert head is not None
    assert head.number == 5


def test_a_head_that_a_crash_left_half_written_goes_with_the_next(tmp_path: Path) -> None:
    database = tmp_path / "station.db"
    left = audit_files.head_file(database).with_name("station.db.audit-head.new")
    left.write_text("1 abc")
    head = Head(3, "a" * 64, "b" * 64)
    audit_files.write_head(database, head)
    assert audit_files.read_head(database) == head
    assert not left.exists()


def test_key_and_head_are_their_owners_alone(log: Log) -> None:
    log.append()
    assert mode_of(audit_files.key_file(log.path)) == 0o600
    assert mode_of(audit_files.head_file(log.path)) == 0o600


def test_a_key_is_made_once(log: Log) -> None:
    assert audit_files.make_key(log.path) == audit_files.read_key(log.path) == audit_files.make_key(log.path)


SECOND = "UPDATE audit SET {} WHERE number = 2"
TAMPERED: dict[str, tuple[tuple[str, ...], tuple[int, Break]]] = {
    "a fact changed": ((SECOND.format("facts = '{}'"),), (2, Break.CHANGED)),
    "a person changed": ((SECOND.format("who = '8'"),), (2, Break.CHANGED)),
    "a time changed": ((SECOND.format("at_ms = 1"),), (2, Break.CHANGED)),
    "one deleted": (("DELETE FROM audit WHERE number = 2",), (2, Break.MISSING)),
    "the first deleted": (("DELETE FROM audit WHERE number = 1",), (1, Break.MISSING)),
    "two swapped": (
        (
            "UPDATE audit SET number = 99 WHERE number = 2",
            "UPDATE audit SET number = 2 WHERE number = 3",
            "UPDATE audit SET number = 3 WHERE number = 99",
        ),
        (2, Break.MOVED),
    ),
    "the last cut off": (("DELETE FROM audit WHERE number = 4",), (4, Break.CUT_OFF)),
    "all deleted": (("DELETE FROM audit",), (1, Break.CUT_OFF)),
    "all deleted, the head too": (("DELETE FROM audit", "DELETE FROM station"), (1, Break.CUT_OFF)),
    "the head deleted": (("DELETE FROM station",), (4, Break.NO_HEAD)),
    "the head torn": (("UPDATE station SET value = 'x'",), (0, Break.FORGED)),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_to_the_table_is_found(log: Log, name: str) -> None:
    log.append(4)
    statements, wanted = TAMPERED[name]
    log.run(*statements)
    assert log.found() == wanted
    if wanted[1] is not Break.MISSING:
        log.append()  # going on makes nothing good again
        assert not audit_log.verify(log.path).whole


def test_an_old_copy_put_back_is_found_by_the_head_beside_it(log: Log, tmp_path: Path) -> None:
    log.append(2)
    log.run("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(log.path, tmp_path / "old")
    log.append(2)
    log.connection.close()
    shutil.copy(tmp_path / "old", log.path)
    for leftover in tmp_path.glob("station.db-*"):
        leftover.unlink()
    log.connection = sqlite.connect(log.path)
    assert log.found() == (3, Break.CUT_OFF)
    log.append(3)  # longer than it ever was
    assert log.found() == (4, Break.REWRITTEN)


def write_anew(log: Log, sign: Callable[[int, str], audit.Head]) -> None:
    """Somebody who knows how chains are made rewrites the second entry and all after it."""
    entries = list(audit_log.entries(log.connection))
    log.run("DELETE FROM audit")
    previous = audit.GENESIS
    for old in entries:
        who = "8" if old.number == 2 else old.who
        new = audit.entry(previous, old.number, old.at_ms, who, old.what, {"till": "till-1"})
        previous = new.hash
        log.connection.execute("INSERT INTO audit VALUES (?,?,?,?,?,?,?)", (
            new.number, new.at_ms, new.who, new.what, new.facts, new.previous, new.hash))  # fmt: skip
    log.connection.execute("UPDATE station SET value = ?", (sign(len(entries), previous).text(),))


def test_a_chain_written_anew_is_found_without_the_key(log: Log) -> None:
    log.append(4)
    write_anew(log, lambda number, hash_text: audit.sign(b"guessed" * 8, number, hash_text))
    assert log.found() == (4, Break.FORGED)


def test_a_chain_written_anew_with_the_key_is_found_by_the_head_beside_it(log: Log) -> None:
    log.append(4)
    key = audit_files.make_key(log.path)
    write_anew(log, lambda number, hash_text: audit.sign(key, number, hash_text))
    assert log.found() == (4, Break.REWRITTEN)


def test_a_new_key_makes_nothing_good_again(log: Log) -> None:
    log.append(3)
    audit_files.key_file(log.path).unlink()
    with pytest.raises(audit_log.NoKey):
        audit_log.verify(log.path)
    log.append()
    assert log.found() == (3, Break.FORGED)


def test_a_head_file_that_is_gone_is_missed(log: Log) -> None:
    log.append(3)
    audit_files.head_file(log.path).unlink()
    assert log.found() == (3, Break.NO_HEAD)
    log.append()
    assert log.found() == (4, Break.NO_HEAD)


def test_a_torn_head_file_is_missed(log: Log) -> None:
    log.append(3)
    audit_files.head_file(log.path).write_text("torn")
    log.append()
    assert log.found() == (0, Break.FORGED)


def test_a_head_file_behind_after_a_crash_is_fine_and_catches_up(log: Log) -> None:
    log.append(2)
    before = audit_files.read_head(log.path)
    log.append(2)
    assert before is not None
    audit_files.write_head(log.path, before)
    assert audit_log.verify(log.path).whole
    audit_log.keep_head(log.path)
    assert audit_files.read_head(log.path) == audit_log.own_head(log.connection)


def test_an_entry_that_was_rolled_back_leaves_no_trace(log: Log) -> None:
    log.append()
    log.run("BEGIN IMMEDIATE")
    audit_log.append(log.connection, 1, "7", "sign-out", {})
    log.run("ROLLBACK")
    audit_log.keep_head(log.path)
    log.append()
    assert audit_log.verify(log.path).whole
    assert [one.what for one in audit_log.newest(log.connection, 9)] == ["sign-in", "sign-in"]


def test_a_key_file_without_a_key_is_said_to_be_none(log: Log) -> None:
    audit_files.key_file(log.path).write_text("abcd\n")
    with pytest.raises(audit_log.NoKey):
        audit_log.verify(log.path)


def test_a_database_without_a_file_keeps_no_chain() -> None:
    connection = sqlite.Connection(":memory:")
    for statement in TABLES.split(";"):
        connection.execute(statement)
    with pytest.raises(ValueError):
        audit_log.append(connection, 1, "7", "sign-in", {})


def test_the_journal_keeps_the_head_of_what_it_appends(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    connection = sqlite.connect(path)
    create(connection)
    connection.close()
    audit_files.make_key(path)
    journal = SqliteJournal(path)
    for number in (1, 2):
        last = journal.last_audit()
        previous = last.hash if last else audit.GENESIS
        journal.begin()
        journal.append_audit(audit.entry(previous, number, 1000 + number, "50", "ruling", {"number": 118}))
        journal.commit()
        head = audit_files.read_head(path)
        assert head is not None
        assert head.number == number
    journal.close()
    assert audit_log.verify(path).whole


def test_a_head_that_cannot_be_kept_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "station.db"
    connection = sqlite.connect(path)
    create(connection)
    connection.close()
    audit_files.make_key(path)
    journal = SqliteJournal(path)

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(audit_files, "write_head", full)
        journal.begin()
        first = audit.entry(audit.GENESIS, 1, 1, "50", "ruling", {})
        journal.append_audit(first)
        journal.commit()
    assert journal.last_audit() == first
    journal.begin()
    journal.commit()
    journal.close()
    head = audit_files.read_head(path)
    assert head is not None
    assert head.number == 1
