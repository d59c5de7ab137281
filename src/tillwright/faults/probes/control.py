"""Probes of the control device: its line, its identity, its clock, its shift, its counters."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.reaching import REACHED, reach
from tillwright.faults.scene import CONTROL, Scene, Target
from tillwright.journal.records import StoredFault
from tillwright.kernel.fault import Fact, FaultError
from tillwright.parties.wire import Health
from tillwright.till.queries import reader

GARBLED = "fiscal.device-garbled"
_ASKED = "asked the device for its status"


@probe("control_link")
def control_link(scene: Scene, target: Target) -> Found:
    """Whether the device answers; if not, how far one gets. Nonsense between its answers is no health."""
    asked_ms = scene.clock.now_ms()
    try:
        health = scene.station.read_device(target.till)
    except FaultError:
        return _why_silent(scene, target.till, asked_ms)
    if newest(scene, target.till, GARBLED, asked_ms) is not None:
        return Found("nonsense", f"{_ASKED}, and some of what it says cannot be read")
    facts: dict[str, Fact] = {"serial": health.serial or "", "last_number": health.last_number or 0}
    return Found("answers", _ASKED, facts)


def _why_silent(scene: Scene, till: str, asked_ms: int) -> Found:
    reached, how = reach(scene.addresses[till, CONTROL])
    if reached != REACHED:
        return Found("no-line", how)
    if newest(scene, till, GARBLED, asked_ms) is not None:
        return Found("nonsense", f"{how}, and what it says cannot be read")
    return Found("no-answer", f"{how}, and nothing came back")


@probe("control_identity")
def control_identity(scene: Scene, target: Target) -> Found:
    """Whether the device at the configured address is the one that wrote the till's documents."""
    health = _health(scene, target.till)
    row = (
        reader()
        .execute(
            "SELECT serial FROM device_document WHERE till = ? ORDER BY at_ms DESC, number DESC LIMIT 1",
            (target.till,),
        )
        .fetchone()
    )
    serial = health.serial or ""
    if not serial:
        return Found("none", _ASKED)
    known = str(row[0]) if row else serial
    return Found("same" if serial == known else "other-serial", _ASKED, {"serial": serial, "known": known})


@probe("control_clock")
def control_clock(scene: Scene, target: Target) -> Found:
    """Whether the device's clock agrees with the station's."""
    offset_ms = _health(scene, target.till).clock_offset_ms
    if offset_ms is None:
        return cannot_look("the device does not tell the time")
    off = abs(offset_ms) > scene.station.rules.device_clock_tolerance_ms
    return Found("off" if off else "agrees", "by the time in the device's answer", {"offset_ms": offset_ms})


@probe("control_shift")
def control_shift(scene: Scene, target: Target) -> Found:
    """Whether till and device have the same shift open."""
    health = _health(scene, target.till)
    shift = scene.station.till_state(target.till).shift
    ours = shift.number if shift is not None else 0
    theirs = (health.shift_number or 0) if health.shift_state == "open" else 0
    facts: dict[str, Fact] = {"till_shift": ours, "device_shift": theirs}
    agrees = bool(ours) == bool(theirs)
    return Found("agrees" if agrees else "differs", _ASKED, facts)


@probe("control_counters")
def control_counters(scene: Scene, target: Target) -> Found:
    """Whether the cash by the book is what the device counts, and what explains it if not."""
    _health(scene, target.till)
    state = scene.station.cash_state(target.till)
    if state.blind or state.difference_minor is None:
        return cannot_look("the cash is being counted blind" if state.blind else "the device counts nothing")
    difference = state.difference_minor
    facts: dict[str, Fact] = {"difference_minor": difference, "currency": state.currency}
    how = "cash by the book beside the device's counters"
    if difference == 0:
        return Found("agree", how, facts)
    if state.explained:
        return Found("explained", f"{how}; unfinished operations explain it", facts)
    return Found("device-more" if difference > 0 else "till-more", how, facts)


@probe("control_numbers")
def control_numbers(scene: Scene, target: Target) -> Found:
    """Whether the till holds every document of its device, and the device every document that it wrote."""
    health = _health(scene, target.till)
    row = reader().execute(
        "SELECT COALESCE(max(number), 0) FROM device_document WHERE serial = ?", (health.serial or "",)
    )
    ours, theirs = int(row.fetchone()[0]), health.last_number or 0
    facts: dict[str, Fact] = {"till_number": ours, "device_number": theirs}
    value = "level" if ours == theirs else "device-ahead" if theirs > ours else "device-behind"
    return Found(value, "the last numbers of both", facts)


def _health(scene: Scene, till: str) -> Health:
    """The device as it says now. Raises FaultError."""
    return scene.station.read_device(till)


def newest(scene: Scene, till: str, code: str, since_ms: int) -> StoredFault | None:
    """The newest fault of this code at this till since a moment."""
    for stored in scene.station.faults(200):
        if stored.till == till and stored.fault.code == code and stored.at_ms >= since_ms:
            return stored
    return None
