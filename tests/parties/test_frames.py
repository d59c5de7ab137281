"""Frames come out whole however the bytes come in."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.parties.frames import MAXIMUM_BYTES, FrameReader, TooLong, frame

one_message = st.binary(min_size=1, max_size=40).map(lambda inside: b"{" + inside + b"}")
messages = st.lists(one_message, max_size=6)
CHECK_BYTES = len(',"check":"00000000"')


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces, cut at these places."""
    edges = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(messages, st.lists(st.integers(min_value=0), max_size=20))
def test_what_went_in_comes_out_in_whatever_pieces(sent: list[bytes], places: list[int]) -> None:
    reader = FrameReader()
    stream = b"".join(frame(message) for message in sent)
    assert [message for piece in cut(stream, places) for message in reader.feed(piece)] == sent
    assert not reader.broken


@given(messages)
def test_byte_by_byte(sent: list[bytes]) -> None:
    reader = FrameReader()
    stream = b"".join(frame(message) for message in sent)
    assert [message for byte in stream for message in reader.feed(bytes([byte]))] == sent


@given(one_message, st.binary(min_size=1, max_size=3))
def test_a_tail_waits_for_its_rest(message: bytes, tail: bytes) -> None:
    reader = FrameReader()
    follower = frame(b'{"a":"later"}')
    assert reader.feed(frame(message) + follower[: len(tail)]) == [message]
    assert reader.feed(follower[len(tail) :]) == [b'{"a":"later"}']


@pytest.mark.parametrize("length", [0, MAXIMUM_BYTES + 1, 2**31 - 1, 2**32 - 1])
def test_a_length_that_cannot_be_breaks_the_stream_for_good(length: int) -> None:
    reader = FrameReader()
    assert reader.feed(frame(b'{"a":1}') + length.to_bytes(4, "big") + bytes(4)) == [b'{"a":1}']
    assert reader.broken
    assert reader.feed(frame(b'{"a":1}')) == []


@given(one_message, st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_never_comes_out_as_a_message(message: bytes, place: int, change: int) -> None:
    changed = bytearray(frame(message))
    changed[place % len(changed)] ^= change
    assert FrameReader().feed(bytes(changed)) == []


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_make_it_fail(pieces: list[bytes]) -> None:
    reader = FrameReader()
    for piece in pieces:
        assert all(0 < len(message) <= MAXIMUM_BYTES for message in reader.feed(piece))


def test_a_message_is_one_json_object_with_its_checksum_last() -> None:
    framed = frame(b'{"id":7,"do":"status"}')
    assert int.from_bytes(framed[:4], "big") == len(framed) - 4
    assert json.loads(framed[4:])["id"] == 7
    assert list(json.loads(framed[4:])) == ["id", "do", "check"]


def test_a_message_without_its_checksum_breaks_the_stream() -> None:
    reader = FrameReader()
    bare = b'{"id":7,"do":"status"}'
    assert reader.feed(len(bare).to_bytes(4, "big") + bare) == []
    assert reader.broken


def test_the_longest_message_goes_and_a_longer_one_does_not() -> None:
    longest = b"{" + bytes(MAXIMUM_BYTES - CHECK_BYTES - 2) + b"}"
    assert FrameReader().feed(frame(longest)) == [longest]
    with pytest.raises(TooLong):
        frame(longest + b"}")
