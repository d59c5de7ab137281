"""`tillwright search`: what it answers, and how it judges itself."""

import json
from functools import cache
from pathlib import Path

import pytest

from tillwright import cli
from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.search import Candidate, Found, Index
from tillwright.machine import search_command
from tillwright.machine.resources import shipped_catalogue
from tillwright.machine.search_command import Case, judge, read_cases, report_of

HEAD = "id\tlang\tstyle\ttext\n"
LINES = HEAD + "fiscal.sko-disconnected|x.y\ten\tplain\tfiscal box offline\n-\tru\tplain\tкофе остыл\n"


@cache
def built() -> Index:
    """The index of what ships: it takes seconds, and is always the same."""
    return Index(shipped_catalogue())


@pytest.fixture(autouse=True)
def _built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def index(catalogue: Catalogue) -> Index:
        assert catalogue is shipped_catalogue()
        return built()

    monkeypatch.setattr(search_command, "Index", index)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["search", *words])
    return int(ended.value.code or 0)


def test_a_fault_is_found_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("касса", "не", "видит", "СКО", "--json", "-l", "vi") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["command"], report["known"]) == ("search", True)
    assert report["candidates"][0]["code"] == "fiscal.sko-disconnected"
    assert report["candidates"][0]["wording"] == "касса не видит СКО"


def test_what_is_unknown_is_said_so_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("the coffee machine leaks") == 1
    assert capsys.readouterr().out.startswith("No fault that is known.")


def test_nothing_to_search_for_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "--eval" in capsys.readouterr().err


def test_a_file_of_queries_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "queries.tsv"
    file.write_text(LINES, encoding="utf-8")
    assert run("--eval", str(file), "--json") == 0
    report = json.loads(capsys.readouterr().out)
    shares = {key: report[key] for key in ("queries", "top1", "top3", "abstained", "misses")}
    assert shares == {"queries": 2, "top1": 1.0, "top3": 1.0, "abstained": 1.0, "misses": []}
    assert set(report["by_lang"]) == {"en", "ru"}
    assert run("--eval", str(file)) == 0
    assert "in all: 2 queries; right first 100.0 %" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "x.y\ten\tno style\n"])
def test_a_file_that_is_none_is_wrong_use(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "queries.tsv"
    file.write_text(text, encoding="utf-8")
    assert run("--eval", str(file)) == 2
    assert "queries.tsv" in capsys.readouterr().err


def test_the_codes_of_a_line_and_its_tabs(tmp_path: Path) -> None:
    file = tmp_path / "queries.tsv"
    file.write_text(LINES + "a.b\tzh\tplain\tone\ttwo\n", encoding="utf-8")
    assert read_cases(file) == [
        Case("fiscal box offline", ("fiscal.sko-disconnected", "x.y"), "en"),
        Case("кофе остыл", (), "ru"),
        Case("one\ttwo", ("a.b",), "zh"),
    ]


def test_a_right_guess_that_was_denied_is_a_miss_but_stands_first() -> None:
    def find(text: str) -> Found:
        return Found((Candidate(("a.b", "a.c"), "g", 0.1, text),), known=False)

    report = report_of(judge(find, [Case("words", ("a.c",), "en"), Case("other", ("x.y",), "en")]))
    assert (report["top1"], report["top1_known"], report["denied"]) == (0.5, 0.0, 1.0)
    assert report["misses"] == [
        {"text": "words", "wanted": ["a.c"], "got": []},
        {"text": "other", "wanted": ["x.y"], "got": []},
    ]
