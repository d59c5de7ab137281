"""Requests of each kind that are wrong in themselves, and the exact code that says so."""

from dataclasses import replace
from typing import Any

import pytest

from tests.operations.rules_for_tests import PLAIN, SALE_CONTENT, SALE_UID, STRICT, WHOLE, refund_content
from tillwright.kernel.fault import Fault
from tillwright.operations.contents import content_fault
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Content, Line, Tender

CASH = (Tender("cash", 500),)
REFUND = refund_content(*WHOLE)
MOVED = Content("EUR", 500, (), CASH)
SHIFT = Content("EUR", 0, (), (), shift=4)
CORRECTION = Content("EUR", -30, (), ())
EXCHANGED = replace(SALE_CONTENT, tenders=(Tender("cash", 68), Tender("exchange", 500)), exchange="other")
GOOD = {
    "cash-sale": SALE_CONTENT,
    "refund": REFUND,
    "void": REFUND,
    "cash-in": MOVED,
    "cash-out": MOVED,
    "payout": replace(MOVED, parent=SALE_UID),
    "shift-open": SHIFT,
    "shift-close": SHIFT,
    "correction": CORRECTION,
}


def test_each_kind_has_a_request_that_is_right() -> None:
    assert set(GOOD) == set(KINDS)
    for kind, content in GOOD.items():
        assert content_fault(kind, content, PLAIN) is None, kind


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_stranger_of_a_currency_or_kind_is_refused(kind: str) -> None:
    found = content_fault(kind, replace(GOOD[kind], currency="USD"), PLAIN)
    assert found == Fault("till.wrong-currency", currency="USD")
    without = replace(PLAIN, kinds=tuple(k for k in PLAIN.kinds if k.name != kind), red_blocks=())
    assert content_fault(kind, GOOD[kind], without) == Fault("till.kind-not-supported", kind=kind)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_parent_is_named_where_there_is_one_and_nowhere_else(kind: str) -> None:
    named = GOOD[kind].parent
    other = replace(GOOD[kind], parent="" if named else SALE_UID)
    assert content_fault(kind, other, PLAIN) == Fault("till.parent-unknown")


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("refund", {"lines": (replace(WHOLE[0], of=0), WHOLE[1])}, "till.line-invalid"),
        ("refund", {"lines": (WHOLE[0], replace(WHOLE[1], of=1))}, "till.line-invalid"),
        ("refund", {"lines": (replace(WHOLE[0], of=-1), WHOLE[1])}, "till.line-invalid"),
        ("refund", {"lines": (replace(WHOLE[0], discount_minor=-1), WHOLE[1])}, "till.line-invalid"),
        ("refund", {"lines": WHOLE[:1]}, "till.total-mismatch"),
        ("refund", {"lines": (), "total_minor": 568}, None),
        ("refund", {"lines": (), "total_minor": 0, "tenders": ()}, "till.total-out-of-bounds"),
        ("refund", {"lines": WHOLE * 2}, "till.lines-out-of-bounds"),
        ("refund", {"tenders": ()}, None),
        ("refund", {"tenders": (Tender("cash", 567),)}, "till.tender-mismatch"),
        ("refund", {"tenders": (Tender("cash", 569),)}, "till.tender-mismatch"),
        ("refund", {"tenders": (Tender("card", 568),)}, "till.tender-mismatch"),
        ("refund", {"tenders": (Tender("exchange", 568),)}, "till.tender-mismatch"),
        ("refund", {"tenders": (Tender("exchange", 568),), "exchange": "other"}, None),
        ("refund", {"tenders": (Tender("cash", 68), Tender("exchange", 500)), "exchange": "o"}, None),
        ("refund", {"exchange": "other"}, "till.tender-mismatch"),
        ("void", {"tenders": (Tender("exchange", 568),), "exchange": "other"}, "till.tender-mismatch"),
        ("cash-in", {"tenders": ()}, None),
        ("cash-in", {"tenders": (Tender("exchange", 500),), "exchange": "o"}, "till.tender-mismatch"),
        ("cash-in", {"lines": WHOLE}, "till.line-invalid"),
        ("cash-out", {"total_minor": 0, "tenders": ()}, "till.total-out-of-bounds"),
        ("cash-out", {"total_minor": 10_001, "tenders": ()}, "till.total-out-of-bounds"),
        ("cash-out", {"tenders": (Tender("cash", 499),)}, "till.tender-mismatch"),
        ("shift-open", {"shift": 0}, "till.shift-closed"),
        ("shift-open", {"total_minor": 1}, "till.total-mismatch"),
        ("shift-close", {"tenders": CASH}, "till.total-mismatch"),
        ("shift-close", {"lines": WHOLE}, "till.line-invalid"),
        ("correction", {"total_minor": 0}, "till.correction-nothing"),
        ("correction", {"total_minor": -10_001}, "till.total-out-of-bounds"),
        ("correction", {"total_minor": -10_000}, None),
        ("correction", {"tenders": CASH}, "till.tender-mismatch"),
        ("correction", {"lines": WHOLE}, "till.line-invalid"),
    ],
)
def test_what_is_wrong_has_its_own_code(kind: str, change: dict[str, Any], code: str | None) -> None:
    found = content_fault(kind, replace(GOOD[kind], **change), PLAIN)
    assert (None if found is None else found.code) == code


@pytest.mark.parametrize(
    ("tenders", "code"),
    [
        ((Tender("cash", 100), Tender("exchange", 500)), None),
        ((Tender("exchange", 568),), None),
        ((Tender("cash", 67), Tender("exchange", 500)), "till.tender-too-small"),
        ((Tender("exchange", 569),), "till.tender-mismatch"),
        ((Tender("cash", 1), Tender("exchange", 569)), "till.tender-mismatch"),
        ((Tender("exchange", 500), Tender("exchange", 68)), "till.tender-mismatch"),
        ((Tender("cash", 568),), "till.tender-mismatch"),
    ],
)
def test_change_comes_from_cash_alone(tenders: tuple[Tender, ...], code: str | None) -> None:
    found = content_fault("cash-sale", replace(EXCHANGED, tenders=tenders), PLAIN)
    assert (None if found is None else found.code) == code


def test_a_reason_is_one_of_the_packs() -> None:
    assert content_fault("refund", REFUND, STRICT) is None
    for reason in ("", "mood"):
        found = content_fault("refund", replace(REFUND, reason=reason), STRICT)
        assert found == Fault("till.reason-missing", purpose="refund")
    assert content_fault("void", replace(REFUND, reason=""), STRICT) is None


def test_a_line_with_a_discount_is_a_line() -> None:
    line = Line("milk", "Milk", 1_000, 90, 100, discount_minor=10)
    assert content_fault("cash-sale", Content("EUR", 90, (line,), (Tender("cash", 90),)), PLAIN) is None
