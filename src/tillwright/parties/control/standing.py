"""How the device stands, as its replies say it: told to the station when it changes."""

from __future__ import annotations

from dataclasses import replace

from tillwright.parties.control.messages import ReplyMessage
from tillwright.parties.control.reading import clock_off
from tillwright.parties.wire import Health, Noticed, Telling


class Standing:
    """The last that is known of the device's state, counters and clock."""

    def __init__(self, clock_tolerance_ms: int) -> None:
        self._tolerance_ms = clock_tolerance_ms
        self._newest_id = 0
        self._clock_is_off = False
        self.health = Health("unknown", None, None, None, 0)

    def observe(self, reply: ReplyMessage, state: str, now_ms: int) -> list[Telling]:
        """Take in a reply that is believed; an older one than the newest says nothing new."""
        if reply.id < self._newest_id:
            return []
        self._newest_id = reply.id
        offset_ms = reply.clock_ms - now_ms
        tellings = self._watch_clock(offset_ms)
        self.health = replace(self.health, clock_offset_ms=offset_ms)  # it always differs a little: no news
        health = Health(
            state, reply.serial, reply.last_number, reply.counters, now_ms, reply.shift.number,
            reply.shift.state, reply.acknowledged, offset_ms,
        )  # fmt: skip
        if replace(health, at_ms=self.health.at_ms) != self.health:
            self.health = health
            tellings.append(health)
        return tellings

    def turn(self, state: str, now_ms: int) -> list[Telling]:
        """The line has changed: what is known of the device is still the last that is known."""
        if state == self.health.state:
            return []
        self.health = replace(self.health, state=state, at_ms=now_ms)
        return [self.health]

    def tell(self, state: str, now_ms: int) -> list[Telling]:
        """Say how it stands at this moment, whether or not that is new."""
        self.health = replace(self.health, state=state, at_ms=now_ms)
        return [self.health]

    def _watch_clock(self, offset_ms: int) -> list[Telling]:
        is_off = abs(offset_ms) > self._tolerance_ms
        changed = is_off and not self._clock_is_off
        self._clock_is_off = is_off
        return [Noticed(clock_off(offset_ms))] if changed else []
