"""A drawing as the renderer reads it: nothing of the outside, one spelling of everything."""

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from lxml import etree

from marquery.svg.css_cascade import dissolve_sheets
from marquery.svg.css_colors import srgb
from marquery.svg.css_conditions import Page
from marquery.svg.css_geometry import (
    add_ground,
    settle_geometry,
    settle_paint,
    settle_use,
    unknown_lengths,
    unknown_properties,
)
from marquery.svg.css_spelling import (
    LENGTHS,
    has_shadows,
    is_unusual_block,
    usual_block,
    usual_shadows,
    usual_value,
)
from marquery.svg.css_sums import has_sums, plain_sums
from marquery.svg.css_values import (
    COLORS,
    is_paint,
    is_special,
    is_special_block,
    plain_block,
    plain_color,
)
from marquery.svg.css_variables import (
    Properties,
    computed,
    declarations,
    defined,
    has_variables,
    resolved_block,
    substituted,
    without_comments,
)
from marquery.svg.document import SVG_NAMESPACE, Element, read_document
from marquery.svg.letters import missing_letters
from marquery.svg.limits import SvgLimits
from marquery.svg.references import (
    PAINT_SERVERS,
    Ids,
    local_name,
    local_urls,
    settled_block,
    settled_reference,
)
from marquery.svg.root import settle_root
from marquery.svg.size import length, view_box
from marquery.svg.unseen import unseen
from marquery.svg.uses import VariableUses

if TYPE_CHECKING:
    from marquery.svg.embedded import EmbeddedImages

# What most lengths end with.
_USUAL_ENDS = (*"0123456789%", "px", "mm", "pt", "em")
#: Elements whose ``href`` may hold a picture.
_PICTURES = frozenset({"image", "feImage"})
_USE = f"{{{SVG_NAMESPACE}}}use"
#: Elements that show what their ``href`` refers to.
_SHOWN = _PICTURES | {"use"}


def serialised(root: Element) -> str:
    """The text of a tree, without a document type."""
    text: str = etree.tostring(root, encoding="unicode", with_tail=False)
    return text


def clean(root: Element, limits: SvgLimits, *, is_inside: bool = False) -> list[str]:
    """Rewrite a tree so that it can be drawn as it is meant and refers to itself only.

    Args:
        root: the outermost element; it is changed.
        limits: of the pictures inside.
        is_inside: it is itself a picture in a drawing, and may not hold drawings.

    Returns:
        What will be missing: "some letters of its text, such as ..."; each with what to do.

    Raises:
        SvgError: a picture inside is over the limits.
    """
    page = _page(root)
    sheets = dissolve_sheets(root, page)
    kinds = settle_ids(root)
    is_complete = _resolve_variables(root, {} if sheets is None else sheets.initial)
    images: EmbeddedImages | None = None
    ids, lost = Ids(kinds), False
    unknown: list[str] = []
    letters = missing_letters(root)
    notes = [f"some letters of its text, such as {letters}; turn text into paths"] * bool(letters)
    notes += unseen(root)
    notes += add_ground(root)
    for element in root.iter(etree.Element):
        tag = element.tag.rpartition("}")[2]
        for name, value in element.items():
            if (
                "/*" in value
                and (name in {"style", *COLORS} or "(" in value)
                and "href" not in name
            ):
                value = without_comments(value)
                element.set(name, value)
            plain = usual_value(name, value)
            if plain != value:
                _set(element, name, value, plain)
                value = plain or ""
            if name in LENGTHS and not value.endswith(_USUAL_ENDS):
                notes += unknown_lengths(f"width:{value}")
            if name == "style":
                style = _plain_style(element, value, unknown, notes)
                _set(element, name, value, style)
                value = style
                notes += unknown_properties(value)
            elif name in COLORS and (is_special(value) or not is_paint(value)):
                color = plain_color(name, value, partial(_current, element), unknown)
                color = color if color is not None and is_paint(color) else None
                _set(element, name, value, color)
                value = color or ""
            if name == "href" or name.endswith("}href"):
                if images is None and tag in _PICTURES and _is_data(value):
                    images = _image_reader(limits, is_inside, notes)
                kept = _kept(value, images if tag in _PICTURES else None, ids)
                _set(element, name, value, kept)
                lost = lost or (kept is None and tag in _SHOWN and value.strip() not in ("", "#"))
            elif "(" in value:
                if name == "filter" and has_shadows(value):
                    value = usual_shadows(value, partial(_color, element))
                    element.set(name, value)
                local = local_urls(value, ids)
                if "url(" in local:
                    settle = settled_block if name == "style" else partial(settled_reference, name)
                    local = settle(local, ids.kinds)
                _set(element, name, value, local)
        if tag == "use":
            settle_use(element)
        elif tag in PAINT_SERVERS:
            settle_paint(element, tag)
    if not is_inside:
        settle_root(root, (page.width, page.height))
    if ids.renamed:
        for element in root.iter(etree.Element):
            if element.get("id") in ids.renamed:
                element.set("id", ids.renamed[element.get("id")])
    if lost:
        notes.append("a picture that is not in the file or cannot be read; put it into the file")
    if not is_complete:
        notes.append("colours of parts that it shows very often; write them where they are used")
    if unknown:
        notes.append(f"some of its colours, such as {unknown[0][:60]}; write them as #rrggbb")
    for kind in sheets.unknown if sheets is not None else ():
        notes.append(f"its style rules in @{kind}; take them out of it")
    return list(dict.fromkeys(notes))


def settle_ids(root: Element) -> dict[str, str]:
    """Take ids from elements that have that of one before them: the first counts, as in browsers.

    Returns:
        Ids and the names of their elements.
    """
    kinds: dict[str, str] = {}
    for element in root.iter(etree.Element):
        name = element.get("id")
        if name is None:
            continue
        if name in kinds:
            del element.attrib["id"]
        else:
            kinds[name] = element.tag.rpartition("}")[2]
    return kinds


def _plain_style(element: Element, value: str, unknown: list[str], notes: list[str]) -> str:
    """A ``style`` attribute in what the renderer knows."""
    if is_unusual_block(value):
        value = usual_block(value, partial(_color, element), notes)
    if has_sums(value):
        value = plain_sums(value)
    notes += unknown_lengths(value)
    value = settle_geometry(element, element.tag.rpartition("}")[2], value)
    if is_special_block(value):
        value = plain_block(value, partial(_current, element), unknown)
    return value


def _page(root: Element) -> Page:
    """The size of a drawing as a browser shows it by itself."""
    box = view_box(root) or (None,) * 4
    return Page(length(root.get("width")) or box[2], length(root.get("height")) or box[3])


def _color(element: Element, color: str) -> str | None:
    """A colour of CSS in a property of an element, in the spelling of SVG 1.1."""
    return srgb(color, partial(_current, element))


def _current(element: Element | None, name: str = "") -> str:
    """What ``currentcolor`` means in a property of an element: its computed ``color``, and in that
    itself the one around it.
    """
    at = element.getparent() if element is not None and name == "color" else element
    while at is not None:
        given = [v for n, v in declarations(at.get("style") or "") if n.lower() == "color"]
        color = (given or [at.get("color") or "inherit"])[-1].lower()
        at = at.getparent()
        if color in ("inherit", "currentcolor", "unset"):
            continue
        return srgb(color, partial(_current, at)) or "black"
    return "black"


def _is_data(reference: str) -> bool:
    return reference.lstrip()[:5].lower() == "data:"


def _kept(reference: str, images: "EmbeddedImages | None", ids: Ids) -> str | None:
    """What stays of an ``href``: an element of the drawing, or a picture inside it."""
    name = local_name(reference)
    if name is not None:
        return f"#{ids(name)}"
    return images.checked(reference) if images is not None and _is_data(reference) else None


def _set(element: Element, name: str, old: str, new: str | None) -> None:
    if new is None:
        del element.attrib[name]
    elif new != old:
        element.set(name, new)


def _image_reader(limits: SvgLimits, is_inside: bool, notes: list[str]) -> "EmbeddedImages":
    """Reads the pictures of one drawing; what is missing in drawings among them is added to
    ``notes``.
    """
    # Pillow takes longer to import than most drawings take to draw.
    from marquery.svg.embedded import EmbeddedImages

    def drawing(data: bytes) -> bytes:
        root = read_document(data, limits)
        notes.extend(clean(root, limits, is_inside=True))
        return serialised(root).encode("utf-8")

    return EmbeddedImages(limits, None if is_inside else drawing)


def _resolve_variables(root: Element, initial: Properties) -> bool:
    """Put in what ``var(...)`` stands for, if the drawing uses it at all. Says whether all is."""
    if not any(map(_has_variables, root.iter(etree.Element))):
        return True
    uses = VariableUses(root, _has_variables)
    known: dict[Element, Properties] = {}
    waiting = deque([root])
    while waiting:
        element = waiting.pop()
        # Copies are put into the outermost element.
        inherited = known.get(element.getparent(), known.get(root, initial))
        values = known[element] = computed(defined(element.get("style") or ""), inherited)
        waiting.extend(element.iterchildren(etree.Element, reversed=True))
        if element.tag in ("use", _USE):
            shown = uses.settle(element, values, known)
            if shown is not None:
                waiting.appendleft(shown)
    for element, values in known.items():
        for name, value in element.items():
            if has_variables(value):
                in_block = name == "style"
                put_in = resolved_block if in_block else substituted
                _set(element, name, value, put_in(value, values.get))
    return uses.is_complete


def _has_variables(element: Element) -> bool:
    return any("(" in value and has_variables(value) for value in element.values())
