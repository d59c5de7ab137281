"""Documents on their way to the operator: in order, one at a time, again and again, and told apart."""

from dataclasses import replace

import pytest

from tests.journal.storages import UIDS, Storage
from tests.journal.tills import FISCAL, FullDevice, Operator, Till, cash
from tests.journal.worlds import RULES
from tillwright.journal import outbox
from tillwright.journal.delivery import ANSWER_WITHIN_MS, DELAYS_MS, Lane
from tillwright.journal.errands import Deliver
from tillwright.journal.place import OPERATOR
from tillwright.journal.port import JournalPort
from tillwright.journal.runner import Apply
from tillwright.kernel.fault import Fault, FaultError
from tillwright.parties.wire import Acknowledged, DocumentRefused, NotDelivered, OperatorStatus, PartyHealth

LINE = "1/operator"
DAY_MS = 86_400_000


@pytest.fixture
def till(journal: JournalPort) -> Till:
    """A shift is open, its document waits."""
    made = Till(journal)
    made.open_up()
    return made


def codes(till: Till) -> list[Fault]:
    journal = till.journal
    if hasattr(journal, "faults"):
        return [stored.fault for stored in journal.faults]
    from tillwright.journal import queries

    return [stored.fault for stored in reversed(queries.faults(journal.connection, 99))]  # type: ignore[attr-defined]


def causes(till: Till) -> list[object]:
    """Why documents did not reach the operator, as people were told."""
    return [fault.facts["cause"] for fault in codes(till) if fault.code == "fiscal.document-upload-failed"]


def carried(till: Till) -> list[int]:
    """The numbers of the documents that are to be carried."""
    found = [one.document.number for one in till.errands if isinstance(one, Deliver)]
    till.errands.clear()
    return found


class TestCarrying:
    def test_each_document_goes_once_and_in_order(self, till: Till) -> None:
        till.sell()
        till.do("cash-in", cash(1_000), UIDS[2])
        till.deliver()
        assert till.operator.brought == [("SKO-1", 1), ("SKO-1", 2), ("SKO-1", 3)]
        assert till.journal.waiting(OPERATOR, "1").count == 0
        assert outbox.undelivered_count(till.place, "1") == 0

    def test_one_is_on_its_way_at_a_time(self, till: Till) -> None:
        till.sell()
        assert carried(till) == [1]
        till.look()
        assert carried(till) == []
        till.tell(Acknowledged(OPERATOR, "SKO-1", 1), line=LINE)
        assert carried(till) == [2]

    def test_failing_waits_longer_each_time_and_is_told_once_for_each_cause(self, till: Till) -> None:
        assert carried(till) == [1]
        for count in range(8):
            till.tell(NotDelivered(OPERATOR, "SKO-1", 1, "operator-unreachable"), line=LINE)
            delay_ms = DELAYS_MS[min(count, len(DELAYS_MS) - 1)]
            assert till.runner.next_due_ms() == till.now_ms + delay_ms
            till.now_ms += delay_ms
            till.process(*till.runner.due(till.now_ms))
            assert carried(till) == [1]
        till.tell(NotDelivered(OPERATOR, "SKO-1", 1, "no-internet"), line=LINE)
        told = [
            fault.facts["cause"] for fault in codes(till) if fault.code == "fiscal.document-upload-failed"
        ]
        assert told == ["operator-unreachable", "no-internet"]
        assert till.runner.outbox.cause("1") == "no-internet"

    def test_when_it_works_again_it_goes_at_once(self, till: Till) -> None:
        carried(till)
        for _ in range(3):
            till.tell(NotDelivered(OPERATOR, "SKO-1", 1, "no-internet"), line=LINE)
        till.tell(PartyHealth("operator", "ready", till.now_ms), line=LINE)
        till.process()
        assert carried(till) == [1]
        till.tell(Acknowledged(OPERATOR, "SKO-1", 1), line=LINE)
        assert till.runner.outbox.cause("1") == ""

    def test_one_that_nobody_told_of_is_carried_again(self, till: Till) -> None:
        assert carried(till) == [1]
        till.now_ms += ANSWER_WITHIN_MS
        till.process(*till.runner.due(till.now_ms))
        till.now_ms += DELAYS_MS[0]
        till.process(*till.runner.due(till.now_ms))
        assert carried(till) == [1]

    def test_after_a_restart_it_begins_with_what_the_journal_holds(self, storage: Storage) -> None:
        till = Till(storage.open())
        till.open_up()
        again = Till(storage.open(), till.full, till.now_ms)
        again.recover(reads=False)
        assert carried(again) == [1]

    def test_a_till_without_a_line_to_the_operator_keeps_what_it_owes(self, journal: JournalPort) -> None:
        till = Till(journal, parties={})
        till.open_up()
        assert till.errands == []
        assert till.journal.waiting(OPERATOR, "1").count == 1


class TestWhatIsRefused:
    def test_it_is_set_aside_and_the_next_follows(self, till: Till) -> None:
        till.sell()
        carried(till)
        till.tell(DocumentRefused(OPERATOR, "SKO-1", 1, "content", blocks=False), line=LINE)
        assert carried(till) == [2]
        till.tell(Acknowledged(OPERATOR, "SKO-1", 2), line=LINE)
        (refused,) = till.journal.refused_documents(OPERATOR, "1")
        assert (refused.number, refused.refused_reason) == (1, "content")
        assert outbox.undelivered_count(till.place, "1") == 1

    def test_somebody_has_it_brought_once_more(self, till: Till) -> None:
        till.sell()
        carried(till)
        till.tell(DocumentRefused(OPERATOR, "SKO-1", 1, "content", blocks=False), line=LINE)
        assert carried(till) == [2]
        till.tell(Acknowledged(OPERATOR, "SKO-1", 2), line=LINE)
        again = Apply(lambda _: till.runner.outbox.try_again("1", OPERATOR, till.runner.steady_ms))
        till.process(again)
        assert carried(till) == [1]
        assert till.journal.refused_documents(OPERATOR, "1") == []

    def test_an_operator_that_has_lost_the_very_first_is_brought_all_of_them(self, till: Till) -> None:
        till.sell()
        carried(till)
        till.tell(Acknowledged(OPERATOR, "SKO-1", 1, up_to=1), line=LINE)
        assert carried(till) == [2]
        till.tell(Acknowledged(OPERATOR, "SKO-1", 2, up_to=0), line=LINE)
        assert carried(till) == [1]

    def test_where_it_blocks_the_others_wait_and_it_is_brought_again(self, till: Till) -> None:
        till.sell()
        carried(till)
        till.tell(DocumentRefused(OPERATOR, "SKO-1", 1, "content", blocks=True), line=LINE)
        assert carried(till) == []
        till.now_ms += DELAYS_MS[-1]
        till.process(*till.runner.due(till.now_ms))
        assert carried(till) == [1]
        told = [
            fault.facts["cause"] for fault in codes(till) if fault.code == "fiscal.document-upload-failed"
        ]
        assert told == ["document-refused"]

    def test_an_operator_that_came_back_from_an_old_copy_gets_again_what_it_lost(self, till: Till) -> None:
        till.sell()
        till.deliver()
        till.do("cash-in", cash(1_000), UIDS[2])
        assert carried(till) == [3]
        till.tell(NotDelivered(OPERATOR, "SKO-1", 3, "out-of-order", wanted=2), line=LINE)
        assert carried(till) == [2]
        till.tell(Acknowledged(OPERATOR, "SKO-1", 2, up_to=2), line=LINE)
        assert carried(till) == [3]


class TestTheDevicesOwnLine:
    def test_what_it_has_delivered_is_delivered(self, journal: JournalPort) -> None:
        till = Till(journal, FullDevice(uplink=0), parties={})
        till.open_up()
        till.sell()
        assert outbox.undelivered_count(till.place, "1") == 2
        till.full.uplink = 2
        till.look()
        assert outbox.undelivered_count(till.place, "1") == 0
        assert till.journal.waiting(OPERATOR, "1").count == 0

    def test_also_before_the_till_has_read_it(self, journal: JournalPort) -> None:
        till = Till(journal, FullDevice(uplink=0), parties={})
        till.open_up()
        till.full.uplink = 9
        till.look()
        till.sell()
        assert till.journal.waiting(OPERATOR, "1").count == 0

    def test_saying_the_same_again_writes_nothing(self, till: Till) -> None:
        till.full.uplink = 1
        till.look()
        assert till.journal.value("acknowledged:operator:SKO-1") == "1"
        before = till.journal.value("acknowledged:operator:SKO-1")
        till.tell(Acknowledged(OPERATOR, "SKO-1", 0, up_to=1), line=LINE)
        assert till.journal.value("acknowledged:operator:SKO-1") == before


class TestHowManyWait:
    def test_nobody_knows_while_the_device_cannot_be_read(self, till: Till) -> None:
        till.tell(till.full.health(till.now_ms, "lost"))
        assert outbox.undelivered_count(till.place, "1") is None

    def test_what_is_not_even_read_counts(self, till: Till) -> None:
        health = till.full.health(till.now_ms)
        till.tell(replace(health, last_number=4))
        assert outbox.undelivered_count(till.place, "1") == 4

    def test_without_a_receiver_nothing_waits(self, journal: JournalPort) -> None:
        till = Till(journal, rules=replace(FISCAL, receivers=()), parties={})
        assert outbox.undelivered_count(till.place, "1") == 0

    def test_a_receiver_that_is_new_gets_what_is_held(self, storage: Storage) -> None:
        first = Till(storage.open(), rules=replace(FISCAL, receivers=()), parties={})
        first.open_up()
        again = Till(storage.open(), first.full, first.now_ms)
        again.look()
        assert again.journal.waiting(OPERATOR, "1").count == 1
        assert carried(again) == [1]


class TestTheCaps:
    def test_age_ends_the_work_and_a_clock_set_back_buys_no_time(self, journal: JournalPort) -> None:
        till = Till(journal, operator=Operator(deaf=True))
        till.open_up()
        for _ in range(7 * 24 * 60 // 2):
            till.now_ms += 120_000
            till.process(*till.runner.due(till.now_ms))
            till.errands.clear()
        till.now_ms -= 6 * DAY_MS
        with pytest.raises(FaultError) as error:
            till.sell()
        assert error.value.fault.code == "fiscal.offline-limit"
        told = [fault for fault in codes(till) if fault.code == "fiscal.offline-limit"]
        assert len(told) == 1, "a warning in the last 48 hours, once"

    def test_the_tally_goes_on_after_a_restart(self, storage: Storage) -> None:
        till = Till(storage.open())
        till.open_up()
        for _ in range(20):
            till.now_ms += 60_000
            till.process(*till.runner.due(till.now_ms))
        tally_ms = till.place.tally_ms
        again = Till(storage.open(), till.full, till.now_ms - 5 * DAY_MS)
        again.recover(reads=False)
        assert 0 <= tally_ms - again.place.tally_ms <= 120_000
        waits = outbox.undelivered(again.place, "1", again.now_ms)
        assert waits is not None
        assert waits.age_ms >= 18 * 60_000

    def test_a_clock_set_ahead_adds_next_to_nothing_to_the_tally(self, till: Till) -> None:
        before_ms = till.place.tally_ms
        till.now_ms += 30 * DAY_MS
        till.process()
        assert till.place.tally_ms - before_ms <= 120_000

    def test_a_large_sale_is_not_made_while_documents_wait(self, journal: JournalPort) -> None:
        offline = replace(FISCAL.offline, sale_minor=500)  # type: ignore[type-var]
        till = Till(journal, rules=replace(FISCAL, offline=offline))
        till.open_up()
        with pytest.raises(FaultError) as error:
            till.sell()
        assert error.value.fault.code == "fiscal.offline-limit"
        till.deliver()
        assert till.sell().state.value == "done"


class TestTheOperatorsWord:
    def test_a_block_stops_what_is_new_and_is_told_once(self, till: Till) -> None:
        for _ in range(2):
            till.tell(OperatorStatus("blocked", "debt", None, till.now_ms), line=LINE)
        with pytest.raises(FaultError) as error:
            till.sell()
        assert error.value.fault == Fault("fiscal.register-blocked", reason="debt")
        assert [fault.code for fault in codes(till)].count("fiscal.register-blocked") == 1
        till.tell(OperatorStatus("active", "", None, till.now_ms), line=LINE)
        assert till.sell().state.value == "done"

    def test_a_warning_stands_for_its_minute_before_the_shift_opens(self, journal: JournalPort) -> None:
        till = Till(journal)
        till.look()
        till.tell(OperatorStatus("warning", "debt", till.now_ms + 3 * DAY_MS, till.now_ms), line=LINE)
        with pytest.raises(FaultError) as error:
            till.open_up()
        assert error.value.fault.facts["remaining_s"] == 60
        till.write(lambda place, now: place.journal.set_warned("1", "fiscal.block-warning", now))
        till.now_ms += 59_000
        with pytest.raises(FaultError) as error:
            till.open_up()
        assert error.value.fault.facts["remaining_s"] == 1
        till.now_ms += 1_000
        till.open_up()
        till.close(UIDS[2])
        with pytest.raises(FaultError):
            till.open_up(UIDS[3])


class TestALane:
    def test_what_is_told_of_another_document_changes_nothing(self) -> None:
        lane = Lane("1", OPERATOR)
        lane.carrying("SKO-1", 3, 0)
        assert not lane.failed(("SKO-1", 2), "no-answer", 5)
        lane.arrived(("SKO-1", 2))
        lane.refused(("SKO-1", 2), 5, blocks=False)
        assert lane.carried == ("SKO-1", 3)


def test_rules_without_offline_caps_have_none(journal: JournalPort) -> None:
    assert RULES.offline is None
    till = Till(journal, rules=replace(FISCAL, offline=None))
    till.open_up()
    till.now_ms += 400 * DAY_MS
    assert till.sell().state.value == "done"
