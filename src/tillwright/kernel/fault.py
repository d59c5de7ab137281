"""Something that is wrong now: a code from the catalogue, and the facts.

A fault is what every part of the program says when it refuses or fails: an operation that
ends, an API problem, a log line, a page and an incident all carry the same code. The
sentence that a person reads is not here; the catalogue makes it from the code and the facts,
in that person's language. So a fault can be stored, sent and compared.

    Fault("till.red-blocks", number=118)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Fact = str | int

CODE_FORM = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
FACT_FORM = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """A code of the catalogue and the facts that its sentences may name.

    Facts are texts or whole numbers, named with their unit last: `_minor` money, `_ms` a
    length of time, `at_ms` a moment, `_count` and `_bytes` quantities; any other number is
    shown digit by digit, as the number of a receipt is. Facts stand in the order of their
    names, so that equal faults are also written equally.

    Raises TypeError for a fact that is neither, and ValueError for a code or a name of
    another form: both are mistakes of the program.
    """

    code: str
    facts: Mapping[str, Fact]

    def __init__(self, code: str, /, **facts: Fact) -> None:
        if not CODE_FORM.fullmatch(code):
            raise ValueError(f"not the form of a fault's code: {code!r}")
        for name, value in facts.items():
            _require_fact(name, value)
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "facts", dict(sorted(facts.items())))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class FaultError(Exception):
    """Carries a fault up to the place that answers for it: a view, a command, a loop."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def _require_fact(name: str, value: object) -> None:
    if not FACT_FORM.fullmatch(name):
        raise ValueError(f"not the form of a fact's name: {name!r}")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"fact {name} is a {type(value).__name__}; facts are texts or whole numbers")
