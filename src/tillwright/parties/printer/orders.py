"""What can be ordered of a printer's twin: paper, cover, button, plug, faults; and what it has printed."""

from __future__ import annotations

from collections.abc import Callable

from tillwright.parties.faulting import Arming
from tillwright.parties.printer.machine import Paper, Printer
from tillwright.parties.printer.slips import Printed
from tillwright.parties.printer.twin import PrinterTwin
from tillwright.parties.wire import TwinAction

Change = Callable[[Printer], object]


class PrinterOrders:
    """Orders to one printer. Like the twin itself, not for two threads at once."""

    def __init__(self, twin: PrinterTwin) -> None:
        self.twin = twin

    @property
    def slips(self) -> tuple[Printed, ...]:
        """Everything that has come out, the first one first."""
        return self.twin.printer.store.slips(self.twin.printer.serial)

    def set_paper(self, paper: Paper, now_ms: int) -> list[TwinAction]:
        """The roll is full, near its end, or out."""
        return self._switch(lambda printer: setattr(printer, "paper", paper), now_ms)

    def set_cover(self, is_open: bool, now_ms: int) -> list[TwinAction]:
        """The cover is opened or closed."""
        return self._switch(lambda printer: setattr(printer, "cover_open", is_open), now_ms)

    def set_online(self, online: bool, now_ms: int) -> list[TwinAction]:
        """The button that takes it off line, or back."""
        return self._switch(lambda printer: setattr(printer, "online", online), now_ms)

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
        """The power fails now, for so long."""
        return self.twin.ordered(lambda: self.twin.crash(now_ms + down_ms))

    def restore_backup(self, writes: int) -> list[TwinAction]:
        """Nothing: what is printed is printed."""
        return []

    def set_clock(self, offset_ms: int) -> list[TwinAction]:
        """Nothing: no clock of a printer matters."""
        return []

    def unplug(self) -> list[TwinAction]:
        """Pull the plug."""
        return self.twin.ordered(self.twin.unplug)

    def plug(self) -> list[TwinAction]:
        """Put it back."""
        return self.twin.ordered(self.twin.plug)

    def reset(self) -> list[TwinAction]:
        """As from the factory."""
        return self.twin.ordered(self.twin.reset)

    def _switch(self, change: Change, now_ms: int) -> list[TwinAction]:
        return self.twin.ordered(lambda: self.twin.switch(change, now_ms))
