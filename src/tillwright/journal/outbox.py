"""Documents of the device on their way to those who must have them.

Whatever brings a document, a reply, an inquiry or a page that was read, it is taken in here and queued here,
in the same commit: there is no other door, so no document can be held without being owed to every receiver.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.journal.delivery import Lane
from tillwright.journal.errands import Deliver, Errand
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.port import JournalPort
from tillwright.journal.records import Queued, StoredDocument
from tillwright.kernel.fault import Fault
from tillwright.operations.offline import Undelivered, age_ms, is_warned, left_ms
from tillwright.parties.wire import Acknowledged, DocumentRefused, Health, NotDelivered

QUEUED_ALL = "queued-all:"
WARNED = "offline-told:"
CAUSES = ("no-internet", "operator-unreachable", "no-answer", "operator-garbled", "operator-blocked")


def queue(
    journal: JournalPort,
    receivers: Sequence[str],
    till: str,
    document: StoredDocument,
    total_minor: int,
    moment: tuple[int, int],
) -> None:
    """Queue a document that is new here for every receiver; `moment` is now by the wall and by the running
    tally, in ms. What the device has delivered itself counts as delivered.
    """
    now_ms, tally_ms = moment
    for receiver in receivers:
        has = document.number <= acknowledged(journal, receiver, document.serial)
        place = (receiver, till, document.serial, document.number)
        journal.enqueue(Queued(*place, total_minor, now_ms, tally_ms, now_ms if has else None))


def acknowledged(journal: JournalPort, receiver: str, serial: str) -> int:
    """Up to which number a receiver has everything of this device, or has refused it."""
    return int(journal.value(f"acknowledged:{receiver}:{serial}") or 0)


def take_along(place: Place, now_ms: int) -> None:
    """A receiver that is new gets what is held already; once."""
    for receiver in place.rules.receivers:
        if place.journal.value(QUEUED_ALL + receiver) is None:
            place.journal.queue_all(receiver, now_ms)
            place.journal.set_value(QUEUED_ALL + receiver, str(now_ms))


# ── how much waits ────────────────────────────────────────────────────────────────────────────────


def undelivered(place: Place, till: str, now_ms: int) -> Undelivered | None:
    """What has not reached the operator, as far as it is held here; None if nothing waits."""
    waiting = place.journal.waiting(OPERATOR, till)
    if waiting.oldest_ms is None or waiting.oldest_tally_ms is None:
        return None
    age = age_ms((waiting.oldest_ms, waiting.oldest_tally_ms), place.moment(now_ms))
    return Undelivered(waiting.count, waiting.sum_minor, waiting.oldest_ms, age)


def undelivered_count(place: Place, till: str) -> int | None:
    """How many documents the operator does not have: those of the device that are not even held here counted
    in. None if the device cannot be read: then nobody knows.
    """
    if OPERATOR not in place.rules.receivers:
        return 0
    health = place.known.device(till)
    if health is None or health.serial is None or health.last_number is None:
        return None
    unread = max(0, health.last_number - place.journal.last_document(health.serial))
    return unread + place.journal.waiting(OPERATOR, till).count


# ── carrying ──────────────────────────────────────────────────────────────────────────────────────


class Outbox:
    """The lanes of all tills, and what receivers say of what was carried. Tellings come inside a batch."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lanes = {
            (till, receiver): Lane(till, receiver)
            for till, parties in sorted(place.parties.items())
            for receiver in place.rules.receivers
            if receiver in parties
        }

    def errands(self, steady_ms: int) -> list[Errand]:
        """What is to be carried now, with what is in the journal at this moment."""
        return [
            errand
            for lane in self._lanes.values()
            if lane.may_carry(steady_ms) and (errand := self._next(lane, steady_ms)) is not None
        ]

    def _next(self, lane: Lane, steady_ms: int) -> Errand | None:
        journal = self._place.journal
        queued = journal.next_queued(lane.receiver, lane.till)
        document = journal.device_document(queued.serial, queued.number) if queued is not None else None
        if document is None:
            lane.empty = queued is None
            return None
        behind = max(0, journal.waiting(lane.receiver, lane.till).count - 1)
        lane.carrying(document.serial, document.number, steady_ms)
        return Deliver(lane.till, lane.receiver, document, behind)

    def next_due_ms(self) -> int | None:
        """When a lane wants to be looked at again, by the steady time."""
        due = [lane.due_ms for lane in self._lanes.values() if lane.carried is not None or not lane.empty]
        return min(due, default=None)

    def wake(self, till: str) -> None:
        """Something was queued."""
        for lane in self._lanes.values():
            if lane.till == till:
                lane.empty = False

    def cause(self, till: str, receiver: str = OPERATOR) -> str:
        """Why the last attempt failed; empty if it did not."""
        lane = self._lanes.get((till, receiver))
        return lane.cause if lane is not None else ""

    # ── what receivers tell ──

    def acknowledged(self, till: str, told: Acknowledged, now_ms: int) -> None:
        """The receiver has it."""
        journal = self._place.journal
        if told.number:
            journal.delivered(told.receiver, told.serial, told.number, now_ms)
        if told.up_to is not None:
            self._up_to(told.receiver, told.serial, told.up_to, now_ms)
            self.holds(till, told.receiver, told.serial, told.up_to)
        lane = self._lanes.get((till, told.receiver))
        if lane is not None:
            lane.arrived((told.serial, told.number))
        self._all_well(till, told.receiver, now_ms)

    def device_delivered(self, till: str, health: Health, now_ms: int) -> None:
        """The device says up to which number the operator has acknowledged, by the device's own line."""
        if health.serial is not None and health.acknowledged is not None:
            self._up_to(OPERATOR, health.serial, health.acknowledged, now_ms)
            self._all_well(till, OPERATOR, now_ms)

    def _up_to(self, receiver: str, serial: str, number: int, now_ms: int) -> None:
        journal = self._place.journal
        if number > acknowledged(journal, receiver, serial):
            journal.set_value(f"acknowledged:{receiver}:{serial}", str(number))
            journal.delivered_up_to(receiver, serial, number, now_ms)

    def refused(self, till: str, told: DocumentRefused, steady_ms: int, now_ms: int) -> None:
        """The receiver will not take this one: people are told, once."""
        journal = self._place.journal
        before = journal.queued(told.receiver, told.serial, told.number)
        journal.set_aside(told.receiver, told.serial, told.number, told.reason, blocks=told.blocks)
        lane = self._lanes.get((till, told.receiver))
        if lane is not None:
            lane.refused((told.serial, told.number), steady_ms, blocks=told.blocks)
        if before is not None and before.delivered_ms is None and before.refused_reason != told.reason:
            self._tell(till, "document-refused", told.receiver, now_ms)

    def not_delivered(self, till: str, told: NotDelivered, steady_ms: int, now_ms: int) -> None:
        """It was not carried to its end; it will be once more. The first time people are told why."""
        lane = self._lanes.get((till, told.receiver))
        if told.cause == "out-of-order" and told.wanted is not None:
            self._bring_again(till, told.receiver, told.serial, told.wanted)
            if lane is not None:
                lane.out_of_order((told.serial, told.number), steady_ms)
            return
        if (
            lane is not None
            and told.number
            and lane.failed((told.serial, told.number), told.cause, steady_ms)
            and self._place.journal.value(WARNED + till) != told.cause
        ):
            self._tell(till, told.cause, told.receiver, now_ms)

    def holds(self, till: str, receiver: str, serial: str, up_to: int) -> None:
        """The receiver says up to where it has everything. If the next one counts as delivered it has lost
        that since: it is brought again, and the answer to it tells of the one after.
        """
        wanted = self._place.journal.queued(receiver, serial, up_to + 1)
        if wanted is not None and wanted.delivered_ms is not None:
            self._bring_again(till, receiver, serial, up_to + 1)

    def _bring_again(self, till: str, receiver: str, serial: str, wanted: int) -> None:
        """The receiver came back from an older copy of itself, or wants one that it had refused."""
        journal = self._place.journal
        if journal.queued(receiver, serial, wanted) is None:
            return
        journal.deliver_again(receiver, serial, wanted)
        self.wake(till)
        if acknowledged(journal, receiver, serial) >= wanted:
            journal.set_value(f"acknowledged:{receiver}:{serial}", str(wanted - 1))

    def try_again(self, till: str, receiver: str, steady_ms: int) -> None:
        """Somebody wants it delivered now; what was refused may have been put right at the receiver."""
        self._place.journal.retry_refused(receiver, till)
        self.wake(till)
        self.is_there(till, receiver, steady_ms)

    def is_there(self, till: str, receiver: str, steady_ms: int) -> None:
        """The receiver answers again."""
        lane = self._lanes.get((till, receiver))
        if lane is not None:
            lane.hurry(steady_ms)

    def _tell(self, till: str, cause: str, receiver: str, now_ms: int) -> None:
        count = self._place.journal.waiting(receiver, till).count
        fault = Fault("fiscal.document-upload-failed", cause=cause, document_count=count)
        self._place.raise_fault(till, None, fault, now_ms)
        self._place.journal.set_value(WARNED + till, cause)

    def _all_well(self, till: str, receiver: str, now_ms: int) -> None:
        """Delivering works again; the next failure is told anew."""
        journal = self._place.journal
        if journal.value(WARNED + till) and not journal.refused_documents(receiver, till):
            journal.set_value(WARNED + till, "")

    def watch_limits(self, till: str, now_ms: int) -> None:
        """Once the time that is left has become short, people are warned; inside a batch."""
        offline, journal = self._place.rules.offline, self._place.journal
        told = undelivered(self._place, till, now_ms) if offline is not None else None
        if offline is None or told is None or not is_warned(told, offline):
            return
        warned_for = f"{WARNED}limit:{till}"
        if journal.value(warned_for) == str(told.since_ms):
            return
        journal.set_value(warned_for, str(told.since_ms))
        fault = Fault(
            "fiscal.offline-limit", since_at_ms=told.since_ms, document_count=told.count,
            left_ms=left_ms(told, offline),
        )  # fmt: skip
        self._place.raise_fault(till, None, fault, now_ms)
