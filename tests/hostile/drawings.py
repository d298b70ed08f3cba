"""Drawings made to harm: each costs far more to draw than to send, or hides what it refers to."""

import base64
import gzip
import io
import struct
import zlib

from PIL import Image

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
RED = '<rect width="10" height="10" fill="red"/>'


def svg(body, attributes='viewBox="0 0 10 10"', before=""):
    return f"{before}<svg {NAMESPACE} {attributes}>{body}</svg>"


def nested(tag, count, attributes=""):
    return svg(f"<{tag} {attributes}>" * count + RED + f"</{tag}>" * count)


def huge_png(width, height):
    """The header of a PNG that says it is huge, and no pixel."""

    def chunk(kind, body):
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def flat_png(width, height, color="red"):
    """A PNG of one colour, which takes next to no bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def percent(text):
    return "".join(f"%{ord(letter):02X}" for letter in text)


def spelled(data):
    """The spellings of a picture inside a drawing, by name; none has a quote in it."""
    text = base64.b64encode(data).decode()
    return {
        "plain": f"data:image/png;base64,{text}",
        "reference": f"data:image/png;base64,&#{ord(text[0])};{text[1:]}",
        "scheme reference": f"dat&#x61;:image/png;base64,{text}",
        "charset": f"data:image/png;charset=utf-8;base64,{text}",
        "percent letter": f"data:image/png;base64,{percent(text[0])}{text[1:]}",
        "percent bytes": "data:image/png," + "".join(f"%{byte:02x}" for byte in data),
        "capitals": f"DATA:IMAGE/PNG;BASE64,{text}",
        "no type": f"data:;base64,{text}",
        "wrong type": f"data:text/plain;base64,{text}",
        "spaces": f" data:image/png;base64, {text[:20]} {text[20:]} ",
        "no padding": f"data:image/png;base64,{text.rstrip('=')}",
    }


def growing_entities(levels=10):
    return '<!ENTITY e0 "lol">' + "".join(
        f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, levels)
    )


def doubling_uses(levels):
    groups = f'<g id="u0">{RED}</g>' + "".join(
        f'<g id="u{i}">' + f'<use href="#u{i - 1}"/>' * 10 + "</g>" for i in range(1, levels)
    )
    return svg(f'<defs>{groups}</defs><use href="#u{levels - 1}"/>')


def filtered(primitives, attributes=""):
    return svg(f'<filter id="f" {attributes}>{primitives}</filter><g filter="url(#f)">{RED}</g>')


def around(name, count):
    """Clip paths, masks or patterns that need each other in a row."""
    attributes = 'width="1" height="1"' if name == "pattern" else ""
    use = {"pattern": "fill", "clipPath": "clip-path"}.get(name, name)
    parts = "".join(
        f'<{name} id="n{i}" {attributes}>'
        f'<rect width="10" height="10" {use}="url(#n{i + 1})"/></{name}>'
        for i in range(count)
    )
    return svg(f'<defs>{parts}</defs><rect width="10" height="10" {use}="url(#n0)"/>')


FOREVER = (
    '<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg"><filter id="f">'
    '<feTurbulence baseFrequency="9" numOctaves="99999999"/></filter>'
    '<path d="M0 0h9v9z" filter="url(#f)"/></svg>'
)


def forbidding():
    """Drawings that cannot be drawn within the limits, by name: each has to be refused."""
    huge = base64.b64encode(huge_png(30_000, 30_000)).decode()
    pictures = {
        f"huge picture, {name}": svg(f'<image width="9" height="9" href="{text}"/>')
        for name, text in spelled(huge_png(30_000, 30_000)).items()
    }
    return {
        "300 groups": nested("g", 300),
        "100000 groups": nested("g", 100_000),
        "300 nested opacities": nested("g", 300, 'opacity=".9"'),
        "300 links": nested("a", 300),
        "300 nested drawings": nested("svg", 300),
        "uses of uses": doubling_uses(9),
        "turbulence, 181 bytes": FOREVER,
        "entities": svg("<title>&e9;</title>", before=f"<!DOCTYPE svg [{growing_entities()}]>"),
        "entities in an attribute": svg(
            '<g id="&e9;"/>', before=f"<!DOCTYPE svg [{growing_entities()}]>"
        ),
        "entity of itself": svg(
            "<g>&a;</g>", before='<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
        ),
        "huge picture of a filter": filtered(f'<feImage href="data:image/png;base64,{huge}"/>'),
        "many pictures": svg(
            f'<image width="9" height="9" href="{spelled(flat_png(4000, 4000))["plain"]}"/>' * 4
        ),
        "no size": svg(RED, 'viewBox="0 0 0 0"'),
        "endless size": svg(RED, 'viewBox="0 0 1e308 1e308"'),
        "zip bomb": gzip.compress(b" " * (80 << 20), 9),
        "zip in zip": gzip.compress(gzip.compress(svg(RED).encode())),
        "cut zip": gzip.compress(svg(RED).encode())[:-20],
        **pictures,
    }


def bearable():
    """Drawings that look like a burden, by name: drawn or refused, but within the limits."""
    return {
        "nested filters": svg(
            '<filter id="f"><feGaussianBlur stdDeviation="9"/></filter>'
            + '<g filter="url(#f)">' * 60
            + RED
            + "</g>" * 60
        ),
        "nested clips": svg(
            '<clipPath id="c"><circle r="9"/></clipPath>'
            + '<g clip-path="url(#c)">' * 200
            + RED
            + "</g>" * 200
        ),
        "nested masks": svg(
            '<mask id="m"><circle r="9" fill="#fff"/></mask>'
            + '<g mask="url(#m)">' * 200
            + RED
            + "</g>" * 200
        ),
        "opacities": nested("g", 250, 'opacity=".99"'),
        "clips of clips": around("clipPath", 3000),
        "masks of masks": around("mask", 3000),
        "patterns of patterns": around("pattern", 3000),
        "huge pattern": svg(
            '<pattern id="p" width="1e9" height="1e9" patternUnits="userSpaceOnUse">'
            '<rect width="1e9" height="1e9" fill="red"/></pattern>'
            '<rect width="10" height="10" fill="url(#p)"/>'
        ),
        "tiny pattern": svg(
            '<pattern id="p" width="1e-9" height="1e-9" patternUnits="userSpaceOnUse">'
            f'{RED}</pattern><rect width="10" height="10" fill="url(#p)"/>'
        ),
        "huge blur": filtered(
            '<feGaussianBlur stdDeviation="1e9"/>',
            'x="-100000%" y="-100000%" width="10000000%" height="10000000%"',
        ),
        "huge morphology": filtered('<feMorphology operator="dilate" radius="1e9"/>'),
        "large kernel": filtered(f'<feConvolveMatrix order="150" kernelMatrix="{"1 " * 22_500}"/>'),
        "flood of filters": filtered('<feFlood flood-color="red"/>' * 20_000),
        "dashes": svg(
            '<path d="M0 0h1e7" stroke="red" stroke-width="1" stroke-dasharray="1e-3 1e-3"/>'
        ),
        "long path": svg(f'<path d="M0 0{"h1v1h-1v1" * 200_000}" stroke="red"/>'),
        "url( and spaces": svg(f'<rect width="10" height="10" fill="{"url(      " * 20_000}"/>'),
        "url( and quotes": svg(f'<rect width="10" height="10" fill="{"url(&#39;" * 60_000}"/>'),
        "url( in a sheet": svg(f"<style>.a{{fill:{'url( ' * 40_000}}}</style>{RED}"),
        "var( of var(": svg(f'<rect width="10" height="10" fill="{"var(--a," * 30_000}"/>'),
        "variables of variables": svg(
            '<rect width="10" height="10" fill="var(--v15)"/>',
            'viewBox="0 0 10 10" style="--v0:;'
            + "".join(f"--v{i}:{f'var(--v{i - 1})' * 9};" for i in range(1, 16))
            + '"',
        ),
        "braces": svg(f"<style>{'a{' * 100_000}fill:var(--a)</style>{RED}"),
        "many attributes": svg("<g " + " ".join(f'a{i}="1"' for i in range(20_000)) + "/>"),
        "many elements": svg("<g/>" * 100_000),
        "use of itself": svg('<g id="a"><use href="#a"/></g>'),
        "gradient of itself": svg(
            '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>'
            '<rect width="10" height="10" fill="url(#a)"/>'
        ),
        "many letters": svg(f"<text>{'W' * 30_000}</text>"),
        "large letters": svg('<text font-size="1e9">W</text>'),
        "drawing in drawing": svg(
            '<image width="9" height="9" href="data:image/svg+xml;base64,'
            + base64.b64encode(nested("g", 254, 'opacity=".9"').encode()).decode()
            + '"/>'
        ),
        "external entity": svg(
            "<text>&x;</text>", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        ),
        "external parameter entity": svg(
            RED, before='<!DOCTYPE svg [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>'
        ),
        "xinclude": svg(
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
            'href="/etc/passwd" parse="text"/>'
        ),
        "script": svg(f'<script>while(true){{}}</script><g onload="alert(1)">{RED}</g>'),
    }
