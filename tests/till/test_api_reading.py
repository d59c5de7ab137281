"""Reading requests: whatever is sent, it is one intent, read in the only way there is, or it is refused."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel.fault import FaultError
from tillwright.till import api_reading as reading

UID = "00000000-0000-4000-8000-000000000001"
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=20)
WHOLE = st.integers(-(2**53), 2**53)
LINES = st.fixed_dictionaries(
    {"goods": PRINTABLE, "total_minor": WHOLE},
    optional={"name": PRINTABLE, "quantity_milli": WHOLE, "price_minor": WHOLE},
)
TENDERS = st.fixed_dictionaries({"kind": PRINTABLE, "amount_minor": WHOLE})
BODIES = st.fixed_dictionaries(
    {
        "uid": st.uuids().map(str),
        "kind": PRINTABLE,
        "currency": PRINTABLE,
        "lines": st.lists(LINES, max_size=3),
        "tenders": st.lists(TENDERS, max_size=3),
    },
    optional={"total_minor": WHOLE, "till": PRINTABLE},
)
#: The ways in which programs write the same JSON.
WRITINGS = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1]), "sort_keys": st.booleans()}
)


@given(BODIES, WRITINGS)
def test_what_is_sent_is_read_however_it_is_written(body: dict[str, Any], writing: dict[str, Any]) -> None:
    read = reading.new_operation(json.dumps(body, **writing).encode())
    assert json.loads(msgspec.json.encode(read)) == body


def objects_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [body, *body["lines"], *body["tenders"]]


@given(BODIES, st.data())
def test_a_key_that_stands_twice_is_always_found(body: dict[str, Any], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(objects_of(body)))
    name = data.draw(st.sampled_from(sorted(chosen)))
    chosen["twice"] = chosen[name]
    text = json.dumps(body).replace('"twice"', json.dumps(name))
    with pytest.raises(FaultError) as refused:
        reading.new_operation(text.encode())
    assert refused.value.fault.code == "api.malformed"


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_whatever_else_is_sent_is_refused(body: bytes) -> None:
    with pytest.raises(FaultError) as refused:
        reading.new_operation(body)
    assert refused.value.fault.code == "api.malformed"


def read_or_refused(body: bytes) -> str:
    try:
        reading.new_operation(body)
    except FaultError as refused:
        return refused.fault.code
    return "read"


@given(BODIES, st.integers(0, 2000), st.integers(0, 255))
def test_a_byte_that_was_changed_on_the_way_breaks_nothing(
    body: dict[str, Any], place: int, value: int
) -> None:
    sent = bytearray(json.dumps(body).encode())
    sent[place % len(sent)] = value
    assert read_or_refused(bytes(sent)) in ("read", "api.malformed")


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("lines", 0, "total_minor"), 1.5, "`$.lines[0].total_minor`"),
        (("lines", 0, "name"), "a\tb", "`$.lines[0]`"),
        (("uid",), "first", "`$.uid`"),
        (("tenders",), {}, "`$.tenders`"),
    ],
)
def test_the_reason_says_where(path: tuple[Any, ...], value: object, told: str) -> None:
    body: Any = {
        "uid": UID, "kind": "k", "currency": "EUR", "tenders": [],
        "lines": [{"goods": "1", "total_minor": 1}],
    }  # fmt: skip
    inner = body
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(FaultError) as refused:
        reading.new_operation(json.dumps(body).encode())
    assert str(refused.value.fault.facts["reason"]).endswith(told)


# ── headers ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("vi", "vi"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.1, zh-Hans-CN", "zh"),
        ("zh_TW", "zh"),
        ("de, fr;q=0.9", "en"),
        ("de, vi;q=0.2", "vi"),
        ("*", "en"),
        ("*;q=0.1, ru;q=0.5", "ru"),
        ("vi;q=0", "en"),
        ("vi;q=2, ru;q=0.3", "ru"),
        ("VI", "vi"),
        (";;;,,,q=1", "en"),
        ("vi;q=0.123456", "en"),
        ("x" * 10_000 + ",vi", "en"),
    ],
)
def test_the_language_is_the_one_of_ours_that_is_wanted_most(header: str, language: str) -> None:
    assert reading.language_of(header) == language


@given(st.text(max_size=60))
def test_any_header_gives_a_language_and_perhaps_a_wait(header: str) -> None:
    assert reading.language_of(header) in ("en", "vi", "ru", "zh")
    seconds = reading.wait_s(header)
    assert seconds is None or seconds >= 0
    assert " " not in reading.bearer(header)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=5", 5),
        ("wait=5, wait=9", 5),
        ("respond-async;foo=1, wait = 5", 5),
        ('wait="5"', 5),
        ("WAIT=5", 5),
        ("await=5", None),
        ("wait=5s", None),
        ("wait=", None),
        ("wait=9999999999", None),
    ],
)
def test_a_wait_is_read_as_the_standard_says(header: str, seconds: int | None) -> None:
    assert reading.wait_s(header) == seconds
