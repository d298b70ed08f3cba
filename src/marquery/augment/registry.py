"""The operations by the names that recipes and the command line give them.

A new operation is its kernel in ``augment/functional``, its class in ``augment`` and one line here.
Importing this loads no transform, and neither torch nor torchvision: a class is loaded when it is
first asked for.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from marquery.augment._base import LogoTransform, SegmentTransform
    from marquery.augment.swap import SegmentSwap


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
    }
)

#: Every operation of this package.
ALL_OPERATIONS = (SEGMENT_OPERATIONS, DONOR_OPERATIONS, LOGO_OPERATIONS)
