"""How pictures of logos arrive: resampled, sharpened, blurred, compressed, dithered, scanned.

A condition makes the picture from a source of twice its size, so that every resampling filter has
something to reduce. The same source and seed give the same picture.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageFilter

from marquery.arrays import AnyArray, UInt8Array

_FILTERS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
#: Levels of the paper's tone, which white becomes in a scan.
_PAPER = (247, 243, 232)
_UNEVEN_LIGHT = 0.12
_MOST_TURN = 1.5
_GRAIN = (4.0, 8.0)


@dataclass(frozen=True)
class Condition:
    """One way to make a picture.

    Attributes:
        make: from a source of twice the size, uint8 (2H, 2W, 3), and a seed to the picture.
        group: conditions of one group share a goal.
        turns: the picture is turned, by :func:`turn_of` degrees.
        grain: what the condition adds differs from pixel to pixel, so no edit can reproduce it.
    """

    make: Callable[[UInt8Array, int], UInt8Array]
    group: str
    turns: bool = False
    grain: bool = False


def turn_of(seed: int) -> float:
    """Degrees by which a scan with this seed is turned."""
    return float(np.random.default_rng(seed).uniform(-_MOST_TURN, _MOST_TURN))


def turned(values: UInt8Array, degrees: float) -> UInt8Array:
    """An image turned about its middle; what comes in from outside repeats the border."""
    height, width = values.shape[:2]
    out = cv2.warpAffine(
        values,
        _turn(height, width, degrees),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(out, np.uint8)


def turned_labels(labels: AnyArray, degrees: float) -> AnyArray:
    """A label map turned as :func:`turned` does; -1 is what comes in from outside."""
    height, width = labels.shape[:2]
    out = cv2.warpAffine(
        labels.astype(np.int16),
        _turn(height, width, degrees),
        (width, height),
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=-1,
    )
    return out.astype(labels.dtype)


def _turn(height: int, width: int, degrees: float) -> Any:
    return cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)


def _resized(pixels: UInt8Array, height: int, width: int, filter_name: str) -> UInt8Array:
    picture = Image.fromarray(pixels).resize((max(1, width), max(1, height)), _FILTERS[filter_name])
    return np.asarray(picture)


def _halved(source: UInt8Array, filter_name: str = "box") -> UInt8Array:
    return _resized(source, source.shape[0] // 2, source.shape[1] // 2, filter_name)


def _packed(pixels: UInt8Array, kind: str, quality: int) -> UInt8Array:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, kind, quality=quality)
    return np.asarray(Image.open(packed).convert("RGB"))


def _reduced(source: UInt8Array, seed: int, filter_name: str) -> UInt8Array:
    return _halved(source, filter_name)


def _sharpened(source: UInt8Array, seed: int, radius: float, percent: int) -> UInt8Array:
    picture = Image.fromarray(_halved(source, "lanczos"))
    return np.asarray(picture.filter(ImageFilter.UnsharpMask(radius, percent, threshold=0)))


def _enlarged(source: UInt8Array, seed: int, times: float, filter_name: str) -> UInt8Array:
    height, width = source.shape[0] // 2, source.shape[1] // 2
    small = _resized(source, round(height / times), round(width / times), "box")
    return _resized(small, height, width, filter_name)


def _blurred(source: UInt8Array, seed: int, sigma: float) -> UInt8Array:
    return np.asarray(cv2.GaussianBlur(_halved(source), (0, 0), sigma), np.uint8)


def _compressed(source: UInt8Array, seed: int, kind: str, *qualities: int) -> UInt8Array:
    pixels = _halved(source)
    for quality in qualities:
        pixels = _packed(pixels, kind, quality)
    return pixels


def _gif(source: UInt8Array, seed: int, palette: str, dithered: bool) -> UInt8Array:
    picture = Image.fromarray(_halved(source))
    dither = Image.Dither.FLOYDSTEINBERG if dithered else Image.Dither.NONE
    if palette == "web":
        few = picture.convert("P", palette=Image.Palette.WEB, dither=dither)
    else:
        few = picture.quantize(palette=picture.quantize(32), dither=dither)
    packed = io.BytesIO()
    few.save(packed, "GIF")
    return np.asarray(Image.open(packed).convert("RGB"))


def _scanned(source: UInt8Array, seed: int) -> UInt8Array:
    rng = np.random.default_rng(seed)
    rng.random()  # the turn's
    small = _halved(turned(source, turn_of(seed))).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 0.6)
    height, width = soft.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * (2 * x / max(1, width - 1) - 1)
    along = along + np.sin(angle) * (2 * y / max(1, height - 1) - 1)
    light = 1 + _UNEVEN_LIGHT * along / (abs(np.cos(angle)) + abs(np.sin(angle)))
    paper = soft * (np.array(_PAPER) / 255) * light[..., None]
    grain = rng.normal(0, rng.uniform(*_GRAIN), soft.shape)
    return np.asarray(np.clip(np.rint(paper + grain), 0, 255), np.uint8)


def _web_copy(source: UInt8Array, seed: int) -> UInt8Array:
    """Saved as JPEG 60 by one site, resized to 0.7 by the next."""
    height, width = source.shape[0] // 2, source.shape[1] // 2
    large = _resized(source, round(height / 0.7), round(width / 0.7), "box")
    return _resized(_packed(large, "JPEG", 60), height, width, "bicubic")


def _screenshot(source: UInt8Array, seed: int) -> UInt8Array:
    return _enlarged(source, seed, 1.25, "bilinear")


SINGLE, CHAIN = "single", "chain"
CONDITIONS: dict[str, Condition] = {
    "box": Condition(partial(_reduced, filter_name="box"), SINGLE),
    "bilinear": Condition(partial(_reduced, filter_name="bilinear"), SINGLE),
    "bicubic": Condition(partial(_reduced, filter_name="bicubic"), SINGLE),
    "lanczos": Condition(partial(_reduced, filter_name="lanczos"), SINGLE),
    "unsharp-1-80": Condition(partial(_sharpened, radius=1, percent=80), SINGLE),
    "unsharp-1.5-120": Condition(partial(_sharpened, radius=1.5, percent=120), SINGLE),
    "unsharp-2-150": Condition(partial(_sharpened, radius=2, percent=150), SINGLE),
    **{
        f"up{times}-{name}": Condition(partial(_enlarged, times=times, filter_name=name), SINGLE)
        for times in (2, 4)
        for name in ("bilinear", "bicubic", "lanczos")
    },
    **{
        f"blur-{sigma}": Condition(partial(_blurred, sigma=sigma), SINGLE)
        for sigma in (0.6, 1.0, 1.5)
    },
    "webp-80": Condition(lambda s, _: _compressed(s, 0, "WEBP", 80), SINGLE, grain=True),
    "webp-40": Condition(lambda s, _: _compressed(s, 0, "WEBP", 40), SINGLE, grain=True),
    "jpeg-75": Condition(lambda s, _: _compressed(s, 0, "JPEG", 75), SINGLE, grain=True),
    "jpeg-30": Condition(lambda s, _: _compressed(s, 0, "JPEG", 30), SINGLE, grain=True),
    "jpeg-twice": Condition(lambda s, _: _compressed(s, 0, "JPEG", 75, 50), SINGLE, grain=True),
    "gif": Condition(partial(_gif, palette="adaptive", dithered=False), SINGLE),
    "gif-dither": Condition(partial(_gif, palette="adaptive", dithered=True), SINGLE, grain=True),
    "gif-web": Condition(partial(_gif, palette="web", dithered=False), SINGLE),
    "gif-web-dither": Condition(partial(_gif, palette="web", dithered=True), SINGLE, grain=True),
    "scan": Condition(_scanned, SINGLE, turns=True, grain=True),
    "chain-web-copy": Condition(_web_copy, CHAIN, grain=True),
    "chain-screenshot": Condition(_screenshot, CHAIN),
}
