"""The clock port: the only way in which any room learns the time.

Two clocks in one, because they answer different questions. The wall says when something happened, is written
down, and may jump when somebody sets it. The monotonic one says how long something took, never goes back,
and means nothing in another process.
"""

from typing import Protocol


class Clock(Protocol):
    """Tells the time; `tillwright.machine.clocks` and the simulation implement it."""

    def now_ms(self) -> int:
        """Wall time: whole milliseconds since 1970-01-01T00:00:00 UTC."""
        ...

    def monotonic_ns(self) -> int:
        """Nanoseconds since an arbitrary moment of this process; never less than before."""
        ...
