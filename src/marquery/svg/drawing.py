"""One drawing from bytes to PNG, in the process that may be ended for it."""

import contextlib
import resource
from collections.abc import Iterator
from typing import Any

import resvg_py

from marquery.svg.document import read_document
from marquery.svg.letters import FAMILY, FONTS, texts_of
from marquery.svg.limits import SvgLimits
from marquery.svg.normalise import clean, serialised
from marquery.svg.problem import SvgError, unreadable
from marquery.svg.root import settle_root_size
from marquery.svg.size import DPI, Size, settle_size


def draw(asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Draw a file.

    Args:
        asked: ``side`` in pixels, ``shape_rendering``, and the fields of ``limits``.
        data: content of the file.

    Returns:
        An answer and a PNG. The answer says in sentences' ends what is ``missing`` in it, or has
        ``problem`` and ``remedy`` where there is none.
    """
    try:
        return _draw(data, asked["side"], asked["shape_rendering"], SvgLimits(**asked["limits"]))
    except SvgError as error:
        found = error
    except MemoryError:
        # What was reserved may be lost: another process answers the next request.
        return {"out_of_memory": True}, b""
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the renderer raises what derives from this alone when it fails
        found = _render_error(str(error) or type(error).__name__)
    return {"problem": found.problem, "remedy": found.remedy}, b""


def _render_error(text: str) -> SvgError:
    if "limit reached" in text:
        remedy = "simplify the drawing and save it again"
        return SvgError("has more elements, with those used many times, than can be drawn", remedy)
    return unreadable(text)


def _draw(
    data: bytes, side: int, shape_rendering: Any, limits: SvgLimits
) -> tuple[dict[str, Any], bytes]:
    root = read_document(data, limits)
    settle_root_size(root)
    size = settle_size(root)
    missing = clean(root, limits)
    width, height = _pixels(size, side)
    if size is not None and size.is_replaced:
        # The renderer takes whole pixels from the root: as many as are drawn lose nothing.
        root.set("width", str(width))
        root.set("height", str(height))
    content = serialised(root)
    fonts: dict[str, Any] = {}
    if texts_of(root) or "data:image/svg+xml" in content:
        names = ("font", "serif", "sans_serif", "cursive", "fantasy", "monospace")
        fonts = {"font_files": list(FONTS), **{f"{name}_family": FAMILY for name in names}}
    with contextlib.nullcontext() if fonts else no_files():
        png = resvg_py.svg_to_bytes(
            svg_string=content,
            width=width,
            height=height,
            skip_system_fonts=True,
            shape_rendering=shape_rendering,
            dpi=DPI,
            languages=["en"],
            **fonts,
        )
    return {"missing": missing}, bytes(png)


@contextlib.contextmanager
def no_files() -> Iterator[None]:
    """No file can be opened in the block, whatever a drawing makes the renderer try."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _pixels(size: Size | None, side: int) -> tuple[int, int]:
    if size is None:
        return side, side
    width, height = size.width, size.height
    if width >= height:
        return side, max(1, round(side * height / width))
    return max(1, round(side * width / height)), side
