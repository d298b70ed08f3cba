"""What raster files say of themselves before anything of them is decoded, in formats of which
Pillow decodes something, or sets memory aside, as soon as it opens them.
"""

import contextlib
import struct

# How files of formats begin, and their names.
_READ = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WebP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\0\0\1\0", "ICO"),
)
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "Photoshop"),
    (b"PK\3\4", "ZIP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"icns", "ICNS"),
)
_HEIC = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc"})


def what_it_is(data: bytes) -> str | None:
    """What the first bytes of a file that cannot be read say that it is: "a damaged PNG file", or
    "a PDF file", which is no format that is read; ``None`` where they say nothing.
    """
    if data[4:8] == b"ftyp":
        kind = data[8:12]
        return "a damaged AVIF file" if kind == b"avif" else _heic(kind)
    for marks, words in ((_READ, "a damaged {} file"), (_OTHERS, "a {} file")):
        name = next((name for mark, name in marks if data.startswith(mark)), None)
        if name is not None and (name != "WebP" or data[8:12] == b"WEBP"):
            return words.format(name)
    return None


def _heic(kind: bytes) -> str | None:
    return "a HEIC file" if kind in _HEIC else None


def announced_sizes(data: bytes) -> list[tuple[int, int]]:
    """The canvas that a WebP announces: (width, height), in a list of one; empty for all else."""
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return [_webp_size(data)]
    except struct.error:  # cut off, as Pillow will say
        pass
    return []


def icon_sizes(data: bytes) -> list[tuple[int, int]]:
    """What the pictures in an icon say of themselves; the icon's list says 256 at most. Empty for
    files that are no icons.
    """
    sizes: list[tuple[int, int]] = []
    if data[:4] != b"\0\0\1\0":
        return sizes
    with contextlib.suppress(struct.error):  # cut off, as Pillow will say
        (count,) = struct.unpack_from("<H", data, 4)
        for number in range(count):
            (start,) = struct.unpack_from("<I", data, 6 + 16 * number + 12)
            if data[start : start + 8] == b"\x89PNG\r\n\x1a\n":
                sizes.append(struct.unpack_from(">II", data, start + 16))
            else:  # a bitmap and its mask, one above the other
                width, height = struct.unpack_from("<ii", data, start + 4)
                sizes.append((abs(width), abs(height) // 2))
    return sizes


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
        return 1 + low_w + (high_w << 16), 1 + low_h + (high_h << 16)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF
