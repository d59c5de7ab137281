"""The source as the house tests see it: every module parsed once, its rooms and its imports.

A rule is a function from a Module to sentences about what is wrong; it is run over the real source, which
must give none, and over a planted offence, which must give one. So a rule that has gone blind is noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = "tillwright"

#: The rooms, the lowest first: a room imports only from rooms that stand before it.
ROOMS = (
    "kernel", "books", "operations", "diagnosis", "catalogue", "documents", "machine", "parties", "journal",
    "people", "web", "till", "credit", "faults", "desk", "calls", "sync", "simulation", "demo", "settings",
    "cli",
)  # fmt: skip

#: Rooms that know neither time nor chance nor the outside; every `rules.py` is held to the same.
PURE_ROOMS = ROOMS[: ROOMS.index("machine")]
#: Rooms whose mistakes cost money.
CORE_ROOMS = ROOMS[: ROOMS.index("journal") + 1]

Rule = Callable[["Module"], Iterable[str]]


@dataclass(frozen=True)
class Import:
    """Something that a module needs: the dotted name, and the line that says so."""

    target: str
    line: int
    by_name: bool = False  # said in a string, for somebody else to import


@dataclass(frozen=True)
class Module:
    """One parsed file of the package."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def room(self) -> str:
        """The room's name; empty for the package itself."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def is_pure(self) -> bool:
        return self.room in PURE_ROOMS or self.name.endswith(".rules")

    @property
    def is_migration(self) -> bool:
        return ".migrations" in self.name

    def at(self, node: ast.AST, text: str) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {text}"

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @cached_property
    def imports(self) -> list[Import]:
        """Everything that this module needs, wherever in the file it says so, strings included."""
        return [*_import_statements(self.nodes), *_strings_that_import(self)]


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    return tuple(_read(path) for path in sorted((SOURCE / PACKAGE).rglob("*.py")))


def written_modules() -> list[Module]:
    """Those that people wrote: without migrations, which Django writes."""
    return [module for module in modules() if not module.is_migration]


def _read(path: Path) -> Module:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path.read_text("utf-8"))


def broken(rule: Rule, within: Iterable[Module] | None = None) -> list[str]:
    """What `rule` has to say about the modules, by default all that people wrote."""
    return [text for module in (written_modules() if within is None else within) for text in rule(module)]


def expect_none(found: list[str]) -> None:
    """Fail with every sentence, one a line."""
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def planted(name: str, text: str) -> Module:
    """A module that is not there, to see a rule strike."""
    return Module(f"{PACKAGE}.{name}", text)


# --- what counts as an import -----------------------------------------------------------------------------


def _import_statements(nodes: list[ast.AST]) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(f"{node.module or '.'}.{alias.name}", node.lineno) for alias in node.names)


DOTTED = re.compile(rf"{PACKAGE}(\.\w+)+(:\w+)?")
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField", "GenericForeignKey")


def _strings_that_import(module: Module) -> Iterator[Import]:
    """Dotted names in strings (for `import_module`, tables of commands, settings), relations, migrations."""
    prose = {id(node) for node in docstrings(module.tree)}
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if DOTTED.fullmatch(node.value):
                yield Import(node.value.replace(":", "."), node.lineno, by_name=True)
        elif isinstance(node, ast.Call) and called(node).split(".")[-1] in RELATIONS:
            yield from _related(node)
        elif isinstance(node, ast.Assign) and _names(node.targets) == ["dependencies"]:
            yield from _migrations_before(node.value)


def _related(call: ast.Call) -> Iterator[Import]:
    """`ForeignKey("people.Account")` needs the room people."""
    candidates = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "to")]
    for value in candidates:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value:
            yield Import(f"{PACKAGE}.{value.value.split('.')[0]}", value.lineno)


def _migrations_before(value: ast.expr) -> Iterator[Import]:
    """`dependencies = [("people", "0001_initial")]` of a migration needs the room people."""
    for pair in ast.walk(value):
        if isinstance(pair, ast.Tuple) and pair.elts and isinstance(pair.elts[0], ast.Constant):
            label = pair.elts[0].value
            if label in ROOMS:
                yield Import(f"{PACKAGE}.{label}", pair.lineno)


def _names(targets: list[ast.expr]) -> list[str]:
    return [target.id for target in targets if isinstance(target, ast.Name)]


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """The string constants that are documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of attributes; an unnamed start is left out."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


def called(call: ast.Call) -> str:
    return dotted(call.func)
