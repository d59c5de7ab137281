"""Both stores of the twins keep one contract; the one on disk survives its process and shares a commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tillwright.machine import sqlite
from tillwright.parties.control.sqlite_store import SqliteStore
from tillwright.parties.control.store import Exists, Fence, MemoryStore, Miscount, StoredDocument, TwinStore


def document(number: int, moment: int | None = None, serial: str = "A") -> StoredDocument:
    return StoredDocument(
        serial,
        number,
        f"key-{number}",
        f"{serial}-{number}",
        "sale",
        "T1",
        "EUR",
        100 + number,
        "hash",
        1_000 + number,
        f"text {number}",
        moment or number,
    )


class StoreContract:
    """What a store promises; the subclass gives the fixture `store`, empty."""

    def test_what_is_written_is_read_back(self, store: TwinStore) -> None:
        store.add_documents([document(1)])
        store.add_documents([document(2), document(3, moment=2)])
        assert store.last_number("A") == 3
        assert store.document("A", "key-2") == document(2)
        assert store.document("A", "key-9") is None
        assert list(store.documents("A", 1, 10)) == [document(2), document(3, moment=2)]
        assert list(store.documents("A", 0, 2)) == [document(1), document(2)]
        assert list(store.texts("A")) == ["text 1", "text 2", "text 3"]

    def test_an_empty_one_says_so(self, store: TwinStore) -> None:
        assert store.last_number("A") == 0
        assert store.last_moment("A") == 0
        assert list(store.documents("A", 0, 10)) == []
        assert list(store.fences("A")) == []

    def test_devices_are_apart(self, store: TwinStore) -> None:
        store.add_documents([document(1)])
        store.add_documents([document(1, serial="B")])
        store.add_fence(Fence("B", "key", 5, 2))
        assert store.last_number("A") == store.last_number("B") == 1
        assert not store.is_fenced("A", "key")
        store.reset("B")
        assert store.last_number("A") == 1
        assert store.last_number("B") == 0

    @pytest.mark.parametrize(
        "other",
        [
            replace(document(9), number=1),
            replace(document(9), key="key-1"),
            replace(document(9), unique_number="A-1"),
        ],
    )
    def test_nothing_is_written_twice_and_all_or_none(self, store: TwinStore, other: StoredDocument) -> None:
        store.add_documents([document(1)])
        with pytest.raises(Exists):
            store.add_documents([document(2), other])
        assert list(store.documents("A", 0, 10)) == [document(1)]

    def test_a_document_is_found_by_its_unique_number_and_by_what_follows_on_it(
        self, store: TwinStore
    ) -> None:
        refund = replace(document(2), kind="refund", shift=4, of="A-1", cash_minor=-102)
        store.add_documents([document(1)])
        assert store.by_unique_number("A", "A-1") == document(1)
        assert store.by_unique_number("B", "A-1") is None
        assert store.by_unique_number("A", "A-9") is None
        assert not store.followed("A", "A-1")
        store.add_documents([refund])
        assert store.document("A", "key-2") == refund
        assert store.followed("A", "A-1")
        assert not store.followed("A", "")
        assert not store.followed("B", "A-1")
        store.forget_after("A", 1)
        assert not store.followed("A", "A-1")
        assert store.by_unique_number("A", "A-2") is None

    def test_what_the_operator_has_acknowledged_outlives_a_backup_but_not_the_factory(
        self, store: TwinStore
    ) -> None:
        assert store.acknowledged("A") == 0
        store.add_documents([document(1), document(2)])
        store.acknowledge("A", 1)
        store.acknowledge("A", 2)
        store.acknowledge("B", 9)
        store.forget_after("A", 0)
        assert (store.acknowledged("A"), store.acknowledged("B")) == (2, 9)
        store.reset("A")
        assert (store.acknowledged("A"), store.acknowledged("B")) == (0, 9)

    def test_what_was_miscounted_is_a_write_like_any_other(self, store: TwinStore) -> None:
        store.add_documents([document(1)])
        first, second = Miscount("A", -568, 1, 2), Miscount("A", 32, 1, 3)
        store.add_miscount(first)
        store.add_miscount(second)
        store.add_miscount(Miscount("B", 1, 1, 9))
        assert list(store.miscounts("A")) == [first, second]
        assert store.last_moment("A") == 3
        store.forget_after("A", 2)
        assert (list(store.miscounts("A")), store.last_moment("A")) == ([first], 2)
        store.reset("A")
        assert list(store.miscounts("A")) == []
        assert len(store.miscounts("B")) == 1

    def test_a_fence_stays_as_it_was_first(self, store: TwinStore) -> None:
        store.add_fence(Fence("A", "key", 5, 1))
        store.add_fence(Fence("A", "key", 9, 2))
        assert store.is_fenced("A", "key")
        assert list(store.fences("A")) == [Fence("A", "key", 5, 1)]

    def test_everything_after_a_moment_never_was(self, store: TwinStore) -> None:
        store.add_documents([document(1, moment=1)])
        store.add_fence(Fence("A", "old", 5, 2))
        store.add_documents([document(2, moment=3)])
        store.add_fence(Fence("A", "new", 5, 4))
        assert store.last_moment("A") == 4
        store.forget_after("A", 2)
        assert store.last_number("A") == 1
        assert store.last_moment("A") == 2
        assert [fence.key for fence in store.fences("A")] == ["old"]
        store.add_documents([document(2, moment=3)])
        assert store.last_number("A") == 2

    def test_a_group_reads_what_it_wrote(self, store: TwinStore) -> None:
        with store.group():
            store.add_documents([document(1)])
            with pytest.raises(Exists):
                store.add_documents([document(1)])
            store.add_fence(Fence("A", "key", 5, 2))
            assert store.last_number("A") == 1
        assert store.last_number("A") == 1
        assert store.is_fenced("A", "key")


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> TwinStore:
        return MemoryStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TwinStore]:
        store = SqliteStore(tmp_path / "twins.db")
        yield store
        store.close()

    def test_another_reader_sees_what_is_durable_and_no_more(
        self, tmp_path: Path, store: SqliteStore
    ) -> None:
        reader = sqlite.connect(tmp_path / "twins.db", read_only=True)
        count = "SELECT count(*) FROM document"
        store.add_documents([document(1)])
        assert reader.execute(count).fetchone() == (1,)
        with store.group():
            store.add_documents([document(2)])
            assert reader.execute(count).fetchone() == (1,)
        assert reader.execute(count).fetchone() == (2,)
        reader.close()

    def test_a_group_that_fails_writes_nothing(self, store: SqliteStore) -> None:
        def fail() -> None:
            with store.group():
                store.add_documents([document(1)])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.last_number("A") == 0
        store.add_documents([document(1)])
        assert store.last_number("A") == 1

    def test_a_group_that_writes_nothing_takes_no_lock(self, tmp_path: Path, store: SqliteStore) -> None:
        other = sqlite.connect(tmp_path / "twins.db")
        with store.group():
            assert store.last_number("A") == 0
            other.execute("BEGIN IMMEDIATE")
            other.execute("COMMIT")
        other.close()

    def test_opened_again_it_is_all_there(self, tmp_path: Path, store: SqliteStore) -> None:
        store.add_documents([document(1)])
        store.add_fence(Fence("A", "key", 5, 2))
        store.close()
        again = SqliteStore(tmp_path / "twins.db")
        assert list(again.documents("A", 0, 10)) == [document(1)]
        assert again.is_fenced("A", "key")
        again.close()

    def test_the_tables_are_strict_and_named_as_promised(self, tmp_path: Path, store: SqliteStore) -> None:
        reader = sqlite.connect(tmp_path / "twins.db", read_only=True)
        tables = reader.execute(
            "SELECT name FROM pragma_table_list WHERE strict = 1 ORDER BY name"
        ).fetchall()
        assert tables == [("acknowledged",), ("document",), ("fence",), ("miscount",)]
        columns = [row[1] for row in reader.execute("PRAGMA table_info(document)")]
        assert columns == list(StoredDocument.__dataclass_fields__)
        reader.close()

    def test_a_file_from_before_shifts_opens_and_takes_what_is_new(self, tmp_path: Path) -> None:
        old = sqlite.connect(tmp_path / "old.db")
        for statement in BEFORE_SHIFTS:
            old.execute(statement)
        for number, kind in ((1, "deposit"), (2, "sale")):
            text = f'{{"tenders":{{"cash":{100 * number}}}}}'
            row = ("A", number, f"key-{number}", f"A-{number}", kind, "T1", "EUR", 300, "h", 7, text, number)
            old.execute("INSERT INTO document VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        old.execute("INSERT INTO fence VALUES ('A', 'gone', 5, 3)")
        old.close()
        for count in (2, 3):
            store = SqliteStore(tmp_path / "old.db")
            found = store.documents("A", 0, 9)
            assert len(found) == count
            assert [(one.key, one.kind, one.shift, one.of, one.cash_minor) for one in found[:2]] == [
                ("key-1", "deposit", 1, "", 100),
                ("key-2", "sale", 1, "", 200),
            ]
            assert (store.last_moment("A"), store.is_fenced("A", "gone")) == (3, True)
            if count == 2:
                store.add_documents([replace(document(3), kind="shift-close", total_minor=0)])
            store.close()


BEFORE_SHIFTS = (
    """
    CREATE TABLE document (
        serial TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        key TEXT NOT NULL,
        unique_number TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('sale', 'deposit')),
        till TEXT NOT NULL,
        currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL CHECK (total_minor > 0),
        content_hash TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        text TEXT NOT NULL,
        moment INTEGER NOT NULL,
        PRIMARY KEY (serial, number),
        UNIQUE (serial, key)
    ) STRICT
    """,
    """
    CREATE TABLE fence (
        serial TEXT NOT NULL,
        key TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        moment INTEGER NOT NULL,
        PRIMARY KEY (serial, key)
    ) STRICT
    """,
)
"""The tables as the first sale had them."""
