"""Which constructions of an error a piece of code passes, and which there are in the library."""

import ast
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import marquery
from marquery.errors import MarqueryError

ROOT = Path(marquery.__file__).parent
#: All errors that a front end tells as a sentence inherit from it.
WALKED = ("MarqueryError",)


@dataclass(frozen=True, order=True)
class Construction:
    """A place in the library where an error is made.

    Attributes:
        file: below the package.
        function: with its class, ``Table.open``; a lambda or comprehension counts as the function
            around it.
        line: first line of the call.
        last_line: of the call.
        name: the error's class.
        text: the call as source.
    """

    file: str
    function: str
    line: int
    last_line: int
    name: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.function}"


@cache
def error_classes(*bases: str) -> frozenset[str]:
    """Names of the classes of the library that inherit from these, themselves included."""
    found = set(bases)
    definitions = [
        node
        for path in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    ]
    while True:
        more = {
            node.name
            for node in definitions
            if found & {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases}
        }
        if more <= found:
            return frozenset(found)
        found |= more


def calls(*bases: str) -> Iterator[tuple[Construction, ast.Call]]:
    """Every construction of these errors and of those that inherit from them."""
    names = error_classes(*bases)
    for path in sorted(ROOT.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for function, node in _calls(_tree(path), ()):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                last = node.end_lineno or node.lineno
                text = ast.unparse(node)
                yield Construction(file, function, node.lineno, last, name, text), node


@cache
def constructions() -> frozenset[Construction]:
    """Every construction of an error that a front end tells."""
    return frozenset(construction for construction, _ in calls(*WALKED))


@contextmanager
def recording() -> Iterator[set[Construction]]:
    """The constructions of errors that are passed meanwhile, in any thread."""
    known = constructions()
    passed: set[Construction] = set()

    def init(self, *args, **kwargs):
        plain(self, *args, **kwargs)
        frame = inspect.currentframe().f_back
        while frame.f_locals.get("self") is self:  # constructors of what inherits
            frame = frame.f_back
        file, line = Path(frame.f_code.co_filename), frame.f_lineno
        if file.is_relative_to(ROOT):
            name = file.relative_to(ROOT).as_posix()
            passed.update(c for c in known if c.file == name and c.line <= line <= c.last_line)

    plain = MarqueryError.__init__
    MarqueryError.__init__ = init
    try:
        yield passed
    finally:
        MarqueryError.__init__ = plain


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        inner = names
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = (*names, child.name)
        if isinstance(child, ast.Call):
            yield ".".join(names), child
        yield from _calls(child, inner)
