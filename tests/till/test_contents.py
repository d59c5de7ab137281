"""What refunds, voids, cash and exchanges ask for."""

import pytest

from tillwright.kernel.fault import FaultError
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.refunds import LineLeft, lines_of
from tillwright.operations.states import OperationState
from tillwright.till import contents
from tillwright.till.contents import Exchange, Returnable

LINES = (
    Line("1001", "Milk", 3_000, 567, 189),
    Line("1004", "Apples", 375, 93, 249),
    Line("1002", "Bread", 2_000, 432, 240, discount_minor=48),
)


def sale() -> Operation:
    content = Content("EUR", 1_092, LINES, (Tender("cash", 1_092),))
    return Operation("s", "1", 5, "cash-sale", "7", 1, content, "h", 0, 0, (), state=OperationState.DONE)


def offered(left: list[LineLeft] | None = None) -> list[Returnable]:
    return contents.returnables(sale(), left or lines_of(LINES))


def refused(picked: dict[int, int]) -> str:
    with pytest.raises(FaultError) as caught:
        contents.returned_lines(sale(), offered(), picked)
    return caught.value.fault.code


def left_of(rows: list[Returnable]) -> list[tuple[int, int]]:
    return [(one.left.left_milli, one.left.left_minor) for one in rows]


def test_everything_of_an_untouched_sale_may_come_back() -> None:
    assert left_of(offered()) == [
        (3_000, 567),
        (375, 93),
        (2_000, 432),
    ]


def test_a_part_is_worth_its_share_and_carries_its_line() -> None:
    lines = contents.returned_lines(sale(), offered(), {1: 1_000, 3: 1_000})
    assert [(line.of, line.quantity_milli, line.total_minor, line.discount_minor) for line in lines] == [
        (1, 1_000, 189, 0),
        (3, 1_000, 216, 24),
    ]
    content = contents.refund_content(sale(), lines, "defective")
    assert (content.total_minor, content.parent, content.reason) == (405, "s", "defective")
    assert content.tenders == (Tender("cash", 405),)


def test_what_has_come_back_before_is_not_offered_again() -> None:
    left = [LineLeft(1, 3_000, 567, 2_000, 378), LineLeft(2, 375, 93, 375, 93), lines_of(LINES)[2]]
    assert left_of(offered(left)) == [
        (1_000, 189),
        (0, 0),
        (2_000, 432),
    ]


@pytest.mark.parametrize("picked", [{1: 4_000}, {1: -1_000}, {1: 500}, {2: 376}])
def test_more_or_less_than_there_was_is_refused(picked: dict[int, int]) -> None:
    assert refused(picked) == "till.line-invalid"


@pytest.mark.parametrize("picked", [{}, {1: 0}, {9: 1_000}])
def test_nothing_cannot_come_back(picked: dict[int, int]) -> None:
    assert refused(picked) == "till.basket-empty"


def test_weighed_goods_come_back_in_any_part() -> None:
    (line,) = contents.returned_lines(sale(), offered(), {2: 100})
    assert (line.quantity_milli, line.total_minor) == (100, 25)


def test_a_void_names_every_line() -> None:
    content = contents.void_content(sale(), "mistake")
    assert [line.of for line in content.lines] == [1, 2, 3]
    assert (content.total_minor, content.parent) == (1_092, "s")


def test_cash_has_no_lines() -> None:
    content = contents.cash_content("EUR", 5_000, "float")
    assert (content.lines, content.tenders, content.total_minor) == ((), (Tender("cash", 5_000),), 5_000)


@pytest.mark.parametrize(
    ("returned", "chosen", "tendered", "sale_tenders", "refund_tenders"),
    [
        (189, 240, 100, {"cash": 100, "exchange": 189}, {"exchange": 189}),
        (240, 189, 0, {"exchange": 189}, {"cash": 51, "exchange": 189}),
        (189, 189, 0, {"exchange": 189}, {"exchange": 189}),
    ],
)
def test_the_halves_of_an_exchange_meet(
    returned: int, chosen: int, tendered: int, sale_tenders: dict[str, int], refund_tenders: dict[str, int]
) -> None:
    exchange = Exchange("s2", "r", "s", returned, chosen)
    assert {one.kind: one.amount_minor for one in exchange.sale_tenders(tendered)} == sale_tenders
    assert {one.kind: one.amount_minor for one in exchange.refund_tenders()} == refund_tenders
    assert exchange.to_pay_minor - exchange.to_give_minor == chosen - returned
