"""The data set against both books: what each basket has come to, counted basket by basket; pure.

A basket is sold when exactly one operation of its uids is done in the journal, exactly one document of its
uids stands at the device, and all three say the same sum. The uids are the client's own list, not the
journal's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tillwright.demo.verify_reading import Books, DocumentRow, OperationRow

SALE_KIND, SALE_DOCUMENT = "cash-sale", "sale"


@dataclass(frozen=True, slots=True)
class Intent:
    """One basket as the customer knows it: every uid that it was rung up under."""

    name: str
    till: str
    total_minor: int
    uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What one basket has come to in a book: how often, and the sums."""

    intent: Intent
    operations: tuple[OperationRow, ...]
    documents: tuple[DocumentRow, ...]

    @property
    def lost(self) -> bool:
        """A book does not have it."""
        return not self.operations or not self.documents

    @property
    def doubled(self) -> bool:
        """A book has it more than once."""
        return len(self.operations) > 1 or len(self.documents) > 1

    @property
    def off_minor(self) -> int:
        """By how much each book is off, never netted."""
        wanted_minor = self.intent.total_minor
        in_journal_minor = sum(one.total_minor for one in self.operations)
        at_device_minor = sum(one.total_minor for one in self.documents)
        return abs(in_journal_minor - wanted_minor) + abs(at_device_minor - wanted_minor)

    @property
    def elsewhere(self) -> bool:
        """It stands at another till than the one that sold it."""
        tills = {one.till for one in self.operations} | {one.till for one in self.documents}
        return bool(tills - {self.intent.till})

    @property
    def wrong(self) -> bool:
        """Anything but once in each book, with its sum, at its till."""
        return self.lost or self.doubled or self.elsewhere or self.off_minor > 0


def find(intents: Sequence[Intent], books: Books) -> list[Found]:
    """What each basket has come to in the two books."""
    done = _done_by_uid(books)
    documents = _documents_by_uid(books)
    return [
        Found(
            intent,
            tuple(done[uid] for uid in intent.uids if uid in done),
            tuple(document for uid in intent.uids for document in documents.get(uid, ())),
        )
        for intent in intents
    ]


def strangers(intents: Sequence[Intent], books: Books) -> Iterator[str]:
    """Sales in a book that no customer knows of."""
    known = {uid for intent in intents for uid in intent.uids}
    for row in books.journal.operations.values():
        if row.kind == SALE_KIND and row.uid not in known:
            yield f"{row.name} belongs to no basket"
    for document in books.device.documents:
        if document.kind == SALE_DOCUMENT and _uid(document) not in known:
            yield f"{document.name} belongs to no basket"


def _done_by_uid(books: Books) -> Mapping[str, OperationRow]:
    return {row.uid: row for row in books.journal.operations.values() if row.state == "done"}


def _documents_by_uid(books: Books) -> Mapping[str, list[DocumentRow]]:
    found: dict[str, list[DocumentRow]] = defaultdict(list)
    for document in books.device.documents:
        found[_uid(document)].append(document)
    return found


def _uid(document: DocumentRow) -> str:
    return document.key.partition(".")[0]


def sums(intents: Sequence[Intent], books: Books) -> dict[str, dict[str, int]]:
    """Count and sum of the sales in each of the three."""
    journal = [
        row.total_minor
        for row in books.journal.operations.values()
        if row.kind == SALE_KIND and row.state == "done"
    ]
    device = [one.total_minor for one in books.device.documents if one.kind == SALE_DOCUMENT]
    amounts = {
        "data set": [intent.total_minor for intent in intents],
        "journal": journal,
        "device": device,
    }
    return {name: {"operations": len(one), "sum_minor": sum(one)} for name, one in amounts.items()}
