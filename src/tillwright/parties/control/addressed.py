"""To which device a request went: absence proves something only there.

A device can be replaced by another one at any moment. What the old one was asked to register, the new one has
never heard of, and its honest 'absent' would be taken for proof. So for each key it is kept which device was
asked: here for as long as the till runs, in the journal over restarts; and for what neither knows, it was the
device that the till last heard from.
"""

from __future__ import annotations

from tillwright.parties.control.held import HeldDocuments

REMEMBERED_MAX = 1_000
"""For so many keys it is remembered here; for older ones the journal is asked."""


class Addressed:
    """The devices of one till's requests."""

    def __init__(self, till: str, held: HeldDocuments) -> None:
        self._till = till
        self._held = held
        self._home: str | None = None
        self._sent_to: dict[str, str] = {}

    def begin(self) -> None:
        """Before the first contact: the device that the till last heard from."""
        if self._home is None:
            self._home = self._held.serial(self._till)

    def greeted(self, serial: str, before: str | None) -> str | None:
        """This device greets, `before` the one that greeted last; the serial that was known, if another."""
        known = before or self._home
        self._home = self._home or serial
        return known if known is not None and known != serial else None

    def sent(self, key: str, serial: str) -> None:
        """The request with this key goes to this device now."""
        self._sent_to[key] = serial
        if len(self._sent_to) > REMEMBERED_MAX:
            del self._sent_to[next(iter(self._sent_to))]

    def of(self, key: str) -> str | None:
        """The device that was asked to register this key; None if that can only be the first one ever."""
        return self._sent_to.get(key) or self._held.sent_to(key) or self._home
