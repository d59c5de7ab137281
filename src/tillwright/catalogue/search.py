"""Finding the fault that somebody means by the words they use for it.

A person types what the screen says, or what they call it, in any of our languages or in several at once,
without marks, misspelt, cut off. So neither words nor their order are trusted: a text is taken apart into
small pieces of three and five letters over the borders of words (in Chinese one and two characters, and how
they sound), words and pairs of words. What counts is how many rare pieces an entry shares with the query
(BM25 over all texts of the entry in all languages; each place in the entry has its own weight).

How much of the query is found in the best entry at all says whether the fault is known: 'the coffee machine
leaks' shares pieces with much, and too few with any. The same share of a longer text says more: of three
words two are found by accident, of nine hardly six. And it says less where sentences that are none of our
faults account for the text as well.

Entries of one `group` cannot be told apart by words: they are one candidate, and a question separates them.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.elsewhere import ELSEWHERE
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.folding import one_form
from tillwright.catalogue.languages import LANGUAGES, Wording
from tillwright.catalogue.spelling import as_chatted, other_keys, parted, without_typed_marks, words
from tillwright.catalogue.syllables import sound, syllables
from tillwright.catalogue.templates import FACT

LONGEST_QUERY = 240
"""Characters of a query that count."""

KNOWN = {"han": 0.47, "cyrillic": 0.44, "other": 0.45, "sounds": 0.25}
"""How much evidence it takes for words to mean one of our faults, by their letters: about nine in ten of the
sentences that are none of ours (tests/catalogue/foreign.yaml) have less. The fewer languages are written in
the same letters, the less is found by accident. What is read wholly by its sounds is Chinese for certain, and
most of its sounds are those of an entry.
"""

_one_form = lru_cache(maxsize=4096)(one_form)
_SIZES = (3, 5)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LETTER_SORTS = (("han", re.compile(r"[\u3400-\u9fff]")), ("cyrillic", re.compile(r"[\u0400-\u04ff]")))
_LETTERS = re.compile(r"[^\W\d\u3400-\u9fff]")
_NUMBER = re.compile(r"\d+")
_SOUND = "~"
_CODE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")

_SATURATION = 4.0
_LENGTH_COUNTS = 0.7
_PLACES = {"called": 3.0, "says": 2.5, "next": 1.0, "causes": 1.0, "steps": 0.5}
_KINDS = {"#": 6.0, "~": 0.5}
"""Pieces that count otherwise than letters do: numbers, sounds."""
_SMALL_NUMBER = 1.0
"""What a number of two digits counts: it is seldom a code, and often a sum, a time or a quantity."""
_LEAST_WEIGHT = 0.25
"""Pieces that say less are everywhere; they cost time and decide nothing."""
_NAMED = 1.0
_NUMBERED = 0.4
"""What is added to the score of an entry that is called exactly so, and of one that is called by a number of
the text: in a long sentence a number would be one piece among many, and it is the one that was copied.
"""
_LEAST_DIGITS = 3
_SPOKEN = 0.6
"""The part of the words, and of the pairs of sounds, that must be Chinese for a text to be read by sounds."""
_CHARACTERS_COUNT = 0.2
"""How much the characters of Chinese that an entry has count besides the score as evidence."""
_ELSEWHERE_COUNTS = 0.7
"""How much the share that sentences which are none of ours account for counts against the best entry."""
_EXTENT_COUNTS = 0.35
"""By which power of the extent of text, in strange pieces' worth, the same share of it is better evidence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, or a group of them.

    `codes`: of one entry, or of all entries of a group, the likeliest first. `group`: its name, or '' for a
    single entry. `score`: 0 to 1; how much of the words the entry accounts for. `wording`: that of the entry
    which is nearest to the words.
    """

    codes: tuple[str, ...]
    group: str
    score: float
    wording: str

    @property
    def code(self) -> str:
        """The likeliest of its codes."""
        return self.codes[0]


@dataclass(frozen=True, slots=True)
class Found:
    """`candidates`: the likeliest first; 'none of these' is always the last choice and not among them.
    `known`: whether the words mean one of our faults at all; if not, the candidates are guesses.
    """

    candidates: tuple[Candidate, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the pieces of a query say. `shares`: every entry that has one of them, and the share of the query
    that it accounts for. `elsewhere`: the share that what is none of our faults accounts for. `extent`: how
    much the query says, measured in pieces that no entry has.
    """

    shares: dict[str, float]
    elsewhere: float
    extent: float


class Index:
    """Built once from a catalogue, then asked often.

    `learnt`: code → other wordings that people used for it and somebody accepted; codes that the catalogue
    does not have are passed over. `elsewhere`: what people say that is no fault, each language apart.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        learnt: Mapping[str, Iterable[str]] | None = None,
        elsewhere: Iterable[Iterable[str]] = ELSEWHERE,
    ) -> None:
        also = learnt or {}
        self._entries = catalogue.entries
        self._codes = tuple(catalogue.entries)
        texts = {code: _read_texts(entry, also.get(code, ())) for code, entry in self._entries.items()}
        self._numbers = {code: number for number, code in enumerate(self._codes)}
        others = (_counted(("called", text, words(text)) for text in one) for one in elsewhere)
        self._pieces = _Pieces(chain((_counted(texts[code]) for code in self._codes), others))
        self._weight_unseen = math.log(2 + 2 * len(self._codes))
        self._words = frozenset(piece[1:] for piece in self._pieces.all() if _is_word(piece))
        self._called = {code: self._calls(texts[code]) for code in self._codes}
        self._called_so: dict[str, list[str]] = defaultdict(list)
        self._called_by_number: dict[str, list[str]] = defaultdict(list)
        self._groups: dict[str, list[str]] = defaultdict(list)
        for code, entry in self._entries.items():
            self._groups[entry.group or code].append(code)
            called = [read for place, _, read in texts[code] if place == "called"]
            for line in dict.fromkeys(map(_line, called)):
                self._called_so[line].append(code)
            for number in sorted(frozenset(filter(_is_number, chain.from_iterable(map(_gist, called))))):
                self._called_by_number[number].append(code)

    def _calls(self, texts: Iterable[tuple[str, str, list[str]]]) -> list[tuple[str, array[int]]]:
        """What an entry is called, each with its gist."""
        return [(text, self._pieces.known(_gist(read))) for place, text, read in texts if place == "called"]

    def find(self, text: str, limit: int = 3) -> Found:
        """The entries that these words may mean; any text is accepted."""
        asked = text[:LONGEST_QUERY]
        readings = [self._weigh(asked, read, limit) for read in self._readings(asked)]
        candidates, sureness = max(readings, key=lambda one: one[1])
        return Found(candidates, bool(candidates) and sureness >= 0)

    def _weigh(self, asked: str, read: list[str], limit: int) -> tuple[tuple[Candidate, ...], float]:
        """The entries that words may mean which are read in one way, and by how much the evidence for the
        first is more than it has to be.
        """
        query = dict.fromkeys(pieces(read))
        heard = self._heard(query)
        scores = heard.shares
        for code in dict.fromkeys(self._named(asked, read)):
            scores[code] = scores.get(code, 0.0) + _NAMED
        for code in dict.fromkeys(self._numbered(read)):
            scores[code] = scores.get(code, 0.0) + _NUMBERED
        ranked = sorted(scores, key=lambda code: (-scores[code], code))
        best = list(dict.fromkeys(self._entries[code].group or code for code in ranked))[:limit]
        gist = frozenset(self._pieces.known(_gist(read)))
        candidates = tuple(self._candidate(name, gist, scores) for name in best)
        if not candidates:
            return (), -math.inf
        spoken = all(word[0] == _SOUND for word in read)
        least = KNOWN["sounds"] if spoken else _least(asked)
        return candidates, self._evidence(candidates[0], query, heard) - least

    def _evidence(self, best: Candidate, query: Iterable[str], heard: _Heard) -> float:
        """How sure it is that the words mean this at all; what is called exactly so is meant."""
        if best.score >= 1:
            return math.inf
        share = best.score + _CHARACTERS_COUNT * self._characters_shared(best.code, query)
        return (share - _ELSEWHERE_COUNTS * heard.elsewhere) * math.pow(heard.extent, _EXTENT_COUNTS)

    def _candidate(self, name: str, gist: frozenset[int], scores: Mapping[str, float]) -> Candidate:
        codes = sorted(self._groups[name], key=lambda code: (-scores.get(code, 0.0), code))
        group = self._entries[codes[0]].group
        return Candidate(tuple(codes), group, min(scores[codes[0]], 1.0), self._nearest(codes[0], gist))

    def _nearest(self, code: str, gist: frozenset[int]) -> str:
        """The wording of an entry that is most like the words: it shares most, and has little else."""

        def likeness(one: tuple[str, array[int]]) -> float:
            shared = sum(identity in gist for identity in one[1])
            return shared / (1 + len(one[1]) + len(gist) - shared)

        return max(self._called[code], key=likeness)[0]

    def _characters_shared(self, code: str, query: Iterable[str]) -> float:
        """Which part of the query's characters of Chinese an entry has, 0 to 1; 0 without any."""
        number = self._numbers[code]
        whole = shared = 0.0
        for piece in filter(_is_character, query):
            weight = self._pieces.weight(piece) or self._weight_unseen
            whole += weight
            shared += weight if any(each == number for each, _ in self._pieces.of(piece)) else 0.0
        return shared / whole if whole else 0.0

    # --- reading the words --------------------------------------------------------------------------------

    def _readings(self, text: str) -> Iterator[list[str]]:
        """The ways to read a text: as words, or as Chinese by its sounds, or both where it may be either."""
        spoken = self._spoken(text)
        if spoken:
            yield spoken
        if not spoken or all(map(self._is_familiar, words(text))):
            yield self._read(text)

    def _spoken(self, text: str) -> list[str]:
        """The sounds of a text in Latin letters most of whose words may be Chinese ('mei zhi le'), beside its
        other words; [] where the sounds do not follow each other in any entry.
        """
        typed = words(text)
        sounds = [syllables(word) for word in typed]
        pairs = list(pairwise(chain.from_iterable(sounds)))
        known = sum(f"~{one} {following}" in self._pieces for one, following in pairs)
        if not pairs or known < _SPOKEN * len(pairs) or sum(map(bool, sounds)) < _SPOKEN * len(typed):
            return []
        heard = ([f"~{one}" for one in each] or [word] for word, each in zip(typed, sounds, strict=True))
        return list(chain.from_iterable(heard))

    def _read(self, text: str) -> list[str]:
        """The words of a text; what is strange is read in the way that makes it familiar, if there is one."""
        typed = (word for piece in text.split() for word in self._typed(piece))
        return [meant for word in typed for meant in self._meant(word).split()]

    def _typed(self, piece: str) -> list[str]:
        typed = words(piece)
        if not any(map(self._is_familiar, typed)):
            for other in map(words, other_keys(piece)):
                if other and all(map(self._is_familiar, other)):
                    return other
        return typed

    def _meant(self, word: str) -> str:
        if self._is_familiar(word):
            return word
        plain = next(filter(self._is_familiar, chain(without_typed_marks(word), as_chatted(word))), "")
        return plain or " ".join(parted(one_form(word), self._words)) or self._sounding(word) or word

    def _sounding(self, word: str) -> str:
        """The sounds of a word of Chinese in Latin letters, each with '~' before it; '' where it is none."""
        sounds = syllables(word)
        known = all(f"~{one} {following}" in self._pieces for one, following in pairwise(sounds))
        return " ".join(f"~{one}" for one in sounds) if known and len(sounds) > 1 else ""

    def _is_familiar(self, word: str) -> bool:
        return one_form(word) in self._words or not _LETTERS.search(word)

    def _named(self, text: str, read: list[str]) -> Iterator[str]:
        """Entries whose code stands in the text, or that are called exactly so."""
        yield from (code for code in _CODE.findall(text.lower()) if code in self._entries)
        for line in dict.fromkeys((_line(words(text)), _line(read))):
            yield from self._called_so.get(line, ())

    def _numbered(self, read: Iterable[str]) -> Iterator[str]:
        """Entries that are called by a number in the text: 'SIP 486', 'code 126'; a round one is often money,
        and names nothing.
        """
        for piece in pieces(read):
            if piece[0] == "#" and len(piece) > _LEAST_DIGITS and not piece.endswith("00"):
                yield from self._called_by_number.get(piece, ())

    # --- comparing ----------------------------------------------------------------------------------------

    def _heard_as(self, piece: str) -> tuple[str, float]:
        """A piece and how often it counts. Two characters of Chinese that no entry has may sound like two of
        an entry; then these are meant, and their sounds count as much as the characters would.
        """
        if len(piece) == 2 and _HAN.fullmatch(piece) and piece not in self._pieces:
            sounds = f"~{sound(piece[0])} {sound(piece[1])}"
            if sounds in self._pieces:
                return sounds, 1 / _KINDS[_SOUND]
        return piece, 1.0

    def _heard(self, query: Iterable[str]) -> _Heard:
        scores = [0.0] * self._pieces.rows
        most = 0.0
        for piece, times in map(self._heard_as, query):
            weight = self._pieces.weight(piece)
            if weight >= _LEAST_WEIGHT:
                most += times * weight
                for number, part in self._pieces.of(piece):
                    scores[number] += times * part
            elif not weight and piece[0] != "#":
                most += self._weight_unseen  # but a number that no entry has is a receipt's, a price, a time
        whole = most * (_SATURATION + 1)
        entries, others = scores[: len(self._codes)], scores[len(self._codes) :]
        shares = {code: score / whole for code, score in zip(self._codes, entries, strict=True) if score}
        return _Heard(shares, max(others, default=0.0) / (whole or 1.0), most / self._weight_unseen)


# --- texts and their pieces ---------------------------------------------------------------------------------


def pieces(folded: Iterable[str]) -> list[str]:
    """The pieces of folded words: '#' a number, '=' a word or two, '~' two sounds of Chinese, and letters."""
    found, spelt = _whole_pieces(folded)
    line = f" {' '.join(spelt)} "
    for size in _SIZES:
        found += [line[at : at + size] for at in range(len(line) - size + 1)]
    return found


def _whole_pieces(folded: Iterable[str]) -> tuple[list[str], list[str]]:
    """The pieces that are more than letters, and the words in letters, in one form."""
    found: list[str] = []
    spelt: list[str] = []
    sounds: list[str] = []
    for word in folded:
        if word[0] == _SOUND:
            sounds.append(word[1:])
            continue
        others, letters = _parts(word)
        found += others
        spelt += letters
    found += [f"~{one} {following}" for one, following in pairwise(sounds)]
    found += [f"={word}" for word in spelt]
    found += [f"={word} {following}" for word, following in pairwise(spelt)]
    return found, spelt


@lru_cache(maxsize=4096)
def _parts(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pieces of the characters and numbers of a word, and its letters in one form."""
    others = [piece for run in _HAN.findall(word) for piece in _characters(run)]
    others += [f"#{number}" for number in _NUMBER.findall(word) if len(number) > 1]
    return tuple(others), tuple(_one_form(_NUMBER.sub(" ", _HAN.sub(" ", word))).split())


def _characters(run: str) -> Iterator[str]:
    yield from run
    yield from map("".join, pairwise(run))
    yield from (f"~{one} {following}" for one, following in pairwise(map(sound, run)))


def _least(text: str) -> float:
    """The least score of words in such letters; of mixed ones, in between."""
    shares = {sort: len(pattern.findall(text)) for sort, pattern in _LETTER_SORTS}
    shares["other"] = len(_LETTERS.findall(text)) - shares["cyrillic"]
    whole = sum(shares.values()) or 1
    return sum(KNOWN[sort] * share for sort, share in shares.items()) / whole


def _is_word(piece: str) -> bool:
    return piece[0] == "=" and " " not in piece


def _is_number(piece: str) -> bool:
    return piece[0] == "#"


def _is_character(piece: str) -> bool:
    return len(piece) == 1 and _HAN.match(piece) is not None


def _gist(folded: Iterable[str]) -> frozenset[str]:
    """The words, characters and numbers of a text: enough to show which wording is meant."""
    return frozenset(piece for piece in _whole_pieces(folded)[0] if piece[0] != _SOUND)


def _line(folded: Iterable[str]) -> str:
    return " ".join(map(_one_form, folded))


def _read_texts(entry: Entry, learnt: Iterable[str]) -> list[tuple[str, str, list[str]]]:
    """The texts of an entry: the place of each, itself, its words."""
    return [(place, text, words(text)) for place, text in _texts(entry, learnt)]


def _texts(entry: Entry, learnt: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every text that an entry is found by, each with its place."""
    yield from (("called", text) for text in (entry.code, entry.code.partition(".")[2]))
    yield from (("called", text) for language in LANGUAGES for text in entry.known_as.texts(language))
    yield from (("called", text) for text in learnt)
    for place, _, text in entry.wordings():
        yield ("says" if "says" in place else "next"), FACT.sub(" ", text)
    for step, wording in _runbook(entry):
        yield from ((step, text) for _, text in wording.items())


def _runbook(entry: Entry) -> Iterator[tuple[str, Wording]]:
    yield from (("causes", cause.says) for cause in entry.causes)
    yield from (("steps", check.asks) for check in entry.checks if check.asks)
    yield from (("steps", remedy.says) for remedy in entry.remedies)


def _counted(texts: Iterable[tuple[str, str, Iterable[str]]]) -> dict[str, float]:
    """How often an entry has each piece, by the weight of the places."""
    by_place: dict[str, list[str]] = defaultdict(list)
    for place, _, read in texts:
        by_place[place] += pieces(read)
    counts: dict[str, float] = defaultdict(float)
    for place, found in by_place.items():
        weight = _PLACES[place]
        for piece, many in Counter(found).items():
            counts[piece] += weight * many
    return counts


class _Pieces:
    """All pieces of the entries: what each says, and the numbers of the entries that have it with what it
    gives each. There are more than half a million of those: all stand in two long rows, the ones of a piece
    side by side.

    `counts`: of each entry, and after them of what is none of our faults, how often it has each piece.
    `rows`: how many those are.
    """

    __slots__ = ("_begins", "_identities", "_numbers", "_parts", "_weights", "rows")

    def __init__(self, counts: Iterable[Mapping[str, float]]) -> None:
        self._identities: dict[str, int] = {}
        rows = [self._row(each) for each in counts]
        self.rows = len(rows)
        having = Counter(chain.from_iterable(identities for identities, _ in rows))
        many = [having[identity] for identity in range(len(having))]
        self._weights = array("d", _weights(self._identities, many, len(rows)))
        told = (
            one if weight >= _LEAST_WEIGHT else 0 for one, weight in zip(many, self._weights, strict=True)
        )
        self._begins = array("I", accumulate(told, initial=0))
        whole = self._begins[-1]
        self._numbers, self._parts = array("H", bytes(2 * whole)), array("d", bytes(8 * whole))
        self._fill(rows)

    def _row(self, each: Mapping[str, float]) -> tuple[array[int], array[float]]:
        """The identities of an entry's pieces, and their counts: as strings they would take too much room."""
        known = self._identities
        identities = array("I", (known.setdefault(piece, len(known)) for piece in each))
        return identities, array("d", each.values())

    def _fill(self, rows: Sequence[tuple[array[int], array[float]]]) -> None:
        lengths = [sum(counts) for _, counts in rows]
        average = sum(lengths) / max(len(lengths), 1)
        ends = array("I", self._begins)
        for number, (identities, counts) in enumerate(rows):
            enough = _SATURATION * (1 - _LENGTH_COUNTS + _LENGTH_COUNTS * lengths[number] / average)
            for identity, count in zip(identities, counts, strict=True):
                weight = self._weights[identity]
                if weight >= _LEAST_WEIGHT:
                    at = ends[identity]
                    self._numbers[at] = number
                    self._parts[at] = weight * count * (_SATURATION + 1) / (count + enough)
                    ends[identity] = at + 1

    def __contains__(self, piece: str) -> bool:
        return piece in self._identities

    def known(self, pieces: Iterable[str]) -> array[int]:
        """The identities of those pieces that an entry has."""
        return array("I", (self._identities[piece] for piece in pieces if piece in self._identities))

    def all(self) -> Iterable[str]:
        """Every piece, in the order in which they came."""
        return self._identities

    def weight(self, piece: str) -> float:
        """How much a piece says; 0 for one that no entry has."""
        identity = self._identities.get(piece)
        return 0.0 if identity is None else self._weights[identity]

    def of(self, piece: str) -> Iterator[tuple[int, float]]:
        """The entries' numbers and parts of a piece; nothing for one that is everywhere."""
        identity = self._identities.get(piece)
        begin, end = (0, 0) if identity is None else self._begins[identity : identity + 2]
        return zip(self._numbers[begin:end], self._parts[begin:end], strict=True)


def _weights(pieces: Iterable[str], having: Iterable[int], entries: int) -> Iterator[float]:
    """How much each piece says: the fewer entries have it, the more."""
    by_many = [math.log(1 + (entries - many + 0.5) / (many + 0.5)) for many in range(entries + 1)]
    return (_counts(piece) * by_many[many] for piece, many in zip(pieces, having, strict=True))


def _counts(piece: str) -> float:
    """How much a piece of its kind counts."""
    small = piece[0] == "#" and len(piece) <= _LEAST_DIGITS
    return _SMALL_NUMBER if small else _KINDS.get(piece[0], 1.0)
