"""The functions that belong to the names of the registry: what a probe or an action really does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

_F = TypeVar("_F")


class Register(Generic[_F]):
    """One function a name. `names`: those that there are; `functions`: those that are written."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self.functions: dict[str, _F] = {}

    def named(self, name: str) -> Callable[[_F], _F]:
        """Make a function the one of this name. Raises KeyError for a name that there is not."""
        if name not in self._names:
            raise KeyError(name)

        def register(function: _F) -> _F:
            self.functions[name] = function
            return function

        return register

    def written(self) -> frozenset[str]:
        """The names whose functions have been written and imported."""
        return frozenset(self.functions)

    def function(self, name: str) -> _F:
        """The one of this name. Raises KeyError for one that has not been written."""
        return self.functions[name]
