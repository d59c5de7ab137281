"""Tillwright: a point-of-sale runtime that always knows what happened to the money.

Importing the package does one thing: it puts `pysqlite3` in the place of the standard library's `sqlite3`.
Two SQLite libraries on one file in one process break each other's locks, and many a Python is linked with
a SQLite whose write-ahead log can lose data, so there is one library per process and it is the newer one.
Where pysqlite3 ships no ready-built wheel, the system's library stays and `tillwright.machine.sqlite`
refuses it if it is unsafe.
"""

import sys

__version__ = "0.1.0"


def _use_one_sqlite_library() -> None:
    """Make every later `import sqlite3`, Django's too, receive pysqlite3."""
    try:
        import pysqlite3
        from pysqlite3 import dbapi2
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2


_use_one_sqlite_library()
