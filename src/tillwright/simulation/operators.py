"""The operator in the world: one body with one set of books, reached on many lines.

Each till has a line to it, and in some worlds each device has one of its own. Every line has a twin of its
own, with misfortunes of its own, over the same service: what one line has brought, the other finds there.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.control.uplink import TwinBooks, Uplink, UplinkTimes
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.service import OperatorService
from tillwright.parties.operator.store import MemoryStore, StoredDocument, StoredTill
from tillwright.parties.wire import Action, Connect, Disconnect, Telling, Transmit, WakeAt
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import OPERATOR, Dice
from tillwright.simulation.network import Link

UPLINK_TIMES = UplinkTimes(report_every_ms=120_000, look_every_ms=60_000)
_FAR = 1_000_000
"""The lines of devices number their connections from here on, so that no two lines share one."""


class OperatorBooks(MemoryStore):
    """The operator's store, watched: how often it has been told of each document it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: dict[str, StoredDocument] = {}

    def add_document(self, document: StoredDocument) -> None:
        super().add_document(document)
        self.ever[document.unique_number] = document


class Operators:
    """The operator's side of a world: its books, and the lines of tills and devices."""

    def __init__(self, agenda: Agenda, dice: Dice, devices: Sequence[ControlTwin], *, uplinks: bool) -> None:
        self.agenda = agenda
        self.dice = dice
        self.books = OperatorBooks()
        self.service = OperatorService(self.books)
        self.plans: list[FaultPlan] = []
        self.links = {twin.profile.till: self._link(twin.profile.till, 0) for twin in devices}
        self.uplinks = [_DeviceLine(self, twin) for twin in devices] if uplinks else []

    def _link(self, name: str, first: int) -> Link:
        plan = FaultPlan()
        for fault in OPERATOR:
            rate = self.dice.rates.get(f"operator.{fault}")
            if rate is not None:
                plan.arm(fault, self.dice.arming(f"operator.{fault}", fault, rate))
        self.plans.append(plan)
        return Link(
            self.agenda, self.dice, HttpTwin("operator", self.service, plan), f"operator.{name}", first
        )

    def device_link(self, twin: ControlTwin) -> Link:
        """A line for a device of its own."""
        return self._link(twin.profile.serial, _FAR)

    def every_link(self) -> list[Link]:
        """The lines of tills and devices."""
        return [*self.links.values(), *(line.link for line in self.uplinks)]

    def stand(self, till: str, state: str, reason: str = "") -> None:
        """The operator changes its mind about a till: 'active', 'warning' or 'blocked'."""
        date_ms = self.agenda.now_ms + 86_400_000 if state == "warning" else None
        self.service.set_till(StoredTill(till, state, reason, date_ms))  # type: ignore[arg-type]

    def mend(self) -> None:
        """From here on nothing fails any more, and nobody is blocked."""
        for plan in self.plans:
            plan.disarm()
        for link in self.every_link():
            link.mend()
            link.twin.plug()
        for till in self.links:
            self.stand(till, "active")
        self.service.refuse_next = (0, "")
        for refusal in list(self.books.refusals()):
            self.service.accept(refusal.serial, refusal.number)


class _DeviceLine:
    """A device's own line to the operator, on the world's true time."""

    def __init__(self, operators: Operators, twin: ControlTwin) -> None:
        self._agenda = operators.agenda
        self.link = operators.device_link(twin)
        self.link.client = self
        adapter = OperatorAdapter(twin.profile.till, HttpTimes(), way="device")
        self._uplink = Uplink(TwinBooks(twin), adapter, UPLINK_TIMES)
        twin.device.on_document = self._look
        self._carry_out(self._uplink.start(self._agenda.now_ms))

    def _look(self) -> None:
        self._agenda.after(1, self._look_now)

    def _look_now(self) -> None:
        self._carry_out(self._uplink.look(self._agenda.now_ms))

    def connected(self) -> None:
        self._carry_out(self._uplink.connected(self._agenda.now_ms))

    def connect_failed(self) -> None:
        self._carry_out(self._uplink.connect_failed(self._agenda.now_ms))

    def received(self, data: bytes) -> None:
        self._carry_out(self._uplink.received(data, self._agenda.now_ms))

    def closed(self) -> None:
        self._carry_out(self._uplink.closed(self._agenda.now_ms))

    def _due(self) -> None:
        self._carry_out(self._uplink.due(self._agenda.now_ms))

    def _carry_out(self, out: Sequence[Action | Telling]) -> None:
        for one in out:
            if isinstance(one, Transmit):
                self.link.send(one.data)
            elif isinstance(one, WakeAt):
                self._agenda.at(one.at_ms, self._due)
            elif isinstance(one, Connect):
                self.link.connect()
            elif isinstance(one, Disconnect):
                self.link.disconnect()
