"""What is known of a till's parties before its shift opens, for the check."""

from __future__ import annotations

from tillwright.till import queries
from tillwright.till.checking import Seen
from tillwright.web import current


def ask_everybody(till: str) -> None:
    """Have every party of the till asked afresh; what they say comes in by itself."""


def seen(till: str) -> Seen:
    """What is known now."""
    state, rules = current.station().till_state(till), current.place().rules
    return Seen(
        device=state.health.state if state.health else None,
        clock_off_ms=None,
        tolerance_ms=rules.device_clock_tolerance_ms,
        printer=None,
        operator=None,
        operator_status=None,
        warning=None,
        blocked=None,
        licence=None,
        blocking=rules.licence.blocks if rules.licence else (),
    )


def warning_left_ms(_till: str) -> int:
    """How long the operator's warning still has to stand; 0 where there is none."""
    return 0


def next_shift(till: str) -> int:
    """The number of the shift that would be opened."""
    row = queries.reader().execute("SELECT max(number) FROM shift WHERE till = ?", (till,)).fetchone()
    return int(row[0] or 0) + 1
