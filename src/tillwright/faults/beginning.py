"""From a fault on any page to its diagnosis: the open one, or a new one with the facts that are on record."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from tillwright.faults import at_work, rules, store
from tillwright.kernel.fault import Fault, FaultError
from tillwright.till.queries import reader
from tillwright.web import current, strip

LONGEST_CODE = 80
LONGEST_UID = 64
RECENT_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to know the cause of: the fault, where, with which receipt."""

    fault: Fault
    till: str
    operation: str


def wanted(request: HttpRequest) -> Wanted:
    """What a press on 'Find the cause' is about. Raises FaultError: api.not-found for a code without a
    runbook.
    """
    given = request.GET.copy()
    given.update(request.POST)
    code = given.get("code", "")[:LONGEST_CODE]
    if not at_work.diagnoses().books.has_runbook(code):
        raise FaultError(Fault("api.not-found"))
    operation = given.get("operation", "")[:LONGEST_UID]
    stored = current.station().operation(operation) if operation else None
    place = current.place().till(given.get("till", "")) or strip.till_of(request)
    till = stored.till if stored is not None else getattr(place, "id", "")
    kind = stored.kind if stored is not None else ""
    fault = rules.named_for(_with_facts(code, till, operation), kind)
    return Wanted(fault, till, operation if stored is not None else "")


def _with_facts(code: str, till: str, operation: str) -> Fault:
    """The fault as the program has raised it last at this place; else by its code alone."""
    for one in current.station().faults(RECENT_FAULTS):
        if one.fault.code == code and one.till == till and (not operation or one.uid == operation):
            return one.fault
    return Fault(code)


def open_one(want: Wanted) -> str | None:
    """The open diagnosis of it: of the same receipt, else of the same till."""
    found = store.diagnoses(reader(), till=want.till, state=store.OPEN, code=want.fault.code)
    same = [one for one in found if one.operation == want.operation]
    return (same or found)[0].uid if found else None


def begin(want: Wanted, person: str) -> str:
    """Begin its diagnosis."""
    return at_work.diagnoses().start(want.fault, want.till, want.operation, person)


def open_of_part(request: HttpRequest, part: str) -> str | None:
    """The newest open diagnosis of a part, at this till or of the station."""
    till = strip.till_of(request)
    books = at_work.diagnoses().books
    for one in store.diagnoses(reader(), state=store.OPEN):
        here = one.till in ("", till.id if till is not None else "")
        if here and books.entry(one.fault.code, one.version).part == part:
            return one.uid
    return None
