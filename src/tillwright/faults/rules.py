"""What findings mean: how a part is, which parts only follow another one, which fault a finding is.

    disk ◀── journal ◀── station ◀── till ──▶ control, printer
                                      │
                                      └─────▶ operator, licensing ──▶ network

A part that is sick while something that it needs is sick is only a follower: it is drawn so, and nobody is
called for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import Finding
from tillwright.kernel.registry import PROBES, Condition

NEEDS: Mapping[str, tuple[str, ...]] = {
    "till": ("station", "control"),
    "station": ("journal", "clock"),
    "journal": ("disk",),
    "people": ("station",),
    "control": (),
    "printer": (),
    "operator": ("network",),
    "licensing": ("network",),
    "network": (),
    "clock": (),
    "disk": (),
}
"""Part → the parts without which it cannot be well."""

PARTS_OF_STATION = ("station", "journal", "disk", "clock", "people", "network")
PARTS_OF_TILL = ("till", "control", "printer", "operator", "licensing")

_GRAVITY = (Condition.HEALTHY, Condition.UNKNOWN, Condition.WARNING, Condition.SICK)


@dataclass(frozen=True, slots=True)
class PartState:
    """How a part is. `scope`: its till, '' for the station's. `follows`: the sick part that explains it, ''
    for none. `findings`: what its probes found, the gravest first.
    """

    part: str
    scope: str
    condition: Condition
    follows: str
    findings: tuple[Finding, ...]


def condition_of(finding: Finding) -> Condition:
    """What a finding says of its part."""
    return PROBES[finding.probe].condition(finding.value)


def gravest(conditions: Iterable[Condition]) -> Condition:
    """The gravest of some; unknown where there is none."""
    found = list(conditions)
    return max(found, key=_GRAVITY.index) if found else Condition.UNKNOWN


def parts(findings: Iterable[Finding], tills: Iterable[str]) -> list[PartState]:
    """Every part of the station and its tills, what is needed first. A part without a probe's finding is not
    listed.
    """
    by_part: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_part.setdefault((PROBES[finding.probe].part, finding.scope), []).append(finding)
    places = [(part, "") for part in PARTS_OF_STATION]
    places += [(part, till) for till in tills for part in PARTS_OF_TILL]
    conditions = {
        place: gravest(condition_of(one) for one in by_part[place]) for place in places if place in by_part
    }
    return [
        PartState(part, scope, conditions[part, scope], _follows(part, scope, conditions), _ordered(found))
        for (part, scope), found in ((place, by_part[place]) for place in places if place in by_part)
    ]


def _ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda one: (-_GRAVITY.index(condition_of(one)), one.probe)))


def _follows(part: str, scope: str, conditions: Mapping[tuple[str, str], Condition]) -> str:
    """The sick part behind a sick one, the deepest; '' where it is sick by itself, or not sick."""
    if conditions[part, scope] not in (Condition.SICK, Condition.UNKNOWN):
        return ""
    for needed in NEEDS[part]:
        place = (needed, scope) if (needed, scope) in conditions else (needed, "")
        if conditions.get(place) is Condition.SICK:
            return _follows(needed, place[1], conditions) or needed
    return ""


RAISES: Mapping[tuple[str, str], str] = {
    ("control_link", "no-line"): "fiscal.sko-disconnected",
    ("control_link", "no-answer"): "fiscal.sko-no-answer",
    ("control_link", "nonsense"): "fiscal.device-garbled",
    ("control_counters", "till-more"): "fiscal.negative-shift-balance",
    ("control_counters", "device-more"): "fiscal.cash-mismatch-at-shift-close",
    ("operator_status", "blocked"): "fiscal.register-blocked",
    ("operator_status", "warned"): "fiscal.block-warning",
    ("sign_in", "locked"): "people.locked",
    ("offline_limit", "near"): "fiscal.offline-limit",
    ("offline_limit", "reached"): "fiscal.offline-limit",
    ("licence_state", "too-old"): "fiscal.licence-unreachable",
    ("printer_status", "no-line"): "printer.unreachable",
    ("printer_status", "no-answer"): "printer.unreachable",
    ("printer_status", "paper-out"): "printer.paper-out",
    ("printer_status", "paper-low"): "printer.paper-low",
    ("printer_status", "cover-open"): "printer.cover-open",
    ("printer_status", "switched-off-line"): "printer.offline",
    ("disk_room", "full"): "journal.disk-low",
    ("station_clock", "jumped"): "clock.jumped",
    ("database_sound", "damaged"): "journal.unsafe-database",
    ("database_sound", "unsafe-library"): "journal.unsafe-database",
}
"""(probe, value) → the fault that it is, where the program does not raise it anyway at the same moment."""


def fault_of(finding: Finding, declared: Iterable[str]) -> Fault | None:
    """The fault that a finding is, with those of its facts that the entry declares; None for none."""
    code = RAISES.get((finding.probe, finding.value))
    if code is None:
        return None
    wanted = set(declared)
    return Fault(code, **{name: value for name, value in finding.facts.items() if name in wanted})


RED = "fiscal.red-cheque-status-unknown"
RED_OF_KIND: Mapping[str, str] = {
    "cash-in": "fiscal.red-document-cash-in-out",
    "cash-out": "fiscal.red-document-cash-in-out",
    "refund": "fiscal.red-document-return-annulment-cash",
    "void": "fiscal.red-document-return-annulment-cash",
    "payout": "fiscal.red-document-return-annulment-cash",
}
"""Kind of operation → what it is called when it turns red; a sale's is RED itself."""


def named_for(fault: Fault, kind: str) -> Fault:
    """The fault by the name that it has for an operation of this kind; each has other things at stake."""
    code = RED_OF_KIND.get(kind) if fault.code == RED else None
    return fault if code is None else Fault(code, **fault.facts)
