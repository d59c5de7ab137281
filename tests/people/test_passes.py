"""Passes: made of the folder's secret, short-lived, for one till, from this machine."""

from __future__ import annotations

import pytest

from tillwright.people import passes, tokens

SECRET, OTHER = "the secret of this folder" * 2, "the secret of another one" * 2
NOW_MS = 1_700_000_000_000
HOME = "127.0.0.1"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "_key", b"")
    monkeypatch.setattr(passes, "_here", passes.LOOPBACK)
    passes.set_secret(SECRET, ("192.168.1.5",))


@pytest.mark.parametrize("caller", [HOME, "::1", "192.168.1.5"])
def test_it_is_good_here_for_a_minute(caller: str) -> None:
    made = passes.pass_for(SECRET, "till-1", NOW_MS)
    assert passes.is_pass(made)
    assert passes.till_of(made, caller, NOW_MS) == "till-1"
    assert passes.till_of(made, caller, NOW_MS + passes.VALID_MS - 1) == "till-1"


@pytest.mark.parametrize(
    ("secret", "caller", "at_ms"),
    [
        (OTHER, HOME, NOW_MS),
        (SECRET, "192.168.1.6", NOW_MS),
        (SECRET, "", NOW_MS),
        (SECRET, HOME, NOW_MS + passes.VALID_MS),
        (SECRET, HOME, NOW_MS - 1),
    ],
)
def test_it_is_good_for_nobody_else(secret: str, caller: str, at_ms: int) -> None:
    assert passes.till_of(passes.pass_for(secret, "till-1", NOW_MS), caller, at_ms) is None


def test_a_changed_one_is_none() -> None:
    made = passes.pass_for(SECRET, "till-1", NOW_MS)
    prefix, till, ends, signed = made.split(".")
    for other in (
        f"{prefix}.till-2.{ends}.{signed}",
        f"{prefix}.{till}.{int(ends) + 1}.{signed}",
        f"{prefix}.{till}.{ends}.{signed[:-1]}",
        f"{prefix}.{till}.{ends}.",
        f"{prefix}.{till}.{ends}",
        "~doctor.",
        "~doctor.till-1.x.\u00e9",
        "",
    ):
        assert passes.till_of(other, HOME, NOW_MS) is None


def test_without_a_secret_none_is_taken() -> None:
    passes.set_secret("")
    assert passes.till_of(passes.pass_for("", "till-1", NOW_MS), HOME, NOW_MS) is None


def test_it_is_no_token_and_no_token_is_one() -> None:
    assert tokens.till_of(passes.pass_for(SECRET, "till-1", NOW_MS)) is None
    assert not passes.is_pass(tokens.token_for("till-1").text)
