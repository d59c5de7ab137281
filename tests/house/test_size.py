"""Ratchets on size: what does not fit on a screen is not understood by the next reader. They only tighten."""

import ast
from collections.abc import Iterable, Iterator
from statistics import median

from tests.house.source import CORE_ROOMS, Module, broken, expect_none, planted, written_modules

FUNCTION_LINES_MAX = 70
#: Of a hundred functions of the core, this many may be longer than FUNCTION_LINES_WIDE.
WIDE_PER_HUNDRED_MAX = 2
FUNCTION_LINES_WIDE = 40
MEDIAN_FUNCTION_LINES_MAX = 10
CORE_FILE_LINES_BELOW = 600
FILE_LINES_BELOW = 800


def lines_of(function: ast.AST) -> int:
    """Lines from `def` to the last statement, docstring included."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return (function.end_lineno or function.lineno) - function.lineno + 1


def long_functions(module: Module) -> Iterator[str]:
    for function in module.functions:
        if lines_of(function) > FUNCTION_LINES_MAX:
            yield module.at(
                function, f"{function.name} has {lines_of(function)} lines; at most {FUNCTION_LINES_MAX}"
            )


def long_files(module: Module) -> Iterator[str]:
    limit = CORE_FILE_LINES_BELOW if module.room in CORE_ROOMS else FILE_LINES_BELOW
    lines = module.text.count("\n")
    if lines >= limit:
        yield f"{module.name} has {lines} lines; fewer than {limit}"


def core_lengths(among: Iterable[Module]) -> list[int]:
    return [
        lines_of(function) for module in among if module.room in CORE_ROOMS for function in module.functions
    ]


def test_no_function_is_long() -> None:
    expect_none(broken(long_functions))


def test_no_file_is_long() -> None:
    expect_none(broken(long_files))


def test_functions_of_the_core_are_short() -> None:
    lengths = core_lengths(written_modules())
    assert len(lengths) > 100
    assert median(lengths) <= MEDIAN_FUNCTION_LINES_MAX
    wide = sum(length > FUNCTION_LINES_WIDE for length in lengths)
    assert wide * 100 <= WIDE_PER_HUNDRED_MAX * len(lengths)


def test_planted_lengths_are_found() -> None:
    body = "    pass\n"
    assert broken(long_functions, [planted("books.cash", "def f():\n" + body * 70)])
    assert not broken(long_functions, [planted("books.cash", "def f():\n" + body * 69)])
    assert broken(long_files, [planted("journal.runner", "pass\n" * 600)])
    assert not broken(long_files, [planted("till.views", "pass\n" * 799)])
    assert broken(long_files, [planted("till.views", "pass\n" * 800)])
    assert core_lengths(
        [planted("books.cash", "def f():\n" + body * 3), planted("till.views", "def g(): ...")]
    ) == [4]
