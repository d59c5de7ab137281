"""Rulings: what a person may say about a leg of which nobody knows, and what has to hold for it.

Nothing here can force an operation to be done: a ruling is a statement about one leg, with what it rests on.
It is checked against everything that is known at the moment, in an order in which a person can act on the
answers; and against the operator's records once more later, when they have come in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillwright.kernel.fault import Fault
from tillwright.kernel.rules import PackRules, reaches
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Operation
from tillwright.operations.states import LegState, OperationState, Question

THEN_HAPPENED = ("", "owed")
THEN_DID_NOT = ("register-now", "returned")
"""What may follow 'it happened', and 'it did not happen'."""
HAPPENED, DID_NOT = "happened", "did not"
"""What a witness says."""
UNIQUE_NUMBER_CHARS_MAX = 64
PURPOSE = "ruling"


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
    """What the operator answered about an operation, and when: `records` is what it listed.

    `more`: the list is longer than what was fetched, so that absence from it proves nothing. `last_number`:
    up to which number of the device `serial` the operator has everything.
    """

    id: int
    operation: str
    receiver: str
    asked_ms: int
    answered_ms: int | None = None
    records: tuple[ListedDocument, ...] = ()
    more: bool = False
    serial: str = ""
    last_number: int | None = None


@dataclass(frozen=True, slots=True)
class RulingFacts:
    """What the journal knows that bears on a ruling, read inside the batch that takes it.

    `undelivered`: documents that have not reached the operator, None if the device cannot be read.
    `shift_opened_ms`, `shift_closed_ms`: of the operation's own shift. `unique_taken_by`: the receipt that
    has this unique number already. `witness`: what a record says of the leg, 'happened' or 'did not'.
    `person_role`, `second_role`: of the two persons.
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


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a check looks at."""

    operation: Operation
    leg: Leg
    ruling: Ruling
    facts: RulingFacts
    rules: PackRules


def ruling_fault(operation: Operation, ruling: Ruling, facts: RulingFacts, rules: PackRules) -> Fault | None:
    """The first thing that stands against the ruling, or None."""
    if not KINDS[operation.kind].ruled:
        return Fault("till.ruling-not-possible", kind=operation.kind)
    leg = next((leg for leg in operation.legs if leg.number == ruling.leg), None)
    if leg is None or not _awaits_a_ruling(operation, leg, ruling):
        return Fault("till.ruling-stale")
    case = _Case(operation, leg, ruling, facts, rules)
    for check in _checks(case):
        fault = check(case)
        if fault is not None:
            return fault
    return None


def _checks(case: _Case) -> tuple[_Check, ...]:
    """Of a leg that a party has proved not to have happened a person says only what is to follow."""
    if case.ruling.happened:
        return _HAPPENED_CHECKS
    return _PROVED_CHECKS if case.leg.state is LegState.REFUSED else _DID_NOT_CHECKS


def _awaits_a_ruling(operation: Operation, leg: Leg, ruling: Ruling) -> bool:
    """Whether this leg of a red operation is open to it, and is as the person has seen it."""
    if operation.state is not OperationState.RED or operation.version != ruling.version:
        return False
    if leg.state is LegState.UNKNOWN:
        return True
    settle = operation.question is Question.SETTLE and not ruling.happened
    return leg.state is LegState.REFUSED and settle


# ── what every ruling needs ───────────────────────────────────────────────────────────────────────


def _then(case: _Case) -> Fault | None:
    ruling = case.ruling
    known = ruling.then in (THEN_HAPPENED if ruling.happened else THEN_DID_NOT)
    if ruling.then == "owed" and not KINDS[case.operation.kind].payout:
        known = False
    return None if known else _field("then", "unknown")


def _reason(case: _Case) -> Fault | None:
    known = case.rules.reasons_for(PURPOSE)
    return _field("reason", "not-listed") if known and case.ruling.reason not in known else None


def _role(case: _Case) -> Fault | None:
    role = case.rules.role_for(PURPOSE)
    if role is None or reaches(case.facts.person_role, role) or _is_backed(case, role):
        return None
    return Fault("till.approval-needed", purpose=PURPOSE, role=role)


def _is_backed(case: _Case, role: str) -> bool:
    """Whether somebody else of that role stands behind it."""
    second = case.ruling.second
    return second not in ("", case.ruling.person) and reaches(case.facts.second_role, role)


def _second_person(case: _Case) -> Fault | None:
    content = case.operation.content
    limit_minor = case.rules.second_person_above_minor(content.currency)
    if not limit_minor or abs(content.total_minor) <= limit_minor:
        return None
    if _is_backed(case, case.rules.role_for(PURPOSE) or "cashier"):
        return None
    return Fault("till.second-person-needed", currency=content.currency, limit_minor=limit_minor)


def _enquiry(case: _Case) -> Fault | None:
    """An answer about this operation that came after its request had gone, or a person at the operator."""
    if not case.rules.enquiry_required or _answered(case) is not None:
        return None
    spoken = bool((case.ruling.spoke_with or "").strip()) and case.ruling.spoke_ms is not None
    return None if spoken else Fault("till.ruling-enquiry-needed")


def _talk(case: _Case) -> Fault | None:
    """Somebody was spoken to after the request had gone, and not later than now."""
    spoke_ms = case.ruling.spoke_ms
    if spoke_ms is None:
        return None
    if spoke_ms > case.facts.now_ms:
        return _field("spoke_at", "future")
    return _field("spoke_at", "before-operation") if spoke_ms < (case.leg.sent_ms or 0) else None


def _answered(case: _Case) -> Enquiry | None:
    """The enquiry that the ruling rests on, if it counts."""
    enquiry = case.facts.enquiry
    if enquiry is None or enquiry.id != case.ruling.enquiry or enquiry.operation != case.operation.uid:
        return None
    return (
        enquiry if enquiry.answered_ms is not None and enquiry.asked_ms >= (case.leg.sent_ms or 0) else None
    )


# ── it happened ───────────────────────────────────────────────────────────────────────────────────


def _three_fields(case: _Case) -> Fault | None:
    """The number, time and unique number of the document, each as such things look."""
    ruling = case.ruling
    if ruling.document_number is None or ruling.document_number < 1:
        return _field("document_number", "format")
    if ruling.registered_ms is None or ruling.registered_ms < 0:
        return _field("registered_at", "format")
    return None if _is_unique_number(_plain(ruling.unique_number)) else _field("unique_number", "format")


def _is_unique_number(text: str) -> bool:
    return 0 < len(text) <= UNIQUE_NUMBER_CHARS_MAX and text.isascii() and text.isalnum()


def _own_time(case: _Case) -> Fault | None:
    """The document's time lies within the operation's own shift and after its beginning, give or take a
    clock.
    """
    registered_ms, facts = case.ruling.registered_ms or 0, case.facts
    slack_ms = case.rules.device_clock_tolerance_ms
    if registered_ms > facts.now_ms + slack_ms:
        return _field("registered_at", "future")
    if registered_ms < case.operation.started_ms - slack_ms:
        return _field("registered_at", "before-operation")
    opened_ms, closed_ms = facts.shift_opened_ms, facts.shift_closed_ms
    before = opened_ms is not None and registered_ms < opened_ms - slack_ms
    after = closed_ms is not None and registered_ms > closed_ms + slack_ms
    return _field("registered_at", "other-shift") if before or after else None


def _nobody_elses(case: _Case) -> Fault | None:
    taken_by = case.facts.unique_taken_by
    if taken_by is None or taken_by == case.operation.number:
        return None
    return Fault("till.ruling-against-record", number=taken_by)


def _no_witness_against(case: _Case) -> Fault | None:
    against = DID_NOT if case.ruling.happened else HAPPENED
    return _against(case) if case.facts.witness == against else None


def _as_listed(case: _Case) -> Fault | None:
    """What the operator lists for it is what the person says, field by field; and if the list is whole, it is
    listed.
    """
    enquiry = _answered(case)
    if enquiry is None:
        return None
    listed = _listed(case, enquiry)
    if listed is None:
        delivered = case.facts.undelivered == 0 and not enquiry.more
        return _against(case) if delivered else None
    ruling, content = case.ruling, case.operation.content
    same = (
        listed.key == case.leg.key
        and (listed.number, _plain(listed.unique_number))
        == (ruling.document_number, _plain(ruling.unique_number))
        and (listed.total_minor, listed.currency) == (content.total_minor, content.currency)
        and abs(listed.registered_ms - (ruling.registered_ms or 0)) < 60_000  # typed to the minute
    )
    return None if same else Fault("fiscal.wrong-red-cheque-data", number=case.operation.number)


def _plain(unique_number: str | None) -> str:
    """As it is compared: people type small letters too."""
    return (unique_number or "").strip().upper()


def _listed(case: _Case, enquiry: Enquiry) -> ListedDocument | None:
    """The listed document that is this leg's, or that the person names."""
    by_key = [record for record in enquiry.records if record.key == case.leg.key]
    wanted = _plain(case.ruling.unique_number)
    named = [record for record in enquiry.records if _plain(record.unique_number) == wanted]
    return next(iter(by_key + named), None)


# ── it did not happen ─────────────────────────────────────────────────────────────────────────────


def _all_delivered(case: _Case) -> Fault | None:
    """While documents wait at the till, absence from the operator's list means nothing."""
    if case.facts.undelivered is None:
        return Fault("till.ruling-undelivered-unknown")
    if case.facts.undelivered > 0:
        return Fault("till.ruling-undelivered", document_count=case.facts.undelivered)
    return None


def _not_listed(case: _Case) -> Fault | None:
    enquiry = _answered(case)
    if enquiry is None:
        return None
    if any(record.key == case.leg.key for record in enquiry.records):
        return _against(case)
    return Fault("till.ruling-enquiry-needed") if enquiry.more and case.rules.enquiry_required else None


def _against(case: _Case) -> Fault:
    return Fault("till.ruling-against-record", number=case.operation.number)


def _field(field: str, reason: str) -> Fault:
    return Fault("till.ruling-field", field=field, reason=reason)


_Check = Callable[[_Case], Fault | None]
_HAPPENED_CHECKS: tuple[_Check, ...] = (
    _then, _reason, _three_fields, _own_time, _nobody_elses, _no_witness_against, _talk, _enquiry, _as_listed,
    _role, _second_person,
)  # fmt: skip
_PROVED_CHECKS: tuple[_Check, ...] = (_then, _reason, _role, _second_person)
_DID_NOT_CHECKS: tuple[_Check, ...] = (
    _then, _reason, _all_delivered, _no_witness_against, _talk, _enquiry, _not_listed, _role, _second_person,
)  # fmt: skip
