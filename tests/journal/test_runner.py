"""The runner: what happened is written, and only then is anything done; on both journals."""

from dataclasses import replace
from typing import Any

import pytest

from tests.journal.storages import CONTENT, UID, UIDS, Storage
from tests.journal.worlds import LOST, NOW_MS, POLICY, RULES, Desk, Device, request
from tillwright.books.cash import Account, deposit
from tillwright.journal.port import Conflict, JournalPort
from tillwright.journal.records import ShiftState
from tillwright.journal.runner import Apply, Begin, Feed, Runner
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.outcome import NoAnswer
from tillwright.operations import events
from tillwright.operations.commands import Inquire, Send
from tillwright.operations.decide import Impossible
from tillwright.operations.model import Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.wire import Told


def code(error: Exception | None) -> str:
    assert isinstance(error, FaultError)
    return error.fault.code


@pytest.fixture
def desk(journal: JournalPort) -> Desk:
    return Desk(journal)


class TestASale:
    def test_it_is_written_before_it_is_sent(self, desk: Desk) -> None:
        done = desk.process(Begin(request()))
        stored = desk.journal.operation(UID)
        assert stored is not None
        assert done.answers[0].value == stored
        assert [leg.state for leg in stored.legs] == [LegState.SENT]
        assert [(effect.operation, effect.command) for effect in done.effects] == [(stored, Send(1))]
        assert done.changed == [stored]

    def test_it_ends_booked_and_queued(self, desk: Desk) -> None:
        desk.begin()
        ended = desk.live()
        assert ended.state is OperationState.DONE
        assert desk.journal.balance_minor("1", "EUR", Account.DRAWER) == 568
        assert [event.happening for event in desk.journal.events(UID)] == ["started", "accepted"]
        assert desk.journal.last_document("SKO-1") == 1

    def test_numbers_follow_each_other_by_till(self, desk: Desk) -> None:
        for uid, till in ((UIDS[0], "1"), (UIDS[1], "1"), (UIDS[2], "2")):
            desk.begin(request(uid, till))
            desk.live(uid)
        found = [desk.runner.read(uid) for uid in UIDS[:3]]
        assert [(one.till, one.number) for one in found if one] == [("1", 1), ("1", 2), ("2", 1)]


class TestBeginning:
    def test_the_same_request_again_is_the_same_operation(self, desk: Desk) -> None:
        first = desk.begin()
        done = desk.process(Begin(request()), Begin(request()))
        assert [answer.value for answer in done.answers] == [first, first]
        assert done.effects == []
        assert done.changed == []
        ended = desk.live()
        assert desk.begin() == ended

    def test_twice_in_one_batch_begins_once(self, desk: Desk) -> None:
        done = desk.process(Begin(request()), Begin(request()))
        assert done.answers[0].value == done.answers[1].value
        assert [effect.command for effect in done.effects] == [Send(1)]

    @pytest.mark.parametrize("other", [request(tendered_minor=600), request(till="2")])
    def test_the_same_uid_with_other_content_is_told_as_such(self, desk: Desk, other: Any) -> None:
        desk.begin()
        answer = desk.process(Begin(other)).answers[0]
        assert code(answer.error) == "api.uid-reused"

    def test_what_the_guards_refuse_leaves_nothing(self, desk: Desk) -> None:
        for wanted, refused in (
            (replace(request(), kind="refund"), "till.kind-not-supported"),
            (replace(request(), content=replace(CONTENT, lines=())), "till.basket-empty"),
            (request(tendered_minor=569), "till.change-exceeds-drawer"),
        ):
            answer = desk.process(Begin(wanted)).answers[0]
            assert code(answer.error) == refused
            assert desk.journal.operation(UID) is None
            assert desk.journal.last_number("1") == 0

    def test_one_operation_at_a_time_also_within_a_batch(self, desk: Desk) -> None:
        done = desk.process(Begin(request()), Begin(request(UIDS[1])), Begin(request(UIDS[2], "2")))
        assert code(done.answers[1].error) == "till.operation-open"
        assert [effect.operation.uid for effect in done.effects] == [UIDS[0], UIDS[2]]

    def test_a_red_receipt_blocks_until_it_has_ended(self, journal: JournalPort) -> None:
        desk = Desk(journal, Device(moods=["silent", *["silent"] * 4]))
        desk.begin()
        while desk.runner.read(UID).state is not OperationState.RED:  # type: ignore[union-attr]
            desk.turn()
        answer = desk.process(Begin(request(UIDS[1]))).answers[0]
        assert isinstance(answer.error, FaultError)
        assert answer.error.fault == Fault("till.red-blocks", number=1)
        assert desk.live().state is OperationState.DONE
        desk.begin(request(UIDS[1]))

    def test_change_comes_from_what_is_in_the_drawer(self, desk: Desk) -> None:
        desk.begin()
        ended = desk.live()
        desk.process(Apply(lambda journal: journal.post(ended, deposit(100), 1)))
        assert desk.begin(request(UIDS[1], tendered_minor=568 + 668)).content.change_minor == 668

    def test_without_space_nothing_begins_and_what_has_begun_goes_on(self, journal: JournalPort) -> None:
        desk = Desk(journal)
        desk.begin()
        desk.runner.space = lambda: Fault("journal.disk-low", free_bytes=1)
        assert code(desk.process(Begin(request(UIDS[1], "2"))).answers[0].error) == "journal.disk-low"
        assert desk.begin() == desk.runner.read(UID)
        assert desk.live().state is OperationState.DONE

    def test_the_shift_is_the_one_that_is_open(self, journal: JournalPort) -> None:
        runner = Runner(journal, POLICY, replace(RULES, shifts=True))
        refused = runner.process([Begin(request())], NOW_MS).answers[0].error
        assert code(refused) == "till.shift-closed"
        opened = ShiftState("1", 41, "open", "EUR", NOW_MS, "11")
        done = runner.process([Apply(lambda port: port.open_shift(opened)), Begin(request())], NOW_MS)
        assert done.answers[1].value.shift == 41


class TestItems:
    def test_one_that_fails_answers_alone(self, desk: Desk) -> None:
        def broken(_journal: Any) -> None:
            raise ZeroDivisionError

        done = desk.process(Begin(request()), Apply(broken), Apply(lambda _journal: "written"))
        assert [type(answer.error) for answer in done.answers] == [type(None), ZeroDivisionError, type(None)]
        assert done.answers[2].value == "written"
        assert desk.journal.operation(UID) is not None

    def test_one_that_fails_half_way_leaves_nothing_and_does_nothing(self, desk: Desk) -> None:
        def half(_journal: Any) -> None:
            desk.runner._begin(request(UIDS[1], "2"), NOW_MS)
            raise Conflict("half way")

        done = desk.process(Begin(request()), Apply(half))
        assert isinstance(done.answers[1].error, Conflict)
        assert [effect.operation.uid for effect in done.effects] == [UID]
        assert [operation.uid for operation in done.changed] == [UID]
        assert desk.runner.read(UIDS[1]) is None
        assert desk.begin(request(UIDS[1], "2")).number == 1

    def test_one_that_fails_after_another_has_changed_the_same_leaves_that(self, desk: Desk) -> None:
        begun = desk.begin()

        def half(_journal: Any) -> None:
            desk.runner.step(desk.runner.read(UID), events.NoAnswer(NOW_MS, 1, LOST))  # type: ignore[arg-type]
            raise Conflict("half way")

        given_up = Feed(UID, events.GiveUp(NOW_MS, "11"))
        done = desk.process(given_up, Apply(half), Feed(UID, events.Restarted(NOW_MS)))
        assert [answer.error is None for answer in done.answers] == [True, False, True]
        happened = [event.happening for event in desk.journal.events(UID)]
        assert happened == ["started", "give_up", "restarted"]
        assert desk.runner.read(UID) == desk.journal.operation(UID)
        assert begun.version + 2 == done.changed[0].version

    def test_an_item_about_nothing_is_told(self, desk: Desk) -> None:
        answer = desk.process(Feed(UID, events.Restarted(NOW_MS))).answers[0]
        assert code(answer.error) == "api.not-found"

    def test_an_impossible_event_is_told_to_a_person_and_passed_over_otherwise(self, desk: Desk) -> None:
        desk.begin()
        ended = desk.live()
        done = desk.process(
            Feed(UID, events.GiveUp(NOW_MS, "11"), from_person=True), Feed(UID, events.Restarted(NOW_MS))
        )
        assert isinstance(done.answers[0].error, Impossible)
        assert done.answers[1].value == ended
        assert done.changed == []

    def test_what_tells_nothing_new_is_not_written(self, desk: Desk) -> None:
        desk.begin()
        ended = desk.live()
        record = desk.device.documents[0]
        told = desk.device.register(ended, ended.legs[0], NOW_MS)
        assert told.record == record
        assert desk.tell(told).changed == []
        assert len(desk.journal.events(UID)) == 2


class TestTimers:
    def test_they_are_rows_and_live_on_in_a_new_runner(self, storage: Storage) -> None:
        desk = Desk(storage.open())
        desk.begin()
        desk.tell(Told(f"{UID}.1", NoAnswer(LOST), False, None))
        again = Desk(storage.open(), now_ms=NOW_MS + 4_000)
        again.recover(reads=False)
        assert again.runner.next_due_ms() == NOW_MS + 5_000
        assert again.runner.due(NOW_MS + 4_999) == []
        (due,) = again.runner.due(NOW_MS + 5_000)
        again.now_ms = NOW_MS + 5_000
        again.process(due)
        operation = again.runner.read(UID)
        assert operation is not None
        assert operation.state is OperationState.RED

    def test_one_that_was_overtaken_is_dropped(self, desk: Desk) -> None:
        desk.begin()
        desk.tell(Told(f"{UID}.1", NoAnswer(LOST), False, None))
        desk.live()
        assert desk.runner.due(NOW_MS + 100_000) == []
        assert desk.runner.next_due_ms() is None

    def test_each_comes_once_when_it_is_due(self, journal: JournalPort) -> None:
        desk = Desk(journal, Device(moods=["deaf", "deaf", "deaf"]))
        desk.begin()
        desk.turn()
        desk.turn()
        named = [timer.name for timer in desk.runner.read(UID).timers]  # type: ignore[union-attr]
        assert named == ["inquire", "red"]
        due = desk.runner.due(NOW_MS + 5_000)
        assert [item.event for item in due if isinstance(item, Feed)] == [
            events.Due(NOW_MS + 5_000, "inquire"),
            events.Due(NOW_MS + 5_000, "red"),
        ]
        assert desk.runner.due(NOW_MS + 5_000) == []


class TestRecovery:
    def test_what_was_sent_is_asked_after(self, storage: Storage) -> None:
        Desk(storage.open()).begin()
        desk = Desk(storage.open())
        desk.recover(reads=False)
        assert [effect.command for effect in desk.effects] == [Inquire(1)]

    def test_only_the_unfinished_are_read(self, storage: Storage) -> None:
        desk = Desk(storage.open())
        for uid in UIDS[:3]:
            desk.begin(request(uid))
            desk.live(uid)
        desk.begin(request(UIDS[3]))
        ended = desk.runner.read(UIDS[0])
        again = Desk(storage.open())
        told = [item.uid for item in again.runner.recover(NOW_MS) if isinstance(item, Feed)]
        assert told == [UIDS[3]]
        assert again.runner.read(UIDS[0]) == ended

    def test_a_second_start_finds_the_same(self, storage: Storage) -> None:
        Desk(storage.open()).begin()
        for _ in range(3):
            Desk(storage.open()).recover(reads=False)
        desk = Desk(storage.open())
        desk.recover()
        ended = desk.live()
        assert ended.state is OperationState.DONE
        assert len(desk.device.documents) == 1


def test_an_operation_that_nobody_knows_is_none(desk: Desk) -> None:
    assert desk.runner.read(UID) is None
    begun: Operation = desk.begin()
    assert desk.runner.read(UID) == begun
