"""What the station refuses to begin while a diagnosis is open: 'never refund meanwhile', enforced.

A runbook forbids kinds of operations where doing them would make things worse. The station enforces that on
evidence only: for as long as the operation that the diagnosis is about has not ended, or where a person has
said that it is so. What a party forbids by itself (a blocked till) the rules of selling refuse anyway, and
they know sooner than a probe when it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tillwright.catalogue.entry import Entry
from tillwright.faults.store import StoredDiagnosis
from tillwright.journal.place import Ban, Bans

KIND = "kind:"
BY_A_PERSON = "person"


def kinds_of(entry: Entry) -> tuple[str, ...]:
    """The kinds of operations that an entry forbids."""
    named = (name for never in entry.never for name in never.forbids)
    return tuple(name.removeprefix(KIND) for name in named if name.startswith(KIND))


def bans_of(diagnoses: Iterable[StoredDiagnosis], entry_of: Callable[[StoredDiagnosis], Entry]) -> Bans:
    """What these open diagnoses forbid at their tills. One of the station alone forbids nothing."""
    found: dict[tuple[str, str], list[Ban]] = {}
    for one in diagnoses:
        if not one.till or not (one.operation or one.source == BY_A_PERSON):
            continue
        for kind in kinds_of(entry_of(one)):
            found.setdefault((one.till, kind), []).append(Ban(one.fault.code, one.operation))
    return found
