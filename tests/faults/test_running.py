"""Diagnoses at work: the program goes as far as it can, people do the rest, and everything is on record."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.faults.scenes import (
    LOST,
    TILL,
    at_rest,
    diagnoses,
    here,
    silence,
    stage,
    types_of,
    until,
    wake,
)
from tests.till.api_shop import Shop
from tests.till.api_world import uid
from tillwright.diagnosis.course import Phase, Stage
from tillwright.diagnosis.events import Outcome
from tillwright.faults import actions, looking, passing, store
from tillwright.faults.actions import Done
from tillwright.faults.looking import Found
from tillwright.faults.rules import RED
from tillwright.faults.running import Diagnoses
from tillwright.faults.scene import Scene, Target, scene
from tillwright.faults.watching import Watch
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES
from tillwright.machine.resources import shipped_catalogue
from tillwright.machine.sqlite import Connection
from tillwright.till.queries import reader

PAPER = "printer.paper-out"
ERROR = "process.system-failure"


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Lets a probe find a value from now on."""

    def sees(name: str, value: str) -> None:
        looking.written()
        monkeypatch.setitem(looking.REGISTER.functions, name, lambda scene, target: Found(value, "set"))

    return sees


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Target]]:
    """What the program has done, instead of doing it."""
    found: list[tuple[str, Target]] = []
    for name in sorted(actions.written()):

        def act(scene: Scene, target: Target, name: str = name) -> Done:
            found.append((name, target))
            return Done(True)

        monkeypatch.setitem(actions.REGISTER.functions, name, act)
    return found


@pytest.fixture
def lost(shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]) -> str:
    """A diagnosis of a lost device, begun by the program, at rest."""
    sees("control_link", "no-line")
    uid = diagnoses().start(Fault(LOST), TILL, source="fault")
    at_rest(shop, uid)
    return uid


def refused(press: Callable[[], None]) -> str:
    with pytest.raises(FaultError) as caught:
        press()
    return caught.value.fault.code


# ── by itself ─────────────────────────────────────────────────────────────────────────────────────


def test_the_program_looks_and_tries_what_costs_nobody_anything(
    shop: Shop, lost: str, done: list[tuple[str, Target]]
) -> None:
    view = diagnoses().view(lost)
    assert types_of(view) == ["Found", "Did", "Verified"]
    assert done == [("reconnect_control", Target(TILL))]
    assert (view.now.phase, view.busy, view.seen) == (Phase.DOING, False, 3)
    assert view.now.choice is not None
    assert all(one.by == "" for one in view.course.events)


def test_what_a_probe_finds_is_shown_while_another_still_looks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go, looking_on = threading.Event(), threading.Event()
    entry = shipped_catalogue().entries[ERROR]
    quick, slow = sorted({one.probe for one in entry.checks if one.probe})[:2]

    def looks(name: str) -> looking.Probe:
        value = next(iter(PROBES[name].values))

        def look(scene: Scene, target: Target) -> Found:
            if name == slow:
                looking_on.set()
                let_go.wait(20)
            return Found(value, "set")

        return look

    looking.written()
    for name in (one.probe for one in entry.checks if one.probe):
        monkeypatch.setitem(looking.REGISTER.functions, name, looks(name))
    found = diagnoses().start(Fault(ERROR), TILL, person="7")
    assert looking_on.wait(20)
    of = {one.id: one.probe for one in entry.checks}
    view = until(shop, found, lambda one: quick in {of[check] for check in one.course.answers})
    assert slow not in {of[check] for check in view.course.answers}
    assert (view.busy, view.now.phase) == (True, Phase.PROBING), "it goes on looking"
    let_go.set()
    assert slow in {of[check] for check in at_rest(shop, found).course.answers}


def test_what_is_well_again_by_then_is_mended(shop: Shop, sees: Callable[[str, str], None]) -> None:
    sees("control_link", "answers")
    uid = diagnoses().start(Fault(LOST), TILL, source="fault")
    view = at_rest(shop, uid)
    assert (view.stored.state, types_of(view)[-2:]) == ("mended", ["Verified", "Closed"])
    assert "Did" not in types_of(view), "nothing was left to mend"


def test_what_a_person_sees_is_not_mended_by_a_look_before_anything_was_done(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    sees("control_link", "answers")
    view = at_rest(shop, diagnoses().start(Fault(LOST), TILL, person="7"))
    assert types_of(view)[0] == "Found"


def test_what_it_cannot_see_is_never_called_mended(
    shop: Shop, sees: Callable[[str, str], None], lost: str
) -> None:
    sees("control_link", "unknown")
    at_work, view = diagnoses(), diagnoses().view(lost)
    at_work.did(lost, "switch-on", "7", view.seen)
    view = at_rest(shop, lost)
    assert (view.stored.state, stage(view)) == ("open", Stage.UNVERIFIED)


def test_a_mishap_in_a_step_leaves_it_to_people(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, sees: Callable[[str, str], None]
) -> None:
    sees("control_link", "no-line")

    def broken(scene: Scene, target: Target) -> Done:
        raise ZeroDivisionError

    monkeypatch.setitem(actions.REGISTER.functions, "reconnect_control", broken)
    view = at_rest(shop, diagnoses().start(Fault(LOST), TILL, source="fault"))
    assert (view.stored.state, view.now.phase) == ("open", Phase.DOING)


# ── people ────────────────────────────────────────────────────────────────────────────────────────


def test_a_persons_deed_is_verified_and_ends_it(
    shop: Shop, lost: str, sees: Callable[[str, str], None]
) -> None:
    sees("control_link", "answers")
    diagnoses().did(lost, "switch-on", "7", diagnoses().view(lost).seen, took_ms=9_000)
    view = at_rest(shop, lost)
    assert (view.stored.state, types_of(view)[-3:]) == ("mended", ["Did", "Verified", "Closed"])
    assert store.measured(reader(), LOST, shop.clock.ms + 1) == {"switch-on": [9.0]}
    assert sum(store.learnt_of(reader(), lost).values()) == pytest.approx(1.0, abs=1e-4)


def test_an_answer_leads_on_and_can_be_taken_back(shop: Shop, lost: str) -> None:
    at_work = diagnoses()
    before = at_work.view(lost).now.shares
    at_work.answer(lost, "lamp", "no", "7", at_work.view(lost).seen)
    view = at_rest(shop, lost)
    assert view.now.shares["switched-off"] > before["switched-off"]
    at_work.undo(lost, "lamp", "7", view.seen)
    view = at_rest(shop, lost)
    assert view.now.shares == pytest.approx(before)
    assert types_of(view)[-2:] == ["Answered", "Undone"]


def test_who_cannot_tell_says_nothing_about_the_causes(shop: Shop, lost: str) -> None:
    at_work = diagnoses()
    before = at_work.view(lost).now.shares
    at_work.cannot_tell(lost, "lamp", "7", at_work.view(lost).seen)
    assert at_rest(shop, lost).now.shares == pytest.approx(before)


def test_a_press_on_an_old_page_is_refused_and_changes_nothing(shop: Shop, lost: str) -> None:
    at_work = diagnoses()
    seen = at_work.view(lost).seen
    at_work.answer(lost, "lamp", "no", "7", seen)
    at_rest(shop, lost)
    events = store.events(reader(), lost)
    for press in (
        lambda: at_work.answer(lost, "lamp", "yes", "8", seen),
        lambda: at_work.did(lost, "switch-on", "8", seen),
        lambda: at_work.close(lost, "8", seen),
    ):
        assert refused(press) == "faults.stale"
    assert store.events(reader(), lost) == events


@pytest.mark.parametrize(
    "press",
    [
        lambda at, uid, seen: at.answer(uid, "lamp", "purple", "7", seen),
        lambda at, uid, seen: at.answer(uid, "nothing", "yes", "7", seen),
        lambda at, uid, seen: at.answer(uid, "link", "no-line", "7", seen),
        lambda at, uid, seen: at.did(uid, "nothing", "7", seen),
        lambda at, uid, seen: at.undo(uid, "lamp", "7", seen),
        lambda at, uid, seen: at.come_back(uid, "7", seen),
        lambda at, uid, seen: at.close(uid, "7", seen, "nothing"),
        lambda at, uid, seen: at.verified(uid, Outcome.GONE, "7", seen),
        lambda at, uid, seen: at.consent(uid, "switch-on", "7", "administrator", seen),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    shop: Shop, lost: str, press: Callable[[Diagnoses, str, int], None]
) -> None:
    events = store.events(reader(), lost)
    assert refused(lambda: press(diagnoses(), lost, len(events))) == "faults.not-now"
    assert store.events(reader(), lost) == events


def test_leaving_coming_back_and_handing_over(shop: Shop, lost: str) -> None:
    at_work = diagnoses()
    at_work.leave(lost, "7", at_work.view(lost).seen)
    view = at_work.view(lost)
    assert view.course.away
    at_work.come_back(lost, "8", view.seen)
    view = at_rest(shop, lost)
    assert (view.course.away, view.stored.holder) == (False, "8")
    at_work.hand_over(lost, "50", "8", view.seen)
    view = at_rest(shop, lost)
    assert (view.stored.holder, view.course.owner) == ("50", "50")


def test_that_the_station_is_alive_ends_no_fault_before_anything_was_done(
    shop: Shop, done: list[tuple[str, Target]]
) -> None:
    uid = diagnoses().start(Fault("process.category-software"), TILL, source="cause")
    view = at_rest(shop, uid)
    assert view.verify == "station_alive"
    assert view.stored.state == "open"


def test_for_whom_it_is_handed_to_the_program_looks_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, Target]]
) -> None:
    def place(scene: Scene, target: Target) -> Found:
        return Found("elsewhere") if target.person == "8" else looking.cannot_look("nobody is named")

    monkeypatch.setitem(looking.REGISTER.functions, "session_place", place)
    uid = diagnoses().start(Fault("people.session-ended"), TILL, person="program")
    view = at_rest(shop, uid)
    before = view.now.shares["elsewhere"]
    diagnoses().hand_over(uid, "8", "program", view.seen)
    view = at_rest(shop, uid)
    assert view.course.answers["place"] == "elsewhere"
    assert view.now.shares["elsewhere"] > 0.75 > before


def test_giving_it_away_and_closing_it_learn_nothing(shop: Shop, lost: str) -> None:
    at_work = diagnoses()
    at_work.escalate(lost, "7", at_work.view(lost).seen)
    view = at_work.view(lost)
    assert (view.stored.state, stage(view)) == ("escalated", Stage.ESCALATED)
    at_work.close(lost, "7", view.seen)
    assert at_work.view(lost).stored.closed_ms is not None
    assert store.learnt_of(reader(), lost) == {}


# ── consent ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def consented(shop: Shop, done: list[tuple[str, Target]]) -> tuple[str, str]:
    """A diagnosis with a remedy that needs an administrator, and that remedy."""
    uid = diagnoses().start(Fault("journal.disk-low", free_bytes=1), "", person="7")
    view = at_rest(shop, uid)
    remedy = next(one.id for one in view.entry.remedies if one.action == "free_disk_room")
    return uid, remedy


def test_an_action_waits_for_somebody_of_the_role(
    shop: Shop, consented: tuple[str, str], done: list[tuple[str, Target]]
) -> None:
    uid, remedy = consented
    seen = diagnoses().view(uid).seen
    for role in ("cashier", "senior", ""):
        press = lambda role=role: diagnoses().consent(uid, remedy, "7", role, seen)  # noqa: E731
        assert refused(press) == "faults.consent-needed"
    assert [name for name, _ in done].count("free_disk_room") == 0
    diagnoses().consent(uid, remedy, "90", "administrator", seen, session="s")
    at_rest(shop, uid)
    assert ("free_disk_room", Target("", "", "90", "s")) in done


def test_what_belongs_to_a_press_is_written_with_it_or_not_at_all(
    shop: Shop, consented: tuple[str, str], done: list[tuple[str, Target]]
) -> None:
    uid, remedy = consented
    events = store.events(reader(), uid)

    def taken(connection: Connection) -> None:
        raise FaultError(Fault("till.approval-invalid"))

    press = lambda: diagnoses().consent(  # noqa: E731
        uid, remedy, "90", "administrator", len(events), also=taken
    )
    assert refused(press) == "till.approval-invalid"
    assert store.events(reader(), uid) == events
    assert "free_disk_room" not in [name for name, _ in done]


# ── beginning ─────────────────────────────────────────────────────────────────────────────────────


def test_the_same_fault_at_the_same_place_is_one_diagnosis(shop: Shop, lost: str) -> None:
    assert diagnoses().start(Fault(LOST), TILL, person="7") == lost
    assert diagnoses().start(Fault(LOST), "till-2", person="7") != lost


def test_a_code_without_a_runbook_begins_none(shop: Shop) -> None:
    for code in ("api.malformed", "no.such-code"):
        with pytest.raises(FaultError, match=r"api\.not-found"):
            diagnoses().start(Fault(code), TILL)


def test_what_comes_back_within_its_watch_was_not_mended(
    shop: Shop, lost: str, sees: Callable[[str, str], None]
) -> None:
    sees("control_link", "answers")
    diagnoses().did(lost, "switch-on", "7", diagnoses().view(lost).seen)
    at_rest(shop, lost)
    learnt = store.learnt_of(reader(), lost)
    assert max(learnt.values()) > 0.5
    sees("control_link", "no-line")
    shop.clock.ms += 60_000
    assert diagnoses().start(Fault(LOST), TILL, source="fault") == lost
    view = at_rest(shop, lost)
    assert (view.stored.state, view.course.reopened) == ("open", 1)
    assert set(store.learnt_of(reader(), lost).values()) == {0.0}, "what it taught was wrong"


def test_what_strikes_again_between_two_looks_of_the_watch_is_noticed(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    watch = Watch(scene(), diagnoses().raised, diagnoses().noticed)
    diagnoses().heard = watch.take
    sees("control_link", "no-line")
    watch.take([looking.look_once(scene(), "control_link", Target(TILL))])
    [lost] = [one.uid for one in store.diagnoses(reader(), code=LOST)]
    at_rest(shop, lost)
    sees("control_link", "answers")
    diagnoses().did(lost, "switch-on", "7", diagnoses().view(lost).seen)
    assert at_rest(shop, lost).stored.state == "mended"
    sees("control_link", "no-line")
    shop.clock.ms += 60_000
    watch.take([looking.look_once(scene(), "control_link", Target(TILL))])
    assert at_rest(shop, lost).stored.state == "open"


def test_after_its_watch_it_is_another_one(shop: Shop, lost: str, sees: Callable[[str, str], None]) -> None:
    sees("control_link", "answers")
    diagnoses().did(lost, "switch-on", "7", diagnoses().view(lost).seen)
    view = at_rest(shop, lost)
    shop.clock.ms += view.entry.watch_hours * store.HOUR_MS + 1
    sees("control_link", "no-line")
    assert diagnoses().start(Fault(LOST), TILL, source="fault") != lost


def test_a_fault_that_the_program_raises_begins_its_diagnosis(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    sees("control_link", "no-line")
    diagnoses().raised(StoredFault(shop.clock.ms, TILL, None, Fault(LOST)))
    [found] = store.diagnoses(reader(), code=LOST)
    assert (found.till, found.source, found.opened_by) == (TILL, "fault", "")
    diagnoses().raised(StoredFault(shop.clock.ms, TILL, None, Fault("api.malformed", reason="x")))
    assert len(store.diagnoses(reader())) == 1, "a fault without a runbook begins none"


def test_what_is_the_tills_is_found_out_once_however_many_receipts_it_strikes(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    sees("printer_status", "paper-out")
    first, second = uid(1), uid(2)
    shop.sold(1)
    shop.sold(2)
    for receipt in (first, second):
        diagnoses().raised(StoredFault(shop.clock.ms, TILL, receipt, Fault(PAPER)))
    pressed = diagnoses().start(Fault(PAPER), TILL, second, person="7")
    [found] = store.diagnoses(reader(), code=PAPER)
    assert (found.uid, found.operation) == (pressed, "")
    for receipt in (first, second):
        diagnoses().start(Fault(RED, number=1), TILL, receipt, person="7")
    about = {one.operation for one in store.diagnoses(reader(), code=RED)}
    assert about == {first, second}, "what a red receipt needs, each needs for itself"


def test_a_fault_that_strikes_again_while_it_waits_is_known(
    shop: Shop, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = diagnoses().view(lost).seen
    looks: list[str] = []

    def look(_scene: Scene, _target: Target) -> Found:
        looks.append("once more")
        return Found("answers", "set")

    monkeypatch.setitem(looking.REGISTER.functions, "control_link", look)
    shop.clock.ms += 1_000
    diagnoses().raised(StoredFault(shop.clock.ms, TILL, None, Fault(LOST)))
    view = at_rest(shop, lost)
    assert (view.seen, looks) == (seen, []), "to look would only bring it about once more"
    assert len(store.diagnoses(reader(), code=LOST)) == 1


def test_what_passes_while_the_program_looks_tells_which_cause_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, Target]]
) -> None:
    values = ["no-line"]

    def link(scene: Scene, target: Target) -> Found:
        return Found(values.pop() if values else "answers", "set")

    monkeypatch.setitem(looking.REGISTER.functions, "control_link", link)
    uid = diagnoses().start(Fault(LOST), TILL, source="fault")
    view = until(shop, uid, lambda view: view.stored.state == "mended")
    assert (done, view.course.answers["link"]) == ([], "answers")
    assert max(view.now.shares, key=lambda cause: view.now.shares[cause]) == "moment"


def test_a_finding_begins_it_and_its_end_ends_it(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    sees("printer_status", "paper-out")
    diagnoses().noticed(Finding("printer_status", TILL, "paper-out", shop.clock.ms))
    [found] = store.diagnoses(reader(), code=PAPER)
    assert (found.till, found.source) == (TILL, "probe")
    at_rest(shop, found.uid)
    sees("printer_status", "ready")
    diagnoses().noticed(Finding("printer_status", "till-2", "ready", shop.clock.ms))
    assert diagnoses().view(found.uid).stored.state == "open", "that was another till's"
    diagnoses().noticed(Finding("printer_status", TILL, "ready", shop.clock.ms))
    assert until(shop, found.uid, lambda view: view.stored.state != "open").stored.state == "mended"


def test_it_goes_on_after_a_restart(shop: Shop, lost: str, sees: Callable[[str, str], None]) -> None:
    sees("control_link", "answers")
    fresh = Diagnoses(here(), diagnoses().books._catalogue, again_s=(0.0,))
    fresh.resume()
    assert until(shop, lost, lambda view: view.stored.state != "open").stored.state == "mended"
    fresh.stop()


# ── one thing at a time ───────────────────────────────────────────────────────────────────────────


def test_what_is_pressed_while_the_program_is_busy_is_not_lost(shop: Shop, lost: str) -> None:
    order: list[str] = []
    at_work = diagnoses()

    def first() -> None:
        at_work._submit(lost, lambda: order.append("second"))
        order.append("first")

    at_work._submit(lost, first)
    at_rest(shop, lost)
    assert order == ["first", "second"]


def test_a_step_that_fails_does_not_hold_up_the_next(shop: Shop, lost: str) -> None:
    order: list[str] = []

    def fails() -> None:
        raise ZeroDivisionError

    diagnoses()._submit(lost, fails)
    diagnoses()._submit(lost, lambda: order.append("next"))
    at_rest(shop, lost)
    assert order == ["next"]


def test_after_the_end_nothing_is_begun(shop: Shop, lost: str) -> None:
    order: list[str] = []
    diagnoses().stop()
    diagnoses()._submit(lost, lambda: order.append("late"))
    assert order == []
    assert not diagnoses().view(lost).busy


# ── the real device ───────────────────────────────────────────────────────────────────────────────


def test_a_device_that_comes_back_ends_it_with_the_real_probes(shop: Shop, line_down: list[str]) -> None:
    silence(shop)
    uid = diagnoses().start(Fault(LOST), TILL, source="fault")
    view = at_rest(shop, uid)
    assert view.course.answers["link"] in ("no-line", "no-line|no-answer")
    assert line_down
    wake(shop)
    diagnoses().look_again(uid)
    assert at_rest(shop, uid).stored.state == "mended"


def test_where_only_a_person_can_see_it_their_word_counts(shop: Shop, done: list[tuple[str, Target]]) -> None:
    code, step = next(
        (entry.code, one.id)
        for entry in shipped_catalogue().entries.values()
        if entry.verify == "asked" and not entry.facts
        for one in entry.remedies
        if not one.action and not one.only_if and not one.verify
    )
    uid = diagnoses().start(Fault(code), TILL, person="7")
    diagnoses().did(uid, step, "7", at_rest(shop, uid).seen)
    view = at_rest(shop, uid)
    assert (stage(view), view.verify) == (Stage.VERIFYING, "asked"), "nobody has looked yet"
    diagnoses().verified(uid, Outcome.GONE, "7", view.seen)
    assert at_rest(shop, uid).stored.state == "mended"


def test_what_was_passed_on_is_mended_as_soon_as_its_part_is_well(
    shop: Shop, lost: str, sees: Callable[[str, str], None]
) -> None:
    diagnoses().escalate(lost, "7", at_rest(shop, lost).seen)
    sees("control_link", "answers")
    diagnoses().noticed(Finding("control_link", TILL, "answers", shop.clock.ms))
    assert until(shop, lost, lambda view: view.stored.state == "mended").stored.state == "mended"


def test_what_waits_for_an_operation_is_looked_at_once_that_has_ended(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    shop.sold(1)
    sees("operation_state", "red")
    begun = diagnoses().start(Fault(RED, number=1), TILL, uid(1), source="fault")
    diagnoses().escalate(begun, "7", at_rest(shop, begun).seen)
    sees("operation_state", "ended")
    diagnoses().look_over()
    assert until(shop, begun, lambda view: view.stored.state == "mended").stored.state == "mended"


def test_what_was_mended_behind_it_is_not_opened_again(
    shop: Shop, sees: Callable[[str, str], None], done: list[tuple[str, Target]]
) -> None:
    sees("control_link", "answers")
    sees("printer_status", "no-line")
    at_work = diagnoses()
    above = at_work.start(Fault("process.general-incident"), TILL, person="7")
    at_rest(shop, above)
    behind = store.children(reader(), above)[0].uid
    at_rest(shop, behind)
    sees("printer_status", "ready")
    at_work.look_again(behind)
    assert at_rest(shop, behind).stored.state == "mended"
    at_rest(shop, above)
    at_work.verified(above, Outcome.STILL, "7", at_work.view(above).seen)
    at_rest(shop, above)
    assert [(one.uid, one.state) for one in store.children(reader(), above)] == [(behind, "mended")]
    assert "Reopened" not in types_of(at_work.view(behind))


def _locked(monkeypatch: pytest.MonkeyPatch, shop: Shop, until_ms: int) -> None:
    """A number that is locked until then."""
    looking.written()

    def sign_in(scene: Scene, target: Target) -> Found:
        left_ms = until_ms - shop.clock.ms
        return Found("locked", "set", {"wait_ms": left_ms}) if left_ms > 0 else Found("free", "set")

    monkeypatch.setitem(looking.REGISTER.functions, "sign_in", sign_in)


def test_what_ends_soon_by_itself_is_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _locked(monkeypatch, shop, shop.clock.ms + 30_000)
    uid = diagnoses().start(Fault("people.locked", wait_ms=30_000), TILL, source="fault")
    assert diagnoses().view(uid).busy, "nobody is asked yet"
    shop.clock.ms += 30_001
    view = at_rest(shop, uid)
    assert (view.stored.state, types_of(view)) == ("mended", ["Verified", "Closed"])


def test_what_lasts_longer_or_comes_back_is_asked_about(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _locked(monkeypatch, shop, shop.clock.ms + 60_000)
    uid = diagnoses().start(Fault("people.locked", wait_ms=60_000), TILL, source="fault")
    assert at_rest(shop, uid).now.choice is not None
    shop.clock.ms += 60_001
    diagnoses().look_again(uid)
    assert at_rest(shop, uid).stored.state == "mended"
    _locked(monkeypatch, shop, shop.clock.ms + 30_000)
    assert diagnoses().start(Fault("people.locked", wait_ms=30_000), TILL, source="fault") == uid
    view = at_rest(shop, uid)
    assert (view.stored.state, view.now.phase) == ("open", Phase.DOING), "it has come back"


def test_a_person_who_takes_it_in_hand_is_not_kept_waiting(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _locked(monkeypatch, shop, shop.clock.ms + 30_000)
    uid = diagnoses().start(Fault("people.locked", wait_ms=30_000), TILL, source="fault")
    diagnoses().answer(uid, "who", "no", "7", 0)
    assert at_rest(shop, uid).course.answers == {"who": "no"}


def test_what_a_person_has_taken_in_hand_is_not_waited_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _locked(monkeypatch, shop, shop.clock.ms + 30_000)
    waits: list[int] = []

    def wait(until_ms: int, *_: object) -> bool:
        waits.append(until_ms)
        return False

    monkeypatch.setattr(passing, "wait", wait)
    uid = diagnoses().start(Fault("people.locked", wait_ms=30_000), TILL, source="fault")
    view = at_rest(shop, uid)
    assert len(waits) == 1
    diagnoses().answer(uid, "who", "no", "7", view.seen)
    assert at_rest(shop, uid).course.answers == {"who": "no"}
    assert len(waits) == 1
