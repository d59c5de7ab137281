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

    `kind` is 'sale' or 'deposit'; `registered_ms` is by the device's clock; `unique_number` is unique over
    all devices.
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

    Serial, last number and counters are what the device said last; None as long as it has said nothing.
    """

    state: str
    serial: str | None
    last_number: int | None
    counters: Counters | None
    at_ms: int


Telling = Told | Recorded | Noticed | Health


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
