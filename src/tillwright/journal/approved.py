"""What is done in the name of whoever has approved it: for callers that are no persons themselves.

A program has a till's token and nobody's name. Who acts is who gave the first approval; an approval names its
operation, its purpose and its till, and serves once, in the batch of what it is for.
"""

from __future__ import annotations

from collections.abc import Sequence

from tillwright.journal import approvals
from tillwright.journal.place import Place
from tillwright.journal.records import Grant
from tillwright.journal.runner import Runner
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import reaches
from tillwright.operations.events import Cancelled
from tillwright.operations.model import Operation
from tillwright.operations.rulings import PURPOSE


def actor(place: Place, uid: str, till: str, purpose: str, identities: Sequence[str], now_ms: int) -> Grant:
    """Who acts. Raises FaultError: till.approval-invalid if any of the approvals does not hold for this."""
    found = [approvals.valid(place, identity, uid, till, now_ms) for identity in identities]
    role = place.rules.role_for(purpose)
    grants = [
        grant
        for grant in found
        if grant is not None and grant.purpose == purpose and (role is None or reaches(grant.role, role))
    ]
    if not grants or len(grants) < len(identities):
        raise FaultError(Fault("till.approval-invalid"))
    return grants[0]


def cancel(runner: Runner, uid: str, identities: tuple[str, ...], now_ms: int) -> Operation:
    """Take back what stands twice; inside a batch. Raises FaultError, Impossible."""
    operation = runner.read(uid)
    if operation is None:
        raise FaultError(Fault("api.not-found"))
    place = runner.place
    grant = actor(place, uid, operation.till, PURPOSE, identities, now_ms)
    _second_person(place, operation, identities, now_ms)
    approvals.use(place, identities, now_ms)
    after = runner.step(operation, Cancelled(now_ms, grant.person))
    place.note(now_ms, grant.person, "cancelled", till=operation.till, number=operation.number)
    return after


def _second_person(place: Place, operation: Operation, identities: Sequence[str], now_ms: int) -> None:
    """Above the pack's sum one person's word is not enough. Raises FaultError: till.second-person-needed."""
    content = operation.content
    limit_minor = place.rules.second_person_above_minor(content.currency)
    if not limit_minor or abs(content.total_minor) <= limit_minor:
        return
    found = [approvals.valid(place, one, operation.uid, operation.till, now_ms) for one in identities]
    if len({grant.person for grant in found if grant is not None}) < 2:
        raise FaultError(
            Fault("till.second-person-needed", currency=content.currency, limit_minor=limit_minor)
        )
