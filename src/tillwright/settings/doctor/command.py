"""`tillwright doctor`: the command itself."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tillwright.catalogue.languages import LANGUAGES
from tillwright.machine.reports import open_report, show
from tillwright.settings.opening import end
from tillwright.settings.station import FILE_NAME, VARIABLE

if TYPE_CHECKING:
    from tillwright.settings.doctor.visit import Visit


LINES = "-"
"""In the place of a file of answers: they come line by line."""


def doctor(
    what: Annotated[
        str,
        typer.Argument(help="A code of the catalogue, or what the screen says; nothing: look everywhere."),
    ] = "",
    station: Annotated[
        Path | None, typer.Option(help=f"The station's {FILE_NAME}; here, or as {VARIABLE} says.")
    ] = None,
    till: Annotated[str, typer.Option(help="The till that it is about.")] = "",
    operation: Annotated[str, typer.Option(help="The uid of the operation that it is about.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    answers: Annotated[
        Path | None,
        typer.Option(
            help="A JSON or TOML file that answers in place of a person; -: a program does, line by line."
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="The language: en, vi, ru or zh.")] = "",
) -> None:
    """What is wrong here, and what to do about it. Ends with 0: healthy, 1: sick, 3: not known."""
    if language and language not in LANGUAGES:
        end(f"no language {language!r}; there are {', '.join(LANGUAGES)}")
    by_lines = answers is not None and str(answers) == LINES
    table = None if answers is None or by_lines else read_answers(answers)
    opened = open_report("doctor")
    visit = _visit(_file(station), language, till, operation)
    console = Console(stderr=True, highlight=False)
    from tillwright.settings.doctor.asking import asker, is_there
    from tillwright.settings.doctor.calling import LOST, Refused
    from tillwright.settings.doctor.reporting import EXITS, NOT_KNOWN
    from tillwright.settings.doctor.talking import FromLines
    from tillwright.settings.doctor.visit import WrongUse

    if by_lines:
        visit.lines = FromLines(lambda text: print(text, flush=True), sys.stdin.readline)
    person = table is None and not by_lines and not as_json and is_there(console)
    try:
        found = visit.run(what, table, console, ask=asker(console, visit.language) if person else None)
    except WrongUse as error:
        end(str(error))
    except (Refused, *LOST) as error:
        typer.echo(f"tillwright: the station went away, or refused: {error}", err=True)
        raise typer.Exit(EXITS[NOT_KNOWN]) from error
    except KeyboardInterrupt:  # who leaves while it looks knows nothing yet
        raise typer.Exit(EXITS[NOT_KNOWN]) from None
    show(opened.close(found.report()), as_json, found.sentences())
    raise typer.Exit(found.exit_status)


def _file(station: Path | None) -> Path:
    file = station or Path(os.environ.get(VARIABLE, FILE_NAME))
    if not file.is_file():
        end(f"{file} is not there; name the station's {FILE_NAME} with --station")
    return file.absolute()


def _visit(file: Path, language: str, till: str, operation: str) -> Visit:
    """Everything that a visit needs. Django is set up for the station where its settings can be read, else
    for none: then the words are there, and no data.
    """
    from tillwright.machine.resources import pack_names
    from tillwright.settings.station import SettingsError, load_station

    os.environ.pop(VARIABLE, None)
    with suppress(SettingsError):
        if load_station(file).pack in pack_names():
            os.environ[VARIABLE] = str(file)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tillwright.settings.django"
    import django

    django.setup()
    from tillwright.settings.doctor.visit import visit_of

    return visit_of(file, language, till, operation)


def read_answers(file: Path) -> Mapping[str, Any]:
    """The table in a file; ends the process with 2 where it is none."""
    try:
        text = file.read_text(encoding="utf-8")
        found = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        end(f"{file}: cannot be read: {error}")
    if not isinstance(found, dict) or not isinstance(found.get("remedies", {}), dict):
        end(f"{file}: check id → answer, 'remedies' → remedy id → done or skip, 'verify' → gone or still")
    return found
