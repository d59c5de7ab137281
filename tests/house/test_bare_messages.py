"""What a page says of a failure carries its code, so that it can be read out, looked up and diagnosed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import expect_none
from tillwright.machine.resources import shipped_catalogue

SOURCE = Path(__file__).parents[2] / "src" / "tillwright"
ALERTS = re.compile(r"""role="alert"|icon 'attention' %}(?!<span class="aside">)""")
# A mark whose word is only read aloud stands in a row of a table; its row tells the rest.

CODED = re.compile(r"""class="code"|data-code|\{% notice """)
SENTENCE = re.compile(r"""[.!?]["<']""")
LITERAL = re.compile(r'<code class="code">([^{<]+)</code>')
REACH = 450
"""A message and its code stand in one element; none is longer than this."""


def bare(text: str) -> Iterator[int]:
    """The lines of messages without a code."""
    places = [found.start() for found in ALERTS.finditer(text)]
    for place, after in zip(places, [*places[1:], len(text)], strict=False):
        if text[place:after].startswith('role="alert"') and "icon 'attention'" in text[place : after + 20]:
            after = next((one for one in places if one > after), len(text))
        message = text[place : min(after, place + REACH)]
        if SENTENCE.search(message) and not CODED.search(message):
            yield text.count("\n", 0, place) + 1


def templates() -> list[Path]:
    """All but the switchboard's, which speaks of simulated parties to whoever breaks them."""
    found = SOURCE.glob("*/templates/**/*.html")
    return sorted(path for path in found if not path.is_relative_to(SOURCE / "demo"))


def test_every_message_of_a_page_has_a_code() -> None:
    assert len(templates()) > 40
    expect_none([f"{path.name}:{line}" for path in templates() for line in bare(path.read_text())])


def test_every_code_that_is_written_into_a_page_is_in_the_catalogue() -> None:
    written = {code for path in templates() for code in LITERAL.findall(path.read_text())}
    assert written
    assert written <= set(shipped_catalogue().entries)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('<p role="alert">It failed.</p>', [1]),
        ("\n<p>{% icon 'attention' %}It failed.</p>", [2]),
        ("<td>{% icon 'attention' %}<span class=\"aside\">differs</span></td><p>It is.</p>", []),
        ('<p role="alert">It failed. <code class="code">{{ said.code }}</code></p>', []),
        ('<p role="alert">{% icon \'attention\' %}Failed. <code class="code">a.b</code></p>', []),
        ('<p role="alert">It failed.</p><p role="alert">x <code class="code">a</code></p>', [1]),
    ],
)
def test_a_bare_message_is_found(text: str, lines: list[int]) -> None:
    assert list(bare(text)) == lines
