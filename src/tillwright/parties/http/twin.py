"""The base of the twins that speak HTTP: a server on a line that can be told to misbehave.

What a twin does and keeps is its service; this is the line and the misbehaviour around it. It decides only:
bytes that come in on a connection at a time, and chance, make replies, hang-ups and times to be woken at. A
server with sockets drives it, and so does the simulation on virtual time.

A message goes through the faults in a fixed order. Before it is done: crash, restored backup, dropped with
the connection, dropped in silence, delivered late. After it is done: crash, answer dropped, garbage, answered
late, twice, slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

import h11

from tillwright.parties.faulting import GARBAGE_FORMS, Arming, Chance, FaultPlan, delay_ms
from tillwright.parties.http.exchange import (
    BODY_BYTES_MAX,
    DIGEST,
    REQUEST_ID,
    HttpAnswer,
    HttpRequest,
    digest_of,
    header,
    is_whole,
)
from tillwright.parties.wire import HangUp, Reply, TwinAction, WakeAt

NONSENSE = b'{"serial":7,"number":"one","state":false,"documents":{},"messages":1,"clock_ms":1.5}'
"""A body of the wrong types, whatever was asked."""
_UNREADABLE = HttpAnswer(400, b'{"code":"malformed","reason":"the body is not what its digest says"}')


class Service(Protocol):
    """What a twin does: requests in, answers out, and a store below. `wrote` counts the writes."""

    wrote: int

    def name_of(self, request: HttpRequest) -> str:
        """What the request asks for, in one word, as faults name it."""

    def answer(self, request: HttpRequest, clock_ms: int) -> HttpAnswer:
        """Do what is asked, durably, and say how it went; `clock_ms` is what the party's own clock shows."""

    def load(self) -> None:
        """Take everything up from the store, as after a start."""

    def restore_backup(self, writes: int) -> None:
        """The last so many writes never were."""

    def reset(self) -> None:
        """Nothing was ever written."""


class _Line:
    """One connection as the twin sees it."""

    __slots__ = ("body", "busy_until_ms", "head", "http")

    def __init__(self) -> None:
        self.http = h11.Connection(h11.SERVER)
        self.head: h11.Request | None = None
        self.body = bytearray()
        self.busy_until_ms = 0
        """While pieces of an answer go out slowly, nothing else may go between them."""


class _Asked:
    """One request as it lies in the twin."""

    __slots__ = ("connection", "do", "id", "request")

    def __init__(self, connection: int, request: HttpRequest, do: str, request_id: bytes) -> None:
        self.connection = connection
        self.request = request
        self.do = do
        self.id = request_id


class HttpTwin:
    """A party on a line. Times are the world's; the party's own clock may be off from them."""

    def __init__(self, name: str, service: Service, faults: FaultPlan) -> None:
        self.name = name
        self.service = service
        self.faults = faults
        self.plugged = True
        self.down_until_ms = 0
        self.offset_ms = 0
        self.crashes = 0
        self._off = (0, 0)
        self.vanishes = True
        """Off the net it is not even there to hang up: connections are refused."""
        self._lines: dict[int, _Line] = {}
        self._late: list[tuple[int, int, Callable[[int, Chance], None]]] = []
        self._order = count()
        self._woken_at_ms: int | None = None
        self._actions: list[TwinAction] = []

    @property
    def connections(self) -> int:
        """How many are connected."""
        return len(self._lines)

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def accept(self, connection: int, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Somebody connects; a HangUp among the actions refuses it."""
        self._actions = []
        refused = not self.plugged or now_ms < self.down_until_ms
        if refused or self.faults.strikes("refuse_connections", "connect", chance):
            self._actions.append(HangUp(connection))
        else:
            self._lines[connection] = _Line()
        return self._actions

    def received(self, connection: int, data: bytes, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Bytes. Those on a connection that the twin has forgotten are nothing to it."""
        self._actions = []
        line = self._lines.get(connection)
        if line is not None:
            line.http.receive_data(data)
            self._read(connection, line, now_ms, chance)
        return self._finish()

    def closed(self, connection: int, now_ms: int) -> list[TwinAction]:
        """The other end has closed the connection; what lies here to be done is done all the same."""
        self._lines.pop(connection, None)
        return []

    def due(self, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Time has passed."""
        self._actions = []
        if self._woken_at_ms is not None and self._woken_at_ms <= now_ms:
            self._woken_at_ms = None
        while self._late and self._late[0][0] <= now_ms:
            heappop(self._late)[2](now_ms, chance)
        return self._finish()

    def _finish(self) -> list[TwinAction]:
        if self._late and (self._woken_at_ms is None or self._late[0][0] < self._woken_at_ms):
            self._woken_at_ms = self._late[0][0]
            self._actions.append(WakeAt(self._woken_at_ms))
        return self._actions

    def _hang_up(self, connection: int) -> None:
        if self._lines.pop(connection, None) is not None:
            self._actions.append(HangUp(connection))

    # ── a request ───────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, connection: int, line: _Line, now_ms: int, chance: Chance) -> None:
        while self._lines.get(connection) is line:
            try:
                event = line.http.next_event()
            except h11.RemoteProtocolError:
                self._hang_up(connection)
                return
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            if isinstance(event, h11.Request):
                line.head, line.body = event, bytearray()
            elif isinstance(event, h11.Data):
                line.body += event.data
            elif isinstance(event, h11.EndOfMessage) and line.head is not None:
                self._whole(connection, line.head, bytes(line.body), now_ms, chance)
            elif isinstance(event, h11.ConnectionClosed):
                self._hang_up(connection)
            if len(line.body) > BODY_BYTES_MAX:
                self._hang_up(connection)

    def _whole(self, connection: int, head: h11.Request, body: bytes, now_ms: int, chance: Chance) -> None:
        request = HttpRequest(head.method.decode(), head.target.decode("latin-1"), body)
        said = header(head.headers, REQUEST_ID) or b""
        asked = _Asked(connection, request, self.service.name_of(request), said)
        if not is_whole(head.headers, body):
            self._say(asked, self._written(asked, _UNREADABLE), now_ms)
        elif not self.faults.armed or not self._struck_before(asked, now_ms, chance):
            self._do(asked, now_ms, chance)

    def _struck_before(self, asked: _Asked, now_ms: int, chance: Chance) -> bool:
        """Whether a fault keeps the request from being done now."""
        strikes, do = self.faults.strikes, asked.do
        if (off := strikes("clock_off", do, chance)) is not None:
            self._off = (off.off_ms, now_ms + delay_ms("clock_off", off))
        if self._crashes("before", do, now_ms, chance):
            return True
        if (backup := strikes("restored_backup", do, chance)) is not None:
            self.restore_backup(1 + chance.randrange(backup.writes))
            return True
        if strikes("drop_request_close", do, chance) is not None:
            self._hang_up(asked.connection)
            return True
        if strikes("silent", do, chance) is not None:
            return True
        if (late := strikes("deliver_late", do, chance)) is not None:
            at_ms = now_ms + delay_ms("deliver_late", late)
            self._put_off_request(at_ms, asked, lambda at, luck: self._do(asked, at, luck))
            return True
        return False

    def _crashes(self, at: str, do: str, now_ms: int, chance: Chance) -> bool:
        """Whether the party crashes here. A crash armed for one moment is not looked at in the other."""
        arming = self.faults.armed.get("crash")
        if arming is None or (arming.at and arming.at != at):
            return False
        if not arming.at and at == "before" and chance.randrange(2):
            return False
        crash = self.faults.strikes("crash", do, chance)
        if crash is None:
            return False
        self.crash(now_ms + delay_ms("crash", crash))
        return True

    def _do(self, asked: _Asked, now_ms: int, chance: Chance) -> None:
        wrote = self.service.wrote
        answer = self.service.answer(asked.request, self.clock_ms(now_ms))
        if not self.faults.armed:
            self._answer(asked, answer, now_ms)
            return
        if self._crashes("after", asked.do, now_ms, chance):
            return
        if self.service.wrote > wrote and self.faults.strikes("commit_drop_answer", asked.do, chance):
            return
        if asked.connection in self._lines:
            self._answer_badly(asked, answer, now_ms, chance)

    def _answer_badly(self, asked: _Asked, answer: HttpAnswer, now_ms: int, chance: Chance) -> None:
        strikes, do = self.faults.strikes, asked.do
        if (nonsense := strikes("garbage", do, chance)) is not None:
            self._say(asked, self._garbage(asked, answer, nonsense, chance), now_ms)
        elif (late := strikes("answer_late", do, chance)) is not None:
            at_ms = now_ms + delay_ms("answer_late", late)
            self._put_off_request(at_ms, asked, lambda at, _: self._answer(asked, answer, at))
        elif strikes("answer_twice", do, chance) is not None:
            self._say(asked, self._written(asked, answer) * 2, now_ms)
        elif (slow := strikes("slow_bytes", do, chance)) is not None:
            self._say_slowly(asked, self._written(asked, answer), now_ms, slow)
        else:
            self._answer(asked, answer, now_ms)

    def clock_ms(self, now_ms: int) -> int:
        """What the party's own clock shows."""
        off_ms, until_ms = self._off
        return max(0, now_ms + self.offset_ms + (off_ms if now_ms < until_ms else 0))

    # ── saying ──────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, asked: _Asked, answer: HttpAnswer, now_ms: int) -> None:
        self._say(asked, self._written(asked, answer), now_ms)

    def _written(self, asked: _Asked, answer: HttpAnswer) -> bytes:
        """The answer as bytes; empty when the connection is gone."""
        line = self._lines.get(asked.connection)
        if line is None or line.http.our_state is not h11.SEND_RESPONSE:
            return b""
        headers = [
            (b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer.body)),
            (DIGEST, digest_of(answer.body)), (REQUEST_ID, asked.id),
        ]  # fmt: skip
        events = (
            h11.Response(status_code=answer.status, headers=headers),
            h11.Data(data=answer.body),
            h11.EndOfMessage(),
        )
        data = b"".join(line.http.send(event) or b"" for event in events)
        if line.http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            line.http.start_next_cycle()
        return data

    def _garbage(self, asked: _Asked, answer: HttpAnswer, arming: Arming, chance: Chance) -> bytes:
        """Nonsense in place of this answer."""
        form = arming.form or GARBAGE_FORMS[chance.randrange(len(GARBAGE_FORMS))]
        if form == "broken-frame":
            return bytes(1 + chance.randrange(255) for _ in range(20)) + b"\x00\r\n\r\n"
        if form == "huge-length":
            return b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{"
        if form == "truncated-json":
            cut = answer.body[: 1 + chance.randrange(max(1, len(answer.body) - 1))]
            return self._written(asked, HttpAnswer(answer.status, cut))
        return self._written(asked, HttpAnswer(answer.status, NONSENSE))

    def _say(self, asked: _Asked, data: bytes, now_ms: int) -> None:
        line = self._lines.get(asked.connection)
        if line is None or not data:
            return
        if now_ms < line.busy_until_ms:
            self._put_off(line.busy_until_ms, lambda at, _: self._say(asked, data, at))
        else:
            self._actions.append(Reply(asked.connection, data))

    def _say_slowly(self, asked: _Asked, data: bytes, now_ms: int, slow: Arming) -> None:
        line = self._lines[asked.connection]
        at_ms = max(now_ms, line.busy_until_ms)
        for start in range(0, len(data), slow.piece_bytes):
            at_ms += delay_ms("slow_bytes", slow)
            self._put_off(at_ms, self._piece(line, asked.connection, data[start : start + slow.piece_bytes]))
        line.busy_until_ms = at_ms

    def _piece(self, line: _Line, connection: int, data: bytes) -> Callable[[int, Chance], None]:
        def say(_at_ms: int, _chance: Chance) -> None:
            if self._lines.get(connection) is line:
                self._actions.append(Reply(connection, data))

        return say

    def _put_off(self, at_ms: int, work: Callable[[int, Chance], None]) -> None:
        heappush(self._late, (at_ms, next(self._order), work))

    def _put_off_request(self, at_ms: int, asked: _Asked, work: Callable[[int, Chance], None]) -> None:
        """After its work is done, what came meanwhile on its connection is read: it had to wait."""

        def run(now_ms: int, chance: Chance) -> None:
            work(now_ms, chance)
            line = self._lines.get(asked.connection)
            if line is not None:
                self._read(asked.connection, line, now_ms, chance)

        self._put_off(at_ms, run)

    # ── what happens to the party as a whole ────────────────────────────────────────────────────────────────

    def ordered(self, order: Callable[[], object]) -> list[TwinAction]:
        """Carry out an order from outside (one of the methods below); what it makes the twin do."""
        self._actions = []
        order()
        return self._finish()

    def crash(self, down_until_ms: int) -> None:
        """Connections, queue and memory are gone; the party comes back from its store."""
        self.crashes += 1
        self.down_until_ms = max(self.down_until_ms, down_until_ms)
        self.forget_connections()
        self.service.load()

    def restore_backup(self, writes: int) -> None:
        """The last writes never were; connections and queue are gone."""
        self.service.restore_backup(writes)
        self.forget_connections()

    def forget_connections(self) -> None:
        """Hang up everybody, and drop what lies here."""
        self._late.clear()
        self._woken_at_ms = None
        self.forget_lines()

    def forget_lines(self) -> None:
        """Hang up everybody; what lies here to be done is done all the same."""
        for connection in list(self._lines):
            self._hang_up(connection)

    def unplug(self) -> None:
        """Nobody can connect; connections and queue are gone."""
        self.plugged = False
        self.forget_connections()
        self.service.load()

    def plug(self) -> None:
        """It is there again."""
        self.plugged = True

    def reset(self) -> None:
        """Nothing was ever written, no faults armed or counted, the clock right."""
        self.service.reset()
        self.forget_connections()
        self.faults.disarm()
        self.faults.struck.update(dict.fromkeys(self.faults.struck, 0))
        self.plugged, self.down_until_ms, self.offset_ms, self._off = True, 0, 0, (0, 0)
