"""The adapter of the receipt printer: one slip at a time, each with its end.

A printer takes bytes and says nothing of them. So before a slip it is asked how it stands: with no paper, an
open cover or nobody there, not one byte is sent and the slip is 'not printed' for certain. Behind the slip
goes a question that a printer answers only when it has worked off everything before it: that answer is the
proof that the slip came out. Without it nobody knows what lies there; the printer is then told to forget the
rest, so that nothing comes out later, and a person looks.

Nothing is ever printed again by itself, neither after a crash (slips live in memory only) nor after silence.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from tillwright.kernel.fault import Fault
from tillwright.parties.printer import states
from tillwright.parties.wire import (
    Action,
    Connect,
    Disconnect,
    PartyHealth,
    PrintTold,
    Telling,
    Transmit,
    WakeAt,
)

PARTY = "printer"
CLOCK_SET_MS = 1_000
"""A wall clock that goes back by more than this has been set."""

Out = list[Action | Telling]


@dataclass(frozen=True, slots=True)
class PrinterTimes:
    """How long the adapter waits, in milliseconds.

    `print_within_ms`: from the last byte of a slip to its proof. `reconnect_delays_ms`: before each further
    attempt to connect, the last one for ever. `status_every_ms`: how often a resting printer is asked how it
    stands; 0 never.
    """

    connect_within_ms: int = 2_000
    status_within_ms: int = 1_500
    print_within_ms: int = 15_000
    reconnect_delays_ms: tuple[int, ...] = (500, 1_000, 2_000, 5_000)
    status_every_ms: int = 5_000


class _Step(Enum):
    APART = "apart"
    CONNECTING = "connecting"
    RESTING = "resting"
    ASKING = "asking"
    """how it stands"""
    PRINTING = "printing"
    """the slip has been sent; its proof is awaited"""
    WONDERING = "wondering"
    """the proof did not come: how does it stand?"""


_ASKED = (_Step.ASKING, _Step.WONDERING)
_SENT = (_Step.PRINTING, _Step.WONDERING)


class _Slip:
    """One slip that waits, or is being printed. `again`: a used line broke before it was sent."""

    __slots__ = ("again", "data", "job")

    def __init__(self, job: str, data: bytes) -> None:
        self.job = job
        self.data = data
        self.again = False


class PrinterAdapter:
    """Speaks to the printer of one till. Not for two threads at once."""

    def __init__(self, till: str, times: PrinterTimes | None = None) -> None:
        self.till = till
        self.times = times or PrinterTimes()
        self._out: Out = []
        self._now_ms = 0
        self._woken_at_ms: int | None = None
        self._step = _Step.APART
        self._deadline_ms: int | None = None
        self._reconnect_at_ms: int | None = None
        self._failures = 0
        self._keep = False
        self._heard_ms = 0
        self._state = "unknown"
        self._wanted = False
        self._answers: list[int] = []
        self._slips: deque[_Slip] = deque()

    # ── what the station asks ───────────────────────────────────────────────────────────────────────────────

    def start(self, now_ms: int) -> Out:
        """Connect, and stay connected from now on."""
        self._begin(now_ms)
        self._keep = True
        self._go_on()
        return self._end()

    def print(self, job: str, data: bytes, now_ms: int) -> Out:
        """Print this slip, once; what became of it is told by its job."""
        self._begin(now_ms)
        self._slips.append(_Slip(job, data))
        self._go_on()
        return self._end()

    def status(self, now_ms: int) -> Out:
        """Ask the printer how it stands; the answer, or that there is none, is told in any case."""
        self._begin(now_ms)
        self._wanted = True
        self._go_on()
        return self._end()

    # ── what the driver tells ───────────────────────────────────────────────────────────────────────────────

    def connected(self, now_ms: int) -> Out:
        """The connection stands."""
        self._begin(now_ms)
        if self._step is _Step.CONNECTING:
            self._turn(_Step.RESTING)
            self._ask(_Step.ASKING)
        return self._end()

    def connect_failed(self, now_ms: int) -> Out:
        """There is nobody."""
        self._begin(now_ms)
        if self._step is _Step.CONNECTING:
            self._lose()
        return self._end()

    def received(self, data: bytes, now_ms: int) -> Out:
        """Bytes from the printer, each an answer of its own."""
        self._begin(now_ms)
        for byte in data:
            if self._step in (_Step.APART, _Step.CONNECTING):
                break
            self._byte(byte)
        return self._end()

    def closed(self, now_ms: int) -> Out:
        """The connection is gone."""
        self._begin(now_ms)
        if self._step is not _Step.APART:
            self._lose()
        return self._end()

    def due(self, now_ms: int) -> Out:
        """Time has passed."""
        self._begin(now_ms)
        if self._woken_at_ms is not None and self._woken_at_ms <= self._now_ms:
            self._woken_at_ms = None
        if self._deadline_ms is not None and self._deadline_ms <= self._now_ms:
            self._expire()
        if self._reconnect_at_ms is not None and self._reconnect_at_ms <= self._now_ms:
            self._connect()
        rest_ms = self._rest_until_ms()
        if rest_ms is not None and rest_ms <= self._now_ms:
            self._ask(_Step.ASKING)
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
        """Somebody has set the wall clock: what was to last a second still lasts a second."""
        self._heard_ms -= by_ms
        if self._deadline_ms is not None:
            self._deadline_ms -= by_ms
        if self._reconnect_at_ms is not None:
            self._reconnect_at_ms -= by_ms

    def _end(self) -> Out:
        times = [self._deadline_ms, self._reconnect_at_ms, self._rest_until_ms()]
        next_ms = min((at_ms for at_ms in times if at_ms is not None), default=None)
        if next_ms is not None and (self._woken_at_ms is None or next_ms < self._woken_at_ms):
            self._woken_at_ms = next_ms
            self._out.append(WakeAt(next_ms))
        return self._out

    def _rest_until_ms(self) -> int | None:
        """When a resting printer is to be asked by itself how it stands."""
        if self._step is not _Step.RESTING or self.times.status_every_ms <= 0:
            return None
        return self._heard_ms + self.times.status_every_ms

    def _turn(self, step: _Step, within_ms: int | None = None) -> None:
        self._step = step
        self._deadline_ms = None if within_ms is None else self._now_ms + within_ms

    def _expire(self) -> None:
        """The time of this step is over. A slip without its proof is asked about once."""
        if self._step is _Step.PRINTING:
            self._ask(_Step.WONDERING)
        elif self._step is _Step.WONDERING:
            self._give_up(states.UNCONFIRMED)
        else:
            self._out.append(Disconnect())
            self._lose()

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def _go_on(self) -> None:
        """Do what is wanted next, if the printer rests."""
        if self._step is _Step.APART:
            self._connect()
        elif self._step is _Step.RESTING and (self._slips or self._wanted):
            self._ask(_Step.ASKING)

    def _connect(self) -> None:
        self._reconnect_at_ms = None
        self._turn(_Step.CONNECTING, self.times.connect_within_ms)
        self._out.append(Connect())

    def _lose(self) -> None:
        """The line is gone. What was sent is unconfirmed; what was not is tried on one more line."""
        step, used = self._step, self._step not in (_Step.APART, _Step.CONNECTING)
        self._turn(_Step.APART)
        if step in _SENT:
            self._tell_slip(states.UNCONFIRMED)
        waiting, self._slips = list(self._slips), deque()
        for slip in waiting:
            if used and not slip.again:
                slip.again = True
                self._slips.append(slip)
            else:
                self._out.append(PrintTold(slip.job, False, states.FAULTS[states.LOST]))
        if self._slips:
            self._connect()
            return
        self._stand(states.LOST)
        if self._keep:
            delays = self.times.reconnect_delays_ms
            self._reconnect_at_ms = self._now_ms + delays[min(self._failures, len(delays) - 1)]
        self._failures += 1

    def _give_up(self, fault: Fault) -> None:
        """The slip in hand has no proof. Nothing of it may come out later, and no late proof may be taken for
        another slip's: so the rest is cleared, and the line is closed.
        """
        self._out += [Transmit(states.CLEAR), Disconnect()]
        self._tell_slip(fault)
        self._connect()

    # ── asking and printing ─────────────────────────────────────────────────────────────────────────────────

    def _ask(self, step: _Step) -> None:
        self._answers = []
        self._turn(step, self.times.status_within_ms)
        self._out.append(Transmit(b"".join(states.QUESTIONS)))

    def _byte(self, byte: int) -> None:
        """One answer. What was not asked for, or comes twice, is no news."""
        self._heard_ms = self._now_ms
        if states.is_status(byte):
            if self._step in _ASKED:
                self._answers.append(byte)
                if len(self._answers) == len(states.QUESTIONS):
                    self._answered(states.state_of(self._answers))
        elif states.is_confirmation(byte):
            if self._step in _SENT:
                self._proven(byte)
        else:
            self._out.append(Disconnect())
            self._lose()

    def _answered(self, state: str) -> None:
        self._failures = 0
        wondering = self._step is _Step.WONDERING
        self._turn(_Step.RESTING)
        self._stand(state)
        if wondering:
            self._give_up(states.FAULTS[state] if state in states.STOPPED else states.UNCONFIRMED)
        elif self._slips and state in states.STOPPED:
            while self._slips:
                self._tell_slip(states.FAULTS[state])
        elif self._slips:
            self._turn(_Step.PRINTING, self.times.print_within_ms)
            self._out.append(Transmit(self._slips[0].data + states.CONFIRM))

    def _proven(self, byte: int) -> None:
        """The slip has been worked off; the same byte says whether there was paper to the end."""
        out = byte & states.CONFIRM_OUT
        self._tell_slip(states.FAULTS[states.PAPER_OUT] if out else None)
        self._turn(_Step.RESTING)
        self._ask(_Step.ASKING)

    # ── telling ─────────────────────────────────────────────────────────────────────────────────────────────

    def _tell_slip(self, fault: Fault | None) -> None:
        slip = self._slips.popleft()
        self._out.append(PrintTold(slip.job, fault is None, fault))

    def _stand(self, state: str) -> None:
        if state != self._state or self._wanted:
            self._out.append(PartyHealth(PARTY, state, self._now_ms))
        self._state, self._wanted = state, False
