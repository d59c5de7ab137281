"""Calls and habits that have cost somebody a night, each with what to do instead."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import PACKAGE, Module, broken, called, docstrings, expect_none, planted

#: The files that stand for the driver of SQLite.
SQLITE_DOORS = ("tillwright", "tillwright.machine.sqlite")
#: Files whose very work is to watch real processes in real time, which no moved clock may hurry.
MAY_SLEEP = frozenset({"tillwright.machine.processes", "tillwright.demo.processes"})
#: The room that may ask the machine for time and chance; all others take the clock port.
MAY_ASK_THE_MACHINE = ("machine",)
#: What measures this very machine, and makes the keys that a till's client would make.
MEASURES = "tillwright.demo.bench_"

CLOCK_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.utcfromtimestamp",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.perf_counter_ns", "time.localtime", "time.gmtime", "timezone.now", "timezone.localtime",
}  # fmt: skip
CHANCE_CALLS = {"uuid4", "uuid1", "uuid.uuid4", "uuid.uuid1"}
CLOCK_NAMES = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}


def second_sqlite(module: Module) -> Iterator[str]:
    for needed in module.imports:
        if needed.target.split(".")[0] in ("sqlite3", "pysqlite3") and module.name not in SQLITE_DOORS:
            yield f"{module.name}:{needed.line}: from tillwright.machine import sqlite"


def sleeps(module: Module) -> Iterator[str]:
    for node in module.nodes:
        sleeping = isinstance(node, ast.Call) and called(node) in ("time.sleep", "sleep", "asyncio.sleep")
        if sleeping and module.name not in MAY_SLEEP:
            yield module.at(node, "wait for an event with a time-out; only a driver sleeps")


def own_clock(module: Module) -> Iterator[str]:
    """Time or chance taken from the machine past the ports."""
    if module.room in MAY_ASK_THE_MACHINE or module.name in MAY_SLEEP or module.name.startswith(MEASURES):
        return
    for node in module.nodes:
        if isinstance(node, ast.Call):
            short = ".".join(called(node).split(".")[-2:])
            if short in CLOCK_CALLS | CHANCE_CALLS:
                yield module.at(node, f"{short}(): take it from the clock port, or make the key in machine")
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in CLOCK_NAMES:
                    yield module.at(node, f"time.{alias.name}: take it from the clock port")


# --- exceptions -------------------------------------------------------------------------------------------


def broad_catches(module: Module) -> Iterator[str]:
    """Catching everything is for outer loops, and each such place records a fault or raises again."""
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_or_records(node):
            yield module.at(node, "name the exception, or record a fault")
        elif isinstance(node, ast.Call) and _suppresses_all(node):
            yield module.at(node, "name the exception that is suppressed")


def _suppresses_all(call: ast.Call) -> bool:
    return _last_name(call) == "suppress" and any(_is_broad(arg) for arg in call.args)


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in kinds)


def _raises_or_records(handler: ast.ExceptHandler) -> bool:
    """It raises, records or makes a fault, or hands the very error to whoever waits for the answer."""
    nodes = list(ast.walk(handler))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return (
        any(isinstance(node, ast.Raise) for node in nodes)
        or any("record" in _last_name(call) or _last_name(call) == "Fault" for call in calls)
        or any(_hands_on(call, handler.name) for call in calls)
    )


def _hands_on(call: ast.Call, error: str | None) -> bool:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "error"]
    if _last_name(call) == "set_exception":
        given += call.args
    return any(isinstance(value, ast.Name) and value.id == error for value in given)


def _last_name(call: ast.Call) -> str:
    return called(call).split(".")[-1]


# --- money ------------------------------------------------------------------------------------------------

MONEY_WORD = re.compile(r"(^|_)(amount|minor|price|total|money|balance|tender|cash|debt|change_due)s?(_|$)")
#: Words that make a name with a money word in it something else: a time, a count, a share.
NOT_MONEY = re.compile(r"(_ms|_ns|_s|_count|_per_\w+|_share|_ratio)$")


def floats_near_money(module: Module) -> Iterator[str]:
    """A float, a true division or a float type that touches a name of money."""
    for node in module.nodes:
        match node:
            case ast.BinOp(op=ast.Div()) if _speaks_of_money(node):
                yield module.at(node, "money is divided with // and a rule for the rest")
            case ast.BinOp() if _has_float(node) and _speaks_of_money(node):
                yield module.at(node, "money is whole minor units; no float")
            case ast.Call(func=ast.Name(id="float")) if _speaks_of_money(node):
                yield module.at(node, "money is whole minor units; no float()")
            case ast.AnnAssign(target=target, annotation=kind) if _is_float(kind) and _speaks_of_money(
                target
            ):
                yield module.at(node, "money is whole minor units; int")
            case ast.arg(arg=name, annotation=ast.expr() as kind) if _is_float(kind) and _is_money(name):
                yield module.at(node, "money is whole minor units; int")


def _speaks_of_money(node: ast.AST) -> bool:
    names = (part.id if isinstance(part, ast.Name) else getattr(part, "attr", "") for part in ast.walk(node))
    return any(_is_money(name) for name in names)


def _is_money(name: str) -> bool:
    return bool(MONEY_WORD.search(name)) and not NOT_MONEY.search(name)


def _has_float(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(isinstance(side, ast.Constant) and isinstance(side.value, float) for side in sides)


def _is_float(annotation: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "float" for part in ast.walk(annotation))


# --- form -------------------------------------------------------------------------------------------------


def untyped(module: Module) -> Iterator[str]:
    """Functions that do not say what they take and give."""
    for function in module.functions:
        spec = function.args
        every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
        bare = [arg.arg for arg in every if arg and not arg.annotation and arg.arg not in ("self", "cls")]
        if bare or function.returns is None:
            yield module.at(function, f"{function.name}: type {', '.join([*bare, 'the result'])}")


def unexplained(module: Module) -> Iterator[str]:
    """Modules that do not begin with what they are for."""
    if module.tree.body and not ast.get_docstring(module.tree):
        yield f"{module.name}:1: say first what the module is for"


def asserts(module: Module) -> Iterator[str]:
    """`assert` vanishes under -O; a check that guards money must not."""
    for node in module.nodes:
        if isinstance(node, ast.Assert):
            yield module.at(node, "call a helper that raises; asserts are switched off by python -O")


HOST_PATH = re.compile(r"(?<![\w.<}])/(home|root|Users|mnt|opt|work|tmp)/\w")


def host_paths(module: Module) -> Iterator[str]:
    prose = {id(node) for node in docstrings(module.tree)}
    for node in module.nodes:
        text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else None
        if isinstance(text, str) and HOST_PATH.search(text):
            yield module.at(node, "no path of a machine; take folders from the settings")


RULES = (
    second_sqlite, sleeps, own_clock, broad_catches, floats_near_money, untyped, unexplained, asserts,
    host_paths,
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule) -> None:
    expect_none(broken(rule))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (second_sqlite, "import sqlite3"),
        (second_sqlite, "def f():\n    from pysqlite3 import dbapi2"),
        (sleeps, "import time\ntime.sleep(1)"),
        (sleeps, "async def f():\n    await asyncio.sleep(0.1)"),
        (own_clock, "at = datetime.datetime.now(tz=UTC)"),
        (own_clock, "from django.utils import timezone\nat = timezone.now()"),
        (own_clock, "from time import monotonic_ns"),
        (own_clock, "key = uuid.uuid4()"),
        (broad_catches, "try:\n    f()\nexcept Exception:\n    pass"),
        (broad_catches, "try:\n    f()\nexcept:\n    log()"),
        (broad_catches, "try:\n    f()\nexcept Exception as e:\n    log(error=str(e))"),
        (broad_catches, "try:\n    f()\nexcept (ValueError, Exception) as e:\n    print(e)"),
        (broad_catches, "with contextlib.suppress(Exception):\n    f()"),
        (floats_near_money, "half = sale.total_minor / 2"),
        (floats_near_money, "tax = price_minor * 0.2"),
        (floats_near_money, "shown = float(line.amount)"),
        (floats_near_money, "amount: float = 0"),
        (floats_near_money, "def f(amount_minor: float | None) -> None: ..."),
        (untyped, "def f(a) -> None: ..."),
        (untyped, "def f(): ..."),
        (untyped, "def f(*, a: int, **more) -> None: ..."),
        (unexplained, "x = 1"),
        (asserts, "assert total >= 0"),
        (host_paths, "FOLDER = '/home/till/data'"),
    ],
)
def test_a_planted_offence_is_found(rule, text: str) -> None:
    assert len(broken(rule, [planted("till.actions", text)])) == 1


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (second_sqlite, "from tillwright.machine import sqlite"),
        (own_clock, "at = clock.now_ms()"),
        (broad_catches, "try:\n    f()\nexcept Exception as error:\n    faults.record(error)"),
        (broad_catches, "try:\n    f()\nexcept BaseException:\n    undo()\n    raise"),
        (broad_catches, "try:\n    f()\nexcept ValueError:\n    pass"),
        (broad_catches, "try:\n    f()\nexcept Exception as e:\n    return Answer(error=e)"),
        (broad_catches, "try:\n    f()\nexcept Exception as e:\n    stop(Fault('x', reason=kind(e)))"),
        (floats_near_money, "mean = total_ms / 2"),
        (floats_near_money, "half = total_minor // 2"),
        (floats_near_money, "path = folder / 'total'"),
        (untyped, "class A:\n    def f(self, a: int) -> int: ..."),
        (host_paths, "URL = '/api/v1/home/x'"),
    ],
)
def test_good_manners_are_left_alone(rule, text: str) -> None:
    assert broken(rule, [planted("till.actions", text)]) == []


def test_the_machine_may_ask_the_machine() -> None:
    assert broken(own_clock, [planted("machine.clocks", "import time\nat = time.time_ns()")]) == []


def test_the_doors_are_where_they_are_said_to_be() -> None:
    assert {name.split(".")[0] for name in SQLITE_DOORS} == {PACKAGE}
