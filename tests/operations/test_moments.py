"""What stands against a request at a moment: each guard alone, with the exact code and its figures."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.rules_for_tests import (
    BLOCKING,
    OTHER_UID,
    PLAIN,
    SALE,
    SALE_CONTENT,
    SALE_UID,
    STRICT,
    WHOLE,
    operation,
    refund_content,
)
from tillwright.kernel.fault import Fault
from tillwright.operations.guards import Facts, Grant, Request, moment_fault
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content, Line, Tender
from tillwright.operations.moments import purposes_of
from tillwright.operations.offline import Undelivered
from tillwright.operations.refunds import lines_of
from tillwright.operations.states import OperationState

MOVED = Content("EUR", 500, (), (Tender("cash", 500),))
CLOSE = Content("EUR", 0, (), (), shift=4, count="count-1")
CORRECTION = Content("EUR", -30, (), ())
OWED = replace(operation(SALE_UID, "refund", refund_content(*WHOLE)), owed=True)
CONTENTS = {
    "cash-sale": SALE_CONTENT,
    "refund": refund_content(*WHOLE),
    "void": refund_content(*WHOLE),
    "cash-in": MOVED,
    "cash-out": MOVED,
    "payout": replace(MOVED, total_minor=568, tenders=(), parent=SALE_UID),
    "shift-open": Content("EUR", 0, (), (), shift=5),
    "shift-close": CLOSE,
    "correction": CORRECTION,
}
CLEAR = Facts(
    open_number=None,
    red_numbers=(),
    drawer_minor=2_000,
    now_ms=50_000,
    shift=4,
    parent=SALE,
    parent_left_minor=568,
    parent_lines_left=lines_of(SALE_CONTENT.lines),
    device_cash_minor=2_000,
    count="count-1",
)
"""Nothing stands against anything, but what a kind needs of its own."""
OWN: dict[str, dict[str, Any]] = {
    "payout": {"parent": OWED},
    "shift-open": {"shift": None},
    "correction": {"hold": "correction", "device_cash_minor": 1_970},
    "shift-close": {"drawer_minor": 0, "device_cash_minor": 0},
}
BOTH = (
    Grant("21", "senior", "refund"),
    Grant("21", "senior", "void"),
    Grant("31", "administrator", "correction"),
)


def request(kind: str, **change: Any) -> Request:
    return replace(Request(OTHER_UID, "1", kind, "11", CONTENTS[kind], role="cashier"), **change)


def facts(kind: str, **change: Any) -> Facts:
    return replace(CLEAR, **{"approvals": BOTH, **OWN.get(kind, {}), **change})


def code_of(fault: Fault | None) -> str | None:
    return None if fault is None else fault.code


@pytest.mark.parametrize("rules", [PLAIN, STRICT], ids=["plain", "strict"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_may_begin_when_nothing_stands_against_it(kind: str, rules: Any) -> None:
    assert moment_fault(request(kind), facts(kind), rules) is None


class TestTheTill:
    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_red_receipt_blocks_what_the_pack_says_and_always_the_end(self, kind: str) -> None:
        blocked = kind in ("cash-sale", "refund", "shift-close", "correction")
        found = moment_fault(request(kind), facts(kind, red_numbers=(3, 5)), PLAIN)
        assert found == (Fault("till.red-blocks", number=3) if blocked else None)

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_one_till_does_one_thing(self, kind: str) -> None:
        found = moment_fault(request(kind), facts(kind, open_number=9), STRICT)
        assert found == Fault("till.operation-open", number=9)

    @pytest.mark.parametrize("hold", ["count", "close", "correction"])
    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_till_that_is_held_does_only_what_it_is_held_for(self, kind: str, hold: str) -> None:
        may = {"count": (), "close": ("cash-out", "shift-close"), "correction": ("correction",)}[hold]
        found = moment_fault(request(kind), facts(kind, hold=hold), STRICT)
        assert found == (None if kind in may else Fault("till.held", purpose=hold))

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_restored_till_begins_nothing_before_it_has_read_its_device(self, kind: str) -> None:
        found = moment_fault(request(kind), facts(kind, catching_up=True), STRICT)
        assert found == Fault("till.catching-up")

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_what_a_diagnosis_forbids_meanwhile_is_not_begun(self, kind: str) -> None:
        found = moment_fault(request(kind), facts(kind, forbidden_by="printer.offline"), STRICT)
        assert found == Fault("till.forbidden-now", fault="printer.offline")

    @pytest.mark.parametrize("kind", sorted(set(KINDS) - {"shift-open"}))
    def test_without_a_shift_nothing_is_done_where_the_pack_has_shifts(self, kind: str) -> None:
        assert moment_fault(request(kind), facts(kind, shift=None), STRICT) == Fault("till.shift-closed")
        assert code_of(moment_fault(request(kind), facts(kind, shift=None), PLAIN)) is None

    def test_a_shift_is_opened_once_and_the_open_one_is_closed(self) -> None:
        found = moment_fault(request("shift-open"), facts("shift-open", shift=4), STRICT)
        assert found == Fault("till.shift-already-open", shift=4)
        found = moment_fault(request("shift-close"), facts("shift-close", shift=5), STRICT)
        assert found == Fault("till.shift-closed")


class TestTheParties:
    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_a_blocked_till_may_only_come_to_its_end(self, kind: str) -> None:
        allowed = kind in ("cash-out", "shift-close", "payout", "correction")
        blocked = facts(kind, operator_state="blocked", operator_reason="debt")
        found = moment_fault(request(kind), blocked, STRICT)
        assert found == (None if allowed else Fault("fiscal.register-blocked", reason="debt"))

    @pytest.mark.parametrize(
        ("until_ms", "remaining_s"), [(None, 60), (50_001, 1), (51_000, 1), (51_001, 2), (50_000, None)]
    )
    def test_a_warning_stands_for_its_time_from_when_it_was_shown(
        self, until_ms: int | None, remaining_s: int | None
    ) -> None:
        warned = facts(
            "shift-open",
            operator_state="warning",
            operator_reason="debt",
            operator_date="2026-08-01",
            warning_until_ms=until_ms,
        )
        found = moment_fault(request("shift-open"), warned, STRICT)
        assert (None if found is None else found.facts["remaining_s"]) == remaining_s
        sold = moment_fault(request("cash-sale"), replace(warned, shift=4), STRICT)
        assert sold is None

    @pytest.mark.parametrize(
        ("kind", "code"),
        [("shift-open", BLOCKING), ("cash-sale", BLOCKING), ("refund", None), ("cash-in", None)],
    )
    def test_what_the_licence_forbids_is_selling(self, kind: str, code: str | None) -> None:
        told = (
            Fault("fiscal.billing-subscription-ending", account="1", contact="x", date="d"),
            Fault(BLOCKING, account="1", contact="x"),
        )
        for age_ms, wanted in ((None, None), (500, code)):
            known = facts(kind, licence=told, licence_age_ms=age_ms)
            assert code_of(moment_fault(request(kind), known, STRICT)) == wanted

    def test_what_was_last_known_of_the_licence_serves_for_its_grace(self) -> None:
        old = facts("cash-sale", licence_age_ms=501)
        found = moment_fault(request("cash-sale"), old, STRICT)
        assert found == Fault("fiscal.licence-unreachable", age_ms=501)
        assert moment_fault(request("cash-sale"), old, PLAIN) is None

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_when_too_much_waits_for_the_operator_only_the_end_is_left(self, kind: str) -> None:
        late = facts(kind, undelivered=Undelivered(1, 0, 0, 1_000))
        allowed = kind in ("cash-out", "shift-close", "payout", "correction")
        found = moment_fault(request(kind), late, STRICT)
        assert code_of(found) == (None if allowed else "fiscal.offline-limit")
        assert moment_fault(request(kind), late, PLAIN) is None

    @pytest.mark.parametrize(("kind", "code"), [("cash-sale", "fiscal.offline-limit"), ("refund", None)])
    def test_a_sale_counts_with_what_waits(self, kind: str, code: str | None) -> None:
        late = facts(kind, undelivered=Undelivered(1, 1_500, 0, 1))
        assert code_of(moment_fault(request(kind), late, STRICT)) == code


class TestTakingBack:
    @pytest.mark.parametrize("kind", ["refund", "void"])
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"parent": None}, "till.parent-unknown"),
            ({"parent": operation(SALE_UID, "cash-in", MOVED)}, "till.parent-unknown"),
            ({"parent": replace(SALE, content=replace(SALE_CONTENT, currency="VND"))}, "till.parent-unknown"),
            ({"parent": replace(SALE, state=OperationState.RED)}, "till.parent-not-done"),
            ({"parent": replace(SALE, state=OperationState.REFUSED)}, "till.parent-not-done"),
            ({"successor_number": 12}, "till.successor-unfinished"),
            ({"parent_left_minor": 567}, "till.refund-exceeds-sale"),
            ({"parent_lines_left": lines_of(SALE_CONTENT.lines[:1])}, "till.line-invalid"),
            ({"device_cash_minor": 567}, "fiscal.negative-shift-balance"),
            ({"device_cash_minor": 568}, None),
            ({"device_cash_minor": None}, None),
            ({"drawer_minor": 567}, "till.not-enough-cash"),
        ],
    )
    def test_a_sale_is_taken_back_only_as_it_stands(
        self, kind: str, change: dict[str, Any], code: str | None
    ) -> None:
        assert code_of(moment_fault(request(kind), facts(kind, **change), STRICT)) == code

    def test_the_refusal_names_both_sums(self) -> None:
        found = moment_fault(request("refund"), facts("refund", parent_left_minor=100), STRICT)
        assert found == Fault("till.refund-exceeds-sale", currency="EUR", left_minor=100, total_minor=568)
        found = moment_fault(request("refund"), facts("refund", device_cash_minor=5), STRICT)
        assert found == Fault(
            "fiscal.negative-shift-balance", currency="EUR", device_minor=5, amount_minor=568
        )

    @pytest.mark.parametrize(
        ("parent", "code"),
        [
            (replace(SALE, shift=3), "till.void-other-shift"),
            (replace(SALE, till="2"), "till.void-other-shift"),
            (
                replace(SALE, content=replace(SALE_CONTENT, tenders=(Tender("exchange", 568),))),
                "till.tender-mismatch",
            ),
            (replace(SALE, content=replace(SALE_CONTENT, total_minor=569)), "till.refund-exceeds-sale"),
        ],
    )
    def test_a_void_takes_back_all_of_a_sale_of_this_shift_and_till(self, parent: Any, code: str) -> None:
        assert code_of(moment_fault(request("void"), facts("void", parent=parent), STRICT)) == code

    def test_where_there_are_no_shifts_a_void_is_always_in_the_same_one(self) -> None:
        other = replace(SALE, shift=3)
        assert moment_fault(request("void"), facts("void", parent=other), PLAIN) is None


HALF = (Tender("cash", 68), Tender("exchange", 500))
SOLD = operation(
    "00000000-0000-4000-8000-00000000000b",
    "cash-sale",
    replace(SALE_CONTENT, tenders=HALF, exchange=OTHER_UID),
)
EXCHANGE = replace(CONTENTS["refund"], tenders=HALF, exchange=SOLD.uid)


class TestExchange:
    @pytest.mark.parametrize(
        ("sale", "code"),
        [
            (SOLD, None),
            (None, "till.parent-unknown"),
            (replace(SOLD, kind="refund"), "till.parent-unknown"),
            (replace(SOLD, state=OperationState.RED), "till.parent-not-done"),
            (replace(SOLD, content=replace(SOLD.content, exchange="another")), "till.exchange-invalid"),
            (replace(SOLD, content=replace(SOLD.content, tenders=HALF[:1])), "till.exchange-invalid"),
        ],
    )
    def test_the_refund_follows_the_sale_that_it_pays_for(self, sale: Any, code: str | None) -> None:
        asked = request("refund", content=EXCHANGE, role="senior")
        assert code_of(moment_fault(asked, facts("refund", exchange=sale), STRICT)) == code

    def test_a_refund_that_failed_may_be_tried_again(self) -> None:
        sale = replace(SOLD, content=replace(SOLD.content, exchange="the first attempt"))
        asked = request("refund", content=EXCHANGE, role="senior")
        assert moment_fault(asked, facts("refund", exchange=sale, exchange_retry=True), STRICT) is None
        plain = replace(sale, content=replace(sale.content, exchange=""))
        found = moment_fault(asked, facts("refund", exchange=plain, exchange_retry=True), STRICT)
        assert found == Fault("till.exchange-invalid")

    def test_only_the_rest_needs_cash(self) -> None:
        asked = request("refund", content=EXCHANGE, role="senior")
        assert moment_fault(asked, facts("refund", exchange=SOLD, drawer_minor=68), STRICT) is None
        found = moment_fault(asked, facts("refund", exchange=SOLD, drawer_minor=67), STRICT)
        assert found == Fault("till.not-enough-cash", currency="EUR", amount_minor=68, drawer_minor=67)

    def test_one_approval_serves_both_halves(self) -> None:
        asked = request("refund", content=EXCHANGE)
        found = moment_fault(asked, facts("refund", exchange=SOLD, approvals=()), STRICT)
        assert found == Fault("till.approval-needed", purpose="exchange", role="senior")
        approved = replace(SOLD, approved_by=("21",))
        assert moment_fault(asked, facts("refund", exchange=approved, approvals=()), STRICT) is None


class TestCash:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({}, None),
            ({"parent": SALE}, "till.parent-unknown"),
            ({"parent": None}, "till.parent-unknown"),
            ({"parent": replace(OWED, owed=False)}, "till.parent-unknown"),
            ({"parent": replace(OWED, state=OperationState.RED)}, "till.parent-not-done"),
            ({"successor_number": 3}, "till.successor-unfinished"),
            ({"parent_left_minor": 0}, "till.refund-exceeds-sale"),
            ({"drawer_minor": 567}, "till.not-enough-cash"),
            ({"device_cash_minor": 0}, None),
        ],
    )
    def test_what_is_owed_is_paid_once_and_whole(self, change: dict[str, Any], code: str | None) -> None:
        assert code_of(moment_fault(request("payout"), facts("payout", **change), STRICT)) == code

    def test_of_an_exchange_only_the_cash_is_owed(self) -> None:
        owed = replace(OWED, content=replace(OWED.content, tenders=HALF))
        found = moment_fault(request("payout"), facts("payout", parent=owed), STRICT)
        assert found == Fault("till.refund-exceeds-sale", currency="EUR", left_minor=68, total_minor=568)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"device_cash_minor": 499}, "fiscal.negative-shift-balance"),
            ({"drawer_minor": 499}, "till.not-enough-cash"),
        ],
    )
    def test_a_cash_out_is_covered_twice(self, change: dict[str, Any], code: str) -> None:
        assert code_of(moment_fault(request("cash-out"), facts("cash-out", **change), STRICT)) == code

    def test_change_comes_from_the_drawer(self) -> None:
        found = moment_fault(request("cash-sale"), facts("cash-sale", drawer_minor=31), STRICT)
        assert found == Fault("till.change-exceeds-drawer", currency="EUR", change_minor=32, drawer_minor=31)

    def test_who_pays_exactly_may_always_buy(self) -> None:
        """Also while the book holds less than nothing, until somebody has found out why."""
        sale = CONTENTS["cash-sale"]
        exact = request("cash-sale", content=replace(sale, tenders=(Tender("cash", sale.total_minor),)))
        assert moment_fault(exact, facts("cash-sale", drawer_minor=-1), STRICT) is None
        found = moment_fault(request("cash-sale"), facts("cash-sale", drawer_minor=-1), STRICT)
        assert code_of(found) == "till.change-exceeds-drawer"


class TestTheEndOfAShift:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"count": ""}, "till.count-missing"),
            ({"count": "count-2"}, "till.count-missing"),
            ({"drawer_minor": 5, "device_cash_minor": 5}, "till.cash-not-withdrawn"),
            ({"device_cash_minor": None}, "fiscal.sko-disconnected"),
            ({"device_cash_minor": 7}, "fiscal.cash-mismatch-at-shift-close"),
            ({"differing_document": 12}, "till.documents-differ"),
        ],
    )
    def test_a_shift_is_closed_only_when_all_agrees(self, change: dict[str, Any], code: str) -> None:
        assert code_of(moment_fault(request("shift-close"), facts("shift-close", **change), STRICT)) == code

    def test_a_close_without_a_count_is_refused(self) -> None:
        asked = request("shift-close", content=replace(CLOSE, count=""))
        assert moment_fault(asked, facts("shift-close", count=""), STRICT) == Fault("till.count-missing")

    def test_where_the_drawer_may_stay_full_it_may(self) -> None:
        full = facts("shift-close", drawer_minor=5, device_cash_minor=5)
        assert moment_fault(request("shift-close"), full, PLAIN) is None

    def test_what_is_owed_still_lies_in_the_drawer_but_not_in_the_devices_count(self) -> None:
        owing = facts("shift-close", drawer_minor=50, device_cash_minor=20, owed_minor=30)
        assert moment_fault(request("shift-close"), owing, PLAIN) is None
        assert owing.book_minor == 20


class TestCorrection:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"hold": None}, "till.too-late"),
            ({"device_cash_minor": None}, "fiscal.sko-disconnected"),
            ({"device_cash_minor": 2_000}, "till.correction-nothing"),
            ({"device_cash_minor": 1_971}, "till.correction-not-equal"),
            ({"device_cash_minor": 2_030}, "till.correction-not-equal"),
            ({"explained_by": (7, 8)}, "till.correction-explained"),
        ],
    )
    def test_it_corrects_exactly_what_was_shown(self, change: dict[str, Any], code: str) -> None:
        assert code_of(moment_fault(request("correction"), facts("correction", **change), STRICT)) == code


DISCOUNTED = replace(
    SALE_CONTENT,
    lines=(Line("milk", "Milk", 1_000, 568, 600, discount_minor=32),),
    tenders=(Tender("cash", 568),),
)


class TestApprovals:
    def test_what_needs_one(self) -> None:
        assert purposes_of(request("cash-sale")) == ()
        assert purposes_of(request("cash-sale", content=DISCOUNTED)) == ("discount",)
        both = replace(DISCOUNTED, exchange="other")
        assert purposes_of(request("cash-sale", content=both)) == ("exchange", "discount")
        assert purposes_of(request("refund")) == ("refund",)
        assert purposes_of(request("refund", content=EXCHANGE)) == ("exchange",)
        for kind in ("void", "cash-out", "correction"):
            assert purposes_of(request(kind)) == (kind,)
        for kind in ("cash-in", "payout", "shift-open", "shift-close"):
            assert purposes_of(request(kind)) == ()

    @pytest.mark.parametrize(
        ("approvals", "code"),
        [
            ((), "till.approval-needed"),
            ((Grant("21", "senior", "void"),), "till.approval-needed"),
            ((Grant("12", "cashier", "refund"),), "till.approval-needed"),
            ((Grant("21", "senior", "refund"),), None),
            ((Grant("31", "administrator", "refund"),), None),
        ],
    )
    def test_the_right_person_for_the_right_purpose(self, approvals: Any, code: str | None) -> None:
        assert code_of(moment_fault(request("refund"), facts("refund", approvals=approvals), STRICT)) == code

    def test_a_senior_who_asks_needs_nobody(self) -> None:
        assert moment_fault(request("refund", role="senior"), facts("refund", approvals=()), STRICT) is None
        assert moment_fault(request("refund", role=""), facts("refund", approvals=()), PLAIN) is None

    def test_an_approval_that_does_not_hold_is_told_as_such(self) -> None:
        asked = request("refund", approvals=("a", "b", "c", "d"))
        assert moment_fault(asked, facts("refund"), STRICT) == Fault("till.approval-invalid")

    @pytest.mark.parametrize(
        ("total_minor", "approvals", "role", "code"),
        [
            (1_000, (), "senior", None),
            (1_001, (), "senior", "till.second-person-needed"),
            (1_001, (Grant("11", "senior", "correction"),), "senior", "till.second-person-needed"),
            (1_001, (Grant("21", "senior", "correction"),), "senior", None),
            (-1_001, (), "senior", "till.second-person-needed"),
        ],
    )
    def test_above_a_sum_two_persons(
        self, total_minor: int, approvals: Any, role: str, code: str | None
    ) -> None:
        rules = replace(
            STRICT,
            approvals=tuple(
                replace(rule, role="senior") if rule.purpose == "correction" else rule
                for rule in STRICT.approvals
            ),
        )
        asked = request("correction", content=replace(CORRECTION, total_minor=total_minor), role=role)
        known = facts("correction", device_cash_minor=2_000 + total_minor, approvals=approvals)
        assert code_of(moment_fault(asked, known, rules)) == code

    def test_a_discount_needs_no_second_person(self) -> None:
        large = replace(
            DISCOUNTED,
            total_minor=2_000,
            lines=(replace(DISCOUNTED.lines[0], total_minor=2_000),),
            tenders=(Tender("cash", 2_000),),
        )
        asked = request("cash-sale", content=large, role="senior")
        assert moment_fault(asked, facts("cash-sale"), STRICT) is None
        found = moment_fault(replace(asked, role="cashier"), facts("cash-sale"), STRICT)
        assert found == Fault("till.approval-needed", purpose="discount", role="senior")
