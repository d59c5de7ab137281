"""What must hold of belief, whatever the runbook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diagnosis.models import light_print, runbooks
from tillwright.diagnosis import belief
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Runbook


@given(runbooks())
def test_the_answers_of_a_check_add_up_to_what_was_before(runbook: Runbook) -> None:
    before = belief.begin(runbook)
    for check in runbook.checks:
        after = [belief.answered(runbook, before, check.id, answer) for answer in check.answers]
        assert [sum(column) for column in zip(*after, strict=True)] == pytest.approx(list(before))


@given(runbooks())
def test_who_cannot_tell_says_nothing_about_any_cause(runbook: Runbook) -> None:
    before = belief.begin(runbook)
    for check in runbook.checks:
        for answer in (CANNOT_TELL, CANNOT_LOOK):
            after = belief.answered(runbook, before, check.id, answer)
            assert belief.shares(runbook, after) == pytest.approx(belief.shares(runbook, before))


@given(runbooks())
def test_a_remedy_that_did_not_help_speaks_against_its_causes_only(runbook: Runbook) -> None:
    before = belief.begin(runbook)
    for remedy in runbook.remedies:
        after = belief.did_not_help(runbook, before, remedy.id)
        for cause, was, now in zip(runbook.causes, before, after, strict=True):
            assert (now < was) == (cause.id in remedy.helps)
            assert now >= 0.0


@given(runbooks(), st.randoms(use_true_random=False))
def test_the_order_of_what_was_learnt_does_not_matter(runbook: Runbook, chance) -> None:
    answers = {check.id: chance.choice(check.answers) for check in runbook.checks}
    failed = [remedy.id for remedy in runbook.remedies]
    turned = dict(reversed(answers.items()))
    there = belief.given(runbook, answers, failed)
    assert belief.given(runbook, turned, reversed(failed)) == pytest.approx(there)


@given(runbooks())
def test_shares_are_probabilities(runbook: Runbook) -> None:
    shares = belief.shares(runbook, belief.begin(runbook))
    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares) == [cause.id for cause in runbook.causes]


def test_where_everything_is_excluded_one_is_back_at_the_beginning() -> None:
    runbook = light_print()
    assert belief.shares(runbook, (0.0, 0.0, 0.0, 0.0)) == pytest.approx(
        {"distribution": 0.4, "toner": 0.3, "dataflow": 0.2, "driver": 0.1}
    )


def test_names_that_there_are_not() -> None:
    runbook, weights = light_print(), belief.begin(light_print())
    with pytest.raises(KeyError):
        belief.answered(runbook, weights, "moon", "yes")
    with pytest.raises(KeyError):
        belief.answered(runbook, weights, "test-page-light", "perhaps")
    with pytest.raises(KeyError):
        belief.did_not_help(runbook, weights, "moon")
