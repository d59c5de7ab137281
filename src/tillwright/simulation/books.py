"""The devices' own books, and what they once held: the truth that the judge goes by.

It is the twin's store in memory, which also remembers what a restored backup took away: a document that the
device has forgotten and the till can hand back is neither lost nor there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tillwright.kernel.keys import uid_of_key
from tillwright.parties.control.store import Fence, MemoryStore, StoredDocument

FLOAT_KEY = "float"
"""The keys of what is put in at the device itself begin with this word."""


def owner(document: StoredDocument) -> str:
    """The uid of the operation that the document belongs to; for a float, its whole key."""
    uid = uid_of_key(document.key)
    return document.key if uid == FLOAT_KEY else uid


class DeviceBooks(MemoryStore):
    """The store of all twins of a world, watched. `cash_minor`: till → what its device counts now."""

    def __init__(self) -> None:
        super().__init__()
        self.by_owner: dict[str, dict[str, StoredDocument]] = {}
        self.cash_minor: dict[str, int] = {}
        self.ever: dict[str, list[StoredDocument]] = {}
        self.forgotten: dict[str, StoredDocument] = {}
        self.written = 0
        self.watch: Callable[[StoredDocument, bool], None] = lambda _document, _there: None
        """Told of each document that appears (True) or is gone (False)."""

    def add_documents(self, documents: Sequence[StoredDocument]) -> None:
        super().add_documents(documents)
        for document in documents:
            self.written += 1
            self.by_owner.setdefault(owner(document), {})[document.key] = document
            self.cash_minor[document.till] = self.cash_minor.get(document.till, 0) + document.cash_minor
            self.ever.setdefault(document.key, []).append(document)
            self.forgotten.pop(document.key, None)
            self.watch(document, True)

    def add_fence(self, fence: Fence) -> None:
        super().add_fence(fence)
        self.written += 1

    def forget_after(self, serial: str, moment: int) -> None:
        gone = [one for one in self.documents(serial, 0, 1_000_000) if one.moment > moment]
        super().forget_after(serial, moment)
        for document in gone:
            held = self.by_owner[owner(document)]
            del held[document.key]
            if not held:
                del self.by_owner[owner(document)]
            self.cash_minor[document.till] -= document.cash_minor
            self.forgotten[document.key] = document
            self.watch(document, False)

    def net(self, uid: str, kind: str) -> int:
        """How often the devices have done what the operation asked for, less what they have taken back."""
        return sum(1 if document.kind == kind else -1 for document in self.of(uid))

    def of(self, uid: str) -> list[StoredDocument]:
        """The documents that the devices hold for an operation."""
        return list(self.by_owner.get(uid, {}).values())
