"""Goods that the till does not know: not listed, misread, the code of the carton, a scanner gone wrong."""

from __future__ import annotations

import re
import subprocess

import httpx

from tillwright.demo.drills.browser import browser, person, sign_in
from tillwright.demo.drills.machine import restarted, shop_of
from tillwright.demo.drills.model import Act, Scenario
from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.processes import PROGRAM

GOODS = "till.unknown-goods"
_KNOWN, _SMUDGED, _OTHER, _NEW = "2000000010021", "2000000016021", "12000000010028", "2000000077777"
_SEEN = re.compile(r'name="(uid|version)" value="([^"]*)"')
_TOKEN = re.compile('"(X-CSRFToken)": "([^"]+)"')
_SKU = "9077"
_TAKE_S = 60.0
_KEYS = str.maketrans("0123456789", ")!@#$%^&*(")
"""What a scanner sends that holds the shift key down."""


def _page(world: World) -> httpx.Client:
    """The till's page, with somebody signed in. Raises NotSo."""
    client: httpx.Client | None = world.seen.get("browser")
    if client is None:
        client = world.seen["browser"] = browser(world)
        who = person((7, 8, 9, 10)[int(world.till.id.rsplit("-", 1)[1]) % 4])
        if not sign_in(client, world.till.id, who.number, who.pin):
            raise NotSo(f"{who.name} cannot sign in")
    return client


def scan(world: World, code: str) -> str:
    """What the page says after a scan, as the scanner sends it."""
    sent = code.translate(_KEYS) if world.seen.get("garbles") else code
    return _pressed(world, "/basket/add", code=sent)


def _pressed(world: World, path: str, **form: str) -> str:
    """What the page says after a press on what it shows now."""
    page = _page(world)
    text = page.get("/").text
    tokens = dict(_TOKEN.findall(text))
    return page.post(path, data={**dict(_SEEN.findall(text)), **form}, headers=tokens).text


def scanned(code: str, garbles: bool = False) -> Act:
    """Something is scanned, and the till does not know it."""

    def bring(world: World) -> None:
        world.seen["garbles"] = garbles
        _page(world)
        world.strike()
        if GOODS not in scan(world, code):
            raise NotSo(f"{code} is known here")

    return bring


def rightly(world: World) -> None:
    """The code of the goods is scanned, or typed."""
    scan(world, _KNOWN)


def reset(world: World) -> None:
    """The scanner is plugged in anew, and the goods are scanned."""
    world.seen["garbles"] = False
    rightly(world)


def add(world: World) -> None:
    """The administrator adds the goods to the list, with the station stopped, and they are scanned again."""
    shop = shop_of(world)
    table = shop.root / "new-goods.toml"
    names, prices = '{ "" = "New tea" }', "{ BYN = 499 }"
    rows = [f'sku = "{_SKU}"', f"names = {names}", f"prices_minor = {prices}", f'barcodes = ["{_NEW}"]']
    table.write_text("\n".join(["[[goods]]", *rows, ""]))

    def take() -> None:
        words = [*PROGRAM, "goods", str(shop.station_file), str(table)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=_TAKE_S, check=False)
        if done.returncode:
            raise NotSo(f"the goods are not taken: {done.stderr[-500:]}")

    restarted(world, take)
    scan(world, _NEW)


def in_basket(world: World) -> bool:
    """The goods are in the basket, and the next scan is read as it should be."""
    basket = _page(world).get("/basket").text
    return 'name="line"' in basket and not world.seen.get("garbles")


def empty(world: World) -> None:
    """Leave no basket behind."""
    _pressed(world, "/basket/cancel")


def _of_goods(cause: str, bring: Act, sees: dict[str, str], mends: dict[str, Act]) -> Scenario:
    return Scenario(GOODS, cause, bring, in_basket, sees, mends, asked=True, afterwards=empty)


_BY_HAND: dict[str, Act] = {"scan-again": rightly, "by-hand": rightly}

SCENARIOS = (
    _of_goods("not-listed", scanned(_NEW), {"digits": "yes", "others": "yes"}, {"add": add}),
    _of_goods("misread", scanned(_SMUDGED), {"digits": "no", "others": "yes"}, _BY_HAND),
    _of_goods("other-code", scanned(_OTHER), {"digits": "yes", "others": "yes"}, {"by-hand": rightly}),
    _of_goods(
        "scanner", scanned(_KNOWN, garbles=True), {"digits": "no", "others": "no"}, {"scanner-reset": reset}
    ),
)
