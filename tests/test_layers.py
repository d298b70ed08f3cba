"""Imports run downwards: each package of the library imports only what lies below it, and nothing
runs in a circle.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "marquery"

#: From the ground up. A package or module may import what stands before it, not what stands beside
#: or after.
LAYERS = (
    ("names",),
    (
        *("_version", "allocator", "announced", "arrays", "backbones", "caches", "cores", "errors"),
        *("json_text", "kinds", "labels", "lru", "memory", "optional", "recipe_part"),
        *("spreadsheet", "waiting"),
    ),
    (
        *("boxes", "console", "extras", "files", "forks", "png_colors", "processes", "svg"),
        *("templates", "tones"),
    ),
    ("elsewhere", "profiles", "progress", "visibility"),
    ("deep_tiff",),
    ("corrections",),
    ("rasters",),
    ("decoding",),
    ("images", "losses", "sampling"),
    ("evaluation", "segments"),
    ("encoder",),
    ("augment", "calibration", "embedding"),
    ("datasets",),
    ("visualization", "index", "training"),
    ("explanation", "searchreport", "watch", "comparison", "distributed"),
    ("reporting", "web", "paper"),
    ("demo",),
    ("cli",),
)
LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names}


def imports(file: Path):
    """Modules of marquery that a file imports, wherever in it; not those for annotations alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def files():
    return [f for f in sorted(PACKAGE.rglob("*.py")) if f.parent != PACKAGE or f.stem[:2] != "__"]


def part_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def test_every_part_has_a_layer():
    assert {part_of(file) for file in files()} == set(LAYER_OF)


@pytest.mark.parametrize("part", LAYER_OF)
def test_a_part_imports_only_from_below(part):
    wrong = set()
    for file in files():
        if part_of(file) != part:
            continue
        for module in imports(file):
            name = module.removeprefix("marquery.").split(".")[0]
            other = LAYER_OF.get(name) if module.startswith("marquery.") else None
            if other is not None and name != part and other >= LAYER_OF[part]:
                wrong.add(f"{file.relative_to(PACKAGE)} imports {module}")
    assert not wrong


def module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_files_import_each_other_in_a_circle():
    known = {module_name(file): file for file in files()}
    graph = {
        name: {m for m in imports(file) if m in known and m != name} for name, file in known.items()
    }
    # A package's face hands names on; who imports a name from it is tied to the file that holds it.
    faces = {name for name, file in known.items() if file.name == "__init__.py"}
    state: dict[str, int] = {}

    def visit(name: str, path: list[str]) -> None:
        state[name] = 1
        for other in sorted(graph[name] - faces):
            if state.get(other) == 1:
                circle = [*path[path.index(other) :], other] if other in path else [name, other]
                raise AssertionError(" -> ".join(circle))
            if other not in state:
                visit(other, [*path, other])
        state[name] = 2

    for name in sorted(graph):
        if name not in state:
            visit(name, [name])
