"""The administrator: comes when the cash of device and till differ although every document agrees, and makes
the emergency correction.

Careful, as it is written down for them: the till is held, the device is read afresh, and as long as it has
documents that the till has not read, or an operation explains the difference, nothing is corrected.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from tillwright.journal import cash, shifts
from tillwright.journal.cash import CashState
from tillwright.journal.place import Place
from tillwright.journal.runner import Answer
from tillwright.kernel.fault import FaultError
from tillwright.kernel.keys import uid_from_bytes
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Operation
from tillwright.operations.states import OperationState
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import Dice
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.judge import Judge
from tillwright.simulation.station import SimulatedStation, error_of

ADMINISTRATOR = "Lan"
READS_MS = 4_000
"""The device has answered within this, or it does not answer."""
SURELY_WRITTEN_MS = 90_000
"""A press that was not answered within this was written down before, or never will be."""
COMES_AGAIN_MS = 45_000
VISITS_MAX = 12


@dataclass(slots=True)
class _Visit:
    """One correction that is being made."""

    till: str
    left: int
    intent: Intent | None = None
    tries: int = 0


class Administrator:
    """Who is called when the cash differs. `intents`: where what they do is entered, for the judge."""

    def __init__(self, station: SimulatedStation, agenda: Agenda, dice: Dice, judge: Judge,
                 intents: MutableMapping[str, Intent]) -> None:  # fmt: skip
        self.station = station
        self.agenda = agenda
        self.dice = dice
        self.judge = judge
        self.intents = intents
        self._visits: dict[str, _Visit] = {}

    def called(self, till: str) -> None:
        """Somebody says that the cash of this till differs."""
        if till not in self._visits:
            self._visits[till] = _Visit(till, VISITS_MAX)
            self._again(self._visits[till], self.dice.between("administrator.comes", 1_000, 60_000))

    @property
    def busy(self) -> bool:
        """Whether they are still at a till."""
        return bool(self._visits)

    def _again(self, visit: _Visit, delay_ms: int = COMES_AGAIN_MS) -> None:
        visit.left -= 1
        if visit.left < 0:
            self._leave(visit)
        else:
            self.agenda.after(delay_ms, self._hold, visit)

    def _leave(self, visit: _Visit) -> None:
        del self._visits[visit.till]
        self.station.release(visit.till, ADMINISTRATOR, lambda _answer: None)

    # ── holding and reading ─────────────────────────────────────────────────────────────────────────────────

    def _hold(self, visit: _Visit) -> None:

        visit.tries += 1
        self.agenda.after(SURELY_WRITTEN_MS, self._unheard, visit, visit.tries)

        def held(answer: Answer) -> None:
            visit.tries += 1
            fault = error_of(answer)
            if fault is not None:
                self.judge.refused(fault)
                self._again(visit)
            else:
                self._read(visit)

        self.station.apply(
            lambda place, now_ms: shifts.hold_for_correction(place, visit.till, ADMINISTRATOR, now_ms), held
        )

    def _unheard(self, visit: _Visit, tries: int) -> None:
        """The station went down before it could say whether the till is held."""
        if visit.tries == tries:
            self._again(visit)

    def _read(self, visit: _Visit) -> None:
        """Ask the device afresh; what it says is looked at when it must have said it."""
        self.station.read_device(visit.till)
        self.agenda.after(READS_MS, self._see, visit)

    def _see(self, visit: _Visit) -> None:
        if not self.station.up:
            self._again(visit)
            return
        place = self.station.runner.place
        seen = cash.state_of(place, visit.till, self.judge.currency)
        if seen.difference_minor == 0:
            self._leave(visit)
        elif seen.difference_minor is None or seen.explained or not _has_read_all(place, seen):
            self.station.release(visit.till, ADMINISTRATOR, lambda _answer: None)
            self._again(visit)
        else:
            self._correct(visit, seen)

    # ── correcting ──────────────────────────────────────────────────────────────────────────────────────────

    def _correct(self, visit: _Visit, seen: CashState) -> None:
        uid = uid_from_bytes(self.dice.of("administrator").randbytes(16))
        content = Content(
            self.judge.currency, seen.difference_minor or 0, (), (), reason="unexplained",
            after=seen.device_number or 0,
        )  # fmt: skip
        request = Request(uid, visit.till, "correction", ADMINISTRATOR, content, role="administrator")
        visit.intent = self.intents[uid] = Intent(
            uid, visit.till, request, self.agenda.now_ms, offered=[content]
        )
        intent = visit.intent
        self.station.start(request, lambda answer: self._heard(visit, intent, answer))
        self.agenda.after(SURELY_WRITTEN_MS, self._look, visit, intent)

    def _heard(self, visit: _Visit, intent: Intent, answer: Answer) -> None:
        """What the till says to the press."""
        fault = error_of(answer)
        if fault is not None:
            self.judge.refused(fault)
            self._never(visit, intent)
        elif isinstance(answer.value, Operation):
            self._know(visit, answer.value)

    def _look(self, visit: _Visit, intent: Intent) -> None:
        """Nothing was said: it stands in the list, or it was never made."""
        if intent.ending is not Ending.HERE:
            return
        try:
            operation = self.station.operation(intent.uid)
        except FaultError:
            self.agenda.after(COMES_AGAIN_MS, self._look, visit, intent)
            return
        if operation is not None:
            self._know(visit, operation)
        else:
            self._never(visit, intent)

    def _never(self, visit: _Visit, intent: Intent) -> None:
        if intent.ending is Ending.HERE:
            intent.ending, intent.ended_ms = Ending.NEVER, self.agenda.now_ms
            visit.intent = None
            self._again(visit)

    def _know(self, visit: _Visit, operation: Operation) -> None:
        intent = visit.intent
        if intent is None or intent.uid != operation.uid or intent.ending is not Ending.HERE:
            return
        intent.acknowledged = True
        self.judge.told(operation)
        if operation.state is OperationState.DONE:
            intent.ending, intent.ended_ms = Ending.SOLD, self.agenda.now_ms
            del self._visits[visit.till]  # the till has been let go with it


def _has_read_all(place: Place, seen: CashState) -> bool:
    """Whether the till holds every document that the device counts."""
    return seen.serial is not None and place.journal.last_document(seen.serial) == seen.device_number
