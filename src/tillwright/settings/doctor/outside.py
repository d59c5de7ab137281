"""Looks at a station from outside: when it is down, hangs, or cannot start.

What a look from outside can tell is told: settings, process, disk, database, addresses, backups. A device
that takes a connection has not said that it is well, and whoever cannot be asked is not known; so nothing
that only the running station could find out is ever called healthy here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess  # nosec B404  # this program, started anew
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
from django.db import Error as DjangoError

from tillwright.faults.probes.reaching import NO_LINE, REACHED, reach
from tillwright.faults.scene import BACKUPS, CONTROL, LICENSING, OPERATOR, PRINTER, Address
from tillwright.kernel.clock import Clock
from tillwright.kernel.fault import Fact
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Scope
from tillwright.kernel.rules import PackRules
from tillwright.machine import sqlite
from tillwright.machine.locks import is_held
from tillwright.settings.station import StationSettings

ANSWER_S = 3.0
BACK_S, LOOK_S = 40.0, 0.25
"""So long the station may take to be back after a process was ended; between two looks."""
STARTING_MS = 60_000
"""A process younger than this may still be starting."""
SICK = (
    OSError, ValueError, LookupError, sqlite.DatabaseError, sqlite.UnsafeDatabase, DjangoError,
    subprocess.SubprocessError,
)  # fmt: skip
"""What a sick system raises: that makes no look at it fail."""
LOW_TIMES = 4
FRESH_MS = 36 * 3_600_000
AHEAD_MS = 5_000
TRIED_BYTES = 65_536
LINKS = {
    CONTROL: "control_link", OPERATOR: "operator_link", LICENSING: "licensing_link",
    PRINTER: "printer_status",
}  # fmt: skip
ONLY_INSIDE = "only the running station can look"
_WORKERS = 12

Look = tuple[str, str, dict[str, Fact]]
"""A value, how it was obtained, facts."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A station as its folder and its settings show it. `broken`: why the settings cannot be used, '' if they
    can.
    """

    folder: Path
    clock: Clock
    settings: StationSettings | None = None
    rules: PackRules | None = None
    broken: str = ""
    addresses: dict[tuple[str, str], Address] = field(default_factory=dict)

    @property
    def tills(self) -> tuple[str, ...]:
        """The tills, as far as they are known."""
        return tuple(till.id for till in self.settings.tills) if self.settings is not None else ()

    @property
    def database(self) -> Path:
        """The file of the journal."""
        return self.folder / "station.db"

    @property
    def lock(self) -> Path:
        """The file that the station holds locked."""
        return self.folder / "station.lock"


def look(at: Outside, schema: Callable[[], Look] | None = None) -> Iterator[Finding]:
    """Every finding as soon as it is there; then what cannot be looked at from here. `schema`: compares the
    tables with the program's; None where that cannot be done.
    """
    looks = _looks(at)
    if schema is not None:
        looks["database_schema", ""] = schema
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="outside") as pool:
        under_way = [pool.submit(_timed, at, place, each) for place, each in looks.items()]
        for one in as_completed(under_way):
            yield one.result()
    for spec in PROBES.values():
        if spec.scope is Scope.OPERATION or spec.name == "session_place":
            continue
        for scope in at.tills if spec.scope is Scope.TILL else ("",):
            if (spec.name, scope) not in looks and not _is_absent(at, spec.part, scope):
                yield Finding(spec.name, scope, UNKNOWN, at.clock.now_ms(), 0, ONLY_INSIDE)


def look_once(
    at: Outside, probe: str, scope: str, schema: Callable[[], Look] | None = None
) -> Finding | None:
    """What this probe finds now, of the till or of the station; None where it cannot look from here.
    `schema`: as for `look`.
    """
    looks = _looks(at)
    if schema is not None:
        looks["database_schema", ""] = schema
    place = next((one for one in ((probe, scope), (probe, "")) if one in looks), None)
    found = None if place is None else _timed(at, place, looks[place])
    return found if found is not None and found.known else None


def _is_absent(at: Outside, part: str, till: str) -> bool:
    """Whether the till has no such party."""
    return part in LINKS and (till, part) not in at.addresses


def _looks(at: Outside) -> dict[tuple[str, str], Callable[[], Look]]:
    found: dict[tuple[str, str], Callable[[], Look]] = {
        ("settings_fit", ""): lambda: _settings(at),
        ("station_alive", ""): lambda: alive(at),
        ("disk_room", ""): lambda: _disk(at),
        ("database_sound", ""): lambda: _database(at),
        ("journal_writes", ""): lambda: _writing(at),
        ("backup_age", ""): lambda: _backups(at),
        ("station_clock", ""): lambda: _clock(at),
        ("outside_link", ""): lambda: _network(at),
    }
    for (till, party), address in sorted(at.addresses.items()):
        found[LINKS[party], till] = partial(_link, LINKS[party], address)
    return found


def _timed(at: Outside, place: tuple[str, str], each: Callable[[], Look]) -> Finding:
    began_ns = at.clock.monotonic_ns()
    try:
        value, how, facts = each()
    except SICK as error:
        value, how, facts = UNKNOWN, f"{type(error).__name__}: {error}", {}
    took_ms = (at.clock.monotonic_ns() - began_ns) // 1_000_000
    return Finding(*place, value, at.clock.now_ms(), took_ms, how, facts)


# ── the looks ─────────────────────────────────────────────────────────────────────────────────────


def _settings(at: Outside) -> Look:
    return ("broken", at.broken, {}) if at.broken else ("fit", "read by the doctor", {})


def alive(at: Outside) -> Look:
    """Whether the station serves: by its answer, its lock and its process."""
    held, process = is_held(at.lock)
    said = _says(at.settings)
    facts: dict[str, Fact] = {"process": process} if process is not None else {}
    if said == "ready":
        return "serves", "it answers and says that it is ready", facts
    if held and _is_stopped(process):
        return "hung", f"process {process} holds its lock, and stands still", facts
    age_ms = _age_ms(process) if held else None
    if said == "starting" or (held and age_ms is not None and age_ms < STARTING_MS):
        return "starting", f"it says {said or 'nothing yet'}", facts
    if held:
        return "hung", f"its process holds the lock, and {said or 'nobody answers at its address'}", facts
    return "dead", f"nobody holds its lock; {said or 'nobody answers at its address'}", facts


def end_hung(at: Outside) -> None:
    """End the process that holds the station and does not answer, and wait until the server behind it has
    started it again. What had begun is on the disk, and goes on.
    """
    held, process = is_held(at.lock)
    if not held or process is None:
        return
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    for _ in range(int(BACK_S / LOOK_S)):
        if alive(at)[0] == "serves":
            return
        threading.Event().wait(LOOK_S)


def _says(settings: StationSettings | None) -> str:
    """What the station says of itself; '' where nobody answers."""
    if settings is None:
        return ""
    try:
        answer = httpx.get(f"{base_of(settings)}/readyz", timeout=ANSWER_S, trust_env=False)
        said = answer.json()["status"]
    except httpx.TimeoutException:
        return f"it took longer than {ANSWER_S:.0f} s"
    except httpx.HTTPError:
        return ""
    except (ValueError, KeyError, TypeError):
        return "somebody else answers at its address"
    return str(said)


def base_of(settings: StationSettings) -> str:
    """Where the station's pages are, seen from this machine."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # nosec B104  # what is meant by them, not a binding
    host = anywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{settings.port}"


def _is_stopped(process: int | None) -> bool:
    """Whether somebody has stopped the process, so that it will say nothing until it is let go."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in ("T", "t")
    except (OSError, IndexError):
        return False


def _age_ms(process: int | None) -> int | None:
    """For how long a process has been there; None where nobody can tell."""
    try:
        ticks = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
        up_s = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return int((up_s - ticks / os.sysconf("SC_CLK_TCK")) * 1000)


def _disk(at: Outside) -> Look:
    free_bytes = shutil.disk_usage(at.folder).free
    if at.rules is None:
        return UNKNOWN, "how much is enough stands in the pack, which the settings do not name", {}
    reserve = at.rules.reserve_bytes
    value = "full" if free_bytes < reserve else "low" if free_bytes < LOW_TIMES * reserve else "enough"
    return value, "asked the file system", {"free_bytes": free_bytes}


def _writing(at: Outside) -> Look:
    """Whether the disk takes what is written beside the journal, and its file may be written."""
    if not at.database.is_file():
        return UNKNOWN, "its file is not there", {}
    try:
        os.close(os.open(at.database, os.O_RDWR))
        with tempfile.TemporaryFile(dir=at.folder) as file:
            file.write(bytes(TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return "refuses", f"{error.strerror or error}", {}
    return "writes", "something was written beside it, and removed", {}


def _database(at: Outside) -> Look:
    if not at.database.is_file():
        return "damaged", "its file is not there", {}
    try:
        connection = sqlite.connect(at.database, read_only=True)
    except sqlite.UnsafeDatabase as error:
        return _library(str(error)[:200])
    except sqlite.DatabaseError as error:
        return (UNKNOWN if sqlite.cannot_write(error) else "damaged"), str(error)[:200], {}
    try:
        said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite.DatabaseError as error:
        return "damaged", str(error)[:200], {}
    finally:
        connection.close()
    return ("sound" if said == "ok" else "damaged"), f"SQLite's quick check: {said[:120]}", {}


def _library(why: str) -> Look:
    """What a process that is started now has for a library: this one keeps the one that it began with."""
    asked = [sys.executable, "-c", "from tillwright.machine.sqlite import check_library; check_library()"]
    done = subprocess.run(asked, capture_output=True, timeout=ANSWER_S * 2, check=False)  # nosec B603
    if done.returncode:
        return "unsafe-library", why, {}
    return "sound", f"a process that starts now has a safe library; not so this one: {why}", {}


def _backups(at: Outside) -> Look:
    made = [one.stat().st_mtime_ns // 1_000_000 for one in (at.folder / BACKUPS).glob("*") if one.is_dir()]
    if not made:
        return "none", "no backup in the station's folder", {}
    age_ms = max(0, at.clock.now_ms() - max(made))
    return ("fresh" if age_ms < FRESH_MS else "old"), "the newest folder of backups", {"age_ms": age_ms}


def _clock(at: Outside) -> Look:
    """Whether the clock went back behind what the journal has written already. That it is right otherwise,
    the devices would have to say.
    """
    connection = sqlite.connect(at.database, read_only=True)
    try:
        newest_ms = connection.execute("SELECT max(changed_ms) FROM operation").fetchone()[0]
    finally:
        connection.close()
    ahead_ms = (newest_ms or 0) - at.clock.now_ms()
    if ahead_ms > AHEAD_MS:
        return "jumped", "the journal has times that are still to come", {"jump_ms": -ahead_ms}
    return UNKNOWN, "not behind the journal; only devices could tell more", {}


def _network(at: Outside) -> Look:
    outside = {str(to): to for (_, party), to in at.addresses.items() if party in (OPERATOR, LICENSING)}
    if not outside:
        return UNKNOWN, "no party is outside", {}
    found = [reach(to)[0] == REACHED for _, to in sorted(outside.items())]
    value = "up" if all(found) else "partly" if any(found) else "down"
    return value, "tried " + ", ".join(sorted(outside)), {}


def _link(probe: str, to: Address) -> Look:
    reached, how = reach(to)
    if reached == REACHED:
        return UNKNOWN, f"{how}; {ONLY_INSIDE} at it", {}
    return (reached if reached in PROBES[probe].values else NO_LINE), how, {}
