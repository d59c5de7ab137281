"""The data set against the books: what each intent of a customer has come to, counted one by one; pure.

An intent (a basket that is bought, or one that is brought back) is met when exactly one operation of its uids
is done in the journal, exactly one document of its uids stands at the device and at the operator, and all say
the same sum. The uids are the client's own list, not the journal's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tillwright.demo.verify_fiscal_reading import OperatorRow
from tillwright.demo.verify_reading import Books, DocumentRow, OperationRow

DOCUMENTS = {"cash-sale": "sale", "refund": "refund", "void": "annulment"}
"""kind of an intent → kind of its document"""
DATA_SET, JOURNAL, DEVICE, OPERATOR = "data set", "journal", "device", "operator"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a customer wanted, as the customer knows it: every uid that it was rung up under."""

    name: str
    till: str
    total_minor: int
    uids: tuple[str, ...]
    kind: str = "cash-sale"


@dataclass(frozen=True, slots=True)
class Found:
    """What one intent has come to in each book: how often, and the sums."""

    intent: Intent
    operations: tuple[OperationRow, ...]
    documents: tuple[DocumentRow, ...]
    delivered: tuple[OperatorRow, ...] | None
    """None where the shop has no operator"""

    @property
    def books(self) -> Mapping[str, Sequence[OperationRow | DocumentRow | OperatorRow]]:
        """Book → what it has."""
        found: dict[str, Sequence[OperationRow | DocumentRow | OperatorRow]] = {
            JOURNAL: self.operations,
            DEVICE: self.documents,
        }
        return found if self.delivered is None else {**found, OPERATOR: self.delivered}

    @property
    def lost(self) -> bool:
        """A book does not have it."""
        return any(not found for found in self.books.values())

    @property
    def doubled(self) -> bool:
        """A book has it more than once."""
        return any(len(found) > 1 for found in self.books.values())

    @property
    def off_minor(self) -> int:
        """By how much each book is off, never netted."""
        return sum(
            abs(sum(one.total_minor for one in found) - self.intent.total_minor)
            for found in self.books.values()
        )

    @property
    def elsewhere(self) -> bool:
        """It stands at another till than the one that the customer was at."""
        tills = {one.till for found in self.books.values() for one in found}
        return bool(tills - {self.intent.till})

    @property
    def wrong(self) -> bool:
        """Anything but once in each book, with its sum, at its till."""
        return self.lost or self.doubled or self.elsewhere or self.off_minor > 0


class _Standing:
    """What stands in the books for a uid: documents that were taken back, and those that took them back, do
    not.
    """

    def __init__(self, books: Books) -> None:
        self.operations = {row.uid: row for row in books.journal.operations.values() if row.state == "done"}
        devices: dict[str, list[DocumentRow]] = defaultdict(list)
        for document in books.device.documents:
            devices[_uid(document)].append(document)
        self.documents = {uid: _without_taken_back(found) for uid, found in devices.items()}
        kept = {one.unique_number for found in self.documents.values() for one in found}
        known = {one.unique_number for one in books.device.documents}
        self.delivered: dict[str, list[OperatorRow]] | None = None
        if books.operator is not None:
            self.delivered = defaultdict(list)
            for row in books.operator.documents:
                if row.unique_number in kept or row.unique_number not in known:
                    self.delivered[_uid(row)].append(row)


def _without_taken_back(found: list[DocumentRow]) -> list[DocumentRow]:
    """One operation's documents, without pairs of which one takes back the other."""
    own = {one.unique_number for one in found}
    taken_back = {one.of for one in found if one.of in own}
    return [one for one in found if one.unique_number not in taken_back and one.of not in own]


def find(intents: Sequence[Intent], books: Books) -> list[Found]:
    """What each intent has come to in the books."""
    standing = _Standing(books)
    return [_found(intent, standing) for intent in intents]


def _found(intent: Intent, standing: _Standing) -> Found:
    done, delivered = standing.operations, standing.delivered
    return Found(
        intent,
        tuple(done[uid] for uid in intent.uids if uid in done),
        tuple(one for uid in intent.uids for one in standing.documents.get(uid, ())),
        None if delivered is None else tuple(one for uid in intent.uids for one in delivered.get(uid, ())),
    )


def strangers(intents: Sequence[Intent], books: Books) -> Iterator[str]:
    """What stands in a book in the name of a customer, and no customer knows of it."""
    known = {uid for intent in intents for uid in intent.uids}
    for row in books.journal.operations.values():
        if row.kind in DOCUMENTS and row.uid not in known and row.state not in ("refused", "undone"):
            yield f"{row.name} belongs to no basket"
    for document in books.device.documents:
        if document.kind in DOCUMENTS.values() and _uid(document) not in known:
            yield f"{document.name} belongs to no basket"


def _uid(document: DocumentRow | OperatorRow) -> str:
    return document.key.partition(".")[0]


def sums(intents: Sequence[Intent], books: Books) -> dict[str, dict[str, int]]:
    """Count and sum, in each of the books, of what customers bought and brought back."""
    standing = _Standing(books)
    amounts = {
        DATA_SET: [intent.total_minor for intent in intents],
        JOURNAL: [row.total_minor for row in standing.operations.values() if row.kind in DOCUMENTS],
        DEVICE: [
            one.total_minor
            for found in standing.documents.values()
            for one in found
            if one.kind in DOCUMENTS.values()
        ],
    }
    if standing.delivered is not None:
        amounts[OPERATOR] = [
            one.total_minor
            for found in standing.delivered.values()
            for one in found
            if one.kind in DOCUMENTS.values()
        ]
    return {name: {"operations": len(one), "sum_minor": sum(one)} for name, one in amounts.items()}
