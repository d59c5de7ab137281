"""The receipt on paper and on a page."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.stories import FACTS, STORIES
from tests.documents.voices import WORDS, Long, Wide
from tillwright.documents import receipt_html, receipt_text
from tillwright.documents.measure import cells
from tillwright.documents.receipt import Receipt, ReceiptLine, ReceiptTender, copy_of, receipt_of
from tillwright.documents.words import TEMPLATES, EnglishWords, plain_quantity
from tillwright.kernel.fault import Fault

RECEIPT = receipt_of(STORIES["plain-sale"]().operation, ("Tillwright demo shop", "1 Market Street"))

PAPER = """\
           Tillwright demo shop
             1 Market Street
Receipt 118                         Till 2
Cashier Minh                      Shift 41
2025-11-21 12:41 UTC
------------------------------------------
Milk 3.2 % 1 l
  2 × 1.89                            3.78
Bread, rye                            1.90
------------------------------------------
TOTAL                             5.68 EUR
Cash                                 10.00
Change                                4.32
------------------------------------------
Document                              7041
Unique number                     A1B2C3D4
Device                          SKO-000017
Registered            2025-11-21 12:41 UTC
                Thank you
"""


def test_paper():
    assert receipt_text.render(RECEIPT, WORDS) == PAPER.replace(" EUR", "\N{NO-BREAK SPACE}EUR")


def test_a_copy_says_so_on_paper_and_page():
    assert "*** COPY ***" in receipt_text.render(copy_of(RECEIPT), WORDS)
    assert "COPY" in receipt_html.render(copy_of(RECEIPT), WORDS)
    assert "COPY" not in receipt_text.render(RECEIPT, WORDS)
    assert "COPY" not in receipt_html.render(RECEIPT, WORDS)


def test_without_registration_the_receipt_says_so():
    bare = msgspec.structs.replace(RECEIPT, registration=None)
    assert "Not registered" in receipt_text.render(bare)
    assert "Not registered" in receipt_html.render(bare)


def test_goods_by_weight_without_a_price_and_exact_cash():
    line = ReceiptLine("apples", "Apples", 345, 120)
    receipt = msgspec.structs.replace(RECEIPT, lines=(line,), change_minor=0)
    assert "  0.345 ×" in receipt_text.render(receipt, WORDS)
    assert "Change" not in receipt_text.render(receipt, WORDS)
    assert "receipt-change" not in receipt_html.render(receipt, WORDS)


def test_a_kind_and_a_tender_without_words_of_their_own():
    receipt = msgspec.structs.replace(RECEIPT, kind="lottery", tenders=(ReceiptTender("voucher", 568),))
    text = receipt_text.render(receipt, WORDS)
    assert "Receipt 118" in text
    assert "voucher" in text


def test_what_people_typed_is_escaped():
    line = ReceiptLine("x", "<b>Milk & 'bread'</b>", 1000, 568)
    html = receipt_html.render(msgspec.structs.replace(RECEIPT, lines=(line,)), WORDS)
    assert "<b>" not in html
    assert "&lt;b&gt;Milk &amp; &#x27;bread&#x27;&lt;/b&gt;" in html


NAMES = st.text(alphabet="abc Жщ牛奶ủ,.-", max_size=90)


@given(
    names=st.lists(NAMES, max_size=5),
    quantity=st.sampled_from((1000, 2000, 345)),
    sum_minor=st.integers(0, 10**13),
    words=st.sampled_from((WORDS, Wide(), Long())),
)
def test_no_line_is_wider_than_the_paper(names, quantity, sum_minor, words):
    lines = tuple(ReceiptLine("g", name, quantity, sum_minor, sum_minor) for name in names)
    receipt: Receipt = msgspec.structs.replace(
        RECEIPT, lines=lines, total_minor=sum_minor, heading=tuple(names)
    )
    assert all(cells(line) <= 42 for line in receipt_text.render(receipt, words).splitlines())


# ── words ──


@pytest.mark.parametrize(
    ("milli", "text"), [(2000, "2"), (345, "0.345"), (-1500, "-1.5"), (10, "0.01"), (0, "0")]
)
def test_quantities_have_no_noughts_that_say_nothing(milli, text):
    assert plain_quantity(milli) == text


def test_plain_english_says_times_faults_and_unknown_currencies():
    words = EnglishWords()
    assert words.clock(45_667_000) == "12:41:07"
    assert words.duration(125_000) == "2\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}5\N{NO-BREAK SPACE}s"
    assert words.fault(Fault("till.red-blocks", number=118)) == "till.red-blocks"
    assert words.amount(5, "XXX") == "—"
    assert words.quantity(1500) == "1.5"


def test_every_text_names_only_facts_in_braces():
    for text in TEMPLATES.values():
        assert text.strip() == text
        assert text.count("{") == text.count("}")


def test_the_facts_of_a_registration_stand_on_the_receipt():
    text = receipt_text.render(RECEIPT, WORDS)
    for name in ("document_number", "unique_number", "serial"):
        assert str(FACTS[name]) in text
