"""The people of the demo; their PINs are printed, because nothing here is worth stealing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in at the demo's tills."""

    number: int
    name: str
    role: str
    pin: str
    language: str


PEOPLE = (
    Person(7, "Minh", "cashier", "1212", "vi"),
    Person(8, "Olga", "cashier", "2323", "ru"),
    Person(9, "Anna", "cashier", "3434", "en"),
    Person(10, "Li Wei", "cashier", "4545", "zh"),
    Person(50, "Ruth", "senior", "5656", "en"),
    Person(90, "Tom", "administrator", "9090", "en"),
)
