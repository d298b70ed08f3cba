"""What ``marquery evaluate`` and ``marquery compare`` rank, and how they say what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from marquery.console import say, say_skipped
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.datasets import LogoSet
    from marquery.evaluation.protocols import Ties
    from marquery.reporting.comparison import How, Row


@dataclass(frozen=True)
class Wanted:
    """The options that decide what is ranked and measured."""

    protocol: str = "standard"
    split: str = "test"
    ties: "Ties | None" = None
    strata: bool = False
    distractors: int = 0
    queries_from: str | None = None
    clusters: bool = False
    alike: bool = False

    def check(self, edits: bool) -> None:
        """Refuse options that do not go together; raises UsageError."""
        plain = Wanted(split=self.split)
        if edits and self.protocol != plain.protocol:
            raise UsageError(
                f"--protocol {self.protocol}: edits are ranked by the protocol standard alone"
            )
        if edits and self != plain:
            raise UsageError(
                "--edits: goes without --strata, --distractors, --queries-from, --ties, --clusters, --alike"
            )
        if self.strata and self.protocol == "upstream":
            raise UsageError("--strata: the protocol upstream is not defined by strata")
        if self.alike and self.protocol == "upstream":
            raise UsageError("--alike: the protocol upstream is not defined by pairs")
        if self.ties is not None and self.protocol == "upstream":
            raise UsageError("--ties: the protocol upstream ranks ties as sorted; leave it out")

    def open(self, data: Path, model: str | None = None) -> "LogoSet":
        """The readable logos to rank; of a plain folder that ``model`` was trained on, those that it set aside."""
        from marquery.datasets import LogoSet
        from marquery.datasets.readable import readable
        from marquery.datasets.trained_groups import say_trained_groups
        from marquery.training.split import unseen_by

        whole, skipped = readable(LogoSet.open(data))
        say_skipped(skipped)
        if whole.has_splits:
            logos = whole.split(self.split)
            say_trained_groups(logos)
        else:
            unseen = None if model is None else unseen_by(Path(model), whole)
            if unseen is not None:
                say(
                    f"{model} was trained on this folder: only the groups set aside for validation are ranked"
                )
            logos = whole if unseen is None else unseen
        return self.with_distractors(logos, whole)

    def with_distractors(self, logos: "LogoSet", whole: "LogoSet") -> "LogoSet":
        """The set with as many unlabelled logos as are wanted."""
        if not self.distractors:
            return logos
        from marquery.datasets.selection import with_distractors

        return with_distractors(logos, whole, self.distractors)

    def how(self, logos: "LogoSet") -> "How":
        """How these logos are ranked; with strata, compares the pairs, or recalls what was found before."""
        from marquery.datasets.alike import judged_pairs
        from marquery.datasets.selection import of_collection
        from marquery.datasets.strata import pair_strata
        from marquery.reporting.comparison import How

        queries = None
        if self.queries_from is not None:
            queries = of_collection(logos, self.queries_from) & (logos.groups != "")
        pairs = pair_strata(logos) if self.strata else None
        judged = judged_pairs(logos) if self.alike else None
        return How(self.protocol, self.ties, queries, pairs, self.clusters, judged)

    def settings(self, how: "How | None" = None) -> dict[str, Any]:
        """For the file of results."""
        pairs = None if how is None else how.pairs
        return {
            "strata": None if pairs is None else pairs.digest(),
            "split": self.split,
            "ties": self.ties,
            "distractors": self.distractors,
            "queries_from": self.queries_from,
            "bootstrap": {"samples": 1000, "seed": 0},
        }


def report(
    rows: "Sequence[Row]",
    logos: "LogoSet",
    wanted: Wanted,
    how: "How",
    curve: Path | None,
    out: Path | None,
    models: Mapping[str, str] | None = None,
) -> None:
    """Print the tables, and write picture and file where they are wanted."""
    from marquery.reporting.comparison import (
        print_clusters,
        print_judged,
        print_strata,
        print_table,
    )
    from marquery.reporting.results import write_results

    print_table(rows)
    if wanted.strata:
        print_strata(rows)
    if wanted.alike:
        print_judged(rows)
    if wanted.clusters:
        print_clusters(rows)
    if curve is not None:
        draw_curve(rows, curve)
    if out is not None:
        write_results(rows, logos, wanted.protocol, out, wanted.settings(how), models)
        typer.echo(out)


def draw_curve(rows: "Sequence[Row]", curve: Path) -> None:
    """Write the picture of precision over recall."""
    from marquery.visualization.precision_recall import draw_precision_recall

    draw_precision_recall({row.name: row.result.precision for row in rows}, curve)
    typer.echo(curve)
