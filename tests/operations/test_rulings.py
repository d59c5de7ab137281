"""A person's word on a red receipt: each check alone, and that nothing gets past them."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.everything import FAULT
from tests.operations.rules_for_tests import PLAIN, SALE, SALE_CONTENT, STRICT, operation
from tillwright.kernel.fault import Fault
from tillwright.operations.model import Content, Operation
from tillwright.operations.rulings import Enquiry, ListedDocument, Ruling, RulingFacts, ruling_fault
from tillwright.operations.states import LegState, OperationState, Question

SENT_MS = 10_000
RED = replace(
    SALE,
    state=OperationState.RED,
    legs=(replace(SALE.legs[0], state=LegState.UNKNOWN, sent_ms=SENT_MS, fault=FAULT),),
)
LISTED = ListedDocument("D1", 41, "AB12", RED.legs[0].key, "sale", 568, "EUR", 12_000)
ENQUIRY = Enquiry(6, RED.uid, "operator", 20_000, 21_000, (LISTED,))
HAPPENED = Ruling(
    RED.uid, 1, RED.version, True, "", "21", "", "operator-said-so",
    document_number=41, registered_ms=12_000, unique_number="ab12", enquiry=6,
)  # fmt: skip
DID_NOT = replace(
    HAPPENED,
    happened=False,
    then="returned",
    document_number=None,
    registered_ms=None,
    unique_number=None,
)
FACTS = RulingFacts(
    undelivered=0,
    shift_opened_ms=5_000,
    shift_closed_ms=30_000,
    enquiry=ENQUIRY,
    person_role="senior",
    now_ms=40_000,
)
NOTHING_LISTED = replace(FACTS, enquiry=replace(ENQUIRY, records=()))


def verdict(ruling: Ruling, facts: RulingFacts, **change: Any) -> Fault | None:
    of: Operation = change.pop("of", RED)
    return ruling_fault(of, ruling, facts, change.pop("rules", STRICT))


def code_of(fault: Fault | None) -> str | None:
    return None if fault is None else fault.code


class TestWhatMayBeRuled:
    def test_both_ways_with_all_that_is_needed(self) -> None:
        assert verdict(HAPPENED, FACTS) is None
        for then in ("returned", "register-now"):
            assert verdict(replace(DID_NOT, then=then), NOTHING_LISTED) is None

    @pytest.mark.parametrize("kind", ["shift-open", "shift-close"])
    def test_a_shift_follows_the_device_alone(self, kind: str) -> None:
        shift = replace(operation(RED.uid, kind, Content("EUR", 0, (), (), shift=4)), state=RED.state)
        found = verdict(HAPPENED, FACTS, of=shift)
        assert found == Fault("till.ruling-not-possible", kind=kind)

    @pytest.mark.parametrize(
        "change",
        [
            {"version": RED.version + 1},
            {"state": OperationState.OPEN},
            {"state": OperationState.DONE},
            {"legs": ()},
            {"legs": (replace(RED.legs[0], state=LegState.DONE),)},
            {"legs": (replace(RED.legs[0], state=LegState.REFUSED),)},
        ],
    )
    def test_what_was_not_seen_or_does_not_wait_is_stale(self, change: dict[str, Any]) -> None:
        assert verdict(HAPPENED, FACTS, of=replace(RED, **change)) == Fault("till.ruling-stale")
        assert verdict(DID_NOT, NOTHING_LISTED, of=replace(RED, **change)) == Fault("till.ruling-stale")

    def test_of_what_is_proved_absent_one_says_only_what_is_to_follow(self) -> None:
        proved = replace(RED, legs=(replace(RED.legs[0], state=LegState.REFUSED),), question=Question.SETTLE)
        nothing = RulingFacts(person_role="senior")
        assert verdict(DID_NOT, nothing, of=proved) is None
        assert verdict(HAPPENED, FACTS, of=proved) == Fault("till.ruling-stale")
        found = verdict(replace(DID_NOT, then=""), nothing, of=proved)
        assert found == Fault("till.ruling-field", field="then", reason="unknown")

    @pytest.mark.parametrize(
        ("ruling", "kind", "known"),
        [
            (replace(HAPPENED, then="owed"), "cash-sale", False),
            (replace(HAPPENED, then="owed"), "refund", True),
            (replace(HAPPENED, then="returned"), "cash-sale", False),
            (replace(DID_NOT, then="owed"), "refund", False),
            (replace(DID_NOT, then=""), "cash-sale", False),
        ],
    )
    def test_what_follows_fits_the_ruling(self, ruling: Ruling, kind: str, known: bool) -> None:
        facts = FACTS if ruling.happened else NOTHING_LISTED
        found = verdict(ruling, facts, of=replace(RED, kind=kind))
        assert found == (None if known else Fault("till.ruling-field", field="then", reason="unknown"))

    def test_a_reason_is_from_the_list(self) -> None:
        moody = replace(HAPPENED, reason="mood")
        assert verdict(moody, FACTS) == Fault("till.ruling-field", field="reason", reason="not-listed")
        assert verdict(moody, FACTS, rules=PLAIN) is None


class TestItHappened:
    @pytest.mark.parametrize(
        ("change", "field", "reason"),
        [
            ({"document_number": None}, "document_number", "format"),
            ({"document_number": 0}, "document_number", "format"),
            ({"registered_ms": None}, "registered_at", "format"),
            ({"registered_ms": -1}, "registered_at", "format"),
            ({"unique_number": None}, "unique_number", "format"),
            ({"unique_number": " "}, "unique_number", "format"),
            ({"unique_number": "AB 12"}, "unique_number", "format"),
            ({"unique_number": "АВ12"}, "unique_number", "format"),
            ({"unique_number": "A" * 65}, "unique_number", "format"),
            ({"registered_ms": 41_001}, "registered_at", "future"),
            ({"registered_ms": 8_999}, "registered_at", "before-operation"),
            ({"registered_ms": 31_001}, "registered_at", "other-shift"),
        ],
    )
    def test_each_field_is_as_such_things_are(self, change: dict[str, Any], field: str, reason: str) -> None:
        found = verdict(replace(HAPPENED, **change), FACTS)
        assert found == Fault("till.ruling-field", field=field, reason=reason)

    def test_the_shift_has_a_beginning_and_perhaps_no_end(self) -> None:
        early = replace(RED, started_ms=0)
        found = verdict(replace(HAPPENED, registered_ms=3_999), FACTS, of=early)
        assert found == Fault("till.ruling-field", field="registered_at", reason="other-shift")
        unknown = replace(FACTS, shift_opened_ms=None, shift_closed_ms=None)
        assert verdict(replace(HAPPENED, registered_ms=31_001), unknown) is None

    @pytest.mark.parametrize(("taken_by", "code"), [(7, None), (8, "till.ruling-against-record")])
    def test_a_unique_number_is_one_receipts(self, taken_by: int, code: str | None) -> None:
        assert code_of(verdict(HAPPENED, replace(FACTS, unique_taken_by=taken_by))) == code

    def test_a_witness_that_speaks_against_it_counts(self) -> None:
        found = verdict(HAPPENED, replace(FACTS, witness="did not"))
        assert found == Fault("till.ruling-against-record", number=7)
        assert verdict(HAPPENED, replace(FACTS, witness="happened")) is None

    @pytest.mark.parametrize(
        "change",
        [
            {"number": 42},
            {"unique_number": "AB13"},
            {"total_minor": 567},
            {"currency": "VND"},
            {"registered_ms": 12_000 + 60_000},
            {"key": "another"},
        ],
    )
    def test_what_the_operator_lists_is_what_was_typed(self, change: dict[str, Any]) -> None:
        facts = replace(FACTS, enquiry=replace(ENQUIRY, records=(replace(LISTED, **change),)))
        assert verdict(HAPPENED, facts) == Fault("fiscal.wrong-red-cheque-data", number=7)

    @pytest.mark.parametrize(
        ("change", "more", "code"),
        [
            ({}, False, "till.ruling-against-record"),
            ({}, True, None),
            ({"undelivered": 2}, False, None),
            ({"undelivered": None}, False, None),
        ],
    )
    def test_a_whole_list_without_it_speaks_against_it(
        self, change: dict[str, Any], more: bool, code: str | None
    ) -> None:
        enquiry = replace(ENQUIRY, records=(replace(LISTED, key="x", unique_number="y"),), more=more)
        assert code_of(verdict(HAPPENED, replace(FACTS, enquiry=enquiry, **change))) == code


class TestItDidNotHappen:
    @pytest.mark.parametrize(
        ("undelivered", "fault"),
        [
            (None, Fault("till.ruling-undelivered-unknown")),
            (1, Fault("till.ruling-undelivered", document_count=1)),
            (0, None),
        ],
    )
    def test_not_while_documents_wait(self, undelivered: int | None, fault: Fault | None) -> None:
        assert verdict(DID_NOT, replace(NOTHING_LISTED, undelivered=undelivered)) == fault

    def test_not_against_a_witness_or_the_operators_list(self) -> None:
        against = Fault("till.ruling-against-record", number=7)
        assert verdict(DID_NOT, replace(NOTHING_LISTED, witness="happened")) == against
        assert verdict(DID_NOT, FACTS) == against

    def test_a_list_that_is_not_whole_is_no_enquiry(self) -> None:
        more = replace(FACTS, enquiry=replace(ENQUIRY, records=(), more=True))
        assert verdict(DID_NOT, more) == Fault("till.ruling-enquiry-needed")
        assert verdict(DID_NOT, more, rules=PLAIN) is None


class TestTheEnquiry:
    @pytest.mark.parametrize(
        "enquiry",
        [
            None,
            replace(ENQUIRY, id=5),
            replace(ENQUIRY, operation="another"),
            replace(ENQUIRY, answered_ms=None),
            replace(ENQUIRY, asked_ms=SENT_MS - 1),
        ],
    )
    def test_it_is_about_this_receipt_answered_and_asked_after_it_left(self, enquiry: Any) -> None:
        for ruling in (HAPPENED, DID_NOT):
            facts = replace(FACTS, enquiry=enquiry)
            assert verdict(ruling, facts) == Fault("till.ruling-enquiry-needed")
            assert verdict(ruling, facts, rules=PLAIN) is None

    @pytest.mark.parametrize(
        ("spoke_with", "spoke_ms", "enough"),
        [
            ("Anna at the operator", 20_000, True),
            ("Anna at the operator", SENT_MS, True),
            ("Anna at the operator", None, False),
            (" ", 20_000, False),
            (None, 20_000, False),
        ],
    )
    def test_or_somebody_was_spoken_to(
        self, spoke_with: str | None, spoke_ms: int | None, enough: bool
    ) -> None:
        ruling = replace(DID_NOT, enquiry=None, spoke_with=spoke_with, spoke_ms=spoke_ms)
        found = verdict(ruling, replace(FACTS, enquiry=None))
        assert found == (None if enough else Fault("till.ruling-enquiry-needed"))

    @pytest.mark.parametrize(("spoke_ms", "reason"), [(SENT_MS - 1, "before-operation"), (40_001, "future")])
    def test_nobody_spoke_before_it_was_sent_or_later_than_now(self, spoke_ms: int, reason: str) -> None:
        for ruling in (HAPPENED, DID_NOT):
            said = replace(ruling, spoke_with="Anna at the operator", spoke_ms=spoke_ms)
            for rules in (STRICT, PLAIN):
                fault = Fault("till.ruling-field", field="spoke_at", reason=reason)
                assert verdict(said, FACTS, rules=rules) == fault


class TestThePersons:
    @pytest.mark.parametrize(
        ("person_role", "second", "second_role", "code"),
        [
            ("senior", "", "", None),
            ("administrator", "", "", None),
            ("cashier", "", "", "till.approval-needed"),
            ("cashier", "22", "senior", None),
            ("cashier", "22", "cashier", "till.approval-needed"),
            ("cashier", "21", "senior", "till.approval-needed"),
        ],
    )
    def test_one_of_them_has_the_right(
        self, person_role: str, second: str, second_role: str, code: str | None
    ) -> None:
        facts = replace(FACTS, person_role=person_role, second_role=second_role)
        assert code_of(verdict(replace(HAPPENED, second=second), facts)) == code
        assert code_of(verdict(replace(HAPPENED, second=second), facts, rules=PLAIN)) is None

    @pytest.mark.parametrize(
        ("total_minor", "second", "second_role", "code"),
        [
            (1_000, "", "", None),
            (1_001, "", "", "till.second-person-needed"),
            (1_001, "21", "senior", "till.second-person-needed"),
            (1_001, "22", "cashier", "till.second-person-needed"),
            (1_001, "22", "senior", None),
        ],
    )
    def test_above_a_sum_there_are_two(
        self, total_minor: int, second: str, second_role: str, code: str | None
    ) -> None:
        large = replace(RED, content=replace(SALE_CONTENT, total_minor=total_minor))
        enquiry = replace(ENQUIRY, records=(replace(LISTED, total_minor=total_minor),))
        facts = replace(FACTS, second_role=second_role, enquiry=enquiry)
        assert code_of(verdict(replace(HAPPENED, second=second), facts, of=large)) == code

    def test_where_anybody_may_rule_the_second_is_anybody_else(self) -> None:
        rules = replace(STRICT, approvals=())
        large = replace(RED, content=replace(SALE_CONTENT, total_minor=1_001))
        facts = replace(NOTHING_LISTED, second_role="cashier")
        assert verdict(replace(DID_NOT, second="12"), facts, of=large, rules=rules) is None
        assert code_of(verdict(DID_NOT, facts, of=large, rules=rules)) == "till.second-person-needed"
