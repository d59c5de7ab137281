"""Who may call which address: one row for each, and a test that none is missing.

A row says who may call it and, where it names somebody's object (an operation, a basket), whether a person at
another till may see that and change it. A new address needs a row here before anything else passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

ANYONE = frozenset({"stranger", "cashier", "senior", "administrator", "program"})
PERSON = frozenset({"cashier", "senior", "administrator"})
PROGRAM = frozenset({"program"})


@dataclass(frozen=True, slots=True)
class Row:
    """Who may call an address; at another till, whether its object may be `seen` and `changed`."""

    who: frozenset[str]
    seen: bool = False
    changed: bool = False


_PEOPLE = Row(PERSON)
_OF_THE_SHOP = Row(PERSON, seen=True)
"""Every till may look at every receipt: a customer comes back to whichever is free."""
_TOKEN = Row(PROGRAM)
_OPEN = Row(ANYONE)
_ADMINISTRATORS = Row(frozenset({"administrator"}))

ROWS: dict[str, Row] = {
    # the base
    "sign-in": _OPEN,
    "sign-out": _PEOPLE,
    "approve": _PEOPLE,
    "language": _OPEN,
    "theme": _OPEN,
    "live": _PEOPLE,
    "settings/people": Row(frozenset({"administrator"})),
    "settings/people/new": Row(frozenset({"administrator"})),
    "settings/people/<int:number>": Row(frozenset({"administrator"})),
    "healthz": _OPEN,
    "readyz": _OPEN,
    "styleguide": _OPEN,  # only in a demo
    # selling
    "": _PEOPLE,
    "goods": _PEOPLE,
    "basket": _PEOPLE,
    "basket/add": _PEOPLE,
    "basket/quantity": _PEOPLE,
    "basket/remove": _PEOPLE,
    "basket/cancel": _PEOPLE,
    "basket/discount": _PEOPLE,
    "basket/park": _PEOPLE,
    "parked": _PEOPLE,
    "parked/<str:uid>/resume": _PEOPLE,
    "parked/<str:uid>/cancel": _PEOPLE,
    "pay": _PEOPLE,
    # operations
    "operations": _PEOPLE,
    "operations/<str:uid>": _OF_THE_SHOP,
    "operations/<str:uid>/live": _OF_THE_SHOP,
    "operations/<str:uid>/continue": _PEOPLE,
    "operations/<str:uid>/give-up": _PEOPLE,
    "operations/<str:uid>/again": _PEOPLE,
    "operations/<str:uid>/settle": _PEOPLE,
    "operations/<str:uid>/settle/steps": _PEOPLE,
    "operations/<str:uid>/settle/ask": _PEOPLE,
    "operations/<str:uid>/receipt": _OF_THE_SHOP,
    "operations/<str:uid>/print": Row(PERSON, seen=True, changed=True),  # a copy, wherever the customer is
    "shift/close": _PEOPLE,
    "shifts": _PEOPLE,
    "shift/report": _PEOPLE,
    "data": _PEOPLE,
    "data/figures": _PEOPLE,
    "undelivered": _PEOPLE,
    "undelivered/deliver": _PEOPLE,
    "settings": _PEOPLE,
    "settings/printer": _PEOPLE,
    "settings/audit": _ADMINISTRATORS,
    "settings/correction": _ADMINISTRATORS,
    "newest": _PEOPLE,
    "newest/receipt": _PEOPLE,
    "shift/open": _PEOPLE,
    "shift/open/check": _PEOPLE,
    "cash/in": _PEOPLE,
    "cash/out": _PEOPLE,
    "operations/<str:uid>/exchange/finish": _OF_THE_SHOP,
    "operations/<str:uid>/hand-out": _OF_THE_SHOP,
    "operations/<str:uid>/refund": _OF_THE_SHOP,
    "operations/<str:uid>/refund/scanned": _OF_THE_SHOP,
    "operations/<str:uid>/void": _OF_THE_SHOP,
    "operations/<str:uid>/exchange": _OF_THE_SHOP,
    # faults: whoever works in the shop may mend what is broken at any till of it
    **{
        f"diagnoses/<str:uid>{more}": _OF_THE_SHOP
        for more in (
            "",
            "/card",
            "/record",
            "/answer",
            "/done",
            "/agree",
            "/verified",
            "/look-again",
            "/undo",
            "/hand-over",
            "/leave",
            "/come-back",
            "/escalate",
            "/close",
        )
    },
    "diagnoses": _PEOPLE,
    "diagnoses/start": _PEOPLE,
    "diagnoses/part/<str:part>": _PEOPLE,
    "faults": _PEOPLE,
    "faults/it-was": _PEOPLE,
    "faults/words": _ADMINISTRATORS,
    "faults/words/<int:identity>": _ADMINISTRATORS,
    "what-to-do/<str:code>": _OPEN,  # what ships with the program, for who cannot sign in
    "status": _PEOPLE,
    "status/parts": _PEOPLE,
    "status/look": _PEOPLE,
    "status/part/<str:part>": _PEOPLE,
    "runbooks/<str:code>": _PEOPLE,
    "runbooks/<str:code>/edit": _ADMINISTRATORS,
    "runbooks/<str:code>/versions/<int:version>": _ADMINISTRATORS,
    # the switchboard, which exists only in a demo that has twins
    "switchboard/": _OPEN,
    "switchboard/truth": _OPEN,
    "switchboard/twins/<str:name>/press": _OPEN,
    "switchboard/twins/<str:name>/turn": _OPEN,
    "switchboard/twins/<str:name>/slips/<int:number>": _OPEN,
    "switchboard/tills/<str:till>/story": _OPEN,
    "switchboard/tills/<str:till>/well": _OPEN,
    "switchboard/practice": _OPEN,
    "switchboard/tills/<str:till>/practice": _OPEN,
    "switchboard/tills/<str:till>/practice/act": _OPEN,
    "switchboard/operator": _OPEN,
    "switchboard/operator/judge": _OPEN,
    "switchboard/operator/accept": _OPEN,
    "switchboard/licensing": _OPEN,
    "switchboard/licensing/say": _OPEN,
    "switchboard/licensing/well": _OPEN,
    # programs
    "api/v1/": _OPEN,  # answers that it is nothing
    "api/v1/openapi.json": _OPEN,
    "api/v1/docs": _OPEN,
    "api/v1/docs/<name>": _OPEN,
    "api/v1/operations": _TOKEN,
    "api/v1/operations/newest": _TOKEN,
    "api/v1/operations/<uid>": _TOKEN,
    "api/v1/operations/<uid>/continue": _TOKEN,
    "api/v1/operations/<uid>/give-up": _TOKEN,
    "api/v1/operations/<uid>/receipt": _TOKEN,
    "api/v1/operations/<uid>/print": _TOKEN,
    "api/v1/operations/<uid>/refundable": _TOKEN,
    "api/v1/operations/<uid>/cancel": _TOKEN,
    "api/v1/operations/<uid>/rulings": _TOKEN,
    "api/v1/operations/<uid>/enquiries": _TOKEN,
    "api/v1/operations/<uid>/enquiries/<number>": _TOKEN,
    "api/v1/receipts/<number>": _TOKEN,
    "api/v1/approvals": _TOKEN,
    "api/v1/till": _TOKEN,
    "api/v1/till/cash": _TOKEN,
    "api/v1/till/count": _TOKEN,
    "api/v1/till/count/open": _TOKEN,
    "api/v1/till/count/reason": _TOKEN,
    "api/v1/till/release": _TOKEN,
    "api/v1/till/correction/hold": _TOKEN,
    "api/v1/till/parties/check": _TOKEN,
    "api/v1/till/warning": _TOKEN,
    "api/v1/till/report": _TOKEN,
    "api/v1/shifts": _TOKEN,
    "api/v1/shifts/<number>": _TOKEN,
    "api/v1/shifts/<number>/report": _TOKEN,
    "api/v1/documents": _TOKEN,
    "api/v1/events": _TOKEN,
    # about faults: the token of a till, or the pass of who can read the station's folder
    "api/v1/diagnoses": _TOKEN,
    "api/v1/diagnoses/<uid>": _TOKEN,
    "api/v1/diagnoses/<uid>/events": _TOKEN,
    "api/v1/diagnoses/<uid>/changes": _TOKEN,
    "api/v1/diagnoses/<uid>/answers": _TOKEN,
    "api/v1/diagnoses/<uid>/remedies": _TOKEN,
    "api/v1/diagnoses/<uid>/verifications": _TOKEN,
    "api/v1/diagnoses/<uid>/undo": _TOKEN,
    "api/v1/diagnoses/<uid>/hand-over": _TOKEN,
    "api/v1/diagnoses/<uid>/leave": _TOKEN,
    "api/v1/diagnoses/<uid>/resume": _TOKEN,
    "api/v1/diagnoses/<uid>/escalate": _TOKEN,
    "api/v1/diagnoses/<uid>/close": _TOKEN,
    "api/v1/faults": _TOKEN,
    "api/v1/faults/words": _TOKEN,
    "api/v1/faults/<code>": _TOKEN,
    "api/v1/status": _TOKEN,
    "api/v1/status/look": _TOKEN,
    "api/v1/problems/<code>": _OPEN,
}


def addresses() -> set[str]:
    """Every address of the project, as its pattern."""
    return set(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from _walk(found, before + str(found.pattern))
        elif isinstance(found, URLPattern):
            yield before + str(found.pattern)


def pages() -> list[str]:
    """The addresses for people."""
    return sorted(one for one in addresses() & ROWS.keys() if not one.startswith("api/"))


def programs() -> list[str]:
    """The addresses for programs."""
    return sorted(one for one in addresses() & ROWS.keys() if one.startswith("api/"))


def filled(address: str, **values: str) -> str:
    """The address with these values in its places, and something that is nobody's in all others."""
    for place in ("<str:uid>", "<uid>"):
        address = address.replace(place, values.get("uid", "00000000-0000-4000-8000-00000000abcd"))
    for place, otherwise in (
        ("<int:number>", "8"),
        ("<str:serial>", "NONE"),
        ("<code>", "api.internal"),
        ("<name>", "none"),
        ("<str:code>", "fiscal.sko-disconnected"),
        ("<str:part>", "control"),
        ("<int:identity>", "1"),
        ("<int:version>", "0"),
    ):
        address = address.replace(place, otherwise)
    return "/" + address
