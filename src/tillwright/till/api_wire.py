"""What goes over the wire of the API for programs: each message as a typed structure.

These structures are the single source of three things: what a request is read into, what an answer is written
from, and the schemas of the OpenAPI document. Sums are whole minor units of the named currency, quantities
whole thousandths, times whole milliseconds since 1970-01-01T00:00:00 UTC; numbers stay within ±2^53, so that
every JSON library reads them exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from tillwright.kernel.evidence import Source
from tillwright.operations.kinds import STARTABLE
from tillwright.operations.states import LegState, OperationState, Question

LARGEST = 2**53
LONGEST_CODE = 64
LONGEST_NAME = 200
LONGEST_WORD = 32
MOST_TENDERS = 20

# Control characters, and the marks that turn the direction of writing, with which a line on a receipt can be
# made to read as another one.
UNPRINTABLE = "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069"
PRINTABLE_FORM = f"^[^{UNPRINTABLE}]*$"
UID_FORM = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


# What is read is bounded only so far that it can be carried. The rules of selling are tighter and have codes
# of their own; the document tells clients the tighter bound (api_describe).
LEAST = "x-least"
_Whole = Meta(ge=-LARGEST, le=LARGEST)


def _about(text: str, **schema: object) -> Meta:
    return Meta(description=text, extra_json_schema=schema or None)


def _sum(text: str, least: int) -> Meta:
    return _about(text, **{LEAST: least})


# ── what a program sends ───────────────────────────────────────────────────────────────────────────────────


class NewLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a basket. Its total is authoritative, not price × quantity."""

    goods: Annotated[
        str,
        Meta(min_length=1, max_length=LONGEST_CODE),
        _about("The code of the goods in the master data.", pattern=PRINTABLE_FORM),
    ]
    total_minor: Annotated[int, _Whole, _sum("What the line costs.", least=0)]
    name: Annotated[
        Annotated[str, Meta(max_length=LONGEST_NAME)] | UnsetType,
        _about(
            "What stands on the receipt; the master data's name where it is left out.", pattern=PRINTABLE_FORM
        ),
    ] = UNSET
    quantity_milli: Annotated[
        Annotated[int, _Whole] | UnsetType,
        _sum("Thousandths: 1000 is one piece, and meant where it is left out.", least=0),
    ] = UNSET
    price_minor: Annotated[
        Annotated[int, _Whole] | UnsetType, _sum("The price of one; only shown.", least=0)
    ] = UNSET
    discount_minor: Annotated[
        Annotated[int, _Whole] | UnsetType,
        _sum("What has been taken off; the total is without it.", least=0),
    ] = UNSET
    of: Annotated[
        Annotated[int, _Whole] | UnsetType,
        _sum("In a refund or a void: the line of the sale, counted from 1.", least=1),
    ] = UNSET


class NewTender(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer hands over, or gets."""

    kind: Annotated[
        str,
        Meta(max_length=LONGEST_WORD),
        _about("The kind of money; 'exchange' is the other half of one.", enum=["cash", "exchange"]),
    ]
    amount_minor: Annotated[int, _Whole, _sum("How much; what exceeds the total is the change.", least=1)]


class NewOperation(Struct, frozen=True, forbid_unknown_fields=True):
    """An operation to begin. The same `uid` with the same content is the same operation, however often
    sent."""

    uid: Annotated[
        str,
        Meta(max_length=64),
        _about("A UUID, made once for one intent.", format="uuid", pattern=UID_FORM),
    ]
    kind: Annotated[
        str, Meta(max_length=LONGEST_WORD), _about("The kind of operation.", enum=sorted(STARTABLE))
    ]
    currency: Annotated[
        str, Meta(max_length=LONGEST_WORD), _about("The currency of the till.", pattern="^[A-Z]{3}$")
    ]
    lines: Annotated[
        Sequence[NewLine] | UnsetType,
        _about("The basket, or what comes back; cash and shifts have none.", maxItems=2000),
    ] = UNSET
    tenders: Annotated[
        Annotated[Sequence[NewTender], Meta(max_length=MOST_TENDERS)] | UnsetType,
        _about("What was handed over, each kind once; of a refund or of cash: what is handed out or in."),
    ] = UNSET
    total_minor: Annotated[
        Annotated[int, _Whole] | UnsetType,
        _about(
            "The sum of the lines, to be compared; may be left out where there are lines. Negative only in a "
            "correction."
        ),
    ] = UNSET
    parent: Annotated[
        Annotated[str, Meta(max_length=64)] | UnsetType,
        _about("The operation that this one takes back or pays out.", format="uuid", pattern=UID_FORM),
    ] = UNSET
    exchange: Annotated[
        Annotated[str, Meta(max_length=64)] | UnsetType,
        _about("The other half of an exchange.", format="uuid", pattern=UID_FORM),
    ] = UNSET
    shift: Annotated[
        Annotated[int, _Whole] | UnsetType, _sum("Which shift is opened or closed.", least=1)
    ] = UNSET
    reason: Annotated[
        Annotated[str, Meta(max_length=LONGEST_CODE)] | UnsetType,
        _about("Why, by a name from the pack's list.", pattern=PRINTABLE_FORM),
    ] = UNSET
    count: Annotated[
        Annotated[str, Meta(max_length=64)] | UnsetType,
        _about("The stored count with which a shift is closed.", format="uuid", pattern=UID_FORM),
    ] = UNSET
    after: Annotated[
        Annotated[int, _Whole] | UnsetType,
        _sum("In a correction: the device's last number when it was read.", least=0),
    ] = UNSET
    approvals: Annotated[
        Annotated[Sequence[Annotated[str, Meta(max_length=LONGEST_CODE)]], Meta(max_length=MOST_TENDERS)]
        | UnsetType,
        _about("Approvals that were given for this uid; each serves once."),
    ] = UNSET
    till: Annotated[
        Annotated[str, Meta(max_length=LONGEST_WORD)] | UnsetType,
        _about("The till of the token, to be compared; may be left out."),
    ] = UNSET


# ── what it is told ────────────────────────────────────────────────────────────────────────────────────────

# Words that the program knows as enumerations are plain text here: they are written, never read.
State = Annotated[str, _about("What is known of it as a whole.", enum=[one.value for one in OperationState])]
Moment = Annotated[int, Meta(description="Milliseconds since 1970-01-01T00:00:00 UTC.")]
Facts = Mapping[str, str | int]


class Fault(Struct, frozen=True):
    """A code of the catalogue with its facts, and what a person is told about it."""

    code: str
    facts: Facts
    sentence: Annotated[str, Meta(description="In the language of Accept-Language.")]
    next_step: str


class Evidence(Struct, frozen=True):
    """Who said what became of a leg, when, and by which reference."""

    source: Annotated[str, _about("Who said it.", enum=[one.value for one in Source])]
    at_ms: Moment
    facts: Facts
    person: str | None


class Leg(Struct, frozen=True):
    """What the operation asks of one party. `target`: the leg that this one reverses; `replaces`: the attempt
    that this one follows.
    """

    number: int
    party: str
    action: str
    key: str
    state: Annotated[str, _about("What is known of it.", enum=[one.value for one in LegState])]
    commit_point: bool
    target: int | None
    replaces: int | None
    sent_ms: Moment | None
    evidence: Evidence | None
    fault: Fault | None


class Operation(Struct, frozen=True, kw_only=True):
    """An operation as it stands. It has ended when its state is done, refused or undone."""

    uid: str
    till: str
    number: Annotated[int, Meta(description="The till's receipt number.")]
    kind: str
    state: State
    version: Annotated[int, Meta(description="How many events it has seen.")]
    cashier: str
    shift: int
    currency: str
    total_minor: int
    change_minor: int
    started_ms: Moment
    changed_ms: Moment
    ended_ms: Moment | None
    question: Annotated[
        Annotated[str, Meta(extra_json_schema={"enum": [one.value for one in Question]})] | None,
        _about("What a person has to decide before it goes on."),
    ]
    fault: Fault | None
    legs: Sequence[Leg]


class Line(Struct, frozen=True):
    """A line as it was sold."""

    goods: str
    name: str
    quantity_milli: int
    total_minor: int
    price_minor: int | None
    discount_minor: int
    of: Annotated[int, Meta(description="The line of the sale that came back; 0 for none.")]


class Tender(Struct, frozen=True):
    """What was handed over."""

    kind: str
    amount_minor: int


class Event(Struct, frozen=True):
    """Something that happened to the operation, as it was journaled."""

    version: int
    at_ms: Moment
    happening: str
    leg: int | None
    record: Annotated[Raw, Meta(description="The event's fields, as written.")]


class Summary(Struct, frozen=True, kw_only=True):
    """An operation as a row of a list."""

    uid: str
    number: int
    kind: str
    state: State
    version: int
    currency: str
    total_minor: int
    started_ms: Moment
    changed_ms: Moment


class OperationPage(Struct, frozen=True):
    """A part of the list. `cursor` asks for the next part; null at the end."""

    items: Sequence[Summary]
    cursor: str | None


class Device(Struct, frozen=True):
    """How the till's control device is; `serial` and `last_number` are what it said last."""

    state: Annotated[str, _about("Its line.", enum=["unknown", "connecting", "ready", "lost"])]
    serial: str | None
    last_number: int | None
    at_ms: Moment | None
    shift_number: int | None
    shift_state: Annotated[
        Annotated[str, Meta(extra_json_schema={"enum": ["open", "closed"]})] | None,
        _about("Its own shift, which the till's follows."),
    ]


class Change(Struct, frozen=True, kw_only=True):
    """A change of one operation, as an event of the stream."""

    uid: str
    number: int
    kind: str
    state: State
    version: int
    currency: str
    total_minor: int
    changed_ms: Moment


class Snapshot(Struct, frozen=True):
    """Where the stream begins: what is open and what is red."""

    open: Summary | None
    reds: Sequence[Summary]


class ProgramWords(Struct, frozen=True):
    """What the programmer of the client is told, in English."""

    says: str
    next: str


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why a request was not carried out (RFC 9457). With a status of 4xx nothing was written."""

    type: Annotated[str, Meta(description="Where the code is described.")]
    title: str
    status: int
    detail: Annotated[str, Meta(description="For a person, in the language of Accept-Language.")]
    next_step: Annotated[str, Meta(description="The one thing to do next, in the same language.")]
    instance: str
    code: str
    facts: Facts
    program: ProgramWords | None = None


class ProblemType(Struct, frozen=True, kw_only=True):
    """What a code means. The sentences name facts in braces."""

    code: str
    status: int
    severity: Annotated[str, _about("How bad it is.", enum=["stop", "warn", "notice"])]
    facts: Sequence[str]
    title: str
    says: str
    next: str
    program: ProgramWords | None
