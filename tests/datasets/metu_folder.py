"""A small folder in the shape of METU, its logos drawn on the spot."""

from itertools import permutations
from pathlib import Path

from PIL import Image

from marquery.datasets.metu.layout import (
    GALLERY_LIST,
    QUERY_LIST,
    TRAINING_LIST,
    UNLABELLED_LIST,
)

GROUPS, PER_GROUP, POOL = 6, 4, 40


def write_given(root: Path, draw, *, flat: bool = False) -> Path:
    """As given out: queries ``<instance>-<group>.jpg``, and the pool beside or among them."""
    queries, pool = (root, root) if flat else (root / "queries", root / "pool")
    for folder in (queries, pool):
        folder.mkdir(parents=True, exist_ok=True)
    for group in range(1, GROUPS + 1):
        for instance in range(1, PER_GROUP + 1):
            _variant(draw(group), instance).save(queries / f"{instance}-{group}.jpg")
    for number in range(POOL):
        draw(100 + number, (40, 30)).save(pool / f"{number:06d}.jpg")
    return root


def write_lists(root: Path, draw) -> Path:
    """The paper's layout: groups 1 to 3 to train on, 4 to 6 to test, all images below
    ``images``.
    """
    write_given(root / "images", draw)
    labelled = [
        (group, f"queries/{instance}-{group}.jpg")
        for group in range(1, GROUPS + 1)
        for instance in range(1, PER_GROUP + 1)
    ]
    pool = [(0, f"pool/{number:06d}.jpg") for number in range(POOL)]
    write_list(root, UNLABELLED_LIST, pool)
    write_list(root, GALLERY_LIST, pool)
    write_list(root, TRAINING_LIST, [row for row in labelled if row[0] <= 3])
    write_list(root, QUERY_LIST, [row for row in labelled if row[0] > 3])
    return root


def write_list(root: Path, name: str, rows: list[tuple[int, str]]) -> None:
    lines = ["class_id\tpath", *(f"{class_id}\t{path}" for class_id, path in rows)]
    (root / "Info_Files").mkdir(exist_ok=True)
    (root / "Info_Files" / name).write_text("\n".join(lines) + "\n")


def _variant(logo: Image.Image, instance: int) -> Image.Image:
    """The same drawing in another size with its channels exchanged."""
    order = list(permutations(logo.split()))[instance]
    return Image.merge("RGB", order).resize((60 + 5 * instance,) * 2)
