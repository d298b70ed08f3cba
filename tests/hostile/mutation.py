"""Broken files for fuzzing: small drawings and pictures, changed at random.

Each is made from its kind and number alone, so that any of them can be had again.
"""

import functools
import gzip
import io
import random
import re
from collections.abc import Callable

import numpy as np
from PIL import Image

from .drawings import RED, flat_png, spelled, svg
from .rasters import WIDE, profile, tiff

_FILTERS = (
    '<feGaussianBlur stdDeviation="2"/>',
    '<feOffset dx="1" dy="2" result="o"/><feMerge><feMergeNode in="o"/><feMergeNode/></feMerge>',
    '<feColorMatrix type="hueRotate" values="90"/>',
    '<feTurbulence baseFrequency=".05" numOctaves="2" seed="3"/>',
    '<feMorphology operator="erode" radius="1"/>',
    '<feConvolveMatrix order="3" kernelMatrix="1 0 0 0 1 0 0 0 1"/>',
    '<feComponentTransfer><feFuncR type="table" tableValues="0 1 0"/></feComponentTransfer>',
    '<feDiffuseLighting surfaceScale="2"><feDistantLight azimuth="45"/></feDiffuseLighting>',
    '<feFlood flood-color="#0f0"/>'
    '<feComposite operator="arithmetic" k1="1" k2=".5" in2="SourceGraphic"/>',
    '<feImage href="#a"/><feTile/>',
    '<feDropShadow dx="1" dy="1" stdDeviation="1"/>',
    '<feDisplacementMap in2="SourceGraphic" scale="5"/>',
)
_SHAPES = (
    RED,
    '<circle cx="5" cy="5" r="3" fill="url(#g)" stroke="#000" stroke-width=".5"/>',
    '<path id="p" d="M1 1C3 9 5 0 9 9S1 5 2 2Q1 1 4 4T8 1A3 2 30 1 0 5 5Z" fill-rule="evenodd"/>',
    '<polygon points="1,1 9,1 5,9" style="fill:var(--c,#00f);opacity:.5"/>',
    '<polyline points="0 0 5 5 10 0" fill="none" stroke="red" stroke-dasharray="1 2" '
    'stroke-linecap="round"/>',
    '<ellipse cx="5" cy="5" rx="4" ry="2" transform="rotate(30 5 5) skewX(9)" '
    'clip-path="url(#c)"/>',
    '<text x="1" y="8" font-size="4" letter-spacing="1" text-anchor="middle">Aé '
    '<tspan dy="1">Ω</tspan></text>',
    '<text font-size="2"><textPath href="#p">along the path</textPath></text>',
    '<use href="#a" xlink:href="#a" x="2" width="3" height="4"/>',
    '<g mask="url(#m)" filter="url(#f)"><rect width="5mm" height="2pt" rx="1"/></g>',
    '<switch><g systemLanguage="de"><rect width="3" height="3"/></g>'
    '<rect width="4" height="4"/></switch>',
    '<line x1="0" y1="0" x2="9" y2="9" stroke="#00f" marker-end="url(#k)" marker-mid="url(#k)"/>',
    '<svg x="1" y="1" width="5" height="5" viewBox="0 0 2 2"><rect width="1" height="1"/></svg>',
    f'<image width="5" height="5" href="{spelled(flat_png(3, 2))["plain"]}"/>',
    '<rect width="9" height="9" fill="url(&quot;#t&quot;) red"/>',
)
_DEFINITIONS = (
    '<defs><linearGradient id="g" x2="0" y2="1" gradientTransform="rotate(3)">'
    '<stop offset="0" stop-color="red"/><stop offset="90%" stop-color="#00f" stop-opacity=".5"/>'
    '</linearGradient><radialGradient id="r" href="#g" fx=".2"/>'
    '<clipPath id="c"><circle cx="5" cy="5" r="4"/></clipPath>'
    '<mask id="m"><rect width="10" height="10" fill="#fff"/></mask>'
    '<pattern id="t" width="2" height="2" patternUnits="userSpaceOnUse"><circle r="1"/></pattern>'
    '<symbol id="a" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></symbol>'
    '<marker id="k" markerWidth="2" markerHeight="2" orient="auto"><path d="M0 0h2v2z"/></marker>'
    "</defs>"
)
_SHEET = "<style>:root{--c:#0f0}.a,#b>g{fill:var(--c,red)}@media print{*{stroke:url('#g')}}</style>"
_RULES = (
    _SHEET,
    "<style>@layer b,a;@layer a{.a{fill:oklch(.6 .2 20)}}@layer b{#b{fill:red!important}}</style>",
    "<style>svg{background:light-dark(#fff,#000);path{fill:color-mix(in oklch,red 20%,var(--c))}}"
    "</style>",
    "<style>@media (min-width:1px) and (not (max-width:calc(2px*3))){*{stroke:lab(50 20 30/.5)}}"
    "@supports (fill:red){g>:not(.a)~rect,[id=b]{stroke-width:calc(1px + 2%);rotate:9deg}}</style>",
    "<style>@property --c{syntax:'*';initial-value:lime}rect:nth-child(2n+1){width:3px;x:1px}"
    "circle{r:max(1px,2px);transform:translate(9%,2px);clip-path:circle(2px)}</style>",
)
_DOCTYPE = '<!DOCTYPE svg [<!ENTITY e "&d;&d;"><!ENTITY d "fill:red;">]>'
_NUMBERS = (
    *("0", "-1", "1e9", "-1e9", "1e38", "1e39", "1e-9", "1e-40", "NaN", "inf", "", "100%", "9999"),
    *("2147483648", "4294967296", "0.0000001", "1e400", "-0", "50%", "1e5", "3mm", "2in", "9em"),
)
_WORDS = (
    *("url(#g)", "url(#nowhere)", "url(", "url('#f'", "var(--c", "var(--c,var(--c,red))", "none"),
    *("#a", "#b", "data:image/png;base64,AAAA", "data:,x", "file:///etc/passwd", "inherit", "]]>"),
    *(
        "<!--",
        "<![CDATA[",
        "&e;",
        "&#0;",
        "&#x10ffff;",
        "&lt;",
        "\u0000",
        "\ud7ff",
        "\ufeff",
        "%67",
    ),
    *("color-mix(in hsl longer hue, ", "rgb(from red r g b)", "oklch(none 9 -1/", "calc(1px*"),
    *(
        "light-dark(red,",
        "--c:var(--d);",
        "--d:var(--c);",
        "background:",
        ";{",
        "}",
        "&",
        "@layer a{",
    ),
    *("xml:space", "objectBoundingBox", "userSpaceOnUse", "crispEdges", "bevel", "reflect"),
)
_NUMBER = re.compile(r"-?\d*\.?\d+")
_VALUE = re.compile(r'"[^"<>]*"')
_TAG = re.compile(r"<[^<>]+>")


def svg_file(number: int) -> bytes:
    """A drawing, changed at random."""
    rng = random.Random(f"svg {number}")
    parts = [_DEFINITIONS] if rng.random() < 0.8 else []
    if rng.random() < 0.3:
        parts.append(rng.choice(_RULES))
    filters = "".join(rng.sample(_FILTERS, rng.choice([0, 0, 1, 1, 2])))
    if filters:
        parts.append(f'<filter id="f">{filters}</filter>')
    parts += rng.choices(_SHAPES, k=rng.randint(1, 5))
    size = rng.choice(
        ['viewBox="0 0 10 10"', 'width="10mm" height="5mm"', 'width="9" viewBox="0 0 9 5"', ""]
    )
    text = svg("".join(parts), size, _DOCTYPE if rng.random() < 0.2 else "")
    for _ in range(rng.randint(0, 4)):
        text = rng.choice(_TEXT_CHANGES)(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 4)):
            data = changed(rng, data)
    return _packed(rng, data)


def _packed(rng: random.Random, data: bytes) -> bytes:
    kind = rng.randrange(20)
    if kind == 0:
        return data.decode("utf-8", "replace").encode("utf-16")
    if kind == 1:
        data = gzip.compress(data, mtime=0)
        return changed(rng, data) if rng.random() < 0.5 else data
    return data


def _number(rng: random.Random, text: str) -> str:
    return _replaced(rng, _NUMBER, text, rng.choice(_NUMBERS))


def _value(rng: random.Random, text: str) -> str:
    return _replaced(rng, _VALUE, text, f'"{rng.choice(_WORDS)}"')


def _word(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(_WORDS) + text[place:]


def _inserted(rng: random.Random, text: str) -> str:
    return _replaced(
        rng, _TAG, text, lambda tag: tag + rng.choice([*_SHAPES, *_FILTERS, _DEFINITIONS])
    )


def _repeated(rng: random.Random, text: str) -> str:
    places = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    part = text[places[0] : places[1]][:400]
    return text[: places[0]] + part * rng.choice([2, 3, 10, 100]) + text[places[0] :]


def _wrapped(rng: random.Random, text: str) -> str:
    attribute = rng.choice(
        ["", 'opacity=".9"', 'clip-path="url(#c)"', 'mask="url(#m)"', 'filter="url(#f)"', 'id="a"']
    )
    count = rng.choice([1, 2, 3, 10, 30, 300] if not attribute else [1, 2, 3, 10])
    start = text.find("<", text.find("<svg") + 1)
    end = text.rfind("</svg>")
    if not 0 < start < end:
        return text
    tag = rng.choice(["g", "a", "svg", "symbol", "clipPath", "mask", "pattern", "marker"])
    inside = f"<{tag} {attribute}>" * count + text[start:end] + f"</{tag}>" * count
    return text[:start] + inside + text[end:]


def _renamed(rng: random.Random, text: str) -> str:
    names = re.findall(r'\bid="(\w+)"', text)
    if not names:
        return text
    return text.replace(f"#{rng.choice(names)}", f"#{rng.choice(names)}")


def _prefixed(rng: random.Random, text: str) -> str:
    return re.sub(r"(</?)(?=[a-zA-Z])", r"\1s:", text).replace("xmlns=", "xmlns:s=", 1)


def _respelled(rng: random.Random, text: str) -> str:
    """A letter of a value as a character reference."""
    return _replaced(
        rng, re.compile(r"(?<=[\"#:(])[a-z#]"), text, lambda letter: f"&#{ord(letter)};"
    )


_TEXT_CHANGES: tuple[Callable[[random.Random, str], str], ...] = (
    *(_number, _number, _number, _value, _value, _word, _inserted, _inserted),
    *(_repeated, _wrapped, _wrapped, _renamed, _prefixed, _respelled),
)


def _replaced(
    rng: random.Random, pattern: re.Pattern[str], text: str, new: str | Callable[[str], str]
) -> str:
    """One place of a text where a pattern is found, changed."""
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = rng.choice(found)
    put = new if isinstance(new, str) else new(place.group())
    return text[: place.start()] + put + text[place.end() :]


def changed(rng: random.Random, data: bytes) -> bytes:
    """Some bytes of a file changed, left out, repeated or cut off."""
    if not data:
        return bytes([rng.randrange(256)])
    start = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(64, len(data)))
    length = rng.choice([1, 1, 2, 4, 8, 64])
    kind = rng.randrange(6)
    if kind == 0:
        new = bytes(byte ^ (1 << rng.randrange(8)) for byte in data[start : start + length])
    elif kind == 1:
        new = rng.choice([b"\0", b"\xff", b"\x7f\xff", b"\xff\xff\xff\x7f", b"\0\0\1\0"]) * 2
        new = new[:length]
    elif kind == 2:
        new = b""
    elif kind == 3:
        new = data[start : start + length] * rng.choice([2, 3, 50])
    elif kind == 4:
        new = rng.randbytes(length)
    else:
        return data[: start + 1]
    return data[:start] + new + data[start + length :]


@functools.cache
def rasters() -> tuple[bytes, ...]:
    """A small file of each format and mode that Pillow reads for us and writes."""
    rng = np.random.default_rng(0)
    full = Image.fromarray(rng.integers(0, 255, (11, 13, 4)).astype(np.uint8), "RGBA")
    modes = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB")
    variants = {
        "PNG": (
            {},
            {"interlace": 1},
            {"transparency": 0},
            {"icc_profile": profile(WIDE, 2.2)},
            {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"},
        ),
        "JPEG": (
            {},
            {"icc_profile": profile(WIDE, 2.2)},
            {"progressive": True},
            {"quality": 5, "subsampling": 2},
        ),
        "GIF": ({}, {"save_all": True, "append_images": [full.convert("P")]}),
        "BMP": ({},),
        "DIB": ({},),
        "WEBP": ({}, {"lossless": True}),
        "AVIF": ({},),
        "TIFF": (
            {},
            {"compression": "tiff_lzw"},
            {"compression": "tiff_adobe_deflate"},
            {"compression": "packbits"},
            {"compression": "jpeg"},
            {"compression": "group4"},
        ),
        "JPEG2000": ({}, {"irreversible": True}),
        "PPM": ({},),
        "TGA": ({}, {"compression": "tga_rle"}),
        "ICO": ({},),
    }
    files = {}
    for kind, options in variants.items():
        for mode in modes:
            for some in options:
                out = io.BytesIO()
                try:
                    _in_mode(full, mode).save(out, kind, **some)
                except (OSError, ValueError, KeyError, TypeError, SystemError):
                    continue  # not every format has every mode
                files[out.getvalue()] = None
    for channels, photometric in ((1, 0), (2, 1), (4, 2)):
        deep = rng.integers(0, 2**14, (11, 13, channels)).astype(np.uint16)
        files[tiff(deep, photometric=photometric, tags=[(338, 3, 1)][: channels > 1])] = None
    return tuple(files)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode in {"I;16", "I", "F"}:
        return image.convert("L").convert("I" if mode == "I;16" else mode).convert(mode)
    return image.convert("RGB").convert(mode) if mode not in {"RGBA", "LA"} else image.convert(mode)


def raster_file(number: int) -> bytes:
    """A picture, changed at random."""
    rng = random.Random(f"raster {number}")
    data = rng.choice(rasters())
    if rng.random() < 0.1:  # the head of one file and the rest of another
        other = rng.choice(rasters())
        place = rng.randrange(min(len(data), len(other)))
        data = data[:place] + other[place:]
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        data = changed(rng, data)
    return data


KINDS: dict[str, Callable[[int], bytes]] = {"svg": svg_file, "raster": raster_file}
