"""Taking a ruling: what a person says about a leg of which nobody knows, with all that bears on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from tillwright.journal import approvals, enquiries, outbox
from tillwright.journal.place import Place
from tillwright.journal.records import Grant, StoredRuling
from tillwright.journal.runner import Runner
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_of_key
from tillwright.kernel.rules import ROLES
from tillwright.operations.events import Ruled
from tillwright.operations.model import Leg, Operation
from tillwright.operations.rulings import HAPPENED, PURPOSE, Ruling, RulingFacts, ruling_fault

HIGHEST, ANYBODY = ROLES[-1], "*"
_WRITER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Backing:
    """Who stands behind a ruling: the person's role, and grants by which a second person does."""

    role: str = ""
    approvals: tuple[str, ...] = ()


ALONE = Backing()


def rule(runner: Runner, ruling: Ruling, now_ms: int, backing: Backing = ALONE) -> Operation:
    """Check it, write it, and let it have its effect; inside a batch. Raises FaultError."""
    operation = runner.read(ruling.uid)
    if operation is None:
        raise FaultError(Fault("api.not-found"))
    place = runner.place
    grant = _second(place, ruling, backing, operation, now_ms)
    if grant is not None:
        ruling = replace(ruling, second=grant.person)
    told = _facts(place, operation, ruling, now_ms)
    told = replace(told, person_role=backing.role, second_role=grant.role if grant is not None else "")
    fault = ruling_fault(operation, ruling, told, place.rules)
    if fault is not None:
        raise FaultError(fault)
    approvals.use(place, backing.approvals, now_ms)
    _store(place, operation, ruling, now_ms)
    runner.checks.wake()
    return runner.step(operation, _ruled(operation, ruling, now_ms))


def fault_against(place: Place, operation: Operation, ruling: Ruling, now_ms: int) -> Fault | None:
    """What stands against a ruling, whoever makes it: for a page that offers only what can be ruled."""
    told = replace(_facts(place, operation, ruling, now_ms), person_role=HIGHEST, second_role=HIGHEST)
    return ruling_fault(operation, replace(ruling, person="", second=ANYBODY), told, place.rules)


def _second(
    place: Place, ruling: Ruling, backing: Backing, operation: Operation, now_ms: int
) -> Grant | None:
    """The approval of somebody else, if there is one that holds. Raises FaultError: till.approval-invalid."""
    found = None
    for identity in backing.approvals:
        grant = approvals.valid(place, identity, operation.uid, operation.till, now_ms)
        if grant is None or grant.purpose != PURPOSE:
            raise FaultError(Fault("till.approval-invalid"))
        if grant.person != ruling.person:
            found = grant
    return found


def _facts(place: Place, operation: Operation, ruling: Ruling, now_ms: int) -> RulingFacts:
    journal = place.journal
    shift = journal.shift(operation.till, operation.shift)
    stored = journal.enquiry(ruling.enquiry) if ruling.enquiry else None
    return RulingFacts(
        undelivered=outbox.undelivered_count(place, operation.till),
        shift_opened_ms=shift.opened_ms if shift is not None else None,
        shift_closed_ms=shift.closed_ms if shift is not None else None,
        unique_taken_by=_taken_by(place, operation, ruling),
        enquiry=enquiries.read(stored),
        witness=HAPPENED if _is_witnessed(place, operation, ruling) else None,
        now_ms=now_ms,
    )


def _taken_by(place: Place, operation: Operation, ruling: Ruling) -> int | None:
    """The receipt to which this unique number belongs already, by the device or by another ruling."""
    if not ruling.unique_number:
        return None
    document = place.journal.document_named(ruling.unique_number)
    uid = uid_of_key(document.key) if document is not None else None
    uid = uid or place.journal.ruled_unique(ruling.unique_number)
    if uid is None or uid == operation.uid:
        return None
    other = place.journal.operation(uid)
    return other.number if other is not None else 0


def _is_witnessed(place: Place, operation: Operation, ruling: Ruling) -> bool:
    """Whether a record that names the leg's key is known."""
    leg = next((leg for leg in operation.legs if leg.number == ruling.leg), None)
    if leg is None:
        return False
    listed = (enquiries.read(stored) for stored in place.journal.enquiries(operation.uid))
    if any(record.key == leg.key for one in listed if one is not None for record in one.records):
        return True
    document = place.journal.document_named(ruling.unique_number) if ruling.unique_number else None
    return document is not None and document.key == leg.key


def _store(place: Place, operation: Operation, ruling: Ruling, now_ms: int) -> None:
    place.journal.store_ruling(
        StoredRuling(
            0, operation.uid, ruling.leg, ruling.version, ruling.happened, ruling.person, ruling.second,
            ruling.reason, ruling.unique_number or "", now_ms, _WRITER.encode(ruling),
        )
    )  # fmt: skip
    place.note(
        now_ms, ruling.person, "ruling", till=operation.till, number=operation.number, leg=ruling.leg,
        happened="yes" if ruling.happened else "no", then=ruling.then, reason=ruling.reason,
        second=ruling.second, unique_number=ruling.unique_number or "", enquiry=ruling.enquiry or 0,
        spoke_with=ruling.spoke_with or "",
    )  # fmt: skip


def _ruled(operation: Operation, ruling: Ruling, now_ms: int) -> Ruled:
    leg = operation.leg(ruling.leg)
    return Ruled(
        now_ms,
        ruling.leg,
        ruling.happened,
        Evidence(Source.RULING, now_ms, _named(ruling, leg), ruling.person),
        ruling.version,
        ruling.then,
        ruling.second,
        ruling.enquiry or 0,
    )


def _named(ruling: Ruling, leg: Leg) -> dict[str, str | int]:
    """What the person has named, under the names that a document's facts have."""
    found: dict[str, str | int] = {"reason": ruling.reason} if ruling.reason else {}
    if ruling.happened:
        found["document_number"] = ruling.document_number or 0
        found["unique_number"] = ruling.unique_number or ""
        found["device_at_ms"] = ruling.registered_ms or 0
        if leg.serial:
            found["serial"] = leg.serial
    if ruling.spoke_with:
        found["spoke_with"] = ruling.spoke_with
        found["spoke_at_ms"] = ruling.spoke_ms or 0
    return found
