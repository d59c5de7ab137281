"""What every template can name besides its own view's values."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tillwright.web import current, looks, strip


def page(request: HttpRequest) -> dict[str, Any]:
    """`place`, `looks` (language, theme, what can be chosen), `till` and the `strip`, made when a
    template asks.
    """
    code = looks.language()
    return {
        "place": current.place(),
        "language": code,
        "html_language": looks.html_language(code),
        "languages": looks.languages(),
        "theme": looks.theme(request),
        "themes": looks.THEMES,
        "till": strip.till_of(request),
        "strip": SimpleLazyObject(lambda: strip.of_request(request)),
    }
