"""Handing out what is owed: a refund was registered, and its money stayed in the drawer.

That is what a person said who settled it. The refund's page offers the money until it has been handed out,
once and as a whole; the device has counted it with the refund, so only the book moves.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tillwright.operations.kinds import in_cash_minor
from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import contents, starting
from tillwright.till.views import till_or_fault
from tillwright.web import current

PAYOUT = "payout"


def owed_minor(refund: Operation) -> int:
    """What of it is still to be handed out; 0 for what owes nothing, or nothing any more."""
    if not refund.owed or refund.state is not OperationState.DONE:
        return 0
    return min(in_cash_minor(refund.content), current.station().refundable(refund.uid).left_minor)


@require_POST
def hand_out(request: HttpRequest, uid: str) -> HttpResponse:
    """Book the money as handed out; the page of that says to give it. Raises FaultError."""
    till, refund = till_or_fault(request), current.station().operation(uid)
    if refund is None or refund.till != till.id or not refund.owed:
        raise Http404
    content = contents.payout_content(refund, owed_minor(refund))
    paid = starting.begin(request, till, PAYOUT, starting.uid_of(request), content)
    return redirect("till:operation", paid.uid)
