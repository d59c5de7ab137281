"""What goes over the wire of the API about a till: its cash, counts, shifts, parties, and what is on its way
to the operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from tillwright.till.api_wire import (
    LARGEST,
    LONGEST_CODE,
    PRINTABLE_FORM,
    UID_FORM,
    Device,
    Fault,
    Moment,
    Operation,
    Summary,
)

MOST_DENOMINATIONS = 50
MOST_PIECES = 1_000_000
LONGEST_APPROVAL = 64


def _about(text: str, **schema: object) -> Meta:
    return Meta(description=text, extra_json_schema=schema or None)


Undelivered = Annotated[
    int | None, _about("Documents that the operator does not have; null: the device cannot be read.")
]
Oldest = Annotated[Moment | None, _about("Since when the oldest of them waits here.")]


# ── what a program sends ───────────────────────────────────────────────────────────────────────────────────


class Pieces(Struct, frozen=True, forbid_unknown_fields=True):
    """So many of a note or coin."""

    value_minor: Annotated[int, Meta(ge=1, le=LARGEST, description="What one of them is worth.")]
    count: Annotated[int, Meta(ge=0, le=MOST_PIECES)]


class NewCount(Struct, frozen=True, forbid_unknown_fields=True):
    """What lies in the drawer; what is not named is not there."""

    denominations: Annotated[Sequence[Pieces], Meta(max_length=MOST_DENOMINATIONS)]
    reason: Annotated[
        Annotated[str, Meta(max_length=LONGEST_CODE)] | UnsetType,
        _about("Why it differs, if that is known already.", pattern=PRINTABLE_FORM),
    ] = UNSET


class NewReason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a count differs from what was expected; given once."""

    count: Annotated[
        str, Meta(max_length=64), _about("The uid of the count.", format="uuid", pattern=UID_FORM)
    ]
    reason: Annotated[
        str,
        Meta(min_length=1, max_length=LONGEST_CODE),
        _about("Why it differs.", pattern=PRINTABLE_FORM),
    ]


class NewCorrection(Struct, frozen=True, forbid_unknown_fields=True):
    """An administrator is about to correct the cash of the till."""

    operation: Annotated[
        str,
        Meta(max_length=64),
        _about(
            "The uid of the correction that is to follow, for which the approval was given.",
            format="uuid",
            pattern=UID_FORM,
        ),
    ]
    approval: Annotated[
        str,
        Meta(min_length=1, max_length=LONGEST_APPROVAL),
        _about("The approval; it stays unused, the correction itself uses it."),
    ]


# ── what it is told ────────────────────────────────────────────────────────────────────────────────────────


class Hold(Struct, frozen=True):
    """What the till is held for, by whom."""

    purpose: Annotated[str, _about("Why.", enum=["count", "close", "correction"])]
    person: str
    since_ms: Moment


class PartyStanding(Struct, frozen=True):
    """How a party is, in its own word, and since when."""

    state: str
    since_ms: Moment


class Till(Struct, frozen=True, kw_only=True):
    """The till as it is now, and what it takes. While cash is counted blind nobody is told what should be in
    the drawer.
    """

    till: str
    currency: str
    exponent: Annotated[int, Meta(description="Decimals of the minor unit: 2 for EUR, 0 for VND.")]
    shift: Annotated[int | None, Meta(description="The open shift; null while none is.")]
    shift_opened_ms: Moment | None
    last_shift: Annotated[int, Meta(description="The number of the newest shift; the next one is above it.")]
    hold: Hold | None
    blind: bool
    drawer_minor: Annotated[
        int | None, Meta(description="What should lie in the drawer, by the cash book; null while blind.")
    ]
    undelivered_count: Undelivered
    undelivered_oldest_ms: Oldest
    open: Operation | None
    reds: Sequence[Summary]
    control: Device
    parties: Annotated[Mapping[str, PartyStanding], Meta(description="Every party that was heard, by name.")]
    kinds: Sequence[str]
    maximum_total_minor: int
    maximum_line_count: int


class Parties(Struct, frozen=True):
    """How the parties of the till are by what they said last."""

    parties: Mapping[str, PartyStanding]


class Warned(Struct, frozen=True):
    """The operator's warning that has to stand before people until its time is over."""

    warning: Annotated[Fault | None, Meta(description="What to show; null: there is none.")]
    remaining_ms: Annotated[int, Meta(description="How much longer; until then no shift is opened.")]


class Cash(Struct, frozen=True, kw_only=True):
    """Cash in the till and in the shift, by the book and by the control device. The device's figures are null
    as long as it cannot be read; all sums are null while the till is counted blind.
    """

    till: str
    currency: str
    blind: bool
    drawer_minor: Annotated[int | None, Meta(description="What should lie in the drawer.")]
    book_minor: Annotated[
        int | None, Meta(description="What the device should count: the drawer without what is owed.")
    ]
    shift_minor: Annotated[int | None, Meta(description="What the shift has moved, by the book.")]
    owed_minor: Annotated[int | None, Meta(description="Owed to customers, and still in the drawer.")]
    device_minor: int | None
    device_shift_minor: int | None
    difference_minor: Annotated[int | None, Meta(description="How much more the device counts.")]
    explained: Annotated[Sequence[Summary], Meta(description="The operations that explain the difference.")]
    undelivered_count: Undelivered
    undelivered_oldest_ms: Oldest
    device_at_ms: Moment | None
    device_number: Annotated[int | None, Meta(description="The device's last document.")]
    serial: str | None


class CountedPieces(Struct, frozen=True):
    """So many of a note or coin were there."""

    value_minor: int
    count: int


class Count(Struct, frozen=True, kw_only=True):
    """A stored count, and what was expected at that moment."""

    uid: str
    shift: int
    person: str
    at_ms: Moment
    currency: str
    denominations: Sequence[CountedPieces]
    counted_minor: int
    expected_minor: int
    difference_minor: Annotated[int, Meta(description="Above nought: more in the drawer than expected.")]
    reason: str


class Shift(Struct, frozen=True, kw_only=True):
    """A shift of the till."""

    number: int
    state: Annotated[str, _about("Whether the till works in it.", enum=["open", "closed"])]
    currency: str
    opened_ms: Moment
    opened_by: str
    closed_ms: Moment | None
    closed_by: str


class ShiftPage(Struct, frozen=True):
    """The newest shifts first."""

    items: Sequence[Shift]


class ShiftDetail(Shift, frozen=True, kw_only=True):
    """A shift, and how it was counted; its counts are told when none is going on."""

    counts: Sequence[Count]


class Document(Struct, frozen=True, kw_only=True):
    """A document of the device on its way to the operator."""

    serial: str
    number: int
    total_minor: int
    queued_ms: Moment
    state: Annotated[str, _about("Where it stands.", enum=["waiting", "set-aside"])]
    refused_reason: Annotated[str | None, Meta(description="Why the operator will not have it.")]
    blocks: Annotated[bool, Meta(description="The operator takes no later one before it.")]


class Documents(Struct, frozen=True, kw_only=True):
    """What has not reached the operator. `items`: the oldest that are held here, those set aside first."""

    undelivered_count: Undelivered
    undelivered_oldest_ms: Oldest
    age_ms: Annotated[
        int, Meta(description="How old the oldest is, however the clock on the wall was set meanwhile.")
    ]
    cause: Annotated[str, Meta(description="Why the last attempt failed; empty if it did not.")]
    items: Sequence[Document]


class Printing(Struct, frozen=True):
    """Whether it was handed to the till's printer; false: the till has none."""

    printing: bool


class LineLeft(Struct, frozen=True):
    """What of a line may still go back."""

    line: Annotated[int, Meta(description="Its number in the sale, from 1.")]
    left_milli: int
    left_minor: int


class Refundable(Struct, frozen=True, kw_only=True):
    """What of a sale may still go back; refunds that have not ended are counted as gone."""

    left_minor: int
    beyond_minor: Annotated[int, Meta(description="What went back above the sale, as it turned out.")]
    lines: Sequence[LineLeft]
