"""Sentences with named facts: 'Settle receipt {number} first.'

A name in braces stands for a fact; nothing else may stand in braces, and there is no other
syntax: a sentence is written by people who translate, not by people who program.
"""

from __future__ import annotations

import re
from collections.abc import Callable

FACT = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def facts_in(template: str) -> frozenset[str]:
    """The names of the facts that a template uses."""
    return frozenset(FACT.findall(template))


def stray_brace(template: str) -> bool:
    """Whether a brace is left that is not part of a fact's name."""
    rest = FACT.sub("", template)
    return "{" in rest or "}" in rest


def fill(template: str, write: Callable[[str], str]) -> str:
    """The template with every fact replaced by what `write` makes of its name."""
    return FACT.sub(lambda found: write(found[1]), template)
