"""The law of the pure: what decides about money takes time and chance as arguments and touches nothing."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, broken, called, expect_none, planted, written_modules

FORBIDDEN_IMPORTS = {
    "django", "time", "random", "socket", "os", "threading", "asyncio", "secrets", "subprocess", "sqlite3",
    "pysqlite3", "multiprocessing", "concurrent", "selectors", "signal", "tempfile", "shutil", "httpx",
    "queue", "ssl", "http", "urllib",
}  # fmt: skip

FORBIDDEN_CALLS = {
    "open": "take the text as an argument",
    "input": "take the text as an argument",
    "datetime.now": "take the time as an argument",
    "datetime.utcnow": "take the time as an argument",
    "datetime.today": "take the time as an argument",
    "date.today": "take the time as an argument",
    "uuid4": "take the key as an argument",
    "uuid1": "take the key as an argument",
    "uuid.uuid4": "take the key as an argument",
    "uuid.uuid1": "take the key as an argument",
    "import_module": "import it",
}
FILE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "iterdir", "rglob"}

#: Callables whose result does not depend on the order of what they are given.
ORDER_FREE = {"sorted", "set", "frozenset", "sum", "min", "max", "any", "all", "len", "Counter"}
#: Callables that fix an order that a set does not have.
ORDER_FIXING = {"list", "tuple", "enumerate", "iter", "next", "zip", "map", "filter", "dict.fromkeys"}
SET_TYPES = {"set", "frozenset", "Set", "AbstractSet", "FrozenSet"}


def pure_modules() -> list[Module]:
    return [module for module in written_modules() if module.is_pure]


def reaches_out(module: Module) -> Iterator[str]:
    """Imports and calls through which time, chance or the outside would come in."""
    for needed in module.imports:
        if needed.target.split(".")[0] in FORBIDDEN_IMPORTS:
            yield f"{module.name}:{needed.line}: pure code must not import {needed.target}"
        elif needed.target.startswith("tillwright.machine"):
            yield f"{module.name}:{needed.line}: pure code must not know the machine"
    for node in module.nodes:
        if isinstance(node, ast.Call):
            yield from _forbidden_call(module, node)


def _forbidden_call(module: Module, call: ast.Call) -> Iterator[str]:
    name = called(call)
    short = ".".join(name.split(".")[-2:])
    for candidate in {name, short}:
        if candidate in FORBIDDEN_CALLS:
            yield module.at(call, f"{candidate}(): {FORBIDDEN_CALLS[candidate]}")
            return
    if isinstance(call.func, ast.Attribute) and call.func.attr in FILE_METHODS:
        yield module.at(call, f".{call.func.attr}(): pure code must not touch files")


# --- sets have no order -----------------------------------------------------------------------------------


def unsorted_sets(module: Module) -> Iterator[str]:
    """Places where the order of a set, which differs from run to run, gets into the result."""
    sets = _SetNames(module)
    free = {id(arg) for arg in _given_to_order_free(module)}
    for node in module.nodes:
        for iterated in _iterated(node, free):
            if sets.is_set(iterated):
                yield module.at(iterated, "a set has no order: iterate over sorted(...)")


def _given_to_order_free(module: Module) -> Iterator[ast.AST]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and called(node).split(".")[-1] in ORDER_FREE:
            yield from node.args


def _iterated(node: ast.AST, free: set[int]) -> Iterator[ast.expr]:
    match node:
        case ast.For(iter=value):
            yield value
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() if id(node) not in free:
            yield from (generator.iter for generator in node.generators)
        case ast.Starred(value=value):
            yield value
        case ast.Call() if called(node) in ORDER_FIXING and id(node) not in free:
            yield from node.args
        case ast.Call(func=ast.Attribute(attr="join")):
            yield from node.args


class _SetNames:
    """Which names and attributes of a module hold sets, as far as it says so itself."""

    def __init__(self, module: Module) -> None:
        sets: set[str] = set()
        others: set[str] = set()
        for node in module.nodes:
            for name, holds_set in self._declared(node):
                (sets if holds_set else others).add(name)
        self._names = sets - others

    def _declared(self, node: ast.AST) -> Iterator[tuple[str, bool]]:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name), annotation=annotation):
                yield name, _is_set_type(annotation)
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                yield name, _is_set_type(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, _makes_set(value)
            case ast.For(target=ast.Name(id=name)) | ast.comprehension(target=ast.Name(id=name)):
                yield name, False

    def is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name in self._names
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
                return self.is_set(left) or self.is_set(right)
        return _makes_set(node)


def _makes_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return called(node) in ("set", "frozenset")
    return isinstance(node, ast.Set | ast.SetComp)


def _is_set_type(annotation: ast.expr) -> bool:
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name | ast.Attribute) and ast.unparse(base).split(".")[-1] in SET_TYPES


# --- the tests --------------------------------------------------------------------------------------------


def test_there_is_something_pure() -> None:
    assert len(pure_modules()) > 10


def test_pure_code_reaches_nothing() -> None:
    expect_none(broken(reaches_out, pure_modules()))


def test_pure_code_iterates_over_no_set() -> None:
    expect_none(broken(unsorted_sets, pure_modules()))


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from django.db import models",
        "def f():\n    from random import choice",
        "import os.path",
        "from tillwright.machine import sqlite",
        "from datetime import datetime\nat = datetime.now()",
        "import datetime\nat = datetime.datetime.now()",
        "from uuid import uuid4\nkey = uuid4()",
        "text = open('file').read()",
        "text = path.read_text()",
    ],
)
def test_a_planted_reach_is_found(text: str) -> None:
    assert len(broken(reaches_out, [planted("credit.rules", text)])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "for leg in {1, 2}:\n    post(leg)",
        "rows = [leg for leg in set(legs)]",
        "def f(legs: frozenset[str]):\n    return tuple(legs)",
        "def f(legs: frozenset[str]):\n    return ', '.join(legs)",
        "class State:\n    legs: frozenset[str]\ndef f(state):\n    return {leg: 1 for leg in state.legs}",
        "open_legs = set(legs)\nfirst = next(iter(open_legs))",
        "def f(a: set[str], b: set[str]):\n    for x in a - b:\n        post(x)",
        "def f(a: set[str]):\n    return [*a]",
    ],
)
def test_a_planted_order_of_a_set_is_found(text: str) -> None:
    assert broken(unsorted_sets, [planted("operations.table", text)])


@pytest.mark.parametrize(
    "text",
    [
        "for leg in sorted({1, 2}):\n    post(leg)",
        "def f(legs: frozenset[str]):\n    return sorted(leg.name for leg in legs)",
        "def f(legs: frozenset[str]):\n    return {leg.name for leg in legs}",
        "def f(legs: set[str]):\n    return all(leg in legs for leg in ('a', 'b'))",
        "def f(legs: tuple[str, ...]):\n    return list(legs)",
    ],
)
def test_order_that_does_not_matter_is_allowed(text: str) -> None:
    assert broken(unsorted_sets, [planted("operations.table", text)]) == []
