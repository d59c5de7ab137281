"""Every mistake in an entry is named with its file and line."""

import pytest

from tests.catalogue.samples import ENTRY, FILE, MORE, spoilt
from tillwright.catalogue.lint import Problem, read_entries


def problems(texts: dict[str, str]) -> list[Problem]:
    return read_entries(texts)[1]


def test_a_sound_file_has_no_problems() -> None:
    placed, found = read_entries({FILE: ENTRY + MORE})
    assert found == []
    assert [one.entry.code for one in placed] == ["till.red-blocks"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        # the shape
        ("  severity: stop", "  severity: bad", 3, "severity: Invalid enum value 'bad'"),
        ("  part: till", "  part: moon", 2, "part: Invalid enum value 'moon'"),
        ("  http_status: 409", "  http_status: '409'", 5, "http_status: Expected `int | null`, got `str`"),
        ("  part: till", "  part: till\n  colour: red", 1, "unknown field `colour`"),
        ('    vi: "Hãy xử lý trước."\n', "", 12, "next: Object missing required field `vi`"),
        ("    customer:", "    stranger:", 22, "audiences: Object contains unknown field `stranger`"),
        ("[number]", "[number, 7]", 6, "facts.1: Expected `str`, got `int`"),
        # codes
        ("till.red-blocks", "red", 1, "not the form of a code"),
        ("till.red-blocks", "cash.red-blocks", 1, "belongs into the file of its area, cash.yaml"),
        ("409", "399", 5, "within 400 and 599"),
        ("409", "600", 5, "within 400 and 599"),
        # texts
        ('"Settle it first."', '"Settle it first"', 13, "must end like a sentence"),
        ('"请先处理。"', '"请先处理."', 16, "must end like a sentence"),
        ('"Settle it first."', '"Settle  it first."', 13, "one line without spaces"),
        ('"Settle it first."', '""', 13, "one line without spaces"),
        ('"Settle it first."', '"{number!r} first."', 13, "has a brace"),
        ('"Settle it first."', '"' + "a" * 320 + '."', 13, "is 321 characters long"),
        ('"Сначала разберите его."', '"Settle it first."', 15, "is not in Russian letters"),
        ('"Hãy xử lý trước."', '"Сначала."', 14, "has Russian letters in it"),
        ('"请先处理。"', '"Settle。"', 16, "is not in Chinese characters"),
        ('"Settle it first."', '"处理 first."', 13, "has Chinese characters in it"),
        ('"Xin chờ."', '"Xin chờ"', 26, "must end like a sentence"),
        ('    next: "Wait."', '    next: "Wait"', 31, "must end like a sentence"),
        # facts
        ("[number]", "[]", 8, "uses {number}, which is not declared in facts"),
        ('"Hóa đơn {number} đang đỏ."', '"Hóa đơn đang đỏ."', 9, "the same facts as the English text"),
        ("[number]", "[number, till]", 6, "no sentence uses {till}"),
        ("[number]", "[number, number]", 6, "names one twice"),
        ("[number]", "[number, Till]", 6, "not the form of a fact's name"),
        # other names
        ('["red receipt"]', "[]", 18, "needs at least one name"),
        ('["hóa đơn đỏ"]', '["đỏ", "Đỏ"]', 19, "gives a name twice"),
        ('["红单"]', '[" 红单"]', 21, "loose spaces"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, said: str) -> None:
    found = problems(spoilt(old, new))
    assert any(problem.line == line and said in problem.text for problem in found), found
    assert {problem.file for problem in found} == {FILE}


def test_currency_serves_the_money_and_need_not_be_said() -> None:
    assert problems(spoilt("[number]", "[number, currency]")) == []


def test_a_code_stands_once() -> None:
    found = problems({"a/faults/till.yaml": ENTRY, "b/faults/till.yaml": "\n" + ENTRY})
    assert [str(problem) for problem in found] == [
        "b/faults/till.yaml:2: till.red-blocks: already stands in a/faults/till.yaml"
    ]


@pytest.mark.parametrize("text", ["", "[]", "code: till.x", "7"])
def test_a_file_is_a_list_of_entries(text: str) -> None:
    assert [problem.text for problem in problems({FILE: text})] == ["a file must be a list of entries"]


def test_a_file_that_is_not_yaml_does_not_hide_the_others() -> None:
    placed, found = read_entries({"a/faults/x.yaml": "a: [", FILE: ENTRY})
    assert len(placed) == 1
    assert [(problem.file, problem.line, problem.code) for problem in found] == [("a/faults/x.yaml", 2, "")]


def test_one_broken_entry_does_not_hide_the_others() -> None:
    placed, found = read_entries({FILE: "- 7\n" + ENTRY})
    assert [one.entry.code for one in placed] == ["till.red-blocks"]
    assert [(problem.line, problem.code) for problem in found] == [(1, "")]
