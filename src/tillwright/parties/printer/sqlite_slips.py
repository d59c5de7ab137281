"""Printed slips on disk, for the twins of a real process."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tillwright.parties.durable import DurableFile
from tillwright.parties.printer.slips import Printed

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS slip (
        serial TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (serial, number)
    ) WITHOUT ROWID
    """,
)
_WRITER = msgspec.json.Encoder()
_READER = msgspec.json.Decoder(Printed)


class SqliteSlips(DurableFile):
    """A file of slips."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, SCHEMA)

    def keep(self, serial: str, slip: Printed) -> None:
        """Add a slip; a number that is taken raises IntegrityError."""
        with self.all_or_none():
            row = (serial, slip.number, _WRITER.encode(slip))
            self.connection.execute("INSERT INTO slip (serial, number, body) VALUES (?, ?, ?)", row)

    def slips(self, serial: str) -> tuple[Printed, ...]:
        """All slips of a printer, the first one first."""
        rows = self.connection.execute("SELECT body FROM slip WHERE serial = ? ORDER BY number", (serial,))
        return tuple(_READER.decode(body) for (body,) in rows)

    def last_number(self, serial: str) -> int:
        """The number of its newest slip; 0 before the first."""
        row = self.connection.execute("SELECT max(number) FROM slip WHERE serial = ?", (serial,)).fetchone()
        return int(row[0] or 0)

    def forget(self, serial: str) -> None:
        """Throw them all away."""
        with self.all_or_none():
            self.connection.execute("DELETE FROM slip WHERE serial = ?", (serial,))
