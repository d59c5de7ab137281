"""The catalogue: every code that the program may raise, and what people are told about it.

It is made once, at the start, from the texts of all packs. `say` turns a fault into the
sentence and the next step for one reader; it never fails because a fact is missing, since
it speaks to somebody who is already in trouble. An unknown code, in contrast, is a mistake
of the program and raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tillwright.catalogue.entry import Entry
from tillwright.catalogue.formats import PLAIN, Formatter, write_fact
from tillwright.catalogue.languages import ours
from tillwright.catalogue.lint import Problem, read_entries
from tillwright.catalogue.templates import fill
from tillwright.kernel.fault import Fault


class BrokenCatalogue(Exception):
    """Texts that are not a catalogue; the message names every problem, a line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownCode(LookupError):
    """A code that is in no catalogue: a mistake of the program that raised it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person is told: what happened, the one next step, and the code to read out."""

    sentence: str
    next_step: str
    code: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries by code, in the order of the codes."""

    entries: Mapping[str, Entry]

    @classmethod
    def load(cls, texts: Mapping[str, str]) -> Catalogue:
        """Make a catalogue of files (name → YAML text). Raises BrokenCatalogue."""
        placed, problems = read_entries(texts)
        if problems:
            raise BrokenCatalogue(problems)
        entries = sorted((one.entry for one in placed), key=lambda entry: entry.code)
        return cls({entry.code: entry for entry in entries})

    def entry(self, code: str) -> Entry:
        """The entry of a code. Raises UnknownCode."""
        try:
            return self.entries[code]
        except KeyError:
            raise UnknownCode(f"no entry in the catalogue has the code {code!r}") from None

    def say(
        self, fault: Fault, language: str, audience: str = "cashier", formatter: Formatter = PLAIN
    ) -> Said:
        """Tell a reader of this language about a fault.

        `audience`: cashier, customer, support or program; one without words of its own reads
        the cashier's. A fact that the fault lacks stands as '—'. Raises UnknownCode.
        """
        sentence, next_step = self.entry(fault.code).words(language, audience)
        currency = fault.facts.get("currency")
        named = currency if isinstance(currency, str) else None
        spoken = ours(language)

        def write(name: str) -> str:
            return write_fact(name, fault.facts.get(name), named, spoken, formatter)

        return Said(fill(sentence, write), fill(next_step, write), fault.code)
