"""What all pictures share: a font, tiles of logos, stacking, writing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from marquery.errors import UsageError
from marquery.files import write_atomically
from marquery.names import printable

INK = (31, 35, 40)
MUTED = (110, 118, 129)
LINE = (208, 215, 222)
PAPER = (255, 255, 255)
QUERY = (31, 111, 235)
RELEVANT = (26, 127, 55)
IRRELEVANT = (207, 34, 46)

Color = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font(size: int) -> Font:
    """The font of all pictures; it comes with Pillow."""
    return ImageFont.load_default(size)


def fit_text(text: str, width: int, face: Font) -> str:
    """``text`` on one line, shortened in the middle until it is no wider than ``width`` pixels.

    Args:
        text: what cannot be printed is escaped.
        width: pixels.
        face: the font.
    """
    text = printable(text)
    if face.getlength(text) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        shorter = text[: (kept + 1) // 2] + "…" + text[len(text) - kept // 2 :]
        if face.getlength(shorter) <= width:
            return shorter
    return ""


def fit(image: Image.Image, side: int) -> Image.Image:
    """An image scaled until its longest side is ``side`` pixels."""
    factor = side / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def tile(image: Image.Image, side: int) -> Image.Image:
    """An RGB image scaled to fit a white square of ``side`` pixels, centred, with a hairline round
    it.
    """
    inner = fit(image, side - 2)
    square = Image.new("RGB", (side, side), PAPER)
    square.paste(inner, ((side - inner.width) // 2, (side - inner.height) // 2))
    ImageDraw.Draw(square).rectangle((0, 0, side - 1, side - 1), outline=LINE)
    return square


def stack(pictures: Sequence[Image.Image], gap: int = 16) -> Image.Image:
    """Pictures one below the other on white."""
    width = max(p.width for p in pictures)
    height = sum(p.height for p in pictures) + gap * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, height), PAPER)
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height + gap
    return sheet


def check_picture(out: Path, option: str = "out") -> str:
    """The picture format that a file's ending names.

    Args:
        out: the file.
        option: the parameter that names it, for the error.

    Raises:
        UsageError: the ending names no picture format.
    """
    Image.init()
    kind = Image.EXTENSION.get(out.suffix.lower())
    if kind is None or kind not in Image.SAVE:
        raise UsageError(
            option, f"{out}: {out.suffix or 'no ending'!r} is no picture format", "use .png"
        )
    return kind


def save_small(picture: Image.Image, out: Path) -> None:
    """Write a PNG with a palette: half the size."""
    small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(out, optimize=True)


def save_picture(picture: Image.Image, out: Path, key: str | None = None) -> None:
    """Write a picture in the format that its ending names; a PNG is marked with ``key`` if given.

    Args:
        picture: what to write.
        out: the file.
        key: text that is stored in a PNG.

    Raises:
        UsageError: the ending names no picture format.
        MarqueryError: the place cannot be written.
    """
    kind = check_picture(out)
    options: dict[str, Any] = {}
    if key is not None and kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text(key, "1")
    write_atomically(out, lambda path: picture.save(path, format=kind, **options))
