"""The till, its cash, its shifts and its outbox as programs are told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillwright.journal.cash import CashState
from tillwright.journal.records import CashCount, Queued, Refundable, ShiftState
from tillwright.journal.records import Hold as StoredHold
from tillwright.journal.station import TillState
from tillwright.journal.station_reading import Upload
from tillwright.operations.kinds import STARTABLE
from tillwright.parties.wire import Health
from tillwright.till import api_answers as answers
from tillwright.till import api_wire as wire
from tillwright.till import api_wire_till as tills
from tillwright.web.current import Place


def till(state: TillState, place: Place, language: str) -> tills.Till:
    """The till as it is now. Raises LookupError for a currency that the pack does not have."""
    currency = place.rules.currency(state.currency)
    if currency is None:
        raise LookupError(state.currency)
    return tills.Till(
        till=state.till,
        currency=state.currency,
        exponent=currency.exponent,
        shift=state.shift.number if state.shift is not None else None,
        shift_opened_ms=state.shift.opened_ms if state.shift is not None else None,
        last_shift=state.last_shift,
        hold=None if state.hold is None else hold(state.hold),
        blind=state.blind,
        drawer_minor=state.drawer_minor,
        undelivered_count=state.undelivered,
        undelivered_oldest_ms=state.oldest_ms,
        open=None if state.open is None else answers.operation(state.open, language),
        reds=[answers.summary(row) for row in state.reds],
        control=_device(state.health),
        parties=parties(state.parties),
        kinds=[kind.name for kind in place.rules.kinds if kind.name in STARTABLE],
        maximum_total_minor=currency.maximum_total_minor,
        maximum_line_count=place.rules.maximum_lines,
    )


def _device(health: Health | None) -> wire.Device:
    if health is None:
        return wire.Device("unknown", None, None, None, None, None)
    return wire.Device(
        health.state, health.serial, health.last_number, health.at_ms, health.shift_number, health.shift_state
    )


def hold(told: StoredHold) -> tills.Hold:
    """What the till is held for."""
    return tills.Hold(told.purpose, told.person, told.since_ms)


def parties(told: Mapping[str, tuple[str, int]]) -> dict[str, tills.PartyStanding]:
    """How each party is."""
    return {name: tills.PartyStanding(state, since_ms) for name, (state, since_ms) in sorted(told.items())}


def cash(state: CashState) -> tills.Cash:
    """Cash by the book and by the device."""
    return tills.Cash(
        till=state.till,
        currency=state.currency,
        blind=state.blind,
        drawer_minor=state.drawer_minor,
        book_minor=state.book_minor,
        shift_minor=state.shift_minor,
        owed_minor=state.owed_minor,
        device_minor=state.device_minor,
        device_shift_minor=state.device_shift_minor,
        difference_minor=state.difference_minor,
        explained=[answers.summary(row) for row in state.explained],
        undelivered_count=state.undelivered,
        undelivered_oldest_ms=state.oldest_ms,
        device_at_ms=state.device_at_ms,
        device_number=state.device_number,
        serial=state.serial,
    )


def count(told: CashCount) -> tills.Count:
    """A stored count."""
    return tills.Count(
        uid=told.uid,
        shift=told.shift,
        person=told.person,
        at_ms=told.at_ms,
        currency=told.currency,
        denominations=[tills.CountedPieces(value, many) for value, many in told.denominations],
        counted_minor=told.counted_minor,
        expected_minor=told.expected_minor,
        difference_minor=told.difference_minor,
        reason=told.reason,
    )


def shift(told: ShiftState) -> tills.Shift:
    """A shift as a row of a list."""
    return tills.Shift(
        number=told.number,
        state=told.state,
        currency=told.currency,
        opened_ms=told.opened_ms,
        opened_by=told.opened_by,
        closed_ms=told.closed_ms,
        closed_by=told.closed_by,
    )


def shift_detail(told: ShiftState, counts: Sequence[CashCount]) -> tills.ShiftDetail:
    """A shift and its counts."""
    common = shift(told)
    fields = {name: getattr(common, name) for name in tills.Shift.__struct_fields__}
    return tills.ShiftDetail(**fields, counts=[count(one) for one in counts])


def documents(upload: Upload, items: Sequence[Queued]) -> tills.Documents:
    """What has not reached the operator."""
    return tills.Documents(
        undelivered_count=upload.count,
        undelivered_oldest_ms=upload.oldest_ms,
        age_ms=upload.age_ms,
        cause=upload.cause,
        items=[_document(one) for one in items],
    )


def _document(one: Queued) -> tills.Document:
    return tills.Document(
        serial=one.serial,
        number=one.number,
        total_minor=one.total_minor,
        queued_ms=one.queued_ms,
        state="waiting" if one.refused_reason is None else "set-aside",
        refused_reason=one.refused_reason,
        blocks=one.blocks,
    )


def refundable(told: Refundable) -> tills.Refundable:
    """What of a sale may still go back."""
    return tills.Refundable(
        left_minor=told.left_minor,
        beyond_minor=told.beyond_minor,
        lines=[tills.LineLeft(one.line, one.left_milli, one.left_minor) for one in told.lines],
    )
