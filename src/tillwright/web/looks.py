"""How a person wants the pages: language and theme. In a cookie before sign-in, in the account after it.

The cookie is what a page is drawn by. Signing in sets the cookies from the account; choosing sets the
cookie and, for a person who is signed in, the account too. So a till that nobody has signed in to speaks
the language it last spoke.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language

THEME_COOKIE = "theme"
COOKIE_AGE_S = 400 * 86_400
THEMES = ("auto", "light", "dark", "contrast")
_TAGS = {"zh": "zh-hans"}
_LOCALES = {"en": "en_GB", "vi": "vi_VN", "ru": "ru_RU", "zh-hans": "zh_Hans_CN"}
_HTML = {"zh-hans": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language to choose: its code, the name that its speakers give it, its tag in HTML."""

    code: str
    name: str
    html: str


def languages() -> list[Language]:
    """The languages of the pages."""
    return [Language(code, name, _HTML.get(code, code)) for code, name in settings.LANGUAGES]


def language() -> str:
    """The language of the page that is being drawn."""
    return language_or_default(get_language() or "")


def language_or_default(code: str) -> str:
    """One of the pages' languages for a code of any form ('zh', 'vi-VN'); the station's own for one that
    is none.
    """
    known = {one for one, _ in settings.LANGUAGES}
    lowered = code.lower().replace("_", "-")
    main = lowered.partition("-")[0]
    for candidate in (lowered, _TAGS.get(main, main)):
        if candidate in known:
            return candidate
    return str(settings.LANGUAGE_CODE)


def locale_of(code: str) -> str:
    """The locale whose numbers, money and times the speakers of a language expect."""
    return _LOCALES[language_or_default(code)]


def html_language(code: str) -> str:
    """The tag of a language in HTML."""
    return _HTML.get(code, code)


def theme(request: HttpRequest) -> str:
    """The theme of the page that is being drawn."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def set_language(response: HttpResponseBase, code: str) -> None:
    """Let this browser's next pages be in a language."""
    _set(response, settings.LANGUAGE_COOKIE_NAME, language_or_default(code))


def set_theme(response: HttpResponseBase, chosen: str) -> None:
    """Let this browser's next pages have a theme."""
    _set(response, THEME_COOKIE, chosen if chosen in THEMES else "auto")


def _set(response: HttpResponseBase, name: str, value: str) -> None:
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_cookie(name, value, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=secure)
