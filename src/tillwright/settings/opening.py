"""What the commands for a technician begin with: the settings of the station, or the end with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tillwright.settings.station import SettingsError, StationSettings, load_station

WRONG_USE = 2

SettingsFile = Annotated[Path, typer.Argument(help="The station's station.toml.")]


def open_settings(file: Path) -> StationSettings:
    """The settings; ends the process with 2 where they cannot be used."""
    try:
        return load_station(file)
    except SettingsError as error:
        end(str(error))


def open_prepared(file: Path) -> StationSettings:
    """The settings of a station that has its databases; ends the process with 2 for one that has not."""
    station = open_settings(file)
    if not station.database.is_file():
        end(f"{station.database} is not there; run `tillwright prepare` first")
    return station


def end(text: str) -> NoReturn:
    """Say why nothing was done, and end with 2."""
    typer.echo(f"tillwright: {text}", err=True)
    raise typer.Exit(WRONG_USE)
