"""The whole story on real logos: data, augmentation, training, evaluation, search, report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.augment import SegmentColor, SegmentRemove, SegmentRotate, SegmentScale
from marquery.datasets import LogoSet, build_openlogos
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError
from marquery.evaluation import top_k
from marquery.figures.canvas import save_picture
from marquery.figures.curves import draw_curves
from marquery.figures.groups import draw_groups
from marquery.figures.retrieval import RetrievalRow, contact_sheet, draw_retrievals
from marquery.figures.segments import draw_augmentations, draw_rotation_steps, draw_segmentation
from marquery.images import load_image
from marquery.reporting.comparison import UNTRAINED, Row, compare, write_results
from marquery.reporting.html import Figure, Section, result_tables, write_report
from marquery.search import EmbeddedFiles, search_folder
from marquery.segments import Segmentation, segment
from marquery.training.logs import read_log
from marquery.training.loop import TrainingSummary, train
from marquery.training.recipe import Recipe
from marquery.training.split import training_and_validation

TRAINED = "trained here"
_SHOWN = 2
_QUERIES = 8
_FOUND = 8


@dataclass
class Stages:
    """How long each stage took."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside and say its name."""
        self.say(f"── {name}")
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def run_demo(
    recipe: Recipe,
    data: Path,
    out: Path,
    source: Path | None = None,
    say: Callable[[str], None] = print,
) -> tuple[Path, list[str]]:
    """Run every stage; what a run before has finished is taken over.

    Args:
        recipe: what to train.
        data: folder of the benchmark; built if it is not there.
        out: folder for run, pictures and report.
        source: folder of tarballs to build from without a network.
        say: told what happens.

    Returns:
        The report's file, and five lines that sum it up.
    """
    stages = Stages(say)
    pictures = out / "pictures"
    with stages.stage("data: openlogos"):
        build_openlogos(data, source_dir=source)
        logos = LogoSet.open(data)
        training, validation = training_and_validation(logos, recipe.seed)
        test = logos.split("test")
    with stages.stage("pictures of segments and augmentation"):
        figures = _augmentation_pictures(training, recipe, pictures)
    with stages.stage("training"):
        summary = train(recipe, training, validation, out / "train", resume=True)
        say(summary.bottleneck)
        encoder = LogoEncoder.load(out / "train")
    with stages.stage("evaluation on the test brands"):
        rows = compare({TRAINED: encoder}, test)
        write_results(rows, test, "standard", out / "results.json")
    with stages.stage("search and report"):
        figures |= _result_pictures(rows, test, out / "train", pictures)
        report = out / "report.html"
        sections = _sections(logos, test, rows, summary, recipe, figures, stages)
        write_report(report, "marquery: logos that look alike", _lead(rows), sections)
    return report, _summary(logos, rows, summary, stages)


def _augmentation_pictures(training: LogoSet, recipe: Recipe, folder: Path) -> dict[str, Figure]:
    """The paper's figures on logos drawn at random among those with several parts."""
    order = np.random.default_rng(recipe.seed).permutation(len(training))
    chosen: list[Image.Image] = []
    for index in order:
        logo = load_image(training.files()[index])
        found = segment(logo)
        # Square enough to fill a tile, and neither a single shape nor a whole alphabet.
        figures = int((~found.is_hole).sum())
        if 3 <= figures <= 9 and 0.6 < logo.width / logo.height < 1.7 and _paints(found) >= 3:
            chosen.append(logo)
        if len(chosen) == _SHOWN:
            break
    else:
        raise MarqueryError(f"{training.root}: too few logos of several parts to show")
    ops = [SegmentColor(), SegmentRemove(), SegmentRotate(), SegmentScale()]
    drawn = {
        "segments": (
            _side_by_side([draw_segmentation(logo, side=230) for logo in chosen]),
            "Segmentation: each logo beside its parts.",
        ),
        "rotation": (
            draw_rotation_steps(chosen[0], seed=recipe.seed, side=200),
            "Rotation of one segment, step by step: selected, turned about its centre, pasted back.",
        ),
        "augmentations": (
            draw_augmentations(chosen, ops, draws=6, seed=recipe.seed, side=120),
            "Random draws of the four operations of the paper (the first column is the logo).",
        ),
    }
    return _save(drawn, folder)


def _result_pictures(rows: list[Row], test: LogoSet, run: Path, folder: Path) -> dict[str, Figure]:
    by_name = {row.name: row for row in rows}
    before, after = by_name[UNTRAINED], by_name[TRAINED]
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
            draw_retrievals(_rows(test, some, {"untrained": before, "trained": after})),
            "Retrieval for queries drawn at random: blue marks the query, green a logo of the same "
            "brand, red another brand's.",
        ),
        "failures": (
            draw_retrievals(_rows(test, worst, {"trained": after})),
            "Where it fails: the queries with the lowest average precision among such brands.",
        ),
        "search": (
            contact_sheet(test.files()[query], hits),
            "The contact sheet that `marquery search` writes for one query.",
        ),
    }
    return _save(drawn, folder) | {
        "curves": Figure(curves, "Loss and validation figures over the steps of training.")
    }


def _rows(test: LogoSet, queries: np.ndarray, methods: dict[str, Row]) -> list[RetrievalRow]:
    files = test.files()
    found = {
        name: top_k(row.vectors[queries], row.vectors, _FOUND, exclude=[[int(q)] for q in queries])[
            0
        ]
        for name, row in methods.items()
    }
    return [
        RetrievalRow(
            f"{test.groups[query]}\n{name}",
            files[query],
            [(files[i], bool(test.groups[i] == test.groups[query])) for i in found[name][place]],
        )
        for place, query in enumerate(queries)
        for name in methods
    ]


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


def _lead(rows: list[Row]) -> str:
    by_name = {row.name: row.result for row in rows}
    before, after = by_name[UNTRAINED], by_name[TRAINED]
    return (
        f"Training with segment augmentation and Smooth-AP brought the normalised average rank from "
        f"{before.nar:.3f} to {after.nar:.3f} and mean average precision from {before.map:.2f} to "
        f"{after.map:.2f}, on brands that training never saw."
    )


def _sections(
    logos: LogoSet,
    test: LogoSet,
    rows: list[Row],
    summary: TrainingSummary,
    recipe: Recipe,
    figures: dict[str, Figure],
    stages: Stages,
) -> list[Section]:
    import yaml

    splits = {name: int((logos.splits == name).sum()) for name in ("train", "val", "test")}
    return [
        Section(
            "The data",
            [
                f"openlogos: {len(logos):,} logos of {len(set(logos.groups)):,} brands from "
                f"{len(set(logos.collections))} openly licensed collections. Different people drew the "
                "same brand in their own way; those logos are the ones to be found. Split by brand: "
                f"{splits['train']:,} logos to learn from, {splits['val']:,} to choose by, "
                f"{splits['test']:,} to report on. The marks belong to their owners."
            ],
            figures=[figures["groups"]],
        ),
        Section(
            "Segments and augmentation",
            [
                "A logo is cut into its parts, and parts are recoloured, removed, turned or scaled. What "
                "comes out is another logo that a person would still call similar."
            ],
            figures=[figures[n] for n in ("segments", "rotation", "augmentations")],
        ),
        Section(
            "Training",
            [
                f"{summary.steps} steps of {recipe.batch.size} images at {recipe.model.image_size} px in "
                f"{summary.seconds:.0f} s ({summary.images_per_second:.0f} images/s); "
                f"{summary.bottleneck}. The weights kept are those of step {summary.best_step + 1}, "
                "the best on the validation brands."
            ],
            figures=[figures["curves"]],
        ),
        Section(
            "Evaluation",
            [
                "Every test logo is a query, ranked against all other test logos (protocol: standard). "
                "Relevant are the other logos of its brand. Intervals are 95 % bootstrap intervals over "
                "brands. Crypto tokens, mostly two variants of one drawing, have a table of their own."
            ],
            tables=result_tables(rows, TRAINED),
        ),
        Section("What is found", figures=[figures["retrievals"], figures["failures"]]),
        Section("Search", figures=[figures["search"]]),
        Section(
            "How to get the same",
            [
                "Time: "
                + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in stages.seconds.items())
                + ". Data, versions and seed are in train/environment.json, every query's figures in "
                "results.json."
            ],
            listing=yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False),
        ),
    ]


def _summary(
    logos: LogoSet, rows: list[Row], summary: TrainingSummary, stages: Stages
) -> list[str]:
    def figures(name: str) -> str:
        r = next(row.result for row in rows if row.name == name)
        return f"NAR {r.nar:.3f}   mAP {r.map:.3f}   Recall@1 {r.recall[1]:.3f}"

    test = rows[0].result.counts
    rival = max(rows[1:-1], key=lambda row: row.result.map).name
    return [
        f"data      {len(logos):,} logos, {len(set(logos.groups)):,} brands; "
        f"{test['queries']:,} test queries",
        f"training  {summary.steps} steps in {summary.seconds / 60:.1f} min, "
        f"{summary.images_per_second:.0f} images/s",
        f"before    {figures(UNTRAINED)}   (ImageNet features)",
        f"rival     {figures(rival)}   ({rival})",
        f"after     {figures(TRAINED)}   (whole demo: {sum(stages.seconds.values()) / 60:.1f} min)",
    ]


def _paints(found: Segmentation) -> int:
    """Number of clearly different colours among the segments."""
    return len({tuple(color // 32) for color in found.colors})


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    sheet = Image.new(
        "RGB", (sum(p.width for p in pictures), max(p.height for p in pictures)), "white"
    )
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width
    return sheet
