"""The cascade of CSS: what the style sheets of a drawing say is written to its elements.

The renderer reads simple selectors only, and colours, variables and ids are rewritten element by
element. So sheets are dissolved before: each element gets in its ``style`` what counts for it, the
strongest last.
"""

from typing import Any

from cssselect2 import ElementWrapper, Matcher, SelectorError, compile_selector_list
from lxml import etree

from marquery.svg.css_conditions import Page, is_shown
from marquery.svg.css_rules import Declaration, Rule, StyleSheets, block_declarations
from marquery.svg.document import SVG_NAMESPACE, Element
from marquery.svg.limits import MAX_STYLE_LETTERS
from marquery.svg.problem import SvgError

_STYLES = etree.XPath("//*[local-name() = 'style']")


def dissolve_sheets(root: Element, page: Page) -> StyleSheets | None:
    """Write what style sheets say to the ``style`` of the elements that they mean.

    Args:
        root: the outermost element; it is changed. Its ``style`` elements are emptied.
        page: that the drawing is shown on.

    Returns:
        What else was in the sheets; ``None`` if there are none.

    Raises:
        SvgError: so many rules match so many elements that the drawing would grow without end.
    """
    elements = [element for element in _STYLES(root) if element.text]
    if not elements:
        return None
    sheets = StyleSheets(page)
    preferred = next((element.get("title") for element in elements if element.get("title")), None)
    for element in elements:
        if element.get("title") not in (None, "", preferred):
            element.text = None  # a choice that nobody made
            continue
        kind = (element.get("type") or "").strip().lower()
        if kind in ("", "text/css") and is_shown(element.get("media") or "", page):
            sheets.read("".join(element.itertext()))
        element.text = None
    matcher = Matcher()
    for rule in sheets.rules:
        try:
            for selector in compile_selector_list(rule.selector, sheets.namespaces):
                if selector.pseudo_element is None:
                    matcher.add_selector(selector, rule)
        except (SelectorError, RecursionError):  # as in browsers, the rule does not count
            continue
    written = 0
    for wrapper in ElementWrapper.from_xml_root(root).iter_subtree():
        element = wrapper.etree_element
        found = matcher.match(wrapper)
        if found and element.tag.rpartition("}")[0] in ("", "{" + SVG_NAMESPACE):
            style = _cascaded(found, block_declarations(element.get("style") or ""))
            written += len(style)
            if written > MAX_STYLE_LETTERS:
                raise SvgError("has style rules for too many elements", "simplify its style sheets")
            element.set("style", style)
    return sheets


def _cascaded(found: list[Any], own: list[Declaration]) -> str:
    """Declarations for an element, the strongest last.

    Args:
        found: what the matcher says: specificity, order, pseudo-element and rule.
        own: declarations of the element's ``style``.
    """

    def plain(match: Any) -> tuple[Any, ...]:
        return (match[3].layer, match[0], match[1])

    def important(match: Any) -> tuple[Any, ...]:
        # Among what is important, layers count the other way round.
        return (tuple(-place for place in match[3].layer), match[0], match[1])

    ordered: list[Declaration] = []
    for is_important, key in ((False, plain), (True, important)):
        rules: list[Rule] = [match[3] for match in sorted(found, key=key)]
        for declarations in (*(rule.declarations for rule in rules), own):
            ordered += [one for one in declarations if one.is_important == is_important]
    # Of equal ones the last counts.
    kept = dict.fromkeys((one.name, one.value) for one in reversed(ordered))
    return ";".join(f"{name}:{value}" for name, value in reversed(kept))
