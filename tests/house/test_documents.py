"""What the documents tell people to type is there: targets of make, commands of the program."""

import re

import pytest

from tests.house.source import ROOT
from tillwright.cli import COMMANDS

MAKE = re.compile(r"`make ([a-z-]+)")
COMMAND = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?tillwright ([a-z]+)|`tillwright ([a-z]+)", re.MULTILINE)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def documents() -> dict[str, str]:
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def test_every_target_that_is_named_can_be_made() -> None:
    wrong = [(name, made) for name, text in documents().items() for made in MAKE.findall(text)]
    assert [pair for pair in wrong if pair[1] not in targets()] == []


def test_every_command_that_is_named_exists() -> None:
    known = {command.name for command in COMMANDS}
    named = [
        (name, first or second)
        for name, text in documents().items()
        for first, second in COMMAND.findall(text)
    ]
    assert [pair for pair in named if pair[1] not in known] == []


@pytest.mark.parametrize("door", ["setup", "demo", "test", "check", "bench", "simulate", "pages", "clean"])
def test_every_door_is_in_the_readme(door: str) -> None:
    assert door in targets()
    assert f"`make {door}" in (ROOT / "README.md").read_text()


def test_every_decision_has_its_three_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert pages
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings[:3] == ["Context", "Choice", "Consequence"], page.name
