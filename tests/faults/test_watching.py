"""The station watches itself: what is due is looked at, what changes is kept, and what is new is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.faults.scenes import TILL, here
from tests.till.api_shop import Shop
from tests.till.api_world import HandClock
from tillwright.faults import looking, store, watching
from tillwright.faults.looking import Found
from tillwright.faults.scene import Scene, Target
from tillwright.faults.watching import Watch, figure_of
from tillwright.journal.codec import encode_facts
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES, Condition, Scope
from tillwright.machine.sqlite import Connection
from tillwright.till.queries import reader

PATIENCE_S = 60


class Values(dict[str, str]):
    """Probe → what it finds; all others find that all is well. `looked`: which probes did, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> Values:
    found = Values()
    looking.written()

    def probe_of(name: str) -> looking.Probe:
        def look(scene: Scene, target: Target) -> Found:
            found.looked.append(f"{name}/{target.till}")
            well = next(value for value, told in PROBES[name].values.items() if told is Condition.HEALTHY)
            return Found(found.get(name, well), "set", {"free_bytes": 7})

        return look

    for name in PROBES:
        monkeypatch.setitem(looking.REGISTER.functions, name, probe_of(name))
    return found


class Told:
    """What the watch has told."""

    def __init__(self) -> None:
        self.raised: list[str] = []
        self.leaps: list[object] = []
        self.noticed: list[tuple[str, str, str]] = []

    def fault(self, stored: StoredFault) -> None:
        self.raised.append(stored.fault.code)
        self.leaps += [stored.fault.facts["jump_ms"]] if stored.fault.code == "clock.jumped" else []

    def finding(self, finding: Finding) -> None:
        self.noticed.append((finding.probe, finding.scope, finding.value))


class Wall:
    """The test's clock, with a wall that somebody has set so far ahead."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self.clock.ms + self.ahead_ms

    def monotonic_ns(self) -> int:
        return self.clock.monotonic_ns()


def raise_one(connection: Connection, at_ms: int) -> None:
    """The program raises a fault."""
    connection.execute(
        "INSERT INTO fault (at_ms, till, code, facts) VALUES (?, ?, 'printer.unconfirmed', ?)",
        (at_ms, TILL, encode_facts({})),
    )


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def watch(shop: Shop, values: Values, told: Told) -> Watch:
    return Watch(here(), told.fault, told.finding)


def waited_for(enough: Callable[[], bool]) -> None:
    """Wait until it is so; a slow machine may take its time."""
    for _ in range(PATIENCE_S * 50):
        if enough():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it does not happen")


def looked(values: Values) -> list[str]:
    """Which probes looked since this was asked last."""
    names, values.looked = values.looked, []
    return sorted(names)


def test_first_everything_with_a_schedule_is_looked_at(watch: Watch, values: Values) -> None:
    watch.turn()
    names = looked(values)
    assert f"control_link/{TILL}" in names
    assert "control_link/till-3" in names
    assert "disk_room/" in names
    assert not any(name.startswith(("operation_state", "session_place")) for name in names)
    scheduled = {spec.name for spec in PROBES.values() if spec.every_ms and spec.scope is not Scope.OPERATION}
    assert {name.partition("/")[0] for name in names} == scheduled


def test_then_only_what_is_due(shop: Shop, watch: Watch, values: Values) -> None:
    watch.turn()
    looked(values)
    watch.turn()
    assert looked(values) == []
    shop.clock.ms += 30_000
    watch.turn()
    names = {name.partition("/")[0] for name in looked(values)}
    assert names == {spec.name for spec in PROBES.values() if 0 < spec.every_ms <= 30_000}


def sick(told: Told) -> list[tuple[str, str, str]]:
    """What was told that is not well."""
    return [
        (probe, scope, value)
        for probe, scope, value in told.noticed
        if PROBES[probe].condition(value) is not Condition.HEALTHY
    ]


def test_what_stays_the_same_costs_no_write_and_what_is_not_well_is_told_once(
    shop: Shop, watch: Watch, values: Values, told: Told
) -> None:
    values["control_link"] = "no-line"
    watch.turn()
    count, before = len(store.last_changes(reader())), sick(told)
    assert ("control_link", "no-line") in {(probe, value) for probe, _, value in before}
    shop.clock.ms += 30_000
    watch.turn()
    assert "control_link" in {name.partition("/")[0] for name in looked(values)}
    assert len(store.last_changes(reader())) == count
    assert sick(told) == before


def test_what_is_well_is_told_whenever_it_is_looked_at(
    shop: Shop, watch: Watch, values: Values, told: Told
) -> None:
    watch.turn()
    told.noticed.clear()
    shop.clock.ms += 30_000
    watch.turn()
    assert "outside_link" in {probe for probe, _, _ in told.noticed}


def test_what_changes_is_kept_and_told(shop: Shop, watch: Watch, values: Values, told: Told) -> None:
    watch.turn()
    told.noticed.clear()
    values["disk_room"] = "full"
    shop.clock.ms += 60_000
    watch.turn()
    assert sick(told) == [("disk_room", "", "full")]
    [last] = [one for one in store.last_changes(reader()) if one.probe == "disk_room"]
    assert (last.value, last.at_ms) == ("full", shop.clock.ms)
    assert [one.value for one in watch.findings() if one.probe == "disk_room"] == ["full"]


def test_a_party_that_comes_or_goes_is_looked_at_now(shop: Shop, watch: Watch, values: Values) -> None:
    watch.turn()
    looked(values)
    shop.device.readable = False
    shop.look()
    watch.turn()
    names = looked(values)
    assert f"control_link/{TILL}" in names
    assert all(name.endswith(TILL) for name in names), "the other tills are as they were"


def test_a_new_fault_is_told_once(shop: Shop, watch: Watch, told: Told) -> None:
    watch.turn()
    before = len(told.raised)
    shop.lose(1)
    watch.turn()
    fresh = told.raised[before:]
    assert "fiscal.red-cheque-status-unknown" in fresh
    watch.turn()
    shop.clock.ms += 30_000
    watch.turn()
    assert told.raised[before:] == fresh


def test_a_wall_clock_that_leaps_is_told_once_and_one_that_goes_is_not(shop: Shop, told: Told) -> None:
    clock = Wall(shop.clock)
    watch = Watch(replace(here(), clock=clock), told.fault, told.finding)
    shop.clock.ms += 3_600_000
    watch.turn()
    assert told.leaps == []
    for leap_ms in (3_600_000, -3_600_000, 60_000):
        clock.ahead_ms += leap_ms
        watch.turn()
        watch.turn()
    assert told.leaps == [3_600_000, -3_600_000], "a minute is no leap"


def test_faults_are_told_after_a_clock_was_set_back(shop: Shop, told: Told) -> None:
    clock = Wall(shop.clock)
    watch = Watch(replace(here(), clock=clock), told.fault, told.finding)
    shop.lose(1)
    watch.turn()
    told.raised.clear()
    clock.ahead_ms -= 3_600_000
    watch.turn()
    shop.station.write(lambda connection: raise_one(connection, clock.now_ms()))
    watch.turn()
    assert "printer.unconfirmed" in told.raised


def test_a_look_of_somebody_else_is_taken_in(shop: Shop, watch: Watch, told: Told) -> None:
    watch.take([Finding("disk_room", "", "low", shop.clock.ms)])
    assert told.noticed == [("disk_room", "", "low")]


def test_an_hour_is_kept_when_it_is_over(shop: Shop, watch: Watch, values: Values) -> None:
    values["disk_room"] = "low"
    began_ms = shop.clock.ms
    watch.turn()
    assert store.hours(reader(), "disk_room", "", began_ms) == []
    shop.clock.ms += store.HOUR_MS
    values["disk_room"] = "full"
    watch.turn()
    [hour] = store.hours(reader(), "disk_room", "", began_ms)
    assert (hour.hour, hour.looks, hour.sick, hour.figure) == (began_ms // store.HOUR_MS, 1, 0, 7)
    watch.stop()


def test_the_end_keeps_the_hour_that_has_begun(shop: Shop, values: Values, told: Told) -> None:
    watch = Watch(here(), told.fault, told.finding)
    watch.start()
    waited_for(lambda: any(one.probe == "disk_room" for one in watch.findings()))
    watch.stop()
    watch._thread.join(PATIENCE_S)
    assert store.hours(reader(), "disk_room", "", shop.clock.ms)[0].looks >= 1


def test_a_mishap_does_not_end_the_watch(shop: Shop, values: Values, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TURN_S", 0.001)
    told: list[str] = []

    def fails(finding: Finding) -> None:
        told.append(finding.probe)
        if finding.probe == "disk_room":
            raise ZeroDivisionError

    watch = Watch(here(), lambda stored: None, fails)
    watch.start()

    def twice() -> bool:
        shop.clock.ms += 60_000  # what was lost with it is looked at again when its time comes
        return told.count("disk_room") > 1

    waited_for(twice)
    watch.stop()
    watch._thread.join(PATIENCE_S)
    assert not watch._thread.is_alive()


# ── each alone ────────────────────────────────────────────────────────────────────────────────────


THREE = ("disk_room", "backup_age", "station_load")


@pytest.mark.parametrize(
    ("mishap", "code"),
    [(ZeroDivisionError("by zero"), "api.internal"), (FaultError(Fault("journal.write-failed")), None)],
)
def test_a_mishap_with_one_finding_costs_no_other(shop: Shop, mishap: Exception, code: str | None) -> None:
    told: list[str] = []
    broken = {"disk_room"}

    def noticed(finding: Finding) -> None:
        if finding.probe in broken:
            raise mishap
        told.append(finding.probe)

    watch = Watch(here(), lambda stored: None, noticed)
    batch = [Finding(name, "", "unknown", shop.clock.ms) for name in THREE]
    with capture_logs() as logs:
        watch.take(batch)
    assert told == ["backup_age", "station_load"]
    assert {one.probe for one in store.last_changes(reader())} == set(THREE), "each is kept"
    [logged] = [one for one in logs if one["event"].startswith("watch.")]
    assert (logged["code"], logged["probe"]) == (code or "journal.write-failed", "disk_room")

    broken.clear()
    watch.take(batch)
    assert told == ["backup_age", "station_load", "disk_room"], "what was not told is told at the next look"
    watch.take(batch)
    assert len(told) == 3


def test_what_could_not_be_written_is_written_at_the_next_look(
    shop: Shop, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(here(), told.fault, told.finding)
    finding = Finding("disk_room", "", "full", shop.clock.ms)

    def refuses(change: object) -> None:
        raise FaultError(Fault("journal.write-failed"))

    with monkeypatch.context() as now:
        now.setattr(shop.station, "write", refuses)
        watch.take([finding])
    assert store.last_changes(reader()) == []
    watch.take([finding])
    assert [one.value for one in store.last_changes(reader())] == ["full"]
    assert told.noticed == [("disk_room", "", "full")]


def test_a_mishap_with_one_fault_costs_no_other_and_it_is_told_again(
    shop: Shop, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    busy = [True]

    def raised(stored: StoredFault) -> None:
        if busy[0] and stored.fault.code == "printer.paper-out":
            raise FaultError(Fault("journal.write-failed"))
        if stored.fault.code == "printer.cover-open":
            raise ZeroDivisionError
        told.append(stored.fault.code)

    codes = ("printer.paper-out", "printer.cover-open", "printer.unreachable")
    fresh = [StoredFault(shop.clock.ms, TILL, None, Fault(code)) for code in codes]
    monkeypatch.setattr(shop.station, "faults", lambda limit: fresh[::-1])
    turned: list[int] = []
    watch = Watch(here(), raised, lambda finding: None, lambda: turned.append(1))
    with capture_logs() as logs:
        watch.turn()
        watch.turn()
    assert told == ["printer.unreachable"]
    assert turned == [1, 1], "the rest of the turn came, too"
    codes_logged = [one["code"] for one in logs if one["event"].startswith("watch.")]
    assert sorted(codes_logged) == ["api.internal", "journal.write-failed"], "each once"
    busy[0] = False
    watch.turn()
    watch.turn()
    assert told == ["printer.unreachable", "printer.paper-out"]


@pytest.mark.parametrize(
    ("facts", "figure"),
    [({"free_bytes": 5}, 5), ({"offset_ms": -3, "serial": "x"}, -3), ({"serial": "x"}, None), ({}, None)],
)
def test_a_finding_is_drawn_by_its_figure(facts: dict[str, str | int], figure: int | None) -> None:
    assert figure_of(Finding("disk_room", "", "low", 0, facts=facts)) == figure
