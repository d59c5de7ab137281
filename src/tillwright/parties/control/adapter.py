"""The adapter of the control device: it speaks the device's protocol for one till, and maps all that can
happen to outcomes.

The line that matters: as long as no byte of a request was handed to the driver, its failure is 'not sent';
from then on it is 'no answer', whatever broke. 'Not sent' is also said where the device itself says that it
registered nothing because the two do not agree on the last number; ids that grow keep a repeat of the line
from being done after that.

A contact goes: connect, hello, and then the two are brought to the same number before anything else is asked.
What the device has above the till's last number is read, also the documents whose reply never came; what the
till has above the device's last number (it came back from an old backup) is handed back. Every `register`
says which number the till holds, so that they cannot drift apart in between either.

A request whose time is over is remembered for as long as the connection lives, so that a late answer still
finds its leg. The connection is given up only when its frames are broken, or when the device has left several
requests in a row unanswered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import Absent, InquiryOutcome, NoAnswer, NotSent, Outcome
from tillwright.operations.model import Leg, Operation
from tillwright.parties.control import reading
from tillwright.parties.control.held import HeldDocuments
from tillwright.parties.control.messages import (
    Documents,
    Garbled,
    Hello,
    Inquire,
    Register,
    ReplyMessage,
    Request,
    Restore,
    Status,
    ToldProfile,
    decode_reply,
    encode,
)
from tillwright.parties.frames import FrameReader, TooLong, frame
from tillwright.parties.wire import (
    Action,
    Connect,
    DeviceRecord,
    Disconnect,
    Health,
    Noticed,
    Recorded,
    Telling,
    Told,
    Transmit,
    WakeAt,
)

PAGE = 100
RESTORE_BYTES = 400_000
SILENCES_MAX = 3
"""So many requests in a row without a word from the device, and the connection counts as dead."""
PAST_MAX = 64
ROUNDS_MAX = 3
"""So often a request is sent again because the device was ahead; then it is 'not sent'."""
BELIEVED_MS = 30_000
"""How long a number that was told counts as held although the journal does not show it: it is being written.
"""

Out = list[Action | Telling]


@dataclass(frozen=True, slots=True)
class ControlTimes:
    """How long the adapter waits, in milliseconds.

    `reconnect_delays_ms`: before each further attempt to connect, the last one for ever.
    `clock_tolerance_ms`: how far the device's clock may be off. `status_every_ms`: how often an idle device
    is asked how it stands; 0 never.
    """

    connect_within_ms: int = 2_000
    answer_within_ms: int = 3_000
    reconnect_delays_ms: tuple[int, ...] = (200, 500, 1_000, 2_000, 5_000)
    clock_tolerance_ms: int = 120_000
    status_every_ms: int = 0


class _Line(Enum):
    APART = "apart"
    CONNECTING = "connecting"
    GREETING = "greeting"
    """connected; hello is on its way"""
    ALIGNING = "aligning"
    """reading documents, or handing them back"""
    READY = "ready"


class _Asked:
    """One request: waiting for the line, open (its time running), or past (answered, or its time over)."""

    __slots__ = ("above", "answer", "deadline_ms", "do", "id", "key", "leg", "operation", "rounds")

    def __init__(
        self, do: str, operation: Operation | None = None, leg: Leg | None = None, above: int = 0
    ) -> None:
        self.do = do
        self.operation = operation
        self.leg = leg
        self.key = leg.key if leg is not None else None
        self.above = above
        self.id = 0
        self.deadline_ms = 0
        self.rounds = 0
        self.answer: tuple[bool, str | None, bool | None, str | None] | None = None


class ControlAdapter:
    """Speaks to the control device of one till. Not for two threads at once."""

    def __init__(self, till: str, times: ControlTimes, held: HeldDocuments) -> None:
        self.till = till
        self.times = times
        self._held = held
        self._out: Out = []
        self._now_ms = 0
        self._woken_at_ms: int | None = None
        # the line
        self._line = _Line.APART
        self._keep = False
        self._frames = FrameReader()
        self._connect_by_ms = 0
        self._reconnect_at_ms: int | None = None
        self._failures = 0
        self._silences = 0
        self._heard_ms = 0
        # requests
        self._last_id = 0
        self._waiting: list[_Asked] = []
        self._open: dict[int, _Asked] = {}
        self._past: dict[int, _Asked] = {}
        self._chore: _Asked | None = None
        # the device
        self._serial: str | None = None
        self._home: str | None = None
        self._sent_to: dict[str, str] = {}
        self._profile: ToldProfile | None = None
        self._cursor = 0
        self._brought: set[int] = set()
        self._told: tuple[str, int, int] = ("", 0, 0)
        self._newest_id = 0
        self._behind_told = False
        self._clock_is_off = False
        self._health = Health("unknown", None, None, None, 0)

    # ── what the station asks ───────────────────────────────────────────────────────────────────────────────

    def start(self, now_ms: int) -> Out:
        """Connect, and stay connected from now on."""
        self._begin(now_ms)
        self._keep = True
        if self._line is _Line.APART:
            self._connect()
        return self._end()

    def register(self, operation: Operation, leg: Leg, now_ms: int) -> Out:
        """Ask the device to register this leg; the outcome is told by the leg's key."""
        self._begin(now_ms)
        self._ask(_Asked("register", operation, leg))
        return self._end()

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> Out:
        """Ask the device what became of this leg's key, and have it fenced if absent."""
        self._begin(now_ms)
        self._ask(_Asked("inquire", operation, leg))
        return self._end()

    # ── what the driver tells ───────────────────────────────────────────────────────────────────────────────

    def connected(self, now_ms: int) -> Out:
        """The connection stands."""
        self._begin(now_ms)
        if self._line is _Line.CONNECTING:
            self._line = _Line.GREETING
            self._frames = FrameReader()
            self._silences = 0
            self._send_chore(_Asked("hello"))
        return self._end()

    def connect_failed(self, now_ms: int) -> Out:
        """There is nobody."""
        self._begin(now_ms)
        if self._line is _Line.CONNECTING:
            self._lose(reading.DISCONNECTED)
        return self._end()

    def received(self, data: bytes, now_ms: int) -> Out:
        """Bytes from the device, in whatever pieces."""
        self._begin(now_ms)
        if self._line in (_Line.APART, _Line.CONNECTING):
            return self._end()
        self._heard_ms = now_ms
        for message in self._frames.feed(data):
            self._message(message)
        if self._frames.broken:
            self._out.append(Noticed(reading.GARBLED))
            self._out.append(Disconnect())
            self._lose(reading.GARBLED)
        return self._end()

    def closed(self, now_ms: int) -> Out:
        """The connection is gone."""
        self._begin(now_ms)
        if self._line is not _Line.APART:
            self._lose(reading.DISCONNECTED)
        return self._end()

    def due(self, now_ms: int) -> Out:
        """Time has passed."""
        self._begin(now_ms)
        if self._woken_at_ms is not None and self._woken_at_ms <= now_ms:
            self._woken_at_ms = None
        self._expire()
        if self._line is _Line.CONNECTING and self._connect_by_ms <= now_ms:
            self._out.append(Disconnect())
            self._lose(reading.DISCONNECTED)
        if self._reconnect_at_ms is not None and self._reconnect_at_ms <= now_ms:
            self._connect()
        if self._line is _Line.READY and self._next_status_ms() <= now_ms:
            self._send_chore(_Asked("status"))
        return self._end()

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, now_ms: int) -> None:
        self._out = []
        if now_ms < self._now_ms:
            self._clock_went_back(self._now_ms - now_ms)
        self._now_ms = now_ms

    def _clock_went_back(self, by_ms: int) -> None:
        """Somebody has set the wall clock: what was to last three seconds still lasts three seconds."""
        for asked in (*self._waiting, *self._open.values()):
            asked.deadline_ms -= by_ms
        self._connect_by_ms -= by_ms
        self._heard_ms -= by_ms
        if self._reconnect_at_ms is not None:
            self._reconnect_at_ms -= by_ms
        serial, number, at_ms = self._told
        self._told = (serial, number, at_ms - by_ms)

    def _end(self) -> Out:
        next_ms = self._next_ms()
        if next_ms is not None and (self._woken_at_ms is None or next_ms < self._woken_at_ms):
            self._woken_at_ms = next_ms
            self._out.append(WakeAt(next_ms))
        return self._out

    def _next_ms(self) -> int | None:
        times = [asked.deadline_ms for asked in self._open.values()]
        times += [asked.deadline_ms for asked in self._waiting]
        if self._line is _Line.CONNECTING:
            times.append(self._connect_by_ms)
        if self._reconnect_at_ms is not None:
            times.append(self._reconnect_at_ms)
        if self._line is _Line.READY and self.times.status_every_ms and not self._open:
            times.append(self._next_status_ms())
        return min(times, default=None)

    def _next_status_ms(self) -> int:
        """When an idle device is asked how it stands; for a busy one, or if it never is, out of reach."""
        if not self.times.status_every_ms or self._open:
            return self._now_ms + 1
        return self._heard_ms + self.times.status_every_ms

    def _expire(self) -> None:
        """End what has waited for its time; a chore is asked again."""
        now_ms = self._now_ms
        for asked in [asked for asked in self._waiting if asked.deadline_ms <= now_ms]:
            self._waiting.remove(asked)
            self._tell_unsent(asked, reading.DISCONNECTED)
        for asked in [asked for asked in self._open.values() if asked.deadline_ms <= now_ms]:
            self._silences += 1
            self._to_the_past(asked)
            if asked.key is not None:
                self._tell(asked, NoAnswer(reading.DISCONNECTED))
        if self._silences >= SILENCES_MAX and self._line is not _Line.APART:
            self._out.append(Disconnect())
            self._lose(reading.DISCONNECTED)
        elif self._chore is not None and self._chore.id not in self._open:
            self._send_chore(_Asked(self._chore.do, above=self._chore.above))

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        if self._home is None:
            self._home = self._held.serial(self.till)
        self._line = _Line.CONNECTING
        self._reconnect_at_ms = None
        self._connect_by_ms = self._now_ms + self.times.connect_within_ms
        self._out.append(Connect())
        if self._failures == 0:
            self._say_health("connecting")

    def _lose(self, fault: Fault) -> None:
        """The line is gone: what was sent has no answer, what was not has not been sent."""
        self._line = _Line.APART
        self._chore = None
        gone, waiting = list(self._open.values()), self._waiting
        self._open, self._waiting = {}, []
        self._past.clear()
        for asked in gone:
            if asked.key is not None:
                self._tell(asked, NoAnswer(fault))
        for asked in waiting:
            self._tell_unsent(asked, fault)
        self._say_health("lost")
        if self._keep:
            delays = self.times.reconnect_delays_ms
            self._reconnect_at_ms = self._now_ms + delays[min(self._failures, len(delays) - 1)]
        self._failures += 1

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, asked: _Asked) -> None:
        asked.deadline_ms = self._now_ms + self.times.connect_within_ms
        self._waiting.append(asked)
        if self._line is _Line.APART:
            self._connect()
        self._flush()

    def _flush(self) -> None:
        while self._waiting and self._line is _Line.READY:
            self._transmit(self._waiting.pop(0))

    def _send_chore(self, asked: _Asked) -> None:
        self._chore = asked
        self._transmit(asked)

    def _transmit(self, asked: _Asked) -> None:
        self._last_id += 1
        asked.id = self._last_id
        try:
            data = frame(encode(self._request(asked)))
        except (Garbled, TooLong):
            self._tell_unsent(asked, reading.UNWRITABLE)
            return
        asked.deadline_ms = self._now_ms + self.times.answer_within_ms
        self._open[asked.id] = asked
        if asked.do == "register" and asked.key is not None and self._serial is not None:
            self._sent_to[asked.key] = self._serial
        self._out.append(Transmit(data))

    def _request(self, asked: _Asked) -> Request:
        if asked.operation is not None and asked.leg is not None:
            if asked.do == "register":
                return self._register_request(asked.id, asked.operation, asked.leg)
            return Inquire(asked.id, asked.leg.key, True, self._after())
        if asked.do == "documents":
            return Documents(asked.id, asked.above, PAGE)
        if asked.do == "restore":
            return Restore(asked.id, self._to_hand_back(asked.above))
        return Hello(asked.id, self.till) if asked.do == "hello" else Status(asked.id)

    def _register_request(self, request_id: int, operation: Operation, leg: Leg) -> Register:
        content = operation.content
        return Register(
            request_id,
            leg.key,
            self.till,
            reading.KIND_OF_ACTION[leg.action],
            content.currency,
            content.total_minor,
            operation.content_hash,
            content.lines,
            content.tenders,
            self._after(),
        )

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────

    def _message(self, message: bytes) -> None:
        self._silences = 0
        try:
            reply = decode_reply(message)
        except Garbled:
            self._nonsense()
            return
        asked = self._open.get(reply.id) or self._past.get(reply.id)
        if (
            asked is None
            or asked.do != reply.do
            or asked.key != reply.key
            or self._from_another(asked, reply)
        ):
            self._out.append(Noticed(reading.GARBLED))
        elif asked.key is None:
            self._chore_answered(asked, reply)
        else:
            self._answered(asked, reply)

    def _from_another(self, asked: _Asked, reply: ReplyMessage) -> bool:
        """A reply in the name of another device than the one that greeted on this connection."""
        return asked.do != "hello" and reply.serial != self._serial

    def _nonsense(self) -> None:
        """A whole frame that cannot be read. With one request open, it stands in place of its answer."""
        self._out.append(Noticed(reading.GARBLED))
        opened = [asked for asked in self._open.values() if asked.key is not None]
        if len(opened) == 1 and len(self._open) == 1:
            self._to_the_past(opened[0])
            self._tell(opened[0], NoAnswer(reading.GARBLED))

    def _answered(self, asked: _Asked, reply: ReplyMessage) -> None:
        answer = (reply.ok, reply.code, reply.found, reply.document)
        if asked.answer == answer:
            return  # said twice
        late = asked.id not in self._open
        if not reply.ok and reply.code in ("behind", "ahead"):
            if not late:
                self._apart(asked, reply)
            return
        self._to_the_past(asked)
        asked.answer = answer
        if asked.do == "register":
            self._registered(asked, reply)
        else:
            self._inquired(asked, reply)
        self._observe(reply)
        if self._line is _Line.READY and reply.last_number > self._cursor:
            self._align(reply.last_number)

    def _registered(self, asked: _Asked, reply: ReplyMessage) -> None:
        if not reply.ok:
            self._settled(asked, reading.refused(reply, self._now_ms))
            return
        record = self._record(asked, reply)
        if record is None:
            self._disbelieved(asked)
        else:
            self._settled(asked, reading.accepted(record, self._now_ms), record)

    def _inquired(self, asked: _Asked, reply: ReplyMessage) -> None:
        if not reply.ok or reply.found is None:
            self._disbelieved(asked)
        elif reply.found:
            record = self._record(asked, reply)
            if record is None:
                self._disbelieved(asked)
            else:
                self._settled(asked, reading.found(record, self._now_ms), record)
        else:
            self._absent(asked, reply)

    def _absent(self, asked: _Asked, reply: ReplyMessage) -> None:
        """Absence counts only at the device that was asked to register, and only while it still knows the
        key.
        """
        outcome = reading.absent(reply, self._now_ms)
        asked_of = self._sent_to.get(asked.key or "", self._home)
        if asked_of is not None and asked_of != reply.serial:
            self._tell(asked, NoAnswer(reading.replaced(reply.serial, asked_of)))
        elif self._forgotten(asked):
            self._tell(asked, NoAnswer(reading.DISCONNECTED))
        else:
            self._settled(asked, outcome)

    def _forgotten(self, asked: _Asked) -> bool:
        if self._profile is None or asked.operation is None:
            return False
        return self._now_ms - asked.operation.started_ms > self._profile.retention_ms

    def _record(self, asked: _Asked, reply: ReplyMessage) -> DeviceRecord | None:
        """The document that the reply brings, if it is the one that was asked for."""
        if reply.document is None or asked.operation is None or asked.leg is None:
            return None
        try:
            record = reading.read_record(reply.document)
        except Garbled:
            return None
        return record if reading.is_answer(record, reply, self.till, asked.operation, asked.leg) else None

    def _apart(self, asked: _Asked, reply: ReplyMessage) -> None:
        """The device and the till do not agree on the last number: nothing was done. Bring them together."""
        del self._open[asked.id]
        if reply.code == "ahead" and asked.rounds < ROUNDS_MAX:
            asked.rounds += 1
            asked.deadline_ms = self._now_ms + self.times.connect_within_ms
            self._waiting.insert(0, asked)
            self._observe(reply)
            self._align(reply.last_number)
            return
        self._observe(reply)
        if self._line is _Line.READY:
            self._align(reply.last_number)
        fault = reading.DISCONNECTED
        if self._serial is not None and reply.code == "behind":
            fault = reading.behind(self._serial, reply.last_number, self._after())
        self._tell_unsent(asked, fault)

    # ── chores: greeting, reading, handing back ─────────────────────────────────────────────────────────────

    def _chore_answered(self, asked: _Asked, reply: ReplyMessage) -> None:
        chore = self._chore
        self._to_the_past(asked)
        if chore is None or (asked.do, asked.above) != (chore.do, chore.above):
            return
        if chore is not asked:
            self._to_the_past(chore)
        self._chore = None
        if asked.do == "hello":
            self._greeted(reply)
        elif asked.do == "documents":
            self._page_came(asked, reply)
        elif asked.do == "restore":
            self._handed_back(asked, reply)
        else:
            self._observe(reply)
            self._align(reply.last_number)

    def _greeted(self, reply: ReplyMessage) -> None:
        known = self._serial or self._home
        if known is not None and known != reply.serial:
            self._out.append(Noticed(reading.replaced(reply.serial, known)))
        self._serial, self._profile = reply.serial, reply.profile
        self._home = self._home or reply.serial
        self._cursor = self._held.last_number(reply.serial)
        self._brought.clear()
        self._failures = 0
        self._behind_told = False
        self._observe(reply)
        self._align(reply.last_number)

    def _align(self, last_number: int) -> None:
        """The next step that brings the two to the same number; ready when there is none."""
        self._line = _Line.ALIGNING
        after = self._after()
        if last_number < after:
            self._notice_behind(last_number, after)
            self._send_chore(_Asked("restore", above=last_number))
        elif last_number > self._cursor:
            self._send_chore(_Asked("documents", above=self._cursor))
        else:
            self._ready()

    def _ready(self) -> None:
        self._line = _Line.READY
        self._behind_told = False
        self._say_health("ready")
        self._flush()

    def _notice_behind(self, last_number: int, after: int) -> None:
        if not self._behind_told and self._serial is not None:
            self._behind_told = True
            self._out.append(Noticed(reading.behind(self._serial, last_number, after)))

    def _page_came(self, asked: _Asked, reply: ReplyMessage) -> None:
        records = self._records(reply.documents)
        if not records:
            self._out.append(Noticed(reading.GARBLED))
            self._observe(reply)
            self._ready()
            return
        new = tuple(record for record in records if record.number not in self._brought)
        self._cursor = records[-1].number
        self._brought = {number for number in self._brought if number > self._cursor}
        if new:
            self._out.append(Recorded(new))
            self._now_told(self._cursor)
        self._observe(reply)
        self._align(max(reply.last_number, self._after()))

    def _records(self, texts: Iterable[str]) -> list[DeviceRecord]:
        """The documents that follow on the last number held, without a gap, up to the first that cannot be
        read.
        """
        records: list[DeviceRecord] = []
        for number, text in enumerate(texts, start=self._cursor + 1):
            try:
                record = reading.read_record(text)
            except Garbled:
                break
            if record.number != number or record.serial != self._serial:
                break
            records.append(record)
        return records

    def _to_hand_back(self, above: int) -> list[str]:
        texts: list[str] = []
        size = 0
        for text in self._held.documents(self._serial or "", above, PAGE):
            size += 2 * len(text)
            if texts and size > RESTORE_BYTES:
                break
            texts.append(text)
        return texts

    def _handed_back(self, asked: _Asked, reply: ReplyMessage) -> None:
        self._observe(reply)
        if reply.ok and reply.last_number > asked.above:
            self._align(reply.last_number)
            return
        self._ready()

    # ── how the device stands ───────────────────────────────────────────────────────────────────────────────

    def _after(self) -> int:
        """The last number that the till holds: by the journal, or told just now and still being written."""
        serial, number, at_ms = self._told
        if serial == self._serial and self._now_ms - at_ms <= BELIEVED_MS:
            return max(self._cursor, number)
        return self._cursor

    def _now_told(self, number: int) -> None:
        serial, old, _ = self._told
        same = serial == self._serial
        self._told = (self._serial or "", max(number, old if same else 0), self._now_ms)

    def _observe(self, reply: ReplyMessage) -> None:
        """Take in how the device stands, from the newest reply."""
        if reply.id < self._newest_id:
            return
        self._newest_id = reply.id
        self._watch_clock(reply.clock_ms)
        state = "ready" if self._line is _Line.READY else self._health.state
        self._say_health(state, reply)

    def _watch_clock(self, clock_ms: int) -> None:
        offset_ms = clock_ms - self._now_ms
        is_off = abs(offset_ms) > self.times.clock_tolerance_ms
        if is_off and not self._clock_is_off:
            self._out.append(Noticed(reading.clock_off(offset_ms)))
        self._clock_is_off = is_off

    def _say_health(self, state: str, reply: ReplyMessage | None = None) -> None:
        old = self._health
        serial, last_number, counters = old.serial, old.last_number, old.counters
        if reply is not None:
            serial, last_number, counters = reply.serial, reply.last_number, reply.counters
        if (state, serial, last_number) != (
            old.state,
            old.serial,
            old.last_number,
        ) or counters != old.counters:
            self._health = Health(state, serial, last_number, counters, self._now_ms)
            self._out.append(self._health)

    # ── telling ─────────────────────────────────────────────────────────────────────────────────────────────

    def _settled(
        self, asked: _Asked, outcome: Outcome | InquiryOutcome, record: DeviceRecord | None = None
    ) -> None:
        """The device has said what became of the key."""
        if asked.key is not None and not (isinstance(outcome, Absent) and not outcome.fenced):
            self._sent_to.pop(asked.key, None)
        if record is not None:
            self._take(record)
        self._tell(asked, outcome, record)

    def _take(self, record: DeviceRecord) -> None:
        if record.number == self._cursor + 1:
            self._cursor = record.number
        elif record.number > self._cursor:
            self._brought.add(record.number)
        self._now_told(record.number)

    def _disbelieved(self, asked: _Asked) -> None:
        """An answer that contradicts what was asked is no answer."""
        self._out.append(Noticed(reading.GARBLED))
        self._tell(asked, NoAnswer(reading.GARBLED))

    def _tell(
        self, asked: _Asked, outcome: Outcome | InquiryOutcome, record: DeviceRecord | None = None
    ) -> None:
        if asked.key is not None:
            self._out.append(Told(asked.key, outcome, asked.do == "inquire", record))

    def _tell_unsent(self, asked: _Asked, fault: Fault) -> None:
        self._tell(asked, NoAnswer(fault) if asked.do == "inquire" else NotSent(fault))

    def _to_the_past(self, asked: _Asked) -> None:
        if self._open.pop(asked.id, None) is None:
            return
        self._past[asked.id] = asked
        if len(self._past) > PAST_MAX:
            del self._past[next(iter(self._past))]
