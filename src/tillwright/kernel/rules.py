"""The rules of a pack: what a deployment has chosen, as plain values.

A pack says which kinds of operation a till knows, which parties must agree to each and in
what order, in which currency it sells, how long it waits for whom. The program reads these
values from the pack's file once, at the start, and hands them down; nothing below looks for
them. A test or the simulation makes its own, or changes one with `dataclasses.replace`.

Rules that contradict themselves are refused when they are made, whoever makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

MAXIMUM_EXPONENT = 3
ROLES = ("cashier", "senior", "administrator")
"""The roles, the least first; each may do what the ones before it may."""
PURPOSES = ("refund", "void", "exchange", "discount", "ruling", "cash-out", "correction")
"""What a pack may demand an approval for."""


def reaches(role: str, needed: str) -> bool:
    """Whether the role is the needed one or above it; one that is none never is."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


@dataclass(frozen=True, slots=True)
class CurrencyRules:
    """A currency of a pack.

    `code`: its ISO 4217 code.
    `exponent`: the number of decimals of its minor unit (2 for EUR, 0 for VND).
    `maximum_total_minor`: the largest total of one operation.
    `denominations_minor`: the notes and coins in use, largest first.
    `second_person_above_minor`: above this sum one person's word is not enough; 0: it always is.
    """

    code: str
    exponent: int
    maximum_total_minor: int
    denominations_minor: tuple[int, ...]
    second_person_above_minor: int = 0


@dataclass(frozen=True, slots=True)
class LegRules:
    """What one kind of operation asks of one party.

    `party`: whom. `action`: what, as the party's port names it. `commit`: marks the commit point, of which a
    kind with legs has exactly one.
    """

    party: str
    action: str
    commit: bool = False


@dataclass(frozen=True, slots=True)
class KindRules:
    """A kind of operation.

    `name`: which. `legs`: what it asks of whom, in the order in which it is sent.
    """

    name: str
    legs: tuple[LegRules, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """What needs somebody's approval: the purpose, and the least role that may give it."""

    purpose: str
    role: str


@dataclass(frozen=True, slots=True)
class ReasonRules:
    """The reasons from which a person chooses for a purpose; short names, the pages have the words."""

    purpose: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """How long and how much a till may work while its documents do not reach the receiver.

    `age_ms`: of the oldest undelivered document. `count`, `sum_minor`: of all undelivered ones.
    `sale_minor`: the largest sale meanwhile. `warn_before_ms`: a warning so long before the age ends it.
    """

    age_ms: int
    count: int
    sum_minor: int
    sale_minor: int
    warn_before_ms: int = 48 * 3_600_000


@dataclass(frozen=True, slots=True)
class LicenceRules:
    """`blocks`: the messages of the licence that forbid work (codes of faults); all others only warn.
    `grace_ms`: how long what was last known serves while the licence cannot be asked.
    """

    blocks: tuple[str, ...]
    grace_ms: int


@dataclass(frozen=True, slots=True)
class PackRules:
    """Everything that a pack decides for a till.

    `name`: the pack's name, which is that of its folder.
    `currencies`: the first is the one a till uses unless its settings name another.
    `languages`: the languages of its people, the most used first.
    `kinds`: the kinds of operation that a till knows; all others are refused by name.
    `red_blocks`: kinds that a till refuses while one of its operations is red.
    `receivers`: parties that documents are queued for after the end.
    `maximum_lines`: how many lines a basket may have.
    `red_after_ms`: how long after its first inquiry an unknown leg turns its operation red.
    `connect_within_ms`: how long a connection to a party may take.
    `answer_within_ms`: how long its answer may take; after that nobody knows.
    `resend_delays_ms`: waits before what certainly did not leave is sent again; after the last a
    person is asked.
    `inquire_delays_ms`: waits before a party is asked again what became of a leg; the last one
    is repeated for ever.
    `question_ms`: how long 'Continue or Give up' waits; no press counts as Give up.
    `device_clock_tolerance_ms`: how far a party's clock may differ from ours.
    `wait_cap_ms`: the longest that an API call or a stream is held.
    `reserve_bytes`: disk space that only what has begun may use.
    `shifts`: whether a till works in shifts that are opened and closed; else it is always in shift 1.
    `approvals`: what needs whose approval.
    `enquiry_required`: whether every ruling rests on an enquiry at the operator.
    `withdraw_before_close`: whether the drawer must be empty when a shift is closed.
    `grant_ms`: how long an approval that was given may be used.
    `reasons`: the reasons that people choose from.
    `operator_warning_ms`: how long an operator's warning stands before the shift may be opened.
    `offline`: the caps on work while documents are undelivered; None: no caps.
    `licence`: what the licence's messages mean; None: no licence is asked for.
    `reverse_delays_ms`: waits before a reversal is repeated; the last one is repeated for ever.
    `undoing_red_after_ms`: how long a reversal may go unacknowledged before a person is told.
    """

    name: str
    currencies: tuple[CurrencyRules, ...]
    languages: tuple[str, ...]
    kinds: tuple[KindRules, ...]
    receivers: tuple[str, ...]
    red_blocks: tuple[str, ...]
    maximum_lines: int
    red_after_ms: int
    connect_within_ms: int
    answer_within_ms: int
    resend_delays_ms: tuple[int, ...]
    inquire_delays_ms: tuple[int, ...]
    question_ms: int
    device_clock_tolerance_ms: int
    wait_cap_ms: int
    reserve_bytes: int
    shifts: bool = False
    approvals: tuple[ApprovalRules, ...] = ()
    enquiry_required: bool = False
    withdraw_before_close: bool = False
    grant_ms: int = 120_000
    reasons: tuple[ReasonRules, ...] = ()
    operator_warning_ms: int = 60_000
    offline: OfflineRules | None = None
    licence: LicenceRules | None = None
    reverse_delays_ms: tuple[int, ...] = (1_000, 5_000, 15_000, 60_000)
    undoing_red_after_ms: int = 300_000

    def __post_init__(self) -> None:
        found = list(_contradictions(self))
        if found:
            raise ValueError(f"rules of pack {self.name!r}: " + "; ".join(found))

    def currency(self, code: str) -> CurrencyRules | None:
        """The rules of a currency, or None where the pack does not sell in it."""
        return next((currency for currency in self.currencies if currency.code == code), None)

    def kind(self, name: str) -> KindRules | None:
        """The rules of a kind of operation, or None where the pack does not support it."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    def second_person_above_minor(self, code: str) -> int:
        """The sum above which one person's word is not enough; 0: it always is."""
        currency = self.currency(code)
        return 0 if currency is None else currency.second_person_above_minor

    def role_for(self, purpose: str) -> str | None:
        """The least role that may approve this, or None where it needs no approval."""
        return next((rule.role for rule in self.approvals if rule.purpose == purpose), None)

    def reasons_for(self, purpose: str) -> tuple[str, ...]:
        """The reasons to choose from for this; none if any text, or nothing, will do."""
        return next((rule.reasons for rule in self.reasons if rule.purpose == purpose), ())


def _contradictions(rules: PackRules) -> Iterator[str]:
    yield from _wrong_numbers(rules)
    yield from _wrong_names(rules)
    yield from _wrong_people(rules)
    yield from _wrong_caps(rules)
    for currency in rules.currencies:
        yield from _wrong_currency(currency)
    for kind in rules.kinds:
        yield from _wrong_kind(kind)


def _wrong_numbers(rules: PackRules) -> Iterator[str]:
    for field in fields(rules):
        value = getattr(rules, field.name)
        if isinstance(value, int) and not isinstance(value, bool) and value < 1:
            yield f"{field.name} is {value}, must be at least 1"
    for name in ("resend_delays_ms", "inquire_delays_ms", "reverse_delays_ms"):
        delays = getattr(rules, name)
        if any(delay < 0 for delay in delays):
            yield f"{name} has a negative wait"
        if list(delays) != sorted(delays):
            yield f"{name} must grow"
    for name in ("inquire_delays_ms", "reverse_delays_ms"):
        delays = getattr(rules, name)
        if not delays or delays[-1] < 1:
            yield f"{name} must end with a wait that can be repeated"


def _wrong_names(rules: PackRules) -> Iterator[str]:
    kinds = tuple(kind.name for kind in rules.kinds)
    currencies = tuple(currency.code for currency in rules.currencies)
    named = {
        "currencies": currencies, "languages": rules.languages, "kinds": kinds,
        "receivers": rules.receivers, "red_blocks": rules.red_blocks,
        "approvals": tuple(rule.purpose for rule in rules.approvals),
        "reasons": tuple(rule.purpose for rule in rules.reasons),
    }  # fmt: skip
    for what, names in named.items():
        if len(set(names)) != len(names):
            yield f"{what} names one twice"
        if not names and what in ("currencies", "languages", "kinds"):
            yield f"{what} is empty"
    for blocked in rules.red_blocks:
        if blocked not in kinds:
            yield f"red_blocks names {blocked!r}, which is not among kinds"


def _wrong_people(rules: PackRules) -> Iterator[str]:
    """Approvals and reasons that nobody could give."""
    for rule in rules.approvals:
        if rule.purpose not in PURPOSES:
            yield f"approvals names {rule.purpose!r}, which needs none"
        if rule.role not in ROLES:
            yield f"approvals names {rule.role!r}, which is no role"
    for listed in rules.reasons:
        if not listed.reasons or len(set(listed.reasons)) != len(listed.reasons):
            yield f"reasons for {listed.purpose!r} must name at least one, each once"


def _wrong_caps(rules: PackRules) -> Iterator[str]:
    offline = rules.offline
    if offline is not None and min(offline.age_ms, offline.count, offline.sum_minor, offline.sale_minor) < 1:
        yield "offline: every cap must be at least 1"
    if offline is not None and offline.warn_before_ms < 0:
        yield "offline: warn_before_ms is negative"
    if rules.licence is not None and rules.licence.grace_ms < 0:
        yield "licence: grace_ms is negative"


def _wrong_currency(currency: CurrencyRules) -> Iterator[str]:
    code, notes = currency.code, currency.denominations_minor
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        yield f"currency {code!r} is not a code of three capital letters"
    if not 0 <= currency.exponent <= MAXIMUM_EXPONENT:
        yield f"currency {code}: exponent {currency.exponent} is not within 0 and {MAXIMUM_EXPONENT}"
    if currency.second_person_above_minor < 0:
        yield f"currency {code}: second_person_above_minor is negative"
    if currency.maximum_total_minor < 1:
        yield f"currency {code}: maximum_total_minor must be at least 1"
    if not notes or min(notes) < 1:
        yield f"currency {code}: denominations_minor must name at least one note, all above 0"
    if list(notes) != sorted(set(notes), reverse=True):
        yield f"currency {code}: denominations_minor must fall, each once"


def _wrong_kind(kind: KindRules) -> Iterator[str]:
    if kind.legs and sum(leg.commit for leg in kind.legs) != 1:
        yield f"kind {kind.name!r} must have exactly one leg marked commit"
