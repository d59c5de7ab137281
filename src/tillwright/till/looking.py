"""What is known of a till's parties before its shift opens, for the check."""

from __future__ import annotations

import msgspec

from tillwright.journal import facts
from tillwright.kernel.fault import Fault
from tillwright.till import queries
from tillwright.till.checking import Seen
from tillwright.web import current

CONTROL, OPERATOR, LICENSING, PRINTER = "control", "operator", "licensing", "printer"
LATELY_MS = 3_600_000
MOST_FAULTS = 100
_SILENT = ("lost", "unknown", "connecting", "")


def ask_everybody(till: str) -> None:
    """Have every party of the till asked afresh; what they say comes in by itself."""
    current.station().check_parties(till)


def seen(till: str) -> Seen:
    """What is known now."""
    station, rules = current.station(), current.place().rules
    told = {party: state for party, (state, _at_ms) in station.party_states(till).items()}
    lines = station.parties.get(till, ())
    said = told.get(OPERATOR, "") if OPERATOR in lines else None
    return Seen(
        device=told.get(CONTROL),
        clock=_clock_fault(till),
        printer=told.get(PRINTER, "unknown") if PRINTER in lines else None,
        operator=said if said is None or said in _SILENT else "ready",
        operator_status=None if said is None or said in (*_SILENT, "ready") else said,
        stands=_operator_fault(till, said),
        licence=licence(till) if LICENSING in lines else None,
        blocking=(*rules.licence.blocks, "fiscal.licence-unreachable") if rules.licence else (),
    )


def _clock_fault(till: str) -> Fault | None:
    """What was said lately about a clock of this till, if anything."""
    since_ms = current.now_ms() - LATELY_MS
    for stored in current.station().faults(MOST_FAULTS):
        if stored.till == till and stored.at_ms >= since_ms and "clock" in stored.fault.code:
            return stored.fault
    return None


def _told_by(till: str, party: str) -> tuple[bytes, int] | None:
    """What a party said of the till last, and when."""
    row = (
        queries.reader()
        .execute("SELECT body, at_ms FROM party_state WHERE till = ? AND party = ?", (till, party))
        .fetchone()
    )
    return (bytes(row[0]), int(row[1])) if row else None


def _operator_fault(till: str, said: str | None) -> Fault | None:
    """What the operator has against the till."""
    known = _told_by(till, OPERATOR)
    if said not in ("warning", "blocked") or known is None:
        return None
    told = msgspec.json.decode(known[0], type=facts.OperatorBody)
    if said == "blocked":
        return Fault("fiscal.register-blocked", reason=told.reason)
    left_s, date = -(-warning_left_ms(till) // 1_000), facts.date_of(told.date_ms)
    return Fault("fiscal.block-warning", reason=told.reason, date=date, remaining_s=left_s)


def licence(till: str) -> tuple[Fault, ...] | None:
    """What the licence said last, or that it said so too long ago; None if it was never heard."""
    known = _told_by(till, LICENSING)
    if known is None:
        return None
    rules, age_ms = current.place().rules.licence, current.now_ms() - known[1]
    if rules is not None and age_ms > rules.grace_ms:
        return (Fault("fiscal.licence-unreachable", age_ms=age_ms),)
    return facts.decode_faults(known[0])


def warning_left_ms(till: str) -> int:
    """How long the operator's warning still has to stand on the page; 0 where there is none. The time runs
    from the first look at it.
    """
    station = current.station()
    state = station.party_states(till).get(OPERATOR, ("", 0))[0]
    return station.warning_shown(till) if state == "warning" else 0


def next_shift(till: str) -> int:
    """The number of the shift that would be opened."""
    return current.station().till_state(till).last_shift + 1
