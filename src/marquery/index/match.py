"""What a search tells of the logos that it found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from marquery.arrays import Int64Array
from marquery.boxes import Box
from marquery.index.metadata.filters import PREFIX
from marquery.index.metadata.types import ColumnType, Value, shown_value
from marquery.index.ranking import Ranked
from marquery.index.storage.register_words import WithRegisterWords
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.query import MixedQuery
from marquery.index.strategies.words import WORDS


@dataclass(frozen=True)
class Match:
    """One found logo."""

    rank: int
    """From 1."""
    score: float
    """Weighted mean of ``scores``, -1 to 1."""
    path: str
    """As text, see :mod:`marquery.names`."""
    id: int
    scores: dict[str, float]
    """Of each strategy, -1 to 1."""
    probability: float | None = None
    """That both are of one mark, 0 to 1, by all evidence (``auto``) or the cosine of the wholes
    (``overall``); None where neither was compared or the encoder is not calibrated. See
    :class:`marquery.calibration.evidence.EvidenceModel` and
    :class:`marquery.calibration.Calibration` for what it assumes."""
    by_chance: float | None = None
    """How many logos of other marks are expected to have this probability or a higher one in an
    index of this size; None where it is not known."""
    part: Box | None = None
    """Rectangle x, y, width, height of the part that was found, in pixels; None for the whole
    logo.
    """
    kind: str | None = None
    """``words``, ``figure`` or ``shape`` of that part."""
    words: str | None = None
    """What was read in the logo; None where nothing was looked for."""
    register_words: str | None = None
    """What the column of the index that holds words says of it; None where there is none."""
    words_by: str = ""
    """Which of the two is like the query's words: ``"read"`` or ``"register"``; empty where none
    is, or words were not compared."""
    reasons: dict[str, float] = field(default_factory=dict)
    """By evidence its share of what speaks for this logo, adding up to 1; empty where one kind of
    evidence was compared."""
    turned: str = ""
    """How the query was turned where it is most like this logo; empty: as it was given."""
    metadata: dict[str, Value] = field(default_factory=dict)


class Matches:
    """Tells of logos of one version of an index.

    Args:
        logos: its table.
        types: of its metadata.
        has_words: it has a column for words.
        count: its logos.
    """

    def __init__(
        self, logos: WithRegisterWords, types: dict[str, ColumnType], has_words: bool, count: int
    ) -> None:
        self._logos = logos
        self._types = types
        self._count = count
        names = ["id", "path", "part_kinds", "part_boxes", *(PREFIX + name for name in types)]
        names += [WORDS.name] if has_words else []
        self._columns = [*names, REGISTER_WORDS]

    def of(
        self, query: MixedQuery, ranked: Ranked, ranks: Sequence[int], order: Int64Array
    ) -> list[Match]:
        """The logos at some indices of a block.

        Args:
            query: that they were compared with.
            ranked: the block with its scores.
            ranks: of each, from 1.
            order: int64 (N,), indices into the block.
        """
        if not len(order):
            return []
        taken = self._logos.take(ranked.block.keys[order].tolist(), self._columns)
        stored = {row["id"]: row for row in taken.to_pylist()}
        out = []
        scored = ranked.scored
        for rank, index in zip(ranks, order.tolist(), strict=True):
            row = stored[int(ranked.block.ids[index])]
            view = int(scored.view[index])
            part = query.found_part(ranked.block, index, view)
            probability = query.probability(ranked.block, index, view)
            boxes = row["part_boxes"]
            out.append(
                Match(
                    rank=rank,
                    score=round(float(scored.total[index]), 6),
                    path=row["path"],
                    id=row["id"],
                    scores={n: round(float(s[index]), 6) for n, s in scored.by_strategy.items()},
                    probability=_rounded(probability),
                    by_chance=_rounded(query.by_chance(probability, self._count)),
                    part=tuple(boxes[4 * part - 4 : 4 * part]) if part else None,
                    kind=row["part_kinds"][part - 1] if part else None,
                    words=row.get(WORDS.name),
                    register_words=row[REGISTER_WORDS],
                    words_by=query.words_by(ranked.block, index, view),
                    reasons={
                        name: round(share, 4)
                        for name, share in query.reasons(ranked.block, index, view).items()
                    },
                    turned=str(query.views[view].turn),
                    metadata={name: shown_value(row[PREFIX + name]) for name in self._types},
                )
            )
        return out


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)
