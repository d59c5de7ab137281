"""One call about diagnoses: which of them the caller may see, who acts, and how long it may be held.

A token stands for its till, and for the station as far as that is everybody's: a full disk is no till's.
Where an action needs somebody's consent, an approval names who gives it; without one the program itself acts,
which may do what a cashier may. Who sits at the station's own machine and can read its folder may agree to
everything: they could make themselves an administrator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from tillwright.faults.at_work import diagnoses
from tillwright.faults.running import Also, View, nothing
from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.machine.sqlite import Connection
from tillwright.people import passes
from tillwright.people.actions import CONSOLE
from tillwright.people.rules import ADMINISTRATOR, CASHIER, CONSENT
from tillwright.till import api_call
from tillwright.till.api_call import till_of
from tillwright.till.api_reading import bearer
from tillwright.till.api_who import PROGRAM
from tillwright.web import current

STATION_WIDE = ""
"""What stands for the till of what is the station's."""
LOOK_MS = 1_000


class TillToken(api_call.TillToken):
    """The token of a till; or the pass of a command on this machine that can read the station's folder. Named
    as the other one: for programs there is one kind of token.
    """

    def __call__(self, request: HttpRequest) -> str | None:
        """The till; None for a token that is none."""
        text = bearer(request.META.get("HTTP_AUTHORIZATION", ""))
        if not passes.is_pass(text):
            return super().__call__(request)
        return passes.till_of(text, request.META.get("REMOTE_ADDR", ""), current.now_ms())


def _at_the_console(request: HttpRequest) -> bool:
    return passes.is_pass(bearer(request.META.get("HTTP_AUTHORIZATION", "")))


def person_of(request: HttpRequest) -> str:
    """Who acts, for the record: a program, or whoever sits at the station's own machine."""
    return CONSOLE if _at_the_console(request) else PROGRAM


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, with which role; `also` marks their approval as used."""

    person: str
    role: str
    also: Also = nothing


def place_of(request: HttpRequest, till: str | None) -> str:
    """The till that is named, or the token's where none is. Raises FaultError(api.wrong-till)."""
    own = till_of(request)
    if till is None:
        return own
    if till not in (own, STATION_WIDE):
        raise FaultError(Fault("api.wrong-till", till=till))
    return till


def view_of(request: HttpRequest, uid: str) -> View:
    """The diagnosis, if it is one of the token's till or of the station. Raises FaultError(api.not-found)."""
    try:
        view = diagnoses().view(uid_from_text(uid))
    except ValueError:
        raise FaultError(Fault("api.not-found")) from None
    if view.stored.till not in (till_of(request), STATION_WIDE):
        raise FaultError(Fault("api.not-found"))
    return view


def acting(request: HttpRequest, uid: str, approval: str | None) -> Acting:
    """Who acts. Raises FaultError(till.approval-invalid) for an approval that does not hold for this."""
    if approval is None:
        role = ADMINISTRATOR if _at_the_console(request) else CASHIER
        return Acting(person_of(request), role)
    grant = current.station().approval(approval, till_of(request), uid)
    if grant is None or grant.purpose != CONSENT:
        raise FaultError(Fault("till.approval-invalid"))
    now_ms = current.now_ms()

    def use(connection: Connection) -> None:
        cursor = connection.execute(
            "UPDATE approval SET used_ms = ? WHERE id = ? AND used_ms IS NULL", (now_ms, approval)
        )
        if cursor.rowcount != 1:
            raise FaultError(Fault("till.approval-invalid"))

    return Acting(grant.person, grant.role, use)


def wait_until(station: Station, uid: str, wait_ms: int, enough: Callable[[View], bool]) -> View:
    """The diagnosis once it is so, or at the end of the time."""
    ends_ns = station.clock.monotonic_ns() + wait_ms * 1_000_000
    tick = station.changes(None, -1, 0)
    view = diagnoses().view(uid)
    while not enough(view):
        left_ms = (ends_ns - station.clock.monotonic_ns()) // 1_000_000
        if left_ms <= 0:
            break
        tick = station.changes(None, tick, min(left_ms, LOOK_MS))
        view = diagnoses().view(uid)
    return view


def at_rest(view: View) -> bool:
    """Whether waiting longer helps nobody: the program has done what it can by itself."""
    return not view.busy
