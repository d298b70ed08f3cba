"""Training and validation logos: the data set's own splits, or a split by group where it has none."""

import hashlib

import numpy as np

from marquery.datasets import LogoSet
from marquery.errors import UsageError

VALIDATION_SHARE = 0.1


def training_and_validation(data: LogoSet, seed: int) -> tuple[LogoSet, LogoSet]:
    """The splits ``train`` and ``val``; without splits, a tenth of the groups is set aside by hash.

    Raises:
        UsageError: nothing could be validated on: no group of two or more logos is left over.
    """
    if data.has_splits:
        return data.split("train"), data.split("val")
    aside = np.array([_unit(name, seed) < VALIDATION_SHARE for name in data.groups])
    aside &= data.groups != ""
    _, counts = np.unique(data.groups[aside], return_counts=True)
    if not (counts >= 2).any():
        raise UsageError(
            f"{data.root}: too few groups to set a tenth aside for validation; put look-alike logos "
            "into sub-folders, one a group, and have at least some twenty of them"
        )
    return data.subset(~aside), data.subset(aside)


def _unit(name: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
