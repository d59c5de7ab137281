"""The one door to SQLite: connections that keep what they have committed, or refuse to open.

Intuition: a sale is safe only if `COMMIT` returns after the bytes are on the disk, in a library without
known holes, with the constraints switched on. Each of these is a setting that SQLite ignores silently when
it cannot be had (a misspelt pragma is no error), so every one is read back and compared.

Nobody else imports the driver: the package puts pysqlite3 in its place (see `tillwright/__init__.py`), and
two SQLite libraries in one process would break each other's locks.

Transactions are ours to say: connections are in autocommit mode and code writes `BEGIN IMMEDIATE`.
"""

import sqlite3
from pathlib import Path
from sqlite3 import (
    Connection,
    Cursor,
    DatabaseError,
    Error,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    Row,
)

__all__ = [
    "BUSY_TIMEOUT_MS",
    "Connection",
    "Cursor",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "OperationalError",
    "ProgrammingError",
    "Row",
    "UnsafeDatabase",
    "cannot_write",
    "check",
    "check_library",
    "connect",
    "library_version",
    "make_safe",
]

#: How long a statement waits for another connection's lock before it ends with OperationalError.
BUSY_TIMEOUT_MS = 5_000

#: From the first to the last release in which resetting the write-ahead log can lose a commit.
WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))

#: pragma → the value it must have on a connection that writes.
SAFE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: COMMIT returns when the log is on the disk
    "foreign_keys": 1,
    "recursive_triggers": 1,  # without it REPLACE deletes past the triggers that forbid deleting
    "busy_timeout": BUSY_TIMEOUT_MS,
    "trusted_schema": 0,  # a damaged or foreign file's schema may not run functions of ours
    "fullfsync": 1,  # on macOS a plain fsync leaves the data in the disk's cache
    "checkpoint_fullfsync": 1,
}


_DISK_ERRORS = frozenset({8, 10, 13, 14})
"""SQLITE_READONLY, IOERR, FULL, CANTOPEN: nothing is wrong with what is written already."""


class UnsafeDatabase(Exception):
    """This library, file or setting could lose or corrupt sales; the text says which and what to do."""


def cannot_write(error: BaseException) -> bool:
    """Whether this error, or the one behind it, says that the disk does not take what is to be written."""
    one: BaseException | None = error
    while one is not None:
        if getattr(one, "sqlite_errorcode", 0) & 0xFF in _DISK_ERRORS:
            return True
        one = one.__cause__
    return False


def library_version() -> tuple[int, ...]:
    """The version of the SQLite library behind this process, for instance (3, 53, 4)."""
    return sqlite3.sqlite_version_info


def check_library(version: tuple[int, ...] | None = None) -> None:
    """Raise UnsafeDatabase when the library has the write-ahead log's reset bug, or no such log."""
    found = library_version() if version is None else version
    _, last_bad = WAL_RESET_BUG
    if found <= last_bad:
        raise UnsafeDatabase(
            f"SQLite {_dotted(found)} can lose committed sales (its write-ahead log's reset bug, up to "
            f"{_dotted(last_bad)}). Run `make setup` on a platform with a pysqlite3 wheel, "
            f"or install a Python that is linked with SQLite 3.51.3 or newer."
        )


def connect(path: str | Path, *, read_only: bool = False, handed_over: bool = False) -> Connection:
    """Open the database file at `path` with every safety on, checked.

    Args:
        path: the file; made when it is missing, unless `read_only`.
        read_only: the file must exist, writing raises OperationalError, and the file stays as it was.
        handed_over: one thread after another uses it, never two at once; else only the opener.

    Raises:
        UnsafeDatabase: library, file system or a setting does not hold what is needed.
        OperationalError: the file cannot be opened.
    """
    check_library()
    mode = "ro" if read_only else "rwc"  # a reader that is the last to close must not clear the log away
    address = f"{Path(path).absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        address,
        uri=True,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_MS / 1000,
        check_same_thread=not handed_over,
    )
    try:
        make_safe(connection, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def make_safe(connection: Connection, *, read_only: bool = False) -> None:
    """Set and check every pragma on an open connection; for those that a framework opened."""
    for name, value in SAFE_PRAGMAS.items():
        if name == "journal_mode" and read_only:
            continue  # changing it writes; the check below still demands it
        connection.execute(f"PRAGMA {name}={value}")
    if read_only:
        connection.execute("PRAGMA query_only=1")
    check(connection, read_only=read_only)


def check(connection: Connection, *, read_only: bool = False) -> None:
    """Read every pragma back and raise UnsafeDatabase for the first that is not as needed."""
    check_library()
    for name, wanted in {**SAFE_PRAGMAS, "query_only": int(read_only)}.items():
        row = connection.execute(f"PRAGMA {name}").fetchone()
        found = row[0] if row else None
        if found != wanted:
            raise UnsafeDatabase(
                f"PRAGMA {name} is {found!r} where {wanted!r} is needed; see the disk of the file"
            )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
