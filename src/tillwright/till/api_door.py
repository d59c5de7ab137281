"""The door of the API: programs go past everything that is made for people.

Sessions, languages, forms and their protection cost more than a sale is allowed to; a program shows a token
and has none of them. So this stands before all other middleware, and whatever comes out of it below /api is
JSON: an unknown address, a wrong method and a bug too.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from tillwright.kernel.fault import Fault
from tillwright.till import api_problems

Next = Callable[[HttpRequest], HttpResponseBase]

PREFIX = "/api"


class Programs:
    """Answers what begins with /api; lets everything else go on."""

    def __init__(self, get_response: Next) -> None:
        self._pages = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """One answer."""
        address = request.path_info
        if not address.startswith(PREFIX) or address[len(PREFIX) : len(PREFIX) + 1] not in ("", "/"):
            return self._pages(request)
        try:
            response = self._answer(request)
        except Exception as error:  # the outermost place: nothing but a problem leaves from here
            response = api_problems.record_and_answer(request, error)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return api_problems.problem(request, Fault("api.not-found"))
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        if response.status_code == 405 and isinstance(response, HttpResponse):
            allowed = [method.strip() for method in response.headers["Allow"].split(",")]
            return api_problems.method_not_allowed(request, allowed)
        return response
