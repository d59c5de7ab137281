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
finds its leg. The connection is given up only when its frames are broken, or when for half a minute no
message at all has come to what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import InquiryOutcome, NoAnswer, NotSent, Outcome
from tillwright.operations.model import Leg, Operation
from tillwright.parties.control import reading
from tillwright.parties.control.addressed import Addressed
from tillwright.parties.control.asking import Asked
from tillwright.parties.control.held import HeldDocuments
from tillwright.parties.control.messages import Garbled, ReplyMessage, ToldProfile, decode_reply, encode
from tillwright.parties.control.numbers import HeldNumbers
from tillwright.parties.control.standing import Standing
from tillwright.parties.frames import FrameReader, TooLong, frame
from tillwright.parties.wire import (
    Action,
    Connect,
    DeviceRecord,
    Disconnect,
    Noticed,
    Recorded,
    Telling,
    Told,
    Transmit,
    WakeAt,
)

DEAD_AFTER_MS = 30_000
"""A line on which requests get no message at all for so long counts as dead."""
PAST_MAX = 64
"""So many requests that are over are remembered, for their late answers."""
ROUNDS_MAX = 3
"""So often a request is sent again because the device was ahead; then it is 'not sent'."""
GARBLED_EVERY_MS = 1_000
"""A device that babbles is noticed once in so much time, not once a frame."""
CLOCK_SET_MS = 1_000
"""A wall clock that goes back by more than this has been set."""

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


class ControlAdapter:
    """Speaks to the control device of one till. Not for two threads at once."""

    def __init__(self, till: str, times: ControlTimes, held: HeldDocuments) -> None:
        self.till = till
        self.times = times
        self._addressed = Addressed(till, held)
        self._numbers = HeldNumbers(held)
        self._standing = Standing(times.clock_tolerance_ms)
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
        self._heard_ms = 0
        self._silent_since_ms: int | None = None
        # requests
        self._last_id = 0
        self._waiting: list[Asked] = []
        self._open: dict[int, Asked] = {}
        self._past: dict[int, Asked] = {}
        self._chore: Asked | None = None
        # the device
        self._profile: ToldProfile | None = None
        self._behind_told = False
        self._garbled_ms: int | None = None

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
        self._ask(Asked("register", reading.Subject(operation, leg)))
        return self._end()

    def inquire(self, operation: Operation, leg: Leg, now_ms: int) -> Out:
        """Ask the device what became of this leg's key, and have it fenced if absent."""
        self._begin(now_ms)
        self._ask(Asked("inquire", reading.Subject(operation, leg)))
        return self._end()

    def status(self, now_ms: int) -> Out:
        """Ask the device how it stands now. The answer is a Health of this moment or later: 'ready' when the
        till holds all that the device has, otherwise 'lost'.
        """
        self._begin(now_ms)
        self._ask(Asked("status", wanted=True))
        return self._end()

    # ── what the driver tells ───────────────────────────────────────────────────────────────────────────────

    def connected(self, now_ms: int) -> Out:
        """The connection stands."""
        self._begin(now_ms)
        if self._line is _Line.CONNECTING:
            self._line = _Line.GREETING
            self._frames = FrameReader()
            self._silent_since_ms = None
            self._send_chore(Asked("hello"))
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
        self._heard_ms = self._now_ms
        for message in self._frames.feed(data):
            self._message(message)
        if self._frames.broken:
            self._notice_garbled()
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
        if self._woken_at_ms is not None and self._woken_at_ms <= self._now_ms:
            self._woken_at_ms = None
        self._expire()
        if self._line is _Line.CONNECTING and self._connect_by_ms <= self._now_ms:
            self._out.append(Disconnect())
            self._lose(reading.DISCONNECTED)
        if self._reconnect_at_ms is not None and self._reconnect_at_ms <= self._now_ms:
            self._connect()
        if self._is_idle() and self._heard_ms + self.times.status_every_ms <= self._now_ms:
            self._send_chore(Asked("status"))
        return self._end()

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, now_ms: int) -> None:
        """Time goes on. A little less than before is two threads that looked one after the other."""
        self._out = []
        back_ms = self._now_ms - now_ms
        if back_ms > CLOCK_SET_MS:
            self._clock_went_back(back_ms)
        elif back_ms > 0:
            return
        self._now_ms = now_ms

    def _clock_went_back(self, by_ms: int) -> None:
        """Somebody has set the wall clock: what was to last three seconds still lasts three seconds."""
        for asked in (*self._waiting, *self._open.values()):
            asked.deadline_ms -= by_ms
        self._connect_by_ms -= by_ms
        self._heard_ms -= by_ms
        if self._silent_since_ms is not None:
            self._silent_since_ms -= by_ms
        if self._reconnect_at_ms is not None:
            self._reconnect_at_ms -= by_ms
        if self._garbled_ms is not None:
            self._garbled_ms -= by_ms
        self._numbers.clock_went_back(by_ms)

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
        if self._is_idle():
            times.append(self._heard_ms + self.times.status_every_ms)
        return min(times, default=None)

    def _is_idle(self) -> bool:
        """Whether the device is to be asked how it stands when it has been quiet for long enough."""
        return self.times.status_every_ms > 0 and self._line is _Line.READY and not self._open

    def _expire(self) -> None:
        """End what has waited for its time; a chore is asked again."""
        now_ms = self._now_ms
        for asked in [asked for asked in self._waiting if asked.deadline_ms <= now_ms]:
            self._waiting.remove(asked)
            self._tell_unsent(asked, self._why_nothing())
        for asked in [asked for asked in self._open.values() if asked.deadline_ms <= now_ms]:
            self._to_the_past(asked)
            self._tell(asked, NoAnswer(reading.SILENT))
        if self._silent_since_ms is not None and now_ms - self._silent_since_ms >= DEAD_AFTER_MS:
            self._out.append(Disconnect())
            self._lose(reading.DISCONNECTED)
        elif self._chore is not None and self._chore.id not in self._open:
            self._send_chore(Asked(self._chore.do, above=self._chore.above))
        self._flush()

    def _why_nothing(self) -> Fault:
        """Why a request was not sent in its time: nobody is there, or who is there says nothing."""
        return reading.DISCONNECTED if self._line in (_Line.APART, _Line.CONNECTING) else reading.SILENT

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        self._addressed.begin()
        self._line = _Line.CONNECTING
        self._reconnect_at_ms = None
        self._connect_by_ms = self._now_ms + self.times.connect_within_ms
        self._out.append(Connect())
        if self._failures == 0:
            self._turn("connecting")

    def _lose(self, fault: Fault) -> None:
        """The line is gone: what was sent has no answer, what was not has not been sent."""
        self._line = _Line.APART
        self._silent_since_ms = None
        self._chore = None
        gone, waiting = list(self._open.values()), self._waiting
        self._open, self._waiting = {}, []
        self._past.clear()
        for asked in gone:
            self._tell(asked, NoAnswer(fault))
        for asked in waiting:
            self._tell_unsent(asked, fault)
        self._turn("lost")
        if self._keep:
            delays = self.times.reconnect_delays_ms
            self._reconnect_at_ms = self._now_ms + delays[min(self._failures, len(delays) - 1)]
        self._failures += 1

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, asked: Asked) -> None:
        asked.deadline_ms = self._now_ms + self.times.connect_within_ms
        self._waiting.append(asked)
        if self._line is _Line.APART:
            self._connect()
        self._flush()

    def _flush(self) -> None:
        """Send what waits. Registering goes one at a time: each says which number it follows on."""
        kept: list[Asked] = []
        while self._waiting and self._line is _Line.READY:
            asked = self._waiting.pop(0)
            if asked.do == "register" and any(other.do == "register" for other in self._open.values()):
                kept.append(asked)
            else:
                self._transmit(asked)
        self._waiting[:0] = kept

    def _send_chore(self, asked: Asked) -> None:
        self._chore = asked
        self._transmit(asked)

    def _transmit(self, asked: Asked) -> None:
        self._last_id += 1
        asked.id = self._last_id
        to_hand_back = self._numbers.to_hand_back(asked.above) if asked.do == "restore" else []
        message = asked.message(self.till, self._numbers.after(self._now_ms), to_hand_back)
        try:
            data = frame(encode(message))
        except (Garbled, TooLong):
            self._tell_unsent(asked, reading.UNWRITABLE)
            return
        asked.deadline_ms = self._now_ms + self.times.answer_within_ms
        self._open[asked.id] = asked
        if self._silent_since_ms is None:
            self._silent_since_ms = self._now_ms
        if asked.do == "register" and asked.key is not None and self._numbers.serial is not None:
            self._addressed.sent(asked.key, self._numbers.serial)
        self._out.append(Transmit(data))

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────

    def _message(self, message: bytes) -> None:
        self._silent_since_ms = None
        try:
            reply = decode_reply(message)
        except Garbled:
            self._nonsense()
            return
        asked = self._open.get(reply.id) or self._past.get(reply.id)
        if asked is None or (asked.do, asked.key) != (reply.do, reply.key) or self._from_another(reply):
            self._notice_garbled()
        elif asked.wanted:
            self._stood(asked, reply)
        elif asked.key is None:
            self._chore_answered(asked, reply)
        else:
            self._answered(asked, reply)

    def _from_another(self, reply: ReplyMessage) -> bool:
        """A reply in the name of another device than the one that greeted on this connection."""
        return reply.do != "hello" and reply.serial != self._numbers.serial

    def _nonsense(self) -> None:
        """A whole frame that cannot be read. With one request open, it stands in place of its answer."""
        self._notice_garbled()
        opened = list(self._open.values())
        if len(opened) == 1 and opened[0].key is not None:
            self._to_the_past(opened[0])
            self._tell(opened[0], NoAnswer(reading.GARBLED))
            self._flush()

    def _notice_garbled(self) -> None:
        if self._garbled_ms is None or self._now_ms - self._garbled_ms >= GARBLED_EVERY_MS:
            self._garbled_ms = self._now_ms
            self._out.append(Noticed(reading.GARBLED))

    def _answered(self, asked: Asked, reply: ReplyMessage) -> None:
        if asked.answer == reading.gist(reply):
            return  # said twice
        if not reply.ok and reply.code in ("behind", "ahead"):
            if asked.id in self._open:
                self._apart(asked, reply)
            return
        self._to_the_past(asked)
        asked.answer = reading.gist(reply)
        if asked.do == "register":
            self._registered(asked, reply)
        else:
            self._inquired(asked, reply)
        self._observe(reply)
        if self._line is _Line.READY and reply.last_number > self._numbers.cursor:
            self._read_on()
        self._flush()

    def _registered(self, asked: Asked, reply: ReplyMessage) -> None:
        if not reply.ok and asked.subject is not None:
            self._tell(asked, reading.refused(reply, asked.subject, self._now_ms))
            return
        record = reading.record_of(reply, self.till, asked.subject)
        if record is None:
            self._disbelieve(asked)
        else:
            self._believe(asked, reading.accepted(record, self._now_ms), record)

    def _inquired(self, asked: Asked, reply: ReplyMessage) -> None:
        record = reading.record_of(reply, self.till, asked.subject) if reply.found else None
        if record is not None:
            self._believe(asked, reading.found(record, self._now_ms), record)
        elif reply.ok and reply.found is False:
            self._absent(asked, reply)
        else:
            self._disbelieve(asked)

    def _absent(self, asked: Asked, reply: ReplyMessage) -> None:
        """Absence counts only at the device that was asked to register, and while it still knows the key."""
        asked_of = self._addressed.of(asked.key or "")
        if asked_of is not None and asked_of != reply.serial:
            self._tell(asked, NoAnswer(reading.replaced(reply.serial, asked_of)))
        elif self._is_forgotten(asked):
            self._tell(asked, NoAnswer(reading.DISCONNECTED))
        else:
            self._tell(asked, reading.absent(reply, self._now_ms))

    def _is_forgotten(self, asked: Asked) -> bool:
        if self._profile is None or asked.subject is None:
            return False
        return self._now_ms - asked.subject.operation.started_ms > self._profile.retention_ms

    def _apart(self, asked: Asked, reply: ReplyMessage) -> None:
        """The device and the till do not agree on the last number: nothing was done. Bring them together."""
        self._to_the_past(asked)
        asked.answer = reading.gist(reply)
        self._observe(reply)
        again = reply.code == "ahead" and asked.rounds < ROUNDS_MAX
        if again:
            self._wait_again(asked)
        if again or self._line is _Line.READY:
            self._align(reply.last_number)
        if not again:
            self._tell_unsent(asked, self._disagreement(reply))

    def _wait_again(self, asked: Asked) -> None:
        """The same request once more, when the documents of the device have been read."""
        another = Asked(asked.do, asked.subject, wanted=asked.wanted)
        another.rounds = asked.rounds + 1
        another.deadline_ms = self._now_ms + self.times.connect_within_ms
        self._waiting.insert(0, another)

    def _disagreement(self, reply: ReplyMessage) -> Fault:
        if reply.code == "ahead":
            return reading.DISCONNECTED
        return reading.behind(reply.serial, reply.last_number, self._numbers.after(self._now_ms))

    def _stood(self, asked: Asked, reply: ReplyMessage) -> None:
        """How the device stands, as the station wanted to know: told once the till holds all of it."""
        if asked.id not in self._open:
            return  # too late, and told as such
        self._to_the_past(asked)
        self._observe(reply)
        apart = self._line is not _Line.READY or reply.last_number != self._numbers.cursor
        if not apart:
            self._out += self._standing.tell("ready", self._now_ms)
        elif asked.rounds < ROUNDS_MAX:
            self._wait_again(asked)
        else:
            self._out += self._standing.tell("lost", self._now_ms)
        if apart and self._line is _Line.READY:
            self._align(reply.last_number)
        self._flush()

    # ── chores: greeting, reading, handing back ─────────────────────────────────────────────────────────────

    def _chore_answered(self, asked: Asked, reply: ReplyMessage) -> None:
        chore = self._chore
        self._to_the_past(asked)
        if chore is None or (asked.do, asked.above) != (chore.do, chore.above):
            return
        self._to_the_past(chore)
        self._chore = None
        if asked.do == "hello":
            self._greeted(reply)
        elif asked.do == "documents":
            self._page_came(reply)
        elif asked.do == "restore":
            self._handed_back(asked, reply)
        else:
            self._observe(reply)
            self._align(reply.last_number)

    def _greeted(self, reply: ReplyMessage) -> None:
        other = self._addressed.greeted(reply.serial, self._numbers.serial)
        if other is not None:
            self._out.append(Noticed(reading.replaced(reply.serial, other)))
        self._numbers.greet(reply.serial)
        self._profile = reply.profile
        self._failures = 0
        self._behind_told = False
        self._observe(reply)
        self._align(reply.last_number)

    def _align(self, last_number: int) -> None:
        """The next step that brings the two to the same number; ready when there is none."""
        after = self._numbers.after(self._now_ms)
        if last_number < after:
            self._line = _Line.ALIGNING
            if not self._behind_told:
                self._behind_told = True
                self._out.append(Noticed(reading.behind(self._numbers.serial or "", last_number, after)))
            self._send_chore(Asked("restore", above=last_number))
        elif last_number > self._numbers.cursor:
            self._read_on()
        else:
            self._ready()

    def _read_on(self) -> None:
        self._line = _Line.ALIGNING
        self._send_chore(Asked("documents", above=self._numbers.cursor))

    def _ready(self) -> None:
        self._line = _Line.READY
        self._behind_told = False
        self._turn("ready")
        self._flush()

    def _page_came(self, reply: ReplyMessage) -> None:
        self._observe(reply)
        new = self._numbers.page(reply.documents, self._now_ms)
        if new:
            self._out.append(Recorded(new))
        if new is None:
            self._notice_garbled()
            self._ready()
        elif reply.last_number > self._numbers.cursor:
            self._read_on()
        else:
            self._ready()

    def _handed_back(self, asked: Asked, reply: ReplyMessage) -> None:
        """Go on handing back as long as it helps; a device that takes nothing registers nothing either."""
        self._observe(reply)
        if reply.ok and reply.last_number > asked.above:
            self._align(reply.last_number)
        else:
            self._ready()

    # ── telling ─────────────────────────────────────────────────────────────────────────────────────────────

    def _believe(self, asked: Asked, outcome: Outcome | InquiryOutcome, record: DeviceRecord) -> None:
        self._numbers.take(record, self._now_ms)
        self._tell(asked, outcome, record)

    def _disbelieve(self, asked: Asked) -> None:
        """An answer that contradicts what was asked is no answer."""
        self._notice_garbled()
        self._tell(asked, NoAnswer(reading.GARBLED))

    def _tell(
        self, asked: Asked, outcome: Outcome | InquiryOutcome, record: DeviceRecord | None = None
    ) -> None:
        """Nothing is told of a chore: it has no key. Nor has a question how the device stands."""
        if asked.wanted:
            self._out += self._standing.tell("lost", self._now_ms)
        elif asked.key is not None:
            self._out.append(Told(asked.key, outcome, asked.do == "inquire", record))

    def _tell_unsent(self, asked: Asked, fault: Fault) -> None:
        self._tell(asked, NoAnswer(fault) if asked.do == "inquire" else NotSent(fault))

    def _observe(self, reply: ReplyMessage) -> None:
        state = "ready" if self._line is _Line.READY else self._standing.health.state
        self._out += self._standing.observe(reply, state, self._now_ms)

    def _turn(self, state: str) -> None:
        self._out += self._standing.turn(state, self._now_ms)

    def _to_the_past(self, asked: Asked) -> None:
        if self._open.pop(asked.id, None) is None:
            return
        self._past[asked.id] = asked
        if len(self._past) > PAST_MAX:
            del self._past[next(iter(self._past))]
