"""The journal in memory, third part: what goes to the parties, what they were asked and how they are; what
people ruled; the audit chain; the station's own values.
"""

from __future__ import annotations

from dataclasses import replace

from tillwright.journal.memory_undo import Undoing
from tillwright.journal.port import Conflict
from tillwright.journal.records import (
    NOTHING_WAITS,
    PartyState,
    Queued,
    StoredDocument,
    StoredEnquiry,
    StoredRuling,
    Waiting,
)
from tillwright.kernel.audit import AuditEntry
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState

_UNFINISHED = (OperationState.OPEN, OperationState.UNDOING, OperationState.RED)


class MemoryParties(Undoing):
    """What parties are told and tell, and what is kept as proof."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: dict[str, Operation] = {}
        self.device: dict[str, dict[int, StoredDocument]] = {}
        self.named: dict[str, StoredDocument] = {}
        self.values: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.key_serials: dict[str, str] = {}
        self.children: dict[str, list[str]] = {}
        self.outbox: dict[tuple[str, str, int], Queued] = {}
        self.open_boxes: dict[tuple[str, str], dict[tuple[str, int], None]] = {}
        self.asked: dict[int, StoredEnquiry] = {}
        self.all_rulings: dict[int, StoredRuling] = {}
        self.unchecked: dict[int, None] = {}
        self.party_states: dict[tuple[str, str], PartyState] = {}
        self.warned: dict[tuple[str, str], int] = {}
        self.audit: list[AuditEntry] = []

    # ── the station's own values ──

    def value(self, name: str) -> str | None:
        return self.values.get(name)

    def set_value(self, name: str, value: str) -> None:
        self._set(self.values, name, value)

    # ── the outbox ──

    def enqueue(self, queued: Queued) -> bool:
        place = (queued.receiver, queued.serial, queued.number)
        if place in self.outbox:
            return False
        self._set(self.outbox, place, queued)
        if queued.delivered_ms is None:
            self._set(self._box(queued.receiver, queued.till), (queued.serial, queued.number), None)
        return True

    def _box(self, receiver: str, till: str) -> dict[tuple[str, int], None]:
        return self.open_boxes.setdefault((receiver, till), {})

    def _waiting(self, receiver: str, till: str) -> list[Queued]:
        box = self.open_boxes.get((receiver, till), {})
        return [self.outbox[receiver, serial, number] for serial, number in box]

    def next_queued(self, receiver: str, till: str) -> Queued | None:
        waiting = [one for one in self._waiting(receiver, till) if one.refused_reason is None or one.blocks]
        if not waiting:
            return None
        return min((one for one in waiting if one.serial == waiting[0].serial), key=lambda one: one.number)

    def queued(self, receiver: str, serial: str, number: int) -> Queued | None:
        return self.outbox.get((receiver, serial, number))

    def delivered(self, receiver: str, serial: str, number: int, at_ms: int) -> bool:
        queued = self.outbox.get((receiver, serial, number))
        if queued is None or queued.delivered_ms is not None:
            return False
        done = replace(queued, delivered_ms=at_ms, refused_reason=None, blocks=False)
        self._set(self.outbox, (receiver, serial, number), done)
        self._drop(self._box(receiver, queued.till), (serial, number))
        return True

    def delivered_up_to(self, receiver: str, serial: str, number: int, at_ms: int) -> int:
        news = [
            one
            for box_receiver, till in list(self.open_boxes)
            if box_receiver == receiver
            for one in self._waiting(receiver, till)
            if one.serial == serial and one.number <= number and one.refused_reason is None
        ]
        for one in news:
            self.delivered(receiver, serial, one.number, at_ms)
        return len(news)

    def set_aside(self, receiver: str, serial: str, number: int, reason: str, *, blocks: bool) -> None:
        queued = self.outbox.get((receiver, serial, number))
        if queued is not None and queued.delivered_ms is None:
            refused = replace(queued, refused_reason=reason, blocks=blocks)
            self._set(self.outbox, (receiver, serial, number), refused)

    def deliver_again(self, receiver: str, serial: str, number: int) -> None:
        places = [place for place in self.outbox if place[:2] == (receiver, serial) and place[2] >= number]
        for place in places:
            before = self.outbox[place]
            after = replace(before, delivered_ms=None)
            if before.number == number:
                after = replace(after, refused_reason=None, blocks=False)
            self._set(self.outbox, place, after)
            self._set(self._box(receiver, before.till), (serial, before.number), None)

    def retry_refused(self, receiver: str, till: str) -> None:
        for one in self.refused_documents(receiver, till):
            again = replace(one, refused_reason=None, blocks=False)
            self._set(self.outbox, (receiver, one.serial, one.number), again)

    def waiting(self, receiver: str, till: str) -> Waiting:
        waiting = self._waiting(receiver, till)
        if not waiting:
            return NOTHING_WAITS
        return Waiting(
            len(waiting),
            sum(one.total_minor for one in waiting),
            min(one.queued_ms for one in waiting),
            min(one.queued_tally_ms for one in waiting),
        )

    def refused_documents(self, receiver: str, till: str) -> list[Queued]:
        return [one for one in self._waiting(receiver, till) if one.refused_reason is not None]

    def queue_all(self, receiver: str, at_ms: int) -> int:
        news = 0
        for serial in sorted(self.device):
            for number in sorted(self.device[serial]):
                document = self.device[serial][number]
                operation = self.operations.get(self.keys.get(document.key, ""))
                total_minor = operation.content.total_minor if operation is not None else 0
                queued = Queued(receiver, document.till, serial, number, total_minor, at_ms, 0)
                news += self.enqueue(queued)
        return news

    # ── documents of the device ──

    def document_named(self, unique_number: str) -> StoredDocument | None:
        return self.named.get(unique_number)

    def sent_to(self, key: str) -> str | None:
        return self.key_serials.get(key)

    def set_sent_to(self, key: str, serial: str) -> None:
        self._set(self.key_serials, key, serial)

    def successor(self, parent: str) -> int | None:
        children = (self.operations[uid] for uid in self.children.get(parent, ()))
        return next((child.number for child in children if child.state in _UNFINISHED), None)

    # ── enquiries and rulings ──

    def store_enquiry(self, uid: str, receiver: str, person: str, at_ms: int, window: tuple[int, int]) -> int:
        identity = len(self.asked) + 1
        enquiry = StoredEnquiry(
            identity, uid, self.operations[uid].till, receiver, person, at_ms, *window
        )  # fmt: skip
        self._set(self.asked, identity, enquiry)
        return identity

    def answer_enquiry(self, identity: int, at_ms: int, body: bytes) -> None:
        if identity in self.asked:
            self._set(self.asked, identity, replace(self.asked[identity], answered_ms=at_ms, body=body))

    def enquiry(self, identity: int) -> StoredEnquiry | None:
        return self.asked.get(identity)

    def enquiries(self, uid: str) -> list[StoredEnquiry]:
        return [enquiry for enquiry in self.asked.values() if enquiry.uid == uid]

    def store_ruling(self, ruling: StoredRuling) -> int:
        if any(one.version == ruling.version for one in self.rulings(ruling.uid)):
            raise Conflict("a ruling on this version")
        identity = len(self.all_rulings) + 1
        self._set(self.all_rulings, identity, replace(ruling, id=identity))
        self._set(self.unchecked, identity, None)
        return identity

    def rulings(self, uid: str) -> list[StoredRuling]:
        return [ruling for ruling in self.all_rulings.values() if ruling.uid == uid]

    def unchecked_rulings(self, limit: int) -> list[StoredRuling]:
        return [self.all_rulings[identity] for identity in sorted(self.unchecked)[:limit]]

    def check_ruling(self, identity: int, at_ms: int, verdict: str) -> None:
        checked = replace(self.all_rulings[identity], checked_ms=at_ms, verdict=verdict)
        self._set(self.all_rulings, identity, checked)
        if identity in self.unchecked:
            self._drop(self.unchecked, identity)

    def ruled_unique(self, unique_number: str) -> str | None:
        named = (one.uid for one in self.all_rulings.values() if one.unique_number == unique_number != "")
        return next(named, None)

    # ── parties and people ──

    def set_party(self, state: PartyState) -> None:
        self._set(self.party_states, (state.till, state.party), state)

    def party(self, till: str, party: str) -> PartyState | None:
        return self.party_states.get((till, party))

    def parties(self, till: str) -> list[PartyState]:
        return [self.party_states[place] for place in sorted(self.party_states) if place[0] == till]

    def warned_ms(self, till: str, code: str) -> int | None:
        return self.warned.get((till, code))

    def set_warned(self, till: str, code: str, at_ms: int) -> None:
        if (till, code) not in self.warned:
            self._set(self.warned, (till, code), at_ms)

    def clear_warnings(self, till: str) -> None:
        for place in [place for place in self.warned if place[0] == till]:
            self._drop(self.warned, place)

    def last_audit(self) -> AuditEntry | None:
        return self.audit[-1] if self.audit else None

    def append_audit(self, entry: AuditEntry) -> None:
        last = self.last_audit()
        if entry.number != (last.number if last else 0) + 1:
            raise Conflict("audit number")
        self._add(self.audit, entry)
