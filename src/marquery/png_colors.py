"""What a PNG says of its colours by numbers (``gAMA``, ``cHRM``), as a colour profile (ICC)."""

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from marquery.arrays import Float64Array

# Red, green, blue and the white of sRGB, as x and y.
_SRGB = ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.329))
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
# Exponents of a file that mean those of a screen, and others that anything means.
_USUAL = (0.43, 0.48)
_KNOWN = (0.1, 4.0)
# Coordinates that differ by so much are those of sRGB, rounded.
_ROUNDING = 0.005


def png_profile(info: Mapping[Any, Any]) -> bytes | None:
    """The profile that the numbers stand for; ``None`` where they say nothing but sRGB.

    Args:
        info: of a picture, as Pillow reads it: ``gamma``, ``chromaticity`` (white, red, green,
            blue), ``srgb``.
    """
    gamma, given = info.get("gamma"), info.get("chromaticity")
    if not isinstance(gamma, float) or "srgb" in info or not _KNOWN[0] <= gamma <= _KNOWN[1]:
        return None
    places: Any = _SRGB
    if isinstance(given, tuple) and len(given) == 8:
        white, *others = ((given[at], given[at + 1]) for at in range(0, 8, 2))
        places = (*others, white)
    is_usual = np.abs(np.subtract(places, _SRGB)).max() < _ROUNDING
    if is_usual and _USUAL[0] <= gamma <= _USUAL[1]:
        return None
    primaries = _primaries(np.array(places))
    return None if primaries is None else _profile(primaries, 1 / gamma)


def _primaries(places: Float64Array) -> Float64Array | None:
    """XYZ of red, green and blue under D50, a row each; ``None`` if they span no colours."""
    if (places[:, 1] < 0.001).any() or (np.abs(places) > 2).any():
        return None
    colors = np.column_stack([places[:, 0], places[:, 1], 1 - places.sum(axis=1)])
    colors /= places[:, 1:]
    if abs(np.linalg.det(colors[:3])) < 1e-6:
        return None
    white = colors[3]
    amounts = np.linalg.solve(colors[:3].T, white)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    found: Float64Array = (colors[:3] * amounts[:, None]) @ adapted.T
    return found if np.isfinite(found).all() and (np.abs(found) < 4).all() else None


def _profile(primaries: Float64Array, gamma: float) -> bytes:
    """A profile of three primaries and one exponent (ICC 2.1)."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    name = b"PNG\0"
    desc = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78)
    tags = {b"desc": desc, b"cprt": b"text" + bytes(4) + b"none" + bytes(4), b"wtpt": _xyz(_D50)}
    tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, primaries.tolist()), strict=True))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, content, at = b"", b"", 132 + 12 * len(tags)
    for key, value in tags.items():
        table += key + struct.pack(">II", at + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    head = bytes(8) + b"\2\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp"
    whole = head.ljust(68, b"\0") + struct.pack(">3i", *(round(v * 65536) for v in _D50))
    whole = whole.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content
    return struct.pack(">I", len(whole)) + whole[4:]


def _xyz(values: Any) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))
