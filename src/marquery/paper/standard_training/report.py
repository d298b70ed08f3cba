"""What is told of the test: NAR under every protocol, all figures as JSON, and a picture."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from marquery.arrays import Float32Array
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import PROTOCOLS, RetrievalResult, evaluate, top_k
from marquery.files import write_atomically
from marquery.progress import progress_bar
from marquery.visualization.canvas import save_picture
from marquery.visualization.retrieval import RetrievalRow, draw_retrievals

RESULTS = "results.json"
PICTURE = "sample_recoveries.png"
_QUERIES_SHOWN = 10
_FOUND_SHOWN = 10


def report_test(encoder: LogoEncoder, test: LogoSet, ks: Sequence[int], run: Path) -> str:
    """Rank the labelled logos of a set among all of it; write ``results.json`` and the picture.

    Args:
        encoder: what is evaluated.
        test: the set.
        ks: K of Recall@K.
        run: folder that is written.

    Returns:
        A table: NAR with its 95 % interval, mAP and Recall@K under each protocol.

    Raises:
        MarqueryError: no query has anything to find, or the folder cannot be written.
    """
    with progress_bar("embedding the test logos", len(test)) as advance:
        vectors = encoder.embed(test.files(), progress=advance)
    strata = test.namespaces if len(set(test.namespaces)) > 1 else None
    results = {
        name: evaluate(vectors, test.groups, protocol=name, ks=ks, strata=strata)
        for name in PROTOCOLS
    }
    body = {
        "data": {"folder": test.root.name, "logos": len(test), "sha256": test.fingerprint()},
        "encoder": {"sha256": encoder.fingerprint()},
        "protocols": {name: result.to_dict() for name, result in results.items()},
    }
    text = json.dumps(body, indent=1, allow_nan=False) + "\n"
    write_atomically(run / RESULTS, lambda path: path.write_text(text, encoding="utf-8"))
    save_picture(draw_retrievals(_rows(test, vectors)), run / PICTURE)
    return "\n".join([*_table(results), f"{run}: {RESULTS}, {PICTURE}"])


def _table(results: Mapping[str, RetrievalResult]) -> Iterator[str]:
    first = next(iter(results.values()))
    counts = first.counts
    yield f"{counts['queries']:,} queries of {counts['groups']:,} groups"
    recalls = "".join(f"{f'R@{k}':>7}" for k in first.recall)
    yield f"{'protocol':<28}{'NAR':>7}{'95 %':>15}{'mAP':>8}{recalls}"
    for name, result in results.items():
        yield _line(name, result)
        for stratum, part in result.by_stratum.items():
            yield _line(f"{name}, {stratum}", part)


def _line(name: str, result: RetrievalResult) -> str:
    low, high = result.intervals.get("nar", (float("nan"),) * 2)
    interval = f"{low:.3f}–{high:.3f}" if low == low else ""
    recalls = "".join(f"{value:>7.3f}" for value in result.recall.values())
    return f"{name:<28}{result.nar:>7.4f}{interval:>15}{result.map:>8.3f}{recalls}"


def _rows(test: LogoSet, vectors: Float32Array) -> list[RetrievalRow]:
    """Some queries drawn at random (seeded), one a group as far as it goes, with what is found for
    them.
    """
    _, inverse, sizes = np.unique(test.groups, return_inverse=True, return_counts=True)
    queries = np.flatnonzero((test.groups != "") & (sizes[inverse] > 1))
    queries = np.random.default_rng(0).permutation(queries)
    _, firsts = np.unique(test.groups[queries], return_index=True)
    order = [*np.sort(firsts), *np.setdiff1d(np.arange(len(queries)), firsts)]
    chosen = queries[order[:_QUERIES_SHOWN]]
    files = test.files()
    found, _ = top_k(vectors[chosen], vectors, _FOUND_SHOWN, exclude=[[int(q)] for q in chosen])
    return [
        RetrievalRow(
            title=f"group {test.groups[query]}\n{files[query].name}",
            query=files[query],
            found=[(files[i], bool(test.groups[i] == test.groups[query])) for i in hits if i >= 0],
        )
        for query, hits in zip(chosen, found, strict=True)
    ]
