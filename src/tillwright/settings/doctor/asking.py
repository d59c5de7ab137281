"""Asks a person at a terminal: a title, numbered choices, and the number of one of them.

What stands in a choice is the catalogue's and is printed as it is; nothing in it is taken for colours.
Whoever leaves (Ctrl+C, Ctrl+D) has gone; whoever types something else is told what can be typed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tillwright.settings.doctor.words import word

Ask = Callable[[str, Sequence[str]], int | None]


def is_there(console: Console) -> bool:
    """Whether somebody sits at the terminal: who cannot see a question cannot be asked it."""
    return sys.stdin.isatty() and console.is_terminal


def asker(console: Console, language: str) -> Ask:
    """Shows a title and numbered choices, and brings the place of the one that was chosen; None: the person
    has gone.
    """

    def ask(title: str, choices: Sequence[str]) -> int | None:
        console.print(Text(f"\n{title}", "bold") if title else "")
        console.print(_numbered(choices))
        while (typed := _typed(console)) is not None:
            if typed.isdecimal() and 1 <= int(typed) <= len(choices):
                return int(typed) - 1
            console.print(Text(word("type-number", language).format(most=len(choices)), "yellow"))
        return None

    return ask


def _numbered(choices: Sequence[str]) -> Table:
    """A long choice goes on below its own beginning, not below its number."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", min_width=3, no_wrap=True)
    table.add_column(overflow="fold")
    for number, words in enumerate(choices, 1):
        table.add_row(str(number), Text(words))
    return table


def _typed(console: Console) -> str | None:
    try:
        return console.input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        console.print()  # what follows begins on a line of its own
        return None
