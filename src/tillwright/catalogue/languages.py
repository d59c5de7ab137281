"""The languages that people are spoken to in, and words in each of them.

Whatever language a browser, an account or a program asks for, one of ours answers: the same
language in another country ('vi-VN' is 'vi'), else English. A person who needs a sentence
gets one.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

LANGUAGES = ("en", "vi", "ru", "zh")
FALLBACK = "en"


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in every language."""

    en: str
    vi: str
    ru: str
    zh: str

    def text(self, language: str) -> str:
        """The text in this language, which must be one of LANGUAGES."""
        return str(getattr(self, language))

    def items(self) -> Iterator[tuple[str, str]]:
        """Each language with its text, in the order of LANGUAGES."""
        return ((language, self.text(language)) for language in LANGUAGES)


class Wordings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several texts in every language, such as the other names of a fault."""

    en: tuple[str, ...]
    vi: tuple[str, ...]
    ru: tuple[str, ...]
    zh: tuple[str, ...]

    def texts(self, language: str) -> tuple[str, ...]:
        """The texts in this language, which must be one of LANGUAGES."""
        texts: tuple[str, ...] = getattr(self, language)
        return texts


def ours(language: str) -> str:
    """The language of LANGUAGES that serves a reader of this one; any text is accepted."""
    main = language.replace("_", "-").partition("-")[0].lower()
    return main if main in LANGUAGES else FALLBACK
