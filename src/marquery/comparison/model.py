"""``evaluate_model``: the figures of an encoder on a data set, with the simple rivals beside."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquery.comparison.methods import (
    MethodResult,
    RankingPlan,
    compare,
    compare_edits,
)
from marquery.comparison.options import EvaluationOptions
from marquery.comparison.results import results_dict, write_results
from marquery.console import say
from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.datasets.readable import readable
from marquery.datasets.selection import of_edition, with_distractors
from marquery.datasets.trained_groups import say_trained_groups
from marquery.encoder import LogoEncoder
from marquery.encoder.gpu import move_to_gpu
from marquery.encoder.spec import run_folder
from marquery.errors import ImageError
from marquery.evaluation import RetrievalResult
from marquery.training.split import unseen_by

if TYPE_CHECKING:
    from marquery.evaluation.protocols import Ties


@dataclass(frozen=True)
class ModelEvaluation:
    """What an evaluation found.

    Attributes:
        methods: the rivals, then the model.
        logos: what was ranked.
        options: what decided it.
        plan: how the logos were ranked; None for edits and conditions.
        models: name of a method -> fingerprint of its encoder.
        query_paths: file of each query, where these are no logos of the set.
        skipped: files that cannot be read.
    """

    methods: list[MethodResult]
    logos: LogoSet
    options: EvaluationOptions
    plan: RankingPlan | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    query_paths: list[str] | None = None
    skipped: list[ImageError] = field(default_factory=list)

    @property
    def result(self) -> RetrievalResult:
        """The model's: means, intervals and every query."""
        return self.methods[-1].result

    def __getitem__(self, name: str) -> RetrievalResult:
        """The result of a method by its name."""
        return {method.name: method.result for method in self.methods}[name]

    def to_dict(self) -> dict[str, Any]:
        """Every figure, every query, and what is needed to compute them again, in values that JSON
        knows.
        """
        return results_dict(
            self.methods,
            self.logos,
            self.options.protocol,
            self.options.settings(self.plan),
            self.models,
            self.query_paths,
        )

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_dict`, whole or not at all."""
        write_results(self.to_dict(), Path(path))


def evaluate_model(
    model: LogoEncoder | str | os.PathLike[str],
    data: LogoSet | str | os.PathLike[str],
    *,
    protocol: str = "standard",
    split: str = "test",
    ties: "Ties | None" = None,
    strata: bool = False,
    distractors: int = 0,
    queries_from: str | None = None,
    clusters: bool = False,
    alike: bool = False,
    edits: bool = False,
    conditions: bool = False,
    edition: int | None = None,
    ideas: bool = False,
    baselines: bool = True,
) -> ModelEvaluation:
    """Rank every logo of a split among the others by a model, and by the simple rivals.

    >>> import marquery as mq
    >>> found = mq.evaluate_model("default", "data/openlogos")  # doctest: +SKIP
    >>> found.result.map, found.result.intervals["map"]  # doctest: +SKIP

    Args:
        model: an encoder, or what :meth:`LogoEncoder.load` takes. A model that is loaded here
            computes on the GPU where there is one.
        data: a set, or a data set's folder. Of a plain folder that the model was trained on, the
            groups that the training set aside are ranked.
        protocol: see :class:`EvaluationOptions`, also the options up to ``conditions``.
        split: that is ranked.
        ties: rank of tied items.
        strata: also by what sets query and answer apart.
        distractors: unlabelled logos of other splits, from 0.
        queries_from: collection whose logos are queries.
        clusters: also how the embeddings cluster.
        alike: also on the pairs that were looked at.
        edits: queries are edited logos.
        conditions: queries are logos as they arrive.
        edition: of openlogos that is ranked, 1 or later.
        ideas: also find logos of other brands that show the same idea.
        baselines: also rank by untrained ImageNet features, grey pixels and a perceptual hash.

    Raises:
        UsageError: options do not go together, or do not fit the data.
        MarqueryError: there is no such model, or the data cannot be used.
    """
    options = EvaluationOptions(
        *(protocol, split, ties, strata, distractors, queries_from, clusters, alike, edits),
        conditions,
        edition,
        ideas,
    )
    name = "model" if isinstance(model, LogoEncoder) else str(model)
    encoder = load_for_evaluation(model)
    logos, skipped = ranked_logos(data, options, None if isinstance(model, LogoEncoder) else name)
    models = {name: encoder.fingerprint()}
    made = options.made
    if made is None:
        say(f"{len(logos):,} logos, protocol {protocol}")
        plan = options.plan(logos)
        methods = compare({name: encoder}, logos, baselines=baselines, plan=plan)
        return ModelEvaluation(methods, logos, options, plan, models, None, skipped)
    queries = EditSet.open(logos, split, made)
    how = "edited logos" if edits else "logos in other conditions"
    say(f"{len(queries.files):,} {how} among {len(logos):,}, protocol standard")
    methods = compare_edits({name: encoder}, logos, queries, baselines)
    paths = [file.relative_to(logos.root).as_posix() for file in queries.files]
    return ModelEvaluation(methods, logos, options, None, models, paths, skipped)


def load_for_evaluation(model: LogoEncoder | str | os.PathLike[str]) -> LogoEncoder:
    """An encoder as it is, or loaded by its name, on the GPU where there is one."""
    if isinstance(model, LogoEncoder):
        return model
    encoder = LogoEncoder.load(model)
    move_to_gpu(encoder)
    return encoder


def ranked_logos(
    data: LogoSet | str | os.PathLike[str],
    options: EvaluationOptions,
    model: str | None = None,
) -> tuple[LogoSet, list[ImageError]]:
    """The readable logos that are ranked, and the files that cannot be read.

    Args:
        data: a set, or its folder.
        options: edition, split and distractors.
        model: of a plain folder that this run was trained on, only the logos that it set aside are
            ranked.

    Raises:
        UsageError: there is no such edition, or there are not so many distractors.
        MarqueryError: the data cannot be used.
    """
    found = data if isinstance(data, LogoSet) else LogoSet.open(data)
    whole, skipped = readable(
        found if options.edition is None else of_edition(found, options.edition)
    )
    if whole.has_splits:
        logos = whole.split(options.split)
        say_trained_groups(logos)
    else:
        unseen = None if model is None else unseen_by(run_folder(model), whole)
        if unseen is not None:
            say(
                f"{model} was trained on this folder: only the groups set aside for validation are "
                "ranked"
            )
        logos = whole if unseen is None else unseen
    if options.distractors:
        logos = with_distractors(logos, whole, options.distractors)
    return logos, skipped
