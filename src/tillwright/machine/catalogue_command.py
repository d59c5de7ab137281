"""`tillwright catalogue check|list|show`: the codes that the program can say, and what it says with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from tillwright.catalogue import commands
from tillwright.catalogue.catalogue import UnknownCode
from tillwright.catalogue.languages import LANGUAGES
from tillwright.machine.reports import open_report, show
from tillwright.machine.resources import catalogue_texts, shipped_catalogue

_WRONG_USE = 2

app = typer.Typer(no_args_is_help=True, help="The codes of faults, and what people are told about them.")

Language = Annotated[
    str, typer.Option("--language", "-l", help=f"One of {', '.join(LANGUAGES)}.", show_default=False)
]


@app.command()
def check(
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Look for mistakes in the entries of all packs; ends with 1 when there is one."""
    opened = open_report("catalogue check")
    found = commands.check(catalogue_texts())
    show(opened.close(found), json, _sentences(found))
    if found["problems"] or not found["entries"]:
        raise typer.Exit(1)


def _sentences(found: dict[str, Any]) -> Iterator[str]:
    for problem in found["problems"]:
        code = f"{problem['code']}: " if problem["code"] else ""
        yield f"{problem['file']}:{problem['line']}: {code}{problem['text']}"
    packs = ", ".join(f"{pack} {count}" for pack, count in found["by_pack"].items())
    yield f"{found['entries']} entries ({packs}), {len(found['problems'])} problems"


@app.command("list")
def list_codes(language: Language = "en") -> None:
    """Every code with its severity, its part and its sentence."""
    for row in commands.listing(shipped_catalogue(), _known(language)):
        typer.echo("  ".join(row))


@app.command("show")
def show_code(
    code: Annotated[str, typer.Argument(help="For instance till.red-blocks.")], language: Language = ""
) -> None:
    """Everything about one code, in all languages or in one."""
    try:
        for line in commands.show(shipped_catalogue(), code, _known(language) if language else None):
            typer.echo(line)
    except UnknownCode as unknown:
        typer.echo(f"tillwright: there is no code {code}", err=True)
        raise typer.Exit(_WRONG_USE) from unknown


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise typer.BadParameter(f"there is {', '.join(LANGUAGES)}", param_hint="--language")
    return language
