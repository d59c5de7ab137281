"""Outcomes: the closed set of what may become of a request to a party.

The line that matters is between `NotSent` (not one byte of the request can have left) and `NoAnswer` (one may
have): the first may be tried again with an easy mind, the second is unknown until evidence ends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault


@dataclass(frozen=True, slots=True)
class Accepted:
    """The party did it, and says so."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Refused:
    """The party did not do it, and says so."""

    fault: Fault
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly did not leave."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have left, and nothing came back that answers it."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Found:
    """Asked by key: it happened."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Absent:
    """Asked by key: the party has no such thing; `fenced` if it will refuse that key for ever from now on."""

    evidence: Evidence
    fenced: bool


Outcome = Accepted | Refused | NotSent | NoAnswer
InquiryOutcome = Found | Absent | NoAnswer
