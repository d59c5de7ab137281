"""Whatever is done to the audit chain without its key is found, and found at its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.kernel import audit
from tillwright.kernel.audit import AuditEntry, Break, Head

KEY = b"k" * 32
OTHER_KEY = b"o" * 32

FACTS = st.dictionaries(
    st.text("abcdefgh_", min_size=1, max_size=8), st.one_of(st.text(max_size=12), st.integers()), max_size=3
)
HAPPENINGS = st.lists(
    st.tuples(st.integers(0, 2**53), st.text(max_size=8), st.text("abc-", min_size=1, max_size=8), FACTS),
    min_size=2,
    max_size=12,
)


def chain(happenings) -> list[AuditEntry]:
    """The entries of a log, in order."""
    entries: list[AuditEntry] = []
    for number, (at_ms, who, what, facts) in enumerate(happenings, start=1):
        previous = entries[-1].hash if entries else audit.GENESIS
        entries.append(audit.entry(previous, number, at_ms, who, what, facts))
    return entries


def simple(count: int) -> list[AuditEntry]:
    return chain([(1000 + n, "7", "sign-in", {"till": f"till-{n}"}) for n in range(count)])


def head_of(entries: list[AuditEntry], key: bytes = KEY) -> Head:
    return audit.sign(key, entries[-1].number, entries[-1].hash) if entries else audit.sign(key, *audit.EMPTY)


def check(
    entries: list[AuditEntry], own: Head | None, beside: Head | None
) -> tuple[int | None, Break | None]:
    found = audit.verify(entries, KEY, own, {"file": beside})
    return found.number, found.broken


@given(HAPPENINGS)
def test_a_chain_that_was_left_alone_is_whole(happenings) -> None:
    entries = chain(happenings)
    found = audit.verify(entries, KEY, head_of(entries), {"file": head_of(entries[:-1])})
    assert found.whole
    assert (found.count, found.head_hash) == (len(entries), entries[-1].hash)


def test_an_empty_chain_is_whole() -> None:
    assert audit.verify([], KEY, None, {"file": None}).whole
    assert audit.verify([], KEY, head_of([]), {"file": head_of([])}).whole


@given(HAPPENINGS, st.data())
def test_a_changed_field_is_found_at_its_entry(happenings, data) -> None:
    entries = chain(happenings)
    at = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(["at_ms", "who", "what", "facts"]))
    old = getattr(entries[at], field)
    changed = [*entries]
    changed[at] = replace(entries[at], **{field: old + 1 if field == "at_ms" else old + "x"})
    assert check(changed, head_of(entries), head_of(entries)) == (at + 1, Break.CHANGED)


@given(HAPPENINGS, st.data())
def test_a_deleted_entry_is_found(happenings, data) -> None:
    entries = chain(happenings)
    at = data.draw(st.integers(0, len(entries) - 2))
    left = [one for one in entries if one.number != at + 1]
    assert check(left, head_of(entries), head_of(entries)) == (at + 1, Break.MISSING)


@given(HAPPENINGS, st.data())
def test_deleting_one_and_renumbering_the_rest_is_found_there(happenings, data) -> None:
    entries = chain(happenings)
    at = data.draw(st.integers(0, len(entries) - 2))
    moved = [replace(one, number=one.number - 1) for one in entries[at + 1 :]]
    assert check([*entries[:at], *moved], head_of(entries), head_of(entries)) == (at + 1, Break.MOVED)


@given(HAPPENINGS, st.data())
def test_two_entries_that_changed_places_are_found_at_the_first(happenings, data) -> None:
    entries = chain(happenings)
    one = data.draw(st.integers(0, len(entries) - 2))
    two = data.draw(st.integers(one + 1, len(entries) - 1))
    swapped = [*entries]
    swapped[one] = replace(entries[two], number=one + 1)
    swapped[two] = replace(entries[one], number=two + 1)
    assert check(swapped, head_of(entries), head_of(entries)) == (one + 1, Break.MOVED)


@given(HAPPENINGS, st.data())
def test_a_rewritten_entry_breaks_the_link_of_the_next(happenings, data) -> None:
    entries = chain(happenings)
    at = data.draw(st.integers(0, len(entries) - 2))
    old = entries[at]
    rewritten = [*entries]
    rewritten[at] = audit.entry(old.previous, old.number, old.at_ms + 1, old.who, old.what, {})
    assert check(rewritten, head_of(entries), head_of(entries)) == (at + 2, Break.UNLINKED)


@given(HAPPENINGS, st.data())
def test_a_chain_cut_off_at_the_end_is_found_by_either_head(happenings, data) -> None:
    entries = chain(happenings)
    left = entries[: data.draw(st.integers(0, len(entries) - 1))]
    cut_off = (len(left) + 1, Break.CUT_OFF)
    assert check(left, head_of(entries), head_of(left)) == cut_off
    assert check(left, head_of(left), head_of(entries)) == cut_off


def test_a_rest_written_anew_is_found_by_the_heads() -> None:
    entries = simple(5)
    anew = chain([(1, "9", "sign-in", {}) for _ in range(6)])
    assert check(anew, head_of(entries), head_of(entries)) == (5, Break.REWRITTEN)
    assert check(anew, head_of(anew, OTHER_KEY), head_of(anew, OTHER_KEY)) == (6, Break.FORGED)
    assert check(anew, head_of(anew), head_of(entries[:2])) == (2, Break.REWRITTEN)


def test_an_entry_added_without_the_key_is_found() -> None:
    entries = simple(3)
    assert check(entries, head_of(entries[:2]), head_of(entries[:2])) == (3, Break.UNSIGNED)


def test_entries_need_both_heads() -> None:
    entries = simple(2)
    assert check(entries, None, head_of(entries)) == (2, Break.NO_HEAD)
    assert check(entries, head_of(entries), None) == (2, Break.NO_HEAD)


def test_a_number_from_before_the_chain_is_out_of_place() -> None:
    entries = simple(2)
    assert check([replace(entries[0], number=0), *entries], head_of(entries), None) == (1, Break.MOVED)


def test_fields_cannot_be_shifted_into_each_other() -> None:
    one = audit.entry(audit.GENESIS, 1, 5, "7", "sign-in", {})
    assert one.hash != audit.entry(audit.GENESIS, 1, 5, "", "7sign-in", {}).hash
    assert one.hash != audit.entry(audit.GENESIS, 1, 5, '7","sign', "in", {}).hash


def test_facts_are_written_in_one_way() -> None:
    assert audit.canonical({"b": 1, "a": "ş"}) == '{"a":"ş","b":1}'


@pytest.mark.parametrize("value", [True, None, 1.5, ["x"]])
def test_a_fact_is_text_or_a_whole_number(value) -> None:
    with pytest.raises(TypeError):
        audit.canonical({"fact": value})


@pytest.mark.parametrize(
    ("previous", "number", "what"), [("0" * 63, 1, "x"), (audit.GENESIS, 0, "x"), (audit.GENESIS, 1, "")]
)
def test_an_entry_that_is_none_is_refused(previous: str, number: int, what: str) -> None:
    with pytest.raises(ValueError):
        audit.entry(previous, number, 0, "7", what, {})


def test_a_head_is_read_back_from_its_line() -> None:
    head = head_of(simple(3))
    assert audit.parse_head(head.text()) == head
    assert audit.is_signed(KEY, head)
    assert not audit.is_signed(OTHER_KEY, head)


@pytest.mark.parametrize("text", ["", "x y z", "1 2", "-1 a b", "1 a b c"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        audit.parse_head(text)


def test_a_short_key_signs_nothing() -> None:
    with pytest.raises(ValueError):
        audit.sign(b"short", 1, audit.GENESIS)
