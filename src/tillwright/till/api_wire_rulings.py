"""What goes over the wire of the API about red operations: rulings, and enquiries at the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from tillwright.operations.rulings import THEN_DID_NOT, THEN_HAPPENED
from tillwright.till.api_wire import (
    LARGEST,
    LONGEST_CODE,
    LONGEST_NAME,
    LONGEST_WORD,
    MOST_TENDERS,
    PRINTABLE_FORM,
    Moment,
)

_At = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
_Number = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]


def _about(text: str, **schema: object) -> Meta:
    return Meta(description=text, extra_json_schema=schema or None)


Approvals = Annotated[
    Sequence[Annotated[str, Meta(max_length=LONGEST_CODE)]],
    Meta(min_length=1, max_length=MOST_TENDERS),
    _about(
        "Approvals of the purpose 'ruling' for this uid. Who gave the first one rules; any other stands "
        "behind it as the second person."
    ),
]


class NewRuling(Struct, frozen=True, forbid_unknown_fields=True):
    """A person's word on one leg of a red operation."""

    leg: Annotated[_Number, _about("Which leg.")]
    version: Annotated[_Number, _about("The version of the operation that the person has seen.")]
    happened: bool
    approvals: Approvals
    then: Annotated[
        Annotated[str, Meta(max_length=LONGEST_WORD)] | UnsetType,
        _about(
            "What follows. After 'it happened': nothing, or 'owed' if a payout was not handed out. After 'it "
            "did not happen': 'register-now', or 'returned' if goods and money are back.",
            enum=[*THEN_HAPPENED, *THEN_DID_NOT],
        ),
    ] = UNSET
    reason: Annotated[
        Annotated[str, Meta(max_length=LONGEST_CODE)] | UnsetType,
        _about("Why, by a name from the pack's list.", pattern=PRINTABLE_FORM),
    ] = UNSET
    document_number: Annotated[_Number | UnsetType, _about("If it happened: the number of the document.")] = (
        UNSET
    )
    registered_ms: Annotated[_At | UnsetType, _about("If it happened: when, as the document says.")] = UNSET
    unique_number: Annotated[
        Annotated[str, Meta(max_length=LONGEST_CODE)] | UnsetType,
        _about("If it happened: the unique number of the document.", pattern=PRINTABLE_FORM),
    ] = UNSET
    enquiry: Annotated[_Number | UnsetType, _about("The enquiry at the operator that it rests on.")] = UNSET
    spoke_with: Annotated[
        Annotated[str, Meta(max_length=LONGEST_NAME)] | UnsetType,
        _about("Instead of an enquiry: whom one spoke to.", pattern=PRINTABLE_FORM),
    ] = UNSET
    spoke_ms: Annotated[_At | UnsetType, _about("And when.")] = UNSET


class NewCancel(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody with the right wants back what stands twice."""

    approvals: Approvals


class Ruling(Struct, frozen=True, kw_only=True):
    """A ruling as it was made, and what became of it."""

    leg: int
    version: int
    happened: bool
    then: str
    person: str
    second: Annotated[str, Meta(description="The second person; empty if there was none.")]
    reason: str
    document_number: int | None
    registered_ms: Moment | None
    unique_number: str | None
    enquiry: int | None
    spoke_with: str | None
    spoke_ms: Moment | None
    at_ms: Moment
    checked_ms: Annotated[Moment | None, Meta(description="When a record has spoken about it.")]
    verdict: Annotated[
        str, _about("What that record says of it.", enum=["", "agrees", "against", "wrong-data"])
    ]


class AskedEnquiry(Struct, frozen=True):
    """An enquiry about the operation, and whether it was answered."""

    id: int
    asked_ms: Moment
    answered_ms: Moment | None


class ListedDocument(Struct, frozen=True, kw_only=True):
    """A document as the operator lists it."""

    serial: str
    number: int
    unique_number: str
    key: str
    kind: str
    total_minor: int
    currency: str
    registered_ms: Moment


class Field(Struct, frozen=True):
    """A field of a document, ours and theirs. null: that side does not say."""

    name: str
    ours: str | int | None
    theirs: str | int | None
    agrees: bool | None


class Finding(Struct, frozen=True, kw_only=True):
    """What the list says of one leg."""

    leg: int
    fields: Annotated[
        Sequence[Field], Meta(description="The listed document beside ours; none if it is not listed.")
    ]
    proves: Annotated[
        str,
        _about(
            "What follows for the leg. A list without the document proves something only if it is whole.",
            enum=["happened", "did-not-happen", "nothing"],
        ),
    ]


class Enquiry(Struct, frozen=True, kw_only=True):
    """A question to the operator about an operation, and what it listed of the time of it."""

    id: int
    operation: str
    receiver: str
    asked_ms: Moment
    answered_ms: Annotated[Moment | None, Meta(description="null: there is no answer yet.")]
    records: Sequence[ListedDocument]
    more: Annotated[bool, Meta(description="The list is longer; absence from it proves nothing.")]
    findings: Sequence[Finding]
