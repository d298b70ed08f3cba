"""Public functions say what they take, what they raise, and with what shapes, ranges or units."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import marquery

SOURCE = Path(marquery.__file__).parent
ERRORS = {"UsageError", "MarqueryError", "ImageError"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameters(function: Function, method: bool) -> list[str]:
    a = function.args
    named = [p.arg for p in [*a.posonlyargs, *a.args]][method:] + [p.arg for p in a.kwonlyargs]
    return named + [p.arg for p in (a.vararg, a.kwarg) if p]


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """Last names of the decorators: ``property``, ``overload``, ``command`` …"""
    out = set()
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        out.add(call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", ""))
    return out


@dataclass(frozen=True)
class Described:
    """A public function or method and the docstrings that speak for it."""

    name: str
    function: Function
    bound: bool
    docstrings: list[str]


class Package:
    """What is defined where, read without importing it."""

    def __init__(self, sources: list[Path]) -> None:
        self.trees = {source: ast.parse(source.read_text()) for source in sources}
        self.classes: dict[str, list[ast.ClassDef]] = {}
        self.functions: dict[str, list[Function]] = {}
        for tree in self.trees.values():
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    self.classes.setdefault(node.name, []).append(node)
                elif isinstance(node, Function):
                    self.functions.setdefault(node.name, []).append(node)

    def public(self, source: Path) -> Iterator[Described]:
        """Public functions and methods of a module."""
        for node in self.trees[source].body:
            if isinstance(node, Function):
                if not node.name.startswith("_"):
                    yield Described(node.name, node, False, self._texts(node))
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                for item in node.body:
                    if isinstance(item, Function) and item.name == "__init__":
                        texts = [ast.get_docstring(node) or "", *self._texts(item, node)]
                        yield Described(f"{node.name}.__init__", item, True, texts)
                    elif (
                        isinstance(item, Function)
                        and not item.name.startswith("_")
                        and "overload" not in decorators(item)
                    ):
                        bound = "staticmethod" not in decorators(item)
                        texts = self._texts(item, node)
                        yield Described(f"{node.name}.{item.name}", item, bound, texts)

    def _texts(self, function: Function, owner: ast.ClassDef | None = None) -> list[str]:
        """Its docstring, those it refers to, and those of the methods that it overrides."""
        own = ast.get_docstring(function) or ""
        texts = [own]
        for kind, target in re.findall(r":(meth|class|func):`~?([\w.]+)`", own):
            texts += self._named(kind, target.split("."), owner)
        for base in self._bases(owner) if owner else []:
            texts += self._named("meth", [base.name, function.name], None)
        return texts

    def _named(self, kind: str, target: list[str], owner: ast.ClassDef | None) -> list[str]:
        nodes: list[Function | ast.ClassDef] = []
        if kind == "func":
            nodes += self.functions.get(target[-1], [])
        elif kind == "class":
            nodes += self.classes.get(target[-1], [])
        else:
            owners = self.classes.get(target[-2], []) if len(target) > 1 else [owner]
            for known in [c for c in owners if c]:
                nodes += [
                    item
                    for item in known.body
                    if isinstance(item, Function) and item.name == target[-1]
                ]
        return [ast.get_docstring(node) or "" for node in nodes]

    def _bases(self, owner: ast.ClassDef) -> Iterator[ast.ClassDef]:
        for base in owner.bases:
            base = base.value if isinstance(base, ast.Subscript) else base
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            for known in self.classes.get(name, []):
                yield known
                yield from self._bases(known)


def section(docstring: str, title: str) -> str | None:
    found = re.search(rf"^{title}:\n((?:[ \t]+.*\n?|\n)*)", docstring, flags=re.M)
    return found and found[1]


def raised(function: Function) -> set[str]:
    """Our errors that the function raises itself, not through what it calls or defines."""
    out, waiting = set(), list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = node.exc.func
            out.add(name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", ""))
        waiting.extend(ast.iter_child_nodes(node))
    return out & ERRORS


def lacks(described: Described) -> list[str]:
    """What the docstrings of one function leave out."""
    out = []
    named = parameters(described.function, described.bound)
    if len(named) >= 3:
        arguments = [section(text, "Args") or "" for text in described.docstrings]
        heads = " ".join(re.findall(r"^[ \t]+([\w*, ]+):", "\n".join(arguments), flags=re.M))
        missing = [p for p in named if not re.search(rf"\b{p}\b", heads)]
        if missing:
            out.append(f"Args without {', '.join(missing)}")
    errors = " ".join(section(text, "Raises") or "" for text in described.docstrings)
    raises = sorted(raised(described.function))
    out.extend(f"Raises without {e}" for e in raises if e not in errors)
    return out


def described_elsewhere(described: Described) -> bool:
    """Routes: their parameters are pydantic models or annotated, which OpenAPI shows."""
    return bool(decorators(described.function) & {"get", "post", "put", "delete"})


# The command line documents options by their help texts.
MODULES = [p for p in sorted(SOURCE.rglob("*.py")) if p.relative_to(SOURCE).parts[0] != "cli"]
PACKAGE = Package(MODULES)


@pytest.mark.parametrize("source", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_public_functions_are_documented(source):
    faults = [
        f"{described.name}: {'; '.join(missing)}"
        for described in PACKAGE.public(source)
        if not described_elsewhere(described) and (missing := lacks(described))
    ]
    assert not faults, "\n".join(faults)


def test_the_walk_finds_what_is_missing(tmp_path):
    source = tmp_path / "example.py"
    source.write_text('''
def one(a, b, c):
    """Does it.

    Args:
        a, b: numbers.

    Raises:
        UsageError: never.
    """
    raise MarqueryError("no")

class Two:
    """Holds it.

    Args:
        x: pixels.
        y, z: levels.
    """

    def __init__(self, x, y, z): ...

    def pair(self, x, y): ...

    def triple(self, x, *y, **z): ...

    def _hidden(self, x, y, z): ...

class Three(Two):
    def triple(self, x, *y, **z): ...

    def like(self, x, y, z):
        """See :class:`Two`."""

    def only(self, x, y, z):
        """See :meth:`like`.

        Args:
            x: pixels.
        """
''')
    package = Package([source])
    found = {described.name: lacks(described) for described in package.public(source)}
    assert found == {
        "one": ["Args without c", "Raises without MarqueryError"],
        "Two.__init__": [],
        "Two.pair": [],
        "Two.triple": ["Args without x, y, z"],
        "Three.triple": ["Args without x, y, z"],
        "Three.like": [],
        "Three.only": ["Args without y, z"],
    }
