"""After the end of the process: what was begun is gone on with, and nothing is doubled by that."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from tests.faults.scenes import LOST, TILL, at_rest, diagnoses, here, stage, types_of, until
from tests.till.api_shop import Shop
from tests.till.api_world import uid
from tillwright.diagnosis.course import Stage
from tillwright.diagnosis.events import Answered, Outcome
from tillwright.faults import actions, at_work, looking, store
from tillwright.faults.actions import Done
from tillwright.faults.codec import body_of
from tillwright.faults.looking import Found
from tillwright.faults.scene import Scene, Target
from tillwright.faults.store import StoredDiagnosis
from tillwright.kernel.fault import Fault
from tillwright.kernel.registry import ACTIONS
from tillwright.settings import composition

STOP = "process.system-failure"
UNCONFIRMED = "printer.unconfirmed"
PATIENCE_S = 60


class Ended(BaseException):
    """The process ends in the middle of an action."""


class Life:
    """What the program does in its lives. While `dying`, it ends in the middle of each action."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.dying = True
        self.died = threading.Event()

    def act(self, name: str) -> Done:
        self.done.append(name)
        if self.dying:
            self.died.set()
            raise Ended
        return Done(True)

    def again(self) -> None:
        """A new process on the same database. The old one holds its diagnosis for ever, as it died."""
        assert self.died.wait(PATIENCE_S), "nothing was begun"
        self.dying = False
        self.done.clear()
        before = diagnoses()
        at_work.begin(here(), again_s=(0.0,))
        diagnoses().resume()
        before.stop()


@pytest.fixture
def life(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Life:
    found = Life()
    for name in sorted(actions.written()):

        def act(scene: Scene, target: Target, name: str = name) -> Done:
            return found.act(name)

        monkeypatch.setitem(actions.REGISTER.functions, name, act)
    return found


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    def sees(name: str, value: str) -> None:
        looking.written()
        monkeypatch.setitem(looking.REGISTER.functions, name, lambda scene, target: Found(value, "set"))

    return sees


# ── what the program was doing ──


def test_what_may_be_done_twice_is_done_once_more_and_verified(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    sees("control_link", "no-line")
    found = diagnoses().start(Fault(LOST), TILL, source="fault")
    assert life.died.wait(PATIENCE_S)
    assert stage(diagnoses().view(found)) is Stage.VERIFYING, "begun, and nobody knows how far it came"
    sees("control_link", "answers")
    life.again()
    view = at_rest(shop, found)
    assert life.done == ["reconnect_control"]
    assert types_of(view)[-3:] == ["Did", "Verified", "Closed"]
    assert view.stored.state == "mended"


def test_what_was_verified_before_the_end_is_not_done_again(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    sees("control_link", "no-line")
    life.dying = False
    found = diagnoses().start(Fault(LOST), TILL, source="fault")
    at_rest(shop, found)
    life.died.set()
    life.again()
    at_rest(shop, found)
    assert life.done == []


def test_no_slip_is_printed_again_because_the_process_ended(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    sees("printer_status", "ready")
    sees("slips_waiting", "some")
    found = diagnoses().start(Fault(UNCONFIRMED), TILL, source="fault")
    assert life.died.wait(PATIENCE_S)
    assert life.done == ["print_waiting"]
    life.again()
    view = at_rest(shop, found)
    assert "print_waiting" not in life.done
    assert [one.result for one in view.course.tried] == [Outcome.STILL], "the verification has told"


def test_what_needed_consent_is_asked_for_again(shop: Shop, life: Life) -> None:
    found = diagnoses().start(Fault("journal.disk-low", free_bytes=1), "", person="7")
    view = at_rest(shop, found)
    remedy = next(one.id for one in view.entry.remedies if one.action == "free_disk_room")
    diagnoses().consent(found, remedy, "90", "administrator", view.seen)
    life.again()
    view = until(shop, found, lambda one: not one.busy)
    assert life.done == []
    assert "Undone" in types_of(view)
    assert remedy not in [one.remedy for one in view.course.tried], "it has not failed to help"
    diagnoses().consent(found, remedy, "90", "administrator", view.seen)
    at_rest(shop, found)
    assert life.done == ["free_disk_room"]


def test_a_restart_does_not_lead_to_a_restart(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    sees("journal_writes", "refuses")
    found = diagnoses().start(Fault("journal.write-failed"), "", person="7")
    life.died.clear()
    view = until(shop, found, lambda one: not one.busy)
    remedy = next(one.id for one in view.entry.remedies if one.action == "restart_station")
    diagnoses().consent(found, remedy, "50", "senior", view.seen)
    sees("journal_writes", "writes")
    life.again()
    assert at_rest(shop, found).stored.state == "mended"
    assert "restart_station" not in life.done


def test_what_may_not_be_done_again_leaves_paper_or_ends_the_process() -> None:
    assert {name for name, spec in ACTIONS.items() if not spec.again} == {
        "print_waiting",
        "print_test_slip",
        "restart_station",
    }


def test_one_that_cannot_be_read_any_more_holds_up_no_other(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    life.dying = False
    life.died.set()
    sees("control_link", "no-line")
    found = diagnoses().start(Fault(LOST), TILL, source="fault")
    at_rest(shop, found)
    keep(shop, "gone", Fault("process.of-an-older-program"), 1)
    sees("control_link", "answers")
    life.again()
    assert at_rest(shop, found).stored.state == "mended"


def test_a_step_that_there_is_no_more_is_passed_over(
    shop: Shop, life: Life, sees: Callable[[str, str], None]
) -> None:
    life.dying = False
    sees("control_link", "no-line")
    found = diagnoses().start(Fault(LOST), TILL, source="fault")
    before = at_rest(shop, found)
    old = body_of(Answered("a-check-of-before", "yes", shop.clock.ms, "7"))
    shop.station.write(lambda db: store.append(db, found, before.seen, [old], "7", shop.clock.ms))
    view = at_rest(shop, found)
    assert view.course.answers == before.course.answers
    diagnoses().answer(found, "lamp", "no", "7", view.seen)
    assert at_rest(shop, found).course.answers["lamp"] == "no"


# ── what was forbidden ──


def keep(shop: Shop, name: str, fault: Fault, at_ms: int, source: str = "person") -> None:
    one = StoredDiagnosis(name, fault, TILL, "", 0, source, at_ms, "7", "7", "open", at_ms, None)
    shop.station.write(lambda connection: store.begin(connection, one))


def test_what_was_forbidden_stays_so_however_much_is_open(shop: Shop) -> None:
    keep(shop, "old", Fault(STOP), 1)
    for number in range(120):
        keep(shop, f"new-{number}", Fault("printer.paper-out"), 2 + number, "fault")
    at_work.take_up(here(), watches=False)
    assert shop.sell(uid(1)).json["code"] == "till.forbidden-now"


def test_it_is_forbidden_at_its_till_alone(shop: Shop) -> None:
    diagnoses().start(Fault(STOP), "till-2", "", "7")
    at_work.take_up(here(), watches=False)
    assert shop.sell(uid(1)).status == 201


@pytest.mark.parametrize("every_ms", [0, 15_000])
def test_the_process_takes_up_what_is_open_whether_it_watches_or_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, every_ms: int
) -> None:
    keep(shop, "old", Fault(STOP), 1)
    assert shop.sell(uid(1)).status == 201, "it is not known yet"
    running = SimpleNamespace(station=shop.station, scene=here())
    monkeypatch.setattr(composition, "run_station", lambda settings: running)
    monkeypatch.setattr("tillwright.machine.processes.end_with_parent", lambda: None)
    monkeypatch.setattr("django.core.wsgi.get_wsgi_application", object)
    watched: list[Any] = []
    monkeypatch.setattr(at_work, "_begin_to_watch", lambda *given: watched.append(given))
    with override_settings(TILLWRIGHT=SimpleNamespace(status_every_ms=every_ms)):
        runpy.run_path(str(Path(composition.__file__).with_name("wsgi.py")))
    assert shop.sell(uid(2)).json["code"] == "till.forbidden-now"
    assert len(watched) == (1 if every_ms else 0)


def test_what_was_missed_is_forbidden_at_the_next_turn(shop: Shop) -> None:
    diagnoses().start(Fault(STOP), TILL, "", "7")
    shop.station.forbid({})  # as if telling the station had failed
    diagnoses().look_over()
    assert shop.sell(uid(1)).json["code"] == "till.forbidden-now"
