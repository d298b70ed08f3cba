"""Groups of similar logos as a picture: what the data set calls alike."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from marquery.images import load_image
from marquery.visualization.canvas import INK, PAPER, fit_text, font, tile


def draw_groups(
    groups: Sequence[tuple[str, Sequence[Path]]], side: int = 84, members: int = 5, columns: int = 2
) -> Image.Image:
    """One cell a group: its name and up to ``members`` of its logos in a row, ``columns`` cells a
    line.

    Args:
        groups: name and files of each group.
        side: pixels of a logo's longest side.
        members: most logos of a group that are shown.
        columns: groups beside each other.
    """
    gap, title = 10, 120
    cell = title + members * (side + gap) + gap
    lines = -(-len(groups) // columns)
    sheet = Image.new("RGB", (columns * cell, gap + lines * (side + gap)), PAPER)
    pen = ImageDraw.Draw(sheet)
    face = font(15)
    for number, (name, files) in enumerate(groups):
        line, column = divmod(number, columns)
        left, top = column * cell + gap, gap + line * (side + gap)
        pen.text((left, top + side // 2 - 9), fit_text(name, title - gap, face), INK, face)
        for place, file in enumerate(files[:members]):
            sheet.paste(tile(load_image(file), side), (left + title + place * (side + gap), top))
    return sheet
