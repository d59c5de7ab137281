"""A form is used for the first time by one thread alone, however many want it at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from tillwright.machine import decoding
from tillwright.machine.decoding import decoder


class Order(msgspec.Struct):
    """A form that nobody has used yet."""

    name: str
    count: int = 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The forms whose decoders were made. Making one takes as long as others need to come and ask."""
    forms: list[Any] = []
    real, under_way = msgspec.json.Decoder, threading.Lock()

    def make(form: Any) -> Any:
        assert under_way.acquire(blocking=False), "two are made at once"
        forms.append(form)
        threading.Event().wait(0.05)
        under_way.release()
        return real(form)

    monkeypatch.setattr(msgspec.json, "Decoder", make)
    monkeypatch.setattr(decoding, "_made", {})
    return forms


def test_however_many_ask_at_once_it_is_made_once(made: list[Any]) -> None:
    together = threading.Barrier(8)

    def ask(_number: int) -> Order:
        together.wait()
        return decoder(Order).decode(b'{"name": "milk"}')

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [Order("milk")] * 8
    assert made == [Order]


def test_forms_that_share_parts_are_made_one_after_another(made: list[Any]) -> None:
    forms: list[Any] = [Order, list[Order], dict[str, Order], tuple[Order, ...]]
    together = threading.Barrier(len(forms))

    def ask(form: Any) -> object:
        together.wait()
        return decoder(form)

    with ThreadPoolExecutor(len(forms)) as pool:
        list(pool.map(ask, forms))
    assert len(made) == len(forms)
