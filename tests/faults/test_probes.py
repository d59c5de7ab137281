"""Each probe at a real station: what is brought about, it finds; and what it cannot see, it says so."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.faults.scenes import TILL, folder_of, here, silence
from tests.till.api_shop import CASHIER, Shop
from tests.till.api_world import uid
from tillwright.faults import rules
from tillwright.faults.looking import look_once
from tillwright.faults.probes import own
from tillwright.faults.probes.reaching import NO_LINE, NO_NAME, REACHED, reach
from tillwright.faults.scene import BACKUPS, Address, Scene, Target
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.machine.sqlite import Connection
from tillwright.operations.states import OperationState, Question
from tillwright.parties.wire import Health
from tillwright.people.models import Account, Attempt, LiveSession
from tillwright.web import current

HOUR_MS = 3_600_000
AT = Address("127.0.0.1", 9)
ALL = {(TILL, party): AT for party in ("control", "operator", "licensing", "printer")}
WITHOUT = {(TILL, "control"): AT}


def found(name: str, *, operation: str = "", person: str = "", session: str = "", **scene: object) -> Finding:
    """What a probe finds at till-1."""
    at = replace(here(), **{"addresses": ALL, **scene})  # type: ignore[arg-type]
    return look_once(at, name, Target(TILL, operation, person, session))


def value(name: str, **more: object) -> str:
    return found(name, **more).value  # type: ignore[arg-type]


@pytest.fixture
def says(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """What every party answers that is asked."""

    def says(state: str | None) -> None:
        monkeypatch.setattr(type(shop.station), "ask_party", lambda self, till, party, timeout_ms: state)

    return says


# ── the control device ──


def test_a_device_that_answers(shop: Shop) -> None:
    link = found("control_link")
    assert (link.value, link.facts["serial"]) == ("answers", shop.device.full.serial)
    assert value("control_identity") == "same"
    assert value("control_shift") == "agrees"
    assert value("control_counters") == "agree"
    assert value("control_numbers") == "level"


def test_a_device_that_is_away(shop: Shop, line_down: list[str]) -> None:
    silence(shop)
    link = found("control_link")
    assert (link.value, "nobody there" in link.how) == ("no-line", True)
    for name in ("control_identity", "control_clock", "control_shift", "control_counters", "control_numbers"):
        assert value(name) == UNKNOWN, name


def test_a_device_that_takes_the_line_and_says_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    silence(shop)
    monkeypatch.setattr("tillwright.faults.probes.control.reach", lambda address: (REACHED, "taken"))
    assert value("control_link") == "no-answer"


def test_nonsense_between_its_answers_is_no_health(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = StoredFault(shop.clock.ms, TILL, None, Fault("fiscal.device-garbled"))
    monkeypatch.setattr(type(shop.station), "faults", lambda self, most: [heard])
    assert value("control_link") == "nonsense"
    before = replace(heard, at_ms=shop.clock.ms - 1)
    monkeypatch.setattr(type(shop.station), "faults", lambda self, most: [before])
    assert value("control_link") == "answers"


def test_another_device_at_the_address(shop: Shop) -> None:
    shop.sold(1)
    shop.device.full.serial = "CD-OTHER"
    identity = found("control_identity")
    assert (identity.value, identity.facts["serial"]) == ("other-serial", "CD-OTHER")


def test_cash_that_no_document_explains(shop: Shop) -> None:
    shop.device.strange_minor = 500
    counters = found("control_counters")
    assert (counters.value, counters.facts["difference_minor"]) == ("device-more", 500)
    shop.device.strange_minor = -500
    assert value("control_counters") == "till-more"


def test_cash_that_is_counted_blind_is_not_known(shop: Shop) -> None:
    shop.station.open_count(TILL, str(CASHIER))
    assert value("control_counters") == UNKNOWN


# ── the operator, the licence, the way there ──


def test_an_operator_that_answers(shop: Shop) -> None:
    assert value("operator_link") == "answers"
    assert value("operator_status") == "active"
    assert value("undelivered_documents") == "none"


@pytest.mark.parametrize(
    ("state", "told"), [("blocked", "blocked"), ("warning", "warned"), ("lost", UNKNOWN), (None, UNKNOWN)]
)
def test_what_the_operator_says(
    shop: Shop, says: Callable[[str | None], None], state: str | None, told: str
) -> None:
    says(state)
    assert value("operator_status") == told


def test_a_party_that_is_silent(shop: Shop, says: Callable[[str | None], None], line_down: list[str]) -> None:
    says(None)
    for name in ("operator_link", "licensing_link", "printer_status"):
        assert value(name) == "no-line"
    assert value("licence_state") == UNKNOWN


def test_a_licence_that_was_not_heard_of_for_too_long(
    shop: Shop, says: Callable[[str | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Fault("fiscal.licence-unreachable", age_ms=9)
    monkeypatch.setattr("tillwright.faults.probes.outside.known.licence", lambda till: (old,))
    says(None)
    licence = found("licence_state")
    assert (licence.value, licence.facts) == ("too-old", {"age_ms": 9})
    assert rules.fault_of(licence, ("age_ms",)) == old


def test_a_party_that_the_till_does_not_have(shop: Shop) -> None:
    for name in ("operator_link", "licensing_link", "printer_status"):
        assert value(name, addresses=WITHOUT) == "not-set"
    for name in ("operator_status", "licence_state", "slips_waiting", "outside_link"):
        assert value(name, addresses=WITHOUT) == UNKNOWN


def test_documents_that_wait_and_grow_old(shop: Shop) -> None:
    shop.device.hearing = "deaf"
    shop.sold(1)
    waiting = found("undelivered_documents")
    assert (waiting.value, waiting.facts["document_count"]) == ("some", 1)
    shop.pass_time(2 * HOUR_MS)
    assert value("undelivered_documents") == "old"


def test_documents_that_the_operator_refused(shop: Shop) -> None:
    shop.device.hearing = "refuses"
    shop.sold(1)
    shop.pass_time(1_000)
    assert value("undelivered_documents") == "refused"


@pytest.mark.parametrize(("reached", "told"), [((REACHED,), "up"), ((NO_LINE,), "down")])
def test_the_way_outside(shop: Shop, monkeypatch: pytest.MonkeyPatch, reached: tuple[str], told: str) -> None:
    monkeypatch.setattr("tillwright.faults.probes.outside.reach", lambda address: (reached[0], ""))
    assert value("outside_link") == told


# ── the printer ──


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("ready", "ready"),
        ("paper-low", "paper-low"),
        ("paper-out", "paper-out"),
        ("cover-open", "cover-open"),
        ("offline", "switched-off-line"),
    ],
)
def test_what_the_printer_says(shop: Shop, says: Callable[[str | None], None], state: str, told: str) -> None:
    says(state)
    assert value("printer_status") == told


# ── operations and the till ──


def test_a_sale_that_is_done(shop: Shop) -> None:
    shop.sold(1)
    assert value("operation_state", operation=uid(1)) == "ended"
    assert value("operation_at_device", operation=uid(1)) == "registered"
    assert value("operation_at_operator", operation=uid(1)) == "listed"
    assert value("red_operations") == "none"


def test_a_sale_that_is_red(shop: Shop) -> None:
    shop.lose(1)
    assert value("operation_state", operation=uid(1)) == "red"
    assert value("operation_at_device", operation=uid(1)) == "silent"
    red = found("red_operations")
    assert (red.value, red.facts["red_count"]) == ("some", 1)


def test_an_operation_that_waits_for_a_press(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sold(1)
    done = shop.station.operation(uid(1))
    assert done is not None
    for question, told in ((None, "going-on"), (Question.CONTINUE_OR_GIVE_UP, "asks")):
        going = replace(done, state=OperationState.OPEN, question=question)
        monkeypatch.setattr(type(shop.station), "operation", lambda self, uid, going=going: going)
        assert value("operation_state", operation=uid(1)) == told


def test_another_sum_at_the_operator(shop: Shop) -> None:
    shop.sold(1)
    for number, record in shop.device.operator.documents.items():
        shop.device.operator.documents[number] = replace(record, total_minor=record.total_minor + 1)
    assert value("operation_at_operator", operation=uid(1)) == "differs"


@pytest.mark.parametrize(("state", "after_a_day"), [("done", "agree"), ("red", "contradicted")])
def test_that_somebody_was_mistaken_is_told_until_it_is_settled_and_a_day_old(
    shop: Shop, state: str, after_a_day: str
) -> None:
    shop.sold(1)
    assert value("rulings_checked") == "agree"
    row = (1, 1, 0, "7", "", "", "", shop.clock.ms, b"{}", shop.clock.ms, "against")

    def spoke_against(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO ruling (operation, leg, version, happened, person, second, reason, unique_number,"
            " at_ms, body, checked_ms, verdict) SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM operation"
            " WHERE uid = ?",
            (*row, uid(1)),
        )
        connection.execute("UPDATE operation SET state = ? WHERE uid = ?", (state, uid(1)))

    shop.station.write(spoke_against)
    assert value("rulings_checked") == "contradicted"
    shop.clock.ms += 24 * HOUR_MS + 1
    assert value("rulings_checked") == after_a_day


def test_an_operation_that_there_is_not(shop: Shop) -> None:
    for name in ("operation_state", "operation_at_device", "operation_at_operator"):
        for operation in (uid(9), ""):
            assert value(name, operation=operation) == UNKNOWN


def test_the_shift_and_how_long_it_is_open(shop: Shop) -> None:
    assert value("shift_state") == "open"
    shop.clock.ms += 25 * HOUR_MS
    assert value("shift_state") == "too-long"


def test_a_shift_that_was_closed_just_now(shop: Shop) -> None:
    def close(connection: Connection) -> None:
        connection.execute("UPDATE shift SET state = 'closed', closed_ms = ?", (shop.clock.ms,))

    shop.station.write(close)
    assert value("shift_state") == "just-closed"
    shop.clock.ms += 9 * HOUR_MS
    assert value("shift_state") == "closed"


def test_a_till_that_is_held(shop: Shop) -> None:
    assert value("till_hold") == "free"
    shop.station.open_count(TILL, str(CASHIER))
    held = found("till_hold")
    assert (held.value, held.facts["purpose"]) == ("held", "count")


def test_a_station_that_kept_a_write_waiting_of_late_is_busy(shop: Shop) -> None:
    def slow(connection: Connection) -> None:
        shop.clock.ms += own.BUSY_MS

    assert value("station_load") == "calm"
    shop.station.write(slow)
    busy = found("station_load")
    assert (busy.value, busy.facts["took_ms"]) == ("busy", own.BUSY_MS)
    shop.clock.ms += own.LATELY_MS + 1
    assert value("station_load") == "calm"


# ── people ──


def test_a_number_that_is_locked(shop: Shop) -> None:
    assert value("sign_in") == "free"
    Attempt.objects.create(number=CASHIER, failures=5, locked_until_ms=shop.clock.ms + 1_000)
    for person in ("", str(CASHIER), "program"):
        assert value("sign_in", person=person) == "locked"
    assert value("sign_in", person="50") == "free", "somebody else's"


def test_where_somebody_is_signed_in(shop: Shop) -> None:
    account = Account.objects.get(number=CASHIER)
    assert value("session_place", person="program") == UNKNOWN
    assert value("session_place", person=str(CASHIER)) == "ended"
    live = LiveSession(account=account.pk, session_key="a", till="till-2", place="till-2", started_ms=1)
    live.seen_ms = shop.clock.ms
    live.save()
    assert value("session_place", person=str(CASHIER), session="a") == "here"
    elsewhere = found("session_place", person=str(CASHIER), session="b")
    assert (elsewhere.value, elsewhere.facts["place"]) == ("elsewhere", "till-2")


def test_a_session_that_has_rested_too_long_has_ended(shop: Shop) -> None:
    longest_ms = current.place().inactivity_ms
    live = LiveSession(account=Account.objects.get(number=CASHIER).pk, session_key="a", till=TILL)
    live.started_ms = live.seen_ms = shop.clock.ms - longest_ms
    live.save()
    assert value("session_place", person=str(CASHIER)) == "here"
    shop.clock.ms += 1
    assert value("session_place", person=str(CASHIER)) == "ended"


def test_without_a_browser_the_till_tells_where_somebody_is_signed_in(shop: Shop) -> None:
    account = Account.objects.get(number=CASHIER)
    live = LiveSession(account=account.pk, session_key="a", place="here", started_ms=1)
    live.seen_ms = shop.clock.ms
    for till, expected in ((TILL, "here"), ("till-2", "elsewhere")):
        live.till = till
        live.save()
        assert value("session_place", person=str(CASHIER)) == expected
    of_station = look_once(here(), "session_place", Target("", "", str(CASHIER)))
    assert of_station.value == UNKNOWN


def test_who_works_here(shop: Shop) -> None:
    assert value("roles_present") == "enough"
    shop.station.write(
        lambda connection: connection.execute("UPDATE account SET is_active = 0 WHERE role = 'administrator'")
    )
    assert value("roles_present") == "no-administrator"


# ── the station ──


def test_a_station_that_is_well(shop: Shop) -> None:
    told = {
        name: value(name)
        for name in (
            "station_alive", "station_load", "settings_fit", "journal_writes", "database_sound",
            "database_schema", "disk_room", "station_clock",
        )
    }  # fmt: skip
    assert told == {
        "station_alive": "serves", "station_load": "calm", "settings_fit": "fit", "journal_writes": "writes",
        "database_sound": "sound", "database_schema": "fits", "disk_room": "enough",
        "station_clock": told["station_clock"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("offset_ms", "told"), [(0, "steady"), (3_600_000, "jumped"), (-3_600_000, "jumped"), (None, UNKNOWN)]
)
def test_the_clock_is_compared_with_what_devices_say_now(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, offset_ms: int | None, told: str
) -> None:
    def read(self: object, till: str) -> Health:
        if offset_ms is None:
            raise FaultError(Fault("fiscal.sko-disconnected"))
        return Health("ready", "SKO-1001", 1, None, shop.clock.ms, clock_offset_ms=offset_ms)

    monkeypatch.setattr(type(shop.station), "read_device", read)
    assert value("station_clock") == told


@pytest.mark.parametrize(("times", "told"), [(0.5, "full"), (2, "low"), (50, "enough")])
def test_the_disk(shop: Shop, monkeypatch: pytest.MonkeyPatch, times: float, told: str) -> None:
    free = int(shop.rules.reserve_bytes * times)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: type("Usage", (), {"free": free})())
    disk = found("disk_room")
    assert (disk.value, disk.facts["free_bytes"]) == (told, free)


def test_a_journal_that_refuses(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, change: object) -> None:
        raise FaultError(Fault("journal.stopping"))

    monkeypatch.setattr(type(shop.station), "write", refuse)
    assert value("journal_writes") == "refuses"


@pytest.mark.parametrize(("age_ms", "told"), [(None, "none"), (HOUR_MS, "fresh"), (40 * HOUR_MS, "old")])
def test_backups(shop: Shop, age_ms: int | None, told: str) -> None:
    if age_ms is not None:
        made = folder_of(shop) / BACKUPS / "one"
        made.mkdir(parents=True)
        os.utime(made, ns=((shop.clock.ms - age_ms) * 1_000_000,) * 2)
    assert value("backup_age") == told


def test_tables_of_another_program(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.station.write(
        lambda connection: connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('till', '9999_later', '2026-01-01')"
        )
    )
    assert own.schema_state().value == "ahead"
    shop.station.write(
        lambda connection: connection.execute("DELETE FROM django_migrations WHERE app = 'faults'")
    )
    assert own.schema_state().value == "behind"


# ── how far one gets ──


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.sockets
def test_how_far_one_gets_to_an_address(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    assert reach(Address("127.0.0.1", port))[0] == REACHED
    listening.close()
    assert reach(Address("127.0.0.1", port))[0] == NO_LINE


def test_a_name_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "create_connection", nowhere)
    assert reach(Address("operator.example", 443)) == (NO_NAME, "the name operator.example leads nowhere")


def test_a_scene_knows_its_tills(shop: Shop) -> None:
    at: Scene = here()
    assert at.tills == ("till-1", "till-2", "till-3")
    assert (Target(person="7").number, Target(person="program").number, Target().number) == (7, None, None)
