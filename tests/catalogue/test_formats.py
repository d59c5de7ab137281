"""How facts are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.catalogue.formats import (
    LONGEST_TEXT,
    MISSING,
    PLAIN,
    UNIT_NAMES,
    PlainFormatter,
    clean_text,
    spell_duration,
    spell_size,
    write_fact,
)
from tillwright.catalogue.languages import LANGUAGES, ours
from tillwright.kernel.fault import Fact
from tillwright.kernel.rules import CurrencyRules

SHOP = PlainFormatter((CurrencyRules("EUR", 2, 1, (1,)), CurrencyRules("VND", 0, 1, (1,))))
MONEY_CASES = [
    ("EUR", 568, "5.68 EUR"),
    ("EUR", -5, "-0.05 EUR"),
    ("VND", 568, "568 VND"),
    (None, 568, "5.68 EUR"),
]


@pytest.mark.parametrize(("currency", "amount_minor", "written"), MONEY_CASES)
def test_money_has_the_decimals_of_its_currency(
    currency: str | None, amount_minor: int, written: str
) -> None:
    assert SHOP.money(amount_minor, currency, "en").replace("\N{NO-BREAK SPACE}", " ") == written


def test_money_of_unknown_decimals_is_not_guessed() -> None:
    assert SHOP.money(568, "JPY", "en") == MISSING
    assert PLAIN.money(568, None, "en") == MISSING


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["EUR", "VND"]))
def test_money_can_be_read_back(amount_minor: int, currency: str) -> None:
    sum_text, code = SHOP.money(amount_minor, currency, "en").split("\N{NO-BREAK SPACE}")
    assert code == currency
    assert int(sum_text.replace(".", "")) == amount_minor
    assert ("." in sum_text) == (currency == "EUR")


@pytest.mark.parametrize(
    ("length_ms", "language", "written"),
    [
        (0, "en", "0 s"),
        (400, "en", "400 ms"),
        (125_000, "en", "2 min 5 s"),
        (125_000, "vi", "2 phút 5 giây"),
        (125_000, "ru", "2 мин 5 с"),
        (125_000, "zh", "2分5秒"),
        (-300_000, "en", "\N{MINUS SIGN}5 min"),
        (3_605_000, "en", "1 h"),
        (3_660_000, "en", "1 h 1 min"),
        (180_000_000, "de-DE", "2 d 2 h"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(length_ms: int, language: str, written: str) -> None:
    assert spell_duration(length_ms, language).replace("\N{NO-BREAK SPACE}", " ") == written


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(LANGUAGES))
def test_a_length_of_time_is_at_most_its_value_and_nearly_it(length_ms: int, language: str) -> None:
    values_ms = dict(zip(UNIT_NAMES[language], (86_400_000, 3_600_000, 60_000, 1_000, 1), strict=True))
    spelled, told_ms = spell_duration(length_ms, language).replace("\N{NO-BREAK SPACE}", ""), 0
    while spelled:
        digits = len(spelled) - len(spelled.lstrip("0123456789"))
        name = max((one for one in values_ms if spelled[digits:].startswith(one)), key=len)
        told_ms += int(spelled[:digits]) * values_ms[name]
        spelled = spelled[digits + len(name) :]
    assert told_ms <= length_ms < told_ms + max(told_ms, 1)


@pytest.mark.parametrize(
    ("size_bytes", "language", "written"),
    [(67_108_864, "en", "67 MB"), (67_108_864, "ru", "67 МБ"), (999, "vi", "999 B"), (1_000, "zh", "1 kB"),
     (0, "en", "0 B"), (-1, "en", "-1 B"), (5 * 10**12, "en", "5000 GB")],
)  # fmt: skip
def test_a_size_is_rounded_down_to_whole_units(size_bytes: int, language: str, written: str) -> None:
    assert spell_size(size_bytes, language).replace("\N{NO-BREAK SPACE}", " ") == written


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("number", 1118, "1118"),
        ("number", None, MISSING),
        ("reason", "paper  out\n", "paper out"),
        ("paid_minor", 568, "5.68 EUR"),
        ("paid_minor", "broken", "broken"),
        ("at_ms", 0, "1970-01-01 00:00 UTC"),
        ("changed_at_ms", 1_714_740_060_000, "2024-05-03 12:41 UTC"),
        ("changed_at_ms", 10**18, MISSING),
        ("wait_ms", 2_000, "2 s"),
        ("line_count", 2001, "2001"),
        ("free_bytes", 1_000, "1 kB"),
    ],
)
def test_the_name_of_a_fact_says_how_it_is_written(name: str, value: Fact | None, written: str) -> None:
    assert write_fact(name, value, None, "en", SHOP).replace("\N{NO-BREAK SPACE}", " ") == written


@given(
    st.sampled_from(["number", "paid_minor", "at_ms", "wait_ms", "line_count", "free_bytes"]),
    st.none() | st.integers() | st.text(),
    st.none() | st.text(max_size=5),
    st.text(max_size=8),
)
def test_no_fact_raises_or_breaks_the_line(
    name: str, value: Fact | None, currency: str | None, language: str
) -> None:
    written = write_fact(name, value, currency, language, SHOP)
    assert written
    assert written.isprintable() or "\N{NO-BREAK SPACE}" in written
    assert "\n" not in written


@given(st.text(max_size=600))
def test_a_text_from_outside_is_one_short_line(text: str) -> None:
    line = clean_text(text)
    assert line.isprintable()
    assert 1 <= len(line) <= LONGEST_TEXT
    assert clean_text(line) == line


def test_a_long_text_is_cut_where_it_shows() -> None:
    assert clean_text("word " * 100) == ("word " * 40).rstrip()[: LONGEST_TEXT - 1] + "…"
    assert clean_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT


def test_a_text_of_nothing_is_missing() -> None:
    assert clean_text(" \n\t\x00\u200b ") == MISSING


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        ("vi-VN", "vi"),
        ("zh_Hans_CN", "zh"),
        ("RU", "ru"),
        ("de", "en"),
        ("", "en"),
        ("-", "en"),
        ("en", "en"),
    ],
)
def test_every_reader_gets_one_of_our_languages(asked: str, given_: str) -> None:
    assert ours(asked) == given_
