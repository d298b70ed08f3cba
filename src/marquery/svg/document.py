"""From the bytes of a file to a tree of elements, with every size bounded.

Entities are expanded where the file itself declares them, as Adobe Illustrator writes them; the
parser (libxml2) refuses texts that grow more than a few times by it. Entities that stand for other
files are not declared as far as this parser is concerned.
"""

import re
import zlib
from typing import Any

from lxml import etree

from marquery.svg.limits import SvgLimits
from marquery.svg.problem import SvgError, unreadable
from marquery.svg.recognition import GZIP_MAGIC, unicode_encoding

#: An element of lxml, which has no types of its own.
Element = Any

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]{0,400}\?>")
_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]{0,400}?\bencoding\s*=\s*["']([A-Za-z][\w.\-]{0,40})""")
# Encodings that the first bytes would have shown: a declaration of one of them is wrong.
_SHOWN = re.compile(r"utf|ucs|unicode|escape", re.I)


def read_document(data: bytes, limits: SvgLimits) -> Element:
    """The root element of an SVG file.

    Args:
        data: content of the file, which may be packed by gzip; any encoding.
        limits: of size and depth.

    Raises:
        SvgError: it is no SVG, or over the limits.
    """
    root = _parse(as_utf8(unpacked(data, limits.max_bytes)), limits)
    name = etree.QName(root)
    if name.localname != "svg" or name.namespace not in {None, SVG_NAMESPACE}:
        raise unreadable(f"its outermost element is <{name.localname}>, which is not SVG's <svg>")
    if depth_of(root, limits.max_depth) > limits.max_depth:
        raise _too_deep(limits)
    return root


def unpacked(data: bytes, most: int) -> bytes:
    """The content of a gzip file; other content as it is.

    Args:
        data: content of a file.
        most: bytes that it may unpack to.

    Raises:
        SvgError: it is cut off, damaged, or unpacks to more.
    """
    if not data.startswith(GZIP_MAGIC):
        return data
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise unreadable(f"gzip: {error}") from error
    if len(content) > most:
        raise SvgError(f"unpacks to more than {most:,} bytes", "make it smaller")
    if not stream.eof:
        raise unreadable("gzip: the file is cut off")
    return content


def as_utf8(data: bytes) -> bytes:
    """An XML file in UTF-8, without a declaration; letters that its encoding has not are replaced.

    The first bytes are believed before the declaration, which is wrong in files that a program
    converted without reading them.
    """
    encoding, skipped = unicode_encoding(data) or (_declared(data), 0)
    content = data[skipped:] if skipped else data
    if encoding != "utf-8" or not _is_utf8(content):
        try:
            text = content.decode(encoding, "replace")
        except (LookupError, ValueError):
            text = content.decode("utf-8", "replace")
        content = text.encode("utf-8", "replace")
    found = _DECLARATION.match(content)
    return content[found.end() :] if found else content


def _declared(data: bytes) -> str:
    found = _ENCODING.match(data)
    name = found.group(1).decode("ascii") if found else "utf-8"
    return "utf-8" if _SHOWN.search(name) else name


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except ValueError:
        return False
    return True


def depth_of(root: Element, enough: int) -> int:
    """How many elements are inside each other, the root included; counted to ``enough`` + 1."""
    depth, level = 0, [root]
    while level and depth <= enough:
        depth += 1
        level = [child for element in level for child in element]
    return depth


def _parse(content: bytes, limits: SvgLimits) -> Element:
    try:
        try:
            return _parsed(content, huge_tree=False)
        except etree.XMLSyntaxError as error:
            if error.code != etree.ErrorTypes.ERR_RESOURCE_LIMIT or b"<!ENTITY" in content:
                raise
            # A picture inside may be larger than an attribute of 10 MB; nothing can grow here.
            return _parsed(content, huge_tree=True)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(error, limits) from error


def _parsed(content: bytes, *, huge_tree: bool) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=huge_tree,
        remove_comments=True,
    )
    root = etree.fromstring(content, parser)
    # Instructions before the outermost element stay: they name style sheets.
    etree.strip_elements(root, etree.Entity, etree.ProcessingInstruction, with_tail=False)
    return root


def _syntax_error(error: Exception, limits: SvgLimits) -> SvgError:
    text = str(error)
    if "depth" in text:
        return _too_deep(limits)
    if "amplification" in text or "entity reference loop" in text:
        return SvgError("has entities that grow without end", "save it without entities")
    return unreadable(text.partition("(<string>")[0].rstrip(", "))


def _too_deep(limits: SvgLimits) -> SvgError:
    return SvgError(
        f"has more than {limits.max_depth} elements inside each other",
        "simplify the drawing and save it again",
    )
