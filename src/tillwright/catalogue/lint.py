"""Finds what is wrong with entries, each problem with its file and line.

The shape comes first (types, missing and unknown fields); what only a reader would notice
comes after it: a sentence without an end, a fact in one language that another lacks, Chinese
where Russian should stand, a code that two entries claim. A catalogue with problems is not
loaded: better a start that fails in front of a technician than a gap in front of a queue.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.languages import FALLBACK, LANGUAGES
from tillwright.catalogue.runbook_lint import LONGEST_ANSWER, runbook_problems, runbook_wordings
from tillwright.catalogue.source import BrokenText, Place, Source, place_of, read_source
from tillwright.catalogue.templates import facts_in, stray_brace
from tillwright.kernel.fault import CODE_FORM, FACT_FORM

LONGEST_SENTENCE = 320
ENDS = {"en": ".?!", "vi": ".?!", "ru": ".?!", "zh": "。？！"}
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file: where, with which entry ('' if that is unclear), and what."""

    file: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code + ': ' if self.code else ''}{self.text}"


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it was read."""

    entry: Entry
    file: str
    source: Source
    number: int

    def problem(self, place: Place, text: str) -> Problem:
        """A problem at a place inside the entry."""
        return Problem(self.file, self.source.line(str(self.number), *place), self.entry.code, text)


def read_entries(texts: Mapping[str, str], known: Collection[str] = ()) -> tuple[list[Placed], list[Problem]]:
    """Read files (name → text) in the order of their names: what can be read, and what is wrong. `known`:
    codes that stand elsewhere.
    """
    placed: list[Placed] = []
    problems: list[Problem] = []
    for file, text in sorted(texts.items()):
        try:
            source = read_source(text)
        except BrokenText as error:
            problems.append(Problem(file, error.line, "", error.text))
            continue
        if not isinstance(source.value, list) or not source.value:
            problems.append(Problem(file, 1, "", "a file must be a list of entries"))
            continue
        for number in range(len(source.value)):
            read = _read_entry(file, source, number)
            (placed if isinstance(read, Placed) else problems).append(read)  # type: ignore[arg-type]
    problems += _repeated(placed)
    codes = {one.entry.code for one in placed} | set(known)
    for one in placed:
        problems += _entry_problems(one)
        problems += _runbook_problems(one, codes)
    return placed, sorted(problems)


def _read_entry(file: str, source: Source, number: int) -> Placed | Problem:
    value = source.value[number]
    try:
        return Placed(msgspec.convert(value, Entry), file, source, number)
    except msgspec.ValidationError as error:
        text, place = place_of(str(error))
        code = value.get("code", "") if isinstance(value, dict) else ""
        where = ".".join(place)
        return Problem(
            file, source.line(str(number), *place), str(code), f"{where}: {text}" if where else text
        )


def _repeated(placed: Iterable[Placed]) -> Iterator[Problem]:
    first: dict[str, Placed] = {}
    for one in placed:
        earlier = first.setdefault(one.entry.code, one)
        if earlier is not one:
            yield one.problem(("code",), f"already stands in {earlier.file}")


def _entry_problems(one: Placed) -> Iterator[Problem]:
    entry = one.entry
    if not CODE_FORM.fullmatch(entry.code):
        yield one.problem(("code",), "not the form of a code: area.two-or-three-words")
    elif entry.area != one.file.rpartition("/")[2].removesuffix(".yaml"):
        yield one.problem(("code",), "belongs into the file of its area, " + entry.area + ".yaml")
    if entry.http_status is not None and not 400 <= entry.http_status <= 599:
        yield one.problem(("http_status",), "must be within 400 and 599")
    for place, language, text in entry.wordings():
        for wrong in _text_problems(language, text):
            yield one.problem(place, wrong)
    yield from _fact_problems(one)
    yield from _name_problems(one)


def _text_problems(language: str, text: str) -> Iterator[str]:
    if not text or text != " ".join(text.split()):
        yield "must be one line without spaces around it or doubled inside"
    elif text[-1] not in ENDS[language]:
        yield f"must end like a sentence, with one of {' '.join(ENDS[language])}"
    if len(text) > LONGEST_SENTENCE:
        yield f"is {len(text)} characters long, at most {LONGEST_SENTENCE} can be read at a till"
    if stray_brace(text):
        yield "has a brace that is not part of a fact's name"
    yield from _script_problems(language, text)


def _script_problems(language: str, text: str) -> Iterator[str]:
    if (language == "ru") != bool(CYRILLIC.search(text)):
        yield "is not in Russian letters" if language == "ru" else "has Russian letters in it"
    if (language == "zh") != bool(HAN.search(text)):
        yield "is not in Chinese characters" if language == "zh" else "has Chinese characters in it"


def _fact_problems(one: Placed) -> Iterator[Problem]:
    entry = one.entry
    declared, used = set(entry.facts), set[str]()
    wanted: dict[Place, frozenset[str]] = {}
    for place, language, text in entry.wordings():
        named = facts_in(text)
        used |= named
        for name in sorted(named - declared):
            yield one.problem(place, f"uses {{{name}}}, which is not declared in facts")
        if language == FALLBACK:
            wanted[place[:-1]] = named
        elif named != wanted[place[:-1]]:
            yield one.problem(place, "does not use the same facts as the English text")
    for name in entry.facts:
        if not FACT_FORM.fullmatch(name):
            yield one.problem(("facts",), f"{name!r} is not the form of a fact's name")
        if name not in used and name != "currency":
            yield one.problem(("facts",), f"no sentence uses {{{name}}}")
    if len(declared) != len(entry.facts):
        yield one.problem(("facts",), "names one twice")


def _runbook_problems(one: Placed, codes: set[str]) -> Iterator[Problem]:
    for place, text in runbook_problems(one.entry):
        yield one.problem(place, text)
    for at, cause in enumerate(one.entry.causes):
        if cause.leads_to and cause.leads_to not in codes:
            yield one.problem(("causes", str(at)), f"leads to {cause.leads_to}, which is in no catalogue")
    for place, wording, sentence in runbook_wordings(one.entry):
        for language, text in wording.items():
            for wrong in _text_problems(language, text) if sentence else _button_problems(text):
                yield one.problem((*place, language), wrong)
            if facts_in(text):
                yield one.problem((*place, language), "names a fact; a runbook's words have none")


def _button_problems(text: str) -> Iterator[str]:
    if not text or text != " ".join(text.split()):
        yield "must be one line without spaces around it or doubled inside"
    if len(text) > LONGEST_ANSWER:
        yield f"is {len(text)} characters long, at most {LONGEST_ANSWER} fit on a button"


def _name_problems(one: Placed) -> Iterator[Problem]:
    for language in LANGUAGES:
        names = one.entry.known_as.texts(language)
        if not names:
            yield one.problem(("known_as", language), "needs at least one name")
        if len({name.casefold() for name in names}) != len(names):
            yield one.problem(("known_as", language), "gives a name twice")
        if any(not name or name != " ".join(name.split()) for name in names):
            yield one.problem(("known_as", language), "has a name with loose spaces")
