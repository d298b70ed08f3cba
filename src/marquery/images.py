"""Read logos from untrusted files: any format in, 8-bit RGB out, or one clear error.

Limits are checked before anything is decoded. Transparent images are composited on white, or on a
dark background if the logo would be invisible on white (a white logo, for instance).
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.decoding import decode, flatten, memory_told
from marquery.elsewhere import find_files, read_file, too_large
from marquery.errors import ImageError
from marquery.files import open_regular
from marquery.names import existing_path, is_elsewhere
from marquery.rasters import (
    DEFAULT_LIMITS,
    Limits,
)
from marquery.visibility import is_blank

ImageLike = Image.Image | UInt8Array
ImageSource = ImageLike | str | os.PathLike[str]

#: File name extensions that a folder scan takes for images.
EXTENSIONS = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp", ".avif"}
    | {".tif", ".tiff", ".jp2", ".ppm", ".pgm", ".pbm", ".tga", ".ico", ".svg", ".svgz"}
)
# Corners that differ by at most so many levels have the same colour; JPEG noise is within it.
_CORNER_LEVELS = 12


def load_image(source: ImageSource, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Read one logo as 8-bit RGB.

    Args:
        source: a path, as the disk has it or as text (:mod:`marquery.names`); an address, such as
            ``s3://bucket/a.png``; a ``PIL.Image`` of any mode; or a uint8
            array of shape (H, W), (H, W, 3) or (H, W, 4). SVG files are told by content, too.
        limits: checked before decoding.

    Returns:
        ``PIL.Image`` of mode RGB. EXIF rotation is applied, an animation gives its first frame,
        more than 8 bits are scaled to 8, and transparency is handled as in :func:`flatten`. A file
        of more than :data:`marquery.rasters.WORKING_PIXELS` is reduced by a whole number.

    Raises:
        ImageError: the file is missing, no regular file, empty, too large, truncated or not an
            image.
    """
    if isinstance(source, Image.Image):
        image = flatten(source)
        return image.copy() if image is source else image
    if isinstance(source, np.ndarray):
        return flatten(_from_array(source))
    path = os.fspath(source) if is_elsewhere(source) else existing_path(source)
    with memory_told(path):
        return decode(path, read_bytes(path, limits), limits)


def load_logo(source: ImageSource, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Read a logo that is to be compared with others: :func:`load_image`, blank ones refused.

    Any two blank pictures are perfectly alike, and none says anything about a logo.

    Args:
        source: see :func:`load_image`.
        limits: checked before decoding.

    Raises:
        ImageError: it cannot be read, or all of it has one colour.
    """
    image = load_image(source, limits)
    if is_blank(np.asarray(image)):
        name = "image" if isinstance(source, Image.Image | np.ndarray) else source
        raise ImageError(name, "nothing can be seen on it, all of it has one colour; save it again")
    return image


def decode_image(data: bytes, name: str = "bytes", limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Decode the content of an image file; the format is told from the content alone.

    Args:
        data: content of a file in any format that :func:`load_image` reads, SVG included.
        name: what an error calls it.
        limits: checked before decoding.

    Returns:
        ``PIL.Image`` of mode RGB, as :func:`load_image` gives it.

    Raises:
        ImageError: empty, too large, truncated or not an image.
    """
    path = Path(name)
    if not data:
        raise ImageError(path, "are empty; give the content of an image file")
    if len(data) > limits.max_bytes:
        raise ImageError(
            path,
            f"{len(data):,} are over the limit of {limits.max_bytes:,}; make the image smaller",
        )
    with memory_told(path):
        return decode(path, data, limits)


def to_array(image: ImageLike) -> UInt8Array:
    """RGB pixels of an image as a uint8 array (H, W, 3); not copied if it is one already."""
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,):
        return image
    return np.asarray(load_image(image))


def find_images(
    folder: str | os.PathLike[str], on_error: Callable[[ImageError], object] | None = None
) -> list[Path]:
    """All image files below a folder, recursively, sorted by path; hidden ones are skipped.

    Names alone are looked at: what a file is, is found out when it is read.

    Args:
        folder: where to look; links to folders are not followed.
        on_error: called with each folder in it that cannot be listed.

    Raises:
        ImageError: the folder does not exist.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ImageError(root, "no such folder; name an existing folder of images")

    def tell(error: OSError) -> None:
        if on_error is not None:
            reason = f"cannot be listed ({error.strerror or error})"
            on_error(ImageError(error.filename, reason, passing=True))

    def walk() -> Iterator[Path]:
        for directory, names, files in os.walk(root, onerror=tell):
            names[:] = [n for n in names if not n.startswith(".")]
            for file in files:
                if not file.startswith(".") and Path(file).suffix.lower() in EXTENSIONS:
                    yield Path(directory) / file

    return sorted(walk())


def find_pictures(
    place: str | os.PathLike[str], on_error: Callable[[ImageError], object] | None = None
) -> Sequence[os.PathLike[str]]:
    """All image files below a folder, see :func:`find_images`, or below an address.

    Raises:
        MarqueryError: it is not there, or cannot be read.
    """
    if is_elsewhere(place):
        return find_files(os.fspath(place), EXTENSIONS)
    return find_images(place, on_error)


def border_color(pixels: UInt8Array) -> tuple[int, int, int]:
    """Background colour of an (H, W, 3) uint8 image: of its corners, else of most of its border.

    Corners come first: a rounded badge drawn up to the edges covers most of the border, but not the
    corners. Colours are counted in bins of 8 levels, so that noise does not split the background.

    Returns:
        RGB, 0 to 255: the median of the pixels in the fullest bin.
    """
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    centre = np.median(corners.astype(np.int32), axis=0)
    agreeing = (np.abs(corners - centre).max(axis=1) <= _CORNER_LEVELS).sum()
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if agreeing >= 3:
        edge = edge[np.abs(edge - centre).max(axis=1) <= _CORNER_LEVELS]
    cells = (edge >> 3).astype(np.int32) @ np.array([1024, 32, 1], dtype=np.int32)
    values, counts = np.unique(cells, return_counts=True)
    median = np.median(edge[cells == values[counts.argmax()]], axis=0)
    r, g, b = (int(v) for v in median)
    return r, g, b


def pad_to_square(image: Image.Image) -> Image.Image:
    """Centre an RGB image on a square of its own background colour, which keeps its proportions."""
    width, height = image.size
    if width == height:
        return image
    side = max(width, height)
    square = Image.new("RGB", (side, side), border_color(np.asarray(image)))
    square.paste(image, ((side - width) // 2, (side - height) // 2))
    return square


def _from_array(array: UInt8Array) -> Image.Image:
    if array.dtype != np.uint8 or not (array.ndim == 2 or array.shape[2:] in {(3,), (4,)}):
        raise ImageError(
            "array",
            f"shape {array.shape} of {array.dtype} is not an image; "
            "give uint8 of shape (H, W), (H, W, 3) or (H, W, 4)",
        )
    if array.size == 0:
        raise ImageError("array", f"shape {array.shape} has no pixels; give one pixel or more")
    return Image.fromarray(array)


def read_bytes(path: Path | str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The content of an image file.

    Args:
        path: the file, or its address.
        limits: of its size.

    Raises:
        ImageError: it is not there, no regular file, empty or too large.
    """
    if isinstance(path, str):
        data = read_file(path, limits.max_bytes)
    else:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.max_bytes:
                raise too_large(path, size, limits.max_bytes)
            data = file.read(size)
    if not data:
        raise ImageError(path, "the file is empty; save the image again")
    return data
