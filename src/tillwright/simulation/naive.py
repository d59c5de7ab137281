"""A till as they are usually written, in the same world: the same devices, lines, customers and misfortunes.

It works, as long as everything works. When the answer does not come in time it calls the sale declined, and
the cashier tries again with a new number; it keeps its own total of the cash, and asks nobody afterwards.
That is all that is wrong with it: it reads frames correctly, matches answers by their id, and blocks the
button while a sale is under way.
"""

from __future__ import annotations

from tillwright.journal.records import CashCount
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.parties.control.counting import SHIFT_KINDS
from tillwright.parties.control.messages import Garbled, Register, decode_document, decode_reply, encode
from tillwright.parties.frames import FrameReader, frame
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import Dice, Options
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.judge import document_kind
from tillwright.simulation.network import Link
from tillwright.simulation.world import LAST_MAX, LIVENESS_MS, SAFETY_MS, SETTLE_MS, Ground, Result

ATTEMPTS = 3
"""After so many the cashier gives the money back."""
_TOLD = {"shift-open": "till.shift-already-open", "shift-closed": "till.shift-closed"}
"""What the device says of its shift the people there understand."""
CONNECT_MS = 2_000
ANSWER_MS = 3_000


class NaiveTill:
    """One till: a line, a sale under way, a total. `saved_minor` is what its file says."""

    def __init__(self, world: NaiveWorld, till: str, link: Link) -> None:
        self.world = world
        self.till = till
        self.link = link
        self.agenda: Agenda = world.agenda
        self.dice: Dice = world.dice
        self.total_minor = 0
        self.saved_minor = 0
        self.guessed = 0
        self.up = True
        self._frames = FrameReader()
        self._connected = False
        self._intent: Intent | None = None
        self._attempt = 0
        self._requests = 0
        self._waiting_for = 0
        self._turn = 0
        link.client = self

    # ── selling ─────────────────────────────────────────────────────────────────────────────────────────────

    def arrive(self, intent: Intent) -> None:
        """A customer; the cashier presses."""
        self.world.arrived(self.till)
        intent.pressed_ms = self.agenda.now_ms
        self._intent, self._attempt = intent, 0
        if intent.blind:
            self._count(intent)
        if self.up:
            self._try()

    def _count(self, intent: Intent) -> None:
        """The drawer is counted: what the till has added up is what should be there."""
        expected_minor = self.world.floats_minor[self.till] + self.total_minor
        count = CashCount(
            intent.uid, self.till, intent.request.content.shift, "", self.agenda.now_ms,
            intent.request.content.currency, (), expected_minor, expected_minor, "",
        )  # fmt: skip
        self.world.days[self.till].counted(intent, count)

    def _try(self) -> None:
        """One attempt, with a number of its own."""
        self._attempt += 1
        self.world.numbers += 1
        self._turn += 1
        if self._connected:
            self._send()
        else:
            self.link.connect()
            self.agenda.after(CONNECT_MS, self._declined, self._turn)

    def _send(self) -> None:
        intent = self._intent
        if intent is None:
            return
        content = intent.request.content
        kind = document_kind(intent)
        self._requests += 1
        self._waiting_for = self._requests
        request = Register(
            self._requests, leg_key(intent.uid, self.world.numbers), self.till, kind, content.currency,
            content.total_minor, "", content.lines, content.tenders,
            of=intent.follows.unique_number if intent.follows is not None else "",
            shift=content.shift if kind in SHIFT_KINDS else 0,
        )  # fmt: skip
        self.agenda.after(ANSWER_MS, self._declined, self._turn, True)
        self.link.send(frame(encode(request)))

    def _declined(self, turn: int, by_silence: bool = False) -> None:
        """No answer means no: try again, or give the money back."""
        if turn != self._turn or self._intent is None or not self.up:
            return
        self.guessed += by_silence
        self._turn += 1
        if self._attempt < ATTEMPTS:
            self.agenda.after(self.dice.between("people.again", 1_000, 5_000), self._again, self._turn)
        else:
            self._leave(Ending.RETURNED)

    def _again(self, turn: int) -> None:
        if turn == self._turn and self._intent is not None and self.up:
            self._try()

    def _accepted(self, document: str | None) -> None:
        """The device says yes: count the money, save, let the customer go."""
        if self._intent is None:
            return
        if document is not None:
            self._intent.unique_number = decode_document(document).unique_number
        self._turn += 1
        self.total_minor += self._intent.cash_minor
        if self.dice.strikes("station.crash_before_commit"):
            self.power_lost(self.dice.between("station.pause", 500, 60_000))
            return
        if not self.dice.strikes("station.commit_failed"):
            self.saved_minor = self.total_minor
        self._leave(Ending.SOLD)
        if self.dice.strikes("station.crash_after_commit"):
            self.power_lost(self.dice.between("station.pause", 500, 60_000))

    def _leave(self, ending: Ending) -> None:
        intent = self._intent
        if intent is None:
            return
        self._intent = None
        intent.ending, intent.ended_ms = ending, self.agenda.now_ms
        self.world.days[self.till].ended(intent)
        self.world.next_customer(self.till, self.dice.between("people.gap", 500, 20_000))

    # ── the line ────────────────────────────────────────────────────────────────────────────────────────────

    def connected(self) -> None:
        """The connection stands."""
        self._connected = True
        self._frames = FrameReader()
        self._turn += 1
        self._send()

    def connect_failed(self) -> None:
        """There is nobody."""
        self._declined(self._turn)

    def received(self, data: bytes) -> None:
        """An answer, perhaps."""
        for message in self._frames.feed(data):
            self._message(message)
        if self._frames.broken and self._connected:
            self._connected = False
            self.link.disconnect()
            self._declined(self._turn)

    def _message(self, message: bytes) -> None:
        try:
            reply = decode_reply(message)
        except Garbled:
            self._declined(self._turn)
            return
        if reply.id != self._waiting_for or self._intent is None:
            return
        self._waiting_for = 0
        if reply.ok:
            self._accepted(reply.document)
        else:
            if reply.code in _TOLD:
                self.world.days[self.till].told(Fault(_TOLD[reply.code], shift=reply.shift.number))
            self._declined(self._turn)

    def closed(self) -> None:
        """The connection is gone."""
        self._connected = False
        self._declined(self._turn)

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────────

    def power_lost(self, pause_ms: int) -> None:
        """What was not saved is forgotten; the cashier rings the basket up again afterwards."""
        if not self.up:
            return
        self.up, self._connected = False, False
        self._turn += 1
        self._requests = self._waiting_for = 0
        self.link.power_lost()
        self.agenda.after(pause_ms, self._switch_on)

    def _switch_on(self) -> None:
        self.up = True
        self.total_minor = self.saved_minor
        self.link.client = self
        if self._intent is not None:
            self._attempt = 0
            self._try()


class NaiveWorld(Ground):
    """The world around naive tills."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.numbers = 0
        self.naive = {till: NaiveTill(self, till, link) for till, link in self.links.items()}
        self.floats_minor: dict[str, int] = dict.fromkeys(self.tills, 0)

    def put_in(self, till: str, amount_minor: int) -> None:
        """The cashier tells the naive till what was put in."""
        before_minor = self.books.cash_minor.get(till, 0)
        super().put_in(till, amount_minor)
        self.floats_minor[till] += self.books.cash_minor[till] - before_minor

    def next_customer(self, till: str, delay_ms: int) -> None:
        """The till is free for the next one."""
        intent = self.next_intent(till)
        if intent is not None:
            self.agenda.after(delay_ms, self.naive[till].arrive, intent)

    def arrived(self, till: str) -> None:
        """Somebody has come: what else comes now?"""
        if not self.dice.rates:
            return
        self.strike_line(till)
        for name in ("station.crash", "people.switched_off"):
            if self.dice.strikes(name):
                pause_ms = self.dice.between(name, 500, 120_000)
                self.agenda.after(self.dice.between(name, 0, 5_000), self._power_lost, pause_ms)

    def _power_lost(self, pause_ms: int) -> None:
        for till in self.naive.values():
            till.power_lost(pause_ms)

    def run(self) -> Result:
        """Both acts; what came of them."""
        result = Result(self.options)
        self.open_tills()
        for till in self.tills:
            self.next_customer(till, self.dice.between("people.gap", 500, 5_000))
        result.events += self.agenda.run(self.agenda.now_ms + SAFETY_MS, self._all_gone)
        self.mend()
        for till in self.tills:
            self.days[till].last, self.left[till] = True, LAST_MAX
            self.next_customer(till, SETTLE_MS)
        result.events += self.agenda.run(self.agenda.now_ms + LIVENESS_MS, self._all_gone)
        self.count(result)
        result.operations = sum(intent.pressed_ms is not None for intent in self.intents.values())
        result.guessed = sum(till.guessed for till in self.naive.values())
        result.money_off_minor = sum(abs(self._off_minor(till)) for till in self.tills)
        return result

    def _all_gone(self) -> bool:
        if any(self.left.values()):
            return False
        return all(intent.ending is not Ending.HERE for intent in self.intents.values())

    def _off_minor(self, till: str) -> int:
        book_minor = self.floats_minor[till] + self.naive[till].total_minor
        return self.books.cash_minor.get(till, 0) - book_minor


def run_naive(options: Options) -> Result:
    """Run the naive till in the world of these options."""
    return NaiveWorld(options).run()
