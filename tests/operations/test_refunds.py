"""Parts of a sale that go back: they add up to the sale, in whatever pieces they come."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operations.rules_for_tests import LINES, WHOLE, refund_content
from tillwright.kernel.fault import Fault
from tillwright.operations.refunds import LineLeft, lines_fault, lines_of, worth_minor

PIECES = st.lists(st.integers(1, 5_000), min_size=1, max_size=12)


@given(PIECES, st.integers(0, 10**9))
def test_pieces_add_up_to_the_line_to_the_last_unit(pieces: list[int], total_minor: int) -> None:
    left = LineLeft(1, sum(pieces), total_minor)
    for piece in pieces:
        worth = worth_minor(left, piece)
        assert 0 <= worth <= left.left_minor
        left = replace(left, taken_milli=left.taken_milli + piece, taken_minor=left.taken_minor + worth)
    assert (left.left_milli, left.left_minor) == (0, 0)


@given(st.integers(1, 9_000), st.integers(0, 10**6), st.integers(1, 9_000))
def test_a_part_is_worth_its_share_within_half_a_unit(whole: int, total_minor: int, part: int) -> None:
    worth = worth_minor(LineLeft(1, whole, total_minor), part)
    assert abs(2 * worth * whole - 2 * total_minor * min(part, whole)) <= whole


def test_a_line_without_quantity_comes_back_as_a_whole() -> None:
    assert worth_minor(LineLeft(1, 0, 77), 0) == 77


def test_of_a_sale_all_is_left_at_first() -> None:
    assert lines_of(LINES) == (LineLeft(1, 3_000, 100), LineLeft(2, 1_000, 468))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"of": 9}, "of"),
        ({"quantity_milli": 3_001}, "quantity_milli"),
        ({"quantity_milli": 0}, "quantity_milli"),
        ({"total_minor": 99}, "total_minor"),
        ({"total_minor": 101}, "total_minor"),
        ({"quantity_milli": 1_000, "total_minor": 33}, None),
        ({"quantity_milli": 1_000, "total_minor": 34}, "total_minor"),
    ],
)
def test_a_line_is_what_is_left_of_it(change: dict[str, int], reason: str | None) -> None:
    line = replace(WHOLE[0], **change)  # type: ignore[arg-type]
    fault = lines_fault(refund_content(line), lines_of(LINES))
    assert fault == (None if reason is None else Fault("till.line-invalid", line=1, reason=reason))


def test_a_sale_with_lines_is_taken_back_by_lines_and_one_without_by_its_total() -> None:
    total = replace(refund_content(), total_minor=50)
    assert lines_fault(total, lines_of(LINES)) == Fault("till.basket-empty")
    assert lines_fault(total, ()) is None
