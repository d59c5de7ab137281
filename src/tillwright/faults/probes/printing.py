"""Probes of the receipt printer."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.reaching import REACHED, reach
from tillwright.faults.scene import PRINTER, Scene, Target

ANSWER_MS = 3_000
NEWEST = 200
"""So many faults are looked through."""
LATELY_MS = 3_600_000
UNCONFIRMED = "printer.unconfirmed"
VALUES = {
    "ready": "ready",
    "paper-low": "paper-low",
    "paper-out": "paper-out",
    "cover-open": "cover-open",
    "offline": "switched-off-line",
}


@probe("printer_status")
def printer_status(scene: Scene, target: Target) -> Found:
    """What the printer says of itself; if it is silent, how far one gets."""
    address = scene.addresses.get((target.till, PRINTER))
    if address is None:
        return Found("not-set", "the till has no printer")
    state = scene.station.ask_party(target.till, PRINTER, ANSWER_MS)
    if state in VALUES:
        return Found(VALUES[state], f"asked at {address}")
    reached, how = reach(address)
    return Found("no-answer" if reached == REACHED else "no-line", how)


@probe("slips_waiting")
def slips_waiting(scene: Scene, target: Target) -> Found:
    """Whether every slip of the last hour that was ordered came out."""
    if (target.till, PRINTER) not in scene.addresses:
        return cannot_look("the till has no printer")
    missing = unprinted(scene, target.till)
    if not missing:
        return Found("none", "no slip has failed, or it was printed since")
    unsure = all(code == UNCONFIRMED for code in missing.values())
    value = "some" if unsure else "failed"
    return Found(value, "slips that failed and were not printed since", {"document_count": len(missing)})


def unprinted(scene: Scene, till: str) -> dict[str, str]:
    """Operations of the last hour whose slip has not come out: uid → the fault of its newest try."""
    since_ms = scene.clock.now_ms() - LATELY_MS
    found: dict[str, str] = {}
    for stored in scene.station.faults(NEWEST):
        ours = stored.till == till and stored.at_ms >= since_ms and stored.fault.code.startswith("printer.")
        if ours and stored.uid and stored.uid not in found and not _is_printed(scene, stored.uid):
            found[stored.uid] = stored.fault.code
    return found


def _is_printed(scene: Scene, uid: str) -> bool:
    operation = scene.station.operation(uid)
    return operation is None or operation.printed or scene.station.document(uid) is None
