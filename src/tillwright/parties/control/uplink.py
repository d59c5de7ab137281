"""The device's own line to the operator: it delivers what the device has written, by itself, in order.

It is an adapter like any other, on the other end of the shop: a driver with sockets runs it in the twins'
process, a driver on virtual time in the simulation. In front of it is the operator's own adapter; behind it
the device, which is asked anew for what is next each time, so that a device without power, or whose line is
switched off, delivers nothing.

The operator's word counts for how far it has got, also when it has gone back: an operator that was restored
from an old backup gets again what it has lost. A document that it will not take is set aside, and later ones
follow if it takes them. When there is nothing to deliver the device gives a sign of life now and then:
absence at the operator proves something only after one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from tillwright.parties.control.store import StoredDocument
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.wire import (
    Acknowledged,
    Action,
    DocumentRefused,
    NotDelivered,
    PartyHealth,
    Telling,
    WakeAt,
)

Out = list[Action | Telling]


@dataclass(frozen=True, slots=True)
class UplinkTimes:
    """In milliseconds. `retry_delays_ms`: before each further attempt, the last one for ever.
    `report_every_ms`: between signs of life. `look_every_ms`: how soon a line that was off is noticed.
    """

    retry_delays_ms: tuple[int, ...] = (500, 1_000, 2_000, 5_000, 10_000)
    report_every_ms: int = 10_000
    look_every_ms: int = 1_000


@dataclass(frozen=True, slots=True)
class Load:
    """What the device has to deliver: the next document, if there is one, and how many follow on it."""

    serial: str
    last_number: int
    document: StoredDocument | None
    following: int


class Books(Protocol):
    """The device, as its line sees it."""

    def load(self, aside: Collection[int], now_ms: int) -> Load | None:
        """What is next, without what is set aside; None while the line is off or the device has no power."""

    def acknowledge(self, number: int) -> None:
        """All documents up to this one are at the operator."""


class OperatorLine(Protocol):
    """The operator's adapter, as far as the device's line needs it; times in milliseconds."""

    def start(self, now_ms: int) -> Out: ...
    def connected(self, now_ms: int) -> Out: ...
    def why_not_connected(self, cause: str) -> None: ...
    def connect_failed(self, now_ms: int) -> Out: ...
    def received(self, data: bytes, now_ms: int) -> Out: ...
    def closed(self, now_ms: int) -> Out: ...
    def due(self, now_ms: int) -> Out: ...
    def report(self, serial: str, last_number: int, queued: int, now_ms: int) -> Out: ...
    def deliver(
        self, text: str, serial: str, number: int, unique_number: str, now_ms: int, queued: int | None = None
    ) -> Out: ...


class TwinBooks:
    """The twin of a device, asked in its own thread."""

    def __init__(self, twin: ControlTwin) -> None:
        self._twin = twin

    def load(self, aside: Collection[int], now_ms: int) -> Load | None:
        """What is next to be delivered."""
        twin, device = self._twin, self._twin.device
        if not (twin.plugged and twin.uplink and now_ms >= twin.down_until_ms):
            return None
        number = (device.acknowledged or 0) + 1
        while number in aside:
            number += 1
        serial, last_number = twin.profile.serial, device.last_number
        found = device.store.documents(serial, number - 1, 1)
        return Load(serial, last_number, found[0] if found else None, max(0, last_number - number))

    def acknowledge(self, number: int) -> None:
        """All documents up to this one are at the operator."""
        self._twin.device.acknowledge(number)


class Uplink:
    """Delivers one device's documents. Not for two threads at once.

    `state` is 'unknown', 'ready' or 'lost'; `cause`: why the last document could not be delivered.
    """

    def __init__(self, books: Books, operator: OperatorLine, times: UplinkTimes | None = None) -> None:
        self.times = times or UplinkTimes()
        self.state = "unknown"
        self.cause = ""
        self._books = books
        self._operator = operator
        self._busy = False
        self._failures = 0
        self._not_before_ms = 0
        self._report_ms = 0
        self._aside: set[int] = set()
        self._now_ms = 0
        self._woken_at_ms: int | None = None

    # ── what the driver tells ───────────────────────────────────────────────────────────────────────────────

    def start(self, now_ms: int) -> Out:
        """Begin, with a sign of life."""
        self._report_ms = now_ms
        return self._go_on(self._operator.start, now_ms)

    def look(self, now_ms: int) -> Out:
        """There may be something to deliver."""
        return self._go_on(lambda _: [], now_ms)

    def connected(self, now_ms: int) -> Out:
        """The connection stands."""
        return self._go_on(self._operator.connected, now_ms)

    def why_not_connected(self, cause: str) -> None:
        """Told before `connect_failed`."""
        self._operator.why_not_connected(cause)

    def connect_failed(self, now_ms: int) -> Out:
        """There is nobody."""
        return self._go_on(self._operator.connect_failed, now_ms)

    def received(self, data: bytes, now_ms: int) -> Out:
        """Bytes from the operator."""
        return self._go_on(lambda at_ms: self._operator.received(data, at_ms), now_ms)

    def closed(self, now_ms: int) -> Out:
        """The connection is gone."""
        return self._go_on(self._operator.closed, now_ms)

    def due(self, now_ms: int) -> Out:
        """Time has passed."""
        if self._woken_at_ms is not None and self._woken_at_ms <= now_ms:
            self._woken_at_ms = None
        return self._go_on(self._operator.due, now_ms)

    # ── going on ────────────────────────────────────────────────────────────────────────────────────────────

    def _go_on(self, step: Callable[[int], Out], now_ms: int) -> Out:
        """Take the step, hear what came of it, and ask for the next thing if nothing is under way."""
        if now_ms < self._now_ms:
            self._clock_went_back(self._now_ms - now_ms)
        self._now_ms = now_ms
        out = self._hear(step(now_ms))
        if not self._busy and now_ms >= self._not_before_ms:
            out += self._hear(self._ask())
        return out + self._wake()

    def _clock_went_back(self, by_ms: int) -> None:
        self._not_before_ms -= by_ms
        self._report_ms -= by_ms
        self._woken_at_ms = None

    def _ask(self) -> Out:
        load = self._books.load(self._aside, self._now_ms)
        if load is None:
            return []
        if load.document is None:
            return self._report(load) if self._now_ms >= self._report_ms else []
        self._busy = True
        document = load.document
        return self._operator.deliver(
            document.text, load.serial, document.number, document.unique_number, self._now_ms, load.following
        )

    def _report(self, load: Load) -> Out:
        self._busy = True
        return self._operator.report(load.serial, load.last_number, 0, self._now_ms)

    def _wake(self) -> Out:
        """Be woken for the next attempt, the next sign of life, or to look whether the line is on again."""
        if self._busy:
            return []  # the operator's adapter has a deadline of its own
        at_ms = max(self._not_before_ms, self._now_ms + self.times.look_every_ms)
        if self._woken_at_ms is not None and self._now_ms < self._woken_at_ms <= at_ms:
            return []
        self._woken_at_ms = at_ms
        return [WakeAt(at_ms)]

    # ── hearing ─────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self, out: Out) -> Out:
        """What the operator's adapter tells is for us; what it asks of its driver goes on."""
        actions: Out = []
        for one in out:
            if isinstance(one, Acknowledged):
                self._taken(one)
            elif isinstance(one, DocumentRefused):
                self._refused(one)
            elif isinstance(one, NotDelivered):
                self._failed(one)
            elif isinstance(one, PartyHealth):
                self.state = one.state
                actions.append(one)
            else:
                actions.append(one)
        return actions

    def _taken(self, told: Acknowledged) -> None:
        self._busy = False
        self._failures = 0
        self.cause = ""
        self._report_ms = self._now_ms + self.times.report_every_ms
        up_to = told.up_to or 0
        self._aside = {number for number in {*self._aside, told.number} if number > up_to}
        self._books.acknowledge(up_to)

    def _refused(self, told: DocumentRefused) -> None:
        """Later ones follow, or this one is carried again and again until it is taken."""
        self._busy = False
        self.cause = told.reason
        if told.blocks:
            self._put_off()
        else:
            self._aside.add(told.number)
            self._report_ms = self._now_ms

    def _failed(self, told: NotDelivered) -> None:
        self._busy = False
        self.cause = told.cause
        if told.cause == "out-of-order" and told.wanted is not None and told.wanted < told.number:
            self._aside = {number for number in self._aside if number > told.wanted}
            self._books.acknowledge(told.wanted - 1)
        self._put_off()

    def _put_off(self) -> None:
        delays = self.times.retry_delays_ms
        self._not_before_ms = self._now_ms + delays[min(self._failures, len(delays) - 1)]
        self._failures += 1
