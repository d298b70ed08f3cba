"""The operations that recipes name. A new one is a class of this package and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from marquery.augment._base import LogoTransform, SegmentTransform
from marquery.augment.logo_badge import LogoBadge
from marquery.augment.logo_canvas import Degrade, LogoFrame, LogoWarp
from marquery.augment.logo_colors import LogoGround, LogoInvert, LogoOutline
from marquery.augment.logo_wordmark import LogoWordmark
from marquery.augment.move import (
    SegmentDuplicate,
    SegmentMirror,
    SegmentRotate,
    SegmentScale,
    SegmentTranslate,
)
from marquery.augment.paint import SegmentColor, SegmentExchange, SegmentRemove

#: Operations on segments: those that a recipe's ``segment`` step weighs and the command line draws. Both
#: are read before torch is loaded and repeat the names; a test compares them with these.
SEGMENT_OPERATIONS: Mapping[str, type[SegmentTransform]] = MappingProxyType(
    {
        "color": SegmentColor,
        "remove": SegmentRemove,
        "rotate": SegmentRotate,
        "scale": SegmentScale,
        "translate": SegmentTranslate,
        "mirror": SegmentMirror,
        "duplicate": SegmentDuplicate,
        "exchange": SegmentExchange,
    }
)

#: Operations on the logo as a whole: each is a step of a recipe.
LOGO_OPERATIONS: Mapping[str, type[LogoTransform]] = MappingProxyType(
    {
        "badge": LogoBadge,
        "ground": LogoGround,
        "invert": LogoInvert,
        "outline": LogoOutline,
        "wordmark": LogoWordmark,
        "warp": LogoWarp,
        "degrade": Degrade,
        "frame": LogoFrame,
    }
)
