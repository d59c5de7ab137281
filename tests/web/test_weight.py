"""What a till has to load, and how often a page asks the database. Ratchets: they only tighten."""

import gzip
import re
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import PageStation, People

PAGE_BYTES = 10_000
ASSETS_ZIPPED_BYTES = {"/sign-in": 22_000, "/": 45_000}
QUERIES = {"/sign-in": 0, "/": 12}
ASSET = re.compile(r"""(?:href|src)=["'](/static/[^"'#]+)""")
IMPORT = re.compile(r"""import *"\./([\w.-]+)";""")


def assets(client: Client, page: str) -> dict[str, bytes]:
    """Every file that a page asks for, scripts that scripts import included, by address."""
    found: dict[str, bytes] = {}
    waiting = ASSET.findall(page)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found[address] = fetch(client, address)
            folder = address.rpartition("/")[0]
            waiting += [
                f"{folder}/{name}" for name in IMPORT.findall(found[address].decode("utf-8", "ignore"))
            ]
    return found


def fetch(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    content: bytes = answer.getvalue()
    answer.close()
    return content


@pytest.mark.parametrize("address", ASSETS_ZIPPED_BYTES)
def test_weight(page_station: PageStation, people: People, address: str) -> None:
    client = Client() if address == "/sign-in" else people.sign_in(people.cashier)
    page = client.get(address).content
    files = assets(client, page.decode())
    zipped = sum(len(gzip.compress(content)) for content in files.values())
    print(f"{address}: page {len(page)} bytes, {len(files)} files, {zipped} bytes zipped")
    assert len(page) <= PAGE_BYTES + (20_000 if address == "/" else 0)
    assert zipped <= ASSETS_ZIPPED_BYTES[address]


def test_scripts_are_followed_into_what_they_import(page_station: PageStation) -> None:
    client = Client()
    files = assets(client, client.get("/sign-in").content.decode())
    assert any("/scanner." in address for address in files)


@pytest.mark.parametrize("address", QUERIES)
def test_queries(page_station: PageStation, people: People, address: str) -> None:
    client = Client() if address == "/sign-in" else people.sign_in(people.cashier)
    client.get(address)
    with (
        CaptureQueriesContext(connections["default"]) as main,
        CaptureQueriesContext(connections["sessions"]) as own,
    ):
        client.get(address)
    assert len(main) + len(own) <= QUERIES[address]


def test_assets_are_kept_for_ever_and_carry_their_hash(page_station: PageStation) -> None:
    client = Client()
    address = next(iter(assets(client, client.get("/sign-in").content.decode())))
    assert re.search(r"\.[0-9a-f]{12}\.", address)
    answer = client.get(address)
    answer.close()
    assert "immutable" in answer["Cache-Control"]


def test_collecting_again_does_nothing(page_station: PageStation, page_template: Path) -> None:
    from tillwright.settings.static import STAMP, collect

    stamp = page_template / "static" / STAMP
    before = stamp.stat().st_mtime_ns
    assert collect(page_template / "static") is False
    assert stamp.stat().st_mtime_ns == before
