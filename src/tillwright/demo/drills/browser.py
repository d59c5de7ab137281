"""A browser at a till's pages: signing in as somebody, and what an administrator does about people."""

from __future__ import annotations

import re

import httpx

from tillwright.demo.drills.world import NotSo, World
from tillwright.demo.people import PEOPLE, Person

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def person(number: int) -> Person:
    """One of the people of the shop."""
    return next(one for one in PEOPLE if one.number == number)


def browser(world: World) -> httpx.Client:
    """A browser in which nobody is signed in."""
    return httpx.Client(base_url=world.shop.url, follow_redirects=True, timeout=20)


def sign_in(client: httpx.Client, till: str, number: int, pin: str) -> bool:
    """Type number and PIN; whether that let the person in."""
    answer = typed(client, till, number, pin)
    return answer.status_code == 200 and answer.url.path == "/"


def typed(client: httpx.Client, till: str, number: int, pin: str) -> httpx.Response:
    """What comes of number and PIN."""
    page = client.get("/sign-in")
    form = {"till": till, "number": str(number), "pin": pin, "next": "/"}
    return client.post("/sign-in", data={**form, "csrfmiddlewaretoken": _token(page.text)})


def is_in(client: httpx.Client) -> bool:
    """Whether the till's page opens without signing in again."""
    return client.get("/operations").url.path == "/operations"


def change(world: World, number: int, **wanted: str) -> None:
    """An administrator changes something about a person. Raises NotSo."""
    tom = person(90)
    with browser(world) as client:
        if not sign_in(client, world.till.id, tom.number, tom.pin):
            raise NotSo("the administrator cannot sign in")
        path = f"/settings/people/{number}"
        token = _token(client.get(path).text)
        answer = client.post(path, data={**wanted, "csrfmiddlewaretoken": token})
        if answer.status_code != 200:
            raise NotSo(f"{wanted['do']} of {number}: {answer.status_code}")


def add_person(world: World, number: int, name: str, role: str, pin: str) -> None:
    """An administrator lets somebody work here. Raises NotSo."""
    tom = person(90)
    with browser(world) as client:
        if not sign_in(client, world.till.id, tom.number, tom.pin):
            raise NotSo("the administrator cannot sign in")
        path = "/settings/people/new"
        wanted = {"number": str(number), "name": name, "role": role, "pin": pin}
        token = _token(client.get(path).text)
        answer = client.post(path, data={**wanted, "csrfmiddlewaretoken": token})
        if answer.status_code != 200:
            raise NotSo(f"{number} cannot be added: {answer.status_code}")


def press(world: World, path: str, number: int = 50) -> None:
    """A press on a page of the till, by somebody who may. Raises NotSo."""
    who = person(number)
    with browser(world) as client:
        if not sign_in(client, world.till.id, who.number, who.pin):
            raise NotSo(f"{who.name} cannot sign in")
        page = client.get(path.rsplit("/", 1)[0])
        client.post(path, data={"csrfmiddlewaretoken": _token(page.text)})


def _token(text: str) -> str:
    found = _TOKEN.search(text)
    if found is None:
        raise NotSo("the page has no form")
    return found.group(1)
