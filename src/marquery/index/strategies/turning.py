"""A query turned and mirrored, to find marks that were turned to hide."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from marquery.segments import segment

# Larger pictures are reduced before they are turned: parts are looked for at no larger size.
_SIDE = 384


@dataclass(frozen=True)
class Turn:
    """How a query is turned: mirrored first, left and right exchanged, then turned clockwise."""

    degrees: int
    """0 to 315."""
    mirrored: bool = False

    def __str__(self) -> str:
        told = ["mirrored"] if self.mirrored else []
        told += [f"turned by {self.degrees}°"] if self.degrees else []
        return ", ".join(told)


AS_GIVEN = Turn(0)
#: The query as given first: of equally alike views it counts.
TURNS = tuple(
    Turn(degrees, mirrored) for mirrored in (False, True) for degrees in range(0, 360, 45)
)


def turned(image: Image.Image, turn: Turn) -> Image.Image:
    """The picture turned on its own background; corners are kept.

    Args:
        image: RGB.
        turn: how.
    """
    if turn == AS_GIVEN:
        return image
    if max(image.size) > _SIDE:
        scale = _SIDE / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BOX, reducing_gap=None)
    pixels = np.asarray(image)
    if turn.mirrored:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    if turn.degrees % 90 == 0:
        return Image.fromarray(np.ascontiguousarray(np.rot90(pixels, -turn.degrees // 90)))
    background = segment(pixels).background
    height, width = pixels.shape[:2]
    angle = np.deg2rad(turn.degrees)
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    across, down = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -turn.degrees, 1.0)
    matrix[:, 2] += ((across - width) / 2, (down - height) / 2)
    drawn = cv2.warpAffine(
        pixels,
        matrix,
        (across, down),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=[int(v) for v in background],
    )
    return Image.fromarray(np.asarray(drawn, np.uint8))
