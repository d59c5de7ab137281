"""One operation in full, as programs are told of it: what was sold, what happened, who ruled and asked."""

from __future__ import annotations

import msgspec

from tillwright.journal.records import StoredRuling
from tillwright.journal.station import Station
from tillwright.operations.kinds import KINDS
from tillwright.operations.model import Leg, Line, Operation
from tillwright.operations.rulings import Enquiry, ListedDocument
from tillwright.operations.rulings import Ruling as Said
from tillwright.parties.control.reading import KIND_OF_ACTION
from tillwright.till import api_answers as answers
from tillwright.till import api_wire as wire
from tillwright.till import api_wire_rulings as rulings
from tillwright.till.api_wire_detail import OperationDetail

_SAID = msgspec.json.Decoder(Said)


def detail(station: Station, told: Operation, language: str) -> OperationDetail:
    """An operation with all that is known of it."""
    common = answers.operation(told, language)
    content = told.content
    return OperationDetail(
        **{name: getattr(common, name) for name in wire.Operation.__struct_fields__},
        lines=[_line(line) for line in content.lines],
        tenders=[wire.Tender(tender.kind, tender.amount_minor) for tender in content.tenders],
        parent=content.parent or None,
        exchange=content.exchange or None,
        origin=told.origin or None,
        reason=content.reason or None,
        owed=told.owed,
        approved_by=told.approved_by,
        successors=[answers.summary(row) for row in station.successors(told.uid)],
        rulings=[ruling(one) for one in station.rulings(told.uid)],
        enquiries=[
            rulings.AskedEnquiry(one.id, one.asked_ms, one.answered_ms) for one in station.enquiries(told.uid)
        ],
        events=[
            wire.Event(event.version, event.at_ms, event.happening, event.leg, msgspec.Raw(event.body))
            for event in station.events(told.uid)
        ],
    )


def _line(line: Line) -> wire.Line:
    return wire.Line(
        line.goods,
        line.name,
        line.quantity_milli,
        line.total_minor,
        line.price_minor,
        line.discount_minor,
        line.of,
    )


def ruling(stored: StoredRuling) -> rulings.Ruling:
    """A ruling, and what became of it."""
    said = _SAID.decode(stored.body)
    return rulings.Ruling(
        leg=stored.leg,
        version=stored.version,
        happened=stored.happened,
        then=said.then,
        person=stored.person,
        second=stored.second,
        reason=stored.reason,
        document_number=said.document_number,
        registered_ms=said.registered_ms,
        unique_number=said.unique_number,
        enquiry=said.enquiry,
        spoke_with=said.spoke_with,
        spoke_ms=said.spoke_ms,
        at_ms=stored.at_ms,
        checked_ms=stored.checked_ms,
        verdict=stored.verdict,
    )


# ── enquiries ─────────────────────────────────────────────────────────────────────────────────────


def enquiry(station: Station, operation: Operation, told: Enquiry) -> rulings.Enquiry:
    """A question to the operator, its answer, and what that says of each leg."""
    return rulings.Enquiry(
        id=told.id,
        operation=told.operation,
        receiver=told.receiver,
        asked_ms=told.asked_ms,
        answered_ms=told.answered_ms,
        records=[_listed(record) for record in told.records],
        more=told.more,
        findings=[_finding(station, operation, leg, told) for leg in _asked(operation, told)],
    )


def _asked(operation: Operation, told: Enquiry) -> list[Leg]:
    return [leg for leg in operation.legs if told.answered_ms is not None and leg.sent_ms is not None]


def _finding(station: Station, operation: Operation, leg: Leg, told: Enquiry) -> rulings.Finding:
    listed = next((record for record in told.records if record.key == leg.key), None)
    if listed is None:
        absent = station.is_proved_absent(told.id, leg)
        return rulings.Finding(leg=leg.number, fields=[], proves="did-not-happen" if absent else "nothing")
    fields = _fields(operation, leg, listed)
    proved = all(field.agrees is not False for field in fields)
    return rulings.Finding(leg=leg.number, fields=fields, proves="happened" if proved else "nothing")


def _fields(operation: Operation, leg: Leg, listed: ListedDocument) -> list[rulings.Field]:
    content = operation.content
    known = dict(leg.evidence.facts) if leg.evidence is not None else {}
    kind = KIND_OF_ACTION.get(leg.action) or KINDS[operation.kind].device_document
    return [
        _field("kind", kind, listed.kind),
        _field("total_minor", content.total_minor, listed.total_minor),
        _field("currency", content.currency, listed.currency),
        _field("document_number", known.get("document_number"), listed.number),
        _field("unique_number", known.get("unique_number"), listed.unique_number),
        _field("serial", leg.serial or known.get("serial"), listed.serial),
        _field("registered_ms", known.get("device_at_ms"), listed.registered_ms),
    ]


def _field(name: str, ours: str | int | None, theirs: str | int) -> rulings.Field:
    return rulings.Field(name, ours, theirs, None if ours is None else ours == theirs)


def _listed(record: ListedDocument) -> rulings.ListedDocument:
    return rulings.ListedDocument(
        serial=record.serial,
        number=record.number,
        unique_number=record.unique_number,
        key=record.key,
        kind=record.kind,
        total_minor=record.total_minor,
        currency=record.currency,
        registered_ms=record.registered_ms,
    )
