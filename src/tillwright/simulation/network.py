"""A line between a till or a device and a party, on virtual time: latencies, and everything that a line can
do to a message.

Messages keep their order on a connection unless something strikes. A connection that either end has forgotten
carries nothing more; what was on its way to the device may still arrive there before the end of the
connection does, as a network does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tillwright.parties.faulting import Chance, FaultPlan
from tillwright.parties.wire import HangUp, Reply, TwinAction
from tillwright.simulation.agenda import Agenda
from tillwright.simulation.chance import Dice

PARTITIONS = ("both", "to_device", "from_device")


class Client(Protocol):
    """The till's end of a line."""

    def connected(self) -> None:
        """The connection stands."""

    def connect_failed(self) -> None:
        """There is nobody."""

    def received(self, data: bytes) -> None:
        """Bytes have come."""

    def closed(self) -> None:
        """The connection is gone."""


class Twin(Protocol):
    """The other end of a line, whichever party it is."""

    faults: FaultPlan
    crashes: int

    def accept(self, connection: int, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Somebody connects."""

    def received(self, connection: int, data: bytes, now_ms: int, chance: Chance) -> list[TwinAction]:
        """Bytes have come."""

    def closed(self, connection: int, now_ms: int) -> list[TwinAction]:
        """A connection is gone."""

    def due(self, now_ms: int, chance: Chance) -> list[TwinAction]:
        """A time has come."""

    def ordered(self, order: Callable[[], object]) -> list[TwinAction]:
        """Somebody orders something from outside."""

    def plug(self) -> None:
        """The power is back."""


class Link:
    """One line to one twin. `name` draws its chance apart from all others; `first`: connections are numbered
    from there on.
    """

    def __init__(self, agenda: Agenda, dice: Dice, twin: Any, name: str, first: int = 0) -> None:
        self.agenda = agenda
        self.dice = dice
        self.twin = twin
        self.client: Client | None = None
        self._chance = dice.of(f"twin.{name}")
        self._latency = dice.of(f"latency.{name}").random
        self._connection = first
        self._stands = False
        self._to_device_ms = 0
        self._from_device_ms = 0
        self._clogged_until_ms = 0
        self._partition = ""
        self._partition_until_ms = 0

    # ── the till's end ──────────────────────────────────────────────────────────────────────────────────────

    def connect(self) -> None:
        """Open a connection; the client is told how it went, or nothing comes."""
        self._connection += 1
        self._stands = False
        if (
            self._cut_off("to_device")
            or self._cut_off("from_device")
            or self.dice.strikes("network.connect_lost")
        ):
            return
        self.agenda.after(self._latency_ms(), self._arrive, self._connection)

    def send(self, data: bytes) -> None:
        """Bytes for the device, on the connection that stands."""
        if self._stands:
            self._carry(self._connection, data, True)

    def disconnect(self) -> None:
        """The till closes the connection, or gives up opening it; nothing more is told about it."""
        self._stands = False
        at_ms = self.agenda.now_ms + self._latency_ms()
        if self._latency() < 0.5:
            at_ms = max(at_ms, self._to_device_ms)
        self.agenda.at(at_ms, self._closed_at_device, self._connection)
        self._connection += 1

    def power_lost(self) -> None:
        """The till is gone, and with it its end of the connection."""
        self.client = None
        self.disconnect()

    # ── the device's end ────────────────────────────────────────────────────────────────────────────────────

    def _arrive(self, connection: int) -> None:
        if connection != self._connection:
            return
        actions = self.twin.accept(connection, self.agenda.now_ms, self._chance)
        if actions:
            self.agenda.after(self._latency_ms(), self._refused, connection)
        else:
            self._to_device_ms = self._from_device_ms = 0
            self.agenda.after(self._latency_ms(), self._established, connection)

    def _refused(self, connection: int) -> None:
        if connection != self._connection or self.client is None:
            return
        if self._latency() < 0.5:
            self.client.connect_failed()
            return
        self._stands = True
        self.client.connected()
        self._closed_at_till(connection)

    def _established(self, connection: int) -> None:
        if connection == self._connection and self.client is not None:
            self._stands = True
            self.client.connected()

    def carry_out(self, actions: list[TwinAction]) -> None:
        """What the twin wants done."""
        for action in actions:
            if isinstance(action, Reply):
                self._carry(action.connection, action.data, False)
            elif isinstance(action, HangUp):
                at_ms = max(self.agenda.now_ms + self._latency_ms(), self._from_device_ms)
                self.agenda.at(at_ms, self._closed_at_till, action.connection)
            else:
                self.agenda.at(action.at_ms, self._twin_due)

    def _twin_due(self) -> None:
        self.carry_out(self.twin.due(self.agenda.now_ms, self._chance))

    def _closed_at_device(self, connection: int) -> None:
        self.twin.closed(connection, self.agenda.now_ms)

    def _closed_at_till(self, connection: int) -> None:
        if connection == self._connection and self._stands:
            self._stands = False
            if self.client is not None:
                self.client.closed()

    # ── on the way ──────────────────────────────────────────────────────────────────────────────────────────

    def _latency_ms(self) -> int:
        return 1 + int(self._latency() * 8)

    def _carry(self, connection: int, data: bytes, to_device: bool) -> None:
        if not self.dice.rates and not self._partition_until_ms:
            self._deliver_at(self._in_order_ms(0, to_device), connection, data, to_device)
            return
        strikes = self.dice.strikes
        if self._cut_off("to_device" if to_device else "from_device") or strikes("network.lost"):
            return
        if strikes("network.cut"):
            self._cut(connection)
            return
        if strikes("network.corrupted"):
            data = self._corrupt(data)
        late_ms = self.dice.between("network.late", 500, 20_000) if strikes("network.late") else 0
        if strikes("network.reordered"):
            at_ms = self.agenda.now_ms + self._latency_ms() + self.dice.between("network.reordered", 0, 4_000)
        else:
            at_ms = self._in_order_ms(late_ms, to_device)
        self._deliver_at(at_ms, connection, data, to_device)
        if strikes("network.repeated"):
            again_ms = at_ms + self.dice.between("network.repeated", 0, 3_000)
            self._deliver_at(again_ms, connection, data, to_device)

    def _in_order_ms(self, late_ms: int, to_device: bool) -> int:
        """When a message arrives that does not overtake those before it."""
        at_ms = self.agenda.now_ms + self._latency_ms() + late_ms
        if to_device:
            self._to_device_ms = at_ms = max(at_ms, self._to_device_ms, self._clogged_until_ms)
        else:
            self._from_device_ms = at_ms = max(at_ms, self._from_device_ms, self._clogged_until_ms)
        return at_ms

    def _deliver_at(self, at_ms: int, connection: int, data: bytes, to_device: bool) -> None:
        self.agenda.at(at_ms, self._to_device if to_device else self._to_till, connection, data)

    def _to_device(self, connection: int, data: bytes) -> None:
        self.carry_out(self.twin.received(connection, data, self.agenda.now_ms, self._chance))

    def _to_till(self, connection: int, data: bytes) -> None:
        if connection == self._connection and self._stands and self.client is not None:
            self.client.received(data)

    def _corrupt(self, data: bytes) -> bytes:
        """One byte is another one."""
        place = self.dice.between("network.corrupted", 0, len(data) - 1)
        byte = data[place] ^ self.dice.between("network.corrupted", 1, 255)
        return data[:place] + bytes((byte,)) + data[place + 1 :]

    def _cut(self, connection: int) -> None:
        """The connection breaks; each end notices in its own time."""
        self.agenda.after(self._latency_ms(), self._closed_at_device, connection)
        self.agenda.after(self._latency_ms(), self._closed_at_till, connection)

    # ── the weather ─────────────────────────────────────────────────────────────────────────────────────────

    def _cut_off(self, direction: str) -> bool:
        if self.agenda.now_ms >= self._partition_until_ms:
            self._partition_until_ms = 0
            return False
        return self._partition in ("both", direction)

    def begin_partition(self, length_ms: int, form: str) -> None:
        """Nothing passes in this direction, or in both, for so long."""
        self._partition, self._partition_until_ms = form, self.agenda.now_ms + length_ms

    def clog(self, length_ms: int) -> None:
        """Nothing passes for so long; then all of it does."""
        self._clogged_until_ms = self.agenda.now_ms + length_ms

    def mend(self) -> None:
        """The line is as good as new; what was on its way still comes."""
        self._partition_until_ms = self._clogged_until_ms = 0
