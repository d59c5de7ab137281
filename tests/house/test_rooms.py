"""The import law: rooms look down, never up; no cycle between files; the core knows no Django."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from tests.house.source import (
    PACKAGE,
    ROOMS,
    ROOT,
    SOURCE,
    Import,
    Module,
    broken,
    expect_none,
    modules,
    planted,
)

#: Parts of the journal that have to work without any web framework.
WITHOUT_DJANGO = ("tillwright.journal.runner", "tillwright.journal.station")
#: The rooms that may read Django's settings; all others get what they need handed in.
MAY_READ_SETTINGS = ("settings", "web")

TEMPLATE_NEEDS = re.compile(r"""{%\s*(?:extends|include)\s+["']([\w-]+)/""")


def looks_up(module: Module) -> Iterator[str]:
    """Imports of a room that does not stand before this one."""
    if not module.room:
        rooms_before: tuple[str, ...] = ()
    else:
        rooms_before = ROOMS[: ROOMS.index(module.room) + 1]
    for needed in module.imports:
        parts = needed.target.split(".")
        if parts[0] == PACKAGE and len(parts) > 1 and parts[1] in ROOMS and parts[1] not in rooms_before:
            yield f"{module.name}:{needed.line}: {module.room or PACKAGE} must not need {parts[1]}"


def reads_settings(module: Module) -> Iterator[str]:
    """Django's settings read anywhere but in the rooms that may."""
    for needed in module.imports:
        if needed.target == "django.conf.settings" and module.room not in MAY_READ_SETTINGS:
            yield f"{module.name}:{needed.line}: take it as an argument"


def test_every_folder_is_a_room() -> None:
    rooms = {module.room for module in modules()} - {"", "packs", "__main__"}
    assert rooms <= set(ROOMS)


def test_packs_hold_no_code() -> None:
    assert list((SOURCE / PACKAGE / "packs").rglob("*.py")) == []


def test_rooms_look_down() -> None:
    in_rooms = [module for module in modules() if module.room in ("", *ROOMS)]
    expect_none(broken(looks_up, in_rooms))


def test_only_some_rooms_read_settings() -> None:
    expect_none(broken(reads_settings))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kernel.money", "from tillwright.books import cash"),
        ("books.cash", "def post():\n    import tillwright.journal.runner"),
        ("journal.writer", "from importlib import import_module\nimport_module('tillwright.till.views')"),
        ("operations.kinds", "from tillwright import people"),
        ("people.models", "shift = models.ForeignKey('till.Shift', models.PROTECT)"),
        ("people.models", "shift = models.ManyToManyField(to='till.Shift')"),
        ("people.migrations.0002_more", "class M:\n    dependencies = [('till', '0001_initial')]"),
        ("parties.registry", "HANDLER = 'tillwright.faults.probes:paper'"),
    ],
)
def test_a_planted_look_up_is_found(name: str, text: str) -> None:
    assert len(broken(looks_up, [planted(name, text)])) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("journal.writer", '"""See tillwright.till.views."""\nfrom tillwright.kernel import money'),
        ("till.models", "who = models.ForeignKey('people.Account', models.PROTECT)"),
        ("till.views", "TITLE = 'tillwright is open'"),
    ],
)
def test_looking_down_is_allowed(name: str, text: str) -> None:
    assert broken(looks_up, [planted(name, text)]) == []


def test_a_planted_reading_of_settings_is_found() -> None:
    text = "from django.conf import settings"
    assert broken(reads_settings, [planted("till.actions", text)])
    assert broken(reads_settings, [planted("web.pages", text)]) == []


# --- templates --------------------------------------------------------------------------------------------


def template_looks_up(room: str, text: str) -> list[str]:
    """Rooms above `room` whose templates this template extends or includes."""
    return [needed for needed in TEMPLATE_NEEDS.findall(text) if needed in ROOMS[ROOMS.index(room) + 1 :]]


def test_templates_look_down() -> None:
    wrong = []
    for path in (SOURCE / PACKAGE).rglob("templates/**/*.html"):
        room = path.relative_to(SOURCE / PACKAGE).parts[0]
        wrong += [
            f"{path.name}: {room} must not need {up}" for up in template_looks_up(room, path.read_text())
        ]
    expect_none(wrong)


def test_a_planted_template_is_found() -> None:
    assert template_looks_up("people", '{% include "till/strip.html" %}') == ["till"]
    assert template_looks_up("till", "{% extends 'web/page.html' %}") == []


# --- cycles and reach -------------------------------------------------------------------------------------


@cache
def graph() -> dict[str, frozenset[str]]:
    return needs(modules())


def needs(among: Iterable[Module]) -> dict[str, frozenset[str]]:
    """module → the modules of the package that it needs by statement."""
    names = {module.name for module in among}
    return {module.name: frozenset(_resolved(module, names)) for module in among}


def _resolved(module: Module, names: set[str]) -> Iterator[str]:
    for needed in module.imports:
        if needed.by_name and module.room == "settings":
            continue  # settings name the parts that Django loads, and those read the settings
        target = _longest_known(needed, names)
        if target and target not in (module.name, PACKAGE):
            yield target


def _longest_known(needed: Import, names: set[str]) -> str | None:
    parts = needed.target.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in names:
            return ".".join(parts[:length])
    return None


def reach(start: str, edges: dict[str, frozenset[str]]) -> set[str]:
    """Everything that `start` needs, at first or at second hand."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in edges.get(waiting.pop(), frozenset()) - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def cycles(edges: dict[str, frozenset[str]]) -> list[str]:
    """Modules that need themselves by way of others."""
    return sorted(name for name in edges if name in reach(name, edges))


def test_no_cycle_between_modules() -> None:
    expect_none(cycles(graph()))


def test_a_planted_cycle_is_found() -> None:
    ring = [
        planted("books.cash", "def f():\n    from tillwright.books.card import g"),
        planted("books.card", "from tillwright.books import credit"),
        planted("books.credit", "from tillwright.books.cash import f"),
        planted("books.other", "from tillwright.books.cash import f"),
    ]
    assert len(cycles(needs(ring))) == 3


def needs_django(start: str, among: Iterable[Module]) -> list[str]:
    """Where `start`, or anything that it needs, imports Django."""
    among = tuple(among)
    edges = needs(among)
    reached = {start, *reach(start, edges)}
    found = [(module, needed) for module in among if module.name in reached for needed in module.imports]
    return [f"{m.name}:{needed.line}" for m, needed in found if needed.target.split(".")[0] == "django"]


@pytest.mark.parametrize("name", WITHOUT_DJANGO)
def test_the_journal_works_without_django(name: str) -> None:
    under = [module for module in modules() if module.name == name or module.name.startswith(f"{name}.")]
    if not under:
        pytest.skip(f"{name} is not there yet")
    assert [where for module in under for where in needs_django(module.name, modules())] == []


def test_a_planted_need_of_django_is_found() -> None:
    pair = [
        planted("journal.runner", "from tillwright.journal import rows"),
        planted("journal.rows", "def f():\n    from django.db import models"),
    ]
    assert needs_django("tillwright.journal.runner", pair) == ["tillwright.journal.rows:2"]


# --- the second witness -----------------------------------------------------------------------------------


def test_import_linter_has_the_same_order() -> None:
    """It lists the highest first; the brackets say that a room may be missing yet."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [layer.strip("()") for layer in config["contracts"][0]["layers"]]
    assert layers == list(reversed(ROOMS))
