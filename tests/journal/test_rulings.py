"""Rulings through the runner: what is asked and refused, what is checked later, and what is overturned."""

from dataclasses import replace

import pytest

from tests.journal.storages import UIDS
from tests.journal.tills import FISCAL, SALE, FullDevice, Till
from tests.journal.worlds import LOST
from tillwright.books.cash import Account
from tillwright.journal import enquiries, queries
from tillwright.journal.enquiries import CHECK_DELAYS_MS
from tillwright.journal.errands import Enquire
from tillwright.journal.memory_journal import MemoryJournal
from tillwright.journal.port import JournalPort
from tillwright.journal.rulings import Backing
from tillwright.journal.runner import Apply
from tillwright.journal.sqlite_journal import SqliteJournal
from tillwright.kernel.evidence import Source
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.outcome import NoAnswer
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Operation
from tillwright.operations.states import LegState, OperationState
from tillwright.parties.wire import DeviceRecord, Recorded, Told, Unlisted

RULED = replace(FISCAL, approvals=FISCAL.approvals)
LINE = "1/operator"
UID = UIDS[1]


@pytest.fixture
def till(journal: JournalPort) -> Till:
    """A sale is red: the device was asked and nobody knows. Everything else is delivered."""
    made = Till(journal)
    made.open_up()
    made.deliver()
    begun = made.begin(Request(UID, "1", "cash-sale", "11", SALE))
    made.effects.clear()
    made.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
    made.now_ms += 5_000
    made.process(*made.runner.due(made.now_ms))
    made.effects.clear()
    made.look()
    assert sale(made).state is OperationState.RED
    return made


def sale(till: Till, uid: str = UID) -> Operation:
    found = till.runner.read(uid)
    assert found is not None
    return found


def registered(till: Till) -> DeviceRecord:
    """The device has done it, and the till has not heard of it."""
    return till.full.write(sale(till), sale(till).legs[0], till.now_ms - 4_000)


def happened(till: Till, record: DeviceRecord, **more: object) -> Operation:
    named: dict[str, object] = {
        "document_number": record.number, "registered_ms": record.registered_ms,
        "unique_number": record.unique_number,
    }  # fmt: skip
    return till.rule(UID, happened=True, **(named | more))  # type: ignore[arg-type]


def code(error: pytest.ExceptionInfo[FaultError]) -> str:
    return error.value.fault.code


def checks(till: Till) -> int:
    """Let the background round ask, and the operator answer; how often it was asked."""
    till.now_ms += CHECK_DELAYS_MS[0]
    till.process(*till.runner.due(till.now_ms))
    till.now_ms += 1
    return till.answer_enquiries()


class TestItHappened:
    def test_it_ends_with_what_the_person_names(self, till: Till) -> None:
        ruled = happened(till, registered(till))
        assert ruled.state is OperationState.DONE
        evidence = ruled.legs[0].evidence
        assert evidence is not None
        assert (evidence.source, evidence.person) == (Source.RULING, "11")
        assert evidence.facts["unique_number"] == "SKO1U2"
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 568
        (stored,) = till.journal.rulings(UID)
        assert (stored.person, stored.unique_number, stored.verdict) == ("11", "SKO1U2", "")

    def test_it_stands_in_the_audit_chain(self, till: Till) -> None:
        happened(till, registered(till))
        last = till.journal.last_audit()
        assert last is not None
        assert (last.who, last.what) == ("11", "ruling")

    def test_the_version_that_was_seen_is_the_one_that_is_ruled(self, till: Till) -> None:
        with pytest.raises(FaultError) as error:
            happened(till, registered(till), version=1)
        assert code(error) == "till.ruling-stale"

    def test_a_number_that_another_receipt_has_is_refused(self, till: Till) -> None:
        opened = till.full.documents[0]
        with pytest.raises(FaultError) as error:
            happened(till, replace(registered(till), unique_number=opened.unique_number))
        assert error.value.fault == Fault("till.ruling-against-record", number=1)

    def test_a_refused_ruling_leaves_nothing(self, till: Till) -> None:
        with pytest.raises(FaultError):
            happened(till, registered(till), unique_number="")
        assert till.journal.rulings(UID) == []
        assert till.journal.last_audit() is None

    def test_above_a_sum_a_second_person_stands_behind_it(self, journal: JournalPort) -> None:
        dear = replace(
            FISCAL, currencies=(replace(FISCAL.currencies[0], second_person_above_minor=500),)
        )  # fmt: skip
        till = Till(journal, rules=dear)
        till.open_up()
        begun = till.begin(Request(UID, "1", "cash-sale", "11", SALE))
        till.effects.clear()
        till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
        till.now_ms += 5_000
        till.process(*till.runner.due(till.now_ms))
        till.look()
        record = registered(till)
        with pytest.raises(FaultError) as error:
            happened(till, record)
        assert code(error) == "till.second-person-needed"
        till.approve(UID, "ruling")
        ruled = happened(till, record, backing=Backing("senior", ("g1",)))
        assert ruled.state is OperationState.DONE
        assert till.journal.rulings(UID)[0].second == "21"
        assert till.journal.grant("g1") is None


class TestItDidNot:
    def test_not_while_documents_wait_or_nobody_can_know(self, till: Till) -> None:
        till.tell(till.full.health(till.now_ms, "lost"))
        with pytest.raises(FaultError) as error:
            till.rule(UID, happened=False, then="returned")
        assert code(error) == "till.ruling-undelivered-unknown"
        registered(till)
        till.look()
        with pytest.raises(FaultError) as error:
            till.rule(UID, happened=False, then="returned")
        assert error.value.fault == Fault("till.ruling-undelivered", document_count=1)

    def test_goods_and_money_are_back(self, till: Till) -> None:
        assert till.rule(UID, happened=False, then="returned").state is OperationState.REFUSED
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 0

    def test_register_it_now(self, till: Till) -> None:
        ruled = till.rule(UID, happened=False, then="register-now")
        assert [leg.state for leg in ruled.legs] == [LegState.REFUSED, LegState.SENT]
        assert till.live(UID).state is OperationState.DONE
        assert till.journal.balance_minor("1", "EUR", Account.DRAWER) == 568


class TestEnquiries:
    def test_the_answer_is_kept_as_evidence(self, till: Till) -> None:
        identity = ask(till)
        (errand,) = [one for one in till.errands if isinstance(one, Enquire)]
        assert errand.from_ms < sale(till).started_ms < errand.to_ms
        till.now_ms += 1_000
        till.answer_enquiries()
        stored = till.journal.enquiry(identity)
        told = enquiries.read(stored)
        assert told is not None
        assert told.answered_ms == till.now_ms
        assert [one.key for one in told.records] == [f"{UIDS[0]}.1"]

    def test_a_listed_document_proves_that_it_happened(self, till: Till) -> None:
        till.operator.takes(registered(till))
        ask(till)
        till.answer_enquiries()
        ended = sale(till)
        assert ended.state is OperationState.DONE
        assert ended.legs[0].evidence is not None
        assert ended.legs[0].evidence.source is Source.WITNESS

    def test_one_of_another_sum_proves_nothing(self, till: Till) -> None:
        till.operator.takes(replace(registered(till), total_minor=569))
        ask(till)
        till.answer_enquiries()
        assert sale(till).state is OperationState.RED

    def test_no_answer_leaves_it_open(self, till: Till) -> None:
        identity = ask(till)
        till.tell(Unlisted(identity, Fault("fiscal.operator-unreachable")), line=LINE)
        stored = till.journal.enquiry(identity)
        assert stored is not None
        assert stored.answered_ms is None

    @pytest.mark.parametrize(("person", "raised"), [("11", 1), ("", 0)])
    def test_who_asked_is_told_that_nobody_answers(self, till: Till, person: str, raised: int) -> None:
        identity = ask(till, person)
        till.tell(Unlisted(identity, Fault("fiscal.operator-no-answer")), line=LINE)
        assert _codes(till).count("fiscal.operator-no-answer") == raised

    def test_an_answer_to_nothing_is_passed_over(self, till: Till) -> None:
        till.tell(Unlisted(99, Fault("fiscal.operator-unreachable")), line=LINE)
        listed = till.operator.lists(Enquire("1", "operator", 99, 0, 1), till.now_ms, serial="SKO-1")
        assert till.tell(listed, line=LINE).changed == []

    def test_without_a_line_nobody_can_be_asked(self, journal: JournalPort) -> None:
        till = Till(journal, parties={})
        till.open_up()
        opened = till.runner.read(UIDS[0])
        assert opened is not None
        with pytest.raises(FaultError) as error:
            enquiries.ask(till.place, opened, "11", till.now_ms)
        assert code(error) == "fiscal.operator-unreachable"

    def test_where_the_pack_demands_one_a_ruling_needs_it(self, journal: JournalPort) -> None:
        till = Till(journal, rules=replace(FISCAL, enquiry_required=True))
        till.open_up()
        till.deliver()
        begun = till.begin(Request(UID, "1", "cash-sale", "11", SALE))
        till.effects.clear()
        till.tell(Told(begun.legs[0].key, NoAnswer(LOST), False, None))
        till.now_ms += 5_000
        till.process(*till.runner.due(till.now_ms))
        till.look()
        with pytest.raises(FaultError) as error:
            till.rule(UID, happened=False, then="returned")
        assert code(error) == "till.ruling-enquiry-needed"
        identity = ask(till)
        till.now_ms += 1_000
        till.answer_enquiries()
        ruled = till.rule(UID, happened=False, then="returned", enquiry=identity)
        assert ruled.state is OperationState.REFUSED


def _codes(till: Till) -> list[str]:
    journal = till.journal
    if isinstance(journal, SqliteJournal):
        return [stored.fault.code for stored in queries.faults(journal.connection, 99)]
    assert isinstance(journal, MemoryJournal)
    return [stored.fault.code for stored in journal.faults]


def ask(till: Till, person: str = "11") -> int:
    def asking(_journal: object) -> int:
        identity, errands = enquiries.ask(till.place, sale(till), person, till.now_ms)
        till.runner.carry(errands)
        return identity

    identity: int = till.process(Apply(asking)).answers[0].value
    return identity


class TestLater:
    """Every ruling is checked against what the device and the operator have."""

    def test_the_operators_list_bears_it_out(self, till: Till) -> None:
        record = registered(till)
        happened(till, record)
        till.operator.takes(record)
        assert checks(till) == 1
        assert [one.verdict for one in till.journal.rulings(UID)] == ["agrees"]
        assert sale(till).state is OperationState.DONE
        assert checks(till) == 0

    def test_who_wants_to_know_it_now_does_not_wait_for_the_round(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        till.process()
        assert till.answer_enquiries() == 0
        till.process(Apply(lambda _journal: till.runner.checks.hurry()))
        assert till.answer_enquiries() == 1
        assert [one.verdict for one in till.journal.rulings(UID)] == ["agrees"]
        assert till.process(*till.runner.due(till.now_ms)).errands == []

    def test_a_document_that_is_not_there_overturns_that_it_happened(self, till: Till) -> None:
        happened(till, replace(registered(till), unique_number="MADEUP"))
        till.full.documents.pop()
        till.look()
        checks(till)
        assert sale(till).state is OperationState.RED
        assert [one.verdict for one in till.journal.rulings(UID)] == ["against"]

    @pytest.mark.parametrize("queued", [1, None])
    def test_absence_counts_only_when_nothing_was_queued(self, till: Till, queued: int | None) -> None:
        happened(till, replace(registered(till), unique_number="MADEUP"))
        till.full.documents.pop()
        till.look()
        till.now_ms += CHECK_DELAYS_MS[0]
        till.process(*till.runner.due(till.now_ms))
        till.answer_enquiries(queued=queued)
        assert sale(till).state is OperationState.DONE
        assert till.journal.unchecked_rulings(9) != []

    def test_a_listed_document_overturns_that_it_did_not(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        record = registered(till)
        till.operator.takes(record)
        checks(till)
        assert sale(till).state is OperationState.RED
        assert [one.verdict for one in till.journal.rulings(UID)] == ["against"]

    def test_a_whole_list_without_it_bears_out_that_it_did_not(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        checks(till)
        assert [one.verdict for one in till.journal.rulings(UID)] == ["agrees"]
        assert sale(till).state is OperationState.REFUSED

    def test_the_devices_own_document_overturns_it_too(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        till.tell(Recorded((registered(till),)))
        assert sale(till).state is OperationState.RED
        assert [one.verdict for one in till.journal.rulings(UID)] == ["against"]

    def test_other_numbers_than_the_documents_own_are_told(self, till: Till) -> None:
        record = registered(till)
        happened(till, replace(record, unique_number="SKO1U7"))
        till.tell(Recorded((record,)))
        assert [one.verdict for one in till.journal.rulings(UID)] == ["wrong-data"]

    def test_it_is_asked_more_and_more_seldom(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        till.process()
        asked = []
        for _ in range(4):
            due_ms = till.runner.checks.next_due_ms()
            assert due_ms is not None
            asked.append(due_ms - till.now_ms)
            till.now_ms = due_ms
            till.process(*till.runner.due(till.now_ms))
            assert [type(one) for one in till.errands].count(Enquire) == 1
            till.errands.clear()
        assert asked == sorted(asked)
        assert len(till.journal.enquiries(UID)) == 1

    def test_after_a_restart_it_is_still_asked(self, till: Till) -> None:
        till.rule(UID, happened=False, then="returned")
        again = Till(till.journal, till.full, till.now_ms, operator=till.operator)
        again.recover(reads=False)
        again.look()
        assert checks(again) == 1
        assert [one.verdict for one in again.journal.rulings(UID)] == ["agrees"]


def test_a_shift_is_never_ruled(journal: JournalPort) -> None:
    till = Till(journal, FullDevice(moods=["deaf"] * 30))
    till.look()

    till.begin(Request(UIDS[0], "1", "shift-open", "11", Content("EUR", 0, (), (), shift=1)))
    for _ in range(12):
        till.turn()
    with pytest.raises(FaultError) as error:
        till.rule(UIDS[0], happened=False, then="returned")
    assert error.value.fault == Fault("till.ruling-not-possible", kind="shift-open")
