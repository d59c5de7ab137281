"""Carrying an exchange out: the sale of what was chosen, then the refund of what came back.

The refund begins by itself as soon as the sale is done. If the sale is not done yet when the page is
answered, its page offers to finish the exchange; if the refund fails, the customer keeps both receipts and it
stays offered there.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tillwright.operations.model import Operation
from tillwright.operations.states import OperationState
from tillwright.till import exchanges, queries, starting
from tillwright.till.exchanges import Returned
from tillwright.till.rules import Basket, content_of
from tillwright.till.views import till_or_fault
from tillwright.web import current
from tillwright.web.current import TillPlace

SALE = "cash-sale"
REFUND = "refund"
WAIT_MS = 1_500
"""So long the press waits for the sale, so that both halves are one press as a rule."""


def take(
    request: HttpRequest, till: TillPlace, basket: Basket, returned: Returned, tendered_minor: int
) -> HttpResponse:
    """Begin the exchange of a basket. Raises FaultError: then nothing was written."""
    exchange = exchanges.exchange_of(basket, returned)
    content = content_of(basket, exchange.sale_tenders(tendered_minor), exchange=returned.refund_uid)
    sale = starting.begin(request, till, SALE, basket.uid, content)
    settled = current.station().wait(sale.uid, version=sale.version, timeout_ms=WAIT_MS) or sale
    if settled.state is not OperationState.DONE:
        return redirect("till:operation", sale.uid)
    return _take_back(request, till, settled, returned)


_DID_NOT = (OperationState.REFUSED, OperationState.UNDONE)


def unfinished(sale: Operation) -> bool:
    """Whether this is a sale whose other half has not begun, or has come to nothing."""
    if not sale.content.exchange or sale.kind != SALE:
        return False
    returned = exchanges.returned_in(queries.reader(), sale.uid)
    return returned is not None and not _begun(returned)


def _begun(returned: Returned) -> bool:
    refund = current.station().operation(returned.refund_uid)
    return refund is not None and refund.state not in _DID_NOT


@require_POST
def finish(request: HttpRequest, uid: str) -> HttpResponse:
    """Begin the refund of an exchange whose sale is done."""
    till, sale = till_or_fault(request), current.station().operation(uid)
    returned = exchanges.returned_in(queries.reader(), uid)
    if sale is None or returned is None or sale.till != till.id:
        raise Http404
    return _take_back(request, till, sale, _renewed(uid, returned))


def _renewed(uid: str, returned: Returned) -> Returned:
    """The same with another uid for the half that takes back, if its first try has come to nothing."""
    if current.station().operation(returned.refund_uid) is None or _begun(returned):
        return returned
    fresh = starting.fresh_uid()
    return current.station().write(lambda writer: exchanges.renew(writer, uid, returned, fresh))


def _take_back(request: HttpRequest, till: TillPlace, sale: Operation, returned: Returned) -> HttpResponse:
    content = exchanges.refund_half(
        exchanges.exchange_as_sold(sale, returned), returned, sale.content.currency
    )
    refund = starting.begin(request, till, REFUND, returned.refund_uid, content, second=True)
    return redirect("till:operation", refund.uid)
