"""``marquery evaluate`` on embeddings from a file: made by marquery, by another program, years
ago.
"""

import hashlib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquery.cli.ranking import draw_curve, print_methods
from marquery.comparison import EvaluationOptions
from marquery.console import say, tell
from marquery.errors import MarqueryError, UsageError

if TYPE_CHECKING:
    from marquery.datasets import LogoSet
    from marquery.evaluation.sources import EmbeddingFile


def evaluate_file(
    source: Path,
    data: Path | None,
    gallery: Path | None,
    options: EvaluationOptions,
    curve: Path | None,
    out: Path | None,
) -> None:
    """Rank embeddings; groups come from the data set where one is named, otherwise from the files.

    Raises:
        UsageError: both a data set and a gallery are named.
        MarqueryError: a file cannot be used, or has no embedding of any logo of the data set.
    """
    from marquery.comparison.methods import MethodResult, rank_logos
    from marquery.comparison.results import results_dict, write_results
    from marquery.evaluation import evaluate
    from marquery.evaluation.sources import need_groups, open_embeddings

    if data is not None and gallery is not None:
        raise UsageError(
            "gallery", "the data set says what is ranked", "leave out --data or --gallery"
        )
    if data is None and options.of_a_data_set:
        raise UsageError(
            "data",
            "strata, distractors, collections and clusters are of a data set",
            "name its folder",
        )
    with ExitStack() as opened:
        file = opened.enter_context(open_embeddings(source))
        if data is not None:
            logos, vectors = _of_data(file, data, options)
            plan = options.plan(logos)
            methods = [rank_logos(source.name, vectors, logos, plan)]
            print_methods(methods, options)
            if curve is not None:
                draw_curve(methods, curve)
            if out is not None:
                settings = options.settings(plan)
                write_results(results_dict(methods, logos, options.protocol, settings), out)
                tell(out)
            return
        beside = opened.enter_context(open_embeddings(gallery)) if gallery else None
        result = evaluate(
            file.vectors,
            need_groups(file),
            None if beside is None else beside.vectors,
            # A gallery without groups is of logos that are similar to no query.
            None if beside is None else beside.groups or [""] * len(beside.vectors),
            protocol=options.protocol,
            ties=options.ties,
        )
        methods = [MethodResult(source.name, result, file.vectors)]
        print_methods(methods, options)
    if curve is not None:
        draw_curve(methods, curve)
    if out is not None:
        body = {
            "protocol": options.protocol,
            "settings": options.settings(),
            "data": {f.name: _digest(f) for f in (source, gallery) if f is not None},
            "methods": {source.name: result.to_dict()},
        }
        write_results(body, out)
        tell(out)


def _of_data(
    file: "EmbeddingFile", data: Path, options: EvaluationOptions
) -> tuple["LogoSet", Any]:
    """The logos of a data set that the file has embeddings of, and these, row by row."""
    import numpy as np

    from marquery.datasets import LogoSet
    from marquery.datasets.selection import with_distractors
    from marquery.datasets.trained_groups import say_trained_groups

    whole = LogoSet.open(data)
    logos = whole
    if whole.has_splits:
        logos = whole.split(options.split)
        say_trained_groups(logos)
    if options.distractors:
        logos = with_distractors(logos, whole, options.distractors)
    rows = file.rows_of(logos.root, logos.paths)
    missing = int((rows < 0).sum())
    if missing == len(logos):
        raise MarqueryError(
            f"{file.source}: has no embedding of any of the {len(logos):,} logos (its paths look "
            f"like {file.paths[0]}, those of the data set like {logos.root / logos.paths[0]}); "
            "embed this data set"
        )
    if missing:
        say(f"{missing:,} of {len(logos):,} logos have no embedding in {file.source}: left out")
        logos, rows = logos.subset(rows >= 0), rows[rows >= 0]
    # In the file's order, so that a matrix that is used whole is not copied; nothing but exact ties
    # under the protocol upstream depends on the order.
    order = np.argsort(rows)
    if len(rows) == len(file.vectors):
        return logos.subset(order), file.vectors
    return logos.subset(order), file.vectors[rows[order]]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
