"""The words on pictures and receipts, in the language of the page that is being drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from babel.dates import format_time, get_timezone
from django.utils.translation import gettext

from tillwright.catalogue.formats import MISSING, spell_duration
from tillwright.catalogue.templates import fill
from tillwright.documents.words import TEMPLATES, has
from tillwright.kernel.fault import Fault
from tillwright.people.models import Account
from tillwright.web import current, looks, words


@dataclass(frozen=True, slots=True)
class PageWords:
    """Implements `documents.words.Words`; `names` are people's names by the number that operations carry."""

    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str, **facts: str) -> str:
        """The text of a key, translated; a person is called by name."""
        for person in ("person", "cashier"):
            if person in facts:
                facts[person] = self.names.get(facts[person], facts[person])
        till = current.place().till(facts.get("till"))
        if till is not None and key in ("column.till", "receipt.till"):
            return till.name
        return fill(gettext(TEMPLATES[key]), facts.__getitem__)

    def money(self, amount_minor: int, currency: str) -> str:
        """A sum with its currency."""
        return words.money(amount_minor, currency, self.language)

    def amount(self, amount_minor: int, currency: str) -> str:
        """A sum without it."""
        return words.figure(amount_minor, currency, self.language)

    def quantity(self, quantity_milli: int) -> str:
        """Thousandths as a quantity."""
        return words.quantity(quantity_milli, self.language)

    def clock(self, at_ms: int) -> str:
        """The time of day to the second, in the station's zone."""
        return self._time(at_ms, "HH:mm:ss")

    def precise(self, at_ms: int) -> str:
        """The time of day to the millisecond."""
        return f"{self.clock(at_ms)}.{at_ms % 1000:03d}"

    def moment(self, at_ms: int) -> str:
        """The time with its zone, and its day unless it is today."""
        return words.moment(at_ms, self.language)

    def duration(self, length_ms: int) -> str:
        """A length of time in words."""
        return spell_duration(length_ms, self.language)

    def fault(self, fault: Fault) -> str:
        """What the catalogue says about a fault."""
        return words.say(fault, self.language).sentence

    def party(self, name: str) -> str:
        """What people call a party."""
        key = f"party.{name}"
        return self.text(key) if has(key) else name

    def _time(self, at_ms: int, pattern: str) -> str:
        try:
            local = words.EPOCH + timedelta(milliseconds=at_ms)
            zone = get_timezone(current.place().time_zone)
            return str(format_time(local, pattern, tzinfo=zone, locale=looks.locale_of(self.language)))
        except OverflowError:
            return MISSING


def page_words(*people: str) -> PageWords:
    """Words in the page's language that know these people by name; one query, none without people."""
    numbers = sorted({int(person) for person in people if person.isascii() and person.isdigit()})
    found = Account.objects.filter(number__in=numbers).values_list("number", "name") if numbers else ()
    return PageWords(looks.language(), {str(number): name for number, name in found})
