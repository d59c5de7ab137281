"""Rules of a pack: contradictions are refused, whoever makes them."""

from dataclasses import replace
from typing import Any

import pytest

from tillwright.kernel.rules import (
    ROLES,
    ApprovalRules,
    CurrencyRules,
    KindRules,
    LegRules,
    LicenceRules,
    OfflineRules,
    PackRules,
    ReasonRules,
    reaches,
)

EURO = CurrencyRules("EUR", 2, 1_000_00, (10_00, 5_00))
SALE = KindRules("cash-sale", (LegRules("control", "register", commit=True),))
RULES = PackRules(
    name="test",
    currencies=(EURO,),
    languages=("en",),
    kinds=(SALE,),
    receivers=(),
    red_blocks=("cash-sale",),
    maximum_lines=10,
    red_after_ms=5_000,
    connect_within_ms=2_000,
    answer_within_ms=3_000,
    resend_delays_ms=(200, 500),
    inquire_delays_ms=(0, 1_000, 30_000),
    question_ms=60_000,
    device_clock_tolerance_ms=120_000,
    wait_cap_ms=25_000,
    reserve_bytes=1_000,
)


def test_currencies_and_kinds_are_found_by_name() -> None:
    assert RULES.currency("EUR") is EURO
    assert RULES.currency("VND") is None
    assert RULES.kind("cash-sale") is SALE
    assert RULES.kind("refund") is None


@pytest.mark.parametrize(
    "change",
    [
        {"red_blocks": ()},
        {"resend_delays_ms": ()},
        {"offline": OfflineRules(1, 1, 1, 1, 0), "licence": LicenceRules((), 0), "shifts": True},
        {"currencies": (replace(EURO, code="VND", exponent=0),)},
        {"kinds": (KindRules("price-check", ()),), "red_blocks": ()},
    ],
)
def test_sound_rules_are_taken(change: dict[str, Any]) -> None:
    assert replace(RULES, **change) != RULES


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"red_after_ms": 0}, "red_after_ms is 0"),
        ({"maximum_lines": -1}, "maximum_lines is -1"),
        ({"resend_delays_ms": (500, 200)}, "resend_delays_ms must grow"),
        ({"resend_delays_ms": (-1, 200)}, "resend_delays_ms has a negative wait"),
        ({"inquire_delays_ms": ()}, "inquire_delays_ms must end with a wait"),
        ({"inquire_delays_ms": (0,)}, "inquire_delays_ms must end with a wait"),
        ({"languages": ()}, "languages is empty"),
        ({"currencies": ()}, "currencies is empty"),
        ({"languages": ("en", "en")}, "languages names one twice"),
        ({"red_blocks": ("refund",)}, "red_blocks names 'refund'"),
        ({"currencies": (replace(EURO, code="eur"),)}, "not a code of three capital letters"),
        ({"currencies": (replace(EURO, code="ЕВР"),)}, "not a code of three capital letters"),
        ({"currencies": (replace(EURO, exponent=4),)}, "exponent 4 is not within 0 and 3"),
        ({"currencies": (replace(EURO, maximum_total_minor=0),)}, "maximum_total_minor"),
        ({"currencies": (replace(EURO, denominations_minor=()),)}, "at least one note"),
        ({"currencies": (replace(EURO, denominations_minor=(5, 0)),)}, "all above 0"),
        ({"currencies": (replace(EURO, denominations_minor=(5, 10)),)}, "must fall"),
        ({"currencies": (replace(EURO, denominations_minor=(5, 5)),)}, "each once"),
        ({"reverse_delays_ms": ()}, "reverse_delays_ms must end with a wait"),
        ({"approvals": (ApprovalRules("sleep", "senior"),)}, "approvals names 'sleep'"),
        ({"approvals": (ApprovalRules("void", "king"),)}, "'king', which is no role"),
        ({"approvals": (ApprovalRules("void", "senior"),) * 2}, "approvals names one twice"),
        ({"reasons": (ReasonRules("void", ()),)}, "at least one"),
        ({"reasons": (ReasonRules("void", ("other", "other")),)}, "each once"),
        ({"offline": OfflineRules(1, 1, 1, 0)}, "every cap must be at least 1"),
        ({"offline": OfflineRules(1, 1, 1, 1, -1)}, "warn_before_ms is negative"),
        ({"licence": LicenceRules((), -1)}, "grace_ms is negative"),
        ({"currencies": (replace(EURO, second_person_above_minor=-1),)}, "second_person_above_minor"),
        ({"kinds": (KindRules("cash-sale", (LegRules("control", "register"),)),)}, "exactly one leg"),
        ({"kinds": (replace(SALE, legs=SALE.legs * 2),)}, "exactly one leg"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="rules of pack 'test'") as refused:
        replace(RULES, **change)
    assert said in str(refused.value)


def test_roles_are_a_ladder() -> None:
    for low, role in enumerate(ROLES):
        assert [reaches(role, needed) for needed in ROLES] == [True] * (low + 1) + [False] * (2 - low)
    assert not reaches("", "cashier")


def test_a_second_person_is_a_matter_of_the_currency() -> None:
    rules = replace(RULES, currencies=(replace(EURO, second_person_above_minor=500),))
    assert [rules.second_person_above_minor(code) for code in ("EUR", "VND")] == [500, 0]


def test_every_contradiction_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"red_after_ms.*languages is empty"):
        replace(RULES, red_after_ms=0, languages=())
