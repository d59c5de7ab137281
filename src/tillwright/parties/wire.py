"""What adapters, twins and their drivers say to each other, as values.

Adapters and twins decide; drivers do. An adapter is told what has come in and what time it is, and answers
with actions for its driver (connect, transmit, wake me) and with tellings for the station (this became of
that request). A driver may be a thread with sockets or a heap of events on virtual time: the same classes run
on both.

What a driver owes an adapter: one connection at a time; after `Connect` exactly one of `connected` or
`connect_failed`; after `connected` any number of `received`, then at most one `closed`; after `Disconnect`
nothing more about that connection. `due` may be called too often, never too rarely: at or soon after each
time named by a `WakeAt`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tillwright.kernel.fault import Fault
from tillwright.kernel.outcome import InquiryOutcome, Outcome
from tillwright.operations.model import Tender

if TYPE_CHECKING:
    from tillwright.parties.control.messages import Counters

# ── what an adapter asks of its driver ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the connection."""


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send these bytes: one whole frame. From here on the request may have left."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection, or give up opening it. Nothing more is told about it."""


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Call `due` when the clock shows this time, or soon after, also if it has been set back meanwhile.

    A new one may come before an older one has passed; both are kept.
    """

    at_ms: int


Action = Connect | Transmit | Disconnect | WakeAt


# ── what an adapter tells the station ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A document of the device. `text` is the signed document exactly as the device wrote it; the rest is
    read from it.

    `kind` is one of `control.messages.KINDS`; `registered_ms` is by the device's clock; `unique_number` is
    unique over all devices. `shift`: the device's, 0 outside of any. `of`: the unique number of the original,
    of a refund or an annulment. `tenders`: what was paid with each, change taken off the cash.
    """

    serial: str
    number: int
    unique_number: str
    key: str
    kind: str
    till: str
    total_minor: int
    currency: str
    registered_ms: int
    text: str
    content_hash: str = ""
    shift: int = 1
    of: str = ""
    tenders: tuple[Tender, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a request, by the key of its leg; `record` is the document that proves it.

    May come more than once for a key: a late answer after 'no answer' is told as what it is.
    """

    key: str
    outcome: Outcome | InquiryOutcome
    inquiry: bool
    record: DeviceRecord | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Documents of the device that the till had not held, in the order of their numbers."""

    records: tuple[DeviceRecord, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something is wrong that is not the end of one request."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Health:
    """How the party is: `state` is 'unknown', 'connecting', 'ready' or 'lost'.

    All else is what the device said last; None as long as it has said nothing. `shift_state`: 'open' or
    'closed'. `acknowledged`: all documents up to this one are at the operator, by the device's own line; None
    if it has none. `clock_offset_ms`: by how much the device's clock is ahead of ours.
    """

    state: str
    serial: str | None
    last_number: int | None
    counters: Counters | None
    at_ms: int
    shift_number: int | None = None
    shift_state: str | None = None
    acknowledged: int | None = None
    clock_offset_ms: int | None = None


# ── what the adapters of other parties tell ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PartyHealth:
    """How a party besides the control device is: 'operator', 'licensing' or 'printer'.

    `state` is 'unknown', 'ready' or 'lost'; a printer also says 'paper-low', 'paper-out', 'cover-open' and
    'offline'. Told when it changes, and as the end of a question for the status that had no answer.
    """

    party: str
    state: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The receiver holds this document, durably. `up_to`: it holds every document of this device up to that
    number, whichever way they came; one that it refused ends the row; 0 for none, None if it did not say.
    """

    receiver: str
    serial: str
    number: int
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentRefused:
    """The receiver will not take this one document. `blocks`: nor any later one of the device before it."""

    receiver: str
    serial: str
    number: int
    reason: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """Carrying this document has ended without an answer that counts; it may simply be carried again.

    `cause`: 'no-internet', 'operator-unreachable' (nothing was sent), 'no-answer' (it may have arrived),
    'operator-garbled', 'operator-blocked' (it takes nothing from this till), 'out-of-order' (it first wants
    the document of the number `wanted`).
    """

    receiver: str
    serial: str
    number: int
    cause: str
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class OperatorStatus:
    """What the operator says of the till: 'active', 'warning' (blocked from `date_ms` on) or 'blocked'."""

    state: str
    reason: str
    date_ms: int | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """A document as the operator's cabinet lists it; `received_ms` by the operator's clock."""

    serial: str
    number: int
    unique_number: str
    key: str
    kind: str
    till: str
    total_minor: int
    currency: str
    registered_ms: int
    received_ms: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What the operator's cabinet listed for a question.

    Of the device (the one asked for, or the till's newest): `last_number`, up to which all documents are
    there; `last_contact_ms`, when it was last heard of, by our clock's reading of the operator's; `queued`,
    how many documents were then said to be still on their way, those counted in that the operator refused,
    None if it was never said. `more`: the list is longer than what was fetched, so that absence from it
    proves nothing.
    """

    query: int
    records: tuple[OperatorRecord, ...]
    serial: str | None
    last_number: int
    last_contact_ms: int | None
    at_ms: int
    queued: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Unlisted:
    """The question was not answered."""

    query: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class LicenceTold:
    """What the licensing party says of the till's licence; no codes: all is well."""

    codes: tuple[Fault, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class PrintTold:
    """What became of a print job. `ok`: the printer has worked off all of it and had paper to the end.

    Otherwise `fault` says why. What it is not certain of, it calls not printed: a part, or in the worst case
    all of it, may lie there. Nothing is ever printed again by itself; a reprint says 'copy'.
    """

    job: str
    ok: bool
    fault: Fault | None = None


Telling = (
    Told
    | Recorded
    | Noticed
    | Health
    | PartyHealth
    | Acknowledged
    | DocumentRefused
    | NotDelivered
    | OperatorStatus
    | Listed
    | Unlisted
    | LicenceTold
    | PrintTold
)


# ── what a twin asks of its driver ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reply:
    """Send these bytes on this connection: a frame, or with some faults a part of one."""

    connection: int
    data: bytes


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close this connection. Nothing more need be told about it."""

    connection: int


TwinAction = Reply | HangUp | WakeAt
