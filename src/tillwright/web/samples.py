"""What the style guide shows: every component with values that test it, such as long sums and long words."""

from __future__ import annotations

from typing import Any

from tillwright.kernel.fault import Fault
from tillwright.web.strip import PartyHealth, Strip
from tillwright.web.templatetags.tillwright import STATES

COLOURS = (
    "paper", "surface", "sunken", "line", "line-strong", "ink", "ink-soft", "accent", "accent-soft", "green",
    "green-soft", "amber", "amber-soft", "red", "red-soft", "red-solid", "blue", "blue-soft", "stop",
)  # fmt: skip


def samples() -> dict[str, Any]:
    """The values of the style guide."""
    return {
        "colours": COLOURS,
        "sizes": (1, 2, 3, 4, 5, 6),
        "states": tuple(STATES),
        "refusal": Fault("till.change-exceeds-drawer", change_minor=4150, drawer_minor=2000, currency="EUR"),
        "lines": (
            ("Milk 3.2 % 1 l", 2_000, 189, 378),
            ("Apples, red, from the orchard behind the village", 1_375, 240, 330),
            ("Television", 1_000, 99_999_999, 99_999_999),
        ),
        "sums": ((568, "EUR"), (-50, "EUR"), (2_000_000_000, "VND"), (123_456_789_012, "VND"), (-5, "BYN")),
        "moments": (0, 1_800_000_000_000),
        "sample_uid": "00000000-0000-4000-8000-000000000001",
        "strips": (_strip(), _strip(red=True), _strip(starting=True)),
    }


def _strip(*, red: bool = False, starting: bool = False) -> Strip:
    from tillwright.web import current

    state = "sick" if red else "well"
    return Strip(
        till=current.place().tills[0],
        reached=not starting,
        cashier="Minh",
        shift=41,
        parties=(PartyHealth("control", state), PartyHealth("operator", "unknown")),
        undelivered=3 if red else 0,
        red_count=1 if red else 0,
        first_red_uid="",
    )
