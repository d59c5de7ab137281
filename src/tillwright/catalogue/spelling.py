"""What somebody may have meant whose keyboard was set otherwise than they thought, or who was in a hurry.

'maayj' is 'mậy' typed while the Vietnamese keyboard was off, 'ytn cdzpb' is 'нет связи' on Latin keys, 'CKO'
may be 'СКО' in Latin letters that look alike, 'matketnoi' lacks its spaces, 'mạg' is the 'mạng' of a chat.
Each reading is only a proposal: whoever knows the words decides which of them is one. Only the short forms,
'ko' for 'không', are always written out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from tillwright.catalogue.folding import fold
from tillwright.catalogue.traditional import SIMPLIFIED

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
"""A Vietnamese syllable without its marks."""
_TELEX_MARK = re.compile(r"(?<=[aeiouyw])[sfrxj](?=(?:ch|ng|nh|[cmnpt])?w?$)|(?<=[a-z])[sfrxj]$|w")
_VNI_MARK = re.compile(r"(?<=[a-z])[1-9]{1,2}")
_TWICE = re.compile(r"([aeod])\1")
_CHATTED = {"z": ("v", "d", "gi"), "w": ("qu",), "j": ("gi",), "k": ("c",), "f": ("ph",)}
"""First letters that stand for others in chats; and 'g' at the end for 'ng'."""

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_RUSSIAN = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_LATIN = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_LOOKS = str.maketrans("ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху")

_SHORT = {
    "k": "khong", "ko": "khong", "hok": "khong", "khg": "khong", "dc": "duoc", "mk": "mat khau",
    "tk": "tai khoan", "kq": "ket qua", "bt": "binh thuong", "nv": "nhan vien", "trc": "truoc",
    "j": "gi", "bik": "biet", "lun": "luon", "nx": "nua", "ntn": "nhu the nao", "hum": "hom",
    "hnay": "hom nay", "hqua": "hom qua", "cty": "cong ty", "ql": "quan ly", "qly": "quan ly",
    "ktra": "kiem tra", "sdt": "so dien thoai", "hthong": "he thong", "dthoai": "dien thoai",
    "pw": "password", "pwd": "password",  # nosec B105  # a word, and what people shorten it to
    "acct": "account", "msg": "message", "conn": "connection", "err": "error", "db": "database",
    "docs": "documents",
    "cannot": "can not", "cant": "can not", "dont": "do not", "doesnt": "does not", "isnt": "is not",
    "wont": "will not", "didnt": "did not", "wasnt": "was not", "couldnt": "could not",
    "инет": "интернет", "комп": "компьютер", "прога": "программа", "симка": "сим карта", "тел": "телефон",
}  # fmt: skip
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")

_SHORTEST_PART = 2
_SHORTEST_JOINED = 6
_LONGEST_JOINED = 40
_LETTERS_A_PART = 2.6


def words(text: str) -> list[str]:
    """The folded words of a text, short forms written out, Chinese in simplified characters."""
    return [word for piece in text.split() for word in _words(piece)]


@lru_cache(maxsize=4096)
def _words(piece: str) -> tuple[str, ...]:
    found = fold(_APOSTROPHE.sub("", piece)).translate(SIMPLIFIED).split()
    return tuple(word for one in found for word in _SHORT.get(one, one).split())


def other_keys(piece: str) -> Iterator[str]:
    """A piece of text without spaces, read as typed on other keys or with letters that look alike."""
    small = piece.casefold()
    yield piece.translate(_LOOKS)
    if small.isascii():
        yield small.translate(_RUSSIAN)
    yield small.translate(_LATIN)


def without_typed_marks(word: str) -> Iterator[str]:
    """A folded word with Telex and VNI undone, where a Vietnamese syllable comes of it."""
    for mark in (_TELEX_MARK, _VNI_MARK):
        plain = _TWICE.sub(r"\1", mark.sub("", word))
        if plain != word and _SYLLABLE.fullmatch(plain):
            yield plain


def as_chatted(word: str) -> Iterator[str]:
    """A folded word of a chat ('zo' is 'vô', 'mạg' 'mạng') written out, where a Vietnamese syllable comes of
    it.
    """
    whole = word[:-1] + "ng" if word.endswith("g") and not word.endswith("ng") else word
    starts = _CHATTED.get(whole[:1], ())
    for plain in (whole, *(start + whole[1:] for start in starts)):
        if plain != word and _SYLLABLE.fullmatch(plain):
            yield plain


def parted(word: str, known: Collection[str]) -> list[str]:
    """The known words that a word without spaces is made of, as few as possible; [] if there are none."""
    if not _SHORTEST_JOINED <= len(word) <= _LONGEST_JOINED:
        return []
    best: list[list[str] | None] = [[]]
    for end in range(1, len(word) + 1):
        ways = [
            [*before, word[start:end]]
            for start in range(end - _SHORTEST_PART + 1)
            if (before := best[start]) is not None and word[start:end] in known
        ]
        best.append(min(ways, key=len, default=None))
    parts = best[-1] or []
    return parts if len(word) >= _LETTERS_A_PART * len(parts) else []
