"""Finding a receipt by number, code, sum or time."""

from zoneinfo import ZoneInfo

import pytest

from tests.pages import NOON_MS
from tests.till.counter import BREAD, MILK, Counter
from tillwright.till import finding, queries
from tillwright.till.finding import Wanted

ZONE = ZoneInfo("Europe/Minsk")
HOUR_MS = 3_600_000
# NOON_MS is 2023-11-15 01:13:20 in Minsk


def at(text: str) -> int | None:
    return finding.read(text, 2, NOON_MS, ZONE).at_ms


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("118", Wanted(number=118, amount_minor=11_800, code="118")),
        (" 7.39 ", Wanted(amount_minor=739)),
        ("7,3", Wanted(amount_minor=730)),
        ("A1B2C3D4E5", Wanted(code="A1B2C3D4E5")),
        ("nothing", Wanted(code="nothing")),
        ("no thing", Wanted()),
        ("", Wanted()),
        ("25:00", Wanted()),
        ("31.2 10:00", Wanted()),
    ],
)
def test_what_was_typed_says_which_it_is(typed: str, wanted: Wanted) -> None:
    assert finding.read(typed, 2, NOON_MS, ZONE) == wanted


def test_times_are_today_s_or_the_last_such() -> None:
    assert at("1:00") == NOON_MS // 60_000 * 60_000 - 13 * 60_000
    assert at("14:30") == at("14.11 14:30") == at("14.11.2023 14:30")
    assert at("16.11 10:00") == at("16.11.2022 10:00")


def test_by_number_and_sum(counter: Counter) -> None:
    counter.sell(MILK)
    second = counter.sell(BREAD)
    found = finding.find(queries.reader(), ["1"], Wanted(number=2))
    assert [row.uid for row in found] == [second.uid]
    assert finding.find(queries.reader(), ["1"], Wanted(amount_minor=240)) == found
    assert finding.find(queries.reader(), ["2"], Wanted(number=2)) == []


def test_by_the_code_of_the_document_or_its_own(counter: Counter) -> None:
    sale = counter.sell(MILK)
    evidence = sale.legs[0].evidence
    assert evidence is not None
    unique = str(evidence.facts["unique_number"])
    for code in (unique, sale.uid):
        assert [row.uid for row in finding.find(queries.reader(), ["1"], Wanted(code=code))] == [sale.uid]


def test_by_time_the_newest_first(counter: Counter) -> None:
    uids = []
    for _ in range(5):
        uids.append(counter.sell(MILK).uid)
        counter.page.clock.at_ms += HOUR_MS
    for count in range(6):
        at_ms = NOON_MS + count * HOUR_MS - 1
        found = finding.find(queries.reader(), ["1"], Wanted(at_ms=at_ms))
        assert [row.uid for row in found] == uids[:count][::-1]


def test_the_page_opens_a_single_one_at_once(counter: Counter) -> None:
    sale = counter.sell(MILK)
    counter.sell(MILK)
    assert counter.get("/operations", q="1")["Location"] == f"/operations/{sale.uid}"
    page = counter.html("/operations", q="1.89")
    assert page.count("row-link") == 2
    assert "No such receipts" in counter.html("/operations", q="99")
