"""The strip on top of every page of a till: who, which shift, who of the parties is well, what waits,
what is red.

It must be drawn in any state of the station, also while it starts: then it says so, instead of showing
yesterday's good health.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from tillwright.journal.station import TillState
from tillwright.kernel.fault import FaultError
from tillwright.web import current
from tillwright.web.current import TillPlace

TILL_COOKIE = "till"
SESSION_TILL = "till"
_KEPT = "till_state_kept"

HEALTH_OF: dict[str, str] = {
    "ready": "well",
    "active": "well",
    "warning": "wanting",
    "paper-low": "wanting",
    "blocked": "stopped",
    "lost": "sick",
    "paper-out": "sick",
    "cover-open": "sick",
    "offline": "sick",
}
"""What a party says of itself → how it looks; whatever else it says is not known to be well."""

QUIET = ("licensing",)
"""Parties that stand on the strip only when something is wrong with them."""


@dataclass(frozen=True, slots=True)
class PartyHealth:
    """One party as the strip shows it; `state` is well, wanting, sick, stopped or unknown, `told` its own
    word.
    """

    party: str
    state: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip of a till. `reached` is False while the station cannot be asked. `shift` 0: none is open.
    `undelivered` None: nobody can know. `hold`: what the till is held for.
    """

    till: TillPlace | None
    reached: bool
    cashier: str = ""
    shift: int = 0
    parties: tuple[PartyHealth, ...] = ()
    undelivered: int | None = 0
    oldest_ms: int | None = None
    hold: str = ""
    red_count: int = 0
    first_red_uid: str = ""
    first_red_number: int = 0


def till_of(request: HttpRequest) -> TillPlace | None:
    """The till that this browser serves: as signed in, else as it was bound; the only one where there is
    one.
    """
    place = current.place()
    session = getattr(request, "session", None)
    chosen = session.get(SESSION_TILL) if session is not None else None
    found = place.till(chosen) or place.till(request.COOKIES.get(TILL_COOKIE))
    return found or (place.tills[0] if len(place.tills) == 1 else None)


def state_of(request: HttpRequest, till: TillPlace) -> TillState:
    """How a till stands, read once for a page, however many of its parts ask.

    Raises FaultError while the station cannot be asked.
    """
    kept: TillState | None = getattr(request, _KEPT, None)
    if kept is None or kept.till != till.id:
        kept = current.station().till_state(till.id)
        setattr(request, _KEPT, kept)
    return kept


def of_request(request: HttpRequest) -> Strip:
    """The strip for the page that is being drawn."""
    till = till_of(request)
    try:
        state = state_of(request, till) if till is not None else None
    except FaultError:
        state = None
    return _strip(till, state, _cashier(request))


def fresh(request: HttpRequest) -> Strip:
    """The strip as it is now, for a stream that lives longer than a page."""
    if hasattr(request, _KEPT):
        delattr(request, _KEPT)
    return of_request(request)


def _cashier(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return user.name if user is not None and user.is_authenticated else ""


def _strip(till: TillPlace | None, state: TillState | None, cashier: str) -> Strip:
    if till is None:
        return Strip(None, current.running(), cashier)
    if state is None:
        return Strip(till, reached=False, cashier=cashier)
    first = state.reds[0] if state.reds else None
    return Strip(
        till=till,
        reached=True,
        cashier=cashier,
        shift=state.shift.number if state.shift is not None else 0,
        parties=parties_of(_expected(till.id), state.parties),
        undelivered=state.undelivered if _expects(till.id, "operator") else 0,
        oldest_ms=state.oldest_ms,
        hold=state.hold.purpose if state.hold else "",
        red_count=len(state.reds),
        first_red_uid=first.uid if first else "",
        first_red_number=first.number if first else 0,
    )


def _expected(till: str) -> tuple[str, ...]:
    """The parties to which the till has a line, the nearest first."""
    return ("control", *(one for one in ("operator", "licensing", "printer") if _expects(till, one)))


def _expects(till: str, party: str) -> bool:
    return party in current.station().parties.get(till, ())


def parties_of(expected: Sequence[str], told: Mapping[str, tuple[str, int]]) -> tuple[PartyHealth, ...]:
    """The parties of a till. What has not been heard of yet is unknown, not well."""
    found = []
    for party in expected:
        said = told.get(party, ("", 0))[0]
        health = PartyHealth(party, HEALTH_OF.get(said, "unknown"), said)
        if party not in QUIET or health.state not in ("well", "unknown"):
            found.append(health)
    return tuple(found)
