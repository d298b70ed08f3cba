"""The demo's words: the report's sections and the five lines of the terminal."""

import yaml

from marquery.comparison.methods import UNTRAINED, MethodResult
from marquery.datasets import LogoSet
from marquery.reporting.html import Figure, Section, result_tables
from marquery.training.loop import TrainingSummary
from marquery.training.recipe import Recipe

TRAINED = "trained here"


def lead(rows: list[MethodResult]) -> str:
    """The report's first sentence."""
    by_name = {row.name: row.result for row in rows}
    before, after = by_name[UNTRAINED], by_name[TRAINED]
    return (
        "Training with segment augmentation and Smooth-AP brought the normalised average rank "
        "from "
        f"{before.nar:.3f} to {after.nar:.3f} and mean average precision from {before.map:.2f} to "
        f"{after.map:.2f}, on brands that training never saw."
    )


def sections(
    logos: LogoSet,
    rows: list[MethodResult],
    summary: TrainingSummary,
    recipe: Recipe,
    figures: dict[str, Figure],
    seconds: dict[str, float],
) -> list[Section]:
    """The report, section by section; ``seconds`` is how long each stage took.

    Args:
        logos: the data set.
        rows: results of each method.
        summary: what the training did.
        recipe: what was trained.
        figures: pictures by name.
        seconds: how long each stage took.
    """
    splits = {name: int((logos.splits == name).sum()) for name in ("train", "val", "test")}
    return [
        Section(
            "The data",
            [
                f"openlogos: {len(logos):,} logos of {len(set(logos.groups)):,} brands from "
                f"{len(set(logos.collections))} openly licensed collections. Different people drew "
                "the "
                "same brand in their own way; those logos are the ones to be found. Split by "
                "brand: "
                f"{splits['train']:,} logos to learn from, {splits['val']:,} to choose by, "
                f"{splits['test']:,} to report on. The marks belong to their owners."
            ],
            figures=[figures["groups"]],
        ),
        Section(
            "Segments and augmentation",
            [
                "A logo is cut into its parts, and parts are recoloured, removed, turned or "
                "scaled. What "
                "comes out is another logo that a person would still call similar."
            ],
            figures=[figures[n] for n in ("segments", "rotation", "augmentations")],
        ),
        Section(
            "Training",
            [
                f"{summary.steps} steps of {recipe.batch.images} images at "
                f"{recipe.model.image_size} px in "
                f"{summary.seconds:.0f} s ({summary.images_per_second:.0f} images/s); "
                f"{summary.bottleneck}. The weights kept are those of step "
                f"{summary.best_step + 1}, "
                "the best on the validation brands."
            ],
            figures=[figures["curves"]],
        ),
        Section(
            "Evaluation",
            [
                "Every test logo is a query, ranked against all other test logos (protocol: "
                "standard). "
                "Relevant are the other logos of its brand. Intervals are 95 % bootstrap intervals "
                "over "
                "brands. Crypto tokens, mostly two variants of one drawing, have a table of their "
                "own."
            ],
            tables=result_tables(rows, TRAINED),
        ),
        Section("What is found", figures=[figures["retrievals"], figures["failures"]]),
        Section("Search", figures=[figures["search"]]),
        Section(
            "How to get the same",
            [
                "Time: "
                + ", ".join(f"{name} {spent:.0f} s" for name, spent in seconds.items())
                + ". Data, versions and seed are in train/environment.json, "
                "every query's figures in "
                "results.json."
            ],
            listing=yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False),
        ),
    ]


def summary_lines(
    logos: LogoSet, rows: list[MethodResult], summary: TrainingSummary, seconds: dict[str, float]
) -> list[str]:
    """Five lines for the terminal: data, training, before, the strongest simple rival, after.

    Args:
        logos: the data set.
        rows: results of each method.
        summary: what the training did.
        seconds: how long each stage took.
    """

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
        f"after     {figures(TRAINED)}   (whole demo: {sum(seconds.values()) / 60:.1f} min)",
    ]
