"""A till's line to a party over HTTP: one connection that is kept, one request at a time, each with its end.

The line that matters: as long as the connection does not stand, a request has not been sent; once it was
handed to the driver it may have arrived, whatever broke. Nothing is asked before its turn, so that an answer
can belong to one request only.

A connection is opened when something is to be asked, and kept afterwards. A party may close it while it
rests, at the very moment in which the next request leaves: what was asked on a used connection and met no
byte of an answer is asked once more on a new one, because all that goes over this line may be repeated. When
the time of a request is over, the connection is kept for its late answer, unless something else is to be
asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Any

import h11

from tillwright.parties.http.exchange import (
    BODY_BYTES_MAX,
    DIGEST,
    REQUEST_ID,
    Garbled,
    HttpAnswer,
    HttpFailure,
    HttpRequest,
    digest_of,
    id_of,
    is_whole,
    length_of,
)
from tillwright.parties.wire import Action, Connect, Disconnect, PartyHealth, Telling, Transmit, WakeAt

CLOCK_SET_MS = 1_000
"""A wall clock that goes back by more than this has been set."""

Out = list[Action | Telling]


@dataclass(frozen=True, slots=True)
class HttpTimes:
    """How long a line waits, in milliseconds.

    `late_within_ms`: how long after its time a request may still be answered while nothing else is asked; the
    same request asked again waits for that as long as for a connection. `rest_within_ms`: a connection that
    has rested for longer is not used again. `status_every_ms`: how often an adapter asks by itself how its
    party stands, the first time at once; 0 never. `retry_every_ms`: the same after such a question failed.
    """

    connect_within_ms: int = 2_000
    answer_within_ms: int = 5_000
    late_within_ms: int = 10_000
    rest_within_ms: int = 30_000
    status_every_ms: int = 0
    retry_every_ms: int = 30_000


class Status:
    """The tag of the question how the party stands."""


class _State(Enum):
    APART = "apart"
    CONNECTING = "connecting"
    STANDING = "standing"


class Exchange:
    """One request, from the wish to the end. `tag` is what the adapter wants to know it by."""

    __slots__ = ("again", "deadline_ms", "id", "is_over", "request", "sent", "tag")

    def __init__(self, request: HttpRequest, tag: Any) -> None:
        self.request = request
        self.tag = tag
        self.id = 0
        self.deadline_ms: int | None = None
        """Runs from when its turn has come, and anew from when it was sent; then for its late answer."""
        self.sent = False
        self.again = False
        self.is_over = False


class HttpAdapter(ABC):
    """What all adapters over HTTP have in common: the driver's calls, and the line. Not for two threads."""

    def __init__(self, party: str, host: str, times: HttpTimes) -> None:
        """`party`: what the station calls it; `host`: its name, as requests carry it."""
        self.party = party
        self.times = times
        self._health = "unknown"
        self._asking_status = False
        self._status_ms: int | None = None
        self._host = host.encode()
        self._out: Out = []
        self._now_ms = 0
        self._woken_at_ms: int | None = None
        self._state = _State.APART
        self._cause = ""
        self._connect_by_ms = 0
        self._used_ms = 0
        self._http = h11.Connection(h11.CLIENT)
        self._answers = 0
        self._last_id = 0
        self._waiting: deque[Exchange] = deque()
        self._open: Exchange | None = None
        self._clear_answer()

    # ── what an adapter does with it ────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def _understood(self, tag: Any, answer: HttpAnswer) -> list[Telling]:
        """What an answer says of what was asked, by its tag; raises Garbled for one that says nothing of it.

        May come after a failure 'silent' was told.
        """

    @abstractmethod
    def _unanswered(self, tag: Any, failure: HttpFailure) -> list[Telling]:
        """What is told of a request that has no answer that counts."""

    @abstractmethod
    def _status_request(self) -> HttpRequest:
        """The question how the party stands; it is asked with a tag of the class Status."""

    def _ask_status(self) -> None:
        """Ask how the party stands, unless that is being asked; between `_begin` and `_end`."""
        if not self._asking_status:
            self._asking_status = True
            self._ask(self._status_request(), Status())

    def _turn(self, health: str, *, again: bool = False) -> None:
        """Tell how the party is, when that has changed, or once more."""
        if health != self._health or again:
            self._health = health
            self._out.append(PartyHealth(self.party, health, self._now_ms))

    def _ask(self, request: HttpRequest, tag: Any) -> None:
        """Ask it when its turn comes; between `_begin` and `_end`."""
        self._waiting.append(Exchange(request, tag))

    # ── what the driver tells ───────────────────────────────────────────────────────────────────────────────

    def start(self, now_ms: int) -> Out:
        """The driver is there. The line is opened when there is something to ask."""
        self._begin(now_ms)
        if self.times.status_every_ms:
            self._ask_status()
        return self._end()

    def ask_status(self, now_ms: int) -> Out:
        """Ask how the party stands; PartyHealth 'lost' tells that nobody knows."""
        self._begin(now_ms)
        self._ask_status()
        return self._end()

    def why_not_connected(self, cause: str) -> None:
        """Told before `connect_failed`: 'no-network' or 'unreachable'."""
        self._cause = cause

    def connected(self, now_ms: int) -> Out:
        """The connection stands."""
        self._begin(now_ms)
        if self._state is _State.CONNECTING:
            self._state = _State.STANDING
            self._http = h11.Connection(h11.CLIENT)
            self._answers = 0
            self._used_ms = self._now_ms
            self._clear_answer()
        return self._end()

    def connect_failed(self, now_ms: int) -> Out:
        """There is nobody."""
        self._begin(now_ms)
        if self._state is _State.CONNECTING:
            self._not_reached()
        self._cause = ""
        return self._end()

    def received(self, data: bytes, now_ms: int) -> Out:
        """Bytes from the party, in whatever pieces."""
        self._begin(now_ms)
        if self._state is _State.STANDING:
            self._used_ms = self._now_ms
            self._read(data)
        return self._end()

    def closed(self, now_ms: int) -> Out:
        """The connection is gone."""
        self._begin(now_ms)
        if self._state is _State.CONNECTING:
            self._not_reached()
        elif self._state is _State.STANDING:
            self._lost()
        return self._end()

    def due(self, now_ms: int) -> Out:
        """Time has passed."""
        self._begin(now_ms)
        if self._woken_at_ms is not None and self._woken_at_ms <= self._now_ms:
            self._woken_at_ms = None
        if self._state is _State.CONNECTING and self._connect_by_ms <= self._now_ms:
            self._out.append(Disconnect())
            self._not_reached()
        self._expire()
        if self._status_ms is not None and self._status_ms <= self._now_ms:
            self._status_ms = None
            self._ask_status()
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
        for exchange in (*self._waiting, self._open):
            if exchange is not None and exchange.deadline_ms is not None:
                exchange.deadline_ms -= by_ms
        self._connect_by_ms -= by_ms
        self._used_ms -= by_ms
        if self._status_ms is not None:
            self._status_ms -= by_ms

    def _end(self) -> Out:
        self._pump()
        times = [self._status_ms, *(exchange.deadline_ms for exchange in self._running())]
        if self._state is _State.CONNECTING:
            times.append(self._connect_by_ms)
        next_ms = min((at_ms for at_ms in times if at_ms is not None), default=None)
        if next_ms is not None and (self._woken_at_ms is None or next_ms < self._woken_at_ms):
            self._woken_at_ms = next_ms
            self._out.append(WakeAt(next_ms))
        return self._out

    def _running(self) -> list[Exchange]:
        head = [self._waiting[0]] if self._waiting else []
        return [self._open, *head] if self._open is not None else head

    def _expire(self) -> None:
        """End what has waited for its time."""
        now_ms, opened = self._now_ms, self._open
        if opened is not None and opened.deadline_ms is not None and opened.deadline_ms <= now_ms:
            if opened.is_over:
                self._hang_up()
            else:
                opened.is_over = True
                opened.deadline_ms = now_ms + self.times.late_within_ms
                self._finished(opened.tag, HttpFailure(True, "silent"))
        head = self._waiting[0] if self._waiting else None
        if head is not None and head.deadline_ms is not None and head.deadline_ms <= now_ms:
            self._head_expired(head)

    def _head_expired(self, head: Exchange) -> None:
        if self._open is not None:
            self._hang_up()  # the late answer of the same request did not come either: ask anew
            head.deadline_ms = None
        else:
            self._waiting.popleft()
            self._finished(head.tag, HttpFailure(head.sent, "silent" if head.sent else "unreachable"))

    def _finished(self, tag: Any, result: HttpAnswer | HttpFailure) -> None:
        """A request is over. What it means is for the adapter to say; how the party is follows from it."""
        if isinstance(result, HttpAnswer):
            try:
                tellings = self._understood(tag, result)
            except Garbled:
                result = HttpFailure(True, "garbled")
            else:
                self._turn("ready")
                self._out += tellings
        if isinstance(result, HttpFailure):
            self._turn("lost", again=isinstance(tag, Status))
            self._out += self._unanswered(tag, result)
        if isinstance(tag, Status):
            self._status_over(is_well=isinstance(result, HttpAnswer))

    def _status_over(self, is_well: bool) -> None:
        self._asking_status = False
        every_ms = self.times.status_every_ms
        if every_ms:
            self._status_ms = self._now_ms + (
                every_ms if is_well else min(every_ms, self.times.retry_every_ms)
            )

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────

    def _pump(self) -> None:
        """Bring the next request on its way, if it is its turn."""
        if not self._waiting or (self._open is not None and not self._open.is_over):
            return
        head = self._waiting[0]
        if head.deadline_ms is None:
            head.deadline_ms = self._now_ms + self.times.connect_within_ms
        if self._open is not None:
            if self._open.request == head.request:
                return  # its own late answer may still come
            self._hang_up()
        elif self._state is _State.STANDING and self._rested():
            self._hang_up()
        if self._state is _State.APART:
            self._connect()
        elif self._state is _State.STANDING:
            self._send(self._waiting.popleft())

    def _rested(self) -> bool:
        return self._now_ms - self._used_ms > self.times.rest_within_ms

    def _connect(self) -> None:
        self._state = _State.CONNECTING
        self._connect_by_ms = self._now_ms + self.times.connect_within_ms
        self._out.append(Connect())

    def _send(self, exchange: Exchange) -> None:
        self._last_id += 1
        exchange.id, exchange.sent = self._last_id, True
        exchange.deadline_ms = self._now_ms + self.times.answer_within_ms
        self._open = exchange
        self._used_ms = self._now_ms
        self._out.append(Transmit(self._written(exchange)))

    def _written(self, exchange: Exchange) -> bytes:
        """The whole request in one piece."""
        request, body = exchange.request, exchange.request.body
        headers = [
            (b"host", self._host), (b"user-agent", b"tillwright"), (b"accept", b"application/json"),
            (REQUEST_ID, b"%d" % exchange.id),
        ]  # fmt: skip
        if body:
            headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
            headers.append((DIGEST, digest_of(body)))
        events: list[h11.Event] = [h11.Request(method=request.method, target=request.target, headers=headers)]
        events += [h11.Data(data=body), h11.EndOfMessage()] if body else [h11.EndOfMessage()]
        return b"".join(self._http.send(event) or b"" for event in events)

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────

    def _clear_answer(self) -> None:
        self._head: h11.Response | None = None
        self._body = bytearray()

    def _read(self, data: bytes) -> None:
        if self._open is None:
            self._hang_up()  # said without having been asked, or twice: nothing after it could be trusted
            return
        try:
            self._http.receive_data(data)
            while self._state is _State.STANDING and self._open is not None:
                event = self._http.next_event()
                if not isinstance(event, h11.Response | h11.Data | h11.EndOfMessage):
                    return  # nothing more for now; of the end, the driver tells
                self._event(event)
        except h11.RemoteProtocolError:
            self._broken()

    def _event(self, event: h11.Response | h11.Data | h11.EndOfMessage) -> None:
        if isinstance(event, h11.Response):
            self._head = event
            if length_of(event.headers) > BODY_BYTES_MAX:
                self._broken()
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > BODY_BYTES_MAX:
                self._broken()
        elif self._head is not None:
            self._complete(self._head, bytes(self._body))

    def _complete(self, head: h11.Response, body: bytes) -> None:
        """An answer is there; one to an earlier request is a repetition: the right one is still to come."""
        opened = self._open
        said = id_of(head.headers)
        if opened is None or said is None or said > opened.id or not is_whole(head.headers, body):
            self._broken()
            return
        self._clear_answer()
        if said < opened.id:
            self._wait_on(opened)
            return
        self._open = None
        self._answers += 1
        if self._http.our_state is h11.MUST_CLOSE or self._http.their_state is h11.MUST_CLOSE:
            self._hang_up()
        else:
            self._http.start_next_cycle()
        self._finished(opened.tag, HttpAnswer(head.status_code, body))

    def _wait_on(self, opened: Exchange) -> None:
        """The answer that was read is not the one; what follows it may be."""
        rest = self._http.trailing_data[0]
        self._http = h11.Connection(h11.CLIENT)
        self._written(opened)  # it stands where it stood when the request had been sent
        if rest:  # no bytes would mean the end of the stream
            self._http.receive_data(rest)

    # ── the end of a connection ─────────────────────────────────────────────────────────────────────────────

    def _hang_up(self) -> None:
        """Close the connection of our own will; what is open on it has been told already, or is repeated."""
        self._out.append(Disconnect())
        self._state = _State.APART
        self._clear_answer()
        self._open = None

    def _broken(self) -> None:
        """What comes cannot be read: no answer, and nothing after it can be trusted."""
        opened = self._open
        self._hang_up()
        if opened is not None and not opened.is_over:
            self._finished(opened.tag, HttpFailure(True, "garbled"))

    def _lost(self) -> None:
        """The party has closed the connection, or it broke."""
        opened, self._open = self._open, None
        is_untouched = self._answers > 0 and self._head is None and not self._body
        self._state = _State.APART
        self._clear_answer()
        if opened is None or opened.is_over:
            return
        if is_untouched and not opened.again:
            opened.again, opened.deadline_ms = True, None
            self._waiting.appendleft(opened)
        else:
            self._finished(opened.tag, HttpFailure(True, "broken"))

    def _not_reached(self) -> None:
        """Nobody is there: nothing that waits has been sent."""
        self._state = _State.APART
        cause = self._cause or "unreachable"
        gone, self._waiting = self._waiting, deque()
        for exchange in gone:
            self._finished(exchange.tag, HttpFailure(exchange.sent, "broken" if exchange.sent else cause))
