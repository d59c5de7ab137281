"""Selling through the API: one intent, one operation, and an answer that says how it stands."""

from tests.till.api_world import OPERATIONS, World, uid


def test_a_sale_ends_within_the_wait(world: World) -> None:
    answer = world.sell(uid(1))
    assert answer.status == 201, answer.body
    assert answer.json["state"] == "done"
    assert answer.headers["location"] == f"{OPERATIONS}/{uid(1)}"
    assert answer.headers["preference-applied"] == "wait=20"
