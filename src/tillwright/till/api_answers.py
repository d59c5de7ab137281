"""Operations as programs are told of them: the journal's values as structures of the wire."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tillwright.journal.queries import Page
from tillwright.journal.queries import Summary as StoredSummary
from tillwright.journal.records import StoredEvent
from tillwright.journal.station import TillState
from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.operations.kinds import STARTABLE
from tillwright.operations.model import Leg, Operation
from tillwright.parties.wire import Health
from tillwright.till import api_wire as wire
from tillwright.web.current import Place
from tillwright.web.words import say


def operation(told: Operation, language: str) -> wire.Operation:
    """An operation as it stands."""
    return wire.Operation(
        uid=told.uid,
        till=told.till,
        number=told.number,
        kind=told.kind,
        state=told.state.value,
        version=told.version,
        cashier=told.cashier,
        shift=told.shift,
        currency=told.content.currency,
        total_minor=told.content.total_minor,
        change_minor=told.content.change_minor,
        started_ms=told.started_ms,
        changed_ms=told.changed_ms,
        ended_ms=told.ended_ms,
        question=None if told.question is None else told.question.value,
        fault=_fault(told.fault, language),
        legs=[_leg(leg, language) for leg in told.legs],
    )


def detail(told: Operation, events: Sequence[StoredEvent], language: str) -> wire.OperationDetail:
    """An operation with what was sold and all that has happened to it."""
    common = operation(told, language)
    content = told.content
    return wire.OperationDetail(
        **{name: getattr(common, name) for name in wire.Operation.__struct_fields__},
        lines=[
            wire.Line(
                line.goods,
                line.name,
                line.quantity_milli,
                line.total_minor,
                line.price_minor,
                line.discount_minor,
                line.of,
            )
            for line in content.lines
        ],
        parent=content.parent or None,
        exchange=content.exchange or None,
        reason=content.reason or None,
        approved_by=told.approved_by,
        tenders=[wire.Tender(tender.kind, tender.amount_minor) for tender in content.tenders],
        events=[
            wire.Event(event.version, event.at_ms, event.happening, event.leg, msgspec.Raw(event.body))
            for event in events
        ],
    )


def summary(row: StoredSummary | Operation) -> wire.Summary:
    """An operation as a row of a list."""
    if isinstance(row, Operation):
        currency, total_minor, state = row.content.currency, row.content.total_minor, row.state.value
    else:
        currency, total_minor, state = row.currency, row.total_minor, row.state
    return wire.Summary(
        uid=row.uid,
        number=row.number,
        kind=row.kind,
        state=state,
        version=row.version,
        currency=currency,
        total_minor=total_minor,
        started_ms=row.started_ms,
        changed_ms=row.changed_ms,
    )


def page(told: Page) -> wire.OperationPage:
    """A part of the list."""
    return wire.OperationPage([summary(row) for row in told.items], told.cursor)


def till(state: TillState, place: Place, language: str) -> wire.Till:
    """The till as it is now. Raises LookupError for a currency that the pack does not have."""
    currency = place.rules.currency(state.currency)
    if currency is None:
        raise LookupError(state.currency)
    return wire.Till(
        till=state.till,
        currency=state.currency,
        exponent=currency.exponent,
        shift=state.shift.number if state.shift is not None else None,
        drawer_minor=state.drawer_minor,
        undelivered_count=state.undelivered,
        open=None if state.open is None else operation(state.open, language),
        reds=[summary(row) for row in state.reds],
        control=_device(state.health),
        kinds=[kind.name for kind in place.rules.kinds if kind.name in STARTABLE],
        maximum_total_minor=currency.maximum_total_minor,
        maximum_line_count=place.rules.maximum_lines,
    )


def _device(health: Health | None) -> wire.Device:
    if health is None:
        return wire.Device("unknown", None, None, None)
    return wire.Device(health.state, health.serial, health.last_number, health.at_ms)


def _leg(leg: Leg, language: str) -> wire.Leg:
    return wire.Leg(
        number=leg.number,
        party=leg.party,
        action=leg.action,
        key=leg.key,
        state=leg.state.value,
        commit_point=leg.commit_point,
        target=leg.target,
        replaces=leg.replaces,
        sent_ms=leg.sent_ms,
        evidence=_evidence(leg.evidence),
        fault=_fault(leg.fault, language),
    )


def _evidence(told: Evidence | None) -> wire.Evidence | None:
    if told is None:
        return None
    return wire.Evidence(told.source.value, told.at_ms, told.facts, told.person)


def _fault(told: Fault | None, language: str) -> wire.Fault | None:
    if told is None:
        return None
    said = say(told, language)
    return wire.Fault(told.code, told.facts, said.sentence, said.next_step)
