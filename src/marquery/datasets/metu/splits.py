"""METU as rows with splits: what is trained on, chosen by, and reported on."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from marquery.datasets.metu.layout import MetuFiles, rank_by_hash, read_metu

#: Strata of the test queries where some of their groups may have been trained on.
TRAINED = "training groups"
UNSEEN = "unseen groups"

_VALIDATION_SHARE = 5  # one training group in so many
_DISTRACTORS = 2000
_DISTRACTOR_SHARE = 20  # at most one unlabelled logo in so many


class MetuRow(NamedTuple):
    """One logo of one split."""

    path: str
    """Relative to METU's folder."""
    group: str
    """Of similar marks; ``""`` is unlabelled."""
    stratum: str
    """:data:`TRAINED` or :data:`UNSEEN` for test queries where both occur, else ``""``."""
    split: str


def metu_rows(root: Path) -> list[MetuRow]:
    """Read a METU folder of either layout.

    ``test``: the test queries with their groups, and the gallery, unlabelled. ``train``: the
        training groups
    and the unlabelled logos, without the test queries among them. ``val``: a fifth of the training
    groups and up to 2,000 of the unlabelled logos, both taken from the training. One file may stand
    in ``train`` and in ``test``: METU's unlabelled logos are negatives in the one and gallery in
    the other. Where groups of test queries are trained on, ``stratum`` tells ``"training groups"``
    from ``"unseen groups"``.

    Raises:
        MarqueryError: the lists cannot be used; see :func:`read_metu`.
    """
    files = read_metu(root)
    return [*_test_rows(files), *_training_rows(files)]


def _test_rows(files: MetuFiles) -> list[MetuRow]:
    trained = set(files.training.groups) - {""}
    mixed = any(group in trained for group in files.queries.groups)
    rows: dict[str, MetuRow] = {}
    # A query that the gallery lists too is one logo.
    for path, group in (*files.queries.pairs(), *files.gallery.pairs()):
        stratum = (TRAINED if group in trained else UNSEEN) if mixed and group else ""
        rows.setdefault(path, MetuRow(path, group, stratum, "test"))
    return list(rows.values())


def _training_rows(files: MetuFiles) -> list[MetuRow]:
    labelled = {path: group for path, group in files.training.pairs() if group}
    held_out = set(labelled) | set(files.queries.paths)
    unlabelled = [p for p in dict.fromkeys(files.unlabelled.paths) if p not in held_out]
    groups = _validation_groups(labelled)
    distractors = _distractors(unlabelled) if groups else set()
    return [
        *(MetuRow(p, g, "", "val" if g in groups else "train") for p, g in labelled.items()),
        *(MetuRow(p, "", "", "val" if p in distractors else "train") for p in unlabelled),
    ]


def _validation_groups(labelled: dict[str, str]) -> set[str]:
    """A fifth of the groups that have a pair to find, one at the least, unless it is the only
    one.
    """
    sizes = Counter(labelled.values())
    paired = [group for group in rank_by_hash(sizes) if sizes[group] > 1]
    if len(paired) < 2:
        return set()
    return set(paired[: max(1, len(paired) // _VALIDATION_SHARE)])


def _distractors(unlabelled: list[str]) -> set[str]:
    count = min(_DISTRACTORS, len(unlabelled) // _DISTRACTOR_SHARE)
    chosen = np.random.default_rng(0).choice(len(unlabelled), count, replace=False)
    return {unlabelled[i] for i in chosen}
