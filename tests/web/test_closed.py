"""How tightly the pages are closed: headers, cookies, no script or style in a page, none from elsewhere."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import tillwright
from tests.pages import PageStation, People

PACKAGE = Path(tillwright.__file__).parent
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
INLINE = re.compile(
    r"<script(?![^>]*(?:\bsrc=|application/json))|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on",
    re.IGNORECASE,
)
#: Programs show a token; the switchboard exists only where the station is a demo.
OF_THEIR_OWN = ("api/", "switchboard/")
OPEN_TO_ALL = {"sign-in", "language", "theme", "healthz", "readyz", "styleguide", "what-to-do/<str:code>"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_script_or_style_stands_in_a_page(template: Path) -> None:
    assert INLINE.findall(template.read_text()) == []


@pytest.mark.parametrize("text", ["<script>x()</script>", '<p style="x">', '<b onclick="x">', "<style>"])
def test_a_planted_one_is_found(text: str) -> None:
    assert INLINE.search(text)


@pytest.mark.parametrize("address", ["/sign-in", "/", "/nowhere", "/styleguide", "/healthz"])
def test_headers(page_station: PageStation, people: People, address: str) -> None:
    answer = people.sign_in(people.cashier).get(address)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert re.fullmatch(r"app;dur=\d+\.\d", answer["Server-Timing"])


def test_cookies_are_out_of_reach_of_scripts(page_station: PageStation, people: People) -> None:
    client = people.sign_in(people.cashier)
    client.get("/sign-in")
    client.post("/language", {"language": "ru"})
    client.post("/theme", {"theme": "dark"})
    assert set(client.cookies) == {"session", "csrf", "till", "language", "theme"}
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] in ("Lax", "Strict"), cookie.key


def names(patterns, prefix: str = ""):
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one


def test_every_page_asks_who_one_is_unless_it_says_so() -> None:
    opened = {
        address
        for address, one in names(get_resolver().url_patterns)
        if not getattr(one.callback, "login_required", True) and not address.startswith(OF_THEIR_OWN)
    }
    assert opened == OPEN_TO_ALL


def test_the_style_guide_is_for_trying_out_only(page_station: PageStation) -> None:
    from dataclasses import replace

    from tillwright.web import current

    assert Client().get("/styleguide").status_code == 200
    current.set_place(replace(current.place(), demo=False))
    assert Client().get("/styleguide").status_code == 404
