"""What a probe found: a value, the facts behind it, and how it was obtained.

A probe looks at one thing and says what it sees. It never fails: one that cannot look says `UNKNOWN`, and
that is a finding too; nothing may be taken for mended because nobody could look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tillwright.kernel.fault import Fact

UNKNOWN = "unknown"
"""The value of a probe that could not look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One look of one probe.

    `scope`: the till, '' for the station itself. `value`: one of the probe's values (see `registry`), or
    UNKNOWN. `how`: how it was obtained, in English, for the record. `took_ms`: how long the look took.
    """

    probe: str
    scope: str
    value: str
    at_ms: int
    took_ms: int = 0
    how: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether the probe could look."""
        return self.value != UNKNOWN
