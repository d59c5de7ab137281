"""Beginning any operation from a page: the uid that the page was given, who asks, what was approved.

A page that asks for an operation gets a uid with it, so that a second press, a reload or another tab lead to
the same one. What is refused is said on the page that asked, and what was typed there stays.
"""

from __future__ import annotations

import os
import re

from django.http import HttpRequest

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_bytes
from tillwright.operations.guards import Request
from tillwright.operations.model import Content, Operation
from tillwright.people.models import Account
from tillwright.people.rules import may
from tillwright.till import queries
from tillwright.till.views import cashier_of
from tillwright.web import current
from tillwright.web.approving import granted
from tillwright.web.current import TillPlace

_NOT_APPROVED = frozenset({"till.approval-needed", "till.approval-invalid", "till.second-person-needed"})
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fresh_uid() -> str:
    """A uid for an operation that a page may ask for."""
    return uid_from_bytes(os.urandom(16))


def uid_of(request: HttpRequest) -> str:
    """The uid that the page was given; a fresh one for a page that is drawn for the first time, and in place
    of a basket's: that one is kept for the sale of the basket.
    """
    given = request.POST.get("uid", "")
    ours = _UID.fullmatch(given) and queries.till_of_basket(queries.reader(), given) is None
    return given if ours else fresh_uid()


def role_of(request: HttpRequest) -> str:
    """The role of the person who is signed in."""
    user = request.user
    return str(user.role) if isinstance(user, Account) else ""


def begin(
    request: HttpRequest, till: TillPlace, kind: str, uid: str, content: Content, *, second: bool = False
) -> Operation:
    """Journal the operation and begin it; the one that there is already, for a uid that has begun. `second`:
    it is the other half of one that was approved with this very form, and needs no approval of its own.

    Raises FaultError: then nothing was written.
    """
    approvals = () if second else granted(request)
    wanted = Request(uid, till.id, kind, cashier_of(request), content, approvals, role_of(request))
    try:
        return current.station().start(wanted)
    except FaultError as error:
        known = current.station().operation(uid) if error.fault.code == "api.uid-reused" else None
        if known is None:
            raise
        return known


def needs_approval(request: HttpRequest, purpose: str, fault: Fault | None = None) -> bool:
    """Whether somebody else has to approve what the person who is signed in asks for; always, where that
    was what it was refused for.
    """
    rules = current.place().rules
    if rules.role_for(purpose) is None:
        return False
    refused = fault is not None and fault.code in _NOT_APPROVED
    return refused or not may(role_of(request), purpose, rules)
