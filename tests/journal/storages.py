"""Both journals for one suite: where they are kept, and how what a crash leaves is opened again."""

from pathlib import Path
from typing import Protocol

from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import JournalPort
from tillwright.journal.records import StoredDocument
from tillwright.journal.sqlite_journal import SqliteJournal, create
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender

UIDS = tuple(f"00000000-0000-4000-8000-{number:012}" for number in range(1, 10))
UID = UIDS[0]
CONTENT = Content("EUR", 568, (Line("tea", "Tea", 2_000, 568, 284),), (Tender("cash", 568),))


class Storage(Protocol):
    """A place where a journal is kept."""

    def open(self) -> JournalPort:
        """The journal as it is there: after a crash, what was committed."""

    def close(self) -> None:
        """Give back what is open."""


class InMemory:
    """A crash takes the batch, and leaves what was committed."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()

    def open(self) -> MemoryJournal:
        self.journal.rollback()
        return self.journal

    def close(self) -> None:
        self.journal.rollback()


class InAFile:
    """A crash takes the connection, and leaves the file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "station.db"
        self.opened: list[SqliteJournal] = []

    def open(self) -> SqliteJournal:
        self.close()
        fresh = not self.path.exists()
        journal = SqliteJournal(self.path)
        self.opened.append(journal)
        if fresh:
            create(journal.connection)
        return journal

    def close(self) -> None:
        for journal in self.opened:
            journal.close()
        self.opened.clear()


def sale(number: int = 1, till: str = "1", uid: str | None = None) -> Operation:
    """A cash sale that has just begun."""
    name = uid or UIDS[number - 1]
    legs = planned_legs(name, KINDS["cash-sale"])
    return Operation(
        name, till, number, "cash-sale", "11", 1, CONTENT, "hash", 1_000, 1_000, legs, version=1
    )  # fmt: skip


def document(number: int, serial: str = "SKO-1", text: str = "", unique: str = "") -> StoredDocument:
    """A document of a device."""
    return StoredDocument(
        serial, number, "1", f"{UID}.{number}", unique or f"{serial}/{number}", 2_000, text or f"doc {number}"
    )  # fmt: skip
