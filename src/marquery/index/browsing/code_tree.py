"""Dotted codes as a tree: how many logos each branch holds, and branches found by their names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from marquery.arrays import BoolArray, Int64Array
from marquery.index.metadata.values import code_numbers

#: Ends a chosen value that stands for a whole branch: ``01.15.*``.
BRANCH = ".*"
#: Where a branch stands: its numbers; of what is no code, its text.
Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Branch:
    """A code, or all codes that begin with it."""

    code: str
    """As most of them are written: ``01.15``."""
    value: str
    """What a filter chooses: the code, or ``01.15.*`` where it has codes below it."""
    count: int
    """Logos that have one of its codes."""
    chosen: bool
    parts: int
    """Branches right below it."""
    below: tuple["Branch", ...] = ()
    """Those of them that are shown: all, where it is opened."""

    def values(self) -> Iterator[str]:
        """What it and the shown branches below it choose."""
        yield self.value
        for branch in self.below:
            yield from branch.values()


class CodeTree:
    """The codes of a column in the branches that their numbers make."""

    def __init__(self, values: Sequence[str], rows: Int64Array, codes: Int64Array) -> None:
        """Put codes into branches.

        Args:
            values: the different codes, the commonest spelling first.
            rows: (M,) of each entry its logo.
            codes: (M,) of each entry its place in ``values``.
        """
        self._places: list[Place] = []
        self._codes: list[str] = []
        self._at: dict[Place, int] = {}
        self._below: dict[Place, list[int]] = {}
        chains = [self._chain(value) for value in values]
        lengths = np.array([len(chain) for chain in chains], np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64)
        flat = np.array([node for chain in chains for node in chain], np.int64)
        depths = lengths[codes]
        entry = np.repeat(np.arange(len(codes)), depths)
        step = np.arange(len(entry)) - np.repeat(np.cumsum(depths) - depths, depths)
        nodes = flat[starts[codes[entry]] + step]
        # A logo with two codes of a branch counts once there.
        pairs = np.unique(np.stack([rows[entry], nodes], axis=1), axis=0)
        self._rows, self._nodes = pairs[:, 0], pairs[:, 1]
        for children in self._below.values():
            children.sort(key=lambda node: _order(self._places[node]))

    def __len__(self) -> int:
        return len(self._places)

    def mask(self, value: str, count: int) -> BoolArray | None:
        """(count,) which logos have a code of a branch; None where the value names no branch.

        Args:
            value: as ``01.15.*``.
            count: logos of the index.
        """
        node = self._at.get(place_of(value.removesuffix(BRANCH))) if is_branch(value) else None
        if node is None:
            return None
        mask = np.zeros(count, np.bool_)
        mask[self._rows[self._nodes == node]] = True
        return mask

    def branches(
        self, among: BoolArray, chosen: Iterable[str] = (), of: str = ""
    ) -> tuple[Branch, ...]:
        """The branches right below one, each with its number of logos; those that hold a chosen
        one are opened, and those without any logo are left out.

        Args:
            among: (N,) which logos are counted.
            chosen: values, see :attr:`Branch.value`.
            of: the branch; empty: the widest ones.
        """
        make = self._maker(among, chosen)
        return make(place_of(of) if of else ())

    def find(
        self, among: BoolArray, text: str, name: Callable[[str], str], chosen: Iterable[str] = ()
    ) -> tuple[Branch, ...]:
        """Branches whose code begins with a text, or whose name has all of its words.

        Args:
            among: (N,) which logos are counted.
            text: digits and points, or words.
            name: of a code.
            chosen: values.
        """
        make = self._maker(among, chosen)
        wanted = code_numbers(text.strip())
        words = text.casefold().split()

        def fits(node: int) -> bool:
            place = self._places[node]
            if wanted is not None:
                return place[: len(wanted)] == wanted
            told = name(self._codes[node]).casefold() if words else ""
            told = told or str(place[0]).casefold()
            return bool(words) and all(word in told for word in words)

        found = sorted(filter(fits, range(len(self))), key=lambda n: _order(self._places[n]))
        return tuple(branch for node in found for branch in make((), [node]))

    def _maker(self, among: BoolArray, chosen: Iterable[str]) -> Callable[..., tuple[Branch, ...]]:
        counts = np.bincount(self._nodes[among[self._rows]], minlength=len(self))
        picked = {(place_of(v.removesuffix(BRANCH)), is_branch(v)) for v in chosen}
        opened = {place[:n] for place, _ in picked for n in range(1, len(place))}

        def make(of: Place, nodes: Sequence[int] | None = None) -> tuple[Branch, ...]:
            found = []
            for node in self._below.get(of, []) if nodes is None else nodes:
                place, code = self._places[node], self._codes[node]
                below = self._below.get(place, [])
                value = code + BRANCH if below else code
                is_chosen = (place, bool(below)) in picked
                if not (counts[node] or is_chosen or place in opened):
                    continue
                shown = make(place) if place in opened and nodes is None else ()
                parts = sum(bool(counts[child]) for child in below)
                found.append(Branch(code, value, int(counts[node]), is_chosen, parts, shown))
            return tuple(found)

        return make

    def _chain(self, value: str) -> list[int]:
        """The nodes of a code, the widest first; those that are new are made."""
        place = place_of(value)
        written = value.rstrip(".").split(".")
        chain = []
        for length in range(1, len(place) + 1):
            part = place[:length]
            if part not in self._at:
                self._at[part] = len(self._places)
                self._places.append(part)
                code = ".".join(written[:length]) if _is_code(place) else value
                self._codes.append(code)
                self._below.setdefault(part[:-1], []).append(self._at[part])
            chain.append(self._at[part])
        return chain


def is_branch(value: str) -> bool:
    """Whether a chosen value stands for a code and all that begin with it."""
    code = value.removesuffix(BRANCH)
    return code != value and code_numbers(code) is not None


def place_of(value: str) -> Place:
    """Where a code stands; what is none stands beside the widest branches."""
    numbers = code_numbers(value)
    return (value.lower(),) if numbers is None else numbers


def _is_code(place: Place) -> bool:
    return isinstance(place[0], int)


def _order(place: Place) -> tuple[int, tuple[int, ...], str]:
    """By numbers, and what is no code behind them."""
    numbers = tuple(number for number in place if isinstance(number, int))
    return (0, numbers, "") if numbers else (1, (), str(place[0]))
