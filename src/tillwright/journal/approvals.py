"""Approvals: a person with the right role has said yes, for one purpose and one operation, a moment ago."""

from __future__ import annotations

from tillwright.journal.place import Place
from tillwright.journal.records import Grant
from tillwright.kernel.fault import Fault, FaultError
from tillwright.operations import guards
from tillwright.operations.guards import Request


def store(place: Place, grant: Grant) -> Grant:
    """Keep an approval until it is used; Conflict if its id is taken."""
    place.journal.store_grant(grant)
    return grant


def valid(place: Place, identity: str, uid: str, till: str, now_ms: int) -> Grant | None:
    """The approval, if it is for this operation at this till, unused and in time."""
    grant = place.journal.grant(identity)
    if grant is None or (grant.operation, grant.till) != (uid, till):
        return None
    return grant if grant.granted_ms - place.rules.grant_ms <= now_ms < grant.expires_ms else None


def that_hold(place: Place, request: Request, now_ms: int) -> tuple[guards.Grant, ...]:
    """Those of a request that hold."""
    found = (valid(place, identity, request.uid, request.till, now_ms) for identity in request.approvals)
    return tuple(guards.Grant(one.person, one.role, one.purpose) for one in found if one is not None)


def use(place: Place, identities: tuple[str, ...], now_ms: int) -> None:
    """Use them up, in the batch of what they are for."""
    for identity in identities:
        if not place.journal.use_grant(identity, now_ms):
            raise FaultError(Fault("till.approval-invalid"))
