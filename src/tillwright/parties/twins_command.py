"""`tillwright twins FILE`: the twins as a process of their own, until it is told to end (SIGTERM or Ctrl+C).

The file says where their truth is kept and which twins there are; paths in it are relative to it. A twin that
does not stand there does not exist:

    store = "twins.db"
    control_port = 8200          # 0: the system chooses
    seed = 1                     # of the faults' chance
    clock = "system"             # or a clock file, see machine.clocks

    [[devices]]
    till = "till-1"
    serial = "SKO-1001"
    port = 8201                  # 0: the system chooses
    currency = "EUR"             # left out: that of its first document
    shifts = true                # left out: it is always in shift 1
    uplink = "operator"          # whom it delivers to by itself: the operator below, or host:port;
                                 # left out: the till does

    [operator]                   # the fiscal document operator
    port = 8211
    store = "operator.db"
    gaps = true                  # whether a document is taken before an earlier one of its device

    [licensing]                  # the licensing of the tills' software
    port = 8212
    store = "licensing.db"

    [[printers]]                 # receipt printers; what they print is kept in `printers_store`, a name
    till = "till-1"              # beside `store`, or in printers.db
    serial = "PRN-1001"
    port = 8221

When all of them listen, one line of JSON is printed with the ports. Started again on the same file, every
device goes on where it was.
"""

from __future__ import annotations

import contextlib
import logging
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, TextIO, TypeVar

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
from tillwright.parties.licensing.orders import LicensingOrders, licensing_twin
from tillwright.parties.licensing.store import SqliteStore as LicenceStore
from tillwright.parties.operator.orders import OperatorOrders, operator_twin
from tillwright.parties.operator.sqlite_store import SqliteStore as OperatorStore
from tillwright.parties.printer.machine import Printer
from tillwright.parties.printer.orders import PrinterOrders
from tillwright.parties.printer.sqlite_slips import SqliteSlips
from tillwright.parties.printer.twin import PrinterTwin
from tillwright.parties.serving import Store, TwinServer
from tillwright.parties.uplinks import BadAddress, Uplinks

Port = Annotated[int, Meta(ge=0, le=65_535)]


class DeviceOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """One control device."""

    till: Annotated[str, Meta(min_length=1, max_length=40)]
    serial: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    port: Port = 0
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    shifts: bool = False
    uplink: Annotated[str, Meta(max_length=200)] = ""

    def profile(self) -> DeviceProfile:
        """The device as it is served."""
        return DeviceProfile(
            serial=self.serial, till=self.till, currency=self.currency, shifts=self.shifts, uplink=self.uplink
        )


class OperatorOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The fiscal document operator."""

    port: Port = 0
    store: Annotated[str, Meta(min_length=1)] = "operator.db"
    gaps: bool = True


class LicensingOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The licensing service."""

    port: Port = 0
    store: Annotated[str, Meta(min_length=1)] = "licensing.db"


class PrinterOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """One receipt printer; `till` is where it stands."""

    till: Annotated[str, Meta(min_length=1, max_length=40)]
    serial: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    port: Port = 0


class TwinsOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; `folder` is where its paths begin."""

    store: Annotated[str, Meta(min_length=1)]
    devices: Annotated[tuple[DeviceOptions, ...], Meta(max_length=1_000)] = ()
    operator: OperatorOptions | None = None
    licensing: LicensingOptions | None = None
    printers: Annotated[tuple[PrinterOptions, ...], Meta(max_length=1_000)] = ()
    printers_store: Annotated[str, Meta(min_length=1)] = "printers.db"
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
    serials += [printer.serial for printer in options.printers]
    if len(set(serials)) != len(serials):
        raise BadOptions(f"{path.name}: a serial stands there twice")
    if not (serials or options.operator or options.licensing):
        raise BadOptions(f"{path.name}: no twin stands there")
    return options


def twins(
    file: Annotated[Path, typer.Argument(help="The file (TOML) that names the twins and their stores.")],
) -> None:
    """Serve the simulated devices and parties that a file names, until told to end."""
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
    with contextlib.ExitStack() as closing:
        parts = list(_parts(options, _Opener(folder, closing)))
        # Chance of simulated faults, which must come again with the same seed; no secret hangs on it.
        chance = random.Random(options.seed)  # nosec B311
        server = TwinServer([part.store for part in parts], clock, chance)
        for part in parts:
            part.serve(server)
        endpoint = ControlEndpoint(server, options.control_port)
        closing.callback(endpoint.stop)
        uplinks = _uplinks(server, clock, [twin for part in parts for twin in part.devices])
        closing.callback(uplinks.stop)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        endpoint.start()
        uplinks.start()
        _say_ready(options, server, endpoint, sys.stdout)
        server.run()


def _uplinks(server: TwinServer, clock: Clock, devices: Sequence[ControlTwin]) -> Uplinks:
    uplinks = Uplinks(server, clock)
    try:
        for twin in devices:
            uplinks.add(twin)
    except BadAddress as error:
        raise BadOptions(str(error)) from error
    return uplinks


class _ClosableStore(Store, Protocol):
    def close(self) -> None: ...


_S = TypeVar("_S", bound=_ClosableStore)


@dataclass(frozen=True, slots=True)
class _Part:
    """Twins of one kind: what they write into, how they are put behind the server, and which of them are
    control devices.
    """

    store: Store
    serve: Callable[[TwinServer], object]
    devices: Sequence[ControlTwin] = ()


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens stores in the folder, each locked, all closed at the end."""

    folder: Path
    closing: contextlib.ExitStack

    def open(self, form: Callable[[Path], _S], name: str) -> _S:
        """A store in this file."""
        path = self.folder / name
        self.closing.enter_context(FileLock(path.with_name(path.name + ".lock")))
        store = form(path)
        self.closing.callback(store.close)
        return store


def _parts(options: TwinsOptions, opener: _Opener) -> Iterator[_Part]:
    if options.devices:
        yield _devices(options, opener)
    if options.operator is not None:
        yield _operator(options.operator, opener)
    if options.licensing is not None:
        yield _licensing(options.licensing, opener)
    if options.printers:
        yield _printers(options, opener)


def _devices(options: TwinsOptions, opener: _Opener) -> _Part:
    store = opener.open(SqliteStore, options.store)
    twins = [ControlTwin(device.profile(), store, FaultPlan()) for device in options.devices]

    def serve(server: TwinServer) -> None:
        for twin, device in zip(twins, options.devices, strict=True):
            server.add(twin, device.port)

    return _Part(store, serve, twins)


def _operator(options: OperatorOptions, opener: _Opener) -> _Part:
    store = opener.open(OperatorStore, options.store)
    twin = operator_twin(store, FaultPlan(), gaps=options.gaps)
    return _Part(store, lambda server: server.serve(twin.name, twin, OperatorOrders(twin), options.port))


def _licensing(options: LicensingOptions, opener: _Opener) -> _Part:
    store = opener.open(LicenceStore, options.store)
    twin = licensing_twin(store, FaultPlan())
    return _Part(store, lambda server: server.serve(twin.name, twin, LicensingOrders(twin), options.port))


def _printers(options: TwinsOptions, opener: _Opener) -> _Part:
    store = opener.open(SqliteSlips, options.printers_store)

    def serve(server: TwinServer) -> None:
        for one in options.printers:
            twin = PrinterTwin(one.serial, Printer(one.serial, store), FaultPlan())
            server.serve(twin.name, twin, PrinterOrders(twin), one.port)

    return _Part(store, serve)


def _clock(options: TwinsOptions, folder: Path) -> Clock:
    if options.clock == "system":
        return SystemClock()
    try:
        return FileClock(folder / options.clock)
    except ClockFileInvalid as error:
        raise BadOptions(str(error)) from error


def _say_ready(options: TwinsOptions, server: TwinServer, endpoint: ControlEndpoint, out: TextIO) -> None:
    ports, serials = server.ports, {device.serial for device in options.devices}
    ready = {
        "ready": True,
        "control_port": endpoint.port,
        "twins": [
            {"till": device.till, "serial": device.serial, "port": ports[device.serial]}
            for device in options.devices
        ],
        "parties": {name: port for name, port in ports.items() if name not in serials},
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
