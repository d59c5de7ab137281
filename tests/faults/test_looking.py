"""Probes run side by side, each within its time, and whatever happens to one is a finding."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.scenes import TILL, here
from tests.till.api_shop import Shop
from tillwright.faults import actions, looking
from tillwright.faults.looking import Found, look, look_live, look_once
from tillwright.faults.scene import Scene, Target
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.registry import ACTIONS, PROBES, Scope

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """`control_link` waits until the test lets it go."""
    gone_on = threading.Event()

    def probe(scene: Scene, target: Target) -> Found:
        gone_on.wait(20)
        return Found("answers")

    monkeypatch.setitem(looking.REGISTER.functions, "control_link", probe)
    yield gone_on
    gone_on.set()


def answering(monkeypatch: pytest.MonkeyPatch, name: str, found: Found | Exception) -> None:
    def probe(scene: Scene, target: Target) -> Found:
        if isinstance(found, Exception):
            raise found
        return found

    looking.written()
    monkeypatch.setitem(looking.REGISTER.functions, name, probe)


def test_every_name_of_the_registry_is_written_and_none_besides() -> None:
    assert looking.written() == set(PROBES)
    assert actions.written() == set(ACTIONS)


def test_a_finding_says_what_how_when_and_of_what(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "control_clock", Found("off", "compared", {"offset_ms": 9}))
    found = look_once(here(), "control_clock", Target(TILL, "u", "7"))
    assert (found.probe, found.scope, found.value, found.how) == ("control_clock", TILL, "off", "compared")
    assert (found.at_ms, dict(found.facts), found.known) == (shop.clock.ms, {"offset_ms": 9}, True)


@pytest.mark.parametrize(
    ("name", "scope"), [("disk_room", ""), ("control_link", TILL), ("operation_state", "u")]
)
def test_a_finding_is_about_what_its_probe_looks_at(
    monkeypatch: pytest.MonkeyPatch, name: str, scope: str
) -> None:
    answering(monkeypatch, name, Found(next(iter(PROBES[name].values))))
    assert look_once(here(), name, Target(TILL, "u")).scope == scope


@pytest.mark.parametrize(
    ("mishap", "how"),
    [
        (FaultError(Fault("fiscal.sko-disconnected")), "fiscal.sko-disconnected"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (Found("purple"), "AssertionError: control_link never finds 'purple'"),
    ],
)
def test_a_probe_that_cannot_look_says_so(
    monkeypatch: pytest.MonkeyPatch, mishap: Found | Exception, how: str
) -> None:
    answering(monkeypatch, "control_link", mishap)
    found = look_once(here(), "control_link", Target(TILL))
    assert (found.value, found.how, found.known) == ("unknown", how, False)


def test_one_that_takes_too_long_holds_up_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, waiting: threading.Event
) -> None:
    answering(monkeypatch, "disk_room", Found("enough"))
    short = {**PROBES, "control_link": replace(PROBES["control_link"], limit_ms=0)}
    monkeypatch.setattr(looking, "PROBES", short)
    late, quick = look(here(), ["control_link", "disk_room"], Target(TILL))
    assert (late.value, late.how) == ("unknown", "nothing found within 0 ms")
    assert quick.value == "enough"


def test_what_is_there_first_is_told_first(monkeypatch: pytest.MonkeyPatch, waiting: threading.Event) -> None:
    answering(monkeypatch, "disk_room", Found("enough"))
    told = []
    for found in look_live(here(), ["control_link", "disk_room"], Target(TILL)):
        told.append(found.probe)
        waiting.set()
    assert told == ["disk_room", "control_link"]


def test_findings_come_in_the_order_of_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["disk_room", "control_clock", "backup_age"]
    for name in names:
        answering(monkeypatch, name, Found(next(iter(PROBES[name].values))))
    assert [one.probe for one in look(here(), names, Target(TILL))] == names


def test_scopes_of_the_registry_are_all_looked_at() -> None:
    assert {spec.scope for spec in PROBES.values()} == set(Scope)
