"""Rulings: what a person may say about a leg of which nobody knows, and what has to hold for it."""

from __future__ import annotations

from dataclasses import dataclass

THEN = ("register-now", "returned")
"""What may follow 'it did not happen'."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's word on one leg of an operation of which this version was seen.

    `then`: 'register-now' or 'returned' after 'did not happen', 'owed' or '' after 'happened'. The document's
    number, time and unique number go with 'happened'. `enquiry`: the stored enquiry at the operator;
    `spoke_with`, `spoke_ms`: instead of one, whom one spoke to and when.
    """

    uid: str
    leg: int
    version: int
    happened: bool
    then: str
    person: str
    second: str
    reason: str
    document_number: int | None = None
    registered_ms: int | None = None
    unique_number: str | None = None
    enquiry: int | None = None
    spoke_with: str | None = None
    spoke_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document as the operator lists it."""

    serial: str
    number: int
    unique_number: str
    key: str
    kind: str
    total_minor: int
    currency: str
    registered_ms: int


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What the operator answered, and when; `records` is what it listed for the time asked about."""

    id: int
    operation: str
    receiver: str
    asked_ms: int
    answered_ms: int | None = None
    records: tuple[ListedDocument, ...] = ()
    serial: str = ""
    last_number: int | None = None


@dataclass(frozen=True, slots=True)
class RulingFacts:
    """What the journal knows that bears on a ruling, read inside the batch that takes it.

    `undelivered`: documents that have not reached the operator, None if the device cannot be read.
    `shift_opened_ms`, `shift_closed_ms`: of the operation's own shift. `unique_taken_by`: the receipt that
    has this unique number already. `witness`: what a record says of the leg, 'happened' or 'did not'.
    """

    undelivered: int | None = None
    shift_opened_ms: int | None = None
    shift_closed_ms: int | None = None
    unique_taken_by: int | None = None
    enquiry: Enquiry | None = None
    witness: str | None = None
    person_role: str = ""
    second_role: str = ""
    now_ms: int = 0
