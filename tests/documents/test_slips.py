"""Slips of every document: their figures add up, paper and page say the same, old ones are still read."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.stories import STORIES
from tests.documents.voices import WORDS, Long, Wide
from tillwright.documents import receipt_html, receipt_text
from tillwright.documents.correction import CorrectionSlip, correction_slip_of
from tillwright.documents.layout import slip_of
from tillwright.documents.measure import cells
from tillwright.documents.receipt import Receipt, UnknownSchema, receipt_of
from tillwright.documents.report import (
    ENDS,
    Counted,
    KindSum,
    PartyEnd,
    ShiftReport,
    contradictions,
)
from tillwright.documents.slip import Centred, Item, Pair, Plain
from tillwright.documents.slip_text import lines
from tillwright.documents.stored import Document, copy_of, decode, encode, people_of
from tillwright.documents.words import TEMPLATES, EnglishWords
from tillwright.operations.kinds import KINDS, planned_legs
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.operations.states import OperationState

HOUR_MS = 3_600_000
CLOSED_MS = 1_763_728_860_000
SHOP = ("Tillwright demo shop",)


def receipt(kind: str, *, lines: tuple[Line, ...] = (), reason: str = "", **changes) -> Receipt:
    content = Content("EUR", 568, lines, (Tender("cash", 568),), reason=reason)
    operation = Operation(
        "uid", "2", 118, kind, "Minh", 41, content, "hash", CLOSED_MS, CLOSED_MS,
        planned_legs("uid", KINDS[kind]), state=OperationState.DONE,
    )  # fmt: skip
    return receipt_of(replace(operation, **changes), SHOP)


def report(document: str = "z-report", **changes) -> ShiftReport:
    made = ShiftReport(
        document=document,
        uid="uid",
        till="2",
        number=311,
        shift=41,
        opened_by="Minh",
        opened_ms=CLOSED_MS - 8 * HOUR_MS,
        closed_by="Lan",
        made_ms=CLOSED_MS,
        currency="EUR",
        sums=(
            KindSum("cash-sale", "cash", 12, 120_00),
            KindSum("refund", "cash", 1, 5_00),
            KindSum("cash-sale", "exchange", 1, 3_00),
            KindSum("cash-out", "", 1, 100_00),
        ),
        cash_start_minor=50_00,
        cash_sales_minor=120_00,
        cash_refunds_minor=5_00,
        cash_out_minor=100_00,
        cash_end_minor=65_00,
        device_cash_minor=65_00,
        counted=Counted("Lan", CLOSED_MS, 64_50, 65_00, "miscounted", ((50_00, 1), (10_00, 1), (50, 9))),
        undelivered=3,
        undelivered_oldest_ms=CLOSED_MS - 2 * HOUR_MS,
        parties=(PartyEnd("control", "agreed"), PartyEnd("operator", "not-agreed", 120_00, 115_00)),
        heading=SHOP,
    )
    return msgspec.structs.replace(made, **changes)


def correction() -> CorrectionSlip:
    content = Content("EUR", -150, (), (), reason="float-missing", after=7041)
    operation = Operation(
        "uid", "2", 119, "correction", "Anna", 41, content, "hash", CLOSED_MS, CLOSED_MS, ()
    )  # fmt: skip
    return correction_slip_of(operation, 65_00, SHOP)


def documents() -> list[Document]:
    kinds = ("cash-sale", "refund", "void", "cash-in", "cash-out")
    discounted = receipt("cash-sale", lines=(Line("milk", "Milk", 2000, 300, 175, 0, 50),))
    early = report("x-report", sums=(), counted=None, parties=())
    return [*(receipt(kind) for kind in kinds), discounted, report(), report("x-report"), early, correction()]


def paper(document: Document) -> str:
    return receipt_text.render(document, WORDS).replace("\N{NO-BREAK SPACE}", " ")


def row(label: str, value: str) -> str:
    """A label and its value at the two edges of the paper."""
    return label + " " * (42 - len(label) - len(value)) + value


# ── what stands on which ──


def test_a_discount_stands_below_its_line_and_both_sums_can_be_checked():
    said = paper(receipt("cash-sale", lines=(Line("milk", "Milk", 1000, 300, 350, 0, 50),)))
    assert f"{row('Milk', '3.50')}\n{row('  Discount', '-0.50')}" in said


def test_a_refund_says_what_it_takes_back_why_and_who_agreed():
    said = paper(receipt("refund", reason="spoilt", origin="A1B2", approved_by=("Lan", "Anna")))
    for text in ("Refund 118", "REFUNDED", "Paid out in cash", "A1B2", "spoilt", "Approved by Anna"):
        assert text in said
    assert "Signature" in said
    assert "Thank you" not in said


@pytest.mark.parametrize(
    ("kind", "title", "total"),
    [
        ("void", "Void 118", "TAKEN BACK"),
        ("cash-in", "Cash in 118", "AMOUNT"),
        ("cash-out", "Cash out 118", "AMOUNT"),
    ],
)
def test_each_kind_says_what_it_is(kind, title, total):
    said = paper(receipt(kind))
    assert title in said
    assert total in said


def test_the_z_has_sums_by_kind_and_tender_drawer_count_undelivered_and_ends():
    said = paper(report())
    for text in (
        "Z report 311", "Closed by Lan", row("Sale × 13", "123.00"), "  Exchange × 1",
        "Cash out × 1", row("At the start", "50.00"), row("Refunds", "-5.00"),
        row("At the end", "65.00 EUR"), "  10.00 × 1", row("Counted", "64.50"),
        row("Difference", "-0.50 EUR"), "miscounted", row("Undelivered documents", "3"),
        row("Waiting for the longest", "2 h"), row("Control device", "agreed"),
        row("Fiscal operator", "not agreed"), row("  By the till", "120.00"),
    ):  # fmt: skip
        assert text in said


def test_the_kinds_of_a_report_stand_in_the_order_in_which_people_know_them():
    strange = (*report().sums, KindSum("lottery", "", 1, 5))
    said = paper(report(sums=strange))
    places = [said.index(f"{kind} × ") for kind in ("Sale", "Refund", "Cash out", "lottery")]
    assert places == sorted(places)


def test_what_is_not_known_is_unknown_and_never_nought():
    said = paper(report(undelivered=None, undelivered_oldest_ms=None, device_cash_minor=None))
    assert row("Undelivered documents", "unknown") in said
    assert row("By the control device", "unknown") in said


def test_with_nothing_undelivered_there_is_no_oldest():
    said = paper(report(undelivered=0, undelivered_oldest_ms=None))
    assert row("Undelivered documents", "0") in said
    assert "Waiting for the longest" not in said


def test_the_x_is_no_fiscal_document_and_closes_nothing():
    said = paper(report("x-report", counted=None, sums=(), parties=()))
    for text in ("NOT A FISCAL DOCUMENT", "X report", "The shift stays open", "No operations"):
        assert text in said
    assert "Closed by" not in said
    assert "Counted" not in said


def test_the_correction_shows_before_after_who_why_and_that_it_is_not_fiscal():
    said = paper(correction())
    for text in (
        "NOT A FISCAL DOCUMENT", "Corrected by Anna", row("Drawer before", "65.00"),
        row("Correction", "-1.50"), row("Drawer after", "63.50 EUR"),
        "float-missing", row("Last document of the device", "7041"),
    ):  # fmt: skip
        assert text in said


def test_a_corrections_difference_is_what_it_added():
    assert correction().difference_minor == -150
    assert report().counted is not None
    assert Counted("Lan", 1, 60, 50).difference_minor == 10


def test_what_is_nought_or_was_not_given_is_left_out():
    said = paper(report(counted=Counted("Lan", 1, 5, 5, "", ((500, 0), (5, 1)))))
    assert "5.00 × 0" not in said
    assert "Reason" not in said
    assert "Corrections" not in said
    assert "Last document" not in paper(msgspec.structs.replace(correction(), device_number=0))


def test_corrections_and_sums_owed_stand_among_the_movements_of_the_drawer():
    said = paper(report(cash_other_minor=-150, cash_end_minor=63_50))
    assert row("Corrections and sums owed", "-1.50") in said


# ── a report that cannot be right ──


def test_a_good_report_contradicts_itself_nowhere():
    assert list(contradictions(report())) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cash_end_minor": 1}, "add up"),
        ({"document": "y-report"}, "y-report"),
        ({"parties": (PartyEnd("control", "perhaps"),)}, "perhaps"),
        ({"undelivered": 0}, "oldest"),
    ],
)
def test_a_report_that_cannot_be_right_says_so(changes, said):
    found = list(contradictions(report(**changes)))
    assert len(found) == 1
    assert said in found[0]


# ── every document ──


@pytest.mark.parametrize(
    "document", documents(), ids=lambda one: f"{one.document}-{getattr(one, 'kind', '')}"
)
def test_every_document_is_given_back_by_storage_and_its_copy_says_so(document: Document):
    assert decode(encode(document)) == document
    assert "COPY" not in paper(document)
    assert "*** COPY ***" in paper(copy_of(document))
    assert "COPY" in receipt_html.render(copy_of(document), WORDS)


@pytest.mark.parametrize(
    "document", documents(), ids=lambda one: f"{one.document}-{getattr(one, 'kind', '')}"
)
def test_paper_and_page_say_the_same(document: Document):
    page = receipt_html.render(document, WORDS)
    for section in slip_of(document, WORDS).sections:
        for row in section.rows:
            for text in texts(row):
                assert text.strip() in page


def texts(row) -> tuple[str, ...]:
    match row:
        case Centred(text=text) | Plain(text=text):
            return (text,)
        case Pair(label=label, value=value):
            return (label, value)
        case Item(name=name, how=how, amount=amount):
            return (name, how, amount)
    raise AssertionError(row)


@given(
    document=st.sampled_from(documents()),
    words=st.sampled_from((WORDS, Wide(), Long())),
    width=st.sampled_from((32, 42, 48)),
)
def test_no_document_is_wider_than_the_paper(document, words, width):
    assert all(cells(line.text) <= width for line in lines(slip_of(document, words), width))


def test_what_stands_out_is_the_total_the_mark_and_the_copy():
    strong = [line.text.split()[0] for line in lines(slip_of(copy_of(correction()), WORDS)) if line.strong]
    assert strong == ["***", "NOT", "Drawer"]


def test_a_document_knows_whom_it_names():
    assert people_of(receipt("refund", approved_by=("Lan", "Minh"))) == ("Minh", "Lan")
    assert people_of(report()) == ("Minh", "Lan")
    assert people_of(report("x-report", counted=None, closed_by="")) == ("Minh",)
    assert people_of(correction()) == ("Anna",)


# ── what was stored before ──


def test_a_receipt_of_the_first_schema_is_still_read():
    old = (
        b'{"schema":1,"uid":"u","kind":"cash-sale","till":"2","number":118,"shift":41,"cashier":"Minh",'
        b'"started_ms":1,"ended_ms":2,"currency":"EUR","total_minor":568,"lines":[{"goods":"milk",'
        b'"name":"Milk","quantity_milli":2000,"total_minor":568,"price_minor":284}],"tenders":[{"kind":"cash",'
        b'"amount_minor":1000}],"change_minor":432,"registration":{"document_number":"7041",'
        b'"unique_number":"A1","serial":"SKO-1","at_ms":2,"source":"reply"},"heading":[],"copy":false}'
    )
    found = decode(old)
    assert isinstance(found, Receipt)
    assert found.document == "receipt"
    assert "Receipt 118" in paper(found)


def test_what_a_newer_version_wrote_is_refused_by_name():
    with pytest.raises(UnknownSchema, match="z-report of schema 2"):
        decode(b'{"schema":2,"document":"z-report"}')
    with pytest.raises(msgspec.DecodeError):
        decode(b"[]")


def test_every_end_of_a_party_has_its_word():
    assert all(f"end.{end}" in TEMPLATES for end in ENDS)


def test_every_kind_of_operation_has_its_name_and_its_request_its_words():
    for kind in KINDS.values():
        assert f"kind.{kind.name}" in TEMPLATES
        for leg in kind.legs:
            assert f"request.{leg.action}" in TEMPLATES
            assert f"answer.accepted.{leg.action}" in TEMPLATES


def test_a_finished_sale_prints_without_words_of_ones_own():
    assert "Receipt 118" in receipt_text.render(receipt_of(STORIES["plain-sale"]().operation))
    assert "TOTAL" in receipt_html.render(receipt("cash-sale"), EnglishWords())
