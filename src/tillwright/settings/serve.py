"""`tillwright station`: serves one station from its settings file until it is told to stop."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tillwright.kernel.fault import Fault
from tillwright.machine.processes import end_with_parent

if TYPE_CHECKING:
    from tillwright.settings.station import StationSettings

THREADS = 64
REASON_LETTERS = 200


def serve(
    settings: Annotated[Path, typer.Argument(help="The station's station.toml.")],
    port: Annotated[
        int | None, typer.Option(help="Serve at this port, not at the one in the settings.")
    ] = None,
    with_parent: Annotated[
        bool, typer.Option(help="End when the process that started this one ends.")
    ] = False,
) -> None:
    """Serve a station: its pages, its API, its tills."""
    from tillwright.settings.station import VARIABLE, SettingsError, load_station

    try:
        station = load_station(settings)
    except SettingsError as error:
        typer.echo(f"tillwright: {error}", err=True)
        raise typer.Exit(2) from error
    os.environ[VARIABLE] = str(settings.absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = "tillwright.settings.django"
    from tillwright.settings.prepare import prepare

    if with_parent:
        end_with_parent()
    _refuse_a_second(station)
    _prepared(station, prepare)
    _serve(station.host, station.port if port is None else port)


def _refuse_a_second(station: StationSettings) -> None:
    """End here, and say why, when another process works with this data; the worker takes the lock itself."""
    from tillwright.machine.locks import FileLock, LockHeld

    try:
        with FileLock(station.lock):
            return
    except LockHeld as held:
        _end(station, Fault("journal.locked-elsewhere", path=str(station.lock)), held)


def _prepared(station: StationSettings, prepare: Callable[[], None]) -> None:
    """Bring the data up to date; end here, and say why, when its database must not be opened, or cannot be
    written.
    """
    from django.db import DatabaseError

    from tillwright.machine import sqlite

    try:
        prepare()
        _can_write(station)
    except (sqlite.UnsafeDatabase, sqlite.DatabaseError, DatabaseError) as error:
        reason = str(error)[:REASON_LETTERS]
        if sqlite.cannot_write(error):
            _end(station, Fault("journal.write-failed", reason=reason), error)
        _end(station, Fault("journal.unsafe-database", reason=reason), error)


def _can_write(station: StationSettings) -> None:
    """Raises sqlite.Error where nothing can be written: no station could keep a sale then."""
    from tillwright.machine import sqlite

    connection = sqlite.connect(station.database)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE station SET value = value")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def _end(station: StationSettings, fault: Fault, why: Exception) -> NoReturn:
    """Say what is wrong, with the code to read out, and end with 2."""
    from tillwright.machine.resources import shipped_catalogue

    said = shipped_catalogue().say(fault, station.languages[0])
    typer.echo(f"tillwright: {fault.code}: {said.sentence} {said.next_step} ({why})", err=True)
    raise typer.Exit(2) from why


def _serve(host: str, port: int) -> None:
    """One worker process (it holds the journal) with threads, started again if it dies."""
    from granian.constants import Interfaces
    from granian.server import Server

    server = Server(
        "tillwright.settings.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=THREADS * 4,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        log_access=False,
    )
    server.serve()
