"""The line below every adapter over HTTP: what was handed over, what was not, what comes at a wrong time."""

from __future__ import annotations

import pytest

from tests.parties.contract_operator import TIMES, document
from tests.parties.http_worlds import VirtualWorld
from tests.parties.worlds import START_MS
from tillwright.parties.faulting import FaultPlan
from tillwright.parties.http.exchange import BODY_BYTES_MAX, digest_of
from tillwright.parties.http.line import HttpTimes
from tillwright.parties.http.twin import HttpTwin
from tillwright.parties.operator.adapter import OperatorAdapter
from tillwright.parties.operator.orders import OperatorOrders, operator_twin
from tillwright.parties.operator.store import MemoryStore
from tillwright.parties.wire import (
    Acknowledged,
    Connect,
    Disconnect,
    HangUp,
    NotDelivered,
    OperatorStatus,
    PartyHealth,
    Reply,
    Transmit,
    WakeAt,
)


class NoChance:
    """Never strikes by chance."""

    def random(self) -> float:
        return 0.5

    def randrange(self, stop: int, /) -> int:
        return 0


def carry(adapter: OperatorAdapter, number: int, now_ms: int) -> list[object]:
    """Ask the adapter to carry a document."""
    one = document(number)
    return list(adapter.deliver(one.text, one.serial, number, one.unique_number, now_ms))


def answered(adapter: OperatorAdapter, twin: HttpTwin, sent: bytes) -> bytes:
    """What the twin says to these bytes on connection 1."""
    actions = twin.received(1, sent, START_MS, NoChance())
    return b"".join(action.data for action in actions if isinstance(action, Reply))


def sent_of(actions: list[object]) -> bytes:
    """The bytes that were handed over."""
    (sent,) = [action.data for action in actions if isinstance(action, Transmit)]
    return sent


def ends_of(actions: list[object]) -> list[object]:
    """What became of documents."""
    return [one for one in actions if isinstance(one, Acknowledged | NotDelivered)]


@pytest.fixture
def adapter() -> OperatorAdapter:
    return OperatorAdapter("T1", TIMES)


@pytest.fixture
def twin() -> HttpTwin:
    twin = operator_twin(MemoryStore(), FaultPlan())
    twin.accept(1, START_MS, NoChance())
    return twin


def test_nothing_is_opened_before_something_is_to_be_asked(adapter: OperatorAdapter) -> None:
    assert adapter.start(START_MS) == []


def test_a_connection_that_fails_has_sent_nothing(adapter: OperatorAdapter) -> None:
    assert carry(adapter, 1, START_MS) == [Connect(), WakeAt(START_MS + TIMES.connect_within_ms)]
    assert carry(adapter, 2, START_MS) == []
    told = adapter.connect_failed(START_MS + 5)
    assert ends_of(list(told)) == [
        NotDelivered("operator", "SKO-1", number, "operator-unreachable") for number in (1, 2)
    ]
    assert PartyHealth("operator", "lost", START_MS + 5) in told


def test_a_connection_without_a_network_says_so(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    adapter.why_not_connected("no-network")
    told = adapter.connect_failed(START_MS + 5)
    assert ends_of(list(told)) == [NotDelivered("operator", "SKO-1", 1, "no-internet")]


def test_a_connection_that_takes_too_long_is_given_up_and_has_sent_nothing(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    assert adapter.due(START_MS + TIMES.connect_within_ms - 1) == []
    told = adapter.due(START_MS + TIMES.connect_within_ms)
    assert told[0] == Disconnect()
    assert ends_of(list(told)) == [NotDelivered("operator", "SKO-1", 1, "operator-unreachable")]


def test_once_handed_over_it_has_no_answer(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    assert sent_of(list(adapter.connected(START_MS)))
    assert ends_of(list(adapter.closed(START_MS))) == [NotDelivered("operator", "SKO-1", 1, "no-answer")]


def test_a_whole_request_goes_over_in_one_piece(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    sent = sent_of(list(adapter.connected(START_MS)))
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /v1/documents/")
    assert b"Content-Digest: " + digest_of(body) in head or b"content-digest: " + digest_of(body) in head


def test_an_answer_in_single_bytes_is_put_together(adapter: OperatorAdapter, twin: HttpTwin) -> None:
    carry(adapter, 1, START_MS)
    data = answered(adapter, twin, sent_of(list(adapter.connected(START_MS))))
    told = [one for byte in data for one in adapter.received(bytes([byte]), START_MS)]
    assert ends_of(list(told)) == [Acknowledged("operator", "SKO-1", 1, 1)]


def test_any_changed_byte_of_an_answer_is_noticed(twin: HttpTwin) -> None:
    first = OperatorAdapter("T1", TIMES)
    carry(first, 1, START_MS)
    data = answered(first, twin, sent_of(list(first.connected(START_MS))))
    good, lost = 0, 0
    for place in range(len(data)):
        adapter = OperatorAdapter("T1", TIMES)
        carry(adapter, 1, START_MS)
        adapter.connected(START_MS)
        changed = data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]
        ends = ends_of(list(adapter.received(changed, START_MS)))
        ends += [] if ends else ends_of(list(adapter.due(START_MS + TIMES.answer_within_ms)))
        (end,) = ends
        good += end == Acknowledged("operator", "SKO-1", 1, 1)
        lost += isinstance(end, NotDelivered)
    assert good + lost == len(data)
    assert lost > len(data) / 2  # the rest are letters whose size says nothing, and what nobody reads


def test_any_changed_byte_of_a_request_does_no_harm(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    sent = sent_of(list(adapter.connected(START_MS)))
    for place in range(len(sent)):
        store = MemoryStore()
        twin = operator_twin(store, FaultPlan())
        twin.accept(1, START_MS, NoChance())
        twin.received(1, sent[:place] + bytes([sent[place] ^ 1]) + sent[place + 1 :], START_MS, NoChance())
        assert [one.text for one in store.documents(0, 10)] in ([], [document(1).text])


def test_what_nobody_asked_for_ends_the_connection(adapter: OperatorAdapter, twin: HttpTwin) -> None:
    carry(adapter, 1, START_MS)
    data = answered(adapter, twin, sent_of(list(adapter.connected(START_MS))))
    adapter.received(data, START_MS)
    assert adapter.received(data, START_MS) == [Disconnect()]


def test_an_answer_to_an_earlier_request_is_not_taken_for_the_next(
    adapter: OperatorAdapter, twin: HttpTwin
) -> None:
    carry(adapter, 1, START_MS)
    first = answered(adapter, twin, sent_of(list(adapter.connected(START_MS))))
    adapter.received(first, START_MS)
    second = answered(adapter, twin, sent_of(carry(adapter, 2, START_MS)))
    assert ends_of(list(adapter.received(first + second, START_MS))) == [
        Acknowledged("operator", "SKO-1", 2, 2)
    ]


def test_an_answer_from_the_future_is_no_answer(adapter: OperatorAdapter, twin: HttpTwin) -> None:
    carry(adapter, 1, START_MS)
    sent = sent_of(list(adapter.connected(START_MS)))
    data = answered(adapter, twin, sent.replace(b"x-request-id: 1", b"x-request-id: 9"))
    told = adapter.received(data, START_MS)
    assert ends_of(list(told)) == [NotDelivered("operator", "SKO-1", 1, "operator-garbled")]
    assert Disconnect() in told


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-digest: sha-256=:A:\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 204 No Content\r\nx-request-id: 1\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nx-request-id: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_cannot_be_read_is_no_answer(adapter: OperatorAdapter, data: bytes) -> None:
    carry(adapter, 1, START_MS)
    adapter.connected(START_MS)
    assert ends_of(list(adapter.received(data, START_MS))) == [
        NotDelivered("operator", "SKO-1", 1, "operator-garbled")
    ]


def test_a_body_without_an_end_is_no_answer(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    adapter.connected(START_MS)
    adapter.received(b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\ntransfer-encoding: chunked\r\n\r\n", START_MS)
    chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
    told: list[object] = []
    for _ in range(1 + BODY_BYTES_MAX // 0x40000):
        told += adapter.received(chunk, START_MS)
    assert ends_of(told) == [NotDelivered("operator", "SKO-1", 1, "operator-garbled")]


def test_a_party_that_closes_after_each_answer_is_connected_to_anew(
    adapter: OperatorAdapter, twin: HttpTwin
) -> None:
    carry(adapter, 1, START_MS)
    data = answered(adapter, twin, sent_of(list(adapter.connected(START_MS))))
    told = adapter.received(data.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1), START_MS)
    assert ends_of(list(told)) == [Acknowledged("operator", "SKO-1", 1, 1)]
    assert Disconnect() in told
    assert carry(adapter, 2, START_MS)[0] == Connect()


def test_a_connection_that_rested_for_long_is_not_used_again(
    adapter: OperatorAdapter, twin: HttpTwin
) -> None:
    carry(adapter, 1, START_MS)
    adapter.received(answered(adapter, twin, sent_of(list(adapter.connected(START_MS)))), START_MS)
    later_ms = START_MS + TIMES.rest_within_ms + 1
    assert carry(adapter, 2, later_ms)[:2] == [Disconnect(), Connect()]


def test_a_repeated_request_that_cannot_be_repeated_has_no_answer(
    adapter: OperatorAdapter, twin: HttpTwin
) -> None:
    carry(adapter, 1, START_MS)
    adapter.received(answered(adapter, twin, sent_of(list(adapter.connected(START_MS)))), START_MS)
    sent_of(carry(adapter, 2, START_MS))
    again = adapter.closed(START_MS)
    assert again[0] == Connect()
    assert ends_of(list(again)) == []
    told = adapter.connect_failed(START_MS)
    assert ends_of(list(told)) == [NotDelivered("operator", "SKO-1", 2, "no-answer")]


def test_a_clock_that_was_set_back_does_not_lengthen_what_is_waited(adapter: OperatorAdapter) -> None:
    carry(adapter, 1, START_MS)
    adapter.connected(START_MS)
    adapter.due(START_MS - 3_600_000)
    told = adapter.due(START_MS - 3_600_000 + TIMES.answer_within_ms)
    assert ends_of(list(told)) == [NotDelivered("operator", "SKO-1", 1, "no-answer")]


def test_the_status_is_asked_for_at_once_and_then_regularly() -> None:
    twin = operator_twin(MemoryStore(), FaultPlan())
    adapter = OperatorAdapter("T1", HttpTimes(status_every_ms=60_000))
    world = VirtualWorld(adapter, twin, OperatorOrders(twin))
    world.do(lambda one: one.start(world.now_ms()))
    world.pass_time(1_000)
    assert len(world.of(OperatorStatus)) == 1
    world.pass_time(180_000)
    assert len(world.of(OperatorStatus)) == 4


def test_a_twin_hangs_up_on_what_is_no_request(twin: HttpTwin) -> None:
    assert HangUp(1) in twin.received(1, b"\x00\x01\x02 / HTTP/9\r\n\r\n", START_MS, NoChance())
    assert twin.connections == 0


def test_requests_that_come_at_once_are_answered_in_order(adapter: OperatorAdapter, twin: HttpTwin) -> None:
    requests = b"".join(
        b"GET /v1/tills/T%d HTTP/1.1\r\nhost: o\r\nx-request-id: %d\r\n\r\n" % (number, number)
        for number in (1, 2, 3)
    )
    data = answered(adapter, twin, requests)
    places = [data.index(b'"till":"T%d"' % number) for number in (1, 2, 3)]
    assert places == sorted(places)
