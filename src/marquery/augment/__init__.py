"""Segment-level and logo-level augmentation, and the image-level baselines it is measured against.

The classes of the registered operations (:mod:`marquery.augment.registry`) are names of this
package too, such as ``SegmentColor``. All names are loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marquery.augment.registry import (
    ALL_OPERATIONS,
    DONOR_OPERATIONS,
    LOGO_OPERATIONS,
    SEGMENT_OPERATIONS,
)
from marquery.extras import need

if TYPE_CHECKING:
    from marquery.augment import functional
    from marquery.augment._base import LogoTransform, SegmentTransform
    from marquery.augment.image_level import ImageLevel, PadToSquare, Photometric
    from marquery.augment.mix import RandomSegmentOp
    from marquery.augment.registry import *  # noqa: F403  # the operations' classes
    from marquery.augment.seeded import SeededDataset
    from marquery.augment.subject import Subject

_OPERATIONS = {
    class_name: (operations, name)
    for operations in ALL_OPERATIONS
    for class_name, name in operations.classes().items()
}
# What is no operation -> its module.
_OTHERS = {
    "ImageLevel": "image_level",
    "LogoTransform": "_base",
    "PadToSquare": "image_level",
    "Photometric": "image_level",
    "RandomSegmentOp": "mix",
    "SeededDataset": "seeded",
    "SegmentTransform": "_base",
    "Subject": "subject",
}

__all__ = [
    "DONOR_OPERATIONS",
    "LOGO_OPERATIONS",
    "SEGMENT_OPERATIONS",
    "ImageLevel",
    "LogoTransform",
    "PadToSquare",
    "Photometric",
    "RandomSegmentOp",
    "SeededDataset",
    "SegmentTransform",
    "Subject",
    "functional",
    *_OPERATIONS,
]


def __getattr__(name: str) -> Any:
    value: Any
    if name == "functional":
        value = import_module("marquery.augment.functional")
    elif name in _OTHERS:
        need(f"augment.{name}", "torch", "torchvision")
        value = getattr(import_module(f"marquery.augment.{_OTHERS[name]}"), name)
    elif name in _OPERATIONS:
        need(f"augment.{name}", "torch", "torchvision")
        operations, operation = _OPERATIONS[name]
        value = operations[operation]
    else:
        raise AttributeError(f"module 'marquery.augment' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
