"""Finding the fault that somebody means by the words they use for it.

A person types what the screen says, or what they call it, in any of our languages or in several at once,
without marks, misspelt, cut off. So neither words nor their order are trusted: a text is taken apart into
small pieces of two to four letters (in Chinese one or two characters, and how they sound), and what counts is
how many rare pieces two texts share.

It goes in two rounds. The first ranks whole entries by BM25 over all their texts, each place with its own
weight. The second compares the words with every single wording of the best few: an entry that is called just
so comes before one that has all the pieces somewhere. How much of the words is found again at all says
whether the fault is known; 'the coffee machine leaks' shares pieces with much and is none of ours.

Entries of one `group` cannot be told apart by words: they are one candidate, and a question separates them.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tillwright.catalogue.catalogue import Catalogue
from tillwright.catalogue.entry import Entry
from tillwright.catalogue.folding import fold, one_form
from tillwright.catalogue.languages import LANGUAGES
from tillwright.catalogue.spelling import readings
from tillwright.catalogue.syllables import sound
from tillwright.catalogue.templates import FACT

LONGEST_QUERY = 240
"""Characters of a query that count."""

_SIZES = (2, 3, 4)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_NUMBER = re.compile(r"\d+")
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")

_SATURATION = 1.2
_LENGTH_COUNTS = 0.3
_PLACES = {"known_as": 3.0, "says": 1.0, "next": 0.3, "causes": 0.5}
_NUMBER_WEIGHT = 6
_SECOND_ROUND = 20
_UNIT = 1000
"""Weights of pieces are whole numbers, so that a sum is the same in any order."""

_QUERY_COUNTS = 0.7
_ENTRY_COUNTS = 0.35
_KNOWN = 0.5
_FAMILIAR = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant, or a group of them.

    `codes`: of one entry, or of all of a group, the likeliest first. `group`: its name, '' for a single entry.
    `score`: 0 to 1. `wording`: the wording of the entry that is nearest to the words.
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
    `known`: whether the words are those of a fault at all; if not, the candidates are guesses.
    """

    candidates: tuple[Candidate, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class _Wording:
    text: str
    pieces: frozenset[str]
    mass: int


def pieces(words: Iterable[str]) -> Iterator[str]:
    """The pieces of folded words: runs of letters over the borders of words, characters and their sounds in
    Chinese, whole numbers.
    """
    letters = []
    for word in words:
        for run in _HAN.findall(word):
            yield from _characters(run)
        for number in _NUMBER.findall(word):
            if len(number) > 1:
                yield f"#{number}"
        rest = _NUMBER.sub(" ", _HAN.sub(" ", word))
        letters.extend(one_form(rest).split())
    if letters:
        line = f" {' '.join(letters)} "
        for size in _SIZES:
            yield from (line[at : at + size] for at in range(len(line) - size + 1))


def _characters(run: str) -> Iterator[str]:
    yield from run
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    sounds = [sound(character) for character in run]
    yield from (f"~{one}~{other}" for one, other in pairwise(sounds))


def _texts(entry: Entry, learnt: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every text that an entry is found by, with its place."""
    for language in LANGUAGES:
        yield from (("known_as", text) for text in entry.known_as.texts(language))
    yield from (("known_as", text) for text in learnt)
    yield "known_as", entry.code
    yield "known_as", entry.code.partition(".")[2]
    for place, _, text in entry.wordings():
        yield ("says" if "says" in place else "next"), text
    for cause in entry.causes:
        yield from (("causes", text) for _, text in cause.says.items())


class Index:
    """Built once from a catalogue, then asked often.

    `learnt`: code → other wordings that people used for it and somebody accepted.
    """

    def __init__(self, catalogue: Catalogue, learnt: Mapping[str, Iterable[str]] | None = None) -> None:
        texts = {
            code: list(_texts(entry, (learnt or {}).get(code, ())))
            for code, entry in catalogue.entries.items()
        }
        self._entries = catalogue.entries
        self._words = {word for each in texts.values() for _, text in each for word in fold(text).split()}
        counts = {code: _counted(each) for code, each in texts.items()}
        self._weights = _weights(counts.values())
        self._unseen = round(_UNIT * math.log(1 + 2 * len(counts) + 1))
        self._postings = _postings(counts, self._weights)
        self._wordings = {code: list(self._compared(each)) for code, each in texts.items()}
        self._exact: dict[str, list[str]] = defaultdict(list)
        for code, each in texts.items():
            for text in dict.fromkeys(fold(text) for place, text in each if place == "known_as"):
                self._exact[text].append(code)

    def _compared(self, texts: Iterable[tuple[str, str]]) -> Iterator[_Wording]:
        for place, text in texts:
            if place in ("known_as", "says"):
                found = frozenset(pieces(fold(FACT.sub(" ", text)).split()))
                yield _Wording(text, found, sum(self._weights[piece] for piece in found))

    def find(self, text: str, limit: int = 3) -> Found:
        """The entries that these words may mean; any text is accepted."""
        text = text[:LONGEST_QUERY]
        words = self._read(text)
        query = self._weighed(words)
        if not query:
            return Found((), known=False)
        scores = self._scores(query)
        for code in self._named(text, words):
            scores[code] = (1.0 + scores[code][0] / 10 if code in scores else 1.0, code)
        ranked = sorted(scores.items(), key=lambda item: (-item[1][0], item[0]))
        candidates = tuple(self._grouped(ranked))[:limit]
        return Found(candidates, known=bool(candidates) and candidates[0].score >= _KNOWN)

    def _read(self, text: str) -> list[str]:
        """The words of a text; where a piece of it is strange, the reading of it that is familiar."""
        words: list[str] = []
        for piece in text.split():
            folded = fold(piece)
            if not self._familiar(folded):
                folded = next((one for one in readings(piece) if one and self._familiar(one)), folded)
            words.extend(folded.split())
        return words

    def _familiar(self, folded: str) -> bool:
        return all(word in self._words for word in folded.split())

    def _weighed(self, words: Iterable[str]) -> dict[str, int]:
        """The pieces of a query with their weights; a number that no entry has means nothing."""
        return {
            piece: self._weights.get(piece, self._unseen)
            for piece in pieces(words)
            if piece[0] != "#" or piece in self._weights
        }

    def _scores(self, query: Mapping[str, int]) -> dict[str, tuple[float, str]]:
        """The best entries with their scores and the wordings nearest to the query."""
        first: dict[str, float] = defaultdict(float)
        for piece in query:
            for code, weight in self._postings.get(piece, ()):
                first[code] += weight
        best = sorted(first.items(), key=lambda item: (-item[1], item[0]))[:_SECOND_ROUND]
        mass = sum(query.values())
        asked = frozenset(query)
        most = mass / _UNIT * (_SATURATION + 1)
        scores = {}
        for code, weight in best:
            likeness, wording = self._likest(code, asked, query, mass)
            score = _ENTRY_COUNTS * weight / most + (1 - _ENTRY_COUNTS) * likeness
            scores[code] = (score, wording)
        return scores

    def _likest(
        self, code: str, asked: frozenset[str], query: Mapping[str, int], mass: int
    ) -> tuple[float, str]:
        likeness, wording = 0.0, ""
        for one in self._wordings[code]:
            common = sum(query[piece] for piece in asked & one.pieces)
            value = common / (mass**_QUERY_COUNTS * max(one.mass, 1) ** (1 - _QUERY_COUNTS))
            if value > likeness:
                likeness, wording = value, one.text
        return likeness, wording

    def _named(self, text: str, words: Iterable[str]) -> Iterator[str]:
        """Entries whose code stands in the text, or that are called exactly so."""
        for code in _CODE.findall(text.lower()):
            if code in self._entries:
                yield code
        yield from self._exact.get(" ".join(words), ())

    def _grouped(self, ranked: Iterable[tuple[str, tuple[float, str]]]) -> Iterator[Candidate]:
        seen: dict[str, None] = {}
        for code, (score, wording) in ranked:
            group = self._entries[code].group
            if not group:
                yield Candidate((code,), "", score, wording)
            elif group not in seen:
                seen[group] = None
                yield Candidate((code,), group, score, wording)


def _counted(texts: Iterable[tuple[str, str]]) -> dict[str, float]:
    """How often an entry has each piece, by the weight of the places."""
    counts: dict[str, float] = defaultdict(float)
    for place, text in texts:
        for piece in pieces(fold(FACT.sub(" ", text)).split()):
            counts[piece] += _PLACES[place]
    return counts


def _weights(counts: Iterable[Mapping[str, float]]) -> dict[str, int]:
    """How much each piece says: the fewer entries have it, the more."""
    entries = list(counts)
    having = Counter(piece for each in entries for piece in each)
    return {
        piece: round(_UNIT * math.log(1 + (len(entries) - many + 0.5) / (many + 0.5)))
        * (_NUMBER_WEIGHT if piece[0] == "#" else 1)
        for piece, many in having.items()
    }


def _postings(
    counts: Mapping[str, Mapping[str, float]], weights: Mapping[str, int]
) -> dict[str, list[tuple[str, float]]]:
    """Piece → the entries that have it, each with what the piece gives it."""
    lengths = {code: sum(each.values()) for code, each in counts.items()}
    average = sum(lengths.values()) / max(len(lengths), 1)
    postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for code, each in counts.items():
        length = 1 - _LENGTH_COUNTS + _LENGTH_COUNTS * lengths[code] / average
        for piece, count in each.items():
            part = count * (_SATURATION + 1) / (count + _SATURATION * length)
            postings[piece].append((code, weights[piece] / _UNIT * part))
    return postings
