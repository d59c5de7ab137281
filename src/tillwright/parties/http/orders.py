"""What can be ordered of every twin that speaks HTTP: faults, crashes, the plug, the clock, old backups.

Each order returns what the twin does on its lines because of it, and must be carried out like any other
action.
"""

from __future__ import annotations

from tillwright.parties.faulting import Arming
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.wire import TwinAction


class HttpOrders:
    """Orders to one twin. Like the twin itself, not for two threads at once."""

    def __init__(self, twin: HttpTwin) -> None:
        self.twin = twin

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
        """The party crashes now."""
        return self.twin.ordered(lambda: self.twin.crash(now_ms + down_ms))

    def restore_backup(self, writes: int) -> list[TwinAction]:
        """The party comes back as it was before its last so many writes."""
        return self.twin.ordered(lambda: self.twin.restore_backup(writes))

    def unplug(self) -> list[TwinAction]:
        """Take it off the net."""
        return self.twin.ordered(self.twin.unplug)

    def plug(self) -> list[TwinAction]:
        """Put it back."""
        return self.twin.ordered(self.twin.plug)

    def set_clock(self, offset_ms: int) -> list[TwinAction]:
        """The party's clock is so far ahead of the world's (behind, if negative)."""
        self.twin.offset_ms = offset_ms
        return []

    def reset(self) -> list[TwinAction]:
        """As if it had never been used."""
        return self.twin.ordered(self.twin.reset)
