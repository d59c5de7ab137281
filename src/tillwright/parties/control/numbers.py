"""Which of the device's documents the till holds.

The journal knows best, but it is told before it has written: so what was told a moment ago counts as held
too, and is forgotten again if the journal never shows it. Whatever the journal lacks is read anew at the next
contact.
"""

from __future__ import annotations

from collections.abc import Iterable

from tillwright.parties.control.asking import PAGE
from tillwright.parties.control.held import HeldDocuments
from tillwright.parties.control.messages import Garbled
from tillwright.parties.control.reading import read_record
from tillwright.parties.wire import DeviceRecord

BELIEVED_MS = 86_400_000
"""How long a number that was told counts as held although the journal does not show it.

A station writes all that it is told, or ends; but a disk may stand still for minutes, and a clock may be set
ahead by hours. Whoever forgets too early takes a device that came back from an old backup for one that has
all, and a document that was told is lost: the next sale gets its number. So that takes a day.
"""

RESTORE_BYTES = 800_000
"""What is handed back at once, so that it always fits into a frame."""


class HeldNumbers:
    """The numbers of one device at a time, the one that greeted last. `cursor`: held up to here without a
    gap.
    """

    def __init__(self, held: HeldDocuments) -> None:
        self._held = held
        self.serial: str | None = None
        self.cursor = 0
        self._brought: set[int] = set()
        self._told: tuple[str | None, int, int] = (None, 0, 0)

    def greet(self, serial: str) -> None:
        """A contact begins with this device: from here on the journal's word counts."""
        self.serial = serial
        self.cursor = self._held.last_number(serial)
        self._brought.clear()

    def after(self, now_ms: int) -> int:
        """The last number that the till holds, as it tells the device."""
        serial, number, at_ms = self._told
        if serial == self.serial and number > self.cursor and now_ms - at_ms <= BELIEVED_MS:
            return number
        return self.cursor

    def take(self, record: DeviceRecord, now_ms: int) -> None:
        """A reply has brought this document, and it is told."""
        if record.number == self.cursor + 1:
            self.cursor = record.number
        elif record.number > self.cursor:
            self._brought.add(record.number)
        self._now_told(record.number, now_ms)

    def page(self, texts: Iterable[str], now_ms: int) -> tuple[DeviceRecord, ...] | None:
        """The documents of a page that were not told yet; None if it does not begin with the next one.

        What follows on a gap, or on a text that cannot be read, is left for another time.
        """
        records = self._readable(texts)
        if not records:
            return None
        self.cursor = records[-1].number
        new = tuple(record for record in records if record.number not in self._brought)
        self._brought = {number for number in self._brought if number > self.cursor}
        self._now_told(self.cursor, now_ms)
        return new

    def to_hand_back(self, above: int) -> list[str]:
        """The signed texts of this device's documents above a number, as many as go at once."""
        if self.serial is None:
            return []
        texts: list[str] = []
        size = 0
        for text in self._held.documents(self.serial, above, PAGE):
            size += 2 * len(text)  # each quotation mark in it is escaped on the line
            if texts and size > RESTORE_BYTES:
                break
            texts.append(text)
        return texts

    def clock_went_back(self, by_ms: int) -> None:
        """Somebody has set the clock; what was told just now was told just now."""
        serial, number, at_ms = self._told
        self._told = (serial, number, at_ms - by_ms)

    def _readable(self, texts: Iterable[str]) -> list[DeviceRecord]:
        records: list[DeviceRecord] = []
        for number, text in enumerate(texts, start=self.cursor + 1):
            try:
                record = read_record(text)
            except Garbled:
                break
            if record.number != number or record.serial != self.serial:
                break
            records.append(record)
        return records

    def _now_told(self, number: int, now_ms: int) -> None:
        serial, old, _ = self._told
        self._told = (self.serial, max(number, old if serial == self.serial else 0), now_ms)
