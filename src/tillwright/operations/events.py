"""Everything that can happen to an operation, as values. Each carries its own time: `decide` has no clock."""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.operations.states import Happening


@dataclass(frozen=True, slots=True)
class Started:
    """The till has begun it."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Replied:
    """The party answered the request itself, in time or late."""

    at_ms: int
    leg: int
    accepted: bool
    evidence: Evidence
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly did not leave."""

    at_ms: int
    leg: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have left, and its time is over."""

    at_ms: int
    leg: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Restarted:
    """The station came up and found the operation unfinished. `restored`: in an old copy of its journal, so
    that much more may have happened to it than is known.
    """

    at_ms: int
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Inquired:
    """The party was asked by key, or its records were read: `found` True, False (absent) or None (no answer).

    An absence counts only if `fenced`: the party will refuse the key for ever.
    """

    at_ms: int
    leg: int
    found: bool | None
    evidence: Evidence | None = None
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Ruled:
    """A person ruled, having seen this version of the operation; the evidence names the person.

    `then`: what follows. After 'did not happen': 'register-now' (a new attempt in the same operation) or
    'returned' (goods and money are back). After 'happened' of a payout that was not handed out: 'owed'.
    `second`: the second person. `enquiry`: the enquiry at the operator that it rests on, 0 for none.
    """

    at_ms: int
    leg: int
    happened: bool
    evidence: Evidence
    version: int
    then: str = ""
    second: str = ""
    enquiry: int = 0


@dataclass(frozen=True, slots=True)
class Contradicted:
    """A record speaks about a leg without having been asked."""

    at_ms: int
    leg: int
    happened: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Due:
    """A timer of the operation has come."""

    at_ms: int
    timer: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Its document was printed."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """Its document has reached a receiver."""

    at_ms: int
    receiver: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person approved."""

    at_ms: int
    person: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A person asks to bring back what has happened."""

    at_ms: int
    person: str


@dataclass(frozen=True, slots=True)
class Continue:
    """A person answers the question with: go on."""

    at_ms: int
    person: str | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A person answers the question with: give up."""

    at_ms: int
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Tendered:
    """Another tender for what is left to pay."""

    at_ms: int
    kind: str
    amount_minor: int


Event = (
    Started
    | Replied
    | NotSent
    | NoAnswer
    | Restarted
    | Inquired
    | Ruled
    | Contradicted
    | Due
    | Printed
    | Delivered
    | Approved
    | Cancelled
    | Continue
    | GiveUp
    | Tendered
)

_NAMES: dict[type, Happening] = {
    Started: Happening.STARTED,
    NotSent: Happening.NOT_SENT,
    NoAnswer: Happening.NO_ANSWER,
    Restarted: Happening.RESTARTED,
    Due: Happening.DUE,
    Printed: Happening.PRINTED,
    Delivered: Happening.DELIVERED,
    Approved: Happening.APPROVED,
    Cancelled: Happening.CANCELLED,
    Continue: Happening.CONTINUE,
    GiveUp: Happening.GIVE_UP,
    Tendered: Happening.TENDER,
}


def happening(event: Event) -> Happening:
    """The name under which the tables know this event."""
    if isinstance(event, Replied):
        return Happening.ACCEPTED if event.accepted else Happening.REFUSED
    if isinstance(event, Inquired):
        if event.found is None or (event.found is False and not event.fenced):
            return Happening.SILENT
        return Happening.FOUND if event.found else Happening.ABSENT
    if isinstance(event, Ruled):
        return Happening.RULED_HAPPENED if event.happened else Happening.RULED_DID_NOT
    if isinstance(event, Contradicted):
        return Happening.CONTRADICTED_HAPPENED if event.happened else Happening.CONTRADICTED_DID_NOT
    return _NAMES[type(event)]
