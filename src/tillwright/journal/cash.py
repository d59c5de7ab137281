"""Cash by the book, by the control device, and what explains the difference between the two."""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.books.cash import Account, Entry
from tillwright.journal import outbox, refunds, shifts
from tillwright.journal.place import OPERATOR, Place
from tillwright.journal.queries import Summary, summary_of
from tillwright.journal.records import StoredRuling
from tillwright.operations.kinds import KINDS, entries_of
from tillwright.operations.model import Operation
from tillwright.operations.states import LegState

RULINGS_MAX = 1_000
CORRECTED = "corrected:"


@dataclass(frozen=True, slots=True)
class CashState:
    """Cash in the till and in the shift, by the book and by the control device, in minor units.

    `book_minor` is what the device should count: the drawer without what is owed and has not been handed
    out, which is `owed_minor`. What the device says is None as long as it cannot be read, and everything is
    None while the till is counted blind. `explained`: the operations that explain the difference.
    `undelivered`: documents that the operator does not have, None if nobody can know.
    """

    till: str
    currency: str
    blind: bool
    drawer_minor: int | None = None
    book_minor: int | None = None
    shift_minor: int | None = None
    owed_minor: int | None = None
    device_minor: int | None = None
    device_shift_minor: int | None = None
    difference_minor: int | None = None
    explained: tuple[Summary, ...] = ()
    undelivered: int | None = None
    oldest_ms: int | None = None
    device_at_ms: int | None = None
    device_number: int | None = None
    serial: str | None = None


def state_of(place: Place, till: str, currency: str) -> CashState:
    """How the till's cash stands now."""
    waiting = place.journal.waiting(OPERATOR, till)
    undelivered = outbox.undelivered_count(place, till)
    if shifts.is_blind(place, till):
        return CashState(till, currency, True, undelivered=undelivered, oldest_ms=waiting.oldest_ms)
    drawer_minor = place.journal.balance_minor(till, currency, Account.DRAWER)
    owed_minor = refunds.owed_minor(place, till, currency)
    book_minor = drawer_minor - owed_minor
    health = place.known.device(till)
    counters = health.counters if health is not None else None
    device_minor = counters.cash_till_minor if counters is not None else None
    difference = None if device_minor is None else device_minor - book_minor
    moved = place.journal.shift_balances(till, place.shift_of(till))
    return CashState(
        till=till,
        currency=currency,
        blind=False,
        drawer_minor=drawer_minor,
        book_minor=book_minor,
        shift_minor=moved.get(Account.DRAWER, 0),
        owed_minor=owed_minor,
        device_minor=device_minor,
        device_shift_minor=counters.cash_shift_minor if counters is not None else None,
        difference_minor=difference,
        explained=tuple(summary_of(one) for one in explaining(place, till, difference or 0)),
        undelivered=undelivered,
        oldest_ms=waiting.oldest_ms,
        device_at_ms=health.at_ms if health is not None else None,
        device_number=health.last_number if health is not None else None,
        serial=health.serial if health is not None else None,
    )


def explaining(place: Place, till: str, difference_minor: int) -> list[Operation]:
    """Operations that explain why the device counts so much more than the book: those that have not ended,
    and those whose ruling, overturned, would explain it.
    """
    if difference_minor == 0:
        return []
    open_ones = [one for one in place.journal.unfinished() if one.till == till]
    return open_ones + overturned(place, till, difference_minor)


def overturned(place: Place, till: str, difference_minor: int) -> list[Operation]:
    """Operations whose ruling no record has borne out and which, overturned, explain just this difference:
    one of them alone, or all together.
    """
    if difference_minor == 0:
        return []
    ruled = {
        operation.uid: (operation, _if_overturned(operation, ruling))
        for ruling in place.journal.unchecked_rulings(RULINGS_MAX)
        if (operation := place.journal.operation(ruling.uid)) is not None and operation.till == till
    }
    alone = [operation for operation, minor in ruled.values() if minor == difference_minor]
    together = sum(minor for _, minor in ruled.values())
    return alone or ([one for one, _ in ruled.values()] if together == difference_minor else [])


def _if_overturned(operation: Operation, ruling: StoredRuling) -> int:
    """How much more the device would count than the book, were the ruling wrong."""
    entries = entries_of(KINDS[operation.kind], operation.content)
    drawer_minor = sum(entry.amount_minor for entry in entries if entry.account is Account.DRAWER)
    return -drawer_minor if ruling.happened else drawer_minor


def differing_document(place: Place, till: str) -> int | None:
    """The first document that stands on one side only: the device's, that is not held here; or one that a
    person has named and the device does not have.
    """
    health = place.known.device(till)
    if health is None or health.serial is None or health.last_number is None:
        return None
    mark = place.journal.last_document(health.serial)
    if health.last_number > mark:
        return mark + 1
    return next(
        (
            number
            for ruling in place.journal.unchecked_rulings(RULINGS_MAX)
            if ruling.happened
            and (number := _named_number(place, till, ruling)) is not None
            and place.journal.document_named(ruling.unique_number) is None
        ),
        None,
    )


def _named_number(place: Place, till: str, ruling: StoredRuling) -> int | None:
    operation = place.journal.operation(ruling.uid)
    if operation is None or operation.till != till:
        return None
    leg = operation.leg(ruling.leg)
    number = leg.evidence.facts.get("document_number") if leg.evidence is not None else None
    return int(number) if leg.state is LegState.DONE and isinstance(number, int) else None


# ── corrections ───────────────────────────────────────────────────────────────────────────────────


def corrected(place: Place, operation: Operation) -> None:
    """A correction is booked: it has swallowed every document of the device up to this number."""
    serial = place.journal.last_serial(operation.till)
    if operation.kind == "correction" and serial is not None:
        place.journal.set_value(f"{CORRECTED}{operation.till}:{serial}", str(operation.content.after))


def as_swallowed(place: Place, operation: Operation, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries as they are to be booked: a document that a correction has swallowed already is in the
    drawer, so what turns up of it now goes against over and short.
    """
    if not _is_swallowed(place, operation):
        return entries
    return tuple(
        Entry(Account.OVER_SHORT if entry.account is Account.DRAWER else entry.account, entry.amount_minor)
        for entry in entries
    )


def _is_swallowed(place: Place, operation: Operation) -> bool:
    for leg in operation.legs:
        if leg.state is not LegState.DONE or leg.evidence is None:
            continue
        serial, number = leg.evidence.facts.get("serial"), leg.evidence.facts.get("document_number")
        after = place.journal.value(f"{CORRECTED}{operation.till}:{serial}")
        if after is not None and isinstance(number, int) and number <= int(after):
            return True
    return False
