"""Somebody else at the control device: another program registers a document there, past the till.

It speaks the device's protocol on a connection of its own, as a second station or a service program would.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from tillwright.demo.drills.world import NotSo, World
from tillwright.kernel.keys import leg_key, uid_from_bytes
from tillwright.operations.model import Line, Tender
from tillwright.parties.control.messages import SALE, Hello, Register, Request, decode_reply, encode
from tillwright.parties.frames import FrameReader, frame

_ANSWER_S = 5.0
_RECEIVE_BYTES = 65_536


def register_aside(world: World, total_minor: int, uid: str = "") -> str:
    """Another program sells something at the till's device; the uid under which it does. Raises NotSo."""
    uid = uid or uid_from_bytes(os.urandom(16))
    line = Line("1001", "Milk", 1000, total_minor)
    sale = Register(
        2, leg_key(uid, 1), world.till.id, SALE, world.till.currency, total_minor, "aside",
        (line,), (Tender("cash", total_minor),),
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", _port(world)), _ANSWER_S) as connection:
        _ask(connection, Hello(1, world.till.id))
        said = _ask(connection, sale)
    if not said.ok:
        raise NotSo(f"the device takes nothing from another program: {said.code} {said.reason}")
    return uid


def _port(world: World) -> int:
    return int(world.device_state()["port"])


def _ask(connection: socket.socket, request: Request) -> Any:
    connection.sendall(frame(encode(request)))
    frames = FrameReader()
    while True:
        data = connection.recv(_RECEIVE_BYTES)
        if not data:
            raise NotSo("the device hangs up on another program")
        for message in frames.feed(data):
            return decode_reply(message)
