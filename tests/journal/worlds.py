"""A device that keeps its word, and a station without threads: enough world for the runner."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.journal.storages import CONTENT, UID
from tillwright.journal.hearing import hear
from tillwright.journal.port import JournalPort
from tillwright.journal.runner import Apply, Begin, Done, Effect, Feed, Item, Runner
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, Accepted, Found, NoAnswer, NotSent
from tillwright.kernel.rules import CurrencyRules, KindRules, LegRules, PackRules
from tillwright.operations import events
from tillwright.operations.commands import Send
from tillwright.operations.guards import Request
from tillwright.operations.model import Leg, Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import Question
from tillwright.parties.wire import DeviceRecord, Recorded, Telling, Told

NOW_MS = 1_763_728_860_000
LOST = Fault("fiscal.sko-disconnected")
REQUEST = Request(UID, "1", "cash-sale", "11", CONTENT)

RULES = PackRules(
    name="test",
    currencies=(CurrencyRules("EUR", 2, 1_000_000, (500, 100)),),
    languages=("en",),
    kinds=(KindRules("cash-sale", (LegRules("control", "register", commit=True),)),),
    receivers=("operator",),
    red_blocks=("cash-sale",),
    maximum_lines=100,
    red_after_ms=5_000,
    connect_within_ms=2_000,
    answer_within_ms=3_000,
    resend_delays_ms=(200,),
    inquire_delays_ms=(0, 1_000),
    question_ms=60_000,
    device_clock_tolerance_ms=1_000,
    wait_cap_ms=25_000,
    reserve_bytes=1,
)
POLICY = Policy()


def request(uid: str = UID, till: str = "1", tendered_minor: int = 568) -> Request:
    """A cash sale that is asked for."""
    tender = replace(CONTENT.tenders[0], amount_minor=tendered_minor)
    return replace(REQUEST, uid=uid, till=till, content=replace(CONTENT, tenders=(tender,)))


@dataclass
class Device:
    """Registers a key once, answers by key, and fences. `moods`: how it takes the next requests: 'answer',
    'silent' (done, and the answer lost), 'deaf' (the request lost), 'gone' (nothing leaves); then it answers.
    """

    serial: str = "SKO-1"
    moods: list[str] = field(default_factory=list)
    documents: list[DeviceRecord] = field(default_factory=list)
    fenced: set[str] = field(default_factory=set)
    asked: int = 0

    def _mood(self) -> str:
        self.asked += 1
        return self.moods.pop(0) if self.moods else "answer"

    def of(self, key: str) -> DeviceRecord | None:
        return next((one for one in self.documents if one.key == key), None)

    def register(self, operation: Operation, leg: Leg, now_ms: int) -> Told:
        """What becomes of a request, as the adapter tells it."""
        mood = self._mood()
        if mood == "gone":
            return Told(leg.key, NotSent(LOST), False, None)
        if mood == "deaf":
            return Told(leg.key, NoAnswer(LOST), False, None)
        record = self.of(leg.key) or self.write(operation, leg, now_ms)
        if mood == "silent":
            return Told(leg.key, NoAnswer(LOST), False, None)
        return Told(leg.key, Accepted(proof(record, Source.REPLY, now_ms)), False, record)

    def inquire(self, leg: Leg, now_ms: int) -> Told:
        """What the device says about a key; absent keys it refuses from then on."""
        if self._mood() != "answer":
            return Told(leg.key, NoAnswer(LOST), True, None)
        record = self.of(leg.key)
        if record is not None:
            return Told(leg.key, Found(proof(record, Source.INQUIRY, now_ms)), True, record)
        self.fenced.add(leg.key)
        return Told(leg.key, Absent(Evidence(Source.INQUIRY, now_ms), fenced=True), True, None)

    def write(self, operation: Operation, leg: Leg, now_ms: int) -> DeviceRecord:
        """Register it, which must not be for a key that was said to be absent."""
        assert leg.key not in self.fenced
        content = operation.content
        record = a_record(
            len(self.documents) + 1, leg.key, content.total_minor, operation.till, now_ms,
            serial=self.serial, content_hash=operation.content_hash,
        )  # fmt: skip
        self.documents.append(record)
        return record

    def above(self, number: int) -> Recorded:
        """The documents that the till has not held yet."""
        return Recorded(tuple(self.documents[number:]))


def a_record(
    number: int, key: str, total_minor: int = 568, till: str = "1", at_ms: int = NOW_MS, *,
    serial: str = "SKO-1", kind: str = "sale", currency: str = "EUR", content_hash: str = "",
) -> DeviceRecord:  # fmt: skip
    """A document of the device, with the facts that stand in it."""
    return DeviceRecord(
        serial, number, f"{serial}/{number}", key, kind, till, total_minor, currency, at_ms,
        f"{serial} {number} {key} {total_minor}", content_hash,
    )  # fmt: skip


def proof(record: DeviceRecord, source: Source, now_ms: int) -> Evidence:
    """The record as evidence."""
    facts: dict[str, str | int] = {
        "document_number": record.number, "unique_number": record.unique_number, "serial": record.serial,
        "device_at_ms": record.registered_ms,
    }  # fmt: skip
    return Evidence(source, now_ms, facts)


class Desk:
    """A runner, a device, and the time: what the station does, without threads."""

    def __init__(self, journal: JournalPort, device: Device | None = None, now_ms: int = NOW_MS) -> None:
        self.device = device or Device()
        self.now_ms = now_ms
        self.runner = Runner(journal, POLICY, RULES)
        self.todo: list[Item] = []
        self.effects: list[Effect] = []

    @property
    def journal(self) -> JournalPort:
        return self.runner.journal

    def process(self, *items: Item) -> Done:
        """One batch; its effects wait until they are carried out."""
        done = self.runner.process(items, self.now_ms)
        self.effects += done.effects
        return done

    def tell(self, *tellings: Telling) -> Done:
        """What a party tells, in a batch."""
        return self.process(*(self.heard(telling) for telling in tellings))

    def heard(self, telling: Telling) -> Apply:
        return Apply(lambda _journal: hear(self.runner, "1", telling, self.now_ms), repeatable=True)

    def begin(self, wanted: Request = REQUEST) -> Operation:
        """Begin, or raise what was answered."""
        answer = self.process(Begin(wanted)).answers[0]
        if answer.error is not None:
            raise answer.error
        operation: Operation = answer.value
        return operation

    def carry_out(self) -> list[Told]:
        """Hand the effects to the device; what it tells."""
        told = [self._carried(effect) for effect in self.effects]
        self.effects.clear()
        return told

    def _carried(self, effect: Effect) -> Told:
        leg = effect.operation.leg(effect.command.leg)  # type: ignore[union-attr]
        if isinstance(effect.command, Send):
            return self.device.register(effect.operation, leg, self.now_ms)
        return self.device.inquire(leg, self.now_ms)

    def recover(self, *, reads: bool = True) -> None:
        """After a start: the unfinished, and (if the device `reads`) what it has that is not held."""
        items: Sequence[Item] = self.runner.recover(self.now_ms)
        if reads:
            items = [*items, self.heard(self.device.above(self.journal.last_document(self.device.serial)))]
        self.process(*items)

    def turn(self) -> bool:
        """Let the device answer, or the next timer come; False if there is nothing to wait for."""
        if self.effects:
            self.tell(*self.carry_out())
            return True
        due_ms = self.runner.next_due_ms()
        if due_ms is None:
            return False
        self.now_ms = max(self.now_ms, due_ms)
        self.process(*self.runner.due(self.now_ms))
        return True

    def live(self, uid: str = UID, turns_max: int = 50, *, gives_up: bool = False) -> Operation:
        """Until the operation has ended; where a person is asked, they go on, or give up."""
        for _ in range(turns_max):
            operation = self.journal.operation(uid)
            if operation is not None and operation.ended:
                return operation
            self.now_ms += 1
            if operation is not None and operation.question is Question.CONTINUE_OR_GIVE_UP:
                press = events.GiveUp if gives_up else events.Continue
                self.process(Feed(uid, press(self.now_ms, "11"), from_person=True))
                continue
            if not self.turn():
                break
        raise AssertionError(f"it has not ended: {self.journal.operation(uid)}")
