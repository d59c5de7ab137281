"""`tillwright backup`, `goods`, `token`: what a technician does at a station beside serving it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.machine.clocks import SystemClock
from tillwright.machine.locks import FileLock, LockHeld
from tillwright.machine.resources import shipped_rules
from tillwright.people.tokens import token_for
from tillwright.settings.backup import BackupFailed, back_up
from tillwright.settings.opening import SettingsFile, end, open_prepared, open_settings
from tillwright.till.assortment import BrokenAssortment, read_assortment
from tillwright.till.assortment_csv import read_table
from tillwright.till.goods import NewGoods, put_goods, require

# ── backup ────────────────────────────────────────────────────────────────────────────────────────


def backup(
    settings: SettingsFile,
    into: Annotated[Path, typer.Argument(help="The folder that gets a folder of its own for each backup.")],
) -> None:
    """Copy the databases and the settings, also while the station sells, and check the copies."""
    station = open_prepared(settings)
    try:
        made = back_up(station, settings, into, SystemClock().now_ms())
    except BackupFailed as error:
        typer.echo(f"tillwright: there is no backup: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{made.folder}: {made.operations} operations, {made.size_bytes} bytes, read back and whole")


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────


def goods(
    settings: SettingsFile,
    file: Annotated[Path, typer.Argument(help="The goods: a TOML file, or a table (CSV).")],
    check: Annotated[bool, typer.Option(help="Only read the file and say what is wrong with it.")] = False,
) -> None:
    """Take goods into a station that is stopped; those with the same sku get the new values."""
    station = open_prepared(settings)
    try:
        found = read_goods(file, shipped_rules(station.pack))
    except BrokenAssortment as error:
        end(f"{file}: {error}")
    if check:
        typer.echo(f"{file}: {len(found)} goods, nothing wrong; nothing was written")
        return
    try:
        with FileLock(station.lock):
            count = _put(station.database, found)
    except LockHeld as error:
        end(f"stop the station first: {error}")
    typer.echo(f"{count} goods are in the station now")


def read_goods(file: Path, rules: PackRules) -> list[NewGoods]:
    """The goods that a file states. Raises BrokenAssortment."""
    exponents = {currency.code: currency.exponent for currency in rules.currencies}
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenAssortment(f"cannot be read: {error}") from error
    found = read_assortment(text) if file.suffix == ".toml" else read_table(text, exponents)
    _refuse(found, set(exponents))
    try:
        for one in found:
            require(one)
    except ValueError as error:
        raise BrokenAssortment(str(error)) from error
    return found


def _refuse(found: list[NewGoods], currencies: set[str]) -> None:
    """Raise BrokenAssortment for goods that the station could not sell as the file means them."""
    skus: set[str] = set()
    codes: dict[str, str] = {}
    for one in found:
        if one.sku in skus:
            raise BrokenAssortment(f"goods {one.sku!r} are there twice")
        skus.add(one.sku)
        foreign = sorted(set(one.prices_minor) - currencies)
        if foreign:
            raise BrokenAssortment(f"goods {one.sku!r}: the pack has no currency {foreign[0]!r}")
        for code in one.barcodes:
            if codes.setdefault(code, one.sku) != one.sku:
                raise BrokenAssortment(f"goods {codes[code]!r} and {one.sku!r} have the same code {code}")


def _put(database: Path, found: list[NewGoods]) -> int:
    connection = sqlite.connect(database)
    try:
        connection.execute("BEGIN IMMEDIATE")
        count = put_goods(connection, found)
        connection.execute("COMMIT")
        return count
    finally:
        connection.close()  # what was not committed is not written


# ── token ─────────────────────────────────────────────────────────────────────────────────────────


def token(
    settings: SettingsFile,
    till: Annotated[str, typer.Argument(help="The id of the till that programs may call for with it.")],
) -> None:
    """Make a token for programs of a till. It is shown once; nothing is written."""
    station = open_settings(settings)
    if station.till(till) is None:
        end(f"there is no till {till!r}; there is {', '.join(one.id for one in station.tills)}")
    made = token_for(till)
    typer.echo("For the program, and for nobody else:")
    typer.echo(f"  {made.text}")
    typer.echo(f'For {settings}, in the table of the till "{till}", in place of the token that is there:')
    typer.echo(f'  token = "{made.sha256}"')
    typer.echo("It is valid from the station's next start on.")
