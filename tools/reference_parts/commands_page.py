"""The page of commands, from the table of commands and from what each says of its words."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from typer.core import TyperArgument
from typer.main import get_command

from tillwright.cli import COMMANDS, Command, build
from tools.reference_parts.markdown import cell, code, codes, fenced, page, prose, table

KINDS: dict[object, str] = {int: "NUMBER", float: "NUMBER", str: "TEXT", Path: "PATH"}


def commands() -> str:
    """Every command with its arguments and options."""
    return page(
        "Commands",
        "After `make setup` the program is `.venv/bin/tillwright`. Every command knows `--help`.",
        "Exit status: 0 all held; 1 something that is reported is wrong; 2 wrong use. Commands that "
        "measure or prove something take `--json`; their keys stand under [Reports](reports.md).",
        table(
            ("Command", "What it does"),
            ((f"[`tillwright {one.name}`](#tillwright-{one.name})", cell(one.help)) for one in COMMANDS),
        ),
        *(part for one in COMMANDS for part in _parts(one)),
    )


def _parts(command: Command) -> Iterator[str]:
    root: Any = get_command(build([command.name]))
    yield f"## tillwright {command.name}"
    yield from _described(root.commands[command.name], f"tillwright {command.name}")


def _described(command: Any, words: str) -> Iterator[str]:
    """One command; of one that has commands of its own, each of these."""
    inner = getattr(command, "commands", {})
    yield _help(command)
    for name, one in inner.items():
        yield f"### {words} {name}"
        yield from _described(one, f"{words} {name}")
    if inner:
        return
    yield fenced(" ".join((words, *_usage(command))))
    hints = _hints(command)
    yield table(
        ("Word", "If left out", "What it is"),
        ((_word(one, hints), _default(one), cell(one.help or "")) for one in command.params),
    )


def _hints(command: Any) -> dict[str, object]:
    """Parameter → its type, out of its annotation."""
    parameters = inspect.signature(command.callback, eval_str=True).parameters
    return {name: get_args(one.annotation)[0] for name, one in parameters.items() if get_args(one.annotation)}


def _help(command: Any) -> str:
    told = inspect.getdoc(command.callback) if command.callback else ""
    return prose((told or command.help or "").partition("\n\n")[0])


def _usage(command: Any) -> Iterator[str]:
    if any(not isinstance(one, TyperArgument) for one in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if isinstance(one, TyperArgument):
            yield _argument(one) if one.required else f"[{_argument(one)}]"


def _argument(one: Any) -> str:
    return str(one.metavar or one.name.upper())


def _word(one: Any, hints: dict[str, object]) -> str:
    if isinstance(one, TyperArgument):
        return code(_argument(one))
    said = " / ".join((*one.opts, *one.secondary_opts))
    return code(said if one.is_flag else f"{said} {one.metavar or _kind(hints[one.name])}")


def _kind(hint: object) -> str:
    """A type in the words of a command line: NUMBER, TEXT, PATH, or what may be chosen."""
    if get_origin(hint) is not None:
        choices = [one for one in get_args(hint) if one is not type(None)]
        return "|".join(_kind(one) for one in choices)
    return KINDS.get(hint, str(hint))


def _default(one: Any) -> str:
    if one.required:
        return "must be given"
    if isinstance(one.default, bool):
        return "yes" if one.default else "no"
    if isinstance(one.default, list | tuple):
        return codes(one.default)
    return "" if one.default is None else code(one.default)
