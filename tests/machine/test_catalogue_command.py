"""`tillwright catalogue` on the codes that ship."""

import json

import pytest

from tillwright import cli


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["catalogue", *words])
    return int(ended.value.code or 0)


def test_the_shipped_codes_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["command"], report["problems"]) == ("catalogue check", [])
    assert report["entries"] == sum(report["by_pack"].values()) > 0


def test_a_problem_is_told_with_its_line_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tillwright.machine.catalogue_command.catalogue_texts", lambda: {"demo/faults/x.yaml": "- code: x\n"}
    )
    assert run("check") == 1
    out = capsys.readouterr().out
    assert "demo/faults/x.yaml:1: " in out
    assert "problems" in out


def test_codes_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert "till.red-blocks  " in capsys.readouterr().out
    assert run("show", "till.red-blocks", "--language", "ru") == 0
    assert "  ru" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [("show", "till.no-such-code"), ("list", "--language", "fr"), ("check", "x")]
)
def test_wrong_use_is_told(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    assert capsys.readouterr().err
