"""What goes over the wire of the API about people: an approval as it is asked for, and as it is given."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from tillwright.people.rules import APPROVABLE, LARGEST_NUMBER
from tillwright.till.api_wire import LONGEST_WORD, UID_FORM, Moment


class NewApproval(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody with the right says yes to one purpose of one operation. The PIN is written nowhere."""

    number: Annotated[int, Meta(ge=0, le=LARGEST_NUMBER, description="The person's number.")]
    pin: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_WORD,
            description="The person's PIN, as typed just now; never kept by a program.",
            extra_json_schema={"writeOnly": True},
        ),
    ]
    operation: Annotated[
        str,
        Meta(
            max_length=64,
            description="The uid of the operation that it is for; it need not have begun.",
            extra_json_schema={"format": "uuid", "pattern": UID_FORM},
        ),
    ]
    purpose: Annotated[
        str,
        Meta(
            max_length=LONGEST_WORD,
            description="What is approved.",
            extra_json_schema={"enum": list(APPROVABLE)},
        ),
    ]

    def __repr__(self) -> str:
        return f"NewApproval(operation={self.operation!r}, purpose={self.purpose!r})"


class Approval(Struct, frozen=True, kw_only=True):
    """An approval that was given. It serves once, at the token's till, for this operation and purpose."""

    approval: Annotated[str, Meta(description="What to send along with the operation.")]
    operation: str
    purpose: str
    person: Annotated[str, Meta(description="The number of who gave it.")]
    expires_ms: Moment
