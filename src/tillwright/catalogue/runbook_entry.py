"""The runbook part of an entry, as its YAML file has it.

What a reader of the file would expect to write is what stands here; what diagnosis needs (a likelihood for
every pair of answer and cause) is worked out by `runbooks`. See the how-to 'add a runbook' for the fields
with examples.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tillwright.catalogue.languages import Wording

Who = Literal[
    "cashier", "senior", "administrator", "customer", "support", "operator", "vendor", "supplier", "bank",
    "carrier", "manager",
]  # fmt: skip
"""Who does a step. The first three are at the shop; the customer stands in front of it; the others are
outside and have to be called.
"""

Share = tuple[str, ...] | dict[str, float]
"""Causes by id: a list for 'certainly', a mapping where it is only likely."""


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a step costs, all in seconds of a person's time: the work of people, trade that stands still,
    parts that are used up, and the annoyance of customers.
    """

    people: int = 0
    stop: int = 0
    parts: int = 0
    annoyance: int = 0

    @property
    def seconds(self) -> int:
        """All of it."""
        return self.people + self.stop + self.parts + self.annoyance


class Cause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`weight`: how often, in cases of about ten. `leads_to`: the code whose runbook goes on from here, where
    this cause is a fault of its own.
    """

    id: str
    weight: float
    says: Wording
    leads_to: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One result of a check. `id`: of a probe, one of its values; several with '|' between them. `says`: the
    words of its button; 'yes' and 'no' have theirs, and a probe's need none. `means`: the causes that it
    speaks for; a cause that no answer of the check names may have any of them.
    """

    id: str
    says: Wording | None = None
    means: Share


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probe by name (the program looks itself), or a question (`asks`; `where` says where to look). A check
    with both is a probe, whose question is asked, at `cost`, when the probe cannot look. `only_if`: check id
    → the answers of it that this one needs, 'cannot-tell' among them. `place`: what has to be opened for it.
    `unsure`: how often nobody can tell.
    """

    id: str
    probe: str = ""
    asks: Wording | None = None
    where: Wording | None = None
    who: Who = "cashier"
    cost: Cost = Cost()
    unsure: float = 0.05
    place: str = ""
    only_if: dict[str, tuple[str, ...]] = {}
    answers: tuple[Answer, ...]


class Remedy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action by name (the program does it), or what a person does (`says`, in both cases: the page shows
    it). `page`: the name of the page where it is done. `helps`: the causes it ends. `verify`: what has to be
    found afterwards; the entry's own where it is left out. `forbidden_by`: see Never.
    """

    id: str
    action: str = ""
    page: str = ""
    says: Wording
    who: Who = "cashier"
    cost: Cost = Cost()
    helps: Share
    verify: str = ""
    place: str = ""
    only_if: dict[str, tuple[str, ...]] = {}


class Never(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must not be done meanwhile. `forbids`: actions, remedies of this entry, or `kind:NAME` operations
    that the program refuses while the diagnosis is open. `why`: for support.
    """

    says: Wording
    forbids: tuple[str, ...] = ()


class Escalate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call when no step is worth its cost, what to tell them, and with which evidence."""

    to: Who
    says: Wording
    cost: Cost
    evidence: tuple[str, ...] = ()
