"""The door of the API: programs go past everything that is made for people.

Sessions, languages, forms and their protection cost more than a sale is allowed to; a program shows a token
and has none of them. So the door stands before Django's own application and answers below /api by itself,
with Django's requests and responses, but none of its middleware. Whatever leaves through it is JSON: an
unknown address, a wrong method and a bug too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from http.client import responses
from typing import Any, BinaryIO

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from tillwright.kernel.fault import Fault
from tillwright.till import api_problems

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

PREFIX = "/api"
LINGER_BYTES = 16_777_216
"""How much of a body that was refused is thrown away before the line is cut."""
LINGER_PIECE_BYTES = 65_536


class ProgramsFirst:
    """The whole application: programs here, everybody else by `pages`."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        address = environ.get("PATH_INFO", "")
        if not address.startswith(PREFIX) or address[len(PREFIX) : len(PREFIX) + 1] not in ("", "/"):
            return self._pages(environ, start_response)
        request = WSGIRequest(environ)
        response = answer(request)
        status = response.status_code
        start_response(f"{status} {responses.get(status, '')}", list(response.items()))
        if status >= 400 and request.method != "GET" and hasattr(request, "auth"):
            return _linger(response, environ["wsgi.input"])
        return [response.content] if isinstance(response, HttpResponse) else response


def _linger(response: HttpResponseBase, rest: BinaryIO) -> Iterator[bytes]:
    """Answer at once, then let the caller finish speaking, within bounds: most programs look for an answer
    only when they have sent everything, and would find the line cut instead. Not for strangers: one who
    speaks very slowly holds a thread.
    """
    yield from response
    for _ in range(LINGER_BYTES // LINGER_PIECE_BYTES):
        if not rest.read(LINGER_PIECE_BYTES):
            return


def answer(request: HttpRequest) -> HttpResponseBase:
    """The answer to a program."""
    try:
        response = _answer(request)
    except Exception as error:  # the outermost place: nothing but a problem leaves from here
        response = api_problems.record_and_answer(request, error)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    try:
        found = _resolve(request.path_info)
    except Resolver404:
        return api_problems.problem(request, Fault("api.not-found"))
    response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    if response.status_code == 405:
        allowed = [method.strip() for method in response.headers["Allow"].split(",")]
        return api_problems.method_not_allowed(request, allowed)
    return response


@lru_cache(64)
def _resolve(address: str) -> ResolverMatch:
    return resolve(address)
