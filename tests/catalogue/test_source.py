"""Reading YAML with the line of every place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.catalogue.source import BrokenText, Source, place_of, read_source

TEXT = """\
- code: till.x
  says:
    en: "One."
    vi: "Một."
- code: till.y
"""


def test_values_come_with_their_lines() -> None:
    source = read_source(TEXT)
    assert source.value == [{"code": "till.x", "says": {"en": "One.", "vi": "Một."}}, {"code": "till.y"}]
    assert source.line("0", "says", "vi") == 4
    assert source.line("1", "code") == 5


def test_an_unknown_place_has_the_line_of_the_one_around_it() -> None:
    source = read_source(TEXT)
    assert source.line("0", "says", "ru") == 2
    assert source.line("1", "next", "ru") == 5
    assert Source(None).line("7") == 1


def test_an_empty_text_is_nothing() -> None:
    assert read_source("").value is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: [1\n", 3, "expected ',' or ']'"),
        ("a: 1\na: 2\n", 2, "'a' is given twice"),
        ("a: 1\n[b]: 2\n", 2, "a key must be a plain word"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", 3, "a key must be a plain word"),
        ("a: *unknown\n", 1, "found undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, "but found another document"),
        ("a: 1\nb: !!int x\n", 2, "invalid literal"),
        ("a: 1\nb: !thing x\n", 2, "could not determine a constructor"),
        ("a: \x01\n", 1, "control characters are not allowed"),
        ("a: &a\n  b: *a\n", 1, "nested too deeply"),
    ],
)
def test_a_broken_text_names_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(BrokenText) as broken:
        read_source(text)
    assert said in broken.value.text
    assert broken.value.line == line


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    read: Source | BrokenText
    try:
        read = read_source(text)
    except BrokenText as broken:
        read = broken
    line = read.line if isinstance(read, BrokenText) else read.line("0")
    assert 1 <= line <= len(text) + 2


@pytest.mark.parametrize(
    ("message", "text", "place"),
    [
        ("Expected `str`, got `int` - at `$.says.en`", "Expected `str`, got `int`", ("says", "en")),
        ("Wrong - at `$.known_as.en[3]`", "Wrong", ("known_as", "en", "3")),
        ("Wrong - at `$.audiences[...].says`", "Wrong", ("audiences", "...", "says")),
        ("Wrong altogether", "Wrong altogether", ()),
    ],
)
def test_a_message_of_the_validator_is_split(message: str, text: str, place: tuple[str, ...]) -> None:
    assert place_of(message) == (text, place)
