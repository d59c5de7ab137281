"""An operation in one sentence."""

import pytest

from tests.documents.stories import START_MS
from tests.documents.voices import WORDS
from tillwright.documents.sentence import kind_name, sentence
from tillwright.operations.states import OperationState


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (OperationState.OPEN, "in progress since 2025-11-21 12:41 UTC"),
        (OperationState.DONE, "done at 2025-11-21 12:41 UTC"),
        (OperationState.REFUSED, "refused at 2025-11-21 12:41 UTC"),
        (OperationState.UNDOING, "being taken back since 2025-11-21 12:41 UTC"),
        (OperationState.UNDONE, "taken back at 2025-11-21 12:41 UTC"),
        (OperationState.RED, "unknown since 2025-11-21 12:41 UTC"),
    ],
)
def test_every_state_has_its_sentence(state, end):
    said = sentence(
        WORDS, kind="cash-sale", number=118, amount_minor=4250, currency="EUR", state=state, at_ms=START_MS
    )
    assert said == f"Sale 118, 42.50\N{NO-BREAK SPACE}EUR, {end}"


def test_a_kind_without_words_keeps_its_name():
    assert kind_name("lottery", WORDS) == "lottery"


def test_what_moves_no_money_has_no_sum_in_its_sentence():
    said = sentence(
        WORDS,
        kind="shift-open",
        number=120,
        amount_minor=0,
        currency="EUR",
        state=OperationState.DONE,
        at_ms=START_MS,
    )
    assert said == "Shift opening 120, done at 2025-11-21 12:41 UTC"
