"""Runbooks to think about: small random ones, and a brute-force optimum that is as dumb as it is plain."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hypothesis import strategies as st

from tillwright.diagnosis.runbook import (
    CANNOT_LOOK,
    CANNOT_TELL,
    NONE_OF_THESE,
    Cause,
    Check,
    Only,
    Remedy,
    Runbook,
)

SHARES = st.floats(0.01, 0.99)
COSTS = st.integers(0, 60).map(float)


def light_print() -> Runbook:
    """Four causes, three repairs and a question; see the page on how a diagnosis chooses."""
    drops, toner, flow, driver = "distribution", "toner", "dataflow", "driver"
    prints_light = {drops: 0.99, toner: 0.99, flow: 0.01, driver: 0.01}
    return Runbook(
        code="printer.light-print",
        causes=(Cause(drops, 0.4), Cause(toner, 0.3), Cause(flow, 0.2), Cause(driver, 0.1)),
        checks=(
            Check(
                "test-page-light",
                2.0,
                {"yes": prints_light, "no": {cause: 1 - share for cause, share in prints_light.items()}},
                unsure=0.0,
            ),
        ),
        remedies=(
            Remedy("reseat", 5.0, {drops: 0.95}),
            Remedy("other-toner", 15.0, {drops: 0.95, toner: 0.95}),
            Remedy("cycle-power", 1.0, {flow: 0.95}),
        ),
        escalate=40.0,
    )


@st.composite
def runbooks(draw: st.DrawFn, checks: int = 3, remedies: int = 3) -> Runbook:
    """Anything that may stand in a runbook, small."""
    causes = [f"c{at}" for at in range(draw(st.integers(1, 3)))] + [NONE_OF_THESE]
    places = {"lid": draw(COSTS)}
    made: list[Check] = []
    for at in range(draw(st.integers(0, checks))):
        made.append(_check(draw, f"q{at}", causes, made))
    return Runbook(
        code="demo.random",
        causes=tuple(Cause(cause, draw(st.floats(0.1, 9.0))) for cause in causes),
        checks=tuple(made),
        remedies=tuple(_remedy(draw, f"r{at}", causes, made) for at in range(draw(st.integers(0, remedies)))),
        escalate=draw(st.integers(1, 200).map(float)),
        places=places,
    )


def _check(draw: st.DrawFn, id: str, causes: list[str], before: list[Check]) -> Check:
    answers = [f"a{at}" for at in range(draw(st.integers(2, 3)))]
    raw = {cause: [draw(SHARES) for _ in answers] for cause in causes}
    automatic = draw(st.booleans())
    return Check(
        id,
        0.0 if automatic else draw(COSTS),
        {
            answer: {cause: raw[cause][at] / sum(raw[cause]) for cause in causes}
            for at, answer in enumerate(answers)
        },
        unsure=draw(st.floats(0.01, 0.3)),
        place=draw(st.sampled_from(["", "lid"])),
        automatic=automatic,
        asked=draw(st.none() | COSTS) if automatic else None,
        only_if=_only(draw, before),
    )


def _remedy(draw: st.DrawFn, id: str, causes: list[str], checks: list[Check]) -> Remedy:
    automatic = draw(st.booleans())
    helps = draw(st.dictionaries(st.sampled_from(causes), SHARES, max_size=3))
    cost = draw(st.sampled_from([0.0, 5.0])) if automatic else draw(COSTS)
    place = "" if automatic else draw(st.sampled_from(["", "lid"]))
    return Remedy(id, cost, helps, place=place, automatic=automatic, only_if=_only(draw, checks))


def _only(draw: st.DrawFn, checks: list[Check]) -> tuple[Only, ...]:
    if not checks or draw(st.integers(0, 3)):
        return ()
    check = draw(st.sampled_from(checks))
    return (Only(check.id, frozenset(draw(st.sets(st.sampled_from(check.answers), min_size=1)))),)


# ── the dumb optimum: normalised belief, no memory, no bound, every order of everything ─────────────────────


def optimum(
    runbook: Runbook,
    belief: Mapping[str, float] | None = None,
    answers: Mapping[str, str] | None = None,
    done: Collection[str] = (),
    opened: Collection[str] = (),
    forbidden: Collection[str] = (),
) -> float:
    """The least expected cost from here, in seconds."""
    if belief is None:
        whole = sum(cause.weight for cause in runbook.causes)
        belief = {cause.id: cause.weight / whole for cause in runbook.causes}
    answers = answers or {}
    ways = [runbook.escalate]
    for remedy in runbook.remedies:
        if remedy.id in done or remedy.id in forbidden or not _open(remedy.only_if, answers):
            continue
        helped = sum(share * remedy.helps.get(cause, 0.0) for cause, share in belief.items())
        rest = {cause: share * (1 - remedy.helps.get(cause, 0.0)) for cause, share in belief.items()}
        now_open = {*opened, remedy.place} - {""}
        way = remedy.cost + _opening(runbook, remedy.place, opened)
        if helped < 1.0:
            after = {cause: share / (1 - helped) for cause, share in rest.items()}
            way += (1 - helped) * optimum(runbook, after, answers, {*done, remedy.id}, now_open, forbidden)
        ways.append(way)
    for check in runbook.checks:
        asked = answers.get(check.id) == CANNOT_LOOK
        if (check.id in answers and not asked) or check.id in forbidden or not _open(check.only_if, answers):
            continue
        by_hand = asked or not check.automatic
        way = (check.asked or 0.0) if asked else check.cost
        now_open = {*opened}
        if by_hand and check.place:
            way += _opening(runbook, check.place, opened)
            now_open |= {check.place}
        for answer, likelihood in check.likelihood.items():
            joint = {c: p * (1 - check.unsure) * likelihood[c] for c, p in belief.items()}
            chance = sum(joint.values())
            after = {c: p / chance for c, p in joint.items()}
            told = {**answers, check.id: answer}
            way += chance * optimum(runbook, after, told, done, now_open, forbidden)
        nothing = CANNOT_LOOK if check.automatic and check.asked is not None and not asked else CANNOT_TELL
        told = {**answers, check.id: nothing}
        if check.unsure:
            way += check.unsure * optimum(runbook, belief, told, done, now_open, forbidden)
        ways.append(way)
    return min(ways)


def _open(only_if: tuple[Only, ...], answers: Mapping[str, str]) -> bool:
    return all(answers.get(only.check) in only.answers for only in only_if)


def _opening(runbook: Runbook, place: str, opened: Collection[str]) -> float:
    return 0.0 if not place or place in opened else runbook.places[place]


# ── others ──────────────────────────────────────────────────────────────────────────────────────────────────


def large(causes: int = 8, checks: int = 7, remedies: int = 8) -> Runbook:
    """A runbook with more states than can be worked out while somebody waits."""
    names = [f"c{at}" for at in range(causes)] + [NONE_OF_THESE]
    return Runbook(
        code="demo.large",
        causes=tuple(Cause(name, 1.0 + at % 3) for at, name in enumerate(names)),
        checks=tuple(
            Check(
                f"q{number}",
                5.0 + number,
                {
                    "yes": {name: 0.9 if at >> number % 3 & 1 else 0.2 for at, name in enumerate(names)},
                    "no": {name: 0.1 if at >> number % 3 & 1 else 0.8 for at, name in enumerate(names)},
                },
            )
            for number in range(checks)
        ),
        remedies=tuple(
            Remedy(f"r{at}", 20.0 + 7 * at, {f"c{at % causes}": 0.9, f"c{(at + 1) % causes}": 0.2})
            for at in range(remedies)
        ),
        escalate=600.0,
    )
