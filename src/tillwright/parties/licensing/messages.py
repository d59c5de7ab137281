"""The messages between a till and the licensing service: JSON bodies over HTTP.

    GET /v1/licences/SERIAL?till=…&taxpayer=…&version=…   → 200 LicenceList

What is wrong with the licence comes as messages, each with whom to call or where to pay; none means that all
is well. A question that is not understood is answered with a status of 400 or above and a Problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from msgspec import Meta, Struct

from tillwright.parties.http.exchange import as_query

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=200)]
Number = Annotated[int, Meta(ge=0, le=2**53)]
Minor = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Code = Literal[
    "contract-not-concluded",
    "update-required",
    "sn-not-found",
    "unp-mismatch",
    "subscription-missing",
    "subscription-ending",
    "subscription-ending-no-funds",
]
CODES: tuple[Code, ...] = (
    "contract-not-concluded",
    "update-required",
    "sn-not-found",
    "unp-mismatch",
    "subscription-missing",
    "subscription-ending",
    "subscription-ending-no-funds",
)
"""The seven messages."""

LICENCES = "/v1/licences/"


class Asked(Struct, frozen=True):
    """Who asks: the till, its taxpayer's number as its settings have it, the version of its software."""

    till: Name
    taxpayer: Text
    version: Text

    def target(self, serial: str) -> str:
        """The question about a serial as the target of a request."""
        return f"{LICENCES}{quote(serial, safe='')}?{as_query(self)}"


class Message(Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong. `contact`: whom to call, or where to pay; `date_ms`: when the subscription
    ends; `update`: what to install.
    """

    code: Code
    contact: Name
    date_ms: Number | None = None
    update: Text = ""


class LicenceList(Struct, frozen=True):
    """What is wrong with a licence. `account`: the personal account that the messages are about."""

    serial: Name
    asked: Asked
    account: Name
    messages: Sequence[Message]
    clock_ms: Number


class Problem(Struct, frozen=True):
    """Why a question was not answered."""

    code: Name
    reason: Text = ""
