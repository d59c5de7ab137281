"""The senior: settles what is red, as a careful person does, or as one does who is in a hurry.

The careful one telephones the operator and looks into the device's own books; what they say is then true, as
far as anybody can know it at that moment. The hurried one makes something up that looks right. Both are held
to what the till accepts, and both may be overtaken by what the parties say later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tillwright.journal.runner import Answer
from tillwright.kernel.fault import FaultError
from tillwright.kernel.keys import uid_of_key
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import PURPOSE, Ruling
from tillwright.operations.states import LegState, OperationState, Question
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.auditor import Auditor
from tillwright.simulation.books import DeviceBooks
from tillwright.simulation.chance import Dice
from tillwright.simulation.intents import Ending, Intent
from tillwright.simulation.judge import Judge
from tillwright.simulation.station import SENIOR, SimulatedStation, error_of

SECOND = "Hoa"
NEVER_REGISTERED = ("fiscal.register-refused", "till.parent-unknown")
"""What the device has said with one of these it will say again, however often it is asked."""


class Senior:
    """Who is called when something is red."""

    def __init__(self, station: SimulatedStation, agenda: Agenda, dice: Dice, judge: Judge,
                 books: DeviceBooks, intents: Mapping[str, Intent], auditor: Auditor) -> None:  # fmt: skip
        self.station = station
        self.agenda = agenda
        self.dice = dice
        self.judge = judge
        self.books = books
        self.intents = intents
        self.auditor = auditor
        self.ruled = {"happened": 0, "did not": 0}
        self._asked = 0
        self._wrong_lines: dict[str, bool] = {}

    def called(self, uid: str) -> None:
        """Somebody sees that it is red; the senior comes, or does not."""
        if self.dice.strikes("people.ruled"):
            self.agenda.after(self._comes_after_ms("people.ruled"), self.settle, uid, True)
        elif self.dice.strikes("people.ruled_wrongly"):
            self.agenda.after(self._comes_after_ms("people.ruled_wrongly"), self.settle, uid, False)

    def _comes_after_ms(self, name: str) -> int:
        """Often at once, while answers are still on their way; sometimes after minutes."""
        return 500 + int(self.dice.of(name).random() ** 3 * 180_000)

    def settle(self, uid: str, careful: bool) -> None:
        """Look at it once more, and end it if it is still red."""
        try:
            operation = self.station.operation(uid)
        except FaultError:
            return
        if operation is None or operation.state is not OperationState.RED:
            return
        if operation.question is Question.KEEP_OR_REVERSE:
            self._keep(operation)
            return
        unknown = [one for one in operation.legs if one.state is LegState.UNKNOWN and one.target is None]
        refused = [one for one in operation.legs if one.state is LegState.REFUSED and one.target is None]
        if unknown:
            self._rule(operation, unknown[-1], careful)
        elif operation.question is Question.SETTLE:
            if sum(one.state is LegState.DONE and one.target is None for one in operation.legs) > 1:
                self.station.cancel(uid, SENIOR, self._told)
            elif refused:
                self._rule(operation, refused[-1], careful)

    def _keep(self, operation: Operation) -> None:
        """It is at the device although everybody has gone home: it is kept, and taken back like any other."""
        self.judge.kept[operation.uid] = True
        self.station.go_on(operation.uid, SENIOR, self._told)

    # ── ruling ──────────────────────────────────────────────────────────────────────────────────────────────

    def _rule(self, operation: Operation, leg: Leg, careful: bool) -> None:
        document = next((one for one in self.books.of(operation.uid) if one.key == leg.key), None)
        happened = document is not None if careful else leg.state is LegState.UNKNOWN
        named: dict[str, Any] = {}
        if happened and document is not None and careful:
            named = {
                "document_number": document.number, "registered_ms": document.at_ms,
                "unique_number": document.unique_number,
            }  # fmt: skip
        elif happened:
            named = self._made_up(operation)
        reasons = self.station.rules.reasons_for(PURPOSE)
        then = self._then(operation, leg, happened)
        ruling = Ruling(
            operation.uid, leg.number, operation.version, happened, then, SENIOR, "",
            reasons[0] if reasons else "", spoke_with="the operator", spoke_ms=self.station.wall_ms(),
            **named,
        )  # fmt: skip
        waiting = self.auditor.never_delivered(self.station.journal, operation.till)
        self._ask_second(operation, ruling, waiting)

    def _made_up(self, operation: Operation) -> dict[str, Any]:
        """What looks right; sometimes it is what stands on the line above."""
        self._asked += 1
        unique_number = f"MADEUP{operation.uid[:8].upper()}{self._asked}"
        if self.dice.between("people.wrong_line", 0, 2) == 0:
            unique_number = self._line_above(operation) or unique_number
        return {
            "document_number": operation.number + 1, "registered_ms": self.station.wall_ms(),
            "unique_number": unique_number,
        }  # fmt: skip

    def _line_above(self, operation: Operation) -> str | None:
        """The newest document of the till that it holds itself, if it belongs to another operation."""
        serial, journal = self.auditor.serials[operation.till], self.station.journal
        document = journal.device_document(serial, journal.last_document(serial))
        if document is None or uid_of_key(document.key) == operation.uid:
            return None
        self._wrong_lines[document.unique_number] = True
        return document.unique_number

    def _then(self, operation: Operation, leg: Leg, happened: bool) -> str:
        """What is to follow: the customer has gone with the goods, or stands there with the money. What the
        device will never register is fetched back.
        """
        if happened:
            return self._handed_out(operation)
        if leg.state is LegState.REFUSED and leg.fault is not None and leg.fault.code in NEVER_REGISTERED:
            return "returned"
        intent = self.intents.get(operation.uid)
        gone = intent is not None and intent.ending is Ending.SOLD
        return "register-now" if gone or self.dice.between("people.then", 0, 1) == 0 else "returned"

    def _handed_out(self, operation: Operation) -> str:
        """It is registered: the money of a refund was handed out, or the customer went without."""
        intent = self.intents.get(operation.uid)
        if (
            operation.kind != "refund"
            or operation.content.exchange
            or intent is None
            or intent.ending is not Ending.HERE
        ):
            return ""
        return ("", "owed")[self.dice.between("people.handed_out", 0, 1)]

    def _ask_second(self, operation: Operation, ruling: Ruling, waiting: frozenset[str]) -> None:
        """A second person enters number and PIN; then it is ruled. `waiting`: what was undelivered before."""
        self._asked += 1
        identity = f"{operation.uid}.ruling.{self._asked}"

        def approved(answer: Answer) -> None:
            if error_of(answer) is None:
                self.judge.ruled.setdefault(operation.uid, True)
                self.station.rule(ruling, (identity,), self._ruled(operation, ruling, waiting))

        self.station.grant(identity, operation.uid, operation.till, PURPOSE, approved, SECOND)

    def _ruled(self, seen: Operation, ruling: Ruling, waiting: frozenset[str]) -> Callable[[Answer], None]:
        def ruled(answer: Answer) -> None:
            self._told(answer)
            if answer.error is None:
                self.ruled["happened" if ruling.happened else "did not"] += 1
                self._fetched_back(ruling)
                self.auditor.ruled(seen, ruling, answer.value, waiting)
                if ruling.unique_number in self._wrong_lines:
                    self.auditor.named(ruling.uid, ruling.unique_number or "")

        return ruled

    def _fetched_back(self, ruling: Ruling) -> None:
        """'Goods and money are back': if the customer had gone, they were asked to come back."""
        intent = self.intents.get(ruling.uid)
        if ruling.then == "returned" and intent is not None and intent.ending is Ending.SOLD:
            intent.ending = Ending.RETURNED

    def _told(self, answer: Answer) -> None:
        fault = error_of(answer)
        if fault is not None:
            self.judge.refused(fault)
