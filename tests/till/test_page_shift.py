"""Opening a shift: what is looked at first, what stops it, the operator's warning, the float."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pages import NOON_MS, SETTINGS, PageClock, PageStation, People
from tests.till.api_world import Device
from tests.till.counter import MILK, Counter, readable, words
from tests.till.test_page_refund import ask, begun, grant
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import ApprovalRules, LicenceRules, PackRules
from tillwright.machine.resources import shipped_rules
from tillwright.operations.policy import Policy
from tillwright.operations.states import OperationState
from tillwright.parties.wire import Health, LicenceTold, OperatorStatus, PartyHealth, Telling
from tillwright.settings.places import place_of
from tillwright.settings.station import parse_station
from tillwright.web import current

MISSING = "fiscal.billing-subscription-missing"
PARTIES = ("operator", "licensing", "printer")


@contextmanager
def shop_with(folder: Path, clock: PageClock, people: People, rules: PackRules) -> Iterator[Counter]:
    """A counter of a shop with these rules and lines to every party; nobody has said anything yet."""
    clock.at_ms = NOON_MS
    settings = parse_station(SETTINGS, folder)
    place, before = place_of(settings), current.place()
    currencies = {till.id: till.currency for till in place.tills}
    lines = dict.fromkeys(currencies, PARTIES)
    station = Station(settings.database, rules, Policy(), clock, currencies, parties=lines)
    device = Quiet()
    device.station = station
    current.set_place(replace(place, rules=rules))
    current.set_clock(clock)
    station.start_up(device)
    current.set_station(station)
    page = PageStation(settings, clock, station, device)  # type: ignore[arg-type]  # it is a line, too
    yield Counter(people.sign_in(people.cashier), page, device)
    current.set_station(None)
    station.stop()
    current.set_place(before)


@pytest.fixture
def closed(page_folder: Path, page_clock: PageClock, people: People) -> Iterator[Counter]:
    """A counter of a shop that works in shifts; none is open."""
    rules = replace(shipped_rules("demo"), shifts=True, licence=LicenceRules((MISSING,), 600_000))
    with shop_with(page_folder, page_clock, people, rules) as made:
        yield made


@pytest.fixture
def strict(page_folder: Path, page_clock: PageClock, people: People) -> Iterator[Counter]:
    """A counter of a shop in which a senior approves discounts."""
    demo = shipped_rules("demo")
    rules = replace(demo, shifts=False, approvals=(*demo.approvals, ApprovalRules("discount", "senior")))
    with shop_with(page_folder, page_clock, people, rules) as made:
        yield made


class Quiet(Device):
    """A device that can be asked how it stands, and is the line of all other parties, too."""

    def status(self, now_ms: int) -> None:
        """Asked; what is to be told is told by the test."""

    def ask(self, now_ms: int) -> None:
        """The licence is asked."""

    def ask_status(self, now_ms: int) -> None:
        """The operator is asked."""


def tell(counter: Counter, line: str, telling: Telling) -> None:
    counter.page.station.deliver(f"1/{line}" if line else "1", telling)
    counter.page.station.write(lambda _connection: None)


def all_well(counter: Counter) -> None:
    tell(counter, "", Health("ready", "CD-1", 0, None, NOON_MS))
    tell(counter, "operator", PartyHealth("operator", "ready", NOON_MS))
    tell(counter, "operator", OperatorStatus("active", "", None, NOON_MS))
    tell(counter, "licensing", LicenceTold((), NOON_MS))
    tell(counter, "printer", PartyHealth("printer", "ready", NOON_MS))


def can_be_pressed(page: str) -> bool:
    return "data-primary" in page and "disabled" not in page.partition("data-primary")[2][:160]


def test_without_a_shift_the_till_leads_to_opening_one(closed: Counter) -> None:
    closed.add(MILK)
    page = closed.html("/")
    assert "Open the shift first" in page
    assert "No shift is open" in page
    assert 'href="/pay"' not in page


def test_as_long_as_somebody_is_asked_nothing_can_be_opened(closed: Counter) -> None:
    page = closed.html("/shift/open")
    assert page.count("check-asking") >= 5
    assert not can_be_pressed(page)


def test_when_all_is_well_the_shift_opens_and_the_float_is_next(closed: Counter) -> None:
    all_well(closed)
    page = closed.html("/shift/open")
    assert page.count("check-row check-well") == 8
    assert can_be_pressed(page)
    operation = begun(closed, ask(closed, "/shift/open"))
    assert (operation.kind, operation.state) == ("shift-open", OperationState.DONE)
    page = closed.html(f"/operations/{operation.uid}")
    assert "Put in the float" in page
    assert 'href="/cash/in"' in page
    assert "Shift 1" in words(closed.html("/"))
    assert closed.get("/shift/open")["Location"] == "/"


def test_the_operator_s_warning_stands_for_its_full_time(closed: Counter) -> None:
    all_well(closed)
    tell(closed, "operator", OperatorStatus("warning", "unpaid", NOON_MS + 86_400_000, NOON_MS))
    page = closed.html("/shift/open")
    assert "fiscal.block-warning" in page
    assert 'data-wait-ms="60000"' in page
    closed.page.clock.at_ms += 20_000
    assert 'data-wait-ms="40000"' in closed.html("/shift/open")
    refused = ask(closed, "/shift/open")
    assert refused.status_code != 302
    assert "fiscal.block-warning" in readable(refused)
    closed.page.clock.at_ms += 40_000
    assert "data-wait-ms" not in closed.html("/shift/open")
    assert begun(closed, ask(closed, "/shift/open")).state is OperationState.DONE


def test_a_block_ends_it(closed: Counter) -> None:
    all_well(closed)
    tell(closed, "operator", OperatorStatus("blocked", "unpaid", None, NOON_MS))
    page = closed.html("/shift/open")
    assert "fiscal.register-blocked" in page
    assert "check-stopped" in page
    assert not can_be_pressed(page)
    assert ask(closed, "/shift/open").status_code != 302


def test_a_licence_that_forbids_work_says_so(closed: Counter) -> None:
    all_well(closed)
    fault = Fault(MISSING, account="12345", contact="+375 17 000-00-00")
    tell(closed, "licensing", LicenceTold((fault,), NOON_MS))
    page = closed.html("/shift/open")
    assert "12345" in page
    assert "check-stopped" in page
    assert not can_be_pressed(page)


def test_a_licence_that_was_asked_too_long_ago_is_said_before_anybody_presses(closed: Counter) -> None:
    all_well(closed)
    closed.page.clock.at_ms += 600_001
    page = closed.html("/shift/open")
    assert "fiscal.licence-unreachable" in page
    assert not can_be_pressed(page)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("paper-out", "printer.paper-out"),
        ("lost", "printer.unreachable"),
        ("cover-open", "printer.cover-open"),
    ],
)
def test_a_printer_that_fails_is_said_and_does_not_stop_the_day(
    closed: Counter, state: str, told: str
) -> None:
    all_well(closed)
    tell(closed, "printer", PartyHealth("printer", state, NOON_MS))
    page = closed.html("/shift/open")
    assert told in page
    assert can_be_pressed(page)


def test_a_device_that_is_gone_stops_it(closed: Counter) -> None:
    all_well(closed)
    tell(closed, "", Health("lost", None, None, None, NOON_MS))
    page = closed.html("/shift/open")
    assert "fiscal.sko-disconnected" in page
    assert not can_be_pressed(page)


def test_the_part_follows_what_the_parties_say(closed: Counter) -> None:
    before = closed.html("/shift/open/check")
    all_well(closed)
    after = closed.html("/shift/open/check")
    assert "check-asking" in before
    assert "check-asking" not in after


def test_the_strip_says_how_each_party_stands(closed: Counter) -> None:
    all_well(closed)
    strip = closed.html("/").partition("</header>")[0]
    assert strip.count("party-well") == 3
    assert "licence" not in strip
    tell(closed, "printer", PartyHealth("printer", "paper-out", NOON_MS))
    fault = Fault(MISSING, account="12345", contact="+375 17 000-00-00")
    tell(closed, "licensing", LicenceTold((fault,), NOON_MS))
    strip = closed.html("/").partition("</header>")[0]
    assert "paper is out" in strip
    assert "licence" in strip


def test_while_cash_is_counted_no_page_tells_what_should_be_there(closed: Counter) -> None:
    all_well(closed)
    begun(closed, ask(closed, "/shift/open"))
    assert "In the drawer by the book" in closed.html("/cash/out")
    closed.page.station.open_count("1", "7")
    page = closed.html("/cash/out")
    assert "In the drawer by the book" not in page
    assert "Cash is being counted" in page


# ── a pack that has discounts approved ──


def test_a_discount_is_approved_when_it_is_paid(strict: Counter, people: People) -> None:
    strict.add(MILK)
    assert "Approve the discount" not in strict.html("/pay")
    strict.press("/basket/discount", of="basket", kind="percent", value="10")
    assert "Approve the discount" in strict.html("/pay")
    refused = strict.pay()
    assert refused.status_code == 403
    assert "till.approval-needed" in readable(refused)
    basket = strict.basket()
    assert basket is not None
    operation = begun(strict, strict.pay(approval=grant(strict, people, basket.uid, "discount")))
    assert operation.approved_by == (str(people.senior),)
    assert operation.content.total_minor == 170


def test_a_senior_needs_nobody_s_approval(strict: Counter, people: People) -> None:
    strict.client = people.sign_in(people.senior)
    strict.add(MILK)
    strict.press("/basket/discount", of="basket", kind="percent", value="10")
    assert "Approve the discount" not in strict.html("/pay")
    assert begun(strict, strict.pay()).state is OperationState.DONE
