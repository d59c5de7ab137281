"""Pages that not everybody may see: `@needs("people")` stands over a view and names the purpose.

people/rules.py says which role a purpose needs; a pack may ask for more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from tillwright.kernel.fault import Fault, FaultError
from tillwright.people.models import Account
from tillwright.people.rules import may
from tillwright.web import current

View = Callable[..., HttpResponseBase]


def allowed(request: HttpRequest, purpose: str) -> bool:
    """Whether the person who is signed in may do this without anybody else."""
    user = request.user
    return isinstance(user, Account) and may(user.role, purpose, current.place().rules)


def needs(purpose: str) -> Callable[[View], View]:
    """A view for those only who may do this; all others get people.not-allowed (403)."""

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
            if not allowed(request, purpose):
                raise FaultError(Fault("people.not-allowed"))
            return view(request, *given, **named)

        return guarded

    return around
