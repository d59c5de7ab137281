"""What the journal holds beside operations, as values; shared by its two implementations and by those who
read it. Times in ms UTC, sums in minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillwright.books.cash import Account
from tillwright.kernel.fault import Fault
from tillwright.operations.model import Content, Line
from tillwright.operations.refunds import LineLeft


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of an operation as written: its happening's name, the leg it names, its fields as JSON."""

    version: int
    at_ms: int
    happening: str
    leg: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of a device: its own words, signed by it."""

    serial: str
    number: int
    till: str
    key: str
    unique_number: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class StoredFault:
    """A fault as raised."""

    at_ms: int
    till: str
    uid: str | None
    fault: Fault


# ── shifts and the drawer ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ShiftState:
    """A shift of a till. `state`: 'open' or 'closed'; the newest may be open again, if the device says so."""

    till: str
    number: int
    state: str
    currency: str
    opened_ms: int
    opened_by: str
    closed_ms: int | None = None
    closed_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the till works in it."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Hold:
    """A till is held for this: 'count' (cash is counted blind), 'close' (it was counted), 'correction'."""

    till: str
    purpose: str
    person: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class CashCount:
    """A blind count: how many of each note or coin (its value in minor units → how many, largest first), what
    that makes, and what was expected at that moment.
    """

    uid: str
    till: str
    shift: int
    person: str
    at_ms: int
    currency: str
    denominations: tuple[tuple[int, int], ...]
    counted_minor: int
    expected_minor: int
    reason: str = ""

    @property
    def difference_minor(self) -> int:
        """Above nought: more in the drawer than expected."""
        return self.counted_minor - self.expected_minor


@dataclass(frozen=True, slots=True)
class Booked:
    """What an operation has booked in a shift: an account, and how much went into it."""

    uid: str
    kind: str
    content: Content
    account: Account
    amount_minor: int


# ── refunds ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Refundable:
    """What of a sale has not been taken back yet. `beyond_minor`: what was taken back above the sale, because
    a refund that had ended as not done turned out to have happened.
    """

    left_minor: int
    lines: tuple[LineLeft, ...]
    beyond_minor: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a refund or a void takes of its sale: in all, and by line (number → thousandths, sum)."""

    total_minor: int
    lines: tuple[tuple[int, int, int], ...]


def taken_by(total_minor: int, lines: Sequence[Line]) -> Taken:
    """What these lines of a refund take of their sale; lines that name none of it count in the total only."""
    found: dict[int, tuple[int, int]] = {}
    for line in lines:
        if line.of:
            milli, minor = found.get(line.of, (0, 0))
            found[line.of] = (milli + line.quantity_milli, minor + line.total_minor)
    return Taken(total_minor, tuple((number, *found[number]) for number in sorted(found)))


@dataclass(frozen=True, slots=True)
class Grant:
    """A short-lived approval by a person of some role: for one purpose, one operation, one till, once."""

    id: str
    operation: str
    purpose: str
    till: str
    person: str
    role: str
    granted_ms: int
    expires_ms: int


# ── parties ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Queued:
    """A document of a device that is queued for a receiver. `queued_tally_ms`: the station's running tally at
    that moment. `refused_reason`: the receiver refused just this one; `blocks`: and takes no later one
    before it.
    """

    receiver: str
    till: str
    serial: str
    number: int
    total_minor: int
    queued_ms: int
    queued_tally_ms: int
    delivered_ms: int | None = None
    refused_reason: str | None = None
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a receiver at a till: how many documents, their sum, when the oldest was queued by the
    wall and by the running tally (both None if nothing waits).
    """

    count: int
    sum_minor: int
    oldest_ms: int | None
    oldest_tally_ms: int | None


NOTHING_WAITS = Waiting(0, 0, None, None)


@dataclass(frozen=True, slots=True)
class StoredEnquiry:
    """A question to a receiver about an operation, and what it listed (JSON), None as long as it is silent.
    `person`: who asked; empty: the station itself, which checks a ruling.
    """

    id: int
    uid: str
    till: str
    receiver: str
    person: str
    asked_ms: int
    from_ms: int
    to_ms: int
    answered_ms: int | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredRuling:
    """A ruling of a person on a leg, the version of the operation that was seen, and what became of it:
    `verdict` is empty until the receiver's records bear it out ('agrees') or speak against it ('against').
    """

    id: int
    uid: str
    leg: int
    version: int
    happened: bool
    person: str
    second: str
    reason: str
    unique_number: str
    at_ms: int
    body: bytes
    checked_ms: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class PartyState:
    """How a party of a till is by what it said last: `state` in its own word, `body` the rest as JSON."""

    till: str
    party: str
    state: str
    at_ms: int
    body: bytes = b"{}"
