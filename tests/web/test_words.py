"""Money, quantities and times as each language writes them."""

import pytest

from tests.pages import NOON_MS, PageStation
from tillwright.catalogue.formats import MISSING
from tillwright.kernel.fault import Fault
from tillwright.web import words

NARROW = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _station(page_station: PageStation) -> None:
    """A place whose pack knows EUR and VND, in UTC."""


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "written"),
    [
        (568, "EUR", "en", "€5.68"),
        (568, "EUR", "ru", "5,68 €"),
        (568, "EUR", "vi", "5,68 €"),
        (568, "EUR", "zh-hans", "€5.68"),
        (123_456_789, "EUR", "ru", "1 234 567,89 €"),
        (45_000, "VND", "vi", "45.000 ₫"),
        (45_000, "VND", "en", "₫45,000"),
        (-50, "EUR", "en", "−€0.50"),
        (0, "EUR", "en", "€0.00"),
        (5, "BYN", "en", "BYN 0.05"),
        (5, "BYN", "ru", "0,05 BYN"),
        (10**12, "VND", "vi", "1.000.000.000.000 ₫"),
    ],
)
def test_money(amount_minor: int, currency: str, language: str, written: str) -> None:
    assert words.money(amount_minor, currency, language).replace(NARROW, " ") == written


def test_money_does_not_break_between_lines() -> None:
    assert " " not in words.money(123_456_789, "EUR", "ru")
    assert " " not in words.money(5, "BYN", "en")


@pytest.mark.parametrize(
    ("amount_minor", "language", "written"),
    [(123_456, "en", "1,234.56"), (123_456, "vi", "1.234,56"), (-7, "ru", "−0,07")],
)
def test_figures_stand_without_their_currency(amount_minor: int, language: str, written: str) -> None:
    assert words.figure(amount_minor, "EUR", language) == written


def test_large_sums_are_exact() -> None:
    assert words.figure(9_007_199_254_740_993, "EUR", "en") == "90,071,992,547,409.93"


@pytest.mark.parametrize(
    ("quantity_milli", "language", "written"),
    [
        (2_000, "en", "2"),
        (375, "en", "0.375"),
        (1_500, "ru", "1,5"),
        (12_345_678, "vi", "12.345,678"),
        (-1_000, "en", "−1"),
    ],
)
def test_quantities_have_no_zeros_that_say_nothing(quantity_milli: int, language: str, written: str) -> None:
    assert words.quantity(quantity_milli, language) == written


def test_a_moment_of_today_is_its_time_with_the_zone() -> None:
    assert words.moment(NOON_MS, "en") == f"22:13{NARROW}UTC"


@pytest.mark.parametrize(
    ("language", "day"), [("en", "13 Nov 2023"), ("ru", "13 нояб. 2023"), ("zh-hans", "2023年11月13日")]
)
def test_a_moment_of_another_day_names_it(language: str, day: str) -> None:
    written = words.moment(NOON_MS - 86_400_000, language)
    assert written.startswith(day)
    assert written.endswith(f"22:13{NARROW}UTC")


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Minsk", "01:13 UTC+3"),
        ("Asia/Kolkata", "03:43 UTC+5:30"),
        ("America/Sao_Paulo", "19:13 UTC−3"),
    ],
)
def test_the_zone_is_the_stations_and_is_shown(page_station: PageStation, zone: str, name: str) -> None:
    from dataclasses import replace

    from tillwright.web import current

    current.set_place(replace(current.place(), time_zone=zone))
    assert words.clock_time(NOON_MS, "ru").replace(NARROW, " ") == name


def test_a_moment_that_no_calendar_has_is_missing_not_a_failure() -> None:
    assert words.moment(10**18, "en") == MISSING


def test_the_facts_of_a_fault_are_written_as_the_page_writes() -> None:
    fault = Fault("till.change-exceeds-drawer", change_minor=4150, drawer_minor=2000, currency="EUR")
    said = words.say(fault, "ru")
    assert "41,50" in said.sentence
    assert said.code == "till.change-exceeds-drawer"


def test_a_length_of_time_is_said_in_the_readers_words() -> None:
    assert "30" in words.say(Fault("people.locked", wait_ms=30_000), "zh-hans").sentence
