"""Every bound and every code of the API: what is refused says why, in one form, and writes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.till.api_world import OPERATIONS, Answer, World, sale, uid
from tillwright.till.api_door import LINGER_BYTES
from tillwright.till.api_reading import MAXIMUM_BYTES

Body = dict[str, Any]


def with_line(**line: Any) -> Body:
    """A sale whose one line has these fields."""
    body = sale(uid(1))
    body["lines"][0] |= line
    return body


def without(*names: str) -> Body:
    return {name: value for name, value in sale(uid(1)).items() if name not in names}


def of_lines(count: int) -> Body:
    line = {"goods": "1001", "total_minor": 1}
    return sale(uid(1), total_minor=count) | {"lines": [line] * count}


def text(change: Callable[[str], str]) -> bytes:
    """The sale as text, changed as text."""
    return change(json.dumps(sale(uid(1)))).encode()


def total(written: str) -> bytes:
    """The sale with its line's total written so."""
    return text(lambda told: told.replace('"total_minor": 378', f'"total_minor": {written}'))


NO_UTF8 = text(lambda told: told.replace("1001", "\x00")).replace(b"\x00", b"\xff")
LONE_SURROGATE = text(lambda told: told.replace('"1001"', r'"\ud800"'))

REFUSED: dict[str, tuple[object, int, str]] = {
    # what cannot be read
    "no body": (b"", 400, "api.malformed"),
    "no JSON": (b"uid=1", 400, "api.malformed"),
    "cut off": (text(lambda told: told[:-1]), 400, "api.malformed"),
    "something behind it": (text(lambda told: told + "{}"), 400, "api.malformed"),
    "a byte order mark": (text(lambda told: "\ufeff" + told), 400, "api.malformed"),
    "an array": ([], 400, "api.malformed"),
    "null": (None, 400, "api.malformed"),
    "a deep nest": (b"[" * 100_000, 400, "api.malformed"),
    "a deep nest in a field": (b'{"uid":' + b'{"a":' * 100_000, 400, "api.malformed"),
    "NaN": (total("NaN"), 400, "api.malformed"),
    "infinity": (total("Infinity"), 400, "api.malformed"),
    "a float": (total("378.0"), 400, "api.malformed"),
    "a float with an exponent": (total("3e2"), 400, "api.malformed"),
    "a number too large for a double": (total("1e400"), 400, "api.malformed"),
    "a boolean": (total("true"), 400, "api.malformed"),
    "a number as text": (total('"378"'), 400, "api.malformed"),
    "null for a number": (total("null"), 400, "api.malformed"),
    "above 2^53": (total("9007199254740993"), 400, "api.malformed"),
    "below -2^53": (total("-9007199254740993"), 400, "api.malformed"),
    "above 64 bits": (total("18446744073709551616"), 400, "api.malformed"),
    "5,000 digits": (total("9" * 5000), 400, "api.malformed"),
    "a leading zero": (total("0378"), 400, "api.malformed"),
    "no UTF-8": (NO_UTF8, 400, "api.malformed"),
    "UTF-16": (json.dumps(sale(uid(1))).encode("utf-16"), 400, "api.malformed"),
    "half a character": (LONE_SURROGATE, 400, "api.malformed"),
    "a NUL": (with_line(name="Milk\x00"), 400, "api.malformed"),
    "a NUL in a code": (with_line(goods="10\x0001"), 400, "api.malformed"),
    "a line break in a name": (with_line(name="Milk\nTOTAL 0.00"), 400, "api.malformed"),
    "a name that turns the line round": (with_line(name="\u202e00.1 LATOT"), 400, "api.malformed"),
    "a key twice": (
        text(lambda told: told.replace('"kind"', '"currency": "EUR", "kind"')), 400, "api.malformed"),
    "a key twice in a line": (
        text(lambda told: told.replace('"goods"', '"goods": "1002", "goods"')), 400, "api.malformed"),
    "a key twice, once disguised": (
        text(lambda told: told.replace('"kind"', '"\\u006bind": "refund", "kind"')), 400, "api.malformed"),
    "a key that nobody knows": (sale(uid(1), discount=10), 400, "api.malformed"),
    "a key that nobody knows in a line": (with_line(discount=10), 400, "api.malformed"),
    "a key missing": (without("currency"), 400, "api.malformed"),
    "lines that are none": (sale(uid(1)) | {"lines": {}}, 400, "api.malformed"),
    "a line that is none": (sale(uid(1)) | {"lines": ["1001"]}, 400, "api.malformed"),
    "a uid that is none": (sale("first"), 400, "api.malformed"),
    "a uid with a blank": (sale(f" {uid(1)}"), 400, "api.malformed"),
    "a uid in braces": (sale(f"{{{uid(1)}}}"), 400, "api.malformed"),
    "goods without a code": (with_line(goods=""), 400, "api.malformed"),
    "a code too long": (with_line(goods="1" * 65), 400, "api.malformed"),
    "a name too long": (with_line(name="m" * 201), 400, "api.malformed"),
    "a kind too long": (sale(uid(1)) | {"kind": "k" * 33}, 400, "api.malformed"),
    "21 tenders": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": 1}] * 21}, 400, "api.malformed"),
    # what can be read and is not sold
    "another till": (sale(uid(1)) | {"till": "till-2"}, 403, "api.wrong-till"),
    "a till that is none": (sale(uid(1)) | {"till": "till-9"}, 403, "api.wrong-till"),
    "another kind": (sale(uid(1)) | {"kind": "card-sale"}, 422, "till.kind-not-supported"),
    "a refund of nothing": (sale(uid(1)) | {"kind": "refund"}, 404, "till.parent-unknown"),
    "cash with a basket": (sale(uid(1)) | {"kind": "cash-in"}, 422, "till.line-invalid"),
    "the other currency": (sale(uid(1)) | {"currency": "VND"}, 422, "till.wrong-currency"),
    "a currency that is none": (sale(uid(1)) | {"currency": "eur"}, 422, "till.wrong-currency"),
    "no lines": (sale(uid(1)) | {"lines": []}, 422, "till.basket-empty"),
    "2,001 lines": (of_lines(2001), 422, "till.lines-out-of-bounds"),
    "a line below zero": (with_line(total_minor=-1), 422, "till.line-invalid"),
    "a quantity below zero": (with_line(quantity_milli=-1), 422, "till.line-invalid"),
    "a price below zero": (with_line(price_minor=-1), 422, "till.line-invalid"),
    "unknown goods": (with_line(goods="9999"), 422, "till.unknown-goods"),
    "goods that are not sold in euros": (with_line(goods="1003"), 422, "till.unknown-goods"),
    "a total of nothing": (with_line(total_minor=0) | {"tenders": []}, 422, "till.total-out-of-bounds"),
    "a total above the maximum": (sale(uid(1), total_minor=10_000_001), 422, "till.total-out-of-bounds"),
    "a total that does not add up": (sale(uid(1)) | {"total_minor": 377}, 422, "till.total-mismatch"),
    "sums that fit into 64 bits only together": (
        sale(uid(1)) | {"lines": [{"goods": "1001", "total_minor": 2**53}] * 2000}, 422,
        "till.total-out-of-bounds"),
    "another tender": (
        sale(uid(1)) | {"tenders": [{"kind": "card", "amount_minor": 378}]}, 422, "till.tender-mismatch"),
    "a tender of nothing": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": 0}]}, 422, "till.tender-mismatch"),
    "a tender below zero": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": -378}]}, 422, "till.tender-mismatch"),
    "a tender named twice": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": 189}] * 2}, 422, "till.tender-mismatch"),
    "no tender": (sale(uid(1)) | {"tenders": []}, 422, "till.tender-too-small"),
    "too little": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": 377}]}, 422, "till.tender-too-small"),
    "more change than there is": (
        sale(uid(1)) | {"tenders": [{"kind": "cash", "amount_minor": 379}]}, 422,
        "till.change-exceeds-drawer"),
}  # fmt: skip


def must_be_problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Check the form of a refusal; returns it."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.body
    )
    told: dict[str, Any] = answer.json
    assert told["code"] == code, told
    assert told["status"] == status
    assert told["type"] == f"/api/v1/problems/{code}"
    assert all(told[name] for name in ("title", "detail", "next_step", "instance"))
    assert "{" not in told["detail"] + told["next_step"]
    assert answer.headers["cache-control"] == "no-store"
    return told


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why_and_writes_nothing(world: World, case: str) -> None:
    body, status, code = REFUSED[case]
    before = world.rows()
    answer = world.call("POST", OPERATIONS, body)
    must_be_problem(answer, status, code)
    assert world.rows() == before
    assert world.device.asked == 0


def test_the_first_of_them_would_be_sold(world: World) -> None:
    """The cases above differ from this one in nothing but what is wrong with them."""
    assert world.call("POST", OPERATIONS, sale(uid(1)), prefer="wait=20").status == 201


@pytest.mark.parametrize(
    "body",
    [
        of_lines(2000),
        with_line(total_minor=378, quantity_milli=0),
        sale(uid(1), total_minor=10_000_000),
        with_line(name="Milk: 1 l, {fresh}"),
        with_line(price_minor=0),
        sale(uid(1)) | {"total_minor": 378, "till": "till-1"},
        sale(uid(1)) | {"lines": [*sale(uid(1))["lines"], {"goods": "1002", "total_minor": 0}]},
    ],
    ids=["2,000 lines", "no quantity", "maximum", "colons", "price 0", "all optional", "a line of nothing"],
)
def test_what_is_just_within_the_bounds_is_sold(world: World, body: Body) -> None:
    answer = world.call("POST", OPERATIONS, body, prefer="wait=20")
    assert (answer.status, answer.json["state"]) == (201, "done"), answer.body


def test_a_currency_without_decimals_has_its_own_bounds(world: World) -> None:
    assert world.sell(uid(1), till="till-2", total_minor=2_000_000_000).status == 201
    answer = world.sell(uid(2), till="till-2", total_minor=2_000_000_001)
    told = must_be_problem(answer, 422, "till.total-out-of-bounds")
    assert "2,000,000,000" in told["detail"]
    assert told["facts"]["maximum_minor"] == 2_000_000_000


# ── the token ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dGlsbDoxMjM0",
        "Bearer till-1.wrong",
        "Bearer till-9.x",
        "Bearer x" * 40,
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", OPERATIONS),
        ("GET", OPERATIONS),
        ("GET", f"{OPERATIONS}/{uid(1)}"),
        ("POST", f"{OPERATIONS}/{uid(1)}/continue"),
        ("POST", f"{OPERATIONS}/{uid(1)}/give-up"),
        ("GET", f"{OPERATIONS}/{uid(1)}/receipt"),
        ("GET", "/api/v1/till"),
        ("GET", "/api/v1/events"),
    ],
)
def test_without_the_token_of_a_till_nothing_is_told_and_nothing_done(
    world: World, method: str, path: str, authorization: str
) -> None:
    before = world.rows()
    answer = world.call(method, path, sale(uid(1)), till=None, authorization=authorization)
    must_be_problem(answer, 401, "api.token-invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert world.rows() == before


def test_a_token_is_looked_at_before_the_body(world: World) -> None:
    environ = world.environ("POST", OPERATIONS, b"", None, {})
    body = Speaking(100)
    environ |= {"CONTENT_LENGTH": "100", "wsgi.input": body}
    must_be_problem(world.run(environ), 401, "api.token-invalid")
    assert body.taken == 0


def test_a_word_of_another_case_is_the_same_scheme(world: World) -> None:
    token = world.tokens["till-1"].text
    assert world.call("GET", "/api/v1/till", till=None, authorization=f"bearer {token}").status == 200


def test_a_till_that_the_station_no_longer_has_sells_nothing(world: World) -> None:
    del world.station.currencies["till-1"]
    must_be_problem(world.call("POST", OPERATIONS, sale(uid(1))), 403, "api.wrong-till")


# ── the body's size and type ──────────────────────────────────────────────────────────────────────


class Speaking(io.RawIOBase):
    """A body of so many bytes that is still being sent; counts what was taken of it."""

    def __init__(self, length: int) -> None:
        self.left = length
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read to the end"
        taken = min(size, self.left)
        self.left -= taken
        self.taken += taken
        return b" " * taken


def answered_before_reading(world: World, environ: dict[str, Any], body: Speaking) -> Answer:
    """The answer to a call, which must be whole before anything of the body is read."""
    begun: list[Any] = []
    parts = iter(world.application(environ, lambda status, headers: begun.append((status, headers))))
    content = next(parts)
    assert body.taken == 0
    assert list(parts) == []
    status, headers = begun[0]
    return Answer(int(status[:3]), {name.lower(): value for name, value in headers}, content)


@pytest.mark.parametrize("length", [str(MAXIMUM_BYTES + 1), "10485760", "9" * 30])
def test_a_body_that_says_it_is_too_long_is_not_read(world: World, length: str) -> None:
    environ = world.environ("POST", OPERATIONS, b"", "till-1", {})
    body = Speaking(10**12)
    environ |= {"CONTENT_LENGTH": length, "wsgi.input": body}
    told = must_be_problem(answered_before_reading(world, environ, body), 413, "api.too-large")
    assert told["facts"] == {"maximum_bytes": MAXIMUM_BYTES}
    assert body.taken == LINGER_BYTES


def test_a_body_that_does_not_say_how_long_it_is_is_read_to_the_limit_only(world: World) -> None:
    environ = world.environ("POST", OPERATIONS, b"", "till-1", {"transfer_encoding": "chunked"})
    body = Speaking(10**12)
    environ |= {"CONTENT_LENGTH": "", "wsgi.input": body, "wsgi.input_terminated": True}
    must_be_problem(world.run(environ), 413, "api.too-large")
    assert body.taken == MAXIMUM_BYTES + 1 + LINGER_BYTES


def test_a_body_in_chunks_is_read(world: World) -> None:
    body = json.dumps(sale(uid(1))).encode()
    environ = world.environ("POST", OPERATIONS, body, "till-1", {"transfer_encoding": "chunked"})
    del environ["CONTENT_LENGTH"]
    environ["wsgi.input_terminated"] = True
    world.device.behave = "silence"
    assert world.run(environ).status == 202


def test_a_body_of_the_largest_size_is_read(world: World) -> None:
    body = json.dumps(sale(uid(1))).encode().ljust(MAXIMUM_BYTES)
    assert world.call("POST", OPERATIONS, body, prefer="wait=20").status == 201
    must_be_problem(world.call("POST", OPERATIONS, body + b" "), 413, "api.too-large")


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": ""},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": "application/jsonx"},
        {"content_encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_refused(world: World, headers: dict[str, str]) -> None:
    before = world.rows()
    answer = world.call("POST", OPERATIONS, sale(uid(1)), **headers)
    must_be_problem(answer, 415, "api.media-type")
    assert world.rows() == before


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=UTF-8", "Application/JSON;charset=utf-8 "]
)
def test_json_may_be_named_in_several_ways(world: World, content_type: str) -> None:
    world.device.behave = "silence"
    assert world.call("POST", OPERATIONS, sale(uid(1)), content_type=content_type).status == 202


# ── the moment ────────────────────────────────────────────────────────────────────────────────────


def test_a_till_with_an_open_operation_begins_no_other(world: World) -> None:
    world.device.behave = "silence"
    assert world.sell(uid(1), wait_s=0).status == 202
    before = world.rows()
    told = must_be_problem(world.sell(uid(2)), 409, "till.operation-open")
    assert told["facts"] == {"number": 1}
    assert world.rows() == before
    assert world.sell(uid(3), till="till-3", wait_s=0).status == 202


def test_a_till_with_a_red_operation_sells_nothing_more(world: World) -> None:
    world.device.behave = "lose"
    world.sell(uid(1), wait_s=0)
    world.device.behave = "silence"
    world.pass_time(6_000)
    assert world.call("GET", f"{OPERATIONS}/{uid(1)}").json["state"] == "red"
    before = world.rows()
    told = must_be_problem(world.sell(uid(2)), 409, "till.red-blocks")
    assert told["facts"] == {"number": 1}
    assert world.rows() == before


def test_change_may_be_all_that_lies_in_the_drawer(world: World) -> None:
    assert world.sell(uid(1), total_minor=500).status == 201
    paid = [{"kind": "cash", "amount_minor": 878}]
    answer = world.call("POST", OPERATIONS, sale(uid(2)) | {"tenders": paid}, prefer="wait=20")
    assert (answer.status, answer.json["change_minor"]) == (201, 500)
    paid = [{"kind": "cash", "amount_minor": 378 + 879}]
    must_be_problem(
        world.call("POST", OPERATIONS, sale(uid(3)) | {"tenders": paid}), 422, "till.change-exceeds-drawer"
    )


def test_without_room_on_the_disk_nothing_new_is_begun(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        free = 1_000_000

    monkeypatch.setattr("tillwright.journal.station.shutil.disk_usage", lambda _path: Full)
    before = world.rows()
    told = must_be_problem(world.sell(uid(1)), 507, "journal.disk-low")
    assert told["facts"] == {"free_bytes": 1_000_000}
    assert world.rows() == before


def test_a_station_that_stops_takes_nothing_new(world: World) -> None:
    world.station.stop()
    answer = world.call("POST", OPERATIONS, sale(uid(1)))
    must_be_problem(answer, 503, "journal.stopping")
    assert answer.headers["retry-after"] == "1"
