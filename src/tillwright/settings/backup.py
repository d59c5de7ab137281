"""A backup of a station that goes on selling: both databases and the settings, in a folder that is either
there whole or not at all.

SQLite itself makes the copies, each as it stood at one moment. They are read back and checked before the
folder gets its name; a copy that was never read is a hope, not a backup.

What is left out: the secret and the key of the audit chain, which must not lie beside what they protect, and
the files by which a station notices that its database came from a backup.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tillwright.machine import sqlite
from tillwright.settings.station import FILE_NAME, StationSettings

OWNER_ONLY = 0o700
UNFINISHED = ".unfinished"


class BackupFailed(Exception):
    """There is no backup; the text says why."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: where it is, how many operations are in it, and how large it is."""

    folder: Path
    operations: int
    size_bytes: int


def back_up(station: StationSettings, settings_file: Path, into: Path, now_ms: int) -> Backup:
    """Make a folder below `into`, named for the station and the moment. Raises BackupFailed."""
    folder = into / f"{station.station}-{_stamp(now_ms)}"
    unfinished = folder.with_name(folder.name + UNFINISHED)
    if folder.exists():
        raise BackupFailed(f"{folder} is there already")
    try:
        unfinished.mkdir(mode=OWNER_ONLY, parents=True)
        operations = _fill(station, settings_file, unfinished)
        unfinished.rename(folder)
        _sync(into)
    except (OSError, sqlite.Error, sqlite.UnsafeDatabase) as error:
        raise BackupFailed(str(error)) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Backup(folder, operations, sum(file.stat().st_size for file in folder.iterdir()))


def _fill(station: StationSettings, settings_file: Path, folder: Path) -> int:
    """Put everything in, on the disk; how many operations the copy has."""
    before = count_operations(station.database, read_only=True)
    for database in (station.database, station.sessions_database):
        _copy(database, folder / database.name)
        check_copy(folder / database.name)
    operations = count_operations(folder / station.database.name)
    if operations < before:
        raise BackupFailed(f"the copy has {operations} operations, the station had {before} before")
    shutil.copyfile(settings_file, folder / FILE_NAME)
    for file in (*folder.iterdir(), folder):
        _sync(file)
    return operations


def _copy(database: Path, target: Path) -> None:
    source = sqlite.connect(database, read_only=True)
    copy = sqlite.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def check_copy(database: Path) -> None:
    """Read the whole file. Raises BackupFailed for one that is damaged."""
    connection = sqlite.connect(database)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite.DatabaseError as error:
        raise BackupFailed(f"{database.name}: {error}") from error
    finally:
        connection.close()
    if found != ["ok"] or dangling:
        raise BackupFailed(f"{database.name} is damaged: {', '.join(found[:3])}")


def count_operations(database: Path, *, read_only: bool = False) -> int:
    """How many operations a journal has."""
    connection = sqlite.connect(database, read_only=read_only)
    try:
        return int(connection.execute("SELECT count(*) FROM operation").fetchone()[0])
    finally:
        connection.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(now_ms: int) -> str:
    """The moment, so that names sort by time: 20261122-093000."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms):%Y%m%d-%H%M%S}"
