"""A shop in a folder: a station, its twins, their settings, people, goods, tokens, and the two processes.

The demo, the replay, the benchmarks and the tests that kill all run the same shop, with more or fewer tills.
The folder is made once and found again later; a port that is busy by then is exchanged. Files are those of
any station, plus the twins'.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tillwright.demo.processes import PROGRAM, Child, NotReady, free_port, port_is_free, wait_until_ready
from tillwright.kernel.keys import uid_from_bytes
from tillwright.kernel.rules import PackRules
from tillwright.machine.resources import shipped_rules
from tillwright.people.tokens import hash_of, token_for

_READY_S = 60.0
_SEED_S = 120.0
_CALL_S = 10.0
_LOOK_S = 0.05
PARTIES = ("operator", "licensing")
"""The parties that all tills of a shop share, besides each till's own devices."""
TAXPAYER = "100000001"


@dataclass(frozen=True, slots=True)
class ShopTill:
    """A till of the shop, its device, and the float that is put into its drawer first."""

    id: str
    name: str
    currency: str
    serial: str
    float_minor: int
    uplink: bool = False
    """whether its device has a line of its own to the operator"""

    @property
    def equipment(self) -> str:
        """The serial of the till itself, as its licence knows it."""
        return f"TW-{self.id}"

    @property
    def printer(self) -> str:
        """The serial of its receipt printer."""
        return f"PRN-{self.id}"


def shop_tills(count: int, *, currency: str = "EUR", float_minor: int = 1_000_00) -> tuple[ShopTill, ...]:
    """So many tills alike."""
    return tuple(
        ShopTill(f"till-{number}", f"Till {number}", currency, f"SKO-{1000 + number}", float_minor)
        for number in range(1, count + 1)
    )


@dataclass(frozen=True, slots=True)
class ShopOptions:
    """What differs between shops. `port` 0: any free one; `clock`, `learns`, `status_every_ms`: as in
    station.toml. `open_shifts`: whether tills that never had a shift begin in their first one, where the pack
    knows shifts. `only_devices`: the tills have control devices and nobody else to speak to.
    """

    tills: tuple[ShopTill, ...]
    name: str = "The Corner Shop"
    pack: str = "demo"
    port: int = 0
    demo: bool = False
    open_goods: bool = False
    learns: bool = True
    clock: str = "system"
    status_every_ms: int = 15_000
    open_shifts: bool = True
    only_devices: bool = False

    @property
    def rules(self) -> PackRules:
        """The rules of its pack."""
        return shipped_rules(self.pack)


class Shop:
    """The shop in one folder; `start` brings up the twins, then the station, and returns when a sale could be
    made.
    """

    def __init__(self, root: Path, options: ShopOptions) -> None:
        self.root = root.absolute()
        self.options = options
        self.root.mkdir(parents=True, exist_ok=True)
        self.ports = self._choose_ports()
        self.tokens = self._choose_tokens()
        _write(self.twins_file, self._twins_toml())
        _write(self.station_file, self._station_toml())
        self._twins_door: httpx.Client | None = None
        self.twins = Child("twins", ["twins", str(self.twins_file)], self.root / "twins.log")
        self.station = Child(
            "station", ["station", str(self.station_file), "--with-parent"], self.root / "station.log"
        )

    # ── places ──

    @property
    def url(self) -> str:
        """The address of the pages and of the API."""
        return f"http://127.0.0.1:{self.ports['pages']}"

    @property
    def twins_url(self) -> str:
        """The address of the twins' control endpoint."""
        return f"http://127.0.0.1:{self.ports['twins']}"

    @property
    def station_file(self) -> Path:
        """The station's settings."""
        return self.root / "station.toml"

    @property
    def twins_file(self) -> Path:
        """The twins' settings."""
        return self.root / "twins.toml"

    @property
    def journal_file(self) -> Path:
        """The station's database."""
        return self.root / "station.db"

    @property
    def truth_file(self) -> Path:
        """The twins' database."""
        return self.root / "twins.db"

    @property
    def lock_file(self) -> Path:
        """What the station's process holds; its number stands in it."""
        return self.root / "station.lock"

    def worker_pid(self) -> int | None:
        """The process that is the station (it holds the lock); None before it has started."""
        try:
            return int(self.lock_file.read_text())
        except (OSError, ValueError):
            return None

    # ── life ──

    def seed(self) -> None:
        """Tables, people and goods; in a process of its own, since the pages' framework is set up once a
        process.
        """
        words = [*PROGRAM, "prepare", str(self.station_file), "--demo"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=_SEED_S, check=False)
        if done.returncode != 0:
            raise NotReady(f"the shop could not be prepared:\n{done.stderr[-2000:]}")

    def start(self) -> None:
        """Start both processes. Raises NotReady."""
        self.start_twins()
        self.put_floats()
        self.start_station()
        if self.options.rules.shifts and self.options.open_shifts:
            self.open_first_shifts()

    def start_twins(self) -> float:
        """Start the devices; the seconds it took."""
        self.twins.start()
        return wait_until_ready(self.twins, f"{self.twins_url}/twins", _READY_S)

    def start_station(self) -> float:
        """Start the station; the seconds it took."""
        self.station.start()
        return wait_until_ready(self.station, f"{self.url}/readyz", _READY_S)

    def stop(self) -> None:
        """End both processes."""
        self.station.stop()
        self.twins.stop()
        if self._twins_door is not None:
            self._twins_door.close()
            self._twins_door = None

    # ── the twins' door ──

    def truth(self, serial: str) -> dict[str, Any]:
        """What a device really holds."""
        return dict(self._call("GET", f"/twins/{serial}/truth"))

    def twins_now(self) -> list[dict[str, Any]]:
        """How every device is, what is armed there and what has struck."""
        return list(self._call("GET", "/twins")["twins"])

    def parties_now(self) -> list[dict[str, Any]]:
        """How everybody else is: the printers, the operator, the licensing."""
        return list(self._call("GET", "/twins")["parties"])

    def operator_now(self) -> dict[str, Any]:
        """How the operator is."""
        return next(one for one in self.parties_now() if one["party"] == "operator")

    def order(self, serial: str, order: str, body: dict[str, Any]) -> Any:
        """An order to a twin: 'faults', 'reset', 'clock', 'deposit', 'plug'."""
        return self._call("POST", f"/twins/{serial}/{order}", body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if self._twins_door is None:
            self._twins_door = httpx.Client(timeout=_CALL_S)  # one for all calls: making one takes 50 ms
        answer = self._twins_door.request(method, self.twins_url + path, json=body)
        return answer.raise_for_status().json()

    def put_floats(self) -> None:
        """Put the float into each drawer that has seen nothing yet: a deposit at the device, which the till
        reads from it.
        """
        for till in self.options.tills:
            if till.float_minor and self.truth(till.serial)["last_number"] == 0:
                deposit = {"currency": till.currency, "amount_minor": till.float_minor}
                self.order(till.serial, "deposit", deposit)

    # ── shifts ──

    def open_first_shifts(self) -> None:
        """Open a shift at every till that never had one. Raises NotReady."""
        with httpx.Client(timeout=_CALL_S) as client:
            for till in self.options.tills:
                if self.truth(till.serial)["shift"]["number"] == 0:
                    self._open_first_shift(client, till)

    def _open_first_shift(self, client: httpx.Client, till: ShopTill) -> None:
        uid = uid_from_bytes(os.urandom(16))
        body = {"uid": uid, "kind": "shift-open", "currency": till.currency, "shift": 1}
        headers = {"Authorization": f"Bearer {self.tokens[till.id]}", "Prefer": "wait=5"}
        said = ""
        for _ in range(int(_READY_S / _LOOK_S)):
            answer = client.post(f"{self.url}/api/v1/operations", json=body, headers=headers)
            if answer.json().get("state") == "done":
                return
            said = answer.text[:500]
            threading.Event().wait(_LOOK_S)
        raise NotReady(f"the first shift of {till.id} does not open: {said}")

    # ── files ──

    def _choose_ports(self) -> dict[str, int]:
        file = self.root / "ports.json"
        known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        if self.options.port:
            known["pages"] = self.options.port
        chosen = {}
        tills = self.options.tills
        for name in (
            "pages",
            "twins",
            *PARTIES,
            *(till.id for till in tills),
            *(till.printer for till in tills),
        ):
            port = known.get(name)
            chosen[name] = port if port is not None and port_is_free(port) else free_port()
        _write(file, json.dumps(chosen))
        return chosen

    def _choose_tokens(self) -> dict[str, str]:
        """The text of a token for each till, for programs; readable by the owner of the folder only."""
        file = self.root / "tokens.json"
        if not file.exists():
            made = {till.id: token_for(till.id).text for till in self.options.tills}
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as output:
                output.write(json.dumps(made, indent=1))
        tokens: dict[str, str] = json.loads(file.read_text())
        return tokens

    def _twins_toml(self) -> str:
        lines = [
            'store = "twins.db"',
            f"control_port = {self.ports['twins']}",
            f'clock = "{self.options.clock}"',
        ]
        for till in self.options.tills:
            lines += ["", "[[devices]]", f'till = "{till.id}"', f'serial = "{till.serial}"']
            lines.append(f"port = {self.ports[till.id]}")
            if self.options.rules.shifts:
                lines.append("shifts = true")
            if self.options.demo or till.uplink:
                lines.append('uplink = "operator"')
        for till in self.options.tills:
            lines += ["", "[[printers]]", f'till = "{till.id}"', f'serial = "{till.printer}"']
            lines.append(f"port = {self.ports[till.printer]}")
        for party in PARTIES:
            lines += ["", f"[{party}]", f"port = {self.ports[party]}"]
        return "\n".join(lines) + "\n"

    def _station_toml(self) -> str:
        options = self.options
        lines = [
            'station = "shop"',
            f'name = "{options.name}"',
            f'pack = "{options.pack}"',
            f"languages = {json.dumps(list(options.rules.languages))}",
            f"port = {self.ports['pages']}",
            f'clock = "{options.clock}"',
            f"demo = {str(options.demo).lower()}",
            f"open_goods = {str(options.open_goods).lower()}",
            f"learns = {str(options.learns).lower()}",
            f"status_every_ms = {options.status_every_ms}",
            f'taxpayer = "{TAXPAYER}"',
            f'twins_url = "{self.twins_url}"',
        ]
        for till in options.tills:
            lines += ["", "[[tills]]", f'id = "{till.id}"', f'name = "{till.name}"']
            lines += [f'currency = "{till.currency}"', f"control_port = {self.ports[till.id]}"]
            if not options.only_devices:
                lines.append(f"printer_port = {self.ports[till.printer]}")
                lines += [f'{party}_url = "http://127.0.0.1:{self.ports[party]}"' for party in PARTIES]
            lines.append(f'serial = "{till.equipment}"')
            lines.append(f'token = "{hash_of(self.tokens[till.id])}"')
        return "\n".join(lines) + "\n"


def put_together(root: Path, tills: Sequence[ShopTill]) -> Shop:
    """A seeded shop that is not started yet, for tests and measurements."""
    shop = Shop(root, ShopOptions(tills=tuple(tills)))
    shop.seed()
    return shop


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    beside.write_text(text)
    beside.replace(path)
