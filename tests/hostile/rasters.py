"""Raster files that strangers send: written by hand where no program would write them."""

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image


def png(width: int, height: int, depth: int, color: int, rows: bytes, trns: bytes = b"") -> bytes:
    """A PNG of raw rows, each with its filter byte; whatever its header says."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"tRNS", trns) if trns else b""]
    parts += [chunk(b"IDAT", zlib.compress(rows, 1)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(
    pixels: np.ndarray[Any, Any],
    *,
    bits: int | None = None,
    photometric: int = 1,
    tags: Sequence[tuple[int, int, int]] = (),
) -> bytes:
    """An uncompressed TIFF of an array (H, W) or (H, W, channels), tags as asked.

    Args:
        pixels: of any number type.
        bits: packed into so many; those of the array's type by default.
        photometric: 0 white is zero, 1 black is zero, 2 RGB.
        tags: further ones: number, type (3 short, 4 long), value.
    """
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    data = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    if bits is not None:
        data = b"".join(_packed(row, bits) for row in pixels.reshape(height, -1).tolist())
    depth = bits or 8 * pixels.dtype.itemsize
    data += b"\0" * (len(data) % 2)
    entries: list[tuple[int, int, Sequence[int]]] = [
        *((256, 4, [width]), (257, 4, [height]), (258, 3, [depth] * channels), (259, 3, [1])),
        *((262, 3, [photometric]), (273, 4, [8]), (277, 3, [channels]), (278, 4, [height])),
        *((279, 4, [len(data)]), (339, 3, [kind] * channels)),
        *((number, form, [value]) for number, form, value in tags),
    ]
    end = 8 + len(data) + 2 + 12 * len(entries) + 4
    table, beyond = struct.pack("<H", len(entries)), b""
    for number, form, values in sorted(entries):
        body = struct.pack("<" + {3: "H", 4: "I"}[form] * len(values), *values)
        if len(body) > 4:
            place = struct.pack("<I", end + len(beyond))
            beyond += body + b"\0" * (len(body) % 2)
        else:
            place = body.ljust(4, b"\0")
        table += struct.pack("<HHI", number, form, len(values)) + place
    head = b"II*\0" + struct.pack("<I", 8 + len(data))
    return head + data + table + struct.pack("<I", 0) + beyond


def _packed(values: Sequence[int], bits: int) -> bytes:
    text = "".join(format(value, f"0{bits}b") for value in values)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def webp_header(width: int, height: int) -> bytes:
    """A lossless WebP of 42 bytes that says how large it is and holds next to nothing."""
    body = struct.pack("<BI", 0x2F, (width - 1) | (height - 1) << 14) + b"\x88\x88\x08" + b"\0" * 14
    chunk = b"VP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def icon_with_png(inner: bytes) -> bytes:
    """An icon whose list says 256 x 256, of a PNG that says otherwise."""
    return (
        struct.pack("<HHH", 0, 1, 1)
        + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22)
        + inner
    )


def icon_with_bitmap(width: int, height: int) -> bytes:
    """An icon of a bitmap that says that it is huge."""
    inner = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 32, 0, 0, 0, 0, 0, 0)
    return icon_with_png(inner)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A file as Pillow writes it."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def flat(side: int, mode: str = "RGB") -> Image.Image:
    """A picture that takes few bytes as a file and many as pixels: bars on a ground."""
    image = Image.new(mode, (side, side), "white" if mode != "CMYK" else (0, 0, 0, 0))
    for place in range(4):
        image.paste(
            {"L": 30, "I;16": 900, "F": 0.2}.get(mode, "navy"),
            (side * place // 5, side // 4, side * place // 5 + side // 10, side * 3 // 4),
        )
    return image


def large_files(side: int) -> Iterator[tuple[str, bytes]]:
    """Honest and dishonest files of a few kilobytes that are large when they are decoded."""
    rgb, rgba = flat(side), flat(side, "RGBA")
    yield "rgba.png", saved(rgba, "PNG", compress_level=1)
    yield "grey16.png", png(side, side, 16, 0, bytes((1 + 2 * side) * side), b"\0\0")
    yield "progressive.jpg", saved(rgb, "JPEG", progressive=True, subsampling=0)
    yield "turned.jpg", saved(rgb, "JPEG", exif=_turned())
    yield "palette.gif", saved(rgb.convert("P"), "GIF")
    yield "float.tif", saved(Image.new("F", (side, side), 0.5), "TIFF", compression="tiff_deflate")
    yield "header.webp", webp_header(side, side)
    yield "header.ico", icon_with_png(png(side, side, 8, 6, bytes((1 + 4 * side) * side)))
    yield "bitmap.ico", icon_with_bitmap(side, 2 * side)
    yield "tile.tif", tiff(np.zeros((4, 4), np.uint8), tags=[(322, 4, side), (323, 4, side)])


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def profile(primaries: Sequence[Sequence[float]], gamma: float, space: bytes = b"RGB ") -> bytes:
    """A colour profile (ICC 2.1): XYZ of red, green and blue under D50, and one gamma for all."""

    def xyz(values: Sequence[float]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"Wide\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    tags = {b"desc": desc, b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz((0.9642, 1, 0.8249))}
    tags |= {
        key: xyz(value) for key, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, content, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, value in tags.items():
        table += key + struct.pack(">II", at + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    head = b"\0\0\0\0" + bytes(4) + b"\2\x10\0\0mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    whole = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    whole = whole.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content
    return struct.pack(">I", len(whole)) + whole[4:]


#: Those of Display P3.
WIDE = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
