"""Where tensors live that no variable holds: `model.layers[0].weight`, `discriminator[2].weight`.

Real scripts keep their parameters in objects, and those in the variables of a function. So the user's
objects are searched, from the variables of all functions that run, when there is a tensor that nobody has a
name for. That takes long beside an operation; but it is only done where a new line begins, and a home that
was found is one until its function is over or something else has moved in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .known import Known, Seen
from .paths import Path, Search, is_open

# The variables of a piece of code that runs, by its id; those of whoever records by none.
Scope = tuple[int | None, Mapping[str, object]]


@dataclass(eq=False)
class House:
    """The tensors that live in what one variable of a function holds."""

    root: str
    value: int  # the address of what it holds: of another object, the tensors are others
    tenants: dict[Seen, None]
    looked_at: int = 0  # by which look at the frames it was still standing


class Homes:
    """Gives `Seen.home` to tensors. `moved` are those whose home has changed since somebody looked."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.moved: list[Seen] = []
        self.paths: dict[Seen, Path] = {}  # from a variable of whoever records
        self.houses: dict[int, dict[str, House]] = {}  # by code
        self.look = 0

    def standing(self, code: int, held: Mapping[str, object]) -> None:
        """This code is still running, with these variables."""
        for house in self.houses.get(code, {}).values():
            if id(held.get(house.root)) == house.value:
                house.looked_at = self.look

    def tear_down(self) -> None:
        """All running code was looked at: where none has its house, nobody lives any more."""
        for code, houses in list(self.houses.items()):
            for root, house in list(houses.items()):
                if house.looked_at != self.look:
                    self._move(house.tenants, None)
                    del houses[root]
            if not houses:
                del self.houses[code]

    def search(self, scopes: Iterable[Scope]) -> None:
        """Look for all tensors that are known. The nearest home counts, in the outermost code that has one:
        what is `self.weight` in a method is `net[0].weight` for longer.
        """
        found: dict[Seen, tuple[Path, int | None, int]] = {}
        known = self.known
        roots: dict[int | None, Mapping[str, object]] = {}
        for code, variables in scopes:
            roots[code] = variables
            open_ones = [each for each in variables.items() if is_open(each[1])]
            for path, seen in Search(lambda each: known.get(id(each))).from_(open_ones):
                found.setdefault(seen, (path, code, id(variables[path.root])))
        before, self.houses = self._leave(found, roots.get(None, {})), {}
        for seen, (path, code, value) in found.items():
            before.pop(seen, None)
            if code is None:
                self.paths[seen] = path
            else:
                house = House(path.root, value, {}, self.look)
                house = self.houses.setdefault(code, {}).setdefault(path.root, house)
                house.tenants[seen] = None
            self._move([seen], path.text)
        self._move(before, None)

    def _leave(self, found: Mapping[Seen, object], variables: Mapping[str, object]) -> dict[Seen, None]:
        """All that had a home, but for those that the search was too short for and that are still there."""
        paths, self.paths = self.paths, {}
        left = {seen: None for houses in self.houses.values() for house in houses.values() for seen in house.tenants}
        for seen, path in paths.items():
            tensor = seen()
            if seen not in found and tensor is not None and path.follow(variables, {})[0] is tensor:
                self.paths[seen] = path
            else:
                left[seen] = None
        return left

    def _move(self, tensors: Iterable[Seen], home: str | None) -> None:
        for seen in tensors:
            if seen.home != home:
                seen.home = home
                self.moved.append(seen)
