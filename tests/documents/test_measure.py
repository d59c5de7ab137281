"""Widths of texts, and lines that keep to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.documents.measure import cells, clip, millis, page_measure, tidy, wrap

SCRIPTS = "abcWМжй ủộă￼数据，。（「\u0301 .,-\n€"


@pytest.mark.parametrize(
    ("text", "expected"), [("abc", 3), ("数据", 4), ("Việt", 4), ("Vie\u0323\u0302t", 4), ("", 0), ("ｗ", 2)]
)
def test_cells(text, expected):
    assert cells(text) == expected


def test_on_a_page_wide_letters_take_more_and_marks_nothing():
    assert millis("W") > millis("A") > millis("a") > millis("t") > millis("i")
    assert millis("数") > 1000
    assert millis("e\u0301") == millis("e")
    assert page_measure(16, strong=True)("Sale") > page_measure(16)("Sale")


def test_lines_break_at_spaces_between_chinese_characters_and_in_words_only_if_they_must():
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("不知道，设备没有回答", 8) == ["不知道，", "设备没有", "回答"]
    assert wrap("abcdefgh ij", 5) == ["abcde", "fgh", "ij"]
    assert wrap("（数据）在", 4) == ["（数", "据）", "在"]
    assert wrap("", 5) == [""]
    assert wrap("数", 1) == ["数"]


def test_control_characters_become_spaces():
    assert tidy("two\nlines\x07") == "two lines "
    assert wrap("two\nlines", 5) == ["two", "lines"]


def test_clip_says_that_something_is_missing():
    assert clip("receipt", 7) == "receipt"
    assert clip("receipt", 4) == "rec…"
    assert clip("数据数据", 5) == "数据…"
    assert clip("receipt", 0) == ""


@given(text=st.text(alphabet=SCRIPTS, max_size=60), room=st.integers(2, 30))
def test_no_line_is_longer_than_its_room_and_nothing_but_spaces_is_lost(text, room):
    lines = wrap(text, room)
    assert all(cells(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == tidy(text).replace(" ", "")


@given(text=st.text(alphabet=SCRIPTS, max_size=60), room=st.integers(0, 30))
def test_clipped_text_fits(text, room):
    assert cells(clip(text, room)) <= room
