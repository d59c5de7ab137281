"""Evidence: who says so, when, and by which reference.

Nothing about a party is believed without it. The source decides later what may overrule what, and the page of
an operation prints it line by line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Source(Enum):
    """Who said it."""

    REPLY = "reply"
    """the party, answering the request itself"""
    INQUIRY = "inquiry"
    """the party, asked by key"""
    WITNESS = "witness"
    """a record read without asking for this key: the device's documents, the operator's list, the bank's
    batch
    """
    RULING = "ruling"
    """a person, with a reference"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement about one leg. `facts` are reference numbers and sums, masked where they must be."""

    source: Source
    at_ms: int
    facts: Mapping[str, str | int] = field(default_factory=dict)
    person: str | None = None
