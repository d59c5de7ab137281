"""The composition root: builds a station from its settings, once per process, and hands it to the pages.

    station.toml, pack ─▶ rules, policy ─▶ Station (journal, runner, writer) ◀─▶ SocketDriver ◀─▶ control
    devices

Nothing below this file looks for settings; nothing else builds these things.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import structlog

from tillwright.faults.scene import BACKUPS, CONTROL, PRINTER, Address, Scene
from tillwright.journal.station import Station
from tillwright.kernel.clock import Clock
from tillwright.kernel.rules import PackRules
from tillwright.machine.locks import FileLock
from tillwright.machine.processes import end_soon
from tillwright.operations.policy import policy_of
from tillwright.parties.control.adapter import ControlAdapter, ControlTimes
from tillwright.parties.printer.adapter import PrinterAdapter
from tillwright.parties.printer.typefaces import look_in
from tillwright.parties.sockets import SocketDriver
from tillwright.settings.backup import back_up
from tillwright.settings.lines import PartyLine, party_lines
from tillwright.settings.places import clock_of, rules_of
from tillwright.settings.station import FILE_NAME, StationSettings

_SWITCH_INTERVAL_S = 0.001  # threads hand over soon: a sale passes through three of them
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Running:
    """A station at work, with all that has to be closed at its end."""

    station: Station
    lines: SocketDriver
    lock: FileLock
    scene: Scene

    def stop(self) -> None:
        """Write what has queued, hang up, give the lock back."""
        self.station.stop()
        self.lines.stop()
        self.lock.release()


def times_of(rules: PackRules, status_every_ms: int) -> ControlTimes:
    """How long a pack gives the control device, and how long the station lets it be quiet."""
    return ControlTimes(
        connect_within_ms=rules.connect_within_ms,
        answer_within_ms=rules.answer_within_ms,
        clock_tolerance_ms=rules.device_clock_tolerance_ms,
        status_every_ms=status_every_ms,
    )


def parties_of(settings: StationSettings, rules: PackRules) -> dict[str, frozenset[str]]:
    """Till → the parties besides its control device that it has a line to."""
    names = [line.name for line in party_lines(settings, rules)]
    names += [f"{till.id}/printer" for till in settings.tills if till.printer_port]
    return {
        till.id: frozenset(name.partition("/")[2] for name in names if name.partition("/")[0] == till.id)
        for till in settings.tills
    }


def _paper(stored: bytes, _till: str, copy: bool) -> bytes:
    """What a printer takes of a stored document; the pages' words are there once the program is set up."""
    from tillwright.till.printing import bytes_of

    return bytes_of(stored, copy=copy)


def run_station(settings: StationSettings) -> Running:
    """Start the station: its lock, its journal and recovery, its devices. Raises LockHeld, UnsafeDatabase."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    lock = FileLock(settings.lock)
    lock.acquire()
    if settings.fonts:
        look_in(settings.folder / settings.fonts)
    rules = rules_of(settings)
    clock = clock_of(settings)
    currencies = {till.id: till.currency or rules.currencies[0].code for till in settings.tills}
    station = Station(
        settings.database,
        rules,
        policy_of(rules),
        clock,
        currencies,
        heading=(settings.shown,),
        parties=parties_of(settings, rules),
        paper=_paper,
        on_broken=end_soon,  # the server starts the worker again, and recovery reads what is on the disk
    )
    lines = SocketDriver(clock)
    for till in settings.tills:
        adapter = ControlAdapter(till.id, times_of(rules, settings.status_every_ms), station.held)
        lines.add(till.id, adapter, (till.control_host, till.control_port), station.deliver)
        if till.printer_port:
            printer = PrinterAdapter(till.id)
            lines.add(f"{till.id}/printer", printer, (till.printer_host, till.printer_port), station.deliver)
    outside = list(party_lines(settings, rules))
    for line in outside:
        lines.add(line.name, line.adapter, line.address, station.deliver, line.context)
    lines.start()
    unfinished = station.start_up(lines)
    _log.info("station.started", station=settings.station, unfinished=unfinished)
    backup = partial(_back_up, settings, clock)
    addresses = addresses_of(settings, outside)
    scene = Scene(station, addresses, settings.folder, clock, end_soon, backup, learns=settings.learns)
    return Running(station, lines, lock, scene)


def addresses_of(settings: StationSettings, outside: Iterable[PartyLine]) -> dict[tuple[str, str], Address]:
    """(till, party) → where it listens."""
    found = {(till.id, CONTROL): Address(till.control_host, till.control_port) for till in settings.tills}
    for till in settings.tills:
        if till.printer_port:
            found[till.id, PRINTER] = Address(till.printer_host, till.printer_port)
    for line in outside:
        till_id, _, party = line.name.partition("/")
        found[till_id, party] = Address(*line.address, line.context)
    return found


def _back_up(settings: StationSettings, clock: Clock) -> None:
    back_up(settings, settings.folder / FILE_NAME, settings.folder / BACKUPS, clock.now_ms())
