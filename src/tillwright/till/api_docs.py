"""The page that shows the OpenAPI document: an installed viewer, served by the program itself.

Its files come out of the package that brings them, and not through the pages' assets: they are many times as
large as everything a till needs, and one reader in a hundred opens them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from django.http import HttpResponse
from django.template.loader import render_to_string

from tillwright.kernel.fault import Fault, FaultError

MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-init.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page() -> HttpResponse:
    """The page itself."""
    response = HttpResponse(render_to_string("till/api_docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def asset(name: str) -> HttpResponse:
    """One of its files. Raises FaultError(api.not-found)."""
    if name not in MEDIA_TYPES:
        raise FaultError(Fault("api.not-found"))
    response = HttpResponse(_content(name), content_type=f"{MEDIA_TYPES[name]}; charset=utf-8")
    response.headers["Cache-Control"] = "max-age=86400"
    return response


@cache
def _content(name: str) -> bytes:
    return (files("ninja") / "static" / "ninja" / name).read_bytes()
