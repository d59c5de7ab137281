"""One entry of the catalogue: a fault, where it sits, and what each reader is told.

The classes here are the shape of the YAML files: a field that is not named here is refused,
one without a default must be given. What the types cannot say (languages, facts, lengths) is
checked by `lint`.

An entry speaks to four audiences. `says` and `next` are the cashier's. `audiences` holds
what others need differently: the customer, support, and the programmer of a client
(`program`), who is spoken to in English only; an audience without words of its own reads
the cashier's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Literal

import msgspec

from tillwright.catalogue.languages import FALLBACK, Wording, Wordings, ours
from tillwright.catalogue.runbook_entry import Cause, Check, Escalate, Never, Remedy

Category = Literal["hardware", "software", "network", "operation", "external"]
Part = Literal[
    "till", "station", "journal", "disk", "clock", "people", "api", "control", "operator", "licensing",
    "printer", "twin", "network", "process",
    # fuel stations and their credit centre
    "pos", "agas", "ktms", "egas", "plxid", "portal", "credit",
    # card terminals
    "terminal", "sim", "bank",
    # calls
    "account", "telephony", "carrier", "recording", "quota",
]  # fmt: skip
Severity = Literal["stop", "warn", "notice"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one audience is told instead of the cashier's words."""

    says: Wording | None = None
    next: Wording | None = None


NO_WORDS = Words()


class Audiences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The audiences besides the cashier."""

    customer: Words = NO_WORDS
    support: Words = NO_WORDS

    def own_words(self, audience: str) -> Words:
        """The words made for an audience; none for the cashier and for one that does not exist."""
        words: Words = getattr(self, audience) if audience in self.__struct_fields__ else NO_WORDS
        return words


class ProgramWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the programmer of a client is told, in English."""

    says: str
    next: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault of the catalogue.

    `part`: the component where the fault sits, a node of the topology.
    `http_status`: the status of the API problem, for faults that can be the answer to a call.
    `facts`: the names that the sentences may use; see `kernel.fault` for their units.
    `known_as`: what else people call it.
    `causes`, `checks`, `remedies`, `never`, `escalate`: its runbook; without causes it has none, and `next`
    is all there is to do.
    `verify`: the finding that shows that it is gone: a probe by name, 'operation' for the failed operation
    again, 'asked' where only a person can see it (`verify_asks`).
    `places`: what has to be opened for a step → seconds that it costs, once.
    `watch_hours`: if the same comes again so soon, it was not mended.
    `group`: entries that a person's words cannot tell apart; a question separates them.
    `note`: what was completed or decided beyond the source, and why; in English, for authors.
    """

    code: str
    part: Part
    severity: Severity
    category: Category
    http_status: int | None = None
    facts: tuple[str, ...] = ()
    says: Wording
    next: Wording
    audiences: Audiences = Audiences()
    program: ProgramWords | None = None
    known_as: Wordings
    causes: tuple[Cause, ...] = ()
    checks: tuple[Check, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    never: tuple[Never, ...] = ()
    escalate: Escalate | None = None
    verify: str = ""
    verify_asks: Wording | None = None
    places: dict[str, int] = {}
    watch_hours: int = 24
    group: str = ""
    note: str = ""

    @property
    def area(self) -> str:
        """The first word of the code, which is also the name of the entry's file."""
        return self.code.partition(".")[0]

    def words(self, language: str, audience: str) -> tuple[str, str]:
        """The sentence and the next step, unfilled, for a reader of any language."""
        if audience == "program" and self.program:
            return self.program.says, self.program.next
        own = self.audiences.own_words(audience)
        chosen = ours(language)
        return (own.says or self.says).text(chosen), (own.next or self.next).text(chosen)

    def wordings(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """Every text with facts in it: its place in the entry, its language, the text."""
        for audience, kind in product(("cashier", "customer", "support"), ("says", "next")):
            words = self if audience == "cashier" else self.audiences.own_words(audience)
            place = (kind,) if audience == "cashier" else ("audiences", audience, kind)
            wording: Wording | None = getattr(words, kind)
            for language, text in wording.items() if wording else ():
                yield (*place, language), language, text
        if self.program:
            yield ("program", "says"), FALLBACK, self.program.says
            yield ("program", "next"), FALLBACK, self.program.next
