"""An operation in one sentence: 'Sale 118, 42.50 €, unknown since 12:41'."""

from __future__ import annotations

from tillwright.documents.words import Words, has
from tillwright.operations.states import OperationState


def sentence(
    words: Words,
    *,
    kind: str,
    number: int,
    amount_minor: int,
    currency: str,
    state: OperationState,
    at_ms: int,
) -> str:
    """The sentence, for a row of a list or a whole operation; `at_ms`: since when it is in that state."""
    when = words.moment(at_ms)
    return words.text(
        f"sentence.{state.value}",
        kind=kind_name(kind, words),
        number=str(number),
        amount=words.money(amount_minor, currency),
        since=when,
        at=when,
    )


def kind_name(kind: str, words: Words) -> str:
    """What people call a kind of operation."""
    key = f"kind.{kind}"
    return words.text(key) if has(key) else kind
