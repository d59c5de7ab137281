"""The messages between a till, a device's own line, and the operator: JSON bodies over HTTP.

    PUT /v1/documents/UNIQUE  Delivery      → 200 Taken         once per unique number, whoever brings it
    PUT /v1/devices/SERIAL    Contact       → 200 ContactTaken  a sign of life, and what is queued
    GET /v1/documents?…       (see Asked)   → 200 DocumentList  the cabinet, a page at a time
    GET /v1/tills/TILL                      → 200 TillTold      active, warning, blocked

Whatever is not done is answered with a status of 400 or above and a Problem, whose `code` is one of:

    refused, not-whole, conflict, number-taken   this one document is not taken; `reason` says why
    out-of-order   the operator accepts no gaps, and first wants the number `wanted` of this device
    till-blocked   nothing is taken from this till; `reason` says why
    malformed, not-found   the operator did not understand the message
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from msgspec import Meta, Struct

from tillwright.parties.http.exchange import as_query

Number = Annotated[int, Meta(ge=0, le=2**53)]
Minor = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[str, Meta(max_length=500)]
TillState = Literal["active", "warning", "blocked"]
Way = Literal["till", "device"]

DOCUMENTS = "/v1/documents"
DEVICES = "/v1/devices/"
TILLS = "/v1/tills/"
LATEST_MS = 2**53
"""Later than every document: the usual end of the time that is asked for."""
PAGE = 100
"""So many documents stand on a page of the cabinet."""


class Delivery(Struct, frozen=True, omit_defaults=True):
    """One document: `text` as the device signed it. `queued`: how many more of the device's documents the
    bearer still holds; None if it does not know.
    """

    till: Name
    text: Annotated[str, Meta(min_length=1, max_length=900_000)]
    via: Way = "till"
    queued: Number | None = None


class Taken(Struct, frozen=True):
    """The document is held, durably. `merged`: it was there already. `last_number`: all documents of the
    device up to that number are held.
    """

    serial: Name
    number: Number
    unique_number: Name
    merged: bool
    last_number: Number
    clock_ms: Number


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why something was not done. `blocks`: no later document of the device is taken before this one."""

    code: Name
    reason: Reason = ""
    serial: str | None = None
    number: Number | None = None
    wanted: Number | None = None
    blocks: bool = False
    clock_ms: Number = 0


class Contact(Struct, frozen=True):
    """A sign of life of a device: its last number, and how many of its documents the bearer still holds."""

    till: Name
    last_number: Number
    queued: Number
    via: Way = "device"


class DeviceTold(Struct, frozen=True):
    """What the operator knows of a device, by its own clock. `last_number`: all documents up to it are held.
    `queued`: how many it does not hold, as far as it was told, those counted in that it refused.
    """

    serial: Name
    last_number: Number
    last_contact_ms: Number | None
    queued: Number | None


class ContactTaken(Struct, frozen=True):
    """The contact is noted."""

    device: DeviceTold
    clock_ms: Number


class TillTold(Struct, frozen=True):
    """How the till stands with the operator. `date_ms`: when a warning becomes a block."""

    till: Name
    state: TillState
    reason: Reason
    date_ms: Number | None
    clock_ms: Number


class Asked(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A question to the cabinet. Times are those of the documents, by the device's clock; `serial` also says
    of which device the state is told, else of the till's newest; `after` begins a further page.
    """

    till: Name
    from_ms: Number = 0
    to_ms: Number = LATEST_MS
    number: Number | None = None
    unique: Name | None = None
    serial: Name | None = None
    after: Number = 0

    def target(self) -> str:
        """The question as the target of a request."""
        return f"{DOCUMENTS}?{as_query(self)}"


class DocumentTold(Struct, frozen=True):
    """A document in the cabinet; `moment` counts what the operator has written."""

    serial: Name
    number: Number
    unique_number: Name
    key: Name
    kind: Name
    till: Name
    total_minor: Minor
    currency: Name
    registered_ms: Number
    received_ms: Number
    moment: Number


class DocumentList(Struct, frozen=True):
    """A page of the cabinet: what was asked, what was found, how the device stands; `more` pages follow."""

    asked: Asked
    documents: Sequence[DocumentTold]
    more: bool
    device: DeviceTold | None
    clock_ms: Number


def document_target(unique_number: str) -> str:
    """The target of a document."""
    return f"{DOCUMENTS}/{quote(unique_number, safe='')}"


def device_target(serial: str) -> str:
    """The target of a device."""
    return DEVICES + quote(serial, safe="")


def till_target(till: str) -> str:
    """The target of a till's status."""
    return TILLS + quote(till, safe="")
