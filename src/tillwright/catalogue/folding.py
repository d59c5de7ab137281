"""Folding: texts as people type them in a hurry, brought to one form.

'Bánh mì', 'banh mi' and 'BÁNH MÌ' are the same to somebody who searches. So marks are dropped, letters made
small and forms that look alike made one, in what is kept and in what is typed. `fold` does that for goods and
faults alike. `one_form` goes further, for sentences: Russian in its own letters and in Latin ones, and the
common ways of writing the same sound, become one spelling. It is not meant to be read by anybody.
"""

from __future__ import annotations

import re
import unicodedata

_ALIKE = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")

_CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
        "ю": "yu", "я": "ya", "і": "i", "ў": "u",
    }
)  # fmt: skip
_SOUNDS = str.maketrans({"j": "i", "y": "i", "w": "v"})
_VARIANTS = {"shch": "sh", "sch": "sh", "kh": "h", "ph": "f", "ts": "c", "ia": "a", "iu": "u"}
_VARIANT = re.compile("|".join(_VARIANTS))
_TWICE = re.compile(r"([^\W\d_])\1+")


def fold(text: str) -> str:
    """A text without marks and capitals, its words parted by single spaces."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(letters.translate(_ALIKE)))


def one_form(folded: str) -> str:
    """A folded text in one spelling: Cyrillic in Latin letters ('связь', 'svyaz' and 'sviaz' are one), sounds
    that are written in several ways in one of them, no letter twice in a row ('conection', 'khoong').
    """
    sounds = folded.translate(_CYRILLIC).translate(_SOUNDS)
    once = _TWICE.sub(r"\1", sounds)
    return _TWICE.sub(r"\1", _VARIANT.sub(lambda found: _VARIANTS[found[0]], once))
