"""Pictures in rows and columns, with words above and beside them."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

INK = (28, 30, 34)
PAPER = (255, 255, 255)
_LINE = (208, 212, 218)
_GAP = 12


def draw_grid(
    rows: Sequence[Sequence[Image.Image]],
    side: int,
    *,
    columns: Sequence[str] = (),
    titles: Sequence[str] = (),
) -> Image.Image:
    """Pictures in rows and columns, each framed and centred in its cell.

    Args:
        rows: the pictures, none wider than a cell.
        side: width of a cell, pixels.
        columns: words above the columns, from the first on.
        titles: words left of the rows; none, or one a row.
    """
    points = max(13, round(side / 14))
    font = ImageFont.load_default(points)
    margin = round(max((font.getlength(t) for t in titles), default=0)) + (_GAP if titles else 0)
    head = math.ceil(points * 1.5) if columns else 0
    pitch = side + _GAP
    across = max(len(row) for row in rows)
    heights = [max(cell.height for cell in row) for row in rows]
    sheet = Image.new(
        "RGB",
        (_GAP + margin + across * pitch, _GAP + head + sum(heights) + _GAP * len(rows)),
        PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    for i, name in enumerate(columns):
        centre = _GAP + margin + i * pitch + side / 2
        draw.text((centre, _GAP / 2 + head / 2), name, fill=INK, font=font, anchor="mm")
    y = _GAP + head
    for r, row in enumerate(rows):
        if titles:
            draw.text((_GAP, y + heights[r] / 2), titles[r], fill=INK, font=font, anchor="lm")
        for i, cell in enumerate(row):
            x = _GAP + margin + i * pitch + (side - cell.width) // 2
            top = y + (heights[r] - cell.height) // 2
            draw.rectangle((x - 1, top - 1, x + cell.width, top + cell.height), outline=_LINE)
            sheet.paste(cell, (x, top))
        y += heights[r] + _GAP
    return sheet
