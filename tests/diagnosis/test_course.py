"""A diagnosis moves as the table says; what does not fit is refused and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.models import light_print, runbooks
from tests.diagnosis.test_choice import HALF, probed
from tillwright.diagnosis import belief
from tillwright.diagnosis.course import (
    MOVES,
    WHILE_AWAY,
    Course,
    IllegalEvent,
    Move,
    Phase,
    Stage,
    apply,
    begin,
    fold,
    now,
)
from tillwright.diagnosis.events import (
    Answered,
    CannotTell,
    Closed,
    Did,
    Escalated,
    Event,
    Found,
    HandedOver,
    Left,
    Outcome,
    Reopened,
    Resumed,
    Undone,
    Verified,
)
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Check, Only, Runbook
from tillwright.kernel.finding import UNKNOWN

AT = 1_000


def desk() -> Runbook:
    """Light print, with a probe whose values are grouped, and questions."""
    runbook = light_print()
    causes = [cause.id for cause in runbook.causes]
    rows = {"ready|idle": dict.fromkeys(causes, 0.9), "broken": dict.fromkeys(causes, 0.1)}
    probe = Check("printer", 0.0, rows, automatic=True)
    again = replace(
        runbook.checks[0], id="second-page", only_if=(Only("test-page-light", frozenset({"no"})),)
    )
    return replace(runbook, checks=(probe, *runbook.checks, again))


def course(*events: Event) -> Course:
    return fold(desk(), (Found("printer", "ready", AT), *events))


STILL, GONE, NO_DATA = (Verified(outcome, AT) for outcome in (Outcome.STILL, Outcome.GONE, Outcome.UNKNOWN))
DID = Did("reseat", AT, "olga")
TOLD = Answered("test-page-light", "yes", AT, "olga")
REACHED: dict[Stage, tuple[Event, ...]] = {
    Stage.OPEN: (DID, STILL),
    Stage.VERIFYING: (Did("cycle-power", AT), STILL, DID),
    Stage.UNVERIFIED: (DID, NO_DATA),
    Stage.MENDED: (DID, GONE),
    Stage.ESCALATED: (DID, NO_DATA, Escalated(AT)),
    Stage.CLOSED: (DID, GONE, Closed(AT)),
}
EVENTS: dict[Move, Event] = {
    Move.FOUND: Found("printer", "broken", AT),
    Move.ANSWERED: TOLD,
    Move.CANNOT_TELL: CannotTell("test-page-light", AT, "olga"),
    Move.DID: Did("other-toner", AT, "olga", took_ms=9_000),
    Move.GONE: GONE,
    Move.STILL: STILL,
    Move.NO_DATA: NO_DATA,
    Move.UNDONE: Undone("printer", AT, "olga"),
    Move.UNDONE_LAST: Undone("reseat", AT, "olga"),
    Move.HANDED_OVER: HandedOver("max", AT, "olga"),
    Move.LEFT: Left(AT, "olga"),
    Move.RESUMED: Resumed(AT, "max"),
    Move.ESCALATED: Escalated(AT),
    Move.REOPENED: Reopened(AT),
    Move.CLOSED: Closed(AT),
}


@pytest.mark.parametrize(("stage", "move", "away"), list(product(Stage, Move, (False, True))))
def test_every_event_moves_or_is_refused(stage: Stage, move: Move, away: bool) -> None:
    before = course(*REACHED[stage])
    assert before.stage is stage
    before = replace(before, away=away)
    if (
        move is Move.UNDONE_LAST and stage is Stage.OPEN
    ):  # here the last result is known: it is no longer that
        before = replace(before, tried=(replace(before.tried[0], result=Outcome.UNKNOWN),))
    kept = replace(before)
    legal = move in MOVES[stage] and (not away or move in WHILE_AWAY) and (away or move is not Move.RESUMED)
    if legal:
        after = apply(before, EVENTS[move])
        assert after.stage is MOVES[stage][move]
        assert after.events == (*before.events, EVENTS[move])
    else:
        with pytest.raises(IllegalEvent):
            apply(before, EVENTS[move])
    assert before == kept


def test_the_table_leads_everywhere_and_mended_only_by_a_verification() -> None:
    assert set(MOVES) == set(Stage)
    ways = {
        (stage, move) for stage, moves in MOVES.items() for move, to in moves.items() if to is Stage.MENDED
    }
    assert {move for stage, move in ways if stage is not Stage.MENDED} == {Move.GONE}
    assert all(Move.GONE not in moves or moves[Move.GONE] is Stage.MENDED for moves in MOVES.values())
    assert {to for moves in MOVES.values() for to in moves.values()} == set(Stage)


def test_a_diagnosis_from_probing_to_closing() -> None:
    runbook = probed()
    here = begin(runbook, owner="olga")
    assert (now(here).phase, now(here).looks) == (Phase.PROBING, ("link",))
    here = apply(here, Found("link", UNKNOWN, AT, how="no line"))
    assert here.answers == {"link": CANNOT_LOOK}
    assert now(here).phase is Phase.ASKING
    here = apply(here, Answered("link", "yes", AT, "olga"))
    assert here.spent_s == 8.0 + 12.0
    here = apply(here, Found("state", "yes", AT))
    shown = now(here)
    assert (shown.phase, shown.choice and shown.choice.step.id) == (Phase.DOING, "wipe")
    here = apply(here, Did("wipe", AT, "olga", took_ms=7_000))
    assert here.spent_s == 20.0 + 30.0 + 7.0
    assert (now(here).phase, now(here).choice) == (Phase.VERIFYING, None)
    here = apply(here, Verified(Outcome.UNKNOWN, AT))
    assert now(here).phase is Phase.UNVERIFIED
    assert now(here).choice is not None
    here = apply(here, Verified(Outcome.GONE, AT))
    assert now(here).phase is Phase.MENDED
    here = apply(here, Closed(AT))
    assert (now(here).phase, here.ended_as) == (Phase.CLOSED, Stage.MENDED)
    assert now(here).shares["a"] == pytest.approx(0.988, abs=0.001)
    assert fold(runbook, here.events) == replace(here, owner="olga")


def test_what_is_known_says_who_when_and_how() -> None:
    here = course(replace(TOLD, at_ms=1_700))
    assert [(one.check, one.answer, one.at_ms, one.by) for one in here.known] == [
        ("printer", "ready|idle", AT, ""),
        ("test-page-light", "yes", 1_700, "olga"),
    ]
    assert here.owner == "olga"


def test_a_probe_may_look_again_but_not_unknow() -> None:
    here = course(Found("printer", "broken", AT))
    assert here.answers["printer"] == "broken"
    blind = apply(here, Found("printer", UNKNOWN, AT))
    assert blind.answers == here.answers
    assert len(blind.events) == len(here.events) + 1
    assert fold(desk(), [Found("printer", UNKNOWN, AT)]).answers == {"printer": CANNOT_TELL}


def test_what_cannot_be_told_changes_no_belief() -> None:
    here = course(CannotTell("test-page-light", AT, "olga"))
    assert here.answers["test-page-light"] == CANNOT_TELL
    assert here.spent_s == 2.0
    second = replace(desk(), checks=(replace(desk().checks[1], unsure=0.2),))
    told = fold(second, [CannotTell("test-page-light", AT, "olga")])
    assert now(told).shares == pytest.approx(now(begin(second)).shares)


def test_an_answer_that_is_undone_leaves_nothing_behind() -> None:
    here = course(TOLD, Undone("test-page-light", AT, "olga"))
    assert here.weights == course().weights
    again = apply(here, Answered("test-page-light", "no", AT, "olga"))
    assert again.weights == course(Answered("test-page-light", "no", AT, "olga")).weights


def test_a_remedy_that_is_undone_can_be_done_again() -> None:
    here = course(DID, STILL, Undone("reseat", AT, "olga"))
    assert here.tried == ()
    assert here.weights == course().weights
    assert "reseat" not in here.state.done


def test_a_remedy_done_twice_says_no_more_than_once() -> None:
    once, twice = course(DID, STILL), course(DID, STILL, DID, STILL)
    assert twice.weights == once.weights
    assert twice.spent_s == 2 * once.spent_s
    assert len(apply(twice, Undone("reseat", AT, "olga")).tried) == 1


def test_an_unverified_remedy_is_not_held_against_its_cause() -> None:
    here = course(DID, NO_DATA)
    assert here.weights == course().weights
    assert here.state.done == {"reseat"}
    settled = apply(here, STILL)
    assert settled.weights == course(DID, STILL).weights


def test_a_verification_settles_all_that_is_pending() -> None:
    here = course(DID, NO_DATA, Did("cycle-power", AT), GONE)
    assert [one.result for one in here.tried] == [Outcome.GONE, Outcome.GONE]
    undone = apply(here, Undone("cycle-power", AT, "olga"))
    assert undone.stage is Stage.OPEN
    assert [one.result for one in undone.tried] == [Outcome.UNKNOWN]


def test_a_fault_that_comes_back_was_not_mended() -> None:
    here = course(TOLD, DID, GONE, Closed(AT, cause="toner"), Reopened(AT))
    assert (here.stage, here.reopened, here.ended_as, here.cause) == (Stage.OPEN, 1, None, "")
    assert here.known == ()
    assert here.weights == belief.given(desk(), {}, ["reseat"])
    assert now(here).phase is Phase.PROBING


def test_it_is_handed_over_left_and_taken_up_again() -> None:
    here = course(HandedOver("max", AT, "olga"))
    assert here.owner == "max"
    left = apply(here, Left(AT, "max"))
    assert left.away
    back = apply(left, Resumed(AT, "eva"))
    assert (back.owner, back.away) == ("eva", False)
    assert not apply(left, HandedOver("eva", AT, "max")).away


def test_giving_up_costs_what_it_costs() -> None:
    here = course(Escalated(AT))
    assert here.spent_s == 40.0
    assert now(here).choice is None


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Found("moon", "ready", AT), "there is no 'moon'"),
        (Found("test-page-light", "yes", AT), "is no probe's"),
        (Found("printer", "melted", AT), "has no answer for 'melted'"),
        (Answered("printer", "broken", AT, "olga"), "has been answered"),
        (Answered("test-page-light", "perhaps", AT, "olga"), "has no answer 'perhaps'"),
        (Answered("second-page", "yes", AT, "olga"), "cannot be done yet"),
        (Did("pray", AT), "there is no 'pray'"),
        (Undone("test-page-light", AT, "olga"), "neither known nor done"),
        (Closed(AT, cause="moon"), "there is no cause 'moon'"),
        (Resumed(AT, "max"), "nobody has left it"),
    ],
)
def test_what_does_not_fit_is_refused(event: Event, words: str) -> None:
    before = course()
    with pytest.raises(IllegalEvent, match=words):
        apply(before, event)
    assert before == course()


def test_a_probes_question_waits_for_the_probe() -> None:
    with pytest.raises(IllegalEvent, match="is a probe's"):
        apply(begin(probed()), Answered("link", "yes", AT, "olga"))


def test_what_is_forbidden_is_refused() -> None:
    with pytest.raises(IllegalEvent, match="is forbidden"):
        apply(begin(desk(), forbidden=["reseat"]), DID)


def test_half_means_half() -> None:
    assert HALF["yes"]["a"] + HALF["no"]["a"] == 1.0  # the sample that the numbers above rest on


@given(runbooks(), st.data())
@settings(max_examples=60)
def test_whoever_follows_the_choice_comes_to_an_end(runbook: Runbook, data: st.DataObject) -> None:
    here = begin(runbook)
    for _ in range(30):
        shown = now(here)
        if shown.choice is None or shown.choice.step.kind == "escalate":
            break
        here = _follow(here, data)
    assert now(here).phase in (Phase.DOING, Phase.MENDED)
    assert here.spent_s >= 0.0
    assert fold(runbook, here.events) == replace(here, owner=fold(runbook, here.events).owner)


def _follow(here: Course, data: st.DataObject) -> Course:
    """Takes the step that is shown, with any result."""
    shown = now(here)
    assert shown.choice is not None
    if shown.looks:
        check = belief.check_named(here.runbook, shown.looks[0])
        return apply(here, Found(check.id, data.draw(st.sampled_from([*check.likelihood, UNKNOWN])), AT))
    step = shown.choice.step
    if step.kind == "check":
        check = belief.check_named(here.runbook, step.id)
        answer = data.draw(st.sampled_from(check.answers))
        if answer == CANNOT_TELL:
            return apply(here, CannotTell(check.id, AT, "olga"))
        return apply(here, Answered(check.id, answer, AT, "olga"))
    done = apply(here, Did(step.id, AT, "olga"))
    return apply(done, Verified(data.draw(st.sampled_from([Outcome.STILL, Outcome.GONE])), AT))
