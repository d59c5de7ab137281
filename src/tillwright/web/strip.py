"""The strip on top of every page of a till: who, which shift, who of the parties is well, what waits,
what is red.

It must be drawn in any state of the station, also while it starts: then it says so, instead of showing
yesterday's good health.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from tillwright.kernel.fault import FaultError
from tillwright.parties.wire import Health
from tillwright.web import current
from tillwright.web.current import TillPlace

TILL_COOKIE = "till"
SESSION_TILL = "till"

_STATES = {"ready": "well", "lost": "sick"}


@dataclass(frozen=True, slots=True)
class PartyHealth:
    """One party as the strip shows it; `state` is well, sick or unknown."""

    party: str
    state: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip of a till. `reached` is False while the station cannot be asked."""

    till: TillPlace | None
    reached: bool
    cashier: str = ""
    shift: int = 0
    parties: tuple[PartyHealth, ...] = ()
    undelivered: int = 0
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


def of_request(request: HttpRequest) -> Strip:
    """The strip for the page that is being drawn."""
    user = getattr(request, "user", None)
    cashier = user.name if user is not None and user.is_authenticated else ""
    return of_till(till_of(request), cashier)


def of_till(till: TillPlace | None, cashier: str) -> Strip:
    """The strip of a till as the station sees it now."""
    if till is None:
        return Strip(None, current.running(), cashier)
    try:
        state = current.station().till_state(till.id)
    except FaultError:
        return Strip(till, reached=False, cashier=cashier)
    first = state.reds[0] if state.reds else None
    return Strip(
        till=till,
        reached=True,
        cashier=cashier,
        shift=state.shift.number if state.shift is not None else 0,
        parties=parties_of(state.health),
        undelivered=state.undelivered or 0,
        red_count=len(state.reds),
        first_red_uid=first.uid if first else "",
        first_red_number=first.number if first else 0,
    )


def parties_of(health: Health | None) -> tuple[PartyHealth, ...]:
    """The parties of a till. What has not been heard of yet is unknown, not well."""
    return (PartyHealth("control", _STATES.get(health.state, "unknown") if health else "unknown"),)
