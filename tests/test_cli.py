"""The command line: its version, its table, and that a command costs nothing until it is called."""

import subprocess
import sys

import pytest

from tillwright import __version__, cli


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return int(ended.value.code or 0)


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sell-everything"]) == 2
    assert "sell-everything" in capsys.readouterr().err


def test_every_command_can_be_loaded() -> None:
    names = [command.name for command in cli.COMMANDS]
    assert len(set(names)) == len(names)
    cli.build(names)


def test_only_the_called_command_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (
        cli.Command("answer", f"{__name__}:answer", "Say the answer."),
        cli.Command("absent", "tillwright.no_such_room:start", "Not there."),
    )
    monkeypatch.setattr(cli, "COMMANDS", rows)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    assert run(["answer", "--times", "2"]) == 0
    assert capsys.readouterr().out == "42\n42\n"
    assert run(["--help"]) == 0
    assert "Not there." in capsys.readouterr().out


def answer(times: int = 1) -> None:
    for _ in range(times):
        print(42)


def test_starting_imports_neither_django_nor_the_rooms() -> None:
    code = "import sys, tillwright.cli; print({m.split('.')[0] for m in sys.modules} & {'django', 'httpx'})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
