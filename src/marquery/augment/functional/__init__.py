"""The segment operations as pure functions of an image, its segmentation and parameters.

Images are uint8 (H, W, 3); a new array is returned, the input is left as it was. Labels are those
of the :class:`~marquery.segments.Segmentation`. A segmentation stays valid for the result of
:func:`recolor` and :func:`exchange`, so several can be chained. Colour change, removal, rotation
and scaling are those of Yavuz & Kalkan, ICPR 2022, section 3.1; the others go beyond the paper.

What lies beneath a segment is the paint of the segment around it (``Segmentation.parent``): the
background for most, the badge for the letter in a badge.

The names of this package are those in ``__all__`` of its modules; a kernel is written down there
only.
"""

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment.functional import (
    _background,
    _degrade,
    _move,
    _paint,
    _parts,
    _photograph,
    _place,
    _print,
    _relief,
    _strokes,
    _surfaces,
    _swap,
)
from marquery.augment.functional._background import *  # noqa: F403
from marquery.augment.functional._degrade import *  # noqa: F403
from marquery.augment.functional._move import *  # noqa: F403
from marquery.augment.functional._paint import *  # noqa: F403
from marquery.augment.functional._parts import *  # noqa: F403
from marquery.augment.functional._photograph import *  # noqa: F403
from marquery.augment.functional._place import *  # noqa: F403
from marquery.augment.functional._print import *  # noqa: F403
from marquery.augment.functional._relief import *  # noqa: F403
from marquery.augment.functional._strokes import *  # noqa: F403
from marquery.augment.functional._surfaces import *  # noqa: F403
from marquery.augment.functional._swap import *  # noqa: F403

__all__ = ["Float32Array", "UInt8Array"]
__all__ += _degrade.__all__
__all__ += _background.__all__
__all__ += _move.__all__
__all__ += _paint.__all__
__all__ += _parts.__all__
__all__ += _photograph.__all__
__all__ += _place.__all__
__all__ += _print.__all__
__all__ += _relief.__all__
__all__ += _strokes.__all__
__all__ += _surfaces.__all__
__all__ += _swap.__all__
