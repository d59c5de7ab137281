"""The operator itself, without wires and without faults: it takes documents once, lists them, judges tills.

Documents come by two ways, from the till and from the device's own line, in any order against each other.
The unique number makes one of them. The operator checks that a text is whole to its last letter, and that a
device gives each number once. A document that it refuses is set aside; where it accepts gaps, later ones
follow.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import msgspec

from tillwright.parties.control.messages import Document, decode_document
from tillwright.parties.control.messages import Garbled as DocumentGarbled
from tillwright.parties.control.signing import is_whole
from tillwright.parties.http.exchange import Garbled, HttpAnswer, HttpRequest, decode, decode_query, encode
from tillwright.parties.operator.messages import (
    DEVICES,
    DOCUMENTS,
    PAGE,
    TILLS,
    Asked,
    Contact,
    ContactTaken,
    Delivery,
    DeviceTold,
    DocumentList,
    DocumentTold,
    Problem,
    Taken,
    TillTold,
    Way,
)
from tillwright.parties.operator.store import (
    OperatorStore,
    StoredContact,
    StoredDocument,
    StoredRefusal,
    StoredTill,
)

STATUSES = {
    "malformed": 400, "not-found": 404, "till-blocked": 403, "out-of-order": 409, "conflict": 409,
    "number-taken": 409, "not-whole": 422, "refused": 422,
}  # fmt: skip
"""Code of a problem → status of its answer."""
UNKNOWN_TILL = "no such till"


class Refused(Exception):
    """What was asked is not done; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Device:
    """Up to which number all documents of a device are held."""

    __slots__ = ("beyond", "last_number")

    def __init__(self) -> None:
        self.last_number = 0
        self.beyond: set[int] = set()

    def hold(self, number: int) -> None:
        """The document of this number is held."""
        if number > self.last_number:
            self.beyond.add(number)
        while self.last_number + 1 in self.beyond:
            self.last_number += 1
            self.beyond.discard(self.last_number)


class OperatorService:
    """One operator over its store. `gaps`: whether it takes a document before an earlier one of its
    device.
    """

    def __init__(self, store: OperatorStore, gaps: bool = True) -> None:
        self.store = store
        self.gaps = gaps
        self.wrote = 0
        self.refuse_next = (0, "")
        """So many of the next documents are refused, for this reason."""
        self.misstates: dict[str, int] = {}
        """Till → by how much its list is wrong about the sum of each document."""
        self.strangers: set[str] = set()
        """Tills that it does not know: it says that they are blocked, takes and lists nothing of them."""
        self.load()

    def load(self) -> None:
        """Take everything up from the store, as after a start."""
        self.moment = self.store.last_moment()
        self._refusals = {(one.serial, one.number): one for one in self.store.refusals()}
        self._devices: dict[str, _Device] = {}
        for serial, number in self.store.numbers():
            self._device(serial).hold(number)

    def restore_backup(self, writes: int) -> None:
        """The last so many documents and refusals never were."""
        self.store.forget_after(max(0, self.moment - writes))
        self.load()

    def reset(self) -> None:
        """Nothing was ever written."""
        self.store.reset()
        self.refuse_next = (0, "")
        self.strangers.clear()
        self.misstates.clear()
        self.load()

    def _device(self, serial: str) -> _Device:
        return self._devices.setdefault(serial, _Device())

    # ── requests ────────────────────────────────────────────────────────────────────────────────────────────

    def name_of(self, request: HttpRequest) -> str:
        """'document', 'contact', 'list', 'status', or 'other'."""
        path = urlsplit(request.target).path
        if path == DOCUMENTS:
            return "list"
        for start, name in ((DOCUMENTS + "/", "document"), (DEVICES, "contact"), (TILLS, "status")):
            if path.startswith(start):
                return name
        return "other"

    def answer(self, request: HttpRequest, clock_ms: int) -> HttpAnswer:
        """Do what is asked, durably, and say how it went."""
        try:
            return HttpAnswer(200, encode(self._done(request, clock_ms)))
        except Refused as refused:
            problem = msgspec.structs.replace(refused.problem, clock_ms=clock_ms)
            return HttpAnswer(STATUSES[problem.code], encode(problem))
        except Garbled as error:
            problem = Problem(code="malformed", reason=str(error)[:200], clock_ms=clock_ms)
            return HttpAnswer(400, encode(problem))

    def _done(self, request: HttpRequest, now_ms: int) -> Taken | ContactTaken | DocumentList | TillTold:
        target = urlsplit(request.target)
        last = unquote(target.path.rpartition("/")[2])
        match request.method, self.name_of(request):
            case "PUT", "document":
                return self._take(last, decode(request.body, Delivery), now_ms)
            case "PUT", "contact":
                return self._contact(last, decode(request.body, Contact), now_ms)
            case "GET", "list":
                return self._list(decode_query(target.query, Asked), now_ms)
            case "GET", "status":
                return self._till(last, now_ms)
        raise Refused(Problem(code="not-found"))

    # ── documents ───────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, unique_number: str, delivery: Delivery, now_ms: int) -> Taken:
        document = _read(delivery.text)
        if document.unique_number != unique_number:
            raise Garbled("another document than its address says")
        known = self.store.document(unique_number)
        if known is None:
            self._check(document, delivery.text)
            self._add(document, delivery, now_ms)
        elif known.text != delivery.text:
            raise Refused(_problem("conflict", document, blocks=not self.gaps))
        self._heard(document.serial, delivery.till, delivery.via, delivery.queued, now_ms)
        last_number = self._device(document.serial).last_number
        return Taken(document.serial, document.number, unique_number, known is not None, last_number, now_ms)

    def _check(self, document: Document, text: str) -> None:
        """Raise Refused for what stands against a document that is new."""
        if not is_whole(text):
            raise Refused(_problem("not-whole", document, blocks=not self.gaps))
        till = self._judged(document.till)
        if till.state == "blocked":
            raise Refused(_problem("till-blocked", document, reason=till.reason))
        if self.store.numbered(document.serial, document.number) is not None:
            raise Refused(_problem("number-taken", document, blocks=not self.gaps))
        self._check_orders(document)
        wanted = self._device(document.serial).last_number + 1
        if not self.gaps and document.number > wanted:
            raise Refused(_problem("out-of-order", document, wanted=wanted))

    def _check_orders(self, document: Document) -> None:
        refusal = self._refusals.get((document.serial, document.number))
        left, reason = self.refuse_next
        if refusal is None and left > 0:
            self.refuse_next = (left - 1, reason)
            refusal = StoredRefusal(document.serial, document.number, reason, False, 0)
        if refusal is not None:
            if not refusal.seen:
                self.refuse(document.serial, document.number, refusal.reason, seen=True)
            raise Refused(_problem("refused", document, refusal.reason, blocks=not self.gaps))

    def _add(self, document: Document, delivery: Delivery, now_ms: int) -> None:
        self.moment += 1
        self.wrote += 1
        self.store.add_document(_stored(document, delivery, now_ms, self.moment))
        self._device(document.serial).hold(document.number)

    # ── contacts, lists, tills ──────────────────────────────────────────────────────────────────────────────

    def _contact(self, serial: str, contact: Contact, now_ms: int) -> ContactTaken:
        self._heard(serial, contact.till, contact.via, contact.queued, now_ms)
        return ContactTaken(self._told(serial), now_ms)

    def _heard(self, serial: str, till: str, via: Way, queued: int | None, now_ms: int) -> None:
        """What a device says of itself counts for more than what a till says of it."""
        known = self.store.contact(serial)
        if known is None or known.via == "till" or via == "device":
            self.wrote += 1
            self.store.set_contact(StoredContact(serial, till, now_ms, via, queued))

    def _told(self, serial: str) -> DeviceTold:
        contact = self.store.contact(serial)
        last_number = self._device(serial).last_number
        if contact is None:
            return DeviceTold(serial, last_number, None, None)
        queued = None if contact.queued is None else contact.queued + self._set_aside(serial)
        return DeviceTold(serial, last_number, contact.at_ms, queued)

    def _set_aside(self, serial: str) -> int:
        """How many documents of a device have been brought and not taken."""
        return sum(one.seen for one in self._refusals.values() if one.serial == serial)

    def _judged(self, till: str) -> StoredTill:
        return StoredTill(till, "blocked", UNKNOWN_TILL) if till in self.strangers else self.store.till(till)

    def _list(self, asked: Asked, now_ms: int) -> DocumentList:
        if asked.till in self.strangers:
            raise Refused(Problem(code="not-found", reason=UNKNOWN_TILL))
        found = self.store.find(asked, PAGE + 1)
        serial = asked.serial
        if serial is None and (contact := self.store.newest_contact(asked.till)) is not None:
            serial = contact.serial
        off_minor = self.misstates.get(asked.till, 0)
        documents = [_listed(document, off_minor) for document in found[:PAGE]]
        return DocumentList(
            asked, documents, len(found) > PAGE, self._told(serial) if serial else None, now_ms
        )

    def _till(self, till: str, now_ms: int) -> TillTold:
        stands = self._judged(till)
        return TillTold(till, stands.state, stands.reason, stands.date_ms, now_ms)

    # ── orders ──────────────────────────────────────────────────────────────────────────────────────────────

    def refuse(self, serial: str, number: int, reason: str, *, seen: bool = False) -> None:
        """Take this document no longer, if it is not here already."""
        self.moment += 1
        self.wrote += 1
        refusal = StoredRefusal(serial, number, reason, seen, self.moment)
        self.store.set_refusal(refusal)
        self._refusals[serial, number] = refusal

    def accept(self, serial: str, number: int) -> None:
        """Take this document again."""
        self.store.lift_refusal(serial, number)
        self.load()

    def set_till(self, till: StoredTill) -> None:
        """Judge a till."""
        self.store.set_till(till)

    def set_gaps(self, gaps: bool) -> None:
        """Whether later documents are taken before earlier ones."""
        self.gaps = gaps

    def last_numbers(self) -> dict[str, int]:
        """Serial → the number up to which all documents are held."""
        return {serial: self._devices[serial].last_number for serial in sorted(self._devices)}


def _read(text: str) -> Document:
    try:
        return decode_document(text)
    except DocumentGarbled as error:
        raise Garbled(str(error)) from error


def _problem(
    code: str, document: Document, reason: str = "", *, blocks: bool = False, wanted: int | None = None
) -> Problem:
    return Problem(
        code=code,
        reason=reason,
        serial=document.serial,
        number=document.number,
        blocks=blocks,
        wanted=wanted,
    )


def _stored(document: Document, delivery: Delivery, now_ms: int, moment: int) -> StoredDocument:
    return StoredDocument(
        document.unique_number, document.serial, document.number, document.key, document.kind, document.till,
        document.currency, document.total_minor, document.registered_ms, now_ms, delivery.via, delivery.text,
        moment,
    )  # fmt: skip


def _listed(document: StoredDocument, off_minor: int) -> DocumentTold:
    return DocumentTold(
        document.serial, document.number, document.unique_number, document.key, document.kind, document.till,
        document.total_minor + off_minor, document.currency, document.registered_ms, document.received_ms,
        document.moment,
    )  # fmt: skip
