"""Who acts when a program calls: nobody, unless somebody has typed number and PIN for just this.

A till's token is a program's. It sells, moves cash, opens and closes shifts in its own name. What gives money
or certainty away is done in the name of whoever approved it first; any other approval is a second person's.
No field of a call names a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.rules import PackRules
from tillwright.operations.guards import Request
from tillwright.operations.moments import purposes_of
from tillwright.people.rules import CASHIER, needed_role

PROGRAM = "program"
"""Who has begun it, where no person has."""
IN_SOMEBODYS_NAME = ("refund", "void", "payout", "cash-out", "correction")


def in_whose_name(station: Station, request: Request) -> Request:
    """The request in the name of who approved it first, if it is one of those. An exchange is."""
    named = request.kind in IN_SOMEBODYS_NAME or request.content.exchange
    if not named or not request.approvals:
        return request
    grant = station.approval(request.approvals[0], request.till, request.uid)
    return request if grant is None else replace(request, cashier=grant.person)


def approval_fault(station: Station, request: Request, rules: PackRules) -> Fault | None:
    """An approval that is missing although the pack does not speak of it: what only a senior may do on a page
    needs one here. The second half of an exchange was approved with the first.
    """
    if request.kind == "refund" and request.content.exchange:
        return None
    for purpose in purposes_of(request):
        role = needed_role(purpose, rules)
        if role == CASHIER or rules.role_for(purpose) is not None:
            continue
        grants = [station.approval(one, request.till, request.uid) for one in request.approvals]
        if not any(grant is not None and grant.purpose == purpose for grant in grants):
            return Fault("till.approval-needed", purpose=purpose, role=role)
    return None


def require_approvals(approvals: Sequence[str], purpose: str, rules: PackRules) -> None:
    """Raises FaultError: till.approval-needed if there is none."""
    if not approvals:
        raise FaultError(Fault("till.approval-needed", purpose=purpose, role=needed_role(purpose, rules)))
