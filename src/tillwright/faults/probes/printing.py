"""Probes of the receipt printer."""

from __future__ import annotations

from tillwright.faults.looking import Found, cannot_look, probe
from tillwright.faults.probes.reaching import REACHED, reach
from tillwright.faults.scene import PRINTER, Scene, Target

ANSWER_MS = 3_000
NEWEST = 20
LATELY_MS = 3_600_000
SETTLED_MS = 20_000
"""A slip that was ordered so lately may still be on its way to the paper."""
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
    """Whether every slip of the last hour came out."""
    if (target.till, PRINTER) not in scene.addresses:
        return cannot_look("the till has no printer")
    missing = unprinted(scene, target.till)
    if not missing:
        return Found("none", "the newest operations are marked as printed")
    told = {stored.uid for stored in scene.station.faults(200) if stored.fault.code.startswith("printer.")}
    value = "failed" if any(uid in told for uid in missing) else "some"
    return Found(value, "operations that are not marked as printed", {"document_count": len(missing)})


def unprinted(scene: Scene, till: str) -> list[str]:
    """The newest operations with a document that has not come out, by uid."""
    now_ms = scene.clock.now_ms()
    rows = scene.station.page(till=till, state="done", after=None, limit=NEWEST).items
    young = [row for row in rows if SETTLED_MS <= now_ms - row.changed_ms <= LATELY_MS]
    return [row.uid for row in young if not _is_printed(scene, row.uid)]


def _is_printed(scene: Scene, uid: str) -> bool:
    operation = scene.station.operation(uid)
    return operation is None or operation.printed or scene.station.document(uid) is None
