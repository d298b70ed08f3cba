"""The whole story on real logos: data, augmentation, training, evaluation, search, report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from marquery.comparison.methods import UNTRAINED, compare
from marquery.comparison.results import results_dict, write_results
from marquery.datasets import LogoSet, build_openlogos
from marquery.demo.pictures import augmentation_pictures, result_pictures
from marquery.demo.words import TRAINED, lead, sections, summary_lines
from marquery.encoder import LogoEncoder
from marquery.reporting.html import write_report
from marquery.training.loop import train
from marquery.training.recipe import Recipe
from marquery.training.split import training_and_validation


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
        build_openlogos(data, source_dir=source, progress=True)
        logos = LogoSet.open(data)
        training, validation = training_and_validation(logos, recipe.seed)
        test = logos.split("test")
    with stages.stage("pictures of segments and augmentation"):
        figures = augmentation_pictures(training, recipe, pictures)
    with stages.stage("training"):
        summary = train(recipe, training, validation, out / "train", resume=True)
        say(summary.bottleneck)
        encoder = LogoEncoder.load(out / "train")
    with stages.stage("evaluation on the test brands"):
        rows = compare({TRAINED: encoder}, test)
        write_results(results_dict(rows, test, "standard"), out / "results.json")
    with stages.stage("search and report"):
        by_name = {row.name: row for row in rows}
        figures |= result_pictures(
            by_name[UNTRAINED], by_name[TRAINED], test, out / "train", pictures
        )
        report = out / "report.html"
        parts = sections(logos, rows, summary, recipe, figures, stages.seconds)
        write_report(report, "marquery: logos that look alike", lead(rows), parts)
    return report, summary_lines(logos, rows, summary, stages.seconds)
