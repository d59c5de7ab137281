"""What the adapters may know of the journal: the device's documents that are held, durably, and which device
was asked for what. Read from the parties' thread.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from tillwright.machine import sqlite


class Held:
    """The device's documents as they are on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite.Connection:
        connection: sqlite.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect(self._path, read_only=True)
        return connection

    def last_number(self, serial: str) -> int:
        """The highest number below which every document of the device is held."""
        value = self._value(f"held:{serial}")
        return int(value) if value else 0

    def documents(self, serial: str, above: int, limit: int) -> Sequence[str]:
        """The device's own words, in order."""
        rows = self._connection().execute(
            "SELECT text FROM device_document WHERE serial = ? AND number > ? ORDER BY number LIMIT ?",
            (serial, above, limit),
        )
        return [str(row[0]) for row in rows]

    def serial(self, till: str) -> str | None:
        """The device that the till last heard from."""
        return self._value(f"serial:{till}")

    def sent_to(self, key: str) -> str | None:
        """The device that was asked to do what this key names; None if that is not known."""
        row = self._connection().execute("SELECT serial FROM leg_key WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row and row[0] else None

    def _value(self, name: str) -> str | None:
        row = self._connection().execute("SELECT value FROM station WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None
