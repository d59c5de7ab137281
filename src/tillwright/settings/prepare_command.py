"""`tillwright prepare`: makes or updates the data folder of a station; on request with people and goods."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def prepare_folder(
    settings: Annotated[Path, typer.Argument(help="The station's station.toml.")],
    demo: Annotated[bool, typer.Option(help="Put in the demo's people and the pack's goods.")] = False,
) -> None:
    """Make or update a station's databases and assets; nothing that was sold is touched."""
    from tillwright.settings.station import VARIABLE, SettingsError, load_station

    try:
        station = load_station(settings)
    except SettingsError as error:
        typer.echo(f"tillwright: {error}", err=True)
        raise typer.Exit(2) from error
    os.environ[VARIABLE] = str(settings.absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = "tillwright.settings.django"
    from tillwright.settings.prepare import prepare

    prepare()
    if demo:
        _put_in(station.database, station.pack)


def _put_in(database: Path, pack: str) -> None:
    """People and goods; people who are there already stay as they are, with their PINs and sessions."""
    from tillwright.demo.people import PEOPLE
    from tillwright.machine import sqlite
    from tillwright.people.accounts import NewAccount, put_account
    from tillwright.till.assortment import shipped_assortment
    from tillwright.till.goods import put_goods

    connection = sqlite.connect(database)
    connection.execute("BEGIN IMMEDIATE")
    known = {number for (number,) in connection.execute("SELECT number FROM account")}
    for person in PEOPLE:
        if person.number in known:
            continue
        account = NewAccount(person.number, person.name, person.role, person.pin, person.language)
        put_account(connection, account)
    put_goods(connection, shipped_assortment(pack))
    connection.execute("COMMIT")
    connection.close()
