"""`tillwright twins FILE`: the twins as a process of their own, until it is told to end (SIGTERM or Ctrl+C).

The file says where their truth is kept and which devices there are; paths in it are relative to it:

    store = "twins.db"
    control_port = 8200          # 0: the system chooses
    seed = 1                     # of the faults' chance
    clock = "system"             # or a clock file, see machine.clocks

    [[devices]]
    till = "till-1"
    serial = "SKO-1001"
    port = 8201                  # 0: the system chooses
    currency = "EUR"             # left out: that of its first document

When all of them listen, one line of JSON is printed with the ports. Started again on the same file, every
device goes on where it was.
"""

from __future__ import annotations

import logging
import random
import signal
import sys
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import structlog
import typer
from msgspec import Meta, Struct

from tillwright.kernel.clock import Clock
from tillwright.machine import sqlite
from tillwright.machine.clocks import ClockFileInvalid, FileClock, SystemClock
from tillwright.machine.locks import FileLock, LockHeld
from tillwright.parties.control.messages import DeviceProfile
from tillwright.parties.control.sqlite_store import SqliteStore
from tillwright.parties.control.twin import ControlTwin
from tillwright.parties.control_endpoint import ControlEndpoint
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.serving import TwinServer

Port = Annotated[int, Meta(ge=0, le=65_535)]


class DeviceOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """One control device."""

    till: Annotated[str, Meta(min_length=1, max_length=40)]
    serial: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    port: Port = 0
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""


class TwinsOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; `folder` is where its paths begin."""

    store: Annotated[str, Meta(min_length=1)]
    devices: Annotated[tuple[DeviceOptions, ...], Meta(min_length=1, max_length=1_000)]
    control_port: Port = 0
    seed: int = 1
    clock: Annotated[str, Meta(min_length=1)] = "system"


class BadOptions(ValueError):
    """The file cannot be used; the text says what is wrong with it."""


def read_options(path: Path) -> TwinsOptions:
    """The options of a file. Raises BadOptions, with the path of the field."""
    try:
        options = msgspec.toml.decode(path.read_bytes(), type=TwinsOptions)
    except OSError as error:
        raise BadOptions(f"{path.name}: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadOptions(f"{path.name}: {error}") from error
    serials = [device.serial for device in options.devices]
    if len(set(serials)) != len(serials):
        raise BadOptions(f"{path.name}: a serial stands there twice")
    return options


def twins(
    file: Annotated[Path, typer.Argument(help="The file (TOML) that names the devices and their store.")],
) -> None:
    """Serve the simulated control devices that a file names, until told to end."""
    _log_to(sys.stderr)
    try:
        run(read_options(file), file.absolute().parent)
    except BadOptions as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except (LockHeld, OSError, sqlite.Error, sqlite.UnsafeDatabase) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def run(options: TwinsOptions, folder: Path) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises OSError for a port that is taken, LockHeld for a store in use, UnsafeDatabase for a disk that can
    not keep it, BadOptions for a clock file that is none.
    """
    clock = _clock(options, folder)
    path = folder / options.store
    with FileLock(path.with_name(path.name + ".lock")):
        store = SqliteStore(path)
        # Chance of simulated faults, which must come again with the same seed; no secret hangs on it.
        server = TwinServer(store, clock, random.Random(options.seed))  # nosec B311
        for device in options.devices:
            profile = DeviceProfile(serial=device.serial, till=device.till, currency=device.currency)
            server.add(ControlTwin(profile, store, FaultPlan()), device.port)
        endpoint = ControlEndpoint(server, options.control_port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        endpoint.start()
        _say_ready(options, server, endpoint, sys.stdout)
        try:
            server.run()
        finally:
            endpoint.stop()
            store.close()


def _clock(options: TwinsOptions, folder: Path) -> Clock:
    if options.clock == "system":
        return SystemClock()
    try:
        return FileClock(folder / options.clock)
    except ClockFileInvalid as error:
        raise BadOptions(str(error)) from error


def _say_ready(options: TwinsOptions, server: TwinServer, endpoint: ControlEndpoint, out: TextIO) -> None:
    ports = server.ports
    ready = {
        "ready": True,
        "control_port": endpoint.port,
        "twins": [
            {"till": device.till, "serial": device.serial, "port": ports[device.serial]}
            for device in options.devices
        ],
    }
    print(msgspec.json.encode(ready).decode(), file=out, flush=True)


def _log_to(out: TextIO) -> None:
    """Standard output belongs to the one line; everything else goes beside it."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out),
    )
