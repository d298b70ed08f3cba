"""A drawing as the renderer reads it: nothing of the outside, one spelling of everything."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

from marquery.svg.css_conditions import counts_on_screen, without_conditions
from marquery.svg.css_values import (
    COLORS,
    is_special,
    is_special_block,
    plain_block,
    plain_color,
    plain_sheet,
)
from marquery.svg.css_variables import (
    Properties,
    Sheets,
    defined,
    has_variables,
    resolved_block,
    substituted,
    without_comments,
)
from marquery.svg.document import Element, read_document
from marquery.svg.letters import missing_letters
from marquery.svg.limits import SvgLimits
from marquery.svg.references import Ids, local_name, local_urls

if TYPE_CHECKING:
    from marquery.svg.embedded import EmbeddedImages

#: Elements whose ``href`` may hold a picture.
_PICTURES = frozenset({"image", "feImage"})
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
    _keep_what_counts(root)
    _resolve_variables(root)
    images: EmbeddedImages | None = None
    ids, lost = Ids(), False
    letters = missing_letters(root)
    notes = [f"some letters of its text, such as {letters}; turn text into paths"] * bool(letters)
    for element in root.iter(etree.Element):
        tag = element.tag.rpartition("}")[2]
        if tag == "style" and element.text:
            text = plain_sheet(element.text) if is_special(element.text) else element.text
            element.text = local_urls(text, ids)
        for name, value in element.items():
            if "/*" in value and (name in COLORS or "(" in value) and "href" not in name:
                value = without_comments(value)
                element.set(name, value)
            if name == "style" and is_special_block(value):
                value = plain_block(value)
                element.set(name, value)
            elif name in COLORS and is_special(value):
                color = plain_color(name, value)
                _set(element, name, value, color)
                value = color or ""
            if name == "href" or name.endswith("}href"):
                if images is None and tag in _PICTURES and _is_data(value):
                    images = _image_reader(limits, is_inside, notes)
                kept = _kept(value, images if tag in _PICTURES else None, ids)
                _set(element, name, value, kept)
                lost = lost or (kept is None and tag in _SHOWN and value.strip() not in ("", "#"))
            elif "(" in value:
                _set(element, name, value, local_urls(value, ids))
    if ids.renamed:
        for element in root.iter(etree.Element):
            if element.get("id") in ids.renamed:
                element.set("id", ids.renamed[element.get("id")])
    if lost:
        notes.append("a picture that is not in the file or cannot be read; put it into the file")
    return list(dict.fromkeys(notes))


def _keep_what_counts(root: Element) -> None:
    """Take out of style sheets what does not count for a picture on a screen."""
    for sheet in root.iter("{*}style", "style"):
        if sheet.text:
            counts = counts_on_screen(sheet.get("media") or "")
            sheet.text = without_conditions(sheet.text) if counts else ""


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


def _resolve_variables(root: Element) -> None:
    """Put in what ``var(...)`` stands for, if the drawing uses it at all."""
    sheets = [e for e in root.iter("{*}style", "style") if e.text]
    if not any(map(has_variables, _values(root))) and not any(
        has_variables(e.text) for e in sheets
    ):
        return
    rules = Sheets([sheet.text for sheet in sheets])
    known: dict[Element, Properties] = {}
    for element in root.iter(etree.Element):
        parent = element.getparent()
        inherited = {} if parent is None else known[parent]
        own = rules.properties_of(element, parent is None) | defined(element.get("style") or "")
        values = {**inherited, **own} if own else inherited
        known[element] = values
        for name, value in element.items():
            if has_variables(value):
                in_block = name == "style"
                put_in = resolved_block if in_block else substituted
                _set(element, name, value, put_in(value, values.get))
    for sheet in sheets:
        if has_variables(sheet.text):
            sheet.text = rules.rewritten(sheet.text, known[root])


def _values(root: Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        yield from (value for value in element.values() if "(" in value)
