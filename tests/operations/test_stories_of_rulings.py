"""What becomes of an operation when a person has spoken: rightly, wrongly, and what is to follow."""

from dataclasses import replace
from typing import Self

import pytest

from tests.operations.everything import NOW_MS, Life, about_leg, ruled
from tests.operations.plans import CLOSE, OPEN, POLICY, REFUND, REGISTER, Plan
from tests.operations.test_stories import Story
from tillwright.books.cash import Account, Entry
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.operations import events
from tillwright.operations.commands import Inquire, Post, Print, Raise, Send, Shift, Wait
from tillwright.operations.decide import Impossible
from tillwright.operations.states import Happening, LegState, OperationState, Question

H = Happening


class Told(Story):
    """A story of one kind, in which people rule."""

    def __init__(self, leg: tuple[str, str], kind: str) -> None:
        self.policy = POLICY
        self.life = Life(Plan("story", (leg,), 1, 99, kind=kind).start())
        self.commands = ()
        self.tell(events.Started(0))

    def rules(self, happened: bool, then: str = "", leg: int = 1) -> Self:
        self.tell(ruled(happened, leg, self.operation.version, then))
        return self


def red(leg: tuple[str, str] = REGISTER, kind: str = "cash-sale") -> Told:
    """Its request has had no answer, and a person has been told."""
    told = Told(leg, kind)
    told.happens((H.NO_ANSWER, 1)).due("red")
    return told


def red_and_wrongly_ruled_to_have_happened() -> Told:
    """Booked on a person's word; then the device is reached and has nothing."""
    told = red().rules(True)
    told.happens((H.CONTRADICTED_DID_NOT, 1), (H.ABSENT, 1))
    return told


def booked(story: Story) -> dict[str, int]:
    return dict(story.life.booked)


class TestRegisterNow:
    def test_a_new_attempt_in_the_same_operation(self) -> None:
        told = red().rules(False, "register-now")
        told.check(OperationState.RED, "refused sent", Send)
        told.happens((H.ACCEPTED, 2)).check(OperationState.DONE, "refused done", Post, Print)
        assert booked(told) == {"drawer": 568, "sales": -568}
        assert not told.operation.promised

    def test_it_is_tried_for_as_long_as_it_takes(self) -> None:
        told = red().rules(False, "register-now")
        for _ in range(5):
            told.happens((H.NOT_SENT, 2)).check(OperationState.RED, "refused planned", Wait)
            assert told.operation.question is None
            told.due("resend").check(OperationState.RED, "refused sent", Send)
        told.happens((H.NO_ANSWER, 2), (H.ABSENT, 2))
        told.check(OperationState.RED, "refused refused planned", Wait)

    def test_nobody_gives_it_up(self) -> None:
        told = red().rules(False, "register-now").happens((H.NOT_SENT, 2))
        with pytest.raises(Impossible):
            told.tell(events.GiveUp(NOW_MS, "11"))

    def test_after_a_crash_it_goes_on_by_itself(self) -> None:
        told = red().rules(False, "register-now").happens((H.NOT_SENT, 2))
        told.tell(events.Restarted(NOW_MS))
        told.check(OperationState.RED, "refused planned", Wait)
        assert told.operation.question is None
        told.due("resend").check(OperationState.RED, "refused sent", Send)

    def test_refused_by_the_device_it_is_a_question_again(self) -> None:
        told = red().rules(False, "register-now")
        told.happens((H.REFUSED, 2)).check(OperationState.RED, "refused refused")
        assert told.operation.question is Question.SETTLE
        told.rules(False, "register-now", leg=2)
        told.check(OperationState.RED, "refused refused sent", Send)
        told.happens((H.REFUSED, 3))
        told.rules(False, "returned", leg=3)
        told.check(OperationState.REFUSED, "refused refused refused", Raise)

    def test_what_had_happened_after_all_needs_no_second_one(self) -> None:
        told = red().rules(False, "register-now").happens((H.NOT_SENT, 2), (H.FOUND, 1), (H.FOUND, 1))
        told.check(OperationState.DONE, "done planned", Post, Print)

    def test_an_earlier_attempt_that_is_ruled_out_calls_for_no_third(self) -> None:
        told = red().rules(False, "register-now").happens((H.NOT_SENT, 2), (H.FOUND, 1))
        told.check(OperationState.RED, "unknown planned", Raise, Inquire)
        told.rules(False, "register-now", leg=1)
        assert told.legs() == "refused sent"


class TestTwice:
    """Ruled out, registered anew, and then the first one turns up."""

    def _doubled(self) -> Told:
        told = red().rules(False, "register-now").happens((H.ACCEPTED, 2))
        return told.happens((H.CONTRADICTED_HAPPENED, 1), (H.FOUND, 1))

    def test_the_one_too_many_is_annulled(self) -> None:
        told = self._doubled()
        told.check(OperationState.RED, "done done sent", Send, Wait)
        reversal = told.operation.leg(3)
        assert (reversal.action, reversal.target) == ("annul", 1)
        told.happens((H.ACCEPTED, 3)).check(OperationState.DONE, "undone done done")
        assert booked(told) == {"drawer": 568, "sales": -568}

    def test_what_is_said_of_it_meanwhile_sends_nothing_more(self) -> None:
        told = self._doubled().happens((H.ABSENT, 1))
        told.check(OperationState.RED, "unknown done sent", Raise)
        told.happens((H.ACCEPTED, 3)).check(OperationState.DONE, "undone done done")
        assert booked(told) == {"drawer": 568, "sales": -568}

    def test_where_that_is_refused_it_is_refunded_and_then_a_person_is_asked(self) -> None:
        told = self._doubled().happens((H.REFUSED, 3))
        assert told.operation.leg(4).action == "refund"
        told.happens((H.REFUSED, 4)).check(OperationState.RED, "done done refused refused")
        assert told.operation.question is Question.SETTLE
        with pytest.raises(Impossible):
            told.tell(events.Cancelled(NOW_MS, "21"))

    def test_where_a_persons_word_has_a_part_in_it_a_person_says_so(self) -> None:
        told = red().rules(False, "register-now").happens((H.NO_ANSWER, 2)).rules(True, leg=2)
        told.happens((H.CONTRADICTED_HAPPENED, 1), (H.FOUND, 1))
        told.check(OperationState.RED, "done done")
        assert told.operation.question is Question.SETTLE
        told.tell(events.Cancelled(NOW_MS, "21"))
        told.check(OperationState.RED, "done done sent", Send, Wait)
        with pytest.raises(Impossible):
            told.tell(events.Cancelled(NOW_MS, "21"))

    def test_what_stands_once_is_not_taken_back(self) -> None:
        with pytest.raises(Impossible):
            red().tell(events.Cancelled(NOW_MS, "21"))

    def test_the_reversal_knows_what_it_takes_back(self) -> None:
        operation = replace(self._doubled().operation, origin="XY99")
        evidence = Evidence(Source.REPLY, 1, {"unique_number": "AB12"})
        for said, unique in ((evidence, "AB12"), (None, "")):
            legs = (replace(operation.leg(1), evidence=said), operation.leg(2), operation.leg(3))
            told = replace(operation, legs=legs)
            assert told.origin_of(told.leg(3)) == unique
            assert told.origin_of(told.leg(2)) == "XY99"


class TestWhatIsSaidOfARuling:
    def test_that_a_person_has_said_so_and_no_device(self) -> None:
        told = red().rules(False, "returned")
        assert told.operation.state is OperationState.REFUSED
        assert told.operation.fault == Fault("till.ruled-not-done")


class TestAWrongRuling:
    def test_that_it_happened_is_overturned_and_a_person_says_what_follows(self) -> None:
        told = red_and_wrongly_ruled_to_have_happened()
        assert (told.operation.state, told.legs()) == (OperationState.RED, "refused")
        assert told.operation.question is Question.SETTLE
        assert booked(told) == {"drawer": 568, "sales": -568}

    def test_goods_and_money_are_back_takes_it_out_of_the_books(self) -> None:
        told = red_and_wrongly_ruled_to_have_happened().rules(False, "returned")
        told.check(OperationState.REFUSED, "refused", Raise, Post)
        assert booked(told) == {}
        assert not told.operation.posted

    def test_register_now_leaves_the_books_and_the_receipt_alone(self) -> None:
        told = red_and_wrongly_ruled_to_have_happened().rules(False, "register-now")
        told.happens((H.ACCEPTED, 2)).check(OperationState.DONE, "refused done")
        assert booked(told) == {"drawer": 568, "sales": -568}

    def test_that_it_did_not_is_overturned_and_kept(self) -> None:
        told = red().rules(False, "returned")
        told.happens((H.CONTRADICTED_HAPPENED, 1), (H.FOUND, 1))
        assert told.operation.question is Question.KEEP_OR_REVERSE
        told.tell(events.Continue(NOW_MS, "21"))
        told.check(OperationState.DONE, "done", Post, Print)

    def test_booked_taken_out_and_booked_again_it_is_printed_once(self) -> None:
        told = red_and_wrongly_ruled_to_have_happened().rules(False, "returned")
        told.happens((H.CONTRADICTED_HAPPENED, 1), (H.FOUND, 1))
        told.tell(events.Continue(NOW_MS, "21"))
        told.check(OperationState.DONE, "done", Post)


class TestAPayout:
    def test_what_was_not_handed_out_is_owed(self) -> None:
        told = red(REFUND, "refund").rules(True, "owed")
        told.check(OperationState.DONE, "done", Post, Print)
        assert told.operation.owed
        assert booked(told) == {"owed": -568, "refunds": 568}

    def test_what_was_handed_out_is_not(self) -> None:
        told = red(REFUND, "refund").rules(True)
        assert booked(told) == {"drawer": -568, "refunds": 568}

    def test_a_sale_owes_nothing(self) -> None:
        with pytest.raises(Impossible):
            red().rules(True, "owed")

    def test_what_was_booked_as_handed_out_becomes_owed_at_once(self) -> None:
        told = red(REFUND, "refund").rules(True)
        told.happens((H.CONTRADICTED_DID_NOT, 1))
        told.rules(True, "owed")
        assert told.commands == (
            Post(
                (
                    Entry(Account.REFUNDS, -568), Entry(Account.DRAWER, 568),
                    Entry(Account.REFUNDS, 568), Entry(Account.OWED, -568),
                )
            ),
        )  # fmt: skip
        assert booked(told) == {"owed": -568, "refunds": 568}

    def test_what_never_was_is_not_owed(self) -> None:
        told = red(REFUND, "refund").rules(True, "owed")
        told.happens((H.CONTRADICTED_DID_NOT, 1)).rules(False, "returned")
        assert booked(told) == {}
        assert not told.operation.owed


class TestShifts:
    @pytest.mark.parametrize(
        ("leg", "kind", "state", "other"),
        [(OPEN, "shift-open", "open", "closed"), (CLOSE, "shift-close", "closed", "open")],
    )
    def test_a_shift_follows_the_device_there_and_back(
        self, leg: tuple[str, str], kind: str, state: str, other: str
    ) -> None:
        told = Told(leg, kind)
        told.happens((H.ACCEPTED, 1))
        assert [command for command in told.commands if isinstance(command, Shift)] == [Shift(3, state)]
        told.happens((H.REFUSED, 1), (H.ABSENT, 1))
        assert told.operation.state is OperationState.REFUSED
        assert Shift(3, other) in told.commands
        told.happens((H.CONTRADICTED_HAPPENED, 1), (H.FOUND, 1))
        told.check(OperationState.DONE, "done", Shift)

    @pytest.mark.parametrize(("leg", "kind"), [(OPEN, "shift-open"), (CLOSE, "shift-close")])
    def test_nobody_rules_over_it(self, leg: tuple[str, str], kind: str) -> None:
        for happened in (True, False):
            with pytest.raises(Impossible):
                red(leg, kind).rules(happened)


class TestWithoutLegs:
    def test_a_correction_is_done_as_it_begins(self) -> None:
        start = Plan("correction", (), 0, 1, kind="correction").start()
        for total_minor in (30, -30):
            told = Told.__new__(Told)
            told.policy, told.commands = POLICY, ()
            told.life = Life(replace(start, content=replace(start.content, total_minor=total_minor)))
            told.tell(events.Started(0))
            told.check(OperationState.DONE, "", Post, Print)
            assert booked(told) == {"drawer": total_minor, "over-short": -total_minor}


class TestWhoMayRuleOnWhat:
    def test_a_refused_leg_only_where_a_person_is_asked(self) -> None:
        told = red()
        told.happens((H.ABSENT, 1))
        with pytest.raises(Impossible):
            told.rules(False, "register-now")

    def test_nothing_else_may_follow(self) -> None:
        for happened, then in ((True, "returned"), (True, "register-now"), (False, "owed"), (False, "force")):
            with pytest.raises(Impossible):
                red().rules(happened, then)

    def test_a_ruling_is_kept_as_evidence_of_what_is_refused(self) -> None:
        told = red_and_wrongly_ruled_to_have_happened().rules(False, "register-now")
        evidence = told.operation.leg(1).evidence
        assert evidence is not None
        assert evidence.source is Source.RULING

    def test_a_void_that_is_refused_because_the_shift_has_ended_changes_nothing(self) -> None:
        told = Told(("control", "annul"), "void")
        told.tell(about_leg(H.REFUSED, 1, 0))
        told.check(OperationState.REFUSED, "refused", Raise)
        assert booked(told) == {}
        assert told.operation.leg(1).state is LegState.REFUSED
