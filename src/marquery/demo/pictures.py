"""The demo's pictures: what augmentation does, what is found."""

from pathlib import Path

import numpy as np
from PIL import Image

from marquery.augment.move import SegmentRotate, SegmentScale
from marquery.augment.paint import SegmentColor, SegmentRemove
from marquery.comparison.methods import MethodResult
from marquery.datasets import LogoSet
from marquery.embedding import EmbeddedFiles, search_folder
from marquery.errors import MarqueryError
from marquery.images import load_image
from marquery.reporting.html import Figure
from marquery.reporting.retrieved import retrieved_rows
from marquery.segments import Segmentation, segment
from marquery.training.logs import read_log
from marquery.training.recipe import Recipe
from marquery.visualization.augmentations import draw_augmentations, draw_rotation_steps
from marquery.visualization.canvas import save_picture
from marquery.visualization.curves import draw_curves
from marquery.visualization.groups import draw_groups
from marquery.visualization.retrieval import contact_sheet, draw_retrievals
from marquery.visualization.segments import draw_segmentation

_SHOWN = 2
_QUERIES = 8
_FOUND = 8


def augmentation_pictures(training: LogoSet, recipe: Recipe, folder: Path) -> dict[str, Figure]:
    """The paper's figures on logos drawn at random among those with several parts.

    Args:
        training: the logos to draw from.
        recipe: its augmentation is shown.
        folder: where the pictures are written.

    Raises:
        MarqueryError: too few logos have several parts to show.
    """
    order = np.random.default_rng(recipe.seed).permutation(len(training))
    files = training.files()
    chosen: list[Image.Image] = []
    for index in order:
        logo = load_image(files[index])
        # Square enough to fill a tile.
        if 0.6 < logo.width / logo.height < 1.7 and _shows_well(segment(logo)):
            chosen.append(logo)
        if len(chosen) == _SHOWN:
            break
    else:
        raise MarqueryError(
            f"{training.root}: too few logos of several parts to show; take a larger data set"
        )
    ops = [SegmentColor(), SegmentRemove(), SegmentRotate(), SegmentScale()]
    drawn = {
        "segments": (
            _side_by_side([draw_segmentation(logo, side=230) for logo in chosen]),
            "Segmentation: each logo beside its parts.",
        ),
        "rotation": (
            draw_rotation_steps(chosen[0], seed=recipe.seed, side=200),
            "Rotation of one segment, step by step: selected, turned about its centre, pasted "
            "back.",
        ),
        "augmentations": (
            draw_augmentations(chosen, ops, draws=6, seed=recipe.seed, side=120),
            "Random draws of the four operations of the paper (the first column is the logo).",
        ),
    }
    return _save(drawn, folder)


def result_pictures(
    before: MethodResult, after: MethodResult, test: LogoSet, run: Path, folder: Path
) -> dict[str, Figure]:
    """Draw data, retrievals before and after training, failures, a search and the curves of a run.

    Args:
        before, after: results of the start and of the trained encoder.
        test: the test split.
        run: folder of the training.
        folder: where the pictures are written.

    Raises:
        MarqueryError: no brand has enough test logos to show.
    """
    brands = test.namespaces == "brand"
    n = after.result.per_query["n"]
    queries = after.result.per_query["query"]
    several = queries[(n >= 3) & brands[queries]]
    if not len(several):
        raise MarqueryError(
            f"{test.root}: no test brand has four logos, too few to show; build it anew"
        )
    some = np.random.default_rng(0).choice(several, min(_QUERIES, len(several)), replace=False)
    ap = after.result.per_query["ap"][np.isin(queries, several)]
    worst = several[np.argsort(ap, kind="stable")[:4]]
    query = int(some[0])
    others = np.flatnonzero(np.arange(len(test)) != query)
    files = [str(f) for f in test.files()]
    gallery = EmbeddedFiles([files[i] for i in others], after.vectors[others], [])
    hits = search_folder(after.vectors[query], gallery, 10)
    curves = folder / "curves.png"
    draw_curves(read_log(run), curves)
    groups = list(dict.fromkeys(test.groups[some]))
    drawn = {
        "groups": (
            draw_groups([(g, _members(test, g)) for g in groups]),
            "Some test brands, drawn at random among those with at least four logos.",
        ),
        "retrievals": (
            draw_retrievals(
                retrieved_rows(
                    test, some, {"untrained": before.vectors, "trained": after.vectors}, _FOUND
                )
            ),
            "Retrieval for queries drawn at random: blue marks the query, green a logo of the same "
            "brand, red another brand's.",
        ),
        "failures": (
            draw_retrievals(retrieved_rows(test, worst, {"trained": after.vectors}, _FOUND)),
            "Where it fails: the queries with the lowest average precision among such brands.",
        ),
        "search": (
            contact_sheet(test.files()[query], hits),
            "The contact sheet that a search writes for one query.",
        ),
    }
    return _save(drawn, folder) | {
        "curves": Figure(curves, "Loss and validation figures over the steps of training.")
    }


def _members(logos: LogoSet, group: str) -> list[Path]:
    files = logos.files()
    return [files[i] for i in np.flatnonzero(logos.groups == group)]


def _save(drawn: dict[str, tuple[Image.Image, str]], folder: Path) -> dict[str, Figure]:
    figures = {}
    for name, (picture, caption) in drawn.items():
        file = folder / f"{name}.png"
        save_picture(picture, file)
        figures[name] = Figure(file, caption)
    return figures


def _shows_well(found: Segmentation) -> bool:
    """Whether segments can be told in a small picture: three to nine of at least three colours, no
    slivers.
    """
    ink = found.area[~found.is_hole]
    paints = {tuple(color // 32) for color in found.colors[~found.is_hole]}
    return 3 <= len(ink) <= 9 and bool((ink > 0.03 * ink.sum()).all()) and len(paints) >= 3


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    sheet = Image.new(
        "RGB", (sum(p.width for p in pictures), max(p.height for p in pictures)), "white"
    )
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width
    return sheet
