"""What becomes of an operation, told step by step: the stories behind the tables."""

from typing import Self

import pytest

from tests.operations.everything import NEVER, Life, about_leg, feed
from tests.operations.invariants import check_step
from tests.operations.plans import AUTHORISE, HOLD, POLICY, REDEEM, REGISTER, Plan
from tillwright.operations import events
from tillwright.operations.commands import Command, Inquire, Post, Print, Raise, Send, Wait
from tillwright.operations.decide import Impossible, decide
from tillwright.operations.model import Operation
from tillwright.operations.policy import Policy
from tillwright.operations.states import Happening, LegState, OperationState, Question

H = Happening


class Story:
    """An operation of some legs (party, action), the last one the commit point, and what is fed to it."""

    def __init__(self, *legs: tuple[str, str], commit: int | None = None, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.life = Life(Plan("story", legs, commit or len(legs), 99).start())
        self.commands: tuple[Command, ...] = ()
        self.tell(events.Started(0))

    @property
    def operation(self) -> Operation:
        return self.life.operation

    def tell(self, event: events.Event) -> None:
        """Feed an event, and check all that must hold."""
        fed, after = feed(self.life, event, self.policy)
        if fed.decision is None:
            raise Impossible(fed.refused)
        check_step(self.life, fed, after, self.policy)
        self.life, self.commands = after, fed.decision.commands

    def happens(self, *steps: tuple[Happening, int]) -> Self:
        for what, leg in steps:
            self.tell(about_leg(what, leg, self.operation.version))
        return self

    def due(self, timer: str) -> Self:
        self.tell(events.Due(1_000, timer))
        return self

    def legs(self) -> str:
        """The legs' states in a line, in the order of their numbers."""
        return " ".join(leg.state.value for leg in sorted(self.operation.legs, key=lambda leg: leg.number))

    def check(self, state: OperationState, legs: str, *commands: type) -> None:
        assert (self.operation.state, self.legs()) == (state, legs)
        assert [type(command) for command in self.commands] == list(commands)


class TestACashSale:
    def test_it_is_registered_booked_and_printed(self) -> None:
        story = Story(REGISTER)
        story.check(OperationState.OPEN, "sent", Send)
        story.happens((H.ACCEPTED, 1)).check(OperationState.DONE, "done", Post, Print)
        assert story.operation.posted
        story.tell(events.Printed(1))
        assert story.operation.printed

    def test_refused_by_the_device_it_ends_refused(self) -> None:
        story = Story(REGISTER).happens((H.REFUSED, 1))
        story.check(OperationState.REFUSED, "refused", Raise)

    def test_no_answer_is_asked_after_and_turns_red_by_time_alone(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1))
        story.check(OperationState.OPEN, "unknown", Inquire, Wait)
        story.happens((H.SILENT, 1)).check(OperationState.OPEN, "unknown", Wait)
        story.due("red").check(OperationState.RED, "unknown", Raise)
        story.due("inquire").check(OperationState.RED, "unknown", Inquire)
        story.happens((H.FOUND, 1)).check(OperationState.DONE, "done", Post, Print)

    def test_proved_absent_it_is_tried_again_with_a_key_of_its_own(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1), (H.ABSENT, 1))
        story.check(OperationState.OPEN, "refused planned", Wait)
        story.due("resend").check(OperationState.OPEN, "refused sent", Send)
        first, second = story.operation.legs
        assert first.key != second.key
        story.happens((H.ACCEPTED, 2)).check(OperationState.DONE, "refused done", Post, Print)

    def test_an_absence_that_is_not_fenced_proves_nothing(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1))
        story.tell(events.Inquired(1, 1, False, fenced=False))
        story.check(OperationState.OPEN, "unknown", Wait)

    def test_what_does_not_leave_is_tried_again_then_a_person_is_asked(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1))
        story.check(OperationState.OPEN, "planned", Wait)
        story.due("resend").happens((H.NOT_SENT, 1))
        story.check(OperationState.OPEN, "planned", Raise, Wait)
        assert story.operation.question is Question.CONTINUE_OR_GIVE_UP
        story.tell(events.Continue(1, "11"))
        story.check(OperationState.OPEN, "sent", Send)

    def test_no_press_within_the_time_gives_up(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1)).due("resend").happens((H.NOT_SENT, 1))
        story.due("question").check(OperationState.REFUSED, "planned", Raise)

    def test_a_request_that_arrived_after_all_answers_the_question(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1)).due("resend").happens((H.NOT_SENT, 1))
        story.happens((H.FOUND, 1)).check(OperationState.DONE, "done", Post, Print)

    def test_given_up_while_sent_it_is_the_device_that_decides(self) -> None:
        for what, state, legs in (
            (H.ACCEPTED, OperationState.DONE, "done"),
            (H.REFUSED, OperationState.REFUSED, "refused"),
            (H.NOT_SENT, OperationState.REFUSED, "planned"),
        ):
            story = Story(REGISTER)
            story.tell(events.GiveUp(1, "11"))
            story.happens((what, 1))
            assert (story.operation.state, story.legs()) == (state, legs)

    def test_given_up_twice_is_given_up_once(self) -> None:
        story = Story(REGISTER)
        story.tell(events.GiveUp(1, "11"))
        version = story.operation.version
        story.tell(events.Cancelled(2, "11"))
        assert story.operation.version == version
        assert story.commands == ()

    def test_given_up_while_unknown_it_turns_red_at_once(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1))
        story.tell(events.GiveUp(1, "11"))
        story.check(OperationState.RED, "unknown", Raise, Raise)
        with pytest.raises(Impossible):
            story.tell(events.GiveUp(2, "11"))

    def test_after_a_crash_what_was_sent_is_unknown_and_asked_after_once(self) -> None:
        story = Story(REGISTER)
        story.tell(events.Restarted(1))
        story.check(OperationState.OPEN, "unknown", Inquire, Wait)

    def test_after_a_crash_what_was_about_to_leave_waits_for_a_person(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1))
        story.tell(events.Restarted(1))
        story.check(OperationState.OPEN, "planned", Wait)
        assert story.operation.question is Question.CONTINUE_OR_GIVE_UP

    def test_in_an_old_copy_nothing_unfinished_is_believed(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1)).due("resend").happens((H.NOT_SENT, 1))
        assert story.operation.question is Question.CONTINUE_OR_GIVE_UP
        story.tell(events.Restarted(1, restored=True))
        assert (story.operation.state, story.legs()) == (OperationState.RED, "unknown")
        assert story.operation.question is None
        story.happens((H.ABSENT, 1)).check(OperationState.REFUSED, "refused", Raise)

    def test_red_and_absent_it_ends_refused(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1)).due("red").happens((H.ABSENT, 1))
        story.check(OperationState.REFUSED, "refused", Raise)

    def test_a_ruling_ends_it(self) -> None:
        for what, state in (
            (H.RULED_HAPPENED, OperationState.DONE),
            (H.RULED_DID_NOT, OperationState.REFUSED),
        ):
            story = Story(REGISTER).happens((H.NO_ANSWER, 1)).due("red").happens((what, 1))
            assert story.operation.state is state
            assert story.operation.legs[0].evidence is not None
            assert story.operation.legs[0].evidence.person == "21"


class TestContradictions:
    def test_a_wrong_ruling_is_overturned_and_a_person_decides(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1)).due("red").happens((H.RULED_DID_NOT, 1))
        story.happens((H.CONTRADICTED_HAPPENED, 1)).check(OperationState.RED, "unknown", Raise, Inquire)
        story.happens((H.FOUND, 1)).check(OperationState.RED, "done")
        assert story.operation.question is Question.KEEP_OR_REVERSE
        story.tell(events.Continue(9, "11"))
        story.check(OperationState.DONE, "done", Post, Print)
        assert not story.operation.returned

    def test_the_same_word_twice_is_not_two_witnesses(self) -> None:
        story = Story(REGISTER).happens((H.ACCEPTED, 1), (H.REFUSED, 1))
        story.check(OperationState.RED, "unknown", Raise, Inquire)
        story.happens((H.REFUSED, 1)).check(OperationState.RED, "unknown")

    def test_what_is_booked_is_not_booked_again(self) -> None:
        story = Story(REGISTER).happens((H.ACCEPTED, 1), (H.REFUSED, 1), (H.FOUND, 1))
        story.check(OperationState.DONE, "done")

    def test_what_is_booked_and_proved_absent_is_a_persons_question(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.ACCEPTED, 1), (H.ACCEPTED, 2), (H.ABSENT, 2))
        story.happens((H.ABSENT, 2)).check(OperationState.RED, "done refused")
        assert story.operation.question is Question.SETTLE

    def test_a_leg_that_never_left_and_yet_happened_reopens_what_was_given_up(self) -> None:
        story = Story(REGISTER).happens((H.NOT_SENT, 1))
        story.tell(events.GiveUp(1, "11"))
        story.check(OperationState.REFUSED, "planned", Raise)
        story.happens((H.FOUND, 1)).check(OperationState.RED, "unknown", Raise, Inquire)

    def test_two_attempts_that_both_happened_never_pass_for_one(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1), (H.ABSENT, 1)).due("resend")
        story.happens((H.ACCEPTED, 2), (H.ACCEPTED, 1), (H.FOUND, 1))
        story.check(OperationState.RED, "done done sent", Send, Wait)

    def test_an_attempt_that_was_replaced_but_happened_counts_and_the_next_is_not_sent(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1), (H.ABSENT, 1), (H.ACCEPTED, 1))
        story.check(OperationState.RED, "unknown planned", Raise, Inquire)
        story.happens((H.FOUND, 1)).check(OperationState.DONE, "done planned", Post, Print)


class TestReversals:
    def test_a_card_is_taken_back_when_the_sale_is_refused(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.ACCEPTED, 1)).happens((H.REFUSED, 2))
        story.check(OperationState.UNDOING, "done refused sent", Raise, Send, Wait)
        story.happens((H.ACCEPTED, 3)).check(OperationState.UNDONE, "undone refused done")

    def test_a_silent_bank_that_cannot_be_asked_is_reversed_until_it_answers(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1))
        story.check(OperationState.UNDOING, "unknown planned sent", Send, Wait)
        story.happens((H.NO_ANSWER, 3)).check(OperationState.UNDOING, "unknown planned unknown", Wait)
        story.due("reverse").check(OperationState.UNDOING, "unknown planned sent", Send)
        story.happens((H.NOT_SENT, 3)).due("reverse").happens((H.ACCEPTED, 3))
        story.check(OperationState.UNDONE, "undone planned done")

    def test_what_never_was_need_not_be_undone(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1))
        story.tell(events.Replied(1, 3, True, NEVER))
        story.check(OperationState.REFUSED, "refused planned done")

    def test_a_late_approval_is_kept_as_evidence_and_reversed_all_the_same(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1), (H.ACCEPTED, 1))
        story.check(OperationState.UNDOING, "unknown planned sent")
        assert story.operation.leg(1).evidence is not None
        with pytest.raises(Impossible):
            story.happens((H.RULED_HAPPENED, 1))

    def test_an_approval_after_the_reversal_is_reversed_by_a_new_one(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1))
        story.tell(events.Replied(1, 3, True, NEVER))
        story.happens((H.ACCEPTED, 1))
        story.check(OperationState.RED, "unknown planned done sent", Raise, Send, Wait)
        story.happens((H.ACCEPTED, 4)).check(OperationState.UNDONE, "undone planned done done")

    def test_after_a_crash_a_reversal_is_repeated_by_its_timer(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1))
        story.tell(events.Restarted(1))
        story.check(OperationState.UNDOING, "unknown planned unknown", Wait)
        story.due("reverse").happens((H.ACCEPTED, 3)).check(OperationState.UNDONE, "undone planned done")

    def test_it_turns_red_when_undoing_takes_too_long(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1)).due("undoing")
        story.check(OperationState.RED, "unknown planned sent", Raise)

    def test_the_time_for_undoing_means_nothing_once_all_is_undone(self) -> None:
        story = Story(AUTHORISE, HOLD, REGISTER).happens((H.ACCEPTED, 1))
        story.tell(events.GiveUp(1, "11"))
        story.happens((H.ACCEPTED, 4)).check(OperationState.OPEN, "undone sent planned done")
        story.due("undoing").check(OperationState.OPEN, "undone sent planned done")
        story.happens((H.REFUSED, 2)).check(OperationState.UNDONE, "undone refused planned done")

    def test_each_of_two_reversals_is_repeated_until_it_is_acknowledged(self) -> None:
        story = Story(AUTHORISE, AUTHORISE, REGISTER).happens((H.ACCEPTED, 1), (H.NO_ANSWER, 2))
        story.happens((H.NO_ANSWER, 4), (H.NO_ANSWER, 5), (H.ACCEPTED, 4))
        story.check(OperationState.UNDOING, "undone unknown planned done unknown")
        story.due("reverse").check(OperationState.UNDOING, "undone unknown planned done sent", Send)

    def test_a_refused_reversal_is_a_persons_question(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1), (H.REFUSED, 3))
        assert (story.operation.state, story.legs()) == (OperationState.RED, "unknown planned refused")
        assert story.operation.question is Question.SETTLE
        story.happens((H.RULED_DID_NOT, 1)).check(OperationState.REFUSED, "refused planned refused")

    def test_a_reversal_that_is_contradicted_is_repeated(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.NO_ANSWER, 1), (H.ACCEPTED, 3), (H.REFUSED, 3))
        assert (story.operation.state, story.legs()) == (OperationState.RED, "unknown planned unknown")
        story.due("reverse").happens((H.ACCEPTED, 3)).check(OperationState.UNDONE, "undone planned done")

    def test_nothing_is_reversed_while_the_commit_point_may_have_been_passed(self) -> None:
        story = Story(AUTHORISE, REGISTER).happens((H.ACCEPTED, 1), (H.NO_ANSWER, 2))
        story.tell(events.GiveUp(1, "11"))
        story.check(OperationState.RED, "done unknown", Raise, Raise)
        story.happens((H.FOUND, 2)).check(OperationState.DONE, "done done", Post, Print)

    def test_what_cannot_be_taken_back_is_a_persons_question(self) -> None:
        story = Story(REDEEM, REGISTER).happens((H.ACCEPTED, 1), (H.REFUSED, 2))
        assert (story.operation.state, story.legs()) == (OperationState.RED, "done refused")
        assert story.operation.question is Question.SETTLE


class TestAfterTheCommitPoint:
    def test_a_refusal_is_a_persons_question_and_nothing_is_reversed(self) -> None:
        story = Story(AUTHORISE, REGISTER, REDEEM, commit=2)
        story.happens((H.ACCEPTED, 1), (H.ACCEPTED, 2), (H.REFUSED, 3))
        assert (story.operation.state, story.legs()) == (OperationState.RED, "done done refused")
        assert story.operation.question is Question.SETTLE

    def test_giving_up_changes_nothing_and_it_goes_on(self) -> None:
        story = Story(REGISTER, HOLD, commit=1).happens((H.ACCEPTED, 1), (H.NOT_SENT, 2))
        story.tell(events.GiveUp(1, "11"))
        story.check(OperationState.OPEN, "done sent", Raise, Send)

    def test_silence_of_a_party_that_cannot_be_asked_becomes_a_question(self) -> None:
        story = Story(REGISTER, REDEEM, commit=1).happens((H.ACCEPTED, 1), (H.NO_ANSWER, 2))
        story.check(OperationState.OPEN, "done unknown", Wait)
        story.due("red")
        assert story.operation.question is Question.SETTLE
        story.happens((H.RULED_HAPPENED, 2)).check(OperationState.DONE, "done done", Post, Print)

    def test_what_is_not_there_is_tried_again(self) -> None:
        story = Story(REGISTER, HOLD, commit=1).happens((H.ACCEPTED, 1), (H.NO_ANSWER, 2), (H.ABSENT, 2))
        story.check(OperationState.OPEN, "done refused planned", Wait)


class TestWhatChangesNothing:
    def test_a_timer_that_is_not_set(self) -> None:
        story = Story(REGISTER)
        before = story.operation
        story.due("reverse")
        assert story.operation is before

    def test_continue_with_nothing_to_continue(self) -> None:
        story = Story(REGISTER)
        before = story.operation
        story.tell(events.Continue(1, "11"))
        assert story.operation is before

    def test_printed_twice(self) -> None:
        story = Story(REGISTER).happens((H.ACCEPTED, 1))
        story.tell(events.Printed(1))
        before = story.operation
        story.tell(events.Printed(2))
        assert story.operation is before

    def test_approved_and_delivered_are_written_down_and_no_more(self) -> None:
        story = Story(REGISTER)
        for event in (events.Approved(1, "21"), events.Delivered(1, "operator")):
            story.tell(event)
            story.check(OperationState.OPEN, "sent")

    def test_continue_in_red_asks_at_once(self) -> None:
        story = Story(REGISTER).happens((H.NO_ANSWER, 1), (H.SILENT, 1)).due("red")
        story.tell(events.Continue(1, "11"))
        story.check(OperationState.RED, "unknown", Inquire)
        assert decide(story.operation, about_leg(H.SILENT, 1, 0), POLICY).commands != ()
        assert story.operation.leg(1).state is LegState.UNKNOWN
