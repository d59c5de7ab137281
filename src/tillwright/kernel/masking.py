"""Card numbers in free text: found and masked before anything keeps them.

A customer's card number may be typed or scanned where a name is meant. It must then stand nowhere: not in
the journal, not on paper, not in a log. What looks like one is 13 to 19 digits whose last is the right check
digit (Luhn), also with single blanks, dots or dashes between them. The first six and the last four stay,
which name the issuer and tell two cards apart; the rest is stars.

Groups of digits can be read in several ways ('12 4111 1111 1111 1111'), and which of them is the card cannot
be known. So each reading that fits is masked, and a true number never stands because a longer one around it
happened to fit as well. One number in ten fits by chance: a text loses a few digits that were no card's,
which is the cheaper mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

SHORTEST = 13
LONGEST = 19
KEPT_FIRST = 6
KEPT_LAST = 4

_BETWEEN = r"[\s.\-_/\u2010-\u2015\u2212]?"
_ROW = re.compile(rf"\d(?:{_BETWEEN}\d){{{SHORTEST - 1},}}")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def mask_cards(text: str) -> str:
    """The text with every card-looking number masked: '4111 1111 1111 1111' is '4111 11** **** 1111'."""
    if len(text) < SHORTEST:
        return text
    masked = _ROW.sub(lambda row: _mask_row(row[0]), text)
    # What is left of a long group stands beside other neighbours now, and is read once more.
    return masked if masked == text else mask_cards(masked)


def looks_like_card(text: str) -> bool:
    """Whether something in the text would be masked."""
    return mask_cards(text) != text


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it. Other characters raise ValueError."""
    return _fits([int(digit) for digit in digits])


def _mask_row(row: str) -> str:
    places = [place for place, character in enumerate(row) if character.isdigit()]
    digits = [int(row[place]) for place in places]
    hidden: set[int] = set()
    for start, end in _readings(places):
        if _fits(digits[start:end]):
            hidden.update(places[start + KEPT_FIRST : end - KEPT_LAST])
    return "".join("*" if place in hidden else character for place, character in enumerate(row))


def _readings(places: list[int]) -> Iterator[tuple[int, int]]:
    """The numbers that a row of digits can be read as: (first, one past the last), counted in digits.

    They are made of whole groups; a group that is too long for a card may hold one anywhere.
    """
    edges = [0, *(at for at in range(1, len(places)) if places[at] - places[at - 1] > 1), len(places)]
    for start in edges:
        yield from ((start, end) for end in edges if SHORTEST <= end - start <= LONGEST)
    for first, last in pairwise(edges):
        if last - first > LONGEST:
            for start in range(first, last - SHORTEST + 1):
                yield from ((start, end) for end in range(start + SHORTEST, min(start + LONGEST, last) + 1))


def _fits(digits: list[int]) -> bool:
    total = sum(digits[-1::-2]) + sum(_DOUBLED[digit] for digit in digits[-2::-2])
    return total % 10 == 0
