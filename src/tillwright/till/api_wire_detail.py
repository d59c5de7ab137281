"""What goes over the wire of the API about one operation in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from tillwright.till.api_wire import Event, Line, Operation, Summary, Tender
from tillwright.till.api_wire_rulings import AskedEnquiry, Ruling


class OperationDetail(Operation, frozen=True, kw_only=True):
    """An operation with what was sold and everything that has happened to it."""

    lines: Sequence[Line]
    tenders: Sequence[Tender]
    parent: Annotated[str | None, Meta(description="The operation that this one takes back or pays out.")]
    exchange: Annotated[str | None, Meta(description="The other half of an exchange.")]
    origin: Annotated[str | None, Meta(description="The unique number of the document it takes back.")]
    reason: str | None
    owed: Annotated[bool, Meta(description="What was to be paid out has not been handed out yet.")]
    approved_by: Sequence[str]
    successors: Annotated[Sequence[Summary], Meta(description="The operations that take this one back.")]
    rulings: Sequence[Ruling]
    enquiries: Sequence[AskedEnquiry]
    events: Sequence[Event]
