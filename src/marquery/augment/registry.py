"""The operations by the names that recipes and the command line give them.

A new operation is its kernel in ``augment/functional``, its class in ``augment`` and one line here
(and one above it, by which type checkers know the class as a name of ``marquery.augment``).
Importing this loads no transform, and neither torch nor torchvision: a class is loaded when it is
first asked for.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    # For type checkers: the classes as names of marquery.augment.
    from marquery.augment._base import LogoTransform, SegmentTransform
    from marquery.augment.logo_badge import LogoBadge as LogoBadge
    from marquery.augment.logo_canvas import Degrade as Degrade
    from marquery.augment.logo_canvas import LogoFrame as LogoFrame
    from marquery.augment.logo_canvas import LogoWarp as LogoWarp
    from marquery.augment.logo_colors import LogoBackground as LogoBackground
    from marquery.augment.logo_colors import LogoInvert as LogoInvert
    from marquery.augment.logo_colors import LogoOutline as LogoOutline
    from marquery.augment.logo_lettering import LogoLettering as LogoLettering
    from marquery.augment.logo_photograph import LogoPhotograph as LogoPhotograph
    from marquery.augment.logo_print import LogoPrint as LogoPrint
    from marquery.augment.logo_print import LogoRelief as LogoRelief
    from marquery.augment.logo_rearrange import LogoRearrange as LogoRearrange
    from marquery.augment.logo_wordmark import LogoWordmark as LogoWordmark
    from marquery.augment.move import SegmentDuplicate as SegmentDuplicate
    from marquery.augment.move import SegmentMirror as SegmentMirror
    from marquery.augment.move import SegmentRotate as SegmentRotate
    from marquery.augment.move import SegmentScale as SegmentScale
    from marquery.augment.move import SegmentTranslate as SegmentTranslate
    from marquery.augment.paint import SegmentColor as SegmentColor
    from marquery.augment.paint import SegmentExchange as SegmentExchange
    from marquery.augment.paint import SegmentRemove as SegmentRemove
    from marquery.augment.swap import SegmentSwap as SegmentSwap


Operation = TypeVar("Operation", bound="LogoTransform")


class Operations(Mapping[str, type[Operation]]):
    """Operations by name, in order; each class is loaded when it is asked for.

    Args:
        homes: name -> where its class is, as ``"module:Class"``, the module in
            ``marquery.augment``.
    """

    def __init__(self, homes: dict[str, str]) -> None:
        self._homes = homes

    def __getitem__(self, name: str) -> type[Operation]:
        module, _, attribute = self._homes[name].partition(":")
        found: type[Operation] = getattr(import_module(f"marquery.augment.{module}"), attribute)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._homes  # Mapping's own would load the class

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def classes(self) -> dict[str, str]:
        """Name of each class -> name of its operation; loads nothing."""
        return {home.partition(":")[2]: name for name, home in self._homes.items()}


#: Operations on segments: those that a recipe's ``segment`` step weighs.
SEGMENT_OPERATIONS: "Operations[SegmentTransform]" = Operations(
    {
        "color": "paint:SegmentColor",
        "remove": "paint:SegmentRemove",
        "rotate": "move:SegmentRotate",
        "scale": "move:SegmentScale",
        "translate": "move:SegmentTranslate",
        "mirror": "move:SegmentMirror",
        "duplicate": "move:SegmentDuplicate",
        "exchange": "paint:SegmentExchange",
    }
)

#: Operations on segments that take parts from other logos, their ``donors``; no steps of recipes.
DONOR_OPERATIONS: "Operations[SegmentSwap]" = Operations({"swap": "swap:SegmentSwap"})

#: Operations on the logo as a whole: each is a step of a recipe.
LOGO_OPERATIONS: "Operations[LogoTransform]" = Operations(
    {
        "badge": "logo_badge:LogoBadge",
        "background": "logo_colors:LogoBackground",
        "invert": "logo_colors:LogoInvert",
        "outline": "logo_colors:LogoOutline",
        "wordmark": "logo_wordmark:LogoWordmark",
        "warp": "logo_canvas:LogoWarp",
        "degrade": "logo_canvas:Degrade",
        "frame": "logo_canvas:LogoFrame",
        "lettering": "logo_lettering:LogoLettering",
        "rearrange": "logo_rearrange:LogoRearrange",
        "relief": "logo_print:LogoRelief",
        "print": "logo_print:LogoPrint",
        "photograph": "logo_photograph:LogoPhotograph",
    }
)

#: Every operation of this package.
ALL_OPERATIONS = (SEGMENT_OPERATIONS, DONOR_OPERATIONS, LOGO_OPERATIONS)
