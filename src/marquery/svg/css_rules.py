"""Style sheets as a flat list of rules: those inside ``@media``, ``@supports``, ``@layer`` and
inside other rules stand by themselves, with the rank of their layer.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import tinycss2

from marquery.svg.css_conditions import Page, Token, is_shown, is_supported

#: Place of a layer among all, one number for each name inside each other. Rules of a layer yield to
#: those of later ones and of none.
Layer = tuple[float, ...]
_OF_NONE = math.inf


class Declaration(NamedTuple):
    """One property and its value, without ``!important``."""

    name: str
    value: str
    is_important: bool


class Rule(NamedTuple):
    """Declarations for the elements that a selector matches."""

    selector: str
    layer: Layer
    declarations: list[Declaration]


@dataclass
class StyleSheets:
    """The rules of a drawing's style sheets that count, in their order.

    Args:
        page: that the drawing is shown on.
    """

    page: Page
    rules: list[Rule] = field(default_factory=list)
    initial: dict[str, str] = field(default_factory=dict)
    """Values of custom properties where none is set (``@property``)."""
    namespaces: dict[str | None, str] = field(default_factory=dict)
    """Prefixes of selectors -> namespaces."""
    unknown: dict[str, None] = field(default_factory=dict)
    """Names of rules that browsers know and this does not."""
    _layers: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    _unnamed: int = 0

    def read(self, text: str) -> None:
        """Add the rules of one sheet. Those behind too many inside each other are left out."""
        try:
            nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
            self._walk(nodes, (), "")
        except RecursionError:  # nobody writes so many inside each other to have them drawn
            return

    def _walk(self, nodes: list[Token], layer: tuple[str, ...], around: str) -> None:
        """Add rules, which stand in a layer and inside a rule with the selector ``around``."""
        own = [declaration_of(node) for node in nodes if node.type == "declaration"]
        if own and around:
            self.rules.append(Rule(around, self._rank(layer), own))
        for node in nodes:
            if node.type == "qualified-rule":
                self._walk(_contents(node.content), layer, _joined(node.prelude, around))
            elif node.type == "at-rule":
                self._at_rule(node, layer, around)

    def _at_rule(self, node: Token, layer: tuple[str, ...], around: str) -> None:
        kind = node.lower_at_keyword.removeprefix("-webkit-").removeprefix("-moz-")
        if kind == "layer":
            names = [name for name in tinycss2.serialize(node.prelude).split(",") if name.strip()]
            if node.content is None:
                for name in names:
                    self._rank((*layer, *_parts(name)))
                return
            if names:
                layer = (*layer, *_parts(names[0]))
            else:
                self._unnamed += 1
                layer = (*layer, f" {self._unnamed}")
            self._rank(layer)
        elif kind == "property" and node.content is not None:
            name = tinycss2.serialize(node.prelude).strip()
            for one in _contents(node.content):
                if one.type == "declaration" and one.lower_name == "initial-value":
                    self.initial[name] = declaration_of(one).value
            return
        elif kind == "namespace":
            names = [part for part in node.prelude if part.type in ("ident", "string", "url")]
            if names and names[-1].type != "ident":
                prefix = names[0].value if names[0].type == "ident" else None
                self.namespaces[prefix] = names[-1].value
            return
        elif kind == "media":
            if not is_shown(node.prelude, self.page):
                return
        elif kind == "supports":
            if not is_supported(node.prelude):
                return
        else:
            if (node.content is not None and kind in ("container", "scope")) or (
                kind == "import" and "data:" in tinycss2.serialize(node.prelude).lower()
            ):
                self.unknown[kind] = None
            return
        if node.content is not None:
            parse = _contents if around else _rule_list
            self._walk(parse(node.content), layer, around)

    def _rank(self, layer: tuple[str, ...]) -> Layer:
        """Place of a layer; the first time that it is named settles it."""
        found = []
        for depth, name in enumerate(layer):
            known = self._layers.setdefault(layer[:depth], {})
            found.append(float(known.setdefault(name, len(known))))
        return (*found, _OF_NONE)


def declaration_of(node: Token) -> Declaration:
    """A declaration of tinycss2 as text."""
    name = node.name if node.name.startswith("--") else node.lower_name
    return Declaration(name, tinycss2.serialize(node.value).strip(), bool(node.important))


def block_declarations(text: str) -> list[Declaration]:
    """What a ``style`` attribute declares."""
    return [declaration_of(node) for node in _contents(text) if node.type == "declaration"]


def _contents(content: str | list[Token]) -> list[Token]:
    found: list[Token] = tinycss2.parse_blocks_contents(
        content, skip_comments=True, skip_whitespace=True
    )
    return found


def _rule_list(content: list[Token]) -> list[Token]:
    found: list[Token] = tinycss2.parse_rule_list(content, skip_comments=True, skip_whitespace=True)
    return found


def _parts(name: str) -> Iterator[str]:
    return (part.strip() for part in name.split("."))


def _joined(prelude: list[Token], around: str) -> str:
    """The selector of a rule that may stand inside another."""
    if not around:
        return str(tinycss2.serialize(prelude))
    place = f":is({around})"
    parts: list[list[str]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(place if token == "&" else token.serialize())
    whole = ["".join(part) for part in parts]
    return ",".join(part if place in part else f"{place} {part}" for part in whole)
