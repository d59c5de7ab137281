"""What is kept is what was made, of exactly this, and whole; else it is made anew."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from tillwright.catalogue.catalogue import BrokenCatalogue, Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.machine import keeping, resources
from tillwright.machine.keeping import kept
from tillwright.machine.resources import READERS, catalogue_texts, shipped_catalogue

Make = Callable[[bytes], tuple[str, ...]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "kept"
    monkeypatch.setattr(keeping, "_file", lambda name: place / f"{name}.kept")
    return place


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def ask(folder: Path, made: list[str]) -> Make:
    """Asks for what is made of some bytes; `made` has a line each time it had to be."""

    def make() -> tuple[str, ...]:
        made.append("made")
        return ("one", "two", str(len(made)))

    return lambda of: kept("words", [of, b"code"], tuple[str, ...], make)


def test_the_second_time_nothing_is_made(ask: Make, made: list[str]) -> None:
    assert ask(b"text") == ask(b"text") == ("one", "two", "1")
    assert made == ["made"]


def test_what_is_made_of_something_else_is_made(ask: Make, made: list[str]) -> None:
    assert [ask(of)[-1] for of in (b"text", b"texts", b"text")] == ["1", "2", "3"]


def test_where_a_part_ends_counts(ask: Make, made: list[str]) -> None:
    assert keeping._hash([b"ab", b"c"]) != keeping._hash([b"a", b"bc"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:70] + bytes([data[70] ^ 1]) + data[71:],
        lambda data: data + b"\x00",
    ],
)
def test_what_is_not_whole_is_made_anew(
    ask: Make, folder: Path, made: list[str], spoil: Callable[[bytes], bytes]
) -> None:
    ask(b"text")
    file = folder / "words.kept"
    file.write_bytes(spoil(file.read_bytes()))
    assert ask(b"text")[-1] == "2"
    assert ask(b"text")[-1] == "2", "and is whole again"


def test_what_has_another_form_is_made_anew(ask: Make, folder: Path) -> None:
    ask(b"text")
    assert kept("words", [b"text", b"code"], tuple[int, ...], lambda: (7,)) == (7,)


def test_where_nothing_can_be_written_it_is_made(ask: Make, folder: Path, made: list[str]) -> None:
    folder.write_text("no folder")
    assert [ask(b"text")[-1], ask(b"text")[-1]] == ["1", "2"]


def test_nothing_half_written_stays_behind(ask: Make, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", full)
    assert ask(b"text")[-1] == "1"
    assert list(folder.iterdir()) == []


# ── the catalogue ──


@pytest.fixture
def fresh(folder: Path) -> Callable[[], Catalogue]:
    """The catalogue as another process would have it."""
    return shipped_catalogue.__wrapped__


def test_a_kept_catalogue_is_the_same(
    fresh: Callable[[], Catalogue], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fresh()
    assert (folder / "catalogue.kept").is_file()
    with monkeypatch.context() as now:
        now.setattr(Catalogue, "load", None)
        second = fresh()
    assert second == first
    assert list(second.entries) == sorted(second.entries)
    assert all(type(one) is Entry for one in second.entries.values())


def test_a_changed_text_is_read_and_checked(
    fresh: Callable[[], Catalogue], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh()
    texts = {**catalogue_texts(), "common/faults/broken.yaml": "- code: 7"}
    monkeypatch.setattr(resources, "catalogue_texts", lambda: texts)
    with pytest.raises(BrokenCatalogue):
        fresh()


def test_all_code_that_reads_entries_is_part_of_the_key() -> None:
    seen: set[str] = set()
    for room in READERS:
        for file in Path(str(files("tillwright") / room)).glob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            named = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module}
            seen |= {name.split(".")[1] for name in named if name.startswith("tillwright.")}
    assert seen <= set(READERS)
    assert all(
        not any(one.is_dir() for one in (files("tillwright") / room).iterdir() if one.name != "__pycache__")
        for room in READERS
    )
