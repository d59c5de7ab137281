"""The truth of the operator's twin: the documents that it holds, and what it knows of devices and tills.

Every document and every refusal has a moment, a number that grows with each write. An operator that is
restored from an old backup is one for which everything after some moment never was; what it knew of the
devices' contacts is then unknown, not old.

A program that compares books reads the table `document` with SQL of its own: its columns are the fields of
StoredDocument.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from tillwright.parties.operator.messages import Asked, TillState


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of a device; `registered_ms` by the device's clock, `received_ms` by the operator's, `via`
    who brought it first.
    """

    unique_number: str
    serial: str
    number: int
    key: str
    kind: str
    till: str
    currency: str
    total_minor: int
    registered_ms: int
    received_ms: int
    via: str
    text: str
    moment: int


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """A document that the operator will not take; `seen`: it has been brought, and set aside."""

    serial: str
    number: int
    reason: str
    seen: bool
    moment: int


@dataclass(frozen=True, slots=True)
class StoredContact:
    """When a device was last heard of, by which way, and what was queued then."""

    serial: str
    till: str
    at_ms: int
    via: str
    queued: int | None


@dataclass(frozen=True, slots=True)
class StoredTill:
    """How a till stands."""

    till: str
    state: TillState = "active"
    reason: str = ""
    date_ms: int | None = None


class OperatorStore(Protocol):
    """What the operator keeps. A write that has returned is on the disk, unless it stands in a `group`."""

    def last_moment(self) -> int:
        """The moment of the last write that still stands; 0 if there is none."""

    def document(self, unique_number: str) -> StoredDocument | None:
        """The document of this unique number."""

    def numbered(self, serial: str, number: int) -> StoredDocument | None:
        """The document of this number of a device."""

    def numbers(self) -> Sequence[tuple[str, int]]:
        """Serial and number of every document."""

    def find(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        """The documents that a question means, in the order in which they came, at most so many."""

    def newest(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        """The same documents as `find`, those that came last first."""

    def documents(self, above: int, limit: int) -> Sequence[StoredDocument]:
        """The documents after a moment, in the order in which they came, at most so many."""

    def refusals(self) -> Sequence[StoredRefusal]:
        """All that is refused, in the order of the orders."""

    def contact(self, serial: str) -> StoredContact | None:
        """The last contact of a device."""

    def newest_contact(self, till: str) -> StoredContact | None:
        """The contact of the device that was last heard of from this till."""

    def contacts(self) -> Sequence[StoredContact]:
        """The last contact of every device, by serial."""

    def till(self, till: str) -> StoredTill:
        """How a till stands; one that was never spoken of is active."""

    def tills(self) -> Sequence[StoredTill]:
        """All tills that were spoken of."""

    def add_document(self, document: StoredDocument) -> None:
        """Write it; its unique number and its number are free."""

    def set_refusal(self, refusal: StoredRefusal) -> None:
        """Write it, in place of one for the same document."""

    def lift_refusal(self, serial: str, number: int) -> None:
        """Refuse this document no longer."""

    def set_contact(self, contact: StoredContact) -> None:
        """Write it, in place of the device's last."""

    def set_till(self, till: StoredTill) -> None:
        """Write how a till stands."""

    def forget_after(self, moment: int) -> None:
        """No document and no refusal after the moment ever was; contacts are unknown."""

    def reset(self) -> None:
        """Nothing was ever written."""

    def group(self) -> AbstractContextManager[object]:
        """Writes inside it reach the disk together, when it ends."""


class MemoryStore:
    """A store without a disk: for the simulation and for tests."""

    def __init__(self) -> None:
        self._documents: dict[str, StoredDocument] = {}
        self._refusals: dict[tuple[str, int], StoredRefusal] = {}
        self._index()
        self._contacts: dict[str, StoredContact] = {}
        self._tills: dict[str, StoredTill] = {}

    def _index(self) -> None:
        self._numbers = {(one.serial, one.number): one for one in self._documents.values()}

    def last_moment(self) -> int:
        moments = [one.moment for one in self._refusals.values()]
        newest = next(reversed(self._documents.values()), None)
        return max([0, *moments, *([newest.moment] if newest else [])])

    def document(self, unique_number: str) -> StoredDocument | None:
        return self._documents.get(unique_number)

    def numbered(self, serial: str, number: int) -> StoredDocument | None:
        return self._numbers.get((serial, number))

    def numbers(self) -> Sequence[tuple[str, int]]:
        return list(self._numbers)

    def find(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        return self._found(self._candidates(asked), asked, limit)

    def newest(self, asked: Asked, limit: int) -> Sequence[StoredDocument]:
        return self._found(self._candidates(asked)[::-1], asked, limit)

    def _found(
        self, candidates: Sequence[StoredDocument], asked: Asked, limit: int
    ) -> Sequence[StoredDocument]:
        found: list[StoredDocument] = []
        for document in candidates:
            if document.moment > asked.after and is_meant(document, asked):
                found.append(document)
                if len(found) == limit:
                    break
        return found

    def _candidates(self, asked: Asked) -> Sequence[StoredDocument]:
        if asked.unique is not None:
            one = self._documents.get(asked.unique)
            return [one] if one else []
        return list(self._documents.values())

    def documents(self, above: int, limit: int) -> Sequence[StoredDocument]:
        return [one for one in self._documents.values() if one.moment > above][:limit]

    def refusals(self) -> Sequence[StoredRefusal]:
        return sorted(self._refusals.values(), key=lambda one: one.moment)

    def contact(self, serial: str) -> StoredContact | None:
        return self._contacts.get(serial)

    def newest_contact(self, till: str) -> StoredContact | None:
        of_till = [one for one in self._contacts.values() if one.till == till]
        return max(of_till, key=lambda one: (one.at_ms, one.serial), default=None)

    def contacts(self) -> Sequence[StoredContact]:
        return [self._contacts[serial] for serial in sorted(self._contacts)]

    def till(self, till: str) -> StoredTill:
        return self._tills.get(till) or StoredTill(till)

    def tills(self) -> Sequence[StoredTill]:
        return [self._tills[till] for till in sorted(self._tills)]

    def add_document(self, document: StoredDocument) -> None:
        self._documents[document.unique_number] = document
        self._numbers[document.serial, document.number] = document

    def set_refusal(self, refusal: StoredRefusal) -> None:
        self._refusals[refusal.serial, refusal.number] = refusal

    def lift_refusal(self, serial: str, number: int) -> None:
        self._refusals.pop((serial, number), None)

    def set_contact(self, contact: StoredContact) -> None:
        self._contacts[contact.serial] = contact

    def set_till(self, till: StoredTill) -> None:
        self._tills[till.till] = replace(till)

    def forget_after(self, moment: int) -> None:
        self._documents = {key: one for key, one in self._documents.items() if one.moment <= moment}
        self._refusals = {key: one for key, one in self._refusals.items() if one.moment <= moment}
        self._contacts.clear()
        self._index()

    def reset(self) -> None:
        self.forget_after(-1)
        self._tills.clear()

    def group(self) -> AbstractContextManager[object]:
        return nullcontext()


def is_meant(document: StoredDocument, asked: Asked) -> bool:
    """Whether a question means this document."""
    return (
        document.till == asked.till
        and asked.from_ms <= document.registered_ms <= asked.to_ms
        and asked.number in (None, document.number)
        and asked.unique in (None, document.unique_number)
        and asked.serial in (None, document.serial)
    )
