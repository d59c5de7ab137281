"""Actions: what each does, within its time; and whatever goes wrong is said and never raised."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.scenes import TILL, folder_of, here, silence
from tests.till.api_shop import CASHIER, Shop
from tests.till.api_world import uid
from tillwright.faults import actions
from tillwright.faults.actions import KEPT_BACKUPS, Done, perform
from tillwright.faults.scene import BACKUPS, Address, Scene, Target
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.registry import ACTIONS, Consent
from tillwright.people.models import Account, Attempt, LiveSession

OPERATOR_AT = {(TILL, "operator"): Address("127.0.0.1", 9), (TILL, "control"): Address("127.0.0.1", 9)}


def scene(**more: object) -> Scene:
    return replace(here(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mishap", "how"),
    [
        (FaultError(Fault("till.held", purpose="count")), "till.held (purpose=count)"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
    ],
)
def test_what_goes_wrong_is_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, mishap: Exception, how: str
) -> None:
    def act(scene: Scene, target: Target) -> Done:
        raise mishap

    monkeypatch.setitem(actions.REGISTER.functions, "read_device", act)
    assert perform(here(), "read_device", Target(TILL)) == Done(False, how)


def test_what_takes_too_long_is_not_done(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def act(scene: Scene, target: Target) -> Done:
        let_go.wait(20)
        return Done(True)

    monkeypatch.setitem(actions.REGISTER.functions, "read_device", act)
    short = {**ACTIONS, "read_device": replace(ACTIONS["read_device"], limit_ms=0)}
    monkeypatch.setattr(actions, "ACTIONS", short)
    assert perform(here(), "read_device", Target(TILL)) == Done(False, "not done within 0 ms")
    let_go.set()


def test_only_what_needs_nobody_is_harmless() -> None:
    """Whatever could cost a person something asks for somebody."""
    asked = {name for name, spec in ACTIONS.items() if spec.consent is not Consent.NOBODY}
    assert {"restart_station", "free_disk_room", "unlock_sign_in", "end_other_session"} <= asked
    assert not any(spec.changes for spec in ACTIONS.values() if spec.consent is Consent.NOBODY)


# ── the device ──


@pytest.mark.parametrize("name", ["reconnect_control", "read_device"])
def test_the_device_is_asked(shop: Shop, name: str) -> None:
    done = perform(here(), name, Target(TILL))
    assert (done.ok, done.facts["serial"]) == (True, shop.device.full.serial)


@pytest.mark.parametrize("name", ["reconnect_control", "read_device"])
def test_a_device_that_is_silent_is_not_connected(shop: Shop, name: str) -> None:
    silence(shop)
    assert perform(here(), name, Target(TILL)) == Done(False, "fiscal.sko-disconnected")


def test_a_lost_answer_is_asked_for_again(shop: Shop) -> None:
    shop.lose(1)
    shop.device.behave = "accept"
    assert perform(here(), "ask_device_again", Target(TILL, uid(1))).ok
    shop.settle()
    operation = shop.station.operation(uid(1))
    assert operation is not None
    assert operation.state.value == "done"


def test_what_there_is_not_is_not_asked_about(shop: Shop) -> None:
    assert perform(here(), "ask_device_again", Target(TILL, uid(9))) == Done(False, "api.not-found")


# ── the operator ──


def test_the_operator_is_asked_about_an_operation(shop: Shop) -> None:
    shop.sold(1)
    done = perform(here(), "ask_operator", Target(TILL, uid(1), str(CASHIER)))
    assert done.ok, done
    assert shop.station.enquiry(int(done.facts["enquiry"])) is not None


def test_who_is_not_there_is_not_reconnected(shop: Shop) -> None:
    for name, party in (
        ("reconnect_operator", "operator"), ("ask_licensing", "licensing"), ("reconnect_printer", "printer"),
    ):  # fmt: skip
        assert perform(here(), name, Target(TILL)) == Done(False, f"the till has no {party}")


def test_the_operator_answers(shop: Shop) -> None:
    assert perform(scene(addresses=OPERATOR_AT), "reconnect_operator", Target(TILL)) == Done(
        True, "it says active"
    )


def test_what_waits_is_delivered(shop: Shop) -> None:
    shop.device.hearing = "deaf"
    shop.sold(1)
    assert shop.station.undelivered_now(TILL)
    shop.device.hearing = "hears"
    done = perform(here(), "deliver_now", Target(TILL))
    assert (done.ok, done.facts["document_count"]) == (True, 0)


# ── people ──


def test_locks_are_taken_away(shop: Shop) -> None:
    now_ms = shop.clock.ms
    Attempt.objects.create(number=CASHIER, failures=5, locked_until_ms=now_ms + 60_000)
    Attempt.objects.create(number=50, failures=1, locked_until_ms=now_ms - 1)
    done = perform(here(), "unlock_sign_in", Target(TILL))
    assert (done.ok, done.facts["lock_count"]) == (True, 1)
    assert Attempt.objects.count() == 1


def test_nobodys_session_is_ended(shop: Shop) -> None:
    for person in ("", "program", str(CASHIER)):
        assert (
            perform(here(), "end_other_session", Target(TILL, person=person)).how == "there is no other one"
        )


@pytest.mark.parametrize(
    ("session", "till", "ended"),
    [("a", "till-2", False), ("b", TILL, True), ("", TILL, False), ("", "till-2", True)],
)
def test_a_session_elsewhere_is_ended(shop: Shop, session: str, till: str, ended: bool) -> None:
    account = Account.objects.get(number=CASHIER).pk
    LiveSession.objects.create(account=account, session_key="a", till=till, started_ms=1, seen_ms=1)
    perform(here(), "end_other_session", Target(TILL, person=str(CASHIER), session=session))
    assert LiveSession.objects.filter(account=account).exists() is not ended


# ── the station ──


def test_old_backups_make_room_and_the_newest_stay(shop: Shop) -> None:
    folder: Path = folder_of(shop) / BACKUPS
    for day in range(1, 6):
        (folder / f"2026-11-0{day}").mkdir(parents=True)
    (folder / "note.txt").write_text("no backup")
    done = perform(here(), "free_disk_room", Target())
    assert done.facts["folder_count"] == 2
    left = sorted(one.name for one in folder.iterdir())
    assert left == ["2026-11-03", "2026-11-04", "2026-11-05", "note.txt"]
    assert len(left) - 1 == KEPT_BACKUPS


def test_backing_up_and_restarting_are_the_stations_own(shop: Shop) -> None:
    called: list[str] = []
    own = scene(backup=lambda: called.append("backup"), restart=lambda: called.append("restart"))
    assert perform(own, "back_up_now", Target()).ok
    assert perform(own, "restart_station", Target()).ok
    assert called == ["backup", "restart"]


def test_a_backup_that_failed_is_none(shop: Shop) -> None:
    def fails() -> None:
        raise OSError("no room")

    assert perform(scene(backup=fails), "back_up_now", Target()) == Done(False, "OSError: no room")


def test_only_what_has_certainly_not_come_out_is_printed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = {"failed": "printer.paper-out", "unsure": "printer.unconfirmed"}
    monkeypatch.setattr(actions, "unprinted", lambda scene, till: missing)
    printed: list[str] = []
    monkeypatch.setattr(shop.station, "print_document", lambda uid, copy: printed.append(uid))
    assert perform(here(), "print_waiting", Target(TILL)).facts["document_count"] == 1
    assert printed == ["failed"]


def test_a_till_without_a_printer_prints_nothing(shop: Shop) -> None:
    assert perform(here(), "print_test_slip", Target(TILL)) == Done(False, "the till has no printer")
    assert perform(here(), "print_waiting", Target(TILL)).facts["document_count"] == 0
