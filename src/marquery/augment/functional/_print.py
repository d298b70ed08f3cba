"""Ways of printing and copying: a scan, a fax, a halftone, an engraving."""

from typing import Any

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float32Array, UInt8Array
from marquery.augment.functional._paint import Color
from marquery.augment.functional._shading import hatched, inked, toned

__all__ = ["contours_kept", "engrave", "fax", "halftone", "scan"]

# Weights of red, green and blue in lightness.
_LIGHT = np.array([0.299, 0.587, 0.114], np.float32)
# Screens of a colour print: turns of red's, green's and blue's against the given angle, degrees.
_SCREENS = (0.0, 30.0, 60.0)
# Hatching of colours as in heraldry (Petra Sancta): angle for each sixth of the circle of hues,
# from red; yellow, which is dotted there, and what lies between have angles of their own.
_LINED = (90.0, 20.0, 135.0, 0.0, 0.0, 45.0)


def scan(
    image: UInt8Array,
    turn: float = 0.0,
    paper: Color = (247, 243, 232),
    light: tuple[float, float] = (0.0, 0.0),
    blur: float = 0.0,
    grain: float = 0.0,
    grey: bool = False,
    seed: int = 0,
) -> UInt8Array:
    """A scan of a printed page.

    Args:
        image: uint8 (H, W, 3).
        turn: degrees, counter-clockwise; what comes in from outside repeats the edges.
        paper: RGB that white becomes.
        light: by how much the light changes from one edge to the other, right and down, as a share.
        blur: standard deviation in pixels.
        grain: standard deviation of the noise in levels of 255.
        grey: without colours.
        seed: decides the noise.
    """
    height, width = image.shape[:2]
    out: Any = image
    if turn:
        centre = ((width - 1) / 2, (height - 1) / 2)
        matrix = cv2.getRotationMatrix2D(centre, turn, 1.0)
        out = cv2.warpAffine(out, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if grey:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if blur > 0:
        out = cv2.GaussianBlur(out, (0, 0), blur)
    right, down = light
    shade = 1 + right * _ramp(width)[None, :] + down * _ramp(height)[:, None]
    if grain > 0:
        noise = np.random.default_rng(seed)
        fine = noise.standard_normal((height, width), np.float32)
        # Paper is uneven over several pixels, too.
        coarse = noise.standard_normal((height // 8 + 2, width // 8 + 2), np.float32)
        uneven = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        shade = shade + (fine + uneven) * np.float32(grain / 255)
    factor = np.array(paper, np.float32) / np.float32(255)
    page: UInt8Array = toned(np.ascontiguousarray(out), shade.astype(np.float32), factor)
    return page


def fax(
    image: UInt8Array,
    side: int,
    threshold: float = 0.5,
    *,
    dithered: bool = False,
    specks: float = 0.0,
    seed: int = 0,
) -> UInt8Array:
    """A facsimile: black and white alone, of low resolution.

    Args:
        image: uint8 (H, W, 3).
        side: longest side in pixels at which it is sent.
        threshold: where between the darkest and the lightest tone black ends, 0..1.
        dithered: tones become dots (ordered, 4 × 4).
        specks: share of the pixels sent that are wrong.
        seed: decides the specks.

    Returns:
        uint8 (H, W, 3), greys at edges alone.
    """
    height, width = image.shape[:2]
    share = min(side / max(height, width), 1.0)
    small = (max(round(width * share), 1), max(round(height * share), 1))
    tones = cv2.resize(_grey(image), small, interpolation=cv2.INTER_AREA)
    low, high = float(tones.min()), float(tones.max())
    level: Any = np.float32(threshold)
    if dithered:
        rows, columns = -(-small[1] // 4), -(-small[0] // 4)
        level = np.tile(_BAYER, (rows, columns))[: small[1], : small[0]] * np.float32(0.8)
        level += np.float32(0.1 + 0.4 * (threshold - 0.5))
    sent = (tones - np.float32(low)) > level * np.float32(max(high - low, 1.0))
    if specks > 0:
        sent = sent ^ (np.random.default_rng(seed).random(sent.shape, np.float32) < specks)
    black = sent.astype(np.uint8) * np.uint8(255)
    grown = cv2.resize(black, (width, height), interpolation=cv2.INTER_LINEAR)
    # Printed with a higher resolution than it was sent with: steps stay, edges are sharp.
    sharp = cv2.convertScaleAbs(np.clip((grown.astype(np.float32) - 127.5) * 3 + 127.5, 0, 255))
    return np.repeat(sharp[..., None], 3, axis=2)


_BAYER = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
) / 16


def halftone(
    image: UInt8Array,
    pitch: float,
    angle: float = 45.0,
    *,
    lines: bool = False,
    colors: bool = False,
) -> UInt8Array:
    """Tones as dots or lines of one size of grid, as newspapers print them.

    Args:
        image: uint8 (H, W, 3).
        pitch: from one dot or line to the next, in pixels.
        angle: of the lines or the grid, in degrees, counter-clockwise.
        lines: lines in place of dots.
        colors: a screen for each of red, green and blue, turned against each other; else one for
            the grey tones.
    """
    tones: Any = image if colors else _grey(image)[..., None]
    out = np.empty_like(image)
    softness = np.float32(pitch * 1.2)
    for channel in range(tones.shape[2]):
        turn = _SCREENS[channel] if colors else 0.0
        screen = _screen(image.shape[0], image.shape[1], pitch, angle + turn, lines)
        tone = tones[..., channel].astype(np.float32) / np.float32(255)
        # White stays free of dots, black of holes.
        tone = (tone - np.float32(0.5)) * np.float32(1.06) + np.float32(0.5)
        ink = cv2.convertScaleAbs(
            np.clip((tone - screen) * softness + np.float32(0.5), 0, 1), alpha=255
        )
        out[..., channel] = ink
    if not colors:
        out[..., 1:] = out[..., :1]
    return out


def engrave(
    image: UInt8Array,
    background: Color,
    pitch: float,
    angle: float = 45.0,
    *,
    width: float = 1.5,
    lined: bool = False,
    solid: float = 0.85,
) -> UInt8Array:
    """A drawing in black lines: contours, and tones by hatching, as registers print marks.

    Args:
        image: uint8 (H, W, 3).
        background: RGB; it becomes the paper, white.
        pitch: from one line of the hatching to the next, in pixels.
        angle: of the hatching, in degrees, counter-clockwise.
        width: of the contours, in pixels.
        lined: the angle says the hue, as in prints without colours (red upright, blue level,
            green falling to the right); else the lines are as heavy as the tone is dark.
        solid: darkness from which ink is solid, 0..1; above 1: never.
    """
    rows, columns = image.shape[:2]
    ground = float(np.array(background, np.float32) @ _LIGHT)
    if lined:
        lines = np.ones((rows, columns), np.float32)
        sectors = _hues(image)
        shares = inked(image, *background, 48)
        for sector in np.unique(sectors[shares > 0.5]):
            turn = angle if sector < 0 else _LINED[sector]
            screen = _screen(rows, columns, pitch, turn, True)
            here = (sectors == sector) & (shares > 0.5)
            lines[here] = screen[here]
        drawn = np.clip((np.float32(0.3) - lines) * np.float32(pitch), 0, 1)
    else:
        lines = _screen(rows, columns, pitch, angle, True)
        grey, paper = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.array(background, np.uint8)
        drawn = hatched(image, grey, ground, paper, lines, pitch, solid)
    drawn = np.maximum(drawn, _contours(image, width))
    ink = cv2.convertScaleAbs((1 - drawn), alpha=255)
    return np.repeat(ink[..., None], 3, axis=2)


def _contours(image: UInt8Array, width: float) -> Float32Array:
    """float32 (H, W) in 0..1: lines where colours change."""
    size = max(round(width), 1) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    steps = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, kernel)
    red, green, blue = cv2.split(steps)
    largest = cv2.max(cv2.max(red, green), blue).astype(np.float32)
    soft: Float32Array = np.clip((largest - np.float32(40)) / np.float32(40), 0, 1)
    return soft


def contours_kept(before: UInt8Array, after: UInt8Array) -> float:
    """Share of the contours of one picture, 0..1, that are contours of another one, too."""
    size = 2 * max(round(0.01 * max(before.shape[:2])), 1) + 1
    old, new = _contours(before, 1) > 0, _contours(after, 1) > 0
    near = cv2.dilate(new.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
    count = int(np.count_nonzero(old))
    return np.count_nonzero(old & near) / count if count else 1.0


def _hues(image: UInt8Array) -> Any:
    """int (H, W): sixth of the circle of hues, 0..5 from red; -1 without a hue."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    sector = ((hsv[..., 0].astype(np.int16) + 15) // 30) % 6
    faint: BoolArray = (hsv[..., 1] < 50) | (hsv[..., 2] < 50)
    sector[faint] = -1
    return sector


def _screen(height: int, width: int, pitch: float, angle: float, lines: bool) -> Float32Array:
    """float32 (H, W) in 0..1, waves along one direction or two; half of it lies below 0.5."""
    # Waves run across the lines that they make.
    turn, wave = np.deg2rad(angle + 90 if lines else angle), 2 * np.pi / pitch
    along = np.arange(width, dtype=np.float32) * np.float32(wave)
    down = np.arange(height, dtype=np.float32) * np.float32(wave)
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    # cos(a + b) from the cosines of each: a row and a column in place of a plane of cosines.
    first = _cosine_of_sum(down * -sin, along * cos)
    if not lines:
        first = (first + _cosine_of_sum(down * cos, along * sin)) / 2
    # Even in its values, so that so much is inked as the tone says.
    level: Float32Array = np.arccos(np.clip(first, -1, 1)) * np.float32(1 / np.pi)
    return level


def _cosine_of_sum(down: Any, along: Any) -> Any:
    """cos(down[i] + along[j]) as a matrix."""
    left = np.stack([np.cos(down), -np.sin(down)], axis=1)
    right = np.stack([np.cos(along), np.sin(along)])
    return left @ right


def _grey(image: UInt8Array) -> Float32Array:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _ramp(count: int) -> Float32Array:
    return np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)
