"""Rectangles of a picture, as commands and addresses give them: ``x,y,w,h`` in pixels."""

from marquery.errors import UsageError

#: x, y, width, height in pixels.
Box = tuple[int, int, int, int]
_LARGEST = 100_000


def parse_box(text: str, name: str) -> Box:
    """A rectangle from its text.

    Args:
        text: four whole numbers with commas between them.
        name: the parameter that gives it, such as ``part``, to be named in an error.

    Raises:
        UsageError: it is no rectangle.
    """
    try:
        x, y, width, height = (int(number) for number in text.split(","))
    except ValueError as error:
        raise UsageError(
            name,
            f"{text[:40]!r} is not a rectangle",
            "give four whole numbers x,y,w,h in pixels of the picture",
        ) from error
    return check_box((x, y, width, height), name)


def check_box(box: Box, name: str, size: tuple[int, int] | None = None) -> Box:
    """The same rectangle, if it has an area and lies within the picture.

    Args:
        box: x, y, width, height.
        name: the parameter that gives it, to be named in an error.
        size: width and height of the picture, where they are known already.

    Raises:
        UsageError: it has none, or does not.
    """
    x, y, width, height = box
    said = f"{x},{y},{width},{height}"
    if min(x, y) < 0 or min(width, height) < 1 or max(box) > _LARGEST:
        raise UsageError(
            name,
            f"{said} is no rectangle of a picture",
            f"give x,y,w,h in pixels, w and h from 1, none above {_LARGEST:,}",
        )
    if size is not None and (x + width > size[0] or y + height > size[1]):
        raise UsageError(
            name,
            f"{said} reaches beyond the image of {size[0]} x {size[1]} pixels",
            "give a rectangle within it",
        )
    return box
