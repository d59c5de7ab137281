"""The messages between till and control device, as typed structures over JSON.

Each request is `{"do": …, "id": …, …}`; ids grow on a connection, and one that does not grow is a repeat of
the line, not a request. Each reply names the id, the key and the `do` that it answers, and carries how the
device stands: serial, last number, counters, shift and clock. A request that was not done has `ok: false` and
a `code`:

    fenced         the key was said to be absent, and is refused for ever
    key-conflict   the key is registered with other content
    behind         the till holds documents that the device does not have; hand them back first
    ahead          the device has documents that the till does not hold; read them first
    content        it contradicts itself, or is not for this device; `reason` says what
    shift-closed   no shift is open at the device
    shift-open     a shift is open already; the reply names it
    negative-balance  it would take more cash out than the device counts in the till
    of             the original cannot be annulled; `reason`: unknown, shift (another one), followed (annulled
                   or refunded already), total
    signature, number, restored-key   a document that was handed back is not the device's, or not the next one
    malformed      the device did not understand the message
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from tillwright.operations.model import Line, Tender

Id = Annotated[int, Meta(ge=1, le=2**53)]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Minor = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Moment = Annotated[int, Meta(ge=0, le=2**53)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Limit = Annotated[int, Meta(ge=1, le=1000)]

SALE = "sale"
REFUND = "refund"
ANNULMENT = "annulment"
DEPOSIT = "deposit"
WITHDRAWAL = "withdrawal"
SHIFT_OPEN = "shift-open"
SHIFT_CLOSE = "shift-close"
KINDS = (SALE, REFUND, ANNULMENT, DEPOSIT, WITHDRAWAL, SHIFT_OPEN, SHIFT_CLOSE)
"""What a device writes, all in one sequence of numbers."""


class Hello(Struct, frozen=True, tag_field="do", tag="hello"):
    """The first request of a connection; its reply brings the profile."""

    id: Id
    till: Name


class Register(Struct, frozen=True, tag_field="do", tag="register", omit_defaults=True):
    """Register a document once per key. `after`: the last number that the till holds of this device.

    `of`: the unique number of the original, of a refund or an annulment. `shift`: the shift that it is meant
    for, or that is to be opened or closed; 0 leaves it to the device.
    """

    id: Id
    key: Name
    till: Name
    kind: Name
    currency: Name
    total_minor: Minor
    content_hash: Annotated[str, Meta(max_length=200)]
    lines: Sequence[Line] = ()
    tenders: Sequence[Tender] = ()
    after: Number | UnsetType = UNSET
    of: Annotated[str, Meta(max_length=200)] = ""
    shift: Number = 0


class Inquire(Struct, frozen=True, tag_field="do", tag="inquire", omit_defaults=True):
    """What became of a key? With `fence`, an absent key is refused from then on, for ever."""

    id: Id
    key: Name
    fence: bool = True
    after: Number | UnsetType = UNSET


class Documents(Struct, frozen=True, tag_field="do", tag="documents"):
    """The documents above a number, in order, a page at a time."""

    id: Id
    above: Number
    limit: Limit = 100


class Restore(Struct, frozen=True, tag_field="do", tag="restore"):
    """Documents of the device itself, handed back in order, beginning with its next number."""

    id: Id
    documents: Sequence[str]


class Status(Struct, frozen=True, tag_field="do", tag="status"):
    """How does the device stand?"""

    id: Id


Request = Hello | Register | Inquire | Documents | Restore | Status


class Sum(Struct, frozen=True):
    """How many, and how much in all."""

    count: Number
    sum_minor: Minor


class Counters(Struct, frozen=True):
    """What the device has counted: cash in the till, and of its shift the cash that came and went, and count
    and sum by kind and tender. Those of a closed shift stay until the next one is opened.
    """

    cash_till_minor: Minor = 0
    cash_shift_minor: Minor = 0
    sums: Mapping[str, Mapping[str, Sum]] = {}


class Shift(Struct, frozen=True):
    """The device's newest shift: its number and whether it is 'open' or 'closed'. 0: it never had one."""

    number: Number = 1
    state: str = "open"


class DeviceProfile(Struct, frozen=True, kw_only=True):
    """What a device is and promises.

    `currency`: what it counts in; left empty, that of its first document. `retention_ms`: how long it knows a
    key. `fences`: whether an absent key is refused for ever. `signing_key`: the device's own secret, never
    told; left empty, it follows from the serial. `shifts`: whether shifts are opened and closed; without, the
    device is always in shift 1. `uplink`: where the operator is that it delivers its documents to itself, as
    host:port; left empty, the till delivers them.
    """

    serial: Name
    till: Name
    currency: str = ""
    retention_ms: Moment = 400 * 86_400_000
    fences: bool = True
    signing_key: str = ""
    shifts: bool = False
    uplink: str = ""


class ToldProfile(Struct, frozen=True):
    """The part of the profile that the device tells."""

    till: Name
    currency: str
    retention_ms: Moment
    fences: bool
    shifts: bool = False
    uplink: bool = False


class ReplyMessage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The answer to one request, and how the device stands after it. `acknowledged`: all documents up to this
    one are at the operator, by the device's own line; left out without one.
    """

    id: Number
    do: str
    ok: bool
    serial: Name
    last_number: Number
    counters: Counters
    shift: Shift
    clock_ms: Moment
    key: str | None = None
    code: str | None = None
    reason: str | None = None
    document: str | None = None
    found: bool | None = None
    fenced: bool | None = None
    documents: Sequence[str] = ()
    more: bool = False
    profile: ToldProfile | None = None
    acknowledged: Number | None = None


class Document(Struct, frozen=True):
    """A document as the device writes and signs it. Tenders: kind → what was paid with it, change taken off
    the cash; what a refund, an annulment or a withdrawal pays out is not negative. `shift`: 0 outside of any.
    """

    serial: Name
    number: Id
    unique_number: Name
    key: Name
    kind: Name
    till: Name
    currency: Name
    total_minor: Minor
    tenders: Mapping[str, Minor]
    line_count: Number
    content_hash: str
    registered_ms: Moment
    of: str = ""
    shift: Number = 1
    signature: str = ""
    digest: str = ""


_ENCODER = msgspec.json.Encoder()
_REQUESTS = msgspec.json.Decoder(Request)
_REPLIES = msgspec.json.Decoder(ReplyMessage)
_DOCUMENTS = msgspec.json.Decoder(Document)


class Garbled(ValueError):
    """The message is not JSON, or not of the form that was agreed."""


def encode(message: Request | ReplyMessage | Document) -> bytes:
    """The message as JSON in UTF-8. Raises Garbled for a text that has no UTF-8 form."""
    try:
        return _ENCODER.encode(message)
    except (UnicodeEncodeError, msgspec.MsgspecError, OverflowError) as error:
        raise Garbled(str(error)) from error


def decode_request(message: bytes) -> Request:
    """Raises Garbled."""
    try:
        return cast(Request, _REQUESTS.decode(message))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(str(error)) from error


def decode_reply(message: bytes) -> ReplyMessage:
    """Raises Garbled."""
    try:
        return _REPLIES.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(str(error)) from error


def decode_document(text: str) -> Document:
    """Raises Garbled."""
    try:
        return _DOCUMENTS.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Garbled(str(error)) from error
