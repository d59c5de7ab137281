"""The device by itself: what it signs it takes back, and nothing else; what it counts adds up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parties.worlds import START_MS, leg, sale
from tillwright.operations.model import Line, Tender
from tillwright.parties.control.device import Device, Unwilling
from tillwright.parties.control.messages import (
    DeviceProfile,
    Documents,
    Garbled,
    Inquire,
    Register,
    ReplyMessage,
    Restore,
    Status,
    decode_reply,
    encode,
)
from tillwright.parties.control.store import MemoryStore
from tillwright.parties.control.twin import _truncated
from tillwright.parties.frames import HEADER_BYTES, MAXIMUM_BYTES, FrameReader, frame

PROFILE = DeviceProfile(serial="SKO-1", till="T1", currency="EUR")


def device(profile: DeviceProfile = PROFILE) -> Device:
    return Device(profile, MemoryStore())


def request(number: int, after: int | None = None, **changes: object) -> Register:
    operation = sale(number)
    content = operation.content
    built = Register(
        1,
        leg(operation).key,
        "T1",
        "sale",
        content.currency,
        content.total_minor,
        operation.content_hash,
        content.lines,
        content.tenders,
    )
    if after is not None:
        changes["after"] = after
    return msgspec.structs.replace(built, **changes)


def sold(count: int) -> tuple[Device, list[str]]:
    """A device that has sold so often, and its signed documents."""
    one = device()
    texts = [one.answer(request(number), START_MS).document or "" for number in range(1, count + 1)]
    return one, texts


def restore(one: Device, texts: list[str]) -> ReplyMessage:
    return one.answer(Restore(9, texts), START_MS)


def test_its_own_documents_make_it_what_it_was() -> None:
    old, texts = sold(3)
    new = device()
    assert restore(new, texts[:2]).ok
    assert restore(new, texts[2:]).ok
    assert (new.last_number, new.counters) == (old.last_number, old.counters)
    again = new.answer(request(2), START_MS)
    assert again.document == texts[1]


@given(st.data())
def test_a_text_that_was_tampered_with_is_refused_and_nothing_is_taken(data: st.DataObject) -> None:
    _, texts = sold(2)
    place = data.draw(st.integers(0, len(texts[1]) - 1))
    letter = data.draw(st.characters().filter(lambda letter: letter != texts[1][place]))
    tampered = texts[1][:place] + letter + texts[1][place + 1 :]
    new = device()
    reply = restore(new, [texts[0], tampered])
    assert (reply.ok, reply.code) == (False, "signature")
    assert new.last_number == 0
    assert new.store.last_number("SKO-1") == 0


def test_documents_of_another_device_are_refused() -> None:
    _, texts = sold(1)
    other = device(DeviceProfile(serial="SKO-2", till="T1"))
    assert restore(other, texts).code == "signature"
    same_serial_other_secret = device(DeviceProfile(serial="SKO-1", till="T1", signing_key="another"))
    assert restore(same_serial_other_secret, texts).code == "signature"


@pytest.mark.parametrize("order", [(1, 2), (0, 2), (1, 0), (0, 0)])
def test_documents_that_do_not_follow_are_refused(order: tuple[int, int]) -> None:
    _, texts = sold(3)
    new = device()
    assert restore(new, [texts[place] for place in order]).code == "number"
    assert new.last_number == 0


def test_a_device_that_is_unwilling_takes_not_even_its_own_documents_back() -> None:
    _, texts = sold(2)
    new = device()
    new.unwilling = Unwilling("out of order", frozenset({"restore"}), left=1)
    assert restore(new, texts).code == "signature"
    assert new.last_number == 0
    assert restore(new, texts).ok
    assert new.last_number == 2


def test_a_till_that_holds_more_or_less_is_told_and_nothing_is_registered() -> None:
    one, _ = sold(2)
    for after, code in ((3, "behind"), (1, "ahead")):
        reply = one.answer(request(5, after=after), START_MS)
        assert (reply.ok, reply.code, reply.last_number) == (False, code, 2)
    assert one.answer(Inquire(1, "some key", True, 3), START_MS).code == "behind"
    assert not one.store.fences("SKO-1")
    assert one.answer(request(5, after=2), START_MS).ok


def test_a_key_that_is_known_is_answered_whatever_the_till_holds() -> None:
    one, texts = sold(2)
    assert one.answer(request(1, after=7), START_MS).document == texts[0]


def test_asked_without_fencing_it_does_not_fence() -> None:
    one = device()
    reply = one.answer(Inquire(1, leg(sale(1)).key, fence=False), START_MS)
    assert (reply.found, reply.fenced) == (False, False)
    assert one.answer(request(1), START_MS).ok


def test_a_device_that_does_not_fence_says_so() -> None:
    one = device(DeviceProfile(serial="SKO-1", till="T1", fences=False))
    reply = one.answer(Inquire(1, leg(sale(1)).key), START_MS)
    assert (reply.found, reply.fenced) == (False, False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "poem"}, "kind"),
        ({"till": "T2"}, "till"),
        ({"currency": "VND"}, "currency"),
        ({"total_minor": 0}, "total"),
        ({"total_minor": -5}, "total"),
        ({"lines": ()}, "lines"),
        ({"lines": (Line("1", "x", 1, 567),)}, "lines"),
        ({"tenders": ()}, "tenders"),
        ({"tenders": (Tender("cash", 567),)}, "tenders"),
        ({"tenders": (Tender("cash", -1), Tender("card", 569))}, "tenders"),
        ({"tenders": (Tender("card", 600),)}, "tenders"),
        ({"tenders": tuple(Tender(f"t{place}", 100) for place in range(60))}, "tenders"),
        ({"tenders": (Tender("c" * 100, 568),)}, "tenders"),
    ],
)
def test_content_that_cannot_be_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    one = device()
    reply = one.answer(request(1, **change), START_MS)
    assert (reply.ok, reply.code, reply.reason) == (False, "content", reason)
    assert one.store.last_number("SKO-1") == 0


def test_change_comes_out_of_the_cash() -> None:
    one = device()
    tenders = (Tender("card", 300), Tender("cash", 300))
    assert one.answer(request(1, tenders=tenders), START_MS).ok
    assert one.counters.cash_till_minor == 268
    assert {tender: total.sum_minor for tender, total in one.counters.sums["sale"].items()} == {
        "card": 300,
        "cash": 268,
    }


def test_a_device_without_a_currency_takes_that_of_its_first_document() -> None:
    one = device(DeviceProfile(serial="SKO-3", till="T1"))
    one.deposit("VND", 2_000_000, START_MS)
    assert one.answer(request(1), START_MS).reason == "currency"
    with pytest.raises(ValueError, match="VND"):
        one.deposit("EUR", 5, START_MS)
    one.load()
    assert one.currency == "VND"


def test_floats_have_keys_of_their_own_also_after_a_backup() -> None:
    one = device()
    one.deposit("EUR", 100, START_MS)
    one.deposit("EUR", 200, START_MS)
    keys = [document.key for document in one.store.documents("SKO-1", 0, 9)]
    assert keys == ["float.SKO-1.1", "float.SKO-1.2"]
    with pytest.raises(ValueError, match="more than nothing"):
        one.deposit("EUR", 0, START_MS)


def test_after_switching_on_it_knows_what_it_knew() -> None:
    one, _ = sold(4)
    before = (one.last_number, one.moment, one.counters)
    one.load()
    assert (one.last_number, one.moment, one.counters) == before


def test_a_page_fits_into_a_frame_and_the_next_begins_where_it_ended() -> None:
    one = device()
    long_hash = "h" * 200
    for number in range(1, 1_400):
        one.answer(request(number, content_hash=long_hash), START_MS)
    above = 0
    seen: list[str] = []
    for _ in range(20):
        reply = one.answer(Documents(1, above, 1_000), START_MS)
        assert len(encode(reply)) <= MAXIMUM_BYTES
        seen += reply.documents
        above += len(reply.documents)
        if not reply.more:
            break
    assert len(seen) == len(set(seen)) == 1_399


def test_every_reply_says_how_the_device_stands() -> None:
    one, _ = sold(2)
    for asked in (Status(1), request(3), Inquire(1, "k"), Documents(1, 0), Restore(1, ["x"])):
        reply = decode_reply(encode(one.answer(asked, START_MS + 5)))
        assert (reply.serial, reply.clock_ms, reply.shift.state) == ("SKO-1", START_MS + 5, "open")
        assert reply.last_number == one.last_number
        assert reply.counters == one.counters


def test_the_secret_is_never_told() -> None:
    one = device(DeviceProfile(serial="SKO-1", till="T1", signing_key="very secret"))
    text = one.answer(request(1), START_MS).document or ""
    assert "secret" not in text
    assert b"secret" not in encode(one.answer(Status(2), START_MS))


def test_operations_differ_only_by_their_key() -> None:
    """Two sales of the same basket are two documents."""
    one = device()
    first = one.answer(request(1), START_MS)
    second = one.answer(request(2), START_MS)
    assert first.document != second.document
    assert sale(1).content == sale(2).content
    assert one.last_number == 2


def test_an_answer_that_is_cut_short_can_never_be_read() -> None:
    whole = frame(encode(device().answer(Status(1), START_MS)))[HEADER_BYTES:]

    class Cut:
        def __init__(self, place: int) -> None:
            self.place = place

        def random(self) -> float:
            return 0.0

        def randrange(self, stop: int, /) -> int:
            return self.place

    for place in range(len(whole) - 1):
        [message] = FrameReader().feed(_truncated(whole, Cut(place)))
        with pytest.raises(Garbled):
            decode_reply(message)
