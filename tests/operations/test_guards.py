"""What must hold before an operation may begin; each refusal names its code, and the bounds are exact."""

from dataclasses import replace

import pytest

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules, KindRules, LegRules, PackRules
from tillwright.operations.guards import Facts, Request, content_fault, moment_fault
from tillwright.operations.model import Content, Line, Tender

RULES = PackRules(
    name="test",
    currencies=(CurrencyRules("EUR", 2, 10_000, (500, 100)), CurrencyRules("VND", 0, 90_000, (1_000,))),
    languages=("en",),
    kinds=(KindRules("cash-sale", (LegRules("control", "register", commit=True),)), KindRules("refund", ())),
    receivers=(),
    red_blocks=("cash-sale",),
    maximum_lines=3,
    red_after_ms=5_000,
    connect_within_ms=2_000,
    answer_within_ms=3_000,
    resend_delays_ms=(200,),
    inquire_delays_ms=(0, 1_000),
    question_ms=60_000,
    device_clock_tolerance_ms=1_000,
    wait_cap_ms=25_000,
    reserve_bytes=1,
)
LINE = Line("milk", "Milk", 1_000, 100)
GOOD = Content("EUR", 100, (LINE,), (Tender("cash", 200),))


def content(lines: tuple[Line, ...], tendered_minor: int | None = None, currency: str = "EUR") -> Content:
    total_minor = sum(line.total_minor for line in lines)
    paid_minor = total_minor if tendered_minor is None else tendered_minor
    return Content(currency, total_minor, lines, (Tender("cash", paid_minor),))


def code_of(fault: Fault | None) -> str | None:
    return None if fault is None else fault.code


def test_a_good_basket_passes() -> None:
    assert content_fault("cash-sale", GOOD, RULES) is None
    assert content_fault("cash-sale", replace(GOOD, currency="VND"), RULES) is None


@pytest.mark.parametrize("kind", ["void", "cash-in", "", "nonsense"])
def test_a_kind_that_cannot_be_begun_is_refused_by_name(kind: str) -> None:
    assert content_fault(kind, GOOD, RULES) == Fault("till.kind-not-supported", kind=kind)


def test_a_kind_that_the_pack_does_not_have_is_refused() -> None:
    without = replace(RULES, kinds=RULES.kinds[1:], red_blocks=())
    assert code_of(content_fault("cash-sale", GOOD, without)) == "till.kind-not-supported"


def test_another_currency_is_refused() -> None:
    assert code_of(content_fault("cash-sale", replace(GOOD, currency="USD"), RULES)) == "till.wrong-currency"


@pytest.mark.parametrize(
    ("line_count", "code"),
    [(0, "till.basket-empty"), (1, None), (3, None), (4, "till.lines-out-of-bounds")],
)
def test_the_number_of_lines_has_bounds(line_count: int, code: str | None) -> None:
    assert code_of(content_fault("cash-sale", content((LINE,) * line_count), RULES)) == code


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (replace(LINE, goods=""), "goods"),
        (replace(LINE, quantity_milli=-1), "quantity_milli"),
        (replace(LINE, total_minor=-1), "total_minor"),
        (replace(LINE, price_minor=-1), "price_minor"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(line: Line, reason: str) -> None:
    found = content_fault("cash-sale", content((LINE, LINE, line)), RULES)
    assert found == Fault("till.line-invalid", line=3, reason=reason)


def test_a_line_may_cost_nothing_but_not_all() -> None:
    free = replace(LINE, total_minor=0, quantity_milli=0)
    assert content_fault("cash-sale", content((LINE, free)), RULES) is None
    assert code_of(content_fault("cash-sale", content((free,)), RULES)) == "till.total-out-of-bounds"


@pytest.mark.parametrize(
    ("total_minor", "code"), [(10_000, None), (10_001, "till.total-out-of-bounds"), (1, None)]
)
def test_the_total_has_bounds(total_minor: int, code: str | None) -> None:
    assert (
        code_of(content_fault("cash-sale", content((replace(LINE, total_minor=total_minor),)), RULES)) == code
    )


@pytest.mark.parametrize("total_minor", [99, 101])
def test_lines_and_total_must_agree(total_minor: int) -> None:
    found = content_fault("cash-sale", replace(GOOD, total_minor=total_minor), RULES)
    assert found is not None
    assert found.code == "till.total-mismatch"
    assert found.facts["lines_minor"] == 100


@pytest.mark.parametrize(
    ("tenders", "code"),
    [
        ((Tender("cash", 100),), None),
        ((Tender("cash", 99),), "till.tender-too-small"),
        ((), "till.tender-too-small"),
        ((Tender("card", 100),), "till.tender-mismatch"),
        ((Tender("cash", 60), Tender("cash", 40)), "till.tender-mismatch"),
        ((Tender("cash", 0),), "till.tender-mismatch"),
        ((Tender("cash", -1),), "till.tender-mismatch"),
    ],
)
def test_what_is_handed_over_must_cover_the_total(tenders: tuple[Tender, ...], code: str | None) -> None:
    assert code_of(content_fault("cash-sale", replace(GOOD, tenders=tenders), RULES)) == code


# ── the moment ────────────────────────────────────────────────────────────────────────────────────

REQUEST = Request("uid", "1", "cash-sale", "11", GOOD)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(None, (), 100), None),
        (Facts(None, (), 99), "till.change-exceeds-drawer"),
        (Facts(4, (), 100), "till.operation-open"),
        (Facts(None, (2, 3), 100), "till.red-blocks"),
        (Facts(4, (2, 3), 0), "till.red-blocks"),
    ],
)
def test_the_moment_must_be_right(facts: Facts, code: str | None) -> None:
    assert code_of(moment_fault(REQUEST, facts, RULES)) == code


def test_the_oldest_red_receipt_is_named() -> None:
    assert moment_fault(REQUEST, Facts(None, (2, 3), 100), RULES) == Fault("till.red-blocks", number=2)


def test_a_red_receipt_blocks_only_what_the_pack_says() -> None:
    assert moment_fault(REQUEST, Facts(None, (2,), 100), replace(RULES, red_blocks=())) is None
