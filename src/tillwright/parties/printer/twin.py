"""The twin of the receipt printer: a printer on a line, that can be told to misbehave.

It decides only: what comes in on which connection at what time, and chance, make replies, hang-ups and times
to be woken at. Two things are messages to it: 'status' (real-time questions that came in together) and
'print' (everything up to a question for confirmation). What comes before a line breaks is printed as far as
it came, as a real printer would.

A message goes through the faults in a fixed order. Before it is done: crash, dropped with the connection,
dropped in silence, delivered late. In its middle: crash. After it is done: crash, answer dropped, garbage,
answered late, twice, slowly. Two faults never strike here: a printer has no clock that matters, and paper has
no old backup.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count, groupby

from tillwright.parties.faulting import Arming, Chance, FaultPlan, delay_ms
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.reader import Ask, Clear, Command, CommandReader, Confirm
from tillwright.parties.wire import HangUp, Reply, TwinAction, WakeAt

STATUS, PRINT = "status", "print"
GARBAGE_BYTES = 8

Work = Callable[[int, Chance], None]


class _Line:
    """One connection as the printer sees it; `pending`: what came since the last message was whole."""

    __slots__ = ("busy_until_ms", "pending", "reader")

    def __init__(self) -> None:
        self.reader = CommandReader()
        self.pending: list[Command] = []
        self.busy_until_ms = 0


class PrinterTwin:
    """A printer on a line, under a name that is its own among all twins."""

    def __init__(self, name: str, printer: Printer, faults: FaultPlan) -> None:
        self.name = name
        self.printer = printer
        self.faults = faults
        self.plugged = True
        self.down_until_ms = 0
        self.offset_ms = 0
        self.crashes = 0
        self._lines: dict[int, _Line] = {}
        self._owed: deque[int] = deque()
        """connections whose confirmation waits behind the buffer"""
        self._late: list[tuple[int, int, Work]] = []
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
        """Bytes. Those on a connection that the printer has forgotten are nothing to it."""
        self._actions = []
        line = self._lines.get(connection)
        if line is not None:
            for kind, commands in groupby(line.reader.feed(data), type):
                if self._lines.get(connection) is line:
                    self._came(connection, line, kind, list(commands), now_ms, chance)
        return self._finish()

    def closed(self, connection: int, now_ms: int) -> list[TwinAction]:
        """The other end has closed the connection; what came over it is printed all the same."""
        self._actions = []
        line = self._lines.pop(connection, None)
        if line is not None:
            for command in line.pending:
                self.printer.take(command)
            self._confirm(now_ms)
        return self._finish()

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

    # ── a message ───────────────────────────────────────────────────────────────────────────────────────────

    def _came(
        self,
        connection: int,
        line: _Line,
        kind: type[Command],
        commands: Sequence[Command],
        now_ms: int,
        chance: Chance,
    ) -> None:
        """Commands of one kind that came together."""
        if kind is Ask:
            asked = [command.which for command in commands if isinstance(command, Ask)]
            tell: Work = partial(self._tell, connection, asked)
            self._message(connection, STATUS, tell, now_ms, chance)
        elif kind is Clear:
            self._forget_waiting()
            line.pending = []
        elif kind is Confirm:
            whole, line.pending = [*line.pending, commands[-1]], []
            self._message(connection, PRINT, partial(self._print, connection, whole), now_ms, chance)
        else:
            line.pending += commands

    def _message(self, connection: int, do: str, work: Work, now_ms: int, chance: Chance) -> None:
        """Do it, unless a fault keeps it from being done now."""
        strikes = self.faults.strikes
        if self._crashes("before", do, now_ms, chance):
            return
        if strikes("drop_request_close", do, chance) is not None:
            self._hang_up(connection)
        elif strikes("silent", do, chance) is not None:
            return
        elif (late := strikes("deliver_late", do, chance)) is not None:
            self._put_off(now_ms + delay_ms("deliver_late", late), work)
        else:
            work(now_ms, chance)

    def _crashes(self, at: str, do: str, now_ms: int, chance: Chance) -> bool:
        """Whether the printer goes off here. A crash armed for one moment is not looked at in the other."""
        arming = self.faults.armed.get("crash")
        if arming is None or (arming.at and arming.at != at):
            return False
        if not arming.at and at == "before" and chance.randrange(2):
            return False
        if not arming.at and at == "during":
            return False
        crash = self.faults.strikes("crash", do, chance)
        if crash is None:
            return False
        if at == "during":
            self.printer.work_half(now_ms)
        self.crash(now_ms + delay_ms("crash", crash))
        return True

    def _tell(self, connection: int, asked: Sequence[int], now_ms: int, chance: Chance) -> None:
        data = bytes(self.printer.answer(which) for which in asked)
        if not self._crashes("after", STATUS, now_ms, chance):
            self._answer(connection, data, STATUS, now_ms, chance)

    def _print(self, connection: int, commands: Sequence[Command], now_ms: int, chance: Chance) -> None:
        for command in commands:
            self.printer.take(command)
        if self.printer.can_print and self._crashes("during", PRINT, now_ms, chance):
            return
        self._owed.append(connection)
        for _ in range(self.printer.work(now_ms)):
            asker = self._owed.popleft()
            if self._crashes("after", PRINT, now_ms, chance):
                return
            if self.faults.strikes("commit_drop_answer", PRINT, chance) is None:
                self._answer(asker, bytes([self.printer.confirmation]), PRINT, now_ms, chance)

    def _confirm(self, now_ms: int) -> None:
        """Go on with the buffer, where nothing of a message's faults is to be looked at any more."""
        for _ in range(self.printer.work(now_ms)):
            self._say(self._owed.popleft(), bytes([self.printer.confirmation]), now_ms)

    # ── saying ──────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, connection: int, data: bytes, do: str, now_ms: int, chance: Chance) -> None:
        strikes = self.faults.strikes
        if connection not in self._lines:
            return
        if strikes("garbage", do, chance) is not None:
            nonsense = bytes(0x80 + chance.randrange(0x80) for _ in range(GARBAGE_BYTES))
            self._say(connection, nonsense, now_ms)
        elif (late := strikes("answer_late", do, chance)) is not None:
            at_ms = now_ms + delay_ms("answer_late", late)
            self._put_off(at_ms, lambda at, _: self._say(connection, data, at))
        elif strikes("answer_twice", do, chance) is not None:
            self._say(connection, data * 2, now_ms)
        elif (slow := strikes("slow_bytes", do, chance)) is not None:
            self._say_slowly(connection, data, now_ms, slow)
        else:
            self._say(connection, data, now_ms)

    def _say(self, connection: int, data: bytes, now_ms: int) -> None:
        line = self._lines.get(connection)
        if line is None:
            return
        if now_ms < line.busy_until_ms:
            self._put_off(line.busy_until_ms, lambda at, _: self._say(connection, data, at))
        else:
            self._actions.append(Reply(connection, data))

    def _say_slowly(self, connection: int, data: bytes, now_ms: int, slow: Arming) -> None:
        """Byte by byte: an answer of a printer is shorter than any piece."""
        line = self._lines[connection]
        at_ms = max(now_ms, line.busy_until_ms)
        for byte in data:
            at_ms += delay_ms("slow_bytes", slow)
            self._put_off(at_ms, self._piece(line, connection, bytes([byte])))
        line.busy_until_ms = at_ms

    def _piece(self, line: _Line, connection: int, data: bytes) -> Work:
        def say(_at_ms: int, _chance: Chance) -> None:
            if self._lines.get(connection) is line:
                self._actions.append(Reply(connection, data))

        return say

    def _put_off(self, at_ms: int, work: Work) -> None:
        heappush(self._late, (at_ms, next(self._order), work))

    # ── what happens to the printer as a whole ──────────────────────────────────────────────────────────────

    def ordered(self, order: Callable[[], object]) -> list[TwinAction]:
        """Carry out an order from outside; what it makes the twin do."""
        self._actions = []
        order()
        return self._finish()

    def switch(self, change: Callable[[Printer], object], now_ms: int) -> None:
        """Somebody puts paper in, opens the cover, presses a button: what waits in the buffer goes on."""
        change(self.printer)
        self._confirm(now_ms)

    def crash(self, down_until_ms: int) -> None:
        """Power off and on: connections and buffer are gone; the paper stays."""
        self.crashes += 1
        self.down_until_ms = max(self.down_until_ms, down_until_ms)
        self.forget_connections()
        self.printer.load()

    def forget_connections(self) -> None:
        """Hang up everybody, and drop what lies here to be said or done later."""
        self._late.clear()
        self._owed.clear()
        self._woken_at_ms = None
        self.forget_lines()

    def forget_lines(self) -> None:
        """Hang up everybody."""
        for connection in list(self._lines):
            self._hang_up(connection)

    def _forget_waiting(self) -> None:
        self.printer.clear()
        self._owed.clear()

    def unplug(self) -> None:
        """No power."""
        self.plugged = False
        self.forget_connections()
        self.printer.load()

    def plug(self) -> None:
        """The power is back."""
        self.plugged = True

    def reset(self) -> None:
        """As from the factory: no slips, full of paper, no faults armed or counted."""
        self.printer.reset()
        self.forget_connections()
        self.faults.disarm()
        self.faults.struck.update(dict.fromkeys(self.faults.struck, 0))
        self.plugged, self.down_until_ms = True, 0
