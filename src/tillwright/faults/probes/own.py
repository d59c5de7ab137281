"""Probes of the station itself: its process, journal, disk, clock, version."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

from tillwright import __version__
from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.outside import licence_state
from tillwright.faults.scene import BACKUPS, LICENSING, Scene, Target
from tillwright.journal.audit_log import NoKey
from tillwright.kernel.fault import Fact, FaultError
from tillwright.machine import sqlite

BUSY_MS, LATELY_MS = 500, 5_000
LOW_TIMES = 4
"""So many times the reserve is little."""
FRESH_MS = 36 * 3_600_000


@probe("station_alive")
def station_alive(scene: Scene, target: Target) -> Found:
    """Seen from inside, it serves."""
    return Found("serves", "this process answers")


@probe("station_load")
def station_load(scene: Scene, target: Target) -> Found:
    """How long a write waits for its turn: one of our own, or any of late, since one may be lucky."""
    began_ns = scene.clock.monotonic_ns()
    scene.station.write(lambda connection: None)
    own_ms = (scene.clock.monotonic_ns() - began_ns) // 1_000_000
    took_ms = max(own_ms, scene.station.slowest_write_ms(LATELY_MS))
    value = "busy" if took_ms >= BUSY_MS else "calm"
    return Found(value, "a write that writes nothing, and those of late", {"took_ms": took_ms})


@probe("settings_fit")
def settings_fit(scene: Scene, target: Target) -> Found:
    """A station that runs has read its settings."""
    return Found("fit", "read at the start")


@probe("program_version")
def program_version(scene: Scene, target: Target) -> Found:
    """Whether the licensing demands a newer version at any till."""
    tills = [till for till in scene.tills if (till, LICENSING) in scene.addresses]
    values = {licence_state(scene, Target(till)).value for till in tills}
    if "update-required" in values:
        return Found("outdated", "the licensing demands an update", {"version": __version__})
    return Found("current", "nobody demands an update", {"version": __version__})


@probe("journal_writes")
def journal_writes(scene: Scene, target: Target) -> Found:
    """Whether the journal can be written."""
    try:
        scene.station.write(_write_something)
    except FaultError as error:
        return Found("refuses", str(error.fault))
    return Found("writes", "something was written, and committed")


def _write_something(connection: sqlite.Connection) -> None:
    """What changes nothing; a transaction without any write would not even reach the disk."""
    connection.execute(
        "INSERT INTO station (name, value) VALUES ('looked', '') ON CONFLICT DO UPDATE SET value = ''"
    )


@probe("database_sound")
def database_sound(scene: Scene, target: Target) -> Found:
    """Whether the database and its library are sound."""
    try:
        sqlite.check_library()
    except sqlite.UnsafeDatabase as error:
        return Found("unsafe-library", str(error)[:200], {"reason": str(error)[:200]})
    connection = sqlite.connect(scene.station.path, read_only=True)
    try:
        row = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite.DatabaseError as error:
        return Found("damaged", str(error)[:200], {"reason": str(error)[:200]})
    finally:
        connection.close()
    said = str(row[0])
    facts = {} if said == "ok" else {"reason": said[:200]}
    return Found("sound" if said == "ok" else "damaged", f"SQLite's quick check: {said[:120]}", facts)


@probe("database_schema")
def database_schema(scene: Scene, target: Target) -> Found:
    """Whether the tables are those that this program knows."""
    return schema_state()


def schema_state() -> Found:
    """The same, for who has no station: only the database that Django is set up for is read."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    loader = executor.loader
    unknown = [name for name in loader.applied_migrations if name not in loader.disk_migrations]
    if executor.migration_plan(loader.graph.leaf_nodes()):
        return Found("behind", "migrations are missing")
    return Found("ahead" if unknown else "fits", "compared with the program's migrations")


@probe("audit_chain")
def audit_chain(scene: Scene, target: Target) -> Found:
    """Whether the log that nobody can quietly change is whole."""
    try:
        verdict = scene.station.verify_audit()
    except NoKey:
        return Found("broken", "its key is not there")
    facts = {"entry_count": verdict.count}
    return Found("whole" if verdict.whole else "broken", "every entry was checked", facts)


@probe("backup_age")
def backup_age(scene: Scene, target: Target) -> Found:
    """How old the newest backup beside the station is."""
    folder = scene.folder / BACKUPS
    made = [one.stat().st_mtime_ns // 1_000_000 for one in folder.glob("*") if one.is_dir()]
    if not made:
        return Found("none", "no backup in the station's folder")
    age_ms = max(0, scene.clock.now_ms() - max(made))
    return Found("fresh" if age_ms < FRESH_MS else "old", "the newest folder of backups", {"age_ms": age_ms})


@probe("disk_room")
def disk_room(scene: Scene, target: Target) -> Found:
    """How much room is left beside the journal."""
    free_bytes = shutil.disk_usage(scene.folder).free
    reserve = scene.station.rules.reserve_bytes
    value = "full" if free_bytes < reserve else "low" if free_bytes < LOW_TIMES * reserve else "enough"
    return Found(value, "asked the file system", {"free_bytes": free_bytes})


@probe("station_clock")
def station_clock(scene: Scene, target: Target) -> Found:
    """Whether the station's clock agrees with those of the devices: if all disagree in the same way, it is
    ours that is wrong. They are asked anew: what they said before a leap says nothing of the time after it.
    """

    def offset_ms(till: str) -> int | None:
        try:
            return scene.station.read_device(till).clock_offset_ms
        except FaultError:
            return None

    with ThreadPoolExecutor(len(scene.tills), thread_name_prefix="clock") as pool:
        offsets = [told for told in pool.map(offset_ms, scene.tills) if told is not None]
    if not offsets:
        return cannot_look("no device tells the time")
    tolerance_ms = scene.station.rules.device_clock_tolerance_ms
    least = min(offsets, key=abs)
    one_way = min(offsets) > tolerance_ms or max(offsets) < -tolerance_ms
    facts: dict[str, Fact] = {"offset_ms": -least, **({"jump_ms": -least} if one_way else {})}
    return Found("jumped" if one_way else "steady", f"beside {len(offsets)} devices", facts)
