"""One form for what people type: the same words, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.catalogue.folding import fold, one_form
from tillwright.catalogue.spelling import as_chatted, other_keys, parted, without_typed_marks, words
from tillwright.catalogue.syllables import sound, syllables
from tillwright.catalogue.traditional import SIMPLIFIED


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_capitals_and_wide_forms_do_not_count(text: str) -> None:
    assert fold(text.casefold()) == fold(text)
    assert fold("ＡＢＣ１２３") == "abc123"


@pytest.mark.parametrize(
    "same",
    [
        ("связь", "svyaz", "sviaz", "svjaz", "Связь"),
        ("щётка", "schetka", "shchetka"),
        ("подключение", "podklyuchenie", "podkljuchenie"),
        ("ошибка", "oshibka", "ОШИБКА"),
        ("харьков", "kharkov", "harkov"),
        ("connection", "conection", "connecttion"),
        ("không", "khoong", "KHÔNG"),
        ("phần mềm", "fan mem"),
    ],
)
def test_one_form_of_one_word(same: tuple[str, ...]) -> None:
    assert len({one_form(fold(word)) for word in same}) == 1


def test_numbers_keep_their_digits() -> None:
    assert one_form("000 486 1126") == "000 486 1126"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("can't", ["can", "not"]),
        ("ko kết nối đc", ["khong", "ket", "noi", "duoc"]),
        ("нет инета", ["нет", "инета"]),
        ("", []),
    ],
)
def test_words_with_short_forms_written_out(text: str, read: list[str]) -> None:
    assert words(text) == read


@pytest.mark.parametrize(
    ("typed", "meant"), [("crj", "ско"), ("cdzpb", "связи"), ("CKO", "СКО"), ("зщы", "pos")]
)
def test_other_keys(typed: str, meant: str) -> None:
    assert meant in list(other_keys(typed))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("loix", "loi"),
        ("maayj", "may"),
        ("dduwowcj", "duoc"),
        ("ma1y", "may"),
        ("lo64i", "loi"),
        ("mays", "may"),
    ],
)
def test_typed_marks_are_taken_away(typed: str, meant: str) -> None:
    assert meant in list(without_typed_marks(typed))


@pytest.mark.parametrize("word", ["strength", "till2start", "may", "48"])
def test_what_is_no_vietnamese_syllable_stays(word: str) -> None:
    assert list(without_typed_marks(word)) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("zo", "vo"), ("mag", "mang"), ("wen", "quen"), ("jo", "gio"), ("kong", "cong"), ("zug", "dung")],
)
def test_words_of_a_chat_are_written_out(typed: str, meant: str) -> None:
    assert meant in list(as_chatted(typed))


@pytest.mark.parametrize("word", ["mang", "zip5", "warning", "", "g", "fax"])
def test_what_is_no_word_of_a_chat_stays(word: str) -> None:
    assert list(as_chatted(word)) == []


def test_letters_with_marks_are_not_typed_on_russian_keys() -> None:
    assert not any("ь" in other for other in other_keys("mạg"))


KNOWN = {"mat", "ket", "noi", "a", "bc", "de"}


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("matketnoi", ["mat", "ket", "noi"]),
        ("mat", []),
        ("bcdebc", []),
        ("matketxyz", []),
        ("mat" * 14, []),
    ],
)
def test_missing_spaces(word: str, parts: list[str]) -> None:
    assert parted(word, KNOWN) == parts


@pytest.mark.parametrize(
    ("character", "syllable"),
    [("连", "lian"), ("联", "lian"), ("中", "zon"), ("税", "sui"), ("座", "zuo")],
)
def test_the_sound_of_a_character(character: str, syllable: str) -> None:
    assert sound(character) == syllable


@pytest.mark.parametrize("character", ["亍", "齄", "電", "a", "、"])
def test_what_has_no_known_sound_is_its_own(character: str) -> None:
    assert sound(character) == character


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("lianjie", ["lian", "jie"]),
        ("zhongduan", ["zon", "duan"]),
        ("xian", ["xian"]),
        ("dangan", ["dan", "an"]),
        ("printer", []),
        ("", []),
    ],
)
def test_the_sounds_of_chinese_in_latin_letters(word: str, sounds: list[str]) -> None:
    assert syllables(word) == sounds


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert words("終端機連線錯誤") == ["终端机连线错误"]
    assert all(chr(one).encode("gb2312") for one in {ord(to) for to in SIMPLIFIED.values()})
    assert not {chr(one) for one in SIMPLIFIED} & {*SIMPLIFIED.values()}
