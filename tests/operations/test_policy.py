"""The waiting times of a pack, in one place."""

from dataclasses import fields, replace

from tests.operations.rules_for_tests import PLAIN
from tillwright.operations.policy import Policy, policy_of


def test_every_time_of_the_policy_is_the_packs() -> None:
    times = {field.name: field for field in fields(Policy) if field.name != "requests"}
    for number, name in enumerate(sorted(times), start=1):
        given = getattr(PLAIN, name)
        other = tuple(given) + (given[-1] + number,) if isinstance(given, tuple) else given + number  # noqa: RUF005
        rules = replace(PLAIN, **{name: other})  # type: ignore[arg-type]
        assert getattr(policy_of(rules), name) == other


def test_what_requests_promise_is_not_the_packs_choice() -> None:
    assert policy_of(PLAIN).requests == Policy().requests
