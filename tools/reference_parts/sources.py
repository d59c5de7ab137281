"""What the source says of itself: docstrings of modules, classes, fields and members."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]

_FIELD = re.compile(r"^((?:`\w+`(?:, )?)+): (.*)$")


def docstring(thing: object) -> str:
    """The docstring, without the margin; empty if there is none."""
    return inspect.cleandoc(getattr(thing, "__doc__", None) or "")


def first_sentence(thing: object) -> str:
    """The first paragraph of a docstring, as one line."""
    return " ".join(docstring(thing).partition("\n\n")[0].split())


def paragraphs(thing: object) -> list[str]:
    """The paragraphs of a docstring; an indented one keeps its lines, the others are one line each."""
    parts = re.split(r"\n\n+", docstring(thing))
    return [part if part.startswith("    ") else " ".join(part.split()) for part in parts]


def fields_told(thing: object) -> dict[str, str]:
    """The fields that a docstring describes: '`port`: the port.' → {'port': 'the port.'}; '`a`, `b`: …' tells
    both.
    """
    told: dict[str, str] = {}
    names: list[str] = []
    for line in docstring(thing).splitlines():
        for piece in _pieces(line.strip()):
            found = _FIELD.match(piece)
            if found:
                names = re.findall(r"`(\w+)`", found[1])
                piece = found[2]
            elif not piece:
                names = []
            for name in names:
                told[name] = f"{told[name]} {piece}" if name in told else piece
    return told


def _pieces(line: str) -> list[str]:
    """A line may begin the next field in its middle: 'rest of the first. `second`: …'."""
    return re.split(r"(?<=[.)]) (?=`\w+`(?:, `\w+`)*: )", line)


def members_told(enumeration: type[Enum]) -> dict[str, str]:
    """Value of a member → the text that stands below it in the source; empty where none does."""
    values = {name: str(member.value) for name, member in enumeration.__members__.items()}
    return {values[name]: text for name, text in _told_below(enumeration).items() if name in values}


@cache
def _told_below(thing: type) -> dict[str, str]:
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(thing))).body[0]
    told: dict[str, str] = {}
    name = ""
    for node in getattr(body, "body", []):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            told[name] = ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            told[name], name = " ".join(str(node.value.value).split()), ""
    return told


def blocks(thing: object) -> list[str]:
    """The indented blocks of a docstring, each without its margin."""
    found: list[list[str]] = [[]]
    for line in docstring(thing).splitlines():
        if line.startswith("    ") or not line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    texts = [inspect.cleandoc("\n" + "\n".join(lines)) for lines in found]
    return [text for text in texts if text]


def place(thing: Callable[..., object] | type | ModuleType) -> str:
    """The file of something, from the root of the repository."""
    file = inspect.getsourcefile(thing)
    if file is None:
        raise LookupError(f"{thing!r} has no source")
    return Path(file).resolve().relative_to(ROOT).as_posix()
