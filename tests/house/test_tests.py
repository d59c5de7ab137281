"""Tests are held to rules too: each can fail, none waits for the clock, none opens a second SQLite."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.house.source import ROOT, Module, broken, called, expect_none

#: Calls that can fail a test without the word assert: helpers are named for what they check.
CHECKING_CALL = re.compile(r"^(assert|check|expect|must|raises|fail|warns)")
#: Helpers that wait for something that another process does; they poll, with an end.
MAY_SLEEP: frozenset[str] = frozenset()


@cache
def modules_of_tests() -> tuple[Module, ...]:
    paths = sorted((ROOT / "tests").rglob("*.py"))
    return tuple(
        Module(".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text("utf-8"))
        for path in paths
    )


def toothless(module: Module) -> Iterator[str]:
    for function in module.functions:
        if function.name.startswith("test_") and not _can_fail(function):
            yield module.at(function, f"{function.name} cannot fail")


def _can_fail(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_is_check(node) for node in ast.walk(function))


def _is_check(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    return isinstance(node, ast.Call) and bool(CHECKING_CALL.match(called(node).split(".")[-1].lstrip("_")))


def second_sqlite(module: Module) -> Iterator[str]:
    for needed in module.imports:
        if needed.target.split(".")[0] in ("sqlite3", "pysqlite3"):
            yield f"{module.name}:{needed.line}: from tillwright.machine import sqlite"


def sleeps(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if (
            isinstance(node, ast.Call)
            and called(node) in ("time.sleep", "sleep")
            and module.name not in MAY_SLEEP
        ):
            yield module.at(node, "move a clock, or wait for an event; only the helpers in MAY_SLEEP poll")


def switched_off(module: Module) -> Iterator[str]:
    """Tests switched off for good; a platform that cannot is skipped by name, at run time."""
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.skip":
            yield module.at(node, "mend it or remove it")


RULES = (toothless, second_sqlite, sleeps, switched_off)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_tests_keep_the_rule(rule) -> None:
    expect_none(broken(rule, modules_of_tests()))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (toothless, "def test_a():\n    sell()"),
        (toothless, "def test_a():\n    assert True"),
        (toothless, "@pytest.mark.slow\ndef test_a():\n    sell()"),
        (second_sqlite, "import sqlite3"),
        (sleeps, "time.sleep(1)"),
        (switched_off, "@pytest.mark.skip(reason='later')\ndef test_a():\n    assert sell()"),
    ],
)
def test_a_planted_offence_is_found(rule, text: str) -> None:
    assert len(broken(rule, [Module("tests.planted", text)])) == 1


def test_helpers_named_for_what_they_check_count() -> None:
    assert broken(toothless, [Module("tests.planted", "def test_a():\n    check_books(sell())")]) == []
