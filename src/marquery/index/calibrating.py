"""Fitting what ``auto`` needs of an encoder: a projection of parts, and how evidence is weighed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array, Float64Array, Int64Array, StrArray
from marquery.calibration.chance import FalseAlarms
from marquery.calibration.evidence import EvidenceModel, PriorMap
from marquery.calibration.evidence_fit import (
    check_listed,
    draw_evidence,
    fit_terms,
    fit_to_lists,
    listed_pairs,
    queries_of,
)
from marquery.calibration.rare import check_rare, count_all, fine_edges, fit_rare
from marquery.datasets import LogoSet
from marquery.datasets.selection import brands_of
from marquery.encoder import LogoEncoder
from marquery.errors import ImageError, MarqueryError
from marquery.extras import need
from marquery.files import stamp_of
from marquery.index.storage.reading import ReadLogo
from marquery.index.storage.reading_workers import LogoReader, ReadingJob
from marquery.index.storage.rows import make_row, table_schema, to_table
from marquery.index.storage.table import ROW_KEY
from marquery.index.strategies.auto import QueryEvidence, evidence_on
from marquery.index.strategies.block import Block, block_of
from marquery.index.strategies.columns import VectorSizes
from marquery.index.strategies.projection import Projection, fit_projection
from marquery.index.strategies.registry import stored_columns
from marquery.index.strategies.word_overlap import WordCounts
from marquery.index.strategies.wording import plain
from marquery.progress import progress_bar


@dataclass(frozen=True)
class FittedEvidence:
    """What came of it, written beside the encoder."""

    model: EvidenceModel
    projection: Projection


def fit_evidence(
    encoder: LogoEncoder, folder: Path, data: LogoSet, seed: int = 0
) -> FittedEvidence:
    """Fit on the brands of ``val``, test on those of ``test``, write both beside the encoder.

    Args:
        encoder: the encoder.
        folder: where its files are.
        data: a set with the splits ``val`` and ``test``.
        seed: of pairs.

    Raises:
        MissingExtraError: what reads or compares words is not installed.
        MarqueryError: a split is missing, or has no two logos of one group.
    """
    need("calibrating with words", "rapidfuzz", "rapidocr", "scipy")
    val = data.split("val")
    val = val.subset(brands_of(val))
    test = data.split("test")
    test = test.subset(brands_of(test))
    fingerprint = encoder.fingerprint()
    logos = ReadLogos.read(encoder, folder, val, "reading val")
    projection = fit_projection(logos.part_vectors(), fingerprint=fingerprint)
    compared = logos.compared(projection)
    with progress_bar("comparing", len(queries_of(compared.groups)), unit="logos") as advance:
        pairs = draw_evidence(compared.evidence, compared.groups, seed, advance)
    intercept, terms = fit_terms(pairs)
    draft = EvidenceModel(
        fingerprint=fingerprint,
        data=f"{data.root.resolve().name} val",
        logos=len(compared.groups),
        pairs=len(pairs.same),
        intercept=intercept,
        terms=terms,
        rare=PriorMap(prior="none yet", logits=(0.0,), probabilities=(0.0,)),
    )
    logits = compared.logits(draft)
    draft = fit_to_lists(draft, *listed_pairs(logits.__getitem__, compared.groups, seed))
    logits = compared.logits(draft)
    counts = count_all(logits.__getitem__, compared.groups, fine_edges(logits.values()))
    chance = [
        draft.probability(v[compared.groups != compared.groups[q]]) for q, v in logits.items()
    ]
    alarms = FalseAlarms.measure(np.concatenate(chance))
    model = draft.model_copy(update={"rare": fit_rare(counts), "false_alarms": alarms})
    others = ReadLogos.read(encoder, folder, test, "reading test").compared(projection)
    logits = others.logits(model)
    # A larger collection has harder negatives, which is another prior: lists of as many logos.
    pieces = [
        listed_pairs(partial(_among, logits, chosen), others.groups[chosen], seed)
        for chosen in in_pieces(others.groups, len(compared.groups), seed)
    ]
    listed, same = (np.concatenate(several) for several in zip(*pieces, strict=True))
    counts = count_all(logits.__getitem__, others.groups, fine_edges(logits.values()))
    name, size = f"{data.root.resolve().name} test", len(others.groups)
    model = model.model_copy(
        update={
            "test": check_listed(model, listed, same, name, size),
            "rare_test": check_rare(model, counts, name, size),
        }
    )
    projection.save(folder)
    model.save(folder)
    return FittedEvidence(model, projection)


class ComparedLogos:
    """Logos that are compared with each other.

    Args:
        block: the logos.
        queries: each as a query.
        groups: (N,) names of marks.
        counts: of their words.
    """

    def __init__(
        self,
        block: Block,
        queries: Sequence[QueryEvidence],
        groups: StrArray,
        counts: WordCounts,
    ) -> None:
        self.groups = groups
        self._block, self._queries, self._counts = block, queries, counts

    def evidence(self, query: int) -> Mapping[str, Float32Array]:
        """On all logos, (N,) each."""
        return evidence_on(self._block, self._queries[query], self._counts)

    def logits(self, model: EvidenceModel) -> dict[int, Float64Array]:
        """By query, (N,) logits with all logos."""
        return {query: model.logit(self.evidence(query)) for query in queries_of(self.groups)}


def _among(logits: Mapping[int, Float64Array], chosen: Int64Array, query: int) -> Float64Array:
    """Logits of the query-th of some logos with these logos."""
    return logits[int(chosen[query])][chosen]


def in_pieces(groups: StrArray, size: int, seed: int) -> list[Int64Array]:
    """Logos in pieces of about ``size``, groups whole.

    Args:
        groups: (N,) names of marks; ``""`` is each its own.
        size: logos of a piece.
        seed: of the order of groups.
    """
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    count = max(1, round(len(groups) / size))
    order = np.random.default_rng(seed).permutation(len(names))
    sizes[names == ""] = 0
    ends = np.cumsum(sizes[order])
    piece_of = np.empty(len(names), np.int64)
    piece_of[order] = np.clip((ends - 1) * count // max(int(ends[-1]), 1), 0, count - 1)
    pieces = piece_of[codes]
    blank = np.flatnonzero(groups == "")
    pieces[blank] = np.arange(len(blank)) % count
    return [np.flatnonzero(pieces == piece) for piece in range(count)]


@dataclass(frozen=True)
class ReadLogos:
    """Logos as an index reads them, with the vectors of all their pictures."""

    logos: Sequence[ReadLogo]
    vectors: Sequence[Float32Array]
    groups: StrArray

    @classmethod
    def read(cls, encoder: LogoEncoder, folder: Path, logos: LogoSet, label: str) -> "ReadLogos":
        """Read and embed the logos of a set, in all processes.

        Args:
            encoder: embeds.
            folder: where it is stored.
            logos: the set.
            label: of the progress bar.

        Raises:
            MarqueryError: a logo cannot be read.
        """
        jobs = []
        for number, file in enumerate(logos.files()):
            stamp = stamp_of(Path(file))
            if stamp is None:
                raise MarqueryError(f"{file}: cannot be read; build the data set again")
            jobs.append(ReadingJob(str(file), stamp, "", number))
        found: dict[int, tuple[ReadLogo, Float32Array]] = {}
        with (
            progress_bar(label, len(jobs), unit="logos") as advance,
            closing(LogoReader(encoder, folder, stored_columns(), len(jobs))) as reader,
        ):
            for job, logo, vectors in reader.read(jobs):
                if isinstance(logo, ImageError):
                    raise logo
                found[job.id] = (logo, vectors)
                advance(1)
        order = sorted(found)
        groups = np.asarray(logos.groups)[order]
        return cls([found[i][0] for i in order], [found[i][1] for i in order], groups)

    def part_vectors(self) -> Float32Array:
        """(M, D): those of all pictures, of which most are parts."""
        return np.concatenate(list(self.vectors))

    def compared(self, projection: Projection) -> ComparedLogos:
        """The logos with vectors of parts and silhouettes projected.

        Args:
            projection: of the encoder.
        """
        columns = stored_columns()
        rows = [
            make_row(number, logo, vectors, columns, projection)
            for number, (logo, vectors) in enumerate(zip(self.logos, self.vectors, strict=True))
        ]
        whole = self.vectors[0].shape[1]
        schema = table_schema(columns, VectorSizes(whole, projection.dim))
        table = to_table(rows, schema, columns)
        keys = pa.array(np.arange(len(rows), dtype=np.uint64))
        block = block_of(table.append_column(ROW_KEY, keys), ROW_KEY)
        texts = [plain(row.values["words"] or "") for row in rows]
        queries = [
            QueryEvidence(
                whole=np.asarray(row.values["vector"], np.float32),
                shape=np.asarray(row.values["shape"], np.float32),
                parts=np.asarray(row.values["parts"], np.float32),
                colors=np.asarray(row.values["colors"], np.float32).reshape(-1, 4),
                words=text,
            )
            for row, text in zip(rows, texts, strict=True)
        ]
        return ComparedLogos(block, queries, self.groups, WordCounts(texts))
