"""The twin of the control device: a device on a line, that can be told to misbehave.

It decides only: what comes in on which connection at what time, and which chance, make replies, hang-ups and
times to be woken at. A server with sockets drives it, and so does the simulation on virtual time.

A message goes through the faults in a fixed order. Before it is done: crash, restored backup, dropped with
the connection, dropped in silence, delivered late. After it is done: crash, answer dropped, garbage, answered
late, twice, slowly. What lies in the device to be done or said later is lost when it crashes, and only the
store stays.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from msgspec.structs import replace

from tillwright.parties.control.device import Device
from tillwright.parties.control.messages import (
    DeviceProfile,
    Documents,
    Garbled,
    Hello,
    Inquire,
    Register,
    ReplyMessage,
    Request,
    Restore,
    Status,
    decode_reply,
    decode_request,
    encode,
)
from tillwright.parties.control.store import TwinStore
from tillwright.parties.faulting import GARBAGE_FORMS, Arming, Chance, FaultPlan, delay_ms
from tillwright.parties.frames import HEADER_BYTES, FrameReader, frame
from tillwright.parties.wire import HangUp, Reply, TwinAction, WakeAt

_DO_NAMES: dict[type, str] = {
    Hello: "hello",
    Register: "register",
    Inquire: "inquire",
    Documents: "documents",
    Restore: "restore",
    Status: "status",
}


class _Line:
    """One connection as the device sees it."""

    __slots__ = ("busy_until_ms", "frames", "last_id")

    def __init__(self) -> None:
        self.frames = FrameReader()
        self.last_id = 0
        self.busy_until_ms = 0
        """While pieces of an answer go out slowly, nothing else may go between them."""


class _Late:
    """Something that lies in the device: a request to be done, or bytes to be sent; a slow piece may not be
    put off.
    """

    __slots__ = ("connection", "data", "do", "piece", "request")

    def __init__(
        self, connection: int, do: str, data: bytes = b"", request: Request | None = None, piece: bool = False
    ) -> None:
        self.connection = connection
        self.do = do
        self.data = data
        self.request = request
        self.piece = piece


class ControlTwin:
    """A control device on a line. Times are the world's; the device's own clock may be off from them."""

    def __init__(self, profile: DeviceProfile, store: TwinStore, faults: FaultPlan) -> None:
        self.profile = self.own = profile
        self.faults = faults
        self.device = Device(profile, store)
        self.plugged = True
        self.down_until_ms = 0
        self.offset_ms = 0
        self.uplink = bool(profile.uplink)
        """Whether its own line to the operator is switched on."""
        self.uplink_state = "unknown"
        """How that line stands: 'unknown', 'ready' or 'lost'."""
        self.repeats = 0
        self.crashes = 0
        self._off = (0, 0)
        self._lines: dict[int, _Line] = {}
        self._late: list[tuple[int, int, _Late]] = []
        self._order = count()
        self._woken_at_ms: int | None = None
        self._actions: list[TwinAction] = []

    @property
    def connections(self) -> int:
        """How many tills are connected."""
        return len(self._lines)

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def accept(self, connection: int, now_ms: int, chance: Chance) -> list[TwinAction]:
        """A till connects; a HangUp among the actions refuses it."""
        self._actions = []
        refused = not self.plugged or now_ms < self.down_until_ms
        if refused or self.faults.strikes("refuse_connections", "connect", chance):
            self._actions.append(HangUp(connection))
        else:
            self._lines[connection] = _Line()
        return self._actions

    def received(self, connection: int, data: bytes, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Bytes from a till. Those on a connection that the device has forgotten are nothing to it."""
        self._actions = []
        line = self._lines.get(connection)
        if line is None:
            return self._actions
        for message in line.frames.feed(data):
            if self._lines.get(connection) is line:
                self._message(connection, line, message, now_ms, chance)
        if line.frames.broken and self._lines.get(connection) is line:
            self._hang_up(connection)
        return self._finish()

    def closed(self, connection: int, now_ms: int) -> list[TwinAction]:
        """The till has closed the connection; what lies in the device to be done is done all the same."""
        self._lines.pop(connection, None)
        return []

    def due(self, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Do and say what was to come later."""
        self._actions = []
        if self._woken_at_ms is not None and self._woken_at_ms <= now_ms:
            self._woken_at_ms = None
        while self._late and self._late[0][0] <= now_ms:
            _, _, late = heappop(self._late)
            if late.request is not None:
                self._do(late.connection, late.request, late.do, now_ms, chance)
            else:
                self._say_now(late, now_ms)
        return self._finish()

    def _finish(self) -> list[TwinAction]:
        if self._late:
            at_ms = self._late[0][0]
            if self._woken_at_ms is None or at_ms < self._woken_at_ms:
                self._woken_at_ms = at_ms
                self._actions.append(WakeAt(at_ms))
        return self._actions

    def _hang_up(self, connection: int) -> None:
        if self._lines.pop(connection, None) is not None:
            self._actions.append(HangUp(connection))

    # ── a message ───────────────────────────────────────────────────────────────────────────────────────────

    def _message(self, connection: int, line: _Line, message: bytes, now_ms: int, chance: Chance) -> None:
        try:
            request = decode_request(message)
        except Garbled:
            reply = self.device.reply(0, "", self.clock_ms(now_ms), ok=False, code="malformed")
            self._say(connection, frame(encode(reply)), now_ms)
            return
        if request.id <= line.last_id:
            self.repeats += 1
            return
        line.last_id = request.id
        do = _DO_NAMES[type(request)]
        if not self.faults.armed or not self._struck_before(connection, request, do, now_ms, chance):
            self._do(connection, request, do, now_ms, chance)

    def _struck_before(self, connection: int, request: Request, do: str, now_ms: int, chance: Chance) -> bool:
        """Whether a fault keeps the message from being done now."""
        strikes = self.faults.strikes
        if (off := strikes("clock_off", do, chance)) is not None:
            self._off = (off.off_ms, now_ms + delay_ms("clock_off", off))
        if self._crashes("before", do, now_ms, chance):
            return True
        if (backup := strikes("restored_backup", do, chance)) is not None:
            self.restore_backup(1 + chance.randrange(backup.writes))
            return True
        if strikes("drop_request_close", do, chance) is not None:
            self._hang_up(connection)
            return True
        if strikes("silent", do, chance) is not None:
            return True
        if (late := strikes("deliver_late", do, chance)) is not None:
            self._put_off(now_ms + delay_ms("deliver_late", late), _Late(connection, do, request=request))
            return True
        return False

    def _crashes(self, at: str, do: str, now_ms: int, chance: Chance) -> bool:
        """Whether the device crashes here. A crash armed for one moment is not looked at in the other."""
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

    def _do(self, connection: int, request: Request, do: str, now_ms: int, chance: Chance) -> None:
        wrote = self.device.wrote
        reply = self.device.answer(request, self.clock_ms(now_ms))
        if not self.faults.armed:
            self._say(connection, frame(encode(reply)), now_ms)
            return
        if self._crashes("after", do, now_ms, chance):
            return
        if self.device.wrote > wrote and self.faults.strikes("commit_drop_answer", do, chance):
            return
        if connection in self._lines:
            self._answer(connection, reply, do, now_ms, chance)

    def _answer(self, connection: int, reply: ReplyMessage, do: str, now_ms: int, chance: Chance) -> None:
        strikes = self.faults.strikes
        data = frame(encode(reply))
        if (nonsense := strikes("garbage", do, chance)) is not None:
            self._say(connection, _garbage(data, nonsense, chance), now_ms)
        elif (late := strikes("answer_late", do, chance)) is not None:
            self._put_off(now_ms + delay_ms("answer_late", late), _Late(connection, do, data))
        elif strikes("answer_twice", do, chance) is not None:
            self._say(connection, data, now_ms)
            self._say(connection, data, now_ms)
        elif (slow := strikes("slow_bytes", do, chance)) is not None:
            self._say_slowly(connection, data, do, now_ms, slow)
        else:
            self._say(connection, data, now_ms)

    def clock_ms(self, now_ms: int) -> int:
        """What the device's own clock shows."""
        off_ms, until_ms = self._off
        return max(0, now_ms + self.offset_ms + (off_ms if now_ms < until_ms else 0))

    # ── saying ──────────────────────────────────────────────────────────────────────────────────────────────

    def _say(self, connection: int, data: bytes, now_ms: int) -> None:
        line = self._lines.get(connection)
        if line is None:
            return
        if now_ms < line.busy_until_ms:
            self._put_off(line.busy_until_ms, _Late(connection, "", data))
        else:
            self._actions.append(Reply(connection, data))

    def _say_now(self, late: _Late, now_ms: int) -> None:
        if late.piece:
            if late.connection in self._lines:
                self._actions.append(Reply(late.connection, late.data))
        else:
            self._say(late.connection, late.data, now_ms)

    def _say_slowly(self, connection: int, data: bytes, do: str, now_ms: int, slow: Arming) -> None:
        line = self._lines[connection]
        at_ms = max(now_ms, line.busy_until_ms)
        for start in range(0, len(data), slow.piece_bytes):
            piece = _Late(connection, do, data[start : start + slow.piece_bytes], piece=True)
            at_ms += delay_ms("slow_bytes", slow)
            self._put_off(at_ms, piece)
        line.busy_until_ms = at_ms

    def _put_off(self, at_ms: int, late: _Late) -> None:
        heappush(self._late, (at_ms, next(self._order), late))

    # ── what happens to the device as a whole ───────────────────────────────────────────────────────────────

    def ordered(self, order: Callable[[], object]) -> list[TwinAction]:
        """Carry out an order from outside (one of the methods below); what it makes the twin do."""
        self._actions = []
        order()
        return self._finish()

    def crash(self, down_until_ms: int) -> None:
        """Connections, queue and memory are gone; the device comes back from its store."""
        self.crashes += 1
        self.down_until_ms = max(self.down_until_ms, down_until_ms)
        self.forget_connections()
        self.device.load()

    def restore_backup(self, writes: int) -> None:
        """The last writes never were; connections and queue are gone."""
        self.device.store.forget_after(self.profile.serial, max(0, self.device.moment - writes))
        self.forget_connections()
        self.device.load()

    def forget_connections(self) -> None:
        """Hang up everybody, and drop what lies in the device."""
        self._late.clear()
        self._woken_at_ms = None
        self.forget_lines()

    def forget_lines(self) -> None:
        """Hang up everybody; what lies in the device to be done is done all the same."""
        for connection in list(self._lines):
            self._hang_up(connection)

    def unplug(self) -> None:
        """No power: connections and queue are gone, and nobody can connect."""
        self.plugged = False
        self.forget_connections()
        self.device.load()

    def plug(self) -> None:
        """The power is back."""
        self.plugged = True

    def exchange(self, serial: str, till: str, shift: int, now_ms: int) -> None:
        """Another device stands on this line, or the own one again: by its serial. It belongs to the same
        till unless another is named, has books of its own, and is in this `shift` if it never had one.
        """
        till = self.own.till if serial == self.own.serial or not till else till
        before = self.device
        self.profile = replace(self.own, serial=serial, till=till)
        self.device = Device(self.profile, before.store)
        self.device.on_document = before.on_document
        self.forget_connections()
        if shift and self.device.last_number == 0:
            self.device.begin_shift(shift, before.currency, self.clock_ms(now_ms))

    def reset(self) -> None:
        """As from the factory: no documents, no fences, no faults armed or counted, the clock right; the own
        device.
        """
        if self.profile.serial != self.own.serial:
            self.exchange(self.own.serial, "", 0, 0)
        self.device.store.reset(self.profile.serial)
        self.device.unwilling = None
        self.forget_connections()
        self.device.load()
        self.faults.disarm()
        self.faults.struck.update(dict.fromkeys(self.faults.struck, 0))
        self.plugged, self.down_until_ms, self.offset_ms, self._off = True, 0, 0, (0, 0)
        self.uplink = bool(self.profile.uplink)


def _garbage(data: bytes, arming: Arming, chance: Chance) -> bytes:
    """Nonsense in place of this answer."""
    form = arming.form or GARBAGE_FORMS[chance.randrange(len(GARBAGE_FORMS))]
    if form == "broken-frame":
        return bytes(HEADER_BYTES) + bytes(chance.randrange(256) for _ in range(20))
    if form == "huge-length":
        return b"\x7f\xff\xff\xff" + data[HEADER_BYTES:]
    if form == "truncated-json":
        return _truncated(data[HEADER_BYTES:], chance)
    return frame(b'{"id":"one","do":7,"ok":"maybe","serial":null,"last_number":-1,"clock_ms":1.5}')


def _truncated(message: bytes, chance: Chance) -> bytes:
    """The message cut short, in a frame that fits it. Cut between two digits, or two members, it could still
    be read, and would not be nonsense: then it is cut where it cannot.
    """
    cut = 1 + chance.randrange(len(message) - 1)
    while _reads(frame(message[:cut])):
        cut -= 1
    return frame(message[:cut])


def _reads(data: bytes) -> bool:
    try:
        return all(decode_reply(message) for message in FrameReader().feed(data))
    except Garbled:
        return False
