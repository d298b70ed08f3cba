"""Parts of a drawing that are shown several times (``use``) with other custom properties each time:
each gets a copy of its own.
"""

import copy
from collections.abc import Callable

from lxml import etree

from marquery.svg.css_variables import Properties
from marquery.svg.document import SVG_NAMESPACE, Element
from marquery.svg.references import local_name

# Copies can hold what is copied again: they are counted.
_MAX_COPIES = 500
_MAX_ELEMENTS = 20_000


class VariableUses:
    """Copies of what ``use`` elements show, as far as it uses custom properties.

    Args:
        root: the outermost element; copies are added to it.
        is_variable: whether an element itself uses custom properties.
    """

    def __init__(self, root: Element, is_variable: Callable[[Element], bool]) -> None:
        self._root = root
        self._copies = self._elements = 0
        self._place: Element | None = None
        self.is_complete = True
        """Whether every use got its copy."""
        self._originals: dict[str, str] = {}  # id of a copy -> that of what it is a copy of
        self._parts: dict[str, Element] = {}
        if next(root.iter("{*}use", "use"), None) is not None:
            self._parts = _variable_parts(root, is_variable)

    def settle(
        self, use: Element, values: Properties, known: dict[Element, Properties]
    ) -> Element | None:
        """Have a ``use`` show a copy with the properties that count for it.

        Args:
            use: it is changed.
            values: properties that count for it.
            known: properties of the elements before it.

        Returns:
            The copy, to which nothing was put in yet; ``None`` if it needs none.
        """
        names = [name for name in use.keys() if name == "href" or name.endswith("}href")]  # noqa: SIM118
        given = (local_name(use.get(names[0])) if names else None) or ""
        name = self._originals.get(given, given)
        part = self._parts.get(name)
        if part is None or values == known.get(part.getparent()):
            return None
        self._copies += 1
        self._elements += sum(1 for _ in part.iter())
        if self._copies > _MAX_COPIES or self._elements > _MAX_ELEMENTS:
            self.is_complete = False
            return None
        other = copy.deepcopy(part)
        other.tail = None
        new = f"marquery-use-{self._copies}"
        self._originals[new] = name
        other.set("id", new)
        inherited = "".join(f"{name}:{value};" for name, value in values.items())
        other.set("style", inherited + (part.get("style") or ""))
        if self._place is None:
            tag = f"{{{SVG_NAMESPACE}}}defs" if "}" in self._root.tag else "defs"
            self._place = etree.SubElement(self._root, tag)
        self._place.append(other)
        for name in names:
            use.set(name, f"#{new}")
        return other


def _variable_parts(root: Element, is_variable: Callable[[Element], bool]) -> dict[str, Element]:
    """Elements with an id that use custom properties, themselves or inside, by their ids."""
    found: set[Element] = set()
    for element in root.iter(etree.Element):
        # What a part shows may be variable as well.
        if is_variable(element) or element.tag.rpartition("}")[2] == "use":
            at = element
            while at is not None and at not in found:
                found.add(at)
                at = at.getparent()
    return {part.get("id"): part for part in found if part.get("id") and part is not root}
