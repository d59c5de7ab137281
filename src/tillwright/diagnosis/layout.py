"""A runbook laid out for fast thinking: numbers in tuples, a whole state in one integer.

What has been done and answered so far decides everything that comes after it, also how the causes' weights
stand to each other; so a state is a key, and two ways that lead to the same key need one calculation.

    bits of a key    remedies done | places opened | check 1 | check 2 | …
    of one check     0 not made, 1 … k its answers, k + 1 cannot tell, k + 2 the probe could not look
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import mul

from tillwright.diagnosis.belief import Weights
from tillwright.diagnosis.runbook import CANNOT_LOOK, CANNOT_TELL, Check, Only, Remedy, Runbook

ESCALATE = 0
"""The number of giving up. The checks have 1, 2, … in the runbook's order, the remedies -1, -2, …"""

Need = tuple[int, int, int]
"""A precondition: where the bits of its check are, their mask, and a bit for each code that is wanted."""


@dataclass(frozen=True, slots=True)
class LaidCheck:
    """A check. `rows`: for each answer the likelihoods, 'nobody can tell' counted in. `asked`: see Check; -1
    where nobody can be asked.
    """

    number: int
    cost: float
    asked: float
    automatic: bool
    rows: tuple[Weights, ...]
    unsure: float
    place: int
    opening: float
    shift: int
    mask: int
    needs: tuple[Need, ...]

    @property
    def cannot_tell(self) -> int:
        """The code of 'cannot tell'."""
        return len(self.rows) + 1


@dataclass(frozen=True, slots=True)
class LaidRemedy:
    """A remedy. `left`: for each cause, how much of its weight is left when it did not help."""

    number: int
    bit: int
    cost: float
    free: bool
    left: Weights
    place: int
    opening: float
    needs: tuple[Need, ...]


class Layout:
    """A runbook without its forbidden steps."""

    def __init__(self, runbook: Runbook, forbidden: Collection[str] = ()) -> None:
        self.runbook = runbook
        self.escalate = runbook.escalate
        self._places = {name: 1 << (len(runbook.remedies) + at) for at, name in enumerate(runbook.places)}
        self._fields = _fields(runbook, len(runbook.remedies) + len(runbook.places))
        self.done_mask = (1 << len(runbook.remedies)) - 1
        self.checks = tuple(
            self._check(at, check) for at, check in enumerate(runbook.checks) if check.id not in forbidden
        )
        self.remedies = tuple(
            self._remedy(at, one) for at, one in enumerate(runbook.remedies) if one.id not in forbidden
        )
        self._check_numbered = {check.number: check for check in self.checks}
        self._remedy_numbered = {remedy.number: remedy for remedy in self.remedies}
        self._aims = tuple(self._of_cause(at) for at in range(len(runbook.causes)))
        self._bounds: dict[int, Weights] = {}

    # ── from names to numbers ───────────────────────────────────────────────────────────────────────────────

    def key(self, answers: Mapping[str, str], done: Collection[str], opened: Collection[str]) -> int:
        """The key of a state. Raises KeyError for an answer that its check does not have."""
        key = 0
        for at, remedy in enumerate(self.runbook.remedies):
            key |= (remedy.id in done) << at
        for name, bit in self._places.items():
            key |= bit if name in opened else 0
        for check in self.runbook.checks:
            if check.id in answers:
                key |= _code(check, answers[check.id]) << self._fields[check.id][0]
        return key

    def check(self, number: int) -> LaidCheck:
        """The check with this number."""
        return self._check_numbered[number]

    def remedy(self, number: int) -> LaidRemedy:
        """The remedy with this number."""
        return self._remedy_numbered[number]

    def name(self, number: int) -> str:
        """The id of a check or a remedy."""
        return self.runbook.checks[number - 1].id if number > 0 else self.runbook.remedies[-1 - number].id

    def _check(self, at: int, check: Check) -> LaidCheck:
        told = 1.0 - check.unsure
        causes = [cause.id for cause in self.runbook.causes]
        shift, mask = self._fields[check.id]
        return LaidCheck(
            number=at + 1,
            cost=check.cost,
            asked=-1.0 if check.asked is None else check.asked,
            automatic=check.automatic,
            rows=tuple(tuple(told * row[cause] for cause in causes) for row in check.likelihood.values()),
            unsure=check.unsure,
            place=self._places.get(check.place, 0),
            opening=self.runbook.places.get(check.place, 0.0),
            shift=shift,
            mask=mask,
            needs=self._needs(check.only_if),
        )

    def _remedy(self, at: int, remedy: Remedy) -> LaidRemedy:
        return LaidRemedy(
            number=-1 - at,
            bit=1 << at,
            cost=remedy.cost,
            free=remedy.automatic and remedy.cost <= 0.0 and not remedy.place,
            left=tuple(1.0 - remedy.helps.get(cause.id, 0.0) for cause in self.runbook.causes),
            place=self._places.get(remedy.place, 0),
            opening=self.runbook.places.get(remedy.place, 0.0),
            needs=self._needs(remedy.only_if),
        )

    def _needs(self, only_if: tuple[Only, ...]) -> tuple[Need, ...]:
        needs = []
        for only in only_if:
            check = next(check for check in self.runbook.checks if check.id == only.check)
            wanted = sum(1 << _code(check, answer) for answer in check.answers if answer in only.answers)
            needs.append((*self._fields[only.check], wanted))
        return tuple(needs)

    def _of_cause(self, at: int) -> tuple[tuple[int, float, float], ...]:
        """The remedies that are worth trying if this is the cause: bit, cost, share left; the best last."""
        aims = [(one.cost / (1.0 - one.left[at]), one) for one in self.remedies if one.left[at] < 1.0]
        worth = [(ratio, one) for ratio, one in aims if ratio < self.escalate]
        worth.sort(key=lambda aim: -aim[0])
        return tuple((one.bit, one.cost, one.left[at]) for _, one in worth)

    # ── what can be done in a state ─────────────────────────────────────────────────────────────────────────

    def open_checks(self, key: int) -> Iterator[tuple[LaidCheck, float]]:
        """The checks that can be made now, each with what it costs now."""
        for check in self.checks:
            code = (key >> check.shift) & check.mask
            if code == 0:
                cost = check.cost
                if not check.automatic and check.place & ~key:
                    cost += check.opening
            elif code == check.cannot_tell + 1:
                cost = check.asked + (check.opening if check.place & ~key else 0.0)
            else:
                continue
            if _met(check.needs, key):
                yield check, cost

    def open_remedies(self, key: int) -> Iterator[tuple[LaidRemedy, float]]:
        """The remedies that can be done now, each with what it costs now."""
        for remedy in self.remedies:
            if not key & remedy.bit and _met(remedy.needs, key):
                yield remedy, remedy.cost + (remedy.opening if remedy.place & ~key else 0.0)

    def looks(self, key: int) -> list[LaidCheck]:
        """The checks that the program can make now by itself."""
        return [
            check
            for check in self.checks
            if check.automatic and not (key >> check.shift) & check.mask and _met(check.needs, key)
        ]

    def free_remedy(self, key: int, weights: Weights) -> LaidRemedy | None:
        """A remedy that the program can do now at no cost, and that may help."""
        for remedy in self.remedies:
            if remedy.free and not key & remedy.bit and _met(remedy.needs, key) and _helps(remedy, weights):
                return remedy
        return None

    def forced(self, key: int, weights: Weights) -> int:
        """The number of the step that is taken before anything is weighed, as it costs nobody anything;
        ESCALATE where there is none.
        """
        looks = self.looks(key)
        if looks:
            return looks[0].number
        free = self.free_remedy(key, weights)
        return free.number if free is not None else ESCALATE

    def ahead(self, key: int) -> int:
        """How many states there may be from here on at most."""
        left = [remedy for remedy in self.remedies if not key & remedy.bit]
        count: int = 1 << len(left)
        for check in self.checks:
            if not (key >> check.shift) & check.mask:
                count *= check.cannot_tell + 1
        return count

    def bounds(self, key: int, weights: Weights, whole: float) -> list[tuple[float, int, float]]:
        """Every step that can be taken and weighed: what it costs at least with all that follows, its number,
        and its own cost, times the weight; the most promising first.
        """
        revealed = dot(weights, self.least(key))
        steps = []
        for check, price in self.open_checks(key):
            cost = price * whole
            steps.append((cost + revealed, check.number, cost))
        for remedy, price in self.open_remedies(key):
            cost = price * whole
            after, left = self.failed(remedy, key, weights)
            if left != weights:
                steps.append((cost + dot(left, self.least(after)), remedy.number, cost))
        steps.sort()
        return steps

    # ── what comes after it ─────────────────────────────────────────────────────────────────────────────────

    def results(self, check: LaidCheck, key: int, weights: Weights) -> Iterator[tuple[int, Weights]]:
        """Key and weights after each answer of a check, 'cannot tell' last."""
        looked = check.automatic and not (key >> check.shift) & check.mask
        base = key & ~(check.mask << check.shift)
        if not looked:
            base |= check.place
        for code, row in enumerate(check.rows, start=1):
            yield base | code << check.shift, tuple(map(mul, weights, row))
        unsure = check.unsure
        code = check.cannot_tell + (looked and check.asked >= 0.0)
        yield base | code << check.shift, tuple([weight * unsure for weight in weights])

    def failed(self, remedy: LaidRemedy, key: int, weights: Weights) -> tuple[int, Weights]:
        """Key and weights after a remedy that did not help."""
        return key | remedy.bit | remedy.place, tuple(map(mul, weights, remedy.left))

    def least(self, key: int) -> Weights:
        """For each cause, what it costs at least if that cause were revealed for nothing: its remedies by
        cost over probability, then giving up.
        """
        done = key & self.done_mask
        found = self._bounds.get(done)
        if found is None:
            found = self._bounds[done] = tuple(map(self._least_of(done), self._aims))
        return found

    def _least_of(self, done: int) -> Callable[[tuple[tuple[int, float, float], ...]], float]:
        def cost(aims: tuple[tuple[int, float, float], ...]) -> float:
            value = self.escalate
            for bit, cost, left in aims:
                if not done & bit:
                    value = cost + left * value
            return value

        return cost


def dot(weights: Weights, costs: Weights) -> float:
    """The sum of the products."""
    products: Iterable[float] = map(mul, weights, costs)
    return sum(products)


def _fields(runbook: Runbook, first: int) -> dict[str, tuple[int, int]]:
    """Check → where its bits are, and their mask."""
    fields, shift = {}, first
    for check in runbook.checks:
        width = (len(check.answers) + 1).bit_length()
        fields[check.id] = (shift, (1 << width) - 1)
        shift += width
    return fields


def _code(check: Check, answer: str) -> int:
    if answer == CANNOT_LOOK:
        return len(check.answers) + 1
    if answer == CANNOT_TELL:
        return len(check.answers)
    for code, one in enumerate(check.likelihood, start=1):
        if one == answer:
            return code
    raise KeyError(answer)


def _met(needs: tuple[Need, ...], key: int) -> bool:
    for shift, mask, wanted in needs:  # noqa: SIM110 - asked for every step of every state
        if not wanted >> (key >> shift & mask) & 1:
            return False
    return True


def _helps(remedy: LaidRemedy, weights: Weights) -> bool:
    return any(w > 0.0 and left < 1.0 for w, left in zip(weights, remedy.left, strict=True))
