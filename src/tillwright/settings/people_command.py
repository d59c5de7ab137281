"""`tillwright people list|add|role|pin|off|on`: who works at a station, from its console.

The running station is the only writer of its database, so these commands take its lock and refuse while it
runs; then the administrator has a page for the same. They are for the first administrator of a new station,
and for the day on which nobody remembers a PIN. A PIN is asked for, never given as an argument: arguments
stand in the shell's history and in the list of processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from tillwright.kernel.fault import FaultError
from tillwright.kernel.rules import ROLES
from tillwright.machine import sqlite
from tillwright.machine.audit_files import make_key
from tillwright.machine.locks import FileLock, LockHeld
from tillwright.machine.resources import shipped_catalogue
from tillwright.settings.opening import SettingsFile, end, open_prepared
from tillwright.settings.station import VARIABLE, StationSettings

if TYPE_CHECKING:
    from tillwright.people.actions import By

app = typer.Typer(no_args_is_help=True, help="Who works at a station.")

Number = Annotated[int, typer.Argument(min=1, help="The person's number.")]

Work = Callable[[ModuleType, sqlite.Connection, "By"], None]
"""What is to be done, given `people.actions`, which can be imported only once the settings are known."""


@app.command("list")
def list_people(settings: SettingsFile) -> None:
    """Everybody who works at the station, or has; also while it runs."""
    connection = sqlite.connect(open_prepared(settings).database, read_only=True)
    rows = connection.execute(
        "SELECT number, name, role, is_active FROM account ORDER BY is_active DESC, number"
    ).fetchall()
    connection.close()
    for number, name, role, active in rows:
        typer.echo(f"{number:>8}  {role:<13}  {name}{'' if active else '  (off)'}")


@app.command()
def add(
    settings: SettingsFile,
    number: Number,
    name: Annotated[str, typer.Argument(help="What receipts and pages call the person.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = ROLES[0],
) -> None:
    """Let somebody work at the station; asks for the PIN."""
    _require_role(role)
    station = open_prepared(settings)
    pin = _ask_pin()

    def work(actions: ModuleType, connection: sqlite.Connection, by: By) -> None:
        actions.add(connection, by, actions.NewAccount(number, name, role, pin))

    _change(station, settings, work)
    typer.echo(f"{number} {name} works here now, as {role}")


@app.command()
def role(
    settings: SettingsFile,
    number: Number,
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
) -> None:
    """Let somebody do more or less."""
    _require_role(role)

    def work(actions: ModuleType, connection: sqlite.Connection, by: By) -> None:
        actions.change_role(connection, by, number, role)

    _change(open_prepared(settings), settings, work)
    typer.echo(f"{number} is {role} now")


@app.command()
def pin(settings: SettingsFile, number: Number) -> None:
    """Give somebody another PIN; asks for it. Whoever is signed in with the old one is so no more."""
    station = open_prepared(settings)
    typed = _ask_pin()

    def work(actions: ModuleType, connection: sqlite.Connection, by: By) -> None:
        actions.change_pin(connection, by, number, typed)

    _change(station, settings, work)
    _begin_anew(number)
    typer.echo(f"{number} has a new PIN")


@app.command()
def off(settings: SettingsFile, number: Number) -> None:
    """Let somebody work at the station no more; what they have done keeps their name."""

    def work(actions: ModuleType, connection: sqlite.Connection, by: By) -> None:
        actions.switch_off(connection, by, number)

    _change(open_prepared(settings), settings, work)
    _begin_anew(number)
    typer.echo(f"{number} works here no more")


@app.command()
def on(settings: SettingsFile, number: Number) -> None:
    """Let somebody work at the station again, with the PIN of before."""

    def work(actions: ModuleType, connection: sqlite.Connection, by: By) -> None:
        actions.switch_on(connection, by, number)

    _change(open_prepared(settings), settings, work)
    typer.echo(f"{number} works here again")


# ── doing it ──────────────────────────────────────────────────────────────────────────────────────


def _require_role(role: str) -> None:
    if role not in ROLES:
        end(f"no role {role!r}; there are {', '.join(ROLES)}")


def _ask_pin() -> str:
    """The PIN: typed twice unseen, or a line of what is piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt("PIN", hide_input=True, confirmation_prompt="The same again"))
    return sys.stdin.readline().rstrip("\n")


def _change(station: StationSettings, file: SettingsFile, work: Work) -> None:
    """Do it as the one writer, with its entry in the audit chain; ends with 2 and a sentence if it must not
    be done.
    """
    os.environ[VARIABLE] = str(file.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tillwright.settings.django")
    import django

    django.setup()
    try:
        with FileLock(station.lock):
            _write(station, work)
    except LockHeld as error:
        end(f"stop the station first, or use its page Settings, People: {error}")
    except FaultError as error:
        said = shipped_catalogue().say(error.fault, "en")
        end(f"{error.fault.code}: {said.sentence} {said.next_step}")


def _begin_anew(number: int) -> None:
    """The number is signed in nowhere, and what was tried with its old PIN locks nobody any more: the change
    is in the audit chain by now.
    """
    from tillwright.people import signing

    signing.forgive(number)
    signing.end_all(number)


def _write(station: StationSettings, work: Work) -> None:
    from tillwright.journal import audit_log
    from tillwright.people import actions
    from tillwright.settings.places import clock_of

    make_key(station.database)
    connection = sqlite.connect(station.database)
    try:
        connection.execute("BEGIN IMMEDIATE")
        work(actions, connection, actions.By(actions.CONSOLE, clock_of(station).now_ms()))
        connection.execute("COMMIT")
    finally:
        connection.close()  # what was not committed is not written
    audit_log.keep_head(station.database)
