"""Type checkers know every registered operation as a name of ``marquery.augment``."""

import ast
from pathlib import Path

from marquery.augment import registry


def test_each_operation_is_imported_for_type_checkers():
    tree = ast.parse(Path(registry.__file__).read_text())
    typed = {
        alias.asname: node.module
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    registered = {
        home.partition(":")[2]: f"marquery.augment.{home.partition(':')[0]}"
        for operations in registry.ALL_OPERATIONS
        for home in operations._homes.values()
    }
    assert typed == registered
