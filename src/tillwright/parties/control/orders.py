"""What can be ordered of a control twin from outside: by its control endpoint, by a test, by the simulation.

Each order returns what the twin does on its lines because of it, and must be carried out like any other
action.
"""

from __future__ import annotations

from tillwright.parties.control.device import Unwilling
from tillwright.parties.control.messages import Counters, Shift
from tillwright.parties.control.store import Fence, StoredDocument
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.faulting import Arming
from tillwright.parties.wire import TwinAction

PAGE = 1_000


class ControlOrders:
    """Orders to one twin. Like the twin itself, not for two threads at once."""

    def __init__(self, twin: ControlTwin) -> None:
        self.twin = twin

    # ── faults ──────────────────────────────────────────────────────────────────────────────────────────────

    def arm(self, fault: str, arming: Arming) -> list[TwinAction]:
        """Show a fault; raises UnknownFault. Refusing always, it hangs up those who are connected."""
        self.twin.faults.arm(fault, arming)
        if fault == "refuse_connections" and arming.always:
            return self.twin.ordered(self.twin.forget_lines)
        return []

    def disarm(self, fault: str | None = None) -> list[TwinAction]:
        """No more of this fault, or of any; raises UnknownFault."""
        self.twin.faults.disarm(fault)
        return []

    def crash(self, now_ms: int, down_ms: int) -> list[TwinAction]:
        """The device crashes now."""
        return self.twin.ordered(lambda: self.twin.crash(now_ms + down_ms))

    def restore_backup(self, writes: int) -> list[TwinAction]:
        """The device comes back as it was before its last so many writes."""
        return self.twin.ordered(lambda: self.twin.restore_backup(writes))

    def unplug(self) -> list[TwinAction]:
        """Pull the plug."""
        return self.twin.ordered(self.twin.unplug)

    def plug(self) -> list[TwinAction]:
        """Put it back."""
        return self.twin.ordered(self.twin.plug)

    def set_uplink(self, on: bool) -> list[TwinAction]:
        """Switch the device's own line to the operator on or off. Without an address it has none."""
        self.twin.uplink = on and bool(self.twin.profile.uplink)
        return []

    def set_clock(self, offset_ms: int) -> list[TwinAction]:
        """The device's clock is so far ahead of the world's (behind, if negative)."""
        self.twin.offset_ms = offset_ms
        return []

    def reset(self) -> list[TwinAction]:
        """As from the factory."""
        return self.twin.ordered(self.twin.reset)

    def exchange(self, serial: str, till: str, shift: int, now_ms: int) -> list[TwinAction]:
        """Another device in its place; the own one again by its own serial. Raises ValueError for a shift
        of a device that cannot know the currency of its first document.
        """
        if shift and not self.twin.device.currency:
            raise ValueError("the device has not counted anything yet: nobody knows its currency")
        return self.twin.ordered(lambda: self.twin.exchange(serial, till, shift, now_ms))

    def refuse(self, unwilling: Unwilling | None) -> list[TwinAction]:
        """The device refuses what nothing speaks against; None: no more."""
        self.twin.device.unwilling = unwilling
        return []

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────

    def deposit(self, currency: str, amount_minor: int, now_ms: int) -> str:
        """A float put in at the device itself, of which no till knows yet: its signed document.

        Raises ValueError for a sum or a currency that the device does not take.
        """
        return self.twin.device.deposit(currency, amount_minor, self.twin.clock_ms(now_ms))

    def miscount(self, amount_minor: int) -> list[TwinAction]:
        """The device's cash counters go wrong by so much. Raises ValueError for nothing at all."""
        self.twin.device.miscount(amount_minor)
        return []

    # ── truth ───────────────────────────────────────────────────────────────────────────────────────────────

    def last_number(self) -> int:
        """The number of the device's newest document."""
        return self.twin.device.last_number

    def counters(self) -> Counters:
        """What the device has counted."""
        return self.twin.device.counters

    def shift(self) -> Shift:
        """The device's newest shift."""
        return self.twin.device.shift

    def acknowledged(self) -> int | None:
        """All documents up to this one are at the operator; None without a line of its own."""
        return self.twin.device.acknowledged

    def documents(self, above: int = 0, limit: int = PAGE) -> list[StoredDocument]:
        """The device's documents above a number, in order."""
        return list(self.twin.device.store.documents(self.twin.profile.serial, above, limit))

    def fences(self) -> list[Fence]:
        """The keys that the device refuses for ever."""
        return list(self.twin.device.store.fences(self.twin.profile.serial))
