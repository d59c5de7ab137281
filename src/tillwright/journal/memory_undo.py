"""Dictionaries and lists that can be taken back to where they were: the disk of the journal in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Undoing:
    """A batch is a list of undo steps; rolling back runs them backwards."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []
        self._mark = 0

    def begin(self) -> None:
        if self._undo:
            raise AssertionError("a batch is open already")

    def savepoint(self) -> None:
        self._mark = len(self._undo)

    def release(self) -> None:
        self._mark = len(self._undo)

    def rollback_item(self) -> None:
        self._roll_to(self._mark)

    def commit(self) -> None:
        self._undo.clear()
        self._mark = 0

    def rollback(self) -> None:
        self._roll_to(0)
        self._mark = 0

    def _roll_to(self, mark: int) -> None:
        while len(self._undo) > mark:
            self._undo.pop()()

    def _set(self, table: dict[Any, Any], key: object, value: object) -> None:
        if key in table:
            old = table[key]
            self._undo.append(lambda: table.__setitem__(key, old))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def _drop(self, table: dict[Any, Any], key: object) -> None:
        old = table.pop(key)
        self._undo.append(lambda: table.__setitem__(key, old))

    def _add(self, table: list[Any], value: object) -> None:
        table.append(value)
        self._undo.append(table.pop)
