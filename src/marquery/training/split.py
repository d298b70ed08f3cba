"""Training and validation logos: the data set's own splits, or a split by group where it has
none.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from marquery.datasets import LogoSet
from marquery.errors import UsageError
from marquery.json_text import parse_json
from marquery.training.record import ENVIRONMENT_FILE

VALIDATION_SHARE = 0.1


def training_and_validation(
    data: LogoSet, seed: int, views: bool = False
) -> tuple[LogoSet, LogoSet]:
    """The splits ``train`` and ``val``; without splits, a tenth of the groups is set aside by hash.

    Args:
        data: the whole set.
        seed: another seed sets other groups aside.
        views: logos are validated on by their views, so those without a group are set aside, too.

    Raises:
        UsageError: nothing could be validated on: no group of two or more logos is left over.
    """
    if data.has_splits:
        return data.split("train"), data.split("val")
    aside = np.array([_unit(name, seed) < VALIDATION_SHARE for name in data.groups])
    if views:
        alone = data.groups == ""
        by_path = np.array([_unit(path, seed) < VALIDATION_SHARE for path in data.paths])
        aside = np.where(alone, by_path, aside)
        if aside.sum() < 2:
            raise UsageError(
                "data",
                f"{data.root}: {len(data)} logos are too few to set a tenth aside for validation",
                "have some thirty",
            )
        return data.subset(~aside), data.subset(aside)
    aside &= data.groups != ""
    _, counts = np.unique(data.groups[aside], return_counts=True)
    if not (counts >= 2).any():
        raise UsageError(
            "data",
            f"{data.root}: too few groups to set a tenth aside for validation",
            "put look-alike logos into sub-folders, one a group, and have at least some twenty of "
            "them",
        )
    return data.subset(~aside), data.subset(aside)


def unseen_by(run: Path, logos: LogoSet) -> LogoSet | None:
    """The logos that a run on this very folder set aside; ``None`` if it learnt from other data.

    They chose which weights were kept, so figures on them are a little kind; those on the logos
    that it learnt from would mean nothing.
    """
    try:
        facts = parse_json((run / ENVIRONMENT_FILE).read_text(encoding="utf-8"))
        seed, learnt = int(facts["seed"]), str(facts["data"]["training"]["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    bare = replace(logos, groups=np.full(len(logos), "", dtype=np.str_))  # a run by views alone
    for groups, views in ((logos, False), (logos, True), (bare, True)):
        try:
            training, validation = training_and_validation(groups, seed, views)
        except UsageError:
            continue
        if training.fingerprint() == learnt:
            kept = set(validation.paths)
            return logos.subset(np.array([path in kept for path in logos.paths]))
    return None


def _unit(name: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
