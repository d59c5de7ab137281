"""A licence, and the messages that follow from it. No wires, no store.

The messages are not switched on and off: they are what a contract, a paid period, an account's balance and a
version lead to. An order that wants to see one changes the licence until it follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from tillwright.parties.licensing.messages import Asked, Code, Message, Minor, Name, Number, Text

DAY_MS = 86_400_000
SOON_MS = 14 * DAY_MS
"""So long before its end a subscription is said to be ending."""
YEAR_MS = 365 * DAY_MS
CALL = "Tillwright Licensing, +0 000 0000"
PAY = "https://licensing.tillwright.example"
PRODUCT = "Tillwright"
_OTHER_TAXPAYER = "000000000"
_OTHER_VERSION = "99.0"


class Licence(Struct, frozen=True, kw_only=True):
    """What the licensing service knows of one serial.

    `taxpayer`: as the contract has it; empty, whatever the till says. `is_known`: whether the serial stands
    in the books; `is_concluded`: whether there is a contract. `paid_until_ms`: 0 without a subscription.
    `price_minor`: what the renewal takes from the balance. `version`: the oldest that may be used; empty,
    any.
    """

    serial: Name
    taxpayer: Text = ""
    account: Name
    is_known: bool = True
    is_concluded: bool = True
    paid_until_ms: Number = 0
    balance_minor: Minor = 100_00
    price_minor: Minor = 50_00
    version: Text = ""


def new_licence(serial: str, now_ms: int) -> Licence:
    """A licence as it is given out: paid for a year."""
    account = f"{crc32(serial.encode()) % 100_000_000:08d}"
    return Licence(serial=serial, account=account, paid_until_ms=now_ms + YEAR_MS)


def messages_of(licence: Licence, asked: Asked, now_ms: int) -> list[Message]:
    """What is wrong with a licence, the gravest first."""
    if not licence.is_known:
        return [Message("sn-not-found", CALL)]
    if not licence.is_concluded:
        return [Message("contract-not-concluded", CALL)]
    return list(_found(licence, asked, now_ms))


def _found(licence: Licence, asked: Asked, now_ms: int) -> Iterator[Message]:
    if licence.taxpayer not in ("", asked.taxpayer):
        yield Message("unp-mismatch", CALL)
    left_ms = licence.paid_until_ms - now_ms
    if left_ms <= 0:
        yield Message("subscription-missing", PAY)
    elif left_ms <= SOON_MS:
        is_covered = licence.balance_minor >= licence.price_minor
        code: Code = "subscription-ending" if is_covered else "subscription-ending-no-funds"
        yield Message(code, PAY, licence.paid_until_ms)
    if _number(asked.version) < _number(licence.version):
        yield Message("update-required", CALL, None, f"{PRODUCT} {licence.version}")


def _number(version: str) -> tuple[int, ...]:
    """'1.10.2' → (1, 10, 2); what is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() and len(part) < 10 else 0 for part in version.split("."))


def showing(licence: Licence, code: Code, now_ms: int) -> Licence:
    """The licence, changed so that it leads to this message."""
    match code:
        case "sn-not-found":
            return replace(licence, is_known=False)
        case "contract-not-concluded":
            return replace(licence, is_known=True, is_concluded=False)
        case "unp-mismatch":
            return replace(licence, taxpayer=_OTHER_TAXPAYER)
        case "update-required":
            return replace(licence, version=_OTHER_VERSION)
        case "subscription-missing":
            return replace(licence, paid_until_ms=0)
    balance_minor = licence.price_minor if code == "subscription-ending" else 0
    return replace(licence, paid_until_ms=now_ms + 5 * DAY_MS, balance_minor=balance_minor)


def without(licence: Licence, code: Code, now_ms: int) -> Licence:
    """The licence, changed so that it does not lead to this message."""
    match code:
        case "sn-not-found":
            return replace(licence, is_known=True)
        case "contract-not-concluded":
            return replace(licence, is_concluded=True)
        case "unp-mismatch":
            return replace(licence, taxpayer="")
        case "update-required":
            return replace(licence, version="")
    balance_minor = max(licence.balance_minor, licence.price_minor)
    return replace(licence, paid_until_ms=now_ms + YEAR_MS, balance_minor=balance_minor)
