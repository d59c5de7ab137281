"""An operation in one sentence: 'Sale 118, 42.50 €, unknown since 12:41'."""

from __future__ import annotations

from tillwright.documents.words import Words, has
from tillwright.operations.states import OperationState

_WITHOUT_SUM = frozenset({"shift-open", "shift-close"})
"""Kinds that move no money, so that a sum would only confuse."""


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
    form = "sentence-plain" if kind in _WITHOUT_SUM else "sentence"
    return words.text(
        f"{form}.{state.value}",
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
