"""Where a search for goods may begin: at every word of a name, and in Chinese, which is written without
spaces, at every character.
"""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff]+")

LONGEST_WORD = 24
LONGEST_NAME = 48
"""Letters of a word, and of a name, that count; nobody types more."""


def whole(folded: str) -> str:
    """How a whole folded name stands among the beginnings: no word begins with the same mark."""
    return f"^{folded[:LONGEST_NAME]}"


def beginnings(folded: str) -> tuple[str, ...]:
    """Where a search may begin in a folded text: at every word, and in Chinese at every character; sorted."""
    words = set(folded.split())
    for run in _HAN.findall(folded):
        words.update(run[at:] for at in range(len(run)))
    return tuple(sorted({word[:LONGEST_WORD] for word in words}))
