"""The list of diagnoses: open ones first, then the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tillwright.catalogue.catalogue import Said
from tillwright.faults import store, words
from tillwright.faults.store import StoredDiagnosis
from tillwright.till.document_words import page_words
from tillwright.till.queries import reader
from tillwright.web import current, looks
from tillwright.web.words import say

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A diagnosis as a row."""

    stored: StoredDiagnosis
    said: Said
    till: str
    holder: str
    part: Any


def rows() -> list[Row]:
    """The newest diagnoses, open ones first."""
    found = store.diagnoses(reader(), state=store.OPEN, limit=MOST_ROWS)
    found += [one for one in store.diagnoses(reader(), limit=MOST_ROWS) if one.state != store.OPEN]
    names = page_words(*(one.holder for one in found)).names
    place, language = current.place(), looks.language()
    return [
        Row(
            one,
            say(one.fault, language),
            getattr(place.till(one.till), "name", ""),
            names.get(one.holder, ""),
            words.part_word(place.catalogue.entry(one.fault.code).part),
        )
        for one in found
    ]
