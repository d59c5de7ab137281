"""What somebody may have meant whose keyboard was set otherwise than they thought.

'maayj' is 'mậy' typed while the Vietnamese keyboard was off, 'ytn cdzpb' is 'нет связи' on Latin keys, 'CKO'
may be 'СКО' in Latin letters that look alike. Each reading is only a proposal: whoever knows the words decides
which of them is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillwright.catalogue.folding import fold

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
"""A Vietnamese syllable without its marks."""
_TELEX_MARK = re.compile(r"(?<=[aeiouyw])([sfrxj])(?=(?:ch|ng|nh|[cmnpt])?w?$)|w")
_VNI_MARK = re.compile(r"(?<=[a-z])[1-9]{1,2}")

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_RUSSIAN = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_LATIN = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_LOOKS = str.maketrans("ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху")


def readings(piece: str) -> Iterator[str]:
    """What a piece of text without spaces may stand for, folded; the likeliest first."""
    small = piece.casefold()
    yield from _syllables(fold(piece))
    for other in (piece.translate(_LOOKS), small.translate(_RUSSIAN), small.translate(_LATIN)):
        yield fold(other)


def _syllables(folded: str) -> Iterator[str]:
    """Telex and VNI undone, where a Vietnamese syllable comes of it."""
    for mark in (_TELEX_MARK, _VNI_MARK):
        plain = mark.sub("", folded)
        once = re.sub(r"([aeod])\1", r"\1", plain)
        if plain != folded and _SYLLABLE.fullmatch(once):
            yield once
