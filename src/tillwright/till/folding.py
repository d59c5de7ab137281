"""Folding: names as people type them in a hurry.

'Bánh mì', 'banh mi' and 'BÁNH MÌ' are the same to somebody who searches. So marks are dropped, letters made
small and forms that look alike made one, in the names when they are stored and in the words when they are
typed. Chinese is written without spaces, so there a word may begin at any character.
"""

from __future__ import annotations

import re
import unicodedata

_ALIKE = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")

LONGEST_WORD = 24
LONGEST_NAME = 48
"""Letters of a word, and of a name, that count; nobody types more."""


def fold(text: str) -> str:
    """A text without marks and capitals, its words parted by single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(letters.translate(_ALIKE)))


def whole(folded: str) -> str:
    """How a whole folded name stands among the beginnings: no word begins with the same mark."""
    return f"^{folded[:LONGEST_NAME]}"


def beginnings(folded: str) -> tuple[str, ...]:
    """Where a search may begin in a folded text: at every word, and in Chinese at every character; sorted."""
    words = set(folded.split())
    for run in _HAN.findall(folded):
        words.update(run[at:] for at in range(len(run)))
    return tuple(sorted({word[:LONGEST_WORD] for word in words}))
