"""Path data of SVG, read far enough to cut a path into separate pieces and to know where each
lies.
"""

import math
import re
from dataclasses import dataclass

Point = tuple[float, float]

_COMMAND = re.compile(r"[MmLlHhVvCcSsQqTtAaZz]")
_NUMBER = re.compile(r"[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_FLAG = re.compile(r"[\s,]*([01])")
_COUNT = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_ARC_SAMPLES = 12


@dataclass(frozen=True)
class Box:
    """Bounding box in the path's own units; of curves the control points count, so it may be too
    large.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> Point:
        """Middle of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlaps(self, other: "Box") -> bool:
        """Whether the two boxes share a point."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    @staticmethod
    def around(points: list[Point]) -> "Box":
        """Smallest box that holds all points."""
        xs, ys = zip(*points, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True)
class Subpath:
    """One ``M ...`` stretch, beginning at an absolute point, with its box."""

    data: str
    box: Box


def split_path(data: str) -> list[Subpath]:
    """Cut path data into pieces whose boxes do not touch; a hole stays with what it is cut from.

    Raises:
        ValueError: the data are not a path.
    """
    pieces = _subpaths(data)
    parent = list(range(len(pieces)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, piece in enumerate(pieces):
        for j in range(i):
            if piece.box.overlaps(pieces[j].box):
                parent[root(i)] = root(j)
    together: dict[int, list[Subpath]] = {}
    for i, piece in enumerate(pieces):
        together.setdefault(root(i), []).append(piece)
    return [
        Subpath(
            " ".join(piece.data for piece in group),
            Box.around(
                [
                    corner
                    for p in group
                    for corner in ((p.box.left, p.box.top), (p.box.right, p.box.bottom))
                ]
            ),
        )
        for group in together.values()
    ]


def _subpaths(data: str) -> list[Subpath]:
    """All stretches between moves; each begins at an absolute point, the rest of its text is kept
    as it is.
    """
    found: list[Subpath] = []
    here: Point = (0.0, 0.0)
    start = here
    text: list[str] = []
    points: list[Point] = []

    def close() -> None:
        # A lone move draws nothing.
        if len(text) > 1:
            found.append(Subpath("".join(text), Box.around(points)))

    for command, numbers in _commands(data):
        kind = command.upper()
        if kind == "M" or not text:
            close()
            if kind == "M":
                here = _absolute(command, here, numbers[0], numbers[1])
            else:
                here = start
            start = here
            text, points = [f"M{here[0]:.10g} {here[1]:.10g}"], [here]
            if kind == "M":
                continue
        text.append(command + " ".join(f"{v:.10g}" for v in numbers))
        if kind == "Z":
            here = start
            # What follows without a move begins at the same point, as a stretch of its own.
            close()
            text, points = [], []
            continue
        new = _points(command, numbers, here)
        points += new
        here = new[-1]
    close()
    return found


def _commands(data: str) -> list[tuple[str, list[float]]]:
    """Commands with exactly the numbers that each takes; repeated arguments become commands of
    their own.
    """
    found: list[tuple[str, list[float]]] = []
    at = 0
    while match := re.compile(r"[\s,]*").match(data, at):
        at = match.end()
        if at >= len(data):
            break
        command = data[at]
        if not _COMMAND.match(command):
            raise ValueError(f"{data[at : at + 10]!r} is not a path command")
        at += 1
        first = True
        while True:
            numbers, after = _numbers(data, at, command)
            if numbers is None:
                if first:
                    raise ValueError(f"{command} lacks numbers")
                break
            if not first and command in "Mm":
                command = "L" if command == "M" else "l"
            found.append((command, numbers))
            at, first = after, False
            if command in "Zz":
                break
    if found and found[0][0] not in "Mm":
        raise ValueError("a path begins with a move")
    return found


def _numbers(data: str, at: int, command: str) -> tuple[list[float] | None, int]:
    numbers = []
    for i in range(_COUNT[command.upper()]):
        # The two flags of an arc may be written without a space after them.
        pattern = _FLAG if command in "Aa" and i in (3, 4) else _NUMBER
        match = pattern.match(data, at)
        if match is None:
            if i:
                raise ValueError(f"{command} lacks numbers")
            return None, at
        numbers.append(float(match.group(1)))
        at = match.end()
    return numbers, at


def _absolute(command: str, here: Point, x: float, y: float) -> Point:
    return (here[0] + x, here[1] + y) if command.islower() else (x, y)


def _points(command: str, numbers: list[float], here: Point) -> list[Point]:
    """Points that bound one segment; the last one is where the pen ends."""
    kind = command.upper()
    relative = command.islower()
    if kind == "H":
        return [(numbers[0] + (here[0] if relative else 0), here[1])]
    if kind == "V":
        return [(here[0], numbers[0] + (here[1] if relative else 0))]
    if kind == "A":
        end = _absolute(command, here, numbers[5], numbers[6])
        return [*_arc(here, end, numbers), end]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [_absolute(command, here, x, y) for x, y in pairs]


def _arc(start: Point, end: Point, numbers: list[float]) -> list[Point]:
    """Points on an elliptic arc, by the centre form of the SVG 1.1 standard, F.6.5."""
    rx, ry, phi = abs(numbers[0]), abs(numbers[1]), math.radians(numbers[2])
    if rx == 0 or ry == 0 or start == end:
        return []
    cos, sin = math.cos(phi), math.sin(phi)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    stretch = math.sqrt(max(1.0, (x / rx) ** 2 + (y / ry) ** 2))
    rx, ry = rx * stretch, ry * stretch
    below = (rx * y) ** 2 + (ry * x) ** 2
    factor = math.sqrt(max(0.0, (rx * ry) ** 2 / below - 1))
    if numbers[3] == numbers[4]:
        factor = -factor
    cx, cy = factor * rx * y / ry, -factor * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    sweep = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    if numbers[4] and sweep < 0:
        sweep += 2 * math.pi
    if not numbers[4] and sweep > 0:
        sweep -= 2 * math.pi
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    angles = [first + sweep * i / _ARC_SAMPLES for i in range(1, _ARC_SAMPLES)]
    around = [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]
    return [(cos * u - sin * v + middle[0], sin * u + cos * v + middle[1]) for u, v in around]
