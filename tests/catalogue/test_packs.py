"""Reading the rules of a pack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.catalogue.packs import BrokenPack, rules_from_toml

SOUND = """\
name = "test"
languages = ["en"]
receivers = []
red_blocks = ["cash-sale"]
maximum_lines = 2000
red_after_ms = 5000
connect_within_ms = 2000
answer_within_ms = 3000
resend_delays_ms = [200, 500, 1000]
inquire_delays_ms = [0, 1000]
question_ms = 60000
device_clock_tolerance_ms = 120000
wait_cap_ms = 25000
reserve_bytes = 1000
shifts = true
approvals = [{ purpose = "refund", role = "senior" }]
enquiry_required = false
withdraw_before_close = false
grant_ms = 120000
reasons = [{ purpose = "refund", reasons = ["other"] }]
operator_warning_ms = 60000
reverse_delays_ms = [1000, 5000]
undoing_red_after_ms = 300000
[offline]
age_ms = 604800000
count = 100
sum_minor = 5000
sale_minor = 1000
[licence]
blocks = ["fiscal.billing-sn-not-found"]
grace_ms = 1000
[[currencies]]
code = "VND"
exponent = 0
maximum_total_minor = 1000
denominations_minor = [500, 200]
[[kinds]]
name = "cash-sale"
legs = [{ party = "control", action = "register", commit = true }]
"""


def test_rules_come_from_their_text() -> None:
    rules = rules_from_toml(SOUND)
    assert rules.name == "test"
    assert rules.resend_delays_ms == (200, 500, 1000)
    currency, kind = rules.currency("VND"), rules.kind("cash-sale")
    assert currency
    assert (currency.exponent, currency.denominations_minor) == (0, (500, 200))
    assert kind
    assert kind.legs[0].commit is True
    assert rules.shifts is True
    assert (rules.role_for("refund"), rules.role_for("void")) == ("senior", None)
    assert (rules.reasons_for("refund"), rules.reasons_for("void")) == (("other",), ())
    assert rules.offline
    assert rules.offline.warn_before_ms == 48 * 3_600_000
    assert rules.licence
    assert rules.licence.blocks == ("fiscal.billing-sn-not-found",)


@pytest.mark.parametrize("name", ["offline", "licence"])
def test_a_pack_may_do_without_caps_and_without_a_licence(name: str) -> None:
    start = SOUND.index(f"[{name}]")
    rules = rules_from_toml(SOUND[:start] + SOUND[SOUND.index("\n[", start) :])
    assert getattr(rules, name) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name =", "name", "line 1"),
        ("maximum_lines = 2000\n", "", "missing: maximum_lines"),
        ("maximum_lines = 2000", 'maximum_lines = "many"', "maximum_lines: Expected `int`, got `str`"),
        ("maximum_lines = 2000", "maximum_lines = 2000.0", "maximum_lines: Expected `int`, got `float`"),
        ("maximum_lines", "maximum_line", "unknown: maximum_line"),
        ("exponent = 0", "exponents = 0", "unknown: currencies.0.exponents"),
        ("commit = true", "comit = true", "unknown: kinds.0.legs.0.comit"),
        ("commit = true", "commit = 1", "kinds.0.legs.0.commit: Expected `bool`, got `int`"),
        ("legs = [{", "legs = [7, {", "kinds.0.legs.0: Expected `object`, got `int`"),
        ("grant_ms = 120000\n", "", "missing: grant_ms"),
        ("age_ms = 604800000\n", "", "offline: Object missing required field `age_ms`"),
        ("sale_minor = 1000", "sales_minor = 1000", "unknown: offline.sales_minor"),
        ("grace_ms = 1000", "grace = 1000", "unknown: licence.grace"),
        ("[licence]", "[[licence]]", "licence: Expected `object | null`, got `array`"),
        ('role = "senior"', 'roll = "senior"', "unknown: approvals.0.roll"),
        ('purpose = "refund", role', 'purpose = "sleep", role', "approvals names 'sleep'"),
        ('role = "senior"', 'role = "king"', "'king', which is no role"),
        ("[[kinds]]", "[kinds]", "kinds: Expected `array`, got `object`"),
        ("red_after_ms = 5000", "red_after_ms = 0", "red_after_ms is 0, must be at least 1"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, said: str) -> None:
    assert old in SOUND
    with pytest.raises(BrokenPack) as broken:
        rules_from_toml(SOUND.replace(old, new, 1))
    assert said in str(broken.value)


@given(st.integers(0, len(SOUND)), st.integers(0, 40), st.text(max_size=4))
def test_a_damaged_text_is_read_or_refused(start: int, length: int, put_in: str) -> None:
    text = SOUND[:start] + put_in + SOUND[start + length :]
    try:
        told = rules_from_toml(text).name
    except BrokenPack as broken:
        told = str(broken)
    assert told or 'name = ""' in text
