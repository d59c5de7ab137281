"""Beginning an operation for a program: from what was sent to the request that the station takes.

What was left out is filled in (the name of goods comes from the master data), and card numbers in names are
masked, before anything keeps them. Repeating a request must mean the same operation even when the master data
has changed in between; so a repetition is filled in from the operation that it began, and then compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET

from tillwright.journal.station import Station
from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.masking import looks_like_card, mask_cards
from tillwright.operations.guards import Request, content_fault
from tillwright.operations.model import Content, Line, Operation, Tender
from tillwright.till import queries
from tillwright.till.api_call import settled
from tillwright.till.api_who import PROGRAM, approval_fault, in_whose_name
from tillwright.till.api_wire import NewLine, NewOperation
from tillwright.web.current import Place

LONGEST_GOODS_NUMBER = 14
"""The longest number that goods have (GTIN-14); a longer one with a check digit is taken for a card's."""


def begin(station: Station, place: Place, till: str, sent: NewOperation, wait_ms: int) -> Operation:
    """The operation that was asked for: begun now, or the one that the same request has begun before. As it
    is when it is settled, or when the time to wait is over.

    Raises FaultError; then nothing was written.
    """
    if sent.till is not UNSET and sent.till != till:
        raise FaultError(Fault("api.wrong-till", till=sent.till))
    try:
        request = in_whose_name(station, _first_request(station, place, till, sent))
        fault = approval_fault(station, request, place.rules)
        if fault is not None:
            raise FaultError(fault)
        return station.start(request, settled, wait_ms)
    except FaultError:
        known = station.operation(sent.uid)
        if known is None or known.till != till:
            raise
    again = request_of(till, sent, [line.name for line in known.content.lines])
    return station.start(again, settled, wait_ms)


def _first_request(station: Station, place: Place, till: str, sent: NewOperation) -> Request:
    if sent.parent is not UNSET:
        return request_of(till, sent, _names_of_parent(station, sent))
    lines = sent.lines or ()
    known = _known_names(place, sent, lines)
    request = request_of(till, sent, [known.get(line.goods, line.goods) for line in lines])
    fault = _goods_fault(place, lines, known)
    if fault is not None:
        raise FaultError(_earlier_fault(place, request) or fault)
    return request


def _names_of_parent(station: Station, sent: NewOperation) -> list[str]:
    """What comes back is called as it was sold, at whichever till that was."""
    parent = station.operation(sent.parent or "")
    sold = parent.content.lines if parent is not None else ()
    numbers = [0 if line.of is UNSET else line.of for line in sent.lines or ()]
    return [sold[number - 1].name if 0 < number <= len(sold) else "" for number in numbers]


def request_of(till: str, sent: NewOperation, names: Sequence[str]) -> Request:
    """What the station is asked; `names` serve for lines that were sent without one."""
    told = sent.lines or ()
    otherwise = [*names, *[""] * (len(told) - len(names))]
    lines = tuple(_line(line, name) for line, name in zip(told, otherwise, strict=False))
    content = Content(
        currency=sent.currency,
        total_minor=_total_minor(sent, lines),
        lines=lines,
        tenders=tuple(Tender(tender.kind, tender.amount_minor) for tender in sent.tenders or ()),
        parent=sent.parent or "",
        exchange=sent.exchange or "",
        shift=sent.shift or 0,
        reason=mask_cards(sent.reason or ""),
        count=sent.count or "",
        after=sent.after or 0,
    )
    return Request(sent.uid, till, sent.kind, PROGRAM, content, tuple(sent.approvals or ()))


def _total_minor(sent: NewOperation, lines: Sequence[Line]) -> int:
    if sent.total_minor is not UNSET:
        return sent.total_minor
    if lines:
        return sum(line.total_minor for line in lines)
    return sum(tender.amount_minor for tender in sent.tenders or ())


def _line(line: NewLine, otherwise: str) -> Line:
    return Line(
        goods=line.goods,
        name=otherwise if line.name is UNSET else mask_cards(line.name),
        quantity_milli=1000 if line.quantity_milli is UNSET else line.quantity_milli,
        total_minor=line.total_minor,
        price_minor=None if line.price_minor is UNSET else line.price_minor,
        of=0 if line.of is UNSET else line.of,
        discount_minor=0 if line.discount_minor is UNSET else line.discount_minor,
    )


# ── the master data ───────────────────────────────────────────────────────────────────────────────


def _known_names(place: Place, sent: NewOperation, lines: Sequence[NewLine]) -> dict[str, str]:
    """Code → name of those of the goods that are sold here, as far as that matters."""
    if len(lines) > place.rules.maximum_lines:
        return {}  # it will be refused for that; 100,000 lines are not worth 100,000 looks
    asked = [line.goods for line in lines if line.name is UNSET or not place.open_goods]
    if not asked:
        return {}
    offers = queries.offers(queries.reader(), asked, sent.currency, place.languages[0])
    return {code: offer.name for code, offer in offers.items()}


def _goods_fault(place: Place, lines: Sequence[NewLine], known: Mapping[str, str]) -> Fault | None:
    """Goods that are not sold here. A station that another system feeds takes them as they come, but for
    codes that are a card's number.
    """
    for number, line in enumerate(lines, start=1):
        if line.goods in known:
            continue
        if not place.open_goods:
            return Fault("till.unknown-goods", goods=mask_cards(line.goods))
        if len(line.goods) > LONGEST_GOODS_NUMBER and looks_like_card(line.goods):
            return Fault("till.line-invalid", line=number, reason="goods")
    return None


def _earlier_fault(place: Place, request: Request) -> Fault | None:
    """What the station would say first: goods are known by their price in the till's own currency."""
    till = place.till(request.till)
    if till is not None and till.currency != request.content.currency:
        return Fault("till.wrong-currency", currency=request.content.currency)
    return content_fault(request.kind, request.content, place.rules)
