"""SQLite as we open it: safe, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from tillwright.machine import sqlite


def test_the_standard_name_is_the_one_library_that_we_check() -> None:
    import importlib

    driver = importlib.import_module("sqlite3")
    assert driver.connect is importlib.import_module("pysqlite3").connect
    assert driver.sqlite_version_info == sqlite.library_version()


def test_django_gets_the_same_library() -> None:
    code = "import tillwright; from django.db.backends.sqlite3 import base; print(base.Database.__name__)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "pysqlite3.dbapi2"


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_a_library_that_can_lose_commits_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(sqlite.UnsafeDatabase, match=r"SQLite 3\.\d+\.\d+ can lose"):
        sqlite.check_library(version)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_library_without_the_bug_is_taken(version: tuple[int, ...]) -> None:
    sqlite.check_library(version)


def test_connect_refuses_an_old_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "library_version", lambda: (3, 40, 1))
    with pytest.raises(sqlite.UnsafeDatabase):
        sqlite.connect(tmp_path / "journal.db")
    assert not (tmp_path / "journal.db").exists()


def test_every_safety_is_on(tmp_path: Path) -> None:
    connection = sqlite.connect(tmp_path / "journal.db")
    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in sqlite.SAFE_PRAGMAS}
    assert found == sqlite.SAFE_PRAGMAS
    assert connection.isolation_level is None
    connection.close()


def test_foreign_keys_hold(tmp_path: Path) -> None:
    connection = sqlite.connect(tmp_path / "journal.db")
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    connection.execute("CREATE TABLE child (parent_id INTEGER REFERENCES parent)")
    with pytest.raises(sqlite.IntegrityError):
        connection.execute("INSERT INTO child VALUES (1)")
    connection.close()


def test_reader_sees_and_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "journal with space & 100%.db"
    writer = sqlite.connect(path)
    writer.execute("CREATE TABLE sale (id)")
    reader = sqlite.connect(path, read_only=True)
    assert reader.execute("SELECT count(*) FROM sale").fetchone() == (0,)
    with pytest.raises(sqlite.OperationalError, match="readonly"):
        reader.execute("INSERT INTO sale VALUES (1)")
    reader.close()
    writer.close()


def test_a_reader_that_closes_last_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    """After a crash the log is evidence, and clearing it away is the station's business."""
    code = (
        "import os, sys; from tillwright.machine import sqlite; c = sqlite.connect(sys.argv[1]);"
        "c.execute('CREATE TABLE sale (id)'); c.execute('INSERT INTO sale VALUES (1)'); os._exit(9)"
    )
    path = tmp_path / "journal.db"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    files = [path, tmp_path / "journal.db-wal"]
    before = [file.read_bytes() for file in files]
    reader = sqlite.connect(path, read_only=True)
    assert reader.execute("SELECT id FROM sale").fetchone() == (1,)
    reader.close()
    assert [file.read_bytes() for file in files] == before


def test_reader_does_not_make_a_file(tmp_path: Path) -> None:
    with pytest.raises(sqlite.OperationalError):
        sqlite.connect(tmp_path / "absent.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_reader_refuses_a_file_without_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    writer = sqlite.connect(path)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("CREATE TABLE sale (id)")
    writer.close()
    with pytest.raises(sqlite.UnsafeDatabase, match="journal_mode"):
        sqlite.connect(path, read_only=True)


def test_a_safety_switched_off_later_is_found(tmp_path: Path) -> None:
    connection = sqlite.connect(tmp_path / "journal.db")
    sqlite.check(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    with pytest.raises(sqlite.UnsafeDatabase, match="synchronous is 1 where 2"):
        sqlite.check(connection)
    connection.close()


def test_a_misspelt_pragma_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sqlite.SAFE_PRAGMAS, "foreing_keys", 1)
    with pytest.raises(sqlite.UnsafeDatabase, match="foreing_keys is None"):
        sqlite.connect(tmp_path / "journal.db")


def test_a_busy_database_is_waited_for_only_so_long(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    first, second = sqlite.connect(path), sqlite.connect(path)
    second.execute("PRAGMA busy_timeout=0")
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite.OperationalError, match="locked"):
        second.execute("BEGIN IMMEDIATE")
    first.execute("ROLLBACK")
    first.close()
    second.close()
