"""What a catalogue says, to whom, in which language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalogue.samples import ENTRY, FILE, MORE, spoilt
from tillwright.catalogue.catalogue import BrokenCatalogue, Catalogue, UnknownCode
from tillwright.catalogue.formats import PlainFormatter
from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import CurrencyRules

CATALOGUE = Catalogue.load({FILE: ENTRY + MORE})
RED = Fault("till.red-blocks", number=1118)


@pytest.mark.parametrize(
    ("language", "sentence", "next_step"),
    [
        ("en", "Receipt 1118 is red.", "Settle it first."),
        ("vi-VN", "Hóa đơn 1118 đang đỏ.", "Hãy xử lý trước."),
        ("ru", "Чек 1118 красный.", "Сначала разберите его."),
        ("zh-Hans", "小票 1118 为红色。", "请先处理。"),
        ("fr", "Receipt 1118 is red.", "Settle it first."),
    ],
)
def test_a_reader_is_told_in_a_language(language: str, sentence: str, next_step: str) -> None:
    said = CATALOGUE.say(RED, language)
    assert (said.sentence, said.next_step, said.code) == (sentence, next_step, "till.red-blocks")


@pytest.mark.parametrize(
    ("audience", "language", "said"),
    [
        ("cashier", "en", "Receipt 1118 is red. Settle it first. [till.red-blocks]"),
        ("customer", "ru", "Одну минуту. Сначала разберите его. [till.red-blocks]"),
        ("support", "en", "Receipt 1118 is red. Settle it first. [till.red-blocks]"),
        ("program", "ru", "Operation 1118 is red. Wait. [till.red-blocks]"),
        ("passer-by", "en", "Receipt 1118 is red. Settle it first. [till.red-blocks]"),
    ],
)
def test_an_audience_reads_its_own_words_or_the_cashiers(audience: str, language: str, said: str) -> None:
    assert str(CATALOGUE.say(RED, language, audience)) == said


def test_a_program_without_words_of_its_own_reads_the_cashiers() -> None:
    assert Catalogue.load({FILE: ENTRY}).say(RED, "vi", "program").sentence == "Hóa đơn 1118 đang đỏ."


def test_a_missing_fact_does_not_raise_in_front_of_a_person() -> None:
    assert CATALOGUE.say(Fault("till.red-blocks"), "en").sentence == "Receipt — is red."


def test_a_fact_that_no_sentence_uses_is_passed_over() -> None:
    assert CATALOGUE.say(Fault("till.red-blocks", number=1, mood="bad"), "en").sentence == "Receipt 1 is red."


def test_a_fact_with_braces_is_not_read_as_a_template() -> None:
    assert (
        CATALOGUE.say(Fault("till.red-blocks", number="{number}"), "en").sentence
        == "Receipt {number} is red."
    )


def test_money_goes_through_the_formatter_with_the_faults_currency() -> None:
    texts = spoilt("[number]", "[paid_minor, currency]", ENTRY.replace("{number}", "{paid_minor}"))
    formatter = PlainFormatter((CurrencyRules("EUR", 2, 1, (1,)), CurrencyRules("VND", 0, 1, (1,))))
    catalogue = Catalogue.load(texts)

    def sentence(**facts: str | int) -> str:
        said = catalogue.say(Fault("till.red-blocks", **facts), "en", formatter=formatter)
        return said.sentence.replace("\N{NO-BREAK SPACE}", " ")

    assert sentence(paid_minor=568, currency="VND") == "Receipt 568 VND is red."
    assert sentence(paid_minor=568) == "Receipt 5.68 EUR is red."
    assert sentence(paid_minor=568, currency=7) == "Receipt 5.68 EUR is red."
    assert sentence() == "Receipt — is red."


def test_an_unknown_code_is_a_mistake_of_the_program() -> None:
    with pytest.raises(UnknownCode, match=r"till\.unheard-of"):
        CATALOGUE.say(Fault("till.unheard-of"), "en")
    with pytest.raises(UnknownCode):
        CATALOGUE.entry("")


def test_a_catalogue_with_problems_is_not_loaded() -> None:
    with pytest.raises(BrokenCatalogue) as broken:
        Catalogue.load(spoilt("409", "1"))
    assert str(broken.value) == f"{FILE}:5: till.red-blocks: must be within 400 and 599"
    assert len(broken.value.problems) == 1


def test_entries_stand_in_the_order_of_their_codes() -> None:
    second = ENTRY.replace("red-blocks", "basket-empty")
    assert list(Catalogue.load({FILE: ENTRY + second}).entries) == ["till.basket-empty", "till.red-blocks"]


@given(
    st.dictionaries(st.sampled_from(["number", "currency", "other"]), st.text() | st.integers()),
    st.text(max_size=10),
    st.text(max_size=10),
)
def test_whatever_the_facts_a_person_gets_a_sentence(
    facts: dict[str, str | int], language: str, audience: str
) -> None:
    said = CATALOGUE.say(Fault("till.red-blocks", **facts), language, audience)
    assert said.sentence.startswith(("Receipt ", "Hóa đơn ", "Чек ", "小票 ", "Operation ", "One moment"))
    assert said.next_step
