"""How a fact is written inside a sentence.

The name of a fact carries its unit, so the name decides: `paid_minor` is money, `offset_ms` a
length of time, `changed_at_ms` a moment, `document_count` a quantity, `free_bytes` a size.
Everything else is text, or a number such as a receipt's, which must be read out digit by
digit and is therefore never grouped.

What a person's language and country make of money, moments and quantities is the business of
the formatter that is handed in. The plain one here needs no library; it serves terminals,
logs and tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tillwright.catalogue.languages import ours
from tillwright.kernel.fault import Fact
from tillwright.kernel.money import plain
from tillwright.kernel.rules import CurrencyRules

MISSING = "—"
LONGEST_TEXT = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS_MS = (86_400_000, 3_600_000, 60_000, 1_000, 1)
UNIT_NAMES = {
    "en": ("d", "h", "min", "s", "ms"),
    "vi": ("ngày", "giờ", "phút", "giây", "mili giây"),
    "ru": ("д", "ч", "мин", "с", "мс"),
    "zh": ("天", "小时", "分", "秒", "毫秒"),
}
SIZES = (10**9, 10**6, 10**3, 1)
SIZE_NAMES = ("GB", "MB", "kB", "B")
RUSSIAN_SIZE_NAMES = ("ГБ", "МБ", "кБ", "Б")


class Formatter(Protocol):
    """Writes values in a reader's way. Must not raise for any whole number."""

    def money(self, amount_minor: int, currency: str | None, language: str) -> str:
        """A sum; `currency` is None where the fault does not name one."""

    def moment(self, at_ms: int, language: str) -> str:
        """A time, given in milliseconds UTC since 1970, with its zone."""

    def duration(self, length_ms: int, language: str) -> str:
        """A length of time, given in milliseconds."""

    def quantity(self, count: int, language: str) -> str:
        """A number of things."""


@dataclass(frozen=True, slots=True)
class PlainFormatter:
    """Writes the same in every language, but for the names of units.

    `currencies`: those it can write; the first one is meant where a fault names none. A sum
    in a currency whose exponent is not known is MISSING, never wrong by a hundred.
    """

    currencies: Sequence[CurrencyRules] = ()

    def money(self, amount_minor: int, currency: str | None, language: str) -> str:
        for known in self.currencies:
            if currency in (None, known.code):
                return f"{plain(amount_minor, known.exponent)}\N{NO-BREAK SPACE}{known.code}"
        return MISSING

    def moment(self, at_ms: int, language: str) -> str:
        try:
            return f"{EPOCH + timedelta(milliseconds=at_ms):%Y-%m-%d %H:%M} UTC"
        except OverflowError:
            return MISSING

    def duration(self, length_ms: int, language: str) -> str:
        return spell_duration(length_ms, language)

    def quantity(self, count: int, language: str) -> str:
        return str(count)


PLAIN = PlainFormatter()


def spell_duration(length_ms: int, language: str) -> str:
    """A length of time in its two largest units: '2 min 5 s', '2 phút 5 giây', '2分5秒'."""
    chosen = ours(language)
    gap = "" if chosen == "zh" else "\N{NO-BREAK SPACE}"
    rest, said = abs(length_ms), list[str]()
    for unit_ms, name in zip(UNITS_MS, UNIT_NAMES[chosen], strict=True):
        amount, below = divmod(rest, unit_ms)
        if amount or said:
            said.append(f"{amount}{gap}{name}" if amount else "")
            rest = below
        if len(said) == 2:
            break
    sign = "\N{MINUS SIGN}" if length_ms < 0 else ""
    return sign + gap.join(part for part in said if part) if said else f"0{gap}{UNIT_NAMES[chosen][3]}"


def spell_size(size_bytes: int, language: str) -> str:
    """A size in whole units, rounded down: 67,108,864 bytes are '67 MB'."""
    names = RUSSIAN_SIZE_NAMES if ours(language) == "ru" else SIZE_NAMES
    step = next(number for number, unit in enumerate(SIZES) if size_bytes >= unit or unit == 1)
    return f"{size_bytes // SIZES[step]}\N{NO-BREAK SPACE}{names[step]}"


def write_fact(
    name: str, value: Fact | None, currency: str | None, language: str, formatter: Formatter
) -> str:
    """One fact as it stands in a sentence; MISSING where there is none."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return clean_text(value)
    if name.endswith("_minor"):
        return formatter.money(value, currency, language)
    if name == "at_ms" or name.endswith("_at_ms"):
        return formatter.moment(value, language)
    if name.endswith("_ms"):
        return formatter.duration(value, language)
    if name.endswith("_bytes"):
        return spell_size(value, language)
    if name.endswith("_count"):
        return formatter.quantity(value, language)
    return str(value)


def clean_text(text: str) -> str:
    """A text from outside as one short line without control characters; MISSING if nothing is left."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) > LONGEST_TEXT:
        line = line[: LONGEST_TEXT - 1].rstrip() + "…"
    return line or MISSING
