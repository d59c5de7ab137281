"""Counts learn from what was verified, and forget what came back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diagnosis.models import light_print, runbooks
from tests.diagnosis.test_choice import probed
from tests.diagnosis.test_course import AT, DID, GONE, NO_DATA, STILL, TOLD, course
from tillwright.diagnosis.belief import begin, shares
from tillwright.diagnosis.events import Closed, Did, Escalated
from tillwright.diagnosis.learning import AUTHOR_CASES, added, credit, learnt, taken_back, time_s, timed
from tillwright.diagnosis.runbook import Check, Runbook

CLOSED = Closed(AT)
CREDITS = st.dictionaries(st.sampled_from("abc"), st.floats(0.0, 1.0))


def test_a_verified_diagnosis_is_one_case() -> None:
    learned = credit(course(TOLD, DID, GONE, CLOSED))
    assert sum(learned.values()) == pytest.approx(1.0)
    assert set(learned) == {"distribution", "toner", "dataflow", "driver"}


def test_not_all_of_it_goes_to_what_helped() -> None:
    learned = credit(course(Did("other-toner", AT), GONE, CLOSED))  # it ends two causes, .4 and .3
    assert learned["distribution"] / learned["toner"] == pytest.approx(4 / 3)
    assert 0.0 < learned["driver"] < 0.02


def test_what_failed_before_speaks_against_its_cause() -> None:
    learned = credit(course(DID, STILL, Did("other-toner", AT), GONE, CLOSED))
    assert learned["toner"] > learned["distribution"]


def test_a_fault_that_ended_by_itself_is_credited_as_believed() -> None:
    assert credit(course(GONE, CLOSED)) == pytest.approx(shares(light_print(), begin(light_print())))


@pytest.mark.parametrize(
    "events",
    [(DID, GONE), (DID, NO_DATA, CLOSED), (Escalated(AT), CLOSED), (CLOSED,), (DID, STILL)],
)
def test_without_a_verification_nothing_is_learnt(events) -> None:
    assert credit(course(*events)) == {}


def test_who_knows_for_certain_is_believed() -> None:
    assert credit(course(Escalated(AT), Closed(AT, cause="driver"))) == {"driver": 1.0}


@given(CREDITS, CREDITS)
def test_what_is_taken_back_leaves_what_was_before(counts: dict[str, float], case: dict[str, float]) -> None:
    after = taken_back(added(counts, case), case)
    assert {cause: after[cause] for cause in counts} == pytest.approx(counts, abs=1e-9)
    assert min(taken_back(counts, case).values(), default=0.0) >= 0.0


@given(runbooks())
def test_without_experience_the_author_is_right(runbook: Runbook) -> None:
    learned = learnt(runbook, {}, {})
    assert shares(learned, begin(learned)) == pytest.approx(shares(runbook, begin(runbook)))
    assert sum(begin(learned)) == pytest.approx(AUTHOR_CASES)


@given(runbooks(), st.integers(0, 2000))
def test_no_cause_ever_becomes_impossible(runbook: Runbook, cases: int) -> None:
    counts = {runbook.causes[0].id: float(cases)}
    assert min(begin(learnt(runbook, counts, counts))) > 0.0


def test_experience_moves_the_weights_slowly_and_then_surely() -> None:
    runbook = light_print()

    def driver(everywhere: float, here: float) -> float:
        learned = learnt(runbook, {"driver": everywhere}, {"driver": here})
        return shares(learned, begin(learned))["driver"]

    assert driver(0, 0) == pytest.approx(0.1)
    assert driver(10, 0) == pytest.approx((1 + 10) / 20)  # as many cases elsewhere as the author's
    assert driver(0, 0) < driver(1, 1) < driver(10, 0) < driver(10, 10) < driver(1000, 1000)
    assert driver(1000, 1000) > 0.98


def test_one_station_is_not_drowned_by_the_others() -> None:
    learned = learnt(light_print(), {"driver": 5000.0, "toner": 100.0}, {"toner": 100.0})
    told = shares(learned, begin(learned))
    assert told["toner"] > 0.85 > told["driver"]


def test_times_are_shrunk_to_the_guess_and_strays_are_cut() -> None:
    assert time_s(20.0, []) == 20.0
    assert time_s(20.0, [60.0]) == pytest.approx((3 * 20 + 60) / 4)
    assert time_s(20.0, [10.0] * 97) == pytest.approx(10.3)
    lunch = time_s(20.0, [10.0] * 10 + [3600.0])
    assert lunch == pytest.approx((60 + 100 + 40) / 14)
    assert time_s(20.0, [10.0] * 10 + [0.001]) == pytest.approx((60 + 100 + 2.5) / 14)


@given(st.floats(1.0, 100.0), st.lists(st.floats(0.1, 1000.0), min_size=1, max_size=9))
def test_a_learnt_time_is_among_those_it_comes_from(guess: float, measured: list[float]) -> None:
    learned = time_s(guess, measured)
    assert min(guess, *measured) - 1e-9 <= learned <= max(guess, *measured) + 1e-9


def test_only_working_time_is_corrected() -> None:
    runbook = probed()
    wipe = replace(runbook.remedies[1], cost=50.0, work=20.0)  # 30 of it are parts
    lamp = Check("lamp", 9.0, runbook.checks[0].likelihood, work=5.0)
    runbook = replace(runbook, remedies=(runbook.remedies[0], wipe), checks=(*runbook.checks, lamp))
    times = {"wipe": [60.0], "restart": [60.0], "link": [25.0], "state": [9.0], "lamp": [9.0]}
    learned = timed(runbook, times)
    assert [(one.cost, one.work) for one in learned.remedies] == [(0.0, 0.0), (60.0, 30.0)]
    link, state, lamp = learned.checks
    assert (link.cost, link.asked, link.work) == (0.0, 8.0 + 5.0, 10.0)
    assert (state.cost, state.asked) == (0.0, None)
    assert (lamp.cost, lamp.work) == (10.0, 6.0)
    assert timed(runbook, {}) == runbook
