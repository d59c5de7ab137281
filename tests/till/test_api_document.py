"""The OpenAPI document tells the truth: what is read, what is answered, and which codes refuse it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import hypothesis
import jsonschema_rs
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.till.api_world import OPERATIONS, World, uid
from tests.till.test_api_refusals import REFUSED
from tillwright.kernel.fault import FaultError
from tillwright.machine.resources import shipped_catalogue, shipped_rules
from tillwright.operations.kinds import STARTABLE
from tillwright.till import api, api_codes, api_wire, api_wire_rulings, api_wire_till
from tillwright.till.api_reading import new_operation
from tillwright.till.api_wire_detail import OperationDetail

TRUTHS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
    openapi_checks.ignored_auth,
]
OURS = schemathesis.Config()
OURS.projects.default.generation.update(with_security_parameters=False)
"""Each call carries our token: one made up as wrong by its missing token would be right after all. A call
without any is what `ignored_auth` tries."""
DOCUMENT: dict[str, Any] = json.loads(api.document())
DESCRIBED = [
    (method, path) for path, methods in DOCUMENT["paths"].items() for method in methods if path != "/events"
]
"""Every operation but the stream, which has tests of its own."""


# ── against the running application ───────────────────────────────────────────────────────────────


NOTHING_TO_GET_WRONG = {
    ("get", "/till"), ("get", "/till/cash"), ("get", "/till/report"), ("get", "/operations/newest"),
    ("post", "/till/count/open"), ("post", "/till/release"), ("post", "/till/parties/check"),
    ("post", "/till/warning"), ("get", "/status"),
}  # fmt: skip
"""Beside the token they take at most headers that may be anything."""


def test_what_nothing_can_be_wrong_with_is_described() -> None:
    assert set(DESCRIBED) > NOTHING_TO_GET_WRONG


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        (*one, mode)
        for one in DESCRIBED
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or one not in NOTHING_TO_GET_WRONG
    ],
)
def test_every_operation_does_as_it_is_described(
    open_world: World, method: str, path: str, mode: GenerationMode
) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", open_world.application, config=OURS)
    headers = {"Authorization": f"Bearer {open_world.tokens['till-1'].text}"}
    answered: list[int] = []

    @hypothesis.settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @hypothesis.given(case=described[path][method].as_strategy(generation_mode=mode))
    def checked(case: Any) -> None:
        response = case.call_and_validate(headers=headers, checks=TRUTHS)
        answered.append(response.status_code)

    checked()
    assert answered


LINES = st.lists(
    st.tuples(st.sampled_from(["1001", "1002", "77"]), st.integers(0, 5_000_00), st.integers(0, 10_000)),
    min_size=1,
    max_size=5,
)
BASKETS = st.lists(LINES.filter(lambda lines: 0 < sum(line[1] for line in lines) <= 100_000_00), max_size=5)


@hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@hypothesis.given(baskets=BASKETS)
def test_whatever_is_sold_lies_in_the_drawer_and_keeps_its_form(
    open_world: World, baskets: list[list[tuple[str, int, int]]]
) -> None:
    before = open_world.call("GET", "/api/v1/till").json["drawer_minor"]
    sold = open_world.rows()["operation"]
    for number, lines in enumerate(baskets, start=sold + 1):
        total_minor = sum(line[1] for line in lines)
        body = {
            "uid": uid(number),
            "kind": "cash-sale",
            "currency": "EUR",
            "lines": [
                {"goods": goods, "total_minor": total, "quantity_milli": quantity}
                for goods, total, quantity in lines
            ],
            "tenders": [{"kind": "cash", "amount_minor": total_minor}],
        }
        answer = open_world.call("POST", OPERATIONS, body, prefer="wait=20")
        assert (answer.status, answer.json["number"]) == (201, number)
        must_fit("Operation", answer.json)
        must_fit("OperationDetail", open_world.call("GET", f"{OPERATIONS}/{uid(number)}").json)
        must_fit("Receipt", open_world.call("GET", f"{OPERATIONS}/{uid(number)}/receipt").json)
    till = open_world.call("GET", "/api/v1/till").json
    must_fit("Till", till)
    assert till["drawer_minor"] == before + sum(line[1] for lines in baskets for line in lines)


# ── against what the program reads ────────────────────────────────────────────────────────────────


def schema_of(name: str) -> Any:
    """A structure's schema, able to stand alone."""
    text = json.dumps({"$ref": f"#/$defs/{name}", "$defs": DOCUMENT["components"]["schemas"]})
    return json.loads(text.replace("#/components/schemas/", "#/$defs/"))


def must_fit(name: str, value: object) -> None:
    """Check that a value is of the form that the document gives to a structure."""
    jsonschema_rs.validator_for(schema_of(name)).validate(value)


NEW_OPERATION = jsonschema_rs.validator_for(schema_of("NewOperation"), validate_formats=True)


FORMS_AND_BOUNDS = (
    "an array", "null", "a boolean", "a number as text", "null for a number", "above 2^53", "below -2^53",
    "above 64 bits", "a NUL", "a NUL in a code", "a line break in a name", "a name that turns the line round",
    "a key that nobody knows", "a key that nobody knows in a line", "a key missing", "lines that are none",
    "a line that is none", "a uid that is none", "a uid with a blank", "a uid in braces",
    "goods without a code", "a code too long", "a name too long", "a kind too long", "21 tenders",
    "another kind", "a currency that is none", "2,001 lines",
    "a line below zero", "a quantity below zero", "a price below zero", "another tender",
    "a tender of nothing", "a tender below zero",
)  # fmt: skip


@pytest.mark.parametrize("case", FORMS_AND_BOUNDS)
def test_a_client_that_keeps_to_the_document_is_not_refused_for_form(case: str) -> None:
    body = REFUSED[case][0]
    assert not NEW_OPERATION.is_valid(json.loads(body) if isinstance(body, bytes) else body)


@hypothesis.given(st.from_regex(api_wire.UID_FORM, fullmatch=True))
def test_each_uid_that_is_described_is_read(text: str) -> None:
    line = {"goods": "1", "total_minor": 1}
    body = {"uid": text, "kind": "cash-sale", "currency": "EUR", "lines": [line], "tenders": []}
    assert new_operation(json.dumps(body).encode()).uid == text.lower()


def test_the_bounds_in_the_document_are_those_of_the_rules() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    operation, line, tender = (
        schemas[name]["properties"] for name in ("NewOperation", "NewLine", "NewTender")
    )
    assert operation["lines"]["maxItems"] == shipped_rules("demo").maximum_lines
    assert operation["kind"]["enum"] == sorted(STARTABLE)
    assert tender["kind"]["enum"] == ["cash", "exchange"]
    assert (line["total_minor"]["minimum"], line["quantity_milli"]["minimum"]) == (0, 0)
    assert (tender["amount_minor"]["minimum"], operation["total_minor"]["minimum"]) == (1, -(2**53))
    assert all(found["maximum"] == 2**53 for found in (line["total_minor"], tender["amount_minor"]))
    assert api_wire.LEAST not in json.dumps(DOCUMENT)


def test_the_example_can_be_read() -> None:
    body = DOCUMENT["paths"]["/operations"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert NEW_OPERATION.is_valid(body)
    assert new_operation(json.dumps(body).encode()).kind == "cash-sale"


def test_the_names_of_the_answers_are_those_of_the_structures() -> None:
    for form in (
        api_wire.Operation, OperationDetail, api_wire.OperationPage, api_wire.Problem, api_wire_till.Till,
        api_wire_till.Cash, api_wire_rulings.Enquiry,
    ):  # fmt: skip
        properties = DOCUMENT["components"]["schemas"][form.__name__]["properties"]
        assert list(properties) == list(form.__struct_fields__)


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────


def codes_of(operation: dict[str, Any], status: str) -> list[str]:
    content = operation["responses"][status]["content"]["application/problem+json"]
    codes: list[str] = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
    return codes


def test_each_code_stands_under_its_status() -> None:
    found = 0
    for method, path in [*DESCRIBED, ("get", "/events")]:
        operation = DOCUMENT["paths"][path][method]
        for status in operation["responses"]:
            for code in codes_of(operation, status) if int(status) >= 400 else ():
                assert shipped_catalogue().entry(code).http_status == int(status), (path, code)
                assert f"`{code}`" in operation["responses"][status]["description"]
                found += 1
    assert found > 60


def test_every_refusal_that_was_tried_is_described() -> None:
    operation = DOCUMENT["paths"]["/operations"]["post"]
    for case, (_, status, code) in REFUSED.items():
        assert code in codes_of(operation, str(status)), case


def test_addresses_are_relative_to_the_server() -> None:
    assert DOCUMENT["servers"] == [{"url": "/api/v1"}]
    assert set(DOCUMENT["paths"]) == {
        "/operations", "/operations/newest", "/operations/{uid}", "/operations/{uid}/continue",
        "/operations/{uid}/give-up", "/operations/{uid}/cancel", "/operations/{uid}/rulings",
        "/operations/{uid}/enquiries", "/operations/{uid}/enquiries/{number}", "/operations/{uid}/receipt",
        "/operations/{uid}/print", "/operations/{uid}/refundable", "/receipts/{number}", "/till",
        "/till/cash", "/till/count", "/till/count/open", "/till/count/reason", "/till/release",
        "/till/correction/hold", "/till/parties/check", "/till/warning", "/till/report", "/shifts",
        "/shifts/{number}", "/shifts/{number}/report", "/documents", "/events", "/problems/{code}",
        "/approvals", "/diagnoses", "/diagnoses/{uid}", "/diagnoses/{uid}/events",
        "/diagnoses/{uid}/changes", "/diagnoses/{uid}/answers", "/diagnoses/{uid}/remedies",
        "/diagnoses/{uid}/verifications", "/diagnoses/{uid}/undo", "/diagnoses/{uid}/hand-over",
        "/diagnoses/{uid}/leave", "/diagnoses/{uid}/resume", "/diagnoses/{uid}/escalate",
        "/diagnoses/{uid}/close", "/faults", "/faults/words", "/faults/{code}", "/status", "/status/look",
    }  # fmt: skip
    identities = [DOCUMENT["paths"][path][method]["operationId"] for method, path in DESCRIBED]
    assert len(set(identities)) == len(identities)


def test_only_what_the_api_says_of_itself_needs_no_token() -> None:
    open_to_all = [path for method, path in DESCRIBED if "security" not in DOCUMENT["paths"][path][method]]
    assert open_to_all == ["/problems/{code}"]
    assert DOCUMENT["components"]["securitySchemes"] == {"TillToken": {"type": "http", "scheme": "bearer"}}


def test_a_reading_error_is_the_only_one_of_the_form() -> None:
    with pytest.raises(FaultError, match=r"api\.malformed"):
        new_operation(msgspec.json.encode({"uid": uid(1)}))


BEGINNING = (*api_codes.OF_CONTENTS, *api_codes.OF_THE_MOMENT)
RAISED = re.compile(r'Fault\(\s*"([a-z.-]+)"')


@pytest.mark.parametrize("name", ["contents", "refunds", "offline", "moments", "rulings"])
def test_every_refusal_of_the_rules_is_described(name: str) -> None:
    raised = set(RAISED.findall(Path(f"src/tillwright/operations/{name}.py").read_text("utf-8")))
    assert raised
    described = api_codes.OF_RULINGS if name == "rulings" else BEGINNING
    assert raised <= set(described)


def test_whatever_a_licence_blocks_with_is_described() -> None:
    for pack in ("demo", "fiscal-by"):
        licence = shipped_rules(pack).licence
        assert licence is None or set(licence.blocks) <= set(api_codes.OF_THE_MOMENT)
