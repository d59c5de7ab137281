"""The parties on the strip lead to where more is told of them, and to the next step."""

import re

from tests.pages import PageStation
from tests.till.counter import Counter
from tillwright.kernel.fault import Fault
from tillwright.till import checking
from tillwright.till.checking import Row


def test_each_party_of_the_strip_leads_to_its_row_in_the_settings(
    counter: Counter, page_station: PageStation
) -> None:
    for address in ("/", "/data", "/settings"):
        links = re.findall(r'<a class="party[^"]*" href="([^"]+)"', counter.html(address))
        assert links == ["/settings#party-control"], address
    assert 'id="party-control"' in counter.html("/settings")


def test_nobody_who_has_not_signed_in_is_led_anywhere(counter: Counter) -> None:
    counter.post("/sign-out")
    assert 'class="party' not in counter.html("/sign-in")


def test_a_party_is_found_at_its_first_row_that_is_not_well() -> None:
    rows = [
        Row("Power", checking.WELL, party="control"),
        Row("Device", checking.WELL, party="control"),
        Row("Printer", checking.WELL, party="printer"),
        Row("Paper", checking.WANTING, fault=Fault("printer.paper-low"), party="printer"),
        Row("Licence", checking.STOPPED, party="licensing"),
        Row("Licence", checking.STOPPED, party="licensing"),
    ]
    assert checking.anchors(rows) == ["party-control", "", "", "party-printer", "party-licensing", ""]


def test_what_stops_a_shift_stands_before_what_is_well() -> None:
    states = (checking.WELL, checking.ASKING, checking.WANTING, checking.WELL, checking.STOPPED)
    found = checking.urgent_first([Row(str(index), state) for index, state in enumerate(states)])
    assert [row.name for row in found] == ["4", "2", "0", "1", "3"]
