"""Operations as programs are told of them: the journal's values as structures of the wire."""

from __future__ import annotations

from tillwright.journal.queries import Page
from tillwright.journal.queries import Summary as StoredSummary
from tillwright.kernel.evidence import Evidence
from tillwright.kernel.fault import Fault
from tillwright.operations.model import Leg, Operation
from tillwright.till import api_wire as wire
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
        fault=fault(told.fault, language),
        legs=[_leg(leg, language) for leg in told.legs],
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
        fault=fault(leg.fault, language),
    )


def _evidence(told: Evidence | None) -> wire.Evidence | None:
    if told is None:
        return None
    return wire.Evidence(told.source.value, told.at_ms, told.facts, told.person)


def fault(told: Fault | None, language: str) -> wire.Fault | None:
    """What is wrong, with words for a person."""
    if told is None:
        return None
    said = say(told, language)
    return wire.Fault(told.code, told.facts, said.sentence, said.next_step)
