"""The approval component: somebody with the right types number and PIN into a dialog of the page at hand.

    {% approval operation.uid "refund" "refund-form" %}

stands outside the form with that id. It puts a hidden field `approval` into that form; when the form is sent
without a grant the dialog opens, and when the grant is there the form goes on by itself. What comes with the
form (`granted(request)`) is handed to the station as `Request.approvals`; only the station decides whether it
holds. A page that needs two people includes it twice, the second time with another `key`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tillwright.kernel.fault import Fault, FaultError
from tillwright.kernel.keys import uid_from_text
from tillwright.people import approvals
from tillwright.people.approvals import Approved, Asked
from tillwright.people.models import Account
from tillwright.people.rules import ADMINISTRATOR, APPROVABLE, may, needed_role
from tillwright.web import current, looks, strip
from tillwright.web.words import say

FIELD = "approval"
"""The name of the hidden field."""
LONGEST_KEY = 24
MOST_GRANTS = 4
LONGEST_GRANT = 64

TITLES: dict[str, str | Promise] = {
    "refund": _("Approve the refund"),
    "void": _("Approve cancelling the receipt"),
    "exchange": _("Approve the exchange"),
    "discount": _("Approve the discount"),
    "ruling": _("Approve how the receipt is settled"),
    "cash-out": _("Approve taking cash out"),
    "correction": _("Approve the correction"),
    "consent": _("Approve"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One approval on a page: for what, and where it stands there."""

    operation: str
    purpose: str
    key: str

    @property
    def identity(self) -> str:
        """What the elements of this part are called on the page."""
        return f"approval-{self.key}"

    @property
    def title(self) -> str | Promise:
        """What is to be approved."""
        return TITLES[self.purpose]

    @property
    def by_administrator(self) -> bool:
        """Whether only an administrator may."""
        return needed_role(self.purpose, current.place().rules) == ADMINISTRATOR


def content(request: HttpRequest, part: Part, number: str = "", fault: Fault | None = None) -> dict[str, Any]:
    """What the dialog shows. The person who is signed in has typed their number already, if they may."""
    user = request.user
    own = isinstance(user, Account) and may(user.role, part.purpose, current.place().rules)
    return {
        "part": part,
        "number": number or (user.cashier if own and isinstance(user, Account) else ""),
        "said": say(fault, looks.language()) if fault else None,
        "wait_ms": fault.facts.get("wait_ms", 0) if fault else 0,
    }


def granted(request: HttpRequest) -> tuple[str, ...]:
    """The grants that came with a form, for `Request.approvals`."""
    sent = [one for one in request.POST.getlist(FIELD) if 0 < len(one) <= LONGEST_GRANT]
    return tuple(dict.fromkeys(sent[:MOST_GRANTS]))


@never_cache
@sensitive_post_parameters("pin")
@require_POST
def approve(request: HttpRequest) -> HttpResponse:
    """Number and PIN from the dialog: a grant for the page's script, or the dialog again, saying why not."""
    part, till = _part(request), strip.till_of(request)
    if till is None:
        raise FaultError(Fault("api.wrong-till", till="—"))
    number = request.POST.get("number", "")[:16]
    asked = Asked(number, request.POST.get("pin", ""), part.operation, part.purpose, till.id)
    try:
        approved = approvals.approve(current.station(), asked, current.place().rules, current.now_ms())
    except FaultError as error:
        return _again(request, part, number, error.fault)
    return _granted(approved)


def _part(request: HttpRequest) -> Part:
    """What the dialog is about. Raises FaultError(api.malformed) for what no page of ours asks."""
    purpose, key = request.POST.get("purpose", ""), request.POST.get("key", "")
    try:
        operation = uid_from_text(request.POST.get("operation", ""))
    except ValueError:
        raise FaultError(Fault("api.malformed", reason="operation")) from None
    if purpose not in APPROVABLE:
        raise FaultError(Fault("api.malformed", reason="purpose"))
    if not (key.isascii() and key.replace("-", "").isalnum() and len(key) <= LONGEST_KEY):
        raise FaultError(Fault("api.malformed", reason="key"))
    return Part(operation, purpose, key)


def _again(request: HttpRequest, part: Part, number: str, fault: Fault) -> HttpResponse:
    status = current.place().catalogue.entry(fault.code).http_status or 422
    html = render_to_string("web/parts/approval_form.html", content(request, part, number, fault), request)
    headers = {"HX-Retarget": f"#{part.identity}-form", "HX-Reswap": "outerHTML"}
    return HttpResponse(html, status=status, headers=headers)


def _granted(approved: Approved) -> HttpResponse:
    grant = approved.grant
    told = {
        "approval": grant.id,
        "name": approved.name,
        "lasts_ms": grant.expires_ms - grant.granted_ms,
    }
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"till:approved": told})})
