"""The licence: the seven messages of the licensing service, with what lies behind each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import NotSo, World

_SEEN = {
    "fiscal.billing-contract-not-concluded": "contract-not-concluded",
    "fiscal.billing-update-required": "update-required",
    "fiscal.billing-sn-not-found": "sn-not-found",
    "fiscal.billing-unp-mismatch": "unp-mismatch",
    "fiscal.billing-subscription-missing": "subscription-missing",
    "fiscal.billing-subscription-ending": "subscription-ending",
    "fiscal.billing-subscription-ending-no-funds": "subscription-ending-no-funds",
}
"""Code → the service's message."""
_TRIES = 3


def _switch(world: World, code: str, on: bool) -> None:
    world.licensing("switch", serial=world.till.equipment, message=_SEEN[code], on=on)


def said(code: str) -> Act:
    """The service says it of this till from now on."""

    def bring(world: World) -> None:
        world.strike()
        _switch(world, code, True)

    return bring


def settled(code: str) -> Act:
    """Whoever had to has done their part: it is said no more."""
    return lambda world: _switch(world, code, False)


def heard_late(code: str) -> Act:
    """The till hears of it just when it has been settled; brought about anew if a later answer came first."""

    def bring(world: World) -> None:
        for _ in range(_TRIES - 1):
            with suppress(NotSo):
                return once(world)
        return once(world)

    def once(world: World) -> None:
        _switch(world, code, True)
        world.strike()
        world.hear_late("licensing", "warning", settled(code))

    return bring


def fine(world: World) -> bool:
    """The service has nothing against the till's licence."""
    now_ms = world.now_ms()
    for one in world.truth("licensing")["licences"]:
        if one["serial"] == world.till.equipment:
            paid = one["paid_until_ms"] - now_ms > 14 * 86_400_000
            well = one["is_known"] and one["is_concluded"] and not one["version"] and not one["taxpayer"]
            return bool(paid and well)
    return True


def _scenes(code: str, causes: Iterable[tuple[str, Mapping[str, str], str]]) -> Iterable[Scenario]:
    """Each cause with what the person finds and the remedy that ends it."""
    for cause, sees, does in causes:
        yield Scenario(
            code, cause, said(code), fine, sees, {does: settled(code)} if does else {}, settled(code)
        )
    yield Scenario(code, "answer-old", heard_late(code), fine)


SCENARIOS = (
    *_scenes(
        "fiscal.billing-contract-not-concluded",
        (("not-signed", {"signed": "no"}, "sign"), ("not-entered", {"signed": "yes"}, "have-it-entered")),
    ),
    *_scenes(
        "fiscal.billing-update-required",
        (
            ("not-installed", {"store": "waits"}, "install"),
            ("not-restarted", {"store": "installed"}, "restart"),
        ),
    ),
    *_scenes(
        "fiscal.billing-sn-not-found",
        (
            ("contract-wrong", {"label": "yes", "exchanged-lately": "no"}, "correct-contract"),
            ("exchanged", {"label": "yes", "exchanged-lately": "yes"}, "report-exchange"),
            ("typed-wrong", {"label": "no", "exchanged-lately": "no"}, "correct-settings"),
        ),
    ),
    *_scenes(
        "fiscal.billing-unp-mismatch",
        (
            ("typed-wrong", {"which": "contract"}, "correct-settings"),
            ("contract-wrong", {"which": "settings"}, "correct-contract"),
        ),
    ),
    *_scenes(
        "fiscal.billing-subscription-missing",
        (
            ("no-money", {"cabinet": "no-money"}, "top-up-and-order"),
            ("no-order", {"cabinet": "no-order"}, "place-order"),
            ("not-booked", {"cabinet": "both"}, "have-it-booked"),
        ),
    ),
    Scenario(
        "fiscal.billing-subscription-ending",
        "not-ordered",
        said("fiscal.billing-subscription-ending"),
        fine,
        {"renewal": "none"},
        {"order": settled("fiscal.billing-subscription-ending")},
        settled("fiscal.billing-subscription-ending"),
    ),
    Scenario(
        "fiscal.billing-subscription-ending",
        "renews-itself",
        said("fiscal.billing-subscription-ending"),
        lambda world: True,
        {"renewal": "automatic"},
        {"wait-for-renewal": lambda world: None},
    ),
    Scenario(
        "fiscal.billing-subscription-ending",
        "answer-old",
        heard_late("fiscal.billing-subscription-ending"),
        fine,
    ),
    *_scenes(
        "fiscal.billing-subscription-ending-no-funds",
        (("no-money", {"paid": "no"}, "top-up"), ("not-booked", {"paid": "yes"}, "trace-payment")),
    ),
)
