"""The answers of `tillwright catalogue`."""

import msgspec
import pytest

from tests.catalogue.samples import ENTRY, FILE, MORE, spoilt
from tillwright.catalogue.catalogue import Catalogue, UnknownCode
from tillwright.catalogue.commands import check, listing, show
from tillwright.machine.resources import shipped_catalogue

CATALOGUE = Catalogue.load({FILE: ENTRY + MORE})


def test_check_counts_by_pack() -> None:
    second = ENTRY.replace("red-blocks", "basket-empty")
    report = check({FILE: ENTRY, "fiscal-by/faults/till.yaml": second})
    assert report == {"entries": 2, "by_pack": {"demo": 1, "fiscal-by": 1}, "problems": []}


def test_check_lists_problems_as_plain_values() -> None:
    report = check(spoilt("409", "1"))
    problem = {"file": FILE, "line": 5, "code": "till.red-blocks", "text": "must be within 400 and 599"}
    assert report["problems"] == [problem]
    assert msgspec.json.encode(report)


def test_list_has_a_row_a_code() -> None:
    assert list(listing(CATALOGUE, "ru")) == [("till.red-blocks", "stop", "till", "Чек {number} красный.")]


def test_show_tells_everything() -> None:
    text = "\n".join(show(CATALOGUE, "till.red-blocks"))
    pieces = (
        "part till, severity stop, category operation",
        "HTTP status 409",
        "facts number",
        "cashier: Receipt {number} is red.",
        "→ Settle it first.",
        "known as: red receipt",
        "customer: Xin chờ.",
        "小票 {number} 为红色。",
        "program: Operation {number} is red. Wait.",
    )
    for piece in pieces:
        assert piece in text
    assert "support" not in text


def test_show_leaves_out_what_an_entry_does_not_have() -> None:
    plain = (
        ENTRY.replace("  http_status: 409\n", "").replace("  facts: [number]\n", "").replace("{number} ", "")
    )
    text = "\n".join(show(Catalogue.load({FILE: plain}), "till.red-blocks", "zh-CN"))
    assert "HTTP" not in text
    assert "facts" not in text
    assert "program" not in text
    assert "Receipt" not in text
    assert "小票" in text


def test_show_knows_no_other_code() -> None:
    with pytest.raises(UnknownCode):
        list(show(CATALOGUE, "till.unheard-of"))


def test_show_tells_a_runbook_in_the_language_that_was_asked_for() -> None:
    shipped = shipped_catalogue()
    text = "\n".join(show(shipped, "fuel.shift-invalid", "vi"))
    for piece in (
        "cause shifts-differ (3): Ca trên POS không có trong cơ sở dữ liệu EGAS.",
        "check clock [station_clock]: the program looks (steady, jumped)",
        "remedy take-same-shift [senior]",
        "escalate to support:",
        "verified by operation",
        "note: Four causes share one message.",
        "never: Không khởi động lại KTMS",
    ):
        assert piece in text
    assert "→ fiscal.sko-disconnected" in "\n".join(show(shipped, "fiscal.sko-no-answer"))
