"""What can be said of an unknown operation, in the words of its kind: what happened to goods and money, and
what will be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

HAPPENED, OWED, REGISTER_NOW, RETURNED = "happened", "owed", "register-now", "returned"
KEEP, CANCEL = "keep", "cancel"


@dataclass(frozen=True, slots=True)
class Saying:
    """One choice: what is said, how goods and money lie, and what is done then, step by step."""

    name: str
    title: Any
    means: Any
    done: tuple[Any, ...]


_IT_HAPPENED = _("It happened")
_REGISTER_NOW = _("It did not happen: register it now")
_BOOKED = _("The cash book takes it as done.")
_AGAIN = _("The device is asked to register it, as a new attempt of the same receipt.")
_NOTHING = _("Nothing is registered, and the cash book stays as it was.")
_CHECKED = _("It is compared with the operator's records later; if they differ, it turns red again.")

_SALE = (
    Saying(
        HAPPENED,
        _IT_HAPPENED,
        _("The device has registered it. The goods are the customer's, the money stays in the drawer."),
        (_BOOKED, _CHECKED),
    ),
    Saying(
        REGISTER_NOW,
        _REGISTER_NOW,
        _("The customer has gone with the goods, the money is in the drawer."),
        (_AGAIN, _CHECKED),
    ),
    Saying(
        RETURNED,
        _("It did not happen: goods and money are back"),
        _("The goods are on the counter, and the customer has the money back."),
        (_NOTHING, _CHECKED),
    ),
)
_PAYOUT = (
    Saying(
        HAPPENED,
        _("It happened, and the money was handed out"),
        _("The device has registered it, and the customer has the money."),
        (_BOOKED, _CHECKED),
    ),
    Saying(
        OWED,
        _("It happened, but the money was not handed out"),
        _("The device has registered it, and the money is still in the drawer."),
        (_("The sum is booked as owed to the customer. It is handed out from the receipt's page."), _CHECKED),
    ),
    Saying(
        REGISTER_NOW,
        _REGISTER_NOW,
        _("The goods are back. No money goes out before the device has registered it."),
        (_AGAIN, _CHECKED),
    ),
    Saying(
        RETURNED,
        _("It did not happen: nothing was taken back"),
        _("The customer keeps the goods, and the money stays in the drawer."),
        (_NOTHING, _CHECKED),
    ),
)
_CASH_IN = (
    Saying(
        HAPPENED,
        _IT_HAPPENED,
        _("The device has registered it, and the money is in the drawer."),
        (_BOOKED, _CHECKED),
    ),
    Saying(REGISTER_NOW, _REGISTER_NOW, _("The money is in the drawer."), (_AGAIN, _CHECKED)),
    Saying(
        RETURNED,
        _("It did not happen: the money is out of the drawer again"),
        _("The drawer holds what it held before."),
        (_NOTHING, _CHECKED),
    ),
)
_CASH_OUT = (
    Saying(
        HAPPENED,
        _IT_HAPPENED,
        _("The device has registered it, and the money has left the drawer."),
        (_BOOKED, _CHECKED),
    ),
    Saying(REGISTER_NOW, _REGISTER_NOW, _("The money has left the drawer."), (_AGAIN, _CHECKED)),
    Saying(
        RETURNED,
        _("It did not happen: the money is back in the drawer"),
        _("The drawer holds what it held before."),
        (_NOTHING, _CHECKED),
    ),
)

SAYINGS: Mapping[str, tuple[Saying, ...]] = {
    "cash-sale": _SALE,
    "refund": _PAYOUT,
    "void": _PAYOUT,
    "cash-in": _CASH_IN,
    "cash-out": _CASH_OUT,
}
"""Kind → what can be said of it."""

SURPLUS = Saying(
    CANCEL,
    _("Take the second document back"),
    _("The device has registered this twice. The customer has bought it once."),
    (
        _("The device is asked to take the document back that is too many."),
        _("The cash book keeps it once."),
    ),
)
KEPT = Saying(
    KEEP,
    _("It stands"),
    _("The device holds it after all. If goods and money went back, take it back afterwards as a refund."),
    (_BOOKED,),
)
