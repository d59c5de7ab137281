"""What a look at a station comes to: a verdict for every part and for all, and the likeliest faults first.

A part that only follows another one is no fault of its own. A warning is no sickness: a till without a
printer sells. What nobody could look at is never healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.faults.rules import RAISES, PartState, condition_of, parts
from tillwright.kernel.fault import Fault
from tillwright.kernel.finding import UNKNOWN, Finding
from tillwright.kernel.registry import PROBES, Condition

HEALTHY, SICK, NOT_KNOWN = "healthy", "sick", "unknown"
EXITS: Mapping[str, int] = {HEALTHY: 0, SICK: 1, NOT_KNOWN: 3}
"""Verdict → exit status; 2 is wrong use."""
_ABSENT = "not-set"
ALSO: Mapping[tuple[str, str], str] = {
    ("station_alive", "dead"): "process.system-failure",
    ("station_alive", "hung"): "process.system-failure",
}
"""(probe, value) → the fault that it is, where the station itself would raise it, or cannot any more."""
_GRAVITY = ("stop", "warn", "notice")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A fault that is there. `likely`: how probable it is that this is where it begins, and not in another of
    them. `diagnosis`: the uid of its diagnosis, '' for none.
    """

    code: str
    till: str
    facts: Mapping[str, str | int]
    likely: float
    diagnosis: str = ""

    def told(self) -> dict[str, object]:
        """As the report has it."""
        return {
            "code": self.code, "facts": dict(self.facts), "likely": round(self.likely, 4), "till": self.till,
            "diagnosis": self.diagnosis,
        }  # fmt: skip

    def says(self, catalogue: Catalogue, language: str) -> str:
        """In words: where, what, and the code to read out."""
        said = catalogue.say(Fault(self.code, **self.facts), language)
        return f"{f'{self.till}: ' if self.till else ''}{said.sentence} [{self.code}]"


def states(findings: Iterable[Finding], tills: Sequence[str]) -> list[PartState]:
    """Every part by what was found. What a till does not have is left out of what nobody could look at."""
    found = list(findings)
    absent = {(PROBES[one.probe].part, one.scope) for one in found if one.value == _ABSENT}
    kept = [one for one in found if one.value != UNKNOWN or (PROBES[one.probe].part, one.scope) not in absent]
    return parts(kept, tills)


def verdict(of: Iterable[PartState]) -> str:
    """Of all parts together."""
    conditions = {one.condition for one in of}
    if Condition.SICK in conditions:
        return SICK
    return HEALTHY if conditions and Condition.UNKNOWN not in conditions else NOT_KNOWN


def told_parts(of: Iterable[PartState]) -> list[dict[str, object]]:
    """The parts as the report has them: the gravest finding speaks for its part."""
    return [
        {
            "part": one.part,
            "till": one.scope,
            "state": one.condition.value,
            "follows": one.follows,
            "finding": said(one.findings[0]),
            "ms": max(finding.took_ms for finding in one.findings),
            "findings": [_told(finding) for finding in one.findings],
        }
        for one in of
    ]


def said(finding: Finding) -> str:
    """A finding in one line."""
    return f"{finding.probe}: {finding.value}" + (f" ({finding.how})" if finding.how else "")


def _told(finding: Finding) -> dict[str, object]:
    return {
        "probe": finding.probe, "value": finding.value, "state": condition_of(finding).value,
        "how": finding.how, "facts": dict(finding.facts), "ms": finding.took_ms,
    }  # fmt: skip


def suspects(
    of: Sequence[PartState], diagnoses: Iterable[Mapping[str, Any]], catalogue: Catalogue
) -> list[Suspect]:
    """The faults that were found and those that are being diagnosed, the likeliest first. `diagnoses`: open
    ones, as the API tells them.
    """
    found = {(one["code"], one["till"]): _of_diagnosis(one) for one in diagnoses}
    for part in of:
        for finding in part.findings:
            code = {**RAISES, **ALSO}.get((finding.probe, finding.value), "")
            entry = catalogue.entries.get(code)
            if entry is None or (code, finding.scope) in found:
                continue
            facts = {name: value for name, value in finding.facts.items() if name in entry.facts}
            likely = 0.0 if part.follows else 1.0
            found[code, finding.scope] = Suspect(code, finding.scope, facts, likely)
    codes = {code for code, _ in found}
    shares = {(one["code"], one["till"]): _shares(one) for one in diagnoses}
    weighed = [
        _weighed(one, catalogue.entries.get(one.code), shares.get((one.code, one.till), {}), codes)
        for one in found.values()
    ]
    return sorted(weighed, key=lambda one: _rank(catalogue, one))


def _of_diagnosis(told: Mapping[str, Any]) -> Suspect:
    return Suspect(told["code"], told["till"], told["facts"], 1.0, told["uid"])


def _shares(told: Mapping[str, Any]) -> dict[str, float]:
    return {one["id"]: one["share"] for one in told.get("causes", ())}


def _weighed(one: Suspect, entry: Entry | None, shares: Mapping[str, float], codes: set[str]) -> Suspect:
    """Less what leads on to another fault that is there, too."""
    if entry is None or not one.likely:
        return one
    whole = sum(cause.weight for cause in entry.causes) or 1.0
    elsewhere = sum(
        shares.get(cause.id, cause.weight / whole)
        for cause in entry.causes
        if cause.leads_to in codes and cause.leads_to != one.code
    )
    return Suspect(one.code, one.till, one.facts, max(0.0, one.likely - elsewhere), one.diagnosis)


def _rank(catalogue: Catalogue, one: Suspect) -> tuple[float, int, bool, str, str]:
    """The likeliest first; among equals the graver, and what is the station's before what is a till's."""
    return -one.likely, _gravity(catalogue, one.code), bool(one.till), one.code, one.till


def _gravity(catalogue: Catalogue, code: str) -> int:
    entry = catalogue.entries.get(code)
    return _GRAVITY.index(entry.severity) if entry is not None else len(_GRAVITY)
