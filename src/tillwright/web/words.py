"""Money, times and quantities in a reader's way; sentences of faults in their language.

Babel knows how the world writes; here it is held to what a till needs: the currency's own number of
decimals, the same width for the same sum, the zone beside every time. Sums are whole numbers until the last
step, and that step is a decimal, never a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, format_decimal, get_currency_precision, parse_pattern

from tillwright.catalogue.catalogue import Said
from tillwright.catalogue.formats import MISSING, spell_duration
from tillwright.kernel.fault import Fault
from tillwright.web import current
from tillwright.web.looks import locale_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUS = "\N{MINUS SIGN}"
_LETTERS_BEFORE_FIGURE = re.compile(r"([A-Za-z])(?=\d)")


def exponent_of(currency: str) -> int:
    """The decimals of a currency: the pack's word, else the world's."""
    rules = current.place().rules.currency(currency)
    return rules.exponent if rules else int(get_currency_precision(currency))


def money(amount_minor: int, currency: str, language: str) -> str:
    """A sum with its currency: '5.68 €' in the order and with the marks of the language."""
    return _write(amount_minor, currency, language, "standard")


def figure(amount_minor: int, currency: str, language: str) -> str:
    """A sum without its currency, for columns where the currency stands once."""
    return _write(amount_minor, currency, language, None)


@cache
def _pattern(language: str, exponent: int, style: str | None) -> NumberPattern:
    locale = Locale.parse(locale_of(language))
    pattern = locale.currency_formats[style] if style else locale.decimal_formats[None]
    own: NumberPattern = parse_pattern(pattern.pattern)
    own.frac_prec = (exponent, exponent)
    return own


def _write(amount_minor: int, currency: str, language: str, style: str | None) -> str:
    exponent = exponent_of(currency)
    value = Decimal(abs(amount_minor)).scaleb(-exponent)
    pattern = _pattern(language, exponent, style)
    text = pattern.apply(value, locale_of(language), currency=currency, currency_digits=False).strip()
    text = _LETTERS_BEFORE_FIGURE.sub("\\1\N{NO-BREAK SPACE}", text)
    return f"{MINUS}{text}" if amount_minor < 0 else text


def quantity(quantity_milli: int, language: str) -> str:
    """A quantity in thousandths, without zeros that say nothing: '2', '0.375'."""
    text: str = format_decimal(
        Decimal(abs(quantity_milli)).scaleb(-3), format="#,##0.###", locale=locale_of(language)
    )
    return f"{MINUS}{text}" if quantity_milli < 0 else text


def count(number: int, language: str) -> str:
    """A number of things, grouped as the language does."""
    text: str = format_decimal(number, locale=locale_of(language))
    return text


def clock_time(at_ms: int, language: str) -> str:
    """The time of day with its zone, in the station's zone: '12:41 UTC+3'."""
    local = _local(at_ms)
    return f"{local:%H:%M}\N{NO-BREAK SPACE}{zone_name(local)}"


def zone_name(local: datetime) -> str:
    """How far a local time is ahead of UTC, the same in every language: 'UTC', 'UTC+3', 'UTC+5:30'."""
    offset = local.utcoffset() or timedelta()
    sign = MINUS if offset < timedelta() else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    ahead = f"{hours}:{minutes:02}" if minutes else f"{hours}"
    return f"UTC{sign}{ahead}" if hours or minutes else "UTC"


def moment(at_ms: int, language: str) -> str:
    """A moment: the time alone if it is today, else with its day; always with the zone."""
    try:
        local, now = _local(at_ms), _local(current.now_ms())
    except OverflowError:
        return MISSING
    if local.date() == now.date():
        return clock_time(at_ms, language)
    day: str = format_date(local.date(), format="medium", locale=locale_of(language))
    return f"{day}, {clock_time(at_ms, language)}"


def _local(at_ms: int) -> datetime:
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(current.place().zone)


@dataclass(frozen=True, slots=True)
class PageFormatter:
    """Writes the facts of a fault as the pages write them."""

    def money(self, amount_minor: int, currency: str | None, language: str) -> str:
        """A sum; in the station's first currency where the fault names none."""
        return money(amount_minor, currency or current.place().rules.currencies[0].code, language)

    def moment(self, at_ms: int, language: str) -> str:
        """A moment with its zone."""
        return moment(at_ms, language)

    def duration(self, length_ms: int, language: str) -> str:
        """A length of time in words."""
        return spell_duration(length_ms, language)

    def quantity(self, number: int, language: str) -> str:
        """A number of things."""
        return count(number, language)


def say(fault: Fault, language: str, audience: str = "cashier") -> Said:
    """What a person is told about a fault: the sentence, the next step, the code."""
    return current.place().catalogue.say(fault, language, audience, PageFormatter())
