"""Asking the operator what it has, and what its list says of an operation and of the rulings on it.

A listed document that names a leg's key, and agrees, proves that it happened. Absence proves something only
in a whole list, of the device that was asked, after a contact in which that device had nothing left to
deliver.
"""

from __future__ import annotations

import msgspec

from tillwright.journal import outbox
from tillwright.journal.errands import AskByKey, Enquire, Errand, Report
from tillwright.journal.knowledge import CONTROL
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.records import StoredEnquiry, StoredRuling
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import Enquiry, ListedDocument
from tillwright.parties.wire import Listed, OperatorRecord, Unlisted

MARGIN_MS = 600_000
"""The window that is asked for is wider than the operation by this: clocks differ."""
LATE_MS = 86_400_000
"""A request that is older than this is in no device any more that would still do it."""
CHECK_DELAYS_MS = (5_000, 30_000, 120_000, 600_000, 1_800_000)
"""Waits before a ruling is checked again against the operator's list; the last one for ever."""
AGREES, AGAINST, WRONG_DATA = "agrees", "against", "wrong-data"

_WRITER = msgspec.json.Encoder()
_LISTED = msgspec.json.Decoder(Listed)


# ── asking ────────────────────────────────────────────────────────────────────────────────────────


def ask(place: Place, operation: Operation, person: str, now_ms: int) -> tuple[int, list[Errand]]:
    """Ask about an operation; the enquiry's id and what the driver has to do. Raises FaultError:
    fiscal.operator-unreachable where the till has no line to an operator.
    """
    if not place.has(operation.till, OPERATOR):
        raise FaultError(Fault("fiscal.operator-unreachable"))
    window = _window(operation, now_ms)
    identity = place.journal.store_enquiry(operation.uid, OPERATOR, person, now_ms, window)
    return identity, errands_of(place, operation, identity, window)


def errands_of(place: Place, operation: Operation, identity: int, window: tuple[int, int]) -> list[Errand]:
    """The question, and before it a sign of life of the device if it has no line of its own: absence counts
    only after one.
    """
    found: list[Errand] = []
    health = place.known.device(operation.till)
    if health is not None and health.acknowledged is None and health.serial and health.last_number:
        waiting = outbox.undelivered_count(place, operation.till) or 0
        found.append(Report(operation.till, OPERATOR, health.serial, health.last_number, waiting))
    return [*found, Enquire(operation.till, OPERATOR, identity, *window, _serial(operation))]


def _serial(operation: Operation) -> str | None:
    """The device that was asked, if the operation went to one only."""
    asked = {leg.serial for leg in operation.legs if leg.sent_ms is not None}
    return asked.pop() or None if len(asked) == 1 else None


def _window(operation: Operation, now_ms: int) -> tuple[int, int]:
    last_sent_ms = max((leg.sent_ms or 0 for leg in operation.legs), default=0)
    latest_ms = min(now_ms, max(operation.started_ms, last_sent_ms) + LATE_MS)
    return operation.started_ms - MARGIN_MS, latest_ms + MARGIN_MS


# ── what is known of an enquiry ───────────────────────────────────────────────────────────────────


def answered(place: Place, told: Listed | Unlisted, now_ms: int) -> StoredEnquiry | None:
    """Keep an answer; the enquiry that it answers. One that was not answered stays open."""
    enquiry = place.journal.enquiry(told.query)
    if enquiry is not None and isinstance(told, Listed):
        place.journal.answer_enquiry(told.query, now_ms, _WRITER.encode(told))
    return enquiry


def read(stored: StoredEnquiry | None) -> Enquiry | None:
    """The enquiry as those who rule and those who check rulings see it."""
    if stored is None:
        return None
    listed = listed_of(stored)
    records = tuple(_document(record) for record in listed.records) if listed is not None else ()
    more = listed.more if listed is not None else False
    return Enquiry(
        stored.id, stored.uid, stored.receiver, stored.asked_ms, stored.answered_ms, records, more
    )  # fmt: skip


def listed_of(stored: StoredEnquiry) -> Listed | None:
    """What the operator listed; None as long as it has not answered."""
    return _LISTED.decode(stored.body) if stored.body is not None else None


def _document(record: OperatorRecord) -> ListedDocument:
    return ListedDocument(
        record.serial, record.number, record.unique_number, record.key, record.kind, record.total_minor,
        record.currency, record.registered_ms,
    )  # fmt: skip


def evidence(record: OperatorRecord, now_ms: int) -> Evidence:
    """A listed document as evidence."""
    facts: dict[str, str | int] = {
        "document_number": record.number,
        "unique_number": record.unique_number,
        "serial": record.serial,
        "device_at_ms": record.registered_ms,
        "receiver": OPERATOR,
    }
    return Evidence(Source.WITNESS, now_ms, facts)


def absence(told: Listed, now_ms: int) -> Evidence:
    """A list without the document as evidence."""
    facts: dict[str, str | int] = {"last_number": told.last_number, "receiver": OPERATOR}
    if told.serial is not None:
        facts["serial"] = told.serial
    return Evidence(Source.WITNESS, now_ms, facts)


def is_whole(place: Place, told: Listed, operation: Operation, leg: Leg) -> bool:
    """Whether absence from the list proves that the leg did not happen."""
    serial = leg.serial or place.journal.last_serial(operation.till)
    if told.more or told.serial is None or told.serial != serial or told.last_contact_ms is None:
        return False
    since_ms = max((one.sent_ms or 0 for one in operation.legs), default=0)
    settled = told.last_contact_ms > max(since_ms, operation.started_ms) and told.queued == 0
    return settled and outbox.undelivered_count(place, operation.till) == 0


# ── checking rulings ──────────────────────────────────────────────────────────────────────────────


def check(place: Place, operation: Operation, key: str, named: tuple[int, str], now_ms: int) -> None:
    """A record for this leg's key has turned up, with this number and unique number: what the rulings on it
    are worth.
    """
    for ruling in place.journal.rulings(operation.uid):
        if ruling.checked_ms is not None or operation.leg(ruling.leg).key != key:
            continue
        if not ruling.happened:
            verdict = AGAINST
        elif ruling.unique_number == named[1]:
            verdict = AGREES
        else:
            verdict = WRONG_DATA
            fault = Fault("fiscal.wrong-red-cheque-data", number=operation.number)
            place.raise_fault(operation.till, operation.uid, fault, now_ms)
        place.journal.check_ruling(ruling.id, now_ms, verdict)


def check_absence(place: Place, operation: Operation, leg: Leg, now_ms: int) -> None:
    """The device has said that it did not do it, and never will: what the rulings on it are worth."""
    for ruling in place.journal.rulings(operation.uid):
        if ruling.checked_ms is None and ruling.leg == leg.number:
            place.journal.check_ruling(ruling.id, now_ms, AGAINST if ruling.happened else AGREES)


class Checks:
    """The background round: each ruling that no record has borne out is asked after, ever more seldom."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._due: dict[int, tuple[int, int]] = {}  # ruling → when by the steady time, how often so far
        self._some = True
        self._at_once = False

    def wake(self) -> None:
        """A ruling has been made."""
        self._some = True

    def hurry(self) -> None:
        """Somebody wants to know it now: what no record has borne out yet is asked after at once, beside the
        round.
        """
        self._some = self._at_once = True

    def next_due_ms(self) -> int | None:
        """When something is to be asked again, by the steady time."""
        if self._at_once:
            return 0
        return min((due_ms for due_ms, _ in self._due.values()), default=0 if self._some else None)

    def errands(self, steady_ms: int, now_ms: int) -> list[Errand]:
        """What is to be asked now; inside a batch."""
        next_ms = self.next_due_ms()
        if next_ms is None or steady_ms < next_ms:
            return []
        found: list[Errand] = []
        rulings = self._place.journal.unchecked_rulings(100)
        self._some = False
        self._due = {one.id: self._due.get(one.id, (steady_ms + CHECK_DELAYS_MS[0], 0)) for one in rulings}
        for ruling in rulings:
            due_ms, count = self._due[ruling.id]
            if due_ms <= steady_ms or self._at_once:
                delay_ms = CHECK_DELAYS_MS[min(count + 1, len(CHECK_DELAYS_MS) - 1)]
                self._due[ruling.id] = (steady_ms + delay_ms, count + 1)
                found += self._ask(ruling, now_ms)
        self._at_once = False
        return found

    def _ask(self, ruling: StoredRuling, now_ms: int) -> list[Errand]:
        """Ask the device by key, and the operator for its list."""
        operation = self._place.journal.operation(ruling.uid)
        if operation is None:
            return []
        leg = operation.leg(ruling.leg)
        found: list[Errand] = [AskByKey(operation.till, CONTROL, operation, leg)] if leg.serial else []
        if self._place.has(operation.till, OPERATOR):
            found += self._ask_operator(ruling, operation, now_ms)
        return found

    def _ask_operator(self, ruling: StoredRuling, operation: Operation, now_ms: int) -> list[Errand]:
        """The station's own enquiry about an operation is one, however often it is sent."""
        journal = self._place.journal
        own = [one for one in journal.enquiries(ruling.uid) if not one.person]
        if not own:
            return ask(self._place, operation, "", now_ms)[1]
        return errands_of(self._place, operation, own[-1].id, (own[-1].from_ms, own[-1].to_ms))
