"""The API as each who may come, with whatever can be generated from its description: without a token, with a
guessed one, with a person's cookie, with the token of another till.
"""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode

from tests.till.api_world import World, uid
from tests.till.test_api_document import DESCRIBED, TRUTHS

pytestmark = pytest.mark.slow

STRANGERS: dict[str, dict[str, str]] = {
    "nobody": {},
    "guessed": {"Authorization": "Bearer till-1.guessed"},
    "a person's cookie": {"Cookie": "sessionid=0123456789abcdefghijklmnopqrstuv"},
}
OPEN = {("get", "/problems/{code}")}
"""Said to everybody."""
MINE, THEIRS = "till-1", "till-3"


def described(world: World, method: str, path: str) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.application)[path][method]


def generated(**how: Any) -> Any:
    everything = list(HealthCheck)
    return hypothesis.settings(max_examples=10, deadline=None, suppress_health_check=everything, **how)


def test_what_is_open_to_everybody_is_described() -> None:
    assert set(DESCRIBED) >= OPEN
    assert len(DESCRIBED) > len(OPEN)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("method", "path"), [one for one in DESCRIBED if one not in OPEN])
def test_a_stranger_learns_and_changes_nothing(open_world: World, method: str, path: str, who: str) -> None:
    open_world.sell(uid(1))
    before, answered = open_world.rows(), []

    @generated()
    @hypothesis.given(case=described(open_world, method, path).as_strategy())
    def checked(case: Any) -> None:
        response = case.call(headers=STRANGERS[who])
        answered.append(response.status_code)
        assert response.status_code == 401, response.text
        assert response.json()["code"] == "api.token-invalid"

    checked()
    assert answered
    assert open_world.rows() == before


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), DESCRIBED)
def test_the_token_of_a_till_reaches_nothing_of_another(
    open_world: World, method: str, path: str, mode: GenerationMode
) -> None:
    """Whatever else is sent: the uid is always that of an operation of the other till."""
    open_world.sell(uid(1), till=THEIRS)
    before = open_world.call("GET", f"/api/v1/operations/{uid(1)}", till=THEIRS).json
    headers = {"Authorization": f"Bearer {open_world.tokens[MINE].text}"}
    answered = []

    @generated()
    @hypothesis.given(case=described(open_world, method, path).as_strategy(generation_mode=mode))
    def checked(case: Any) -> None:
        if "uid" in case.path_parameters:
            case.path_parameters["uid"] = uid(1)
        if isinstance(case.body, dict) and "uid" in case.body:
            case.body["uid"] = uid(1)
        response = case.call_and_validate(headers=headers, checks=TRUTHS)
        answered.append(response.status_code)
        assert THEIRS not in response.text, "the answer names the other till"
        assert response.status_code >= 400 or "{uid}" not in path

    checked()
    assert answered
    assert open_world.call("GET", f"/api/v1/operations/{uid(1)}", till=THEIRS).json == before
