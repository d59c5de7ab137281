"""Frames come out whole however the bytes come in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillwright.parties.frames import MAXIMUM_BYTES, FrameReader, TooLong, frame

messages = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


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


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=3))
def test_a_tail_waits_for_its_rest(message: bytes, tail: bytes) -> None:
    reader = FrameReader()
    follower = frame(b"later")
    assert reader.feed(frame(message) + follower[: len(tail)]) == [message]
    assert reader.feed(follower[len(tail) :]) == [b"later"]


@pytest.mark.parametrize("length", [0, MAXIMUM_BYTES + 1, 2**31 - 1, 2**32 - 1])
def test_a_length_that_cannot_be_breaks_the_stream_for_good(length: int) -> None:
    reader = FrameReader()
    assert reader.feed(frame(b"good") + length.to_bytes(4, "big") + bytes(4)) == [b"good"]
    assert reader.broken
    assert reader.feed(frame(b"good")) == []


@given(st.binary(min_size=1, max_size=60), st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_never_comes_out_as_a_message(message: bytes, place: int, change: int) -> None:
    changed = bytearray(frame(message))
    changed[place % len(changed)] ^= change
    assert FrameReader().feed(bytes(changed)) == []


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_make_it_fail(pieces: list[bytes]) -> None:
    reader = FrameReader()
    for piece in pieces:
        assert all(0 < len(message) <= MAXIMUM_BYTES for message in reader.feed(piece))


def test_the_longest_message_goes_and_a_longer_one_does_not() -> None:
    assert FrameReader().feed(frame(bytes(MAXIMUM_BYTES))) == [bytes(MAXIMUM_BYTES)]
    with pytest.raises(TooLong):
        frame(bytes(MAXIMUM_BYTES + 1))
