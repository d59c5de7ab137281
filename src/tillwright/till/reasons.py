"""The reasons that a pack lists for a purpose, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from tillwright.documents.slip_parts import reason_name
from tillwright.kernel.rules import PackRules
from tillwright.till.document_words import page_words


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to choose: its short name and its words."""

    name: str
    word: str


def reasons_for(purpose: str, rules: PackRules) -> list[Reason]:
    """The reasons that the pack lists for a purpose; none where it lists none."""
    names = next((one.reasons for one in rules.reasons if one.purpose == purpose), ())
    words = page_words()
    return [Reason(name, reason_name(name, words)) for name in names]
