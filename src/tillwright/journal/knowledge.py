"""What parties said last, in memory: it is as fresh as the line, and gone with the process.

What must outlive the process (an operator's block, what the licence said) is in the journal. This is for what
is only true while somebody answers: how the device stands now, what it counts, up to where it has delivered.
"""

from __future__ import annotations

from tillwright.parties.wire import Health, PartyHealth

CONTROL = "control"
READY = "ready"


class Knowledge:
    """How the parties of each till are. Written by one thread, read by any."""

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        self._parties: dict[tuple[str, str], PartyHealth] = {}
        self.catching_up: set[str] = set()
        """tills that wait for word of how their device stands, to know whether they hold all that it has"""

    def hear(self, till: str, told: Health | PartyHealth) -> bool:
        """Take note; whether anything but the time is new."""
        if isinstance(told, Health):
            before = self._health.get(till)
            self._health[till] = told
            return before is None or before.state != told.state
        known = self._parties.get((till, told.party))
        self._parties[till, told.party] = told
        return known is None or known.state != told.state

    def health(self, till: str) -> Health | None:
        """What the till's device said last, if it ever did."""
        return self._health.get(till)

    def device(self, till: str) -> Health | None:
        """The same, as long as the device can be read; what it said before its line broke proves nothing."""
        health = self._health.get(till)
        return health if health is not None and health.state == READY and health.serial is not None else None

    def party(self, till: str, party: str) -> PartyHealth | None:
        """How another party of the till is, if it was ever heard of."""
        return self._parties.get((till, party))

    def parties(self, till: str) -> dict[str, tuple[str, int]]:
        """Every party of the till by name → its state, and since when."""
        found = {
            party: (health.state, health.at_ms)
            for (of_till, party), health in sorted(self._parties.items())
            if of_till == till
        }
        health = self._health.get(till)
        if health is not None:
            found[CONTROL] = (health.state, health.at_ms)
        return found

    def device_cash_minor(self, till: str) -> int | None:
        """Cash in the till as the device counts it; None if it cannot be read."""
        health = self.device(till)
        return health.counters.cash_till_minor if health is not None and health.counters is not None else None
