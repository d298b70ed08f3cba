"""Logos of a large index that may be among the best, by its approximate indices and its words."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from threading import Lock

from marquery.arrays import Float32Array, Int64Array
from marquery.cores import side_by_side
from marquery.index.metadata.conditions import Condition, IsMissing, Not, Or
from marquery.index.storage.register_words import WithRegisterWords
from marquery.index.storage.table import ROW_KEY, Table
from marquery.index.strategies.known_words import REGISTER_WORDS
from marquery.index.strategies.query import MixedQuery
from marquery.index.strategies.word_overlap import WordCounts
from marquery.index.strategies.words import WORDS
from marquery.index.strategies.written import WrittenWords

#: Candidates that an approximate index gives for each query vector; they are ranked by their full
#: vectors.
CANDIDATES = 500
# Candidates for each place of the ranking, at least, where those of several vectors are taken
# together.
_DEPTH = 3
# Candidates of one vector for each place that a filter has to leave: the vectors of a query find
# different ones, and 1.6 let 1 in 50 marks of a million be reached (docs/scale.md).
_LEFT = 1.6
# Clusters of the approximate index that are looked into.
_PROBES = 64


class CandidateSearch:
    """Candidates of one version of an index.

    Args:
        table: of the index.
        logos: the same with the words of the register.
        has_words: there is a column of words that were read.
        ids: gives the ids of the logos that fulfil a condition.
    """

    def __init__(
        self,
        table: Table,
        logos: WithRegisterWords,
        has_words: bool,
        ids: Callable[[Condition], Int64Array],
    ) -> None:
        self._table = table
        self._logos = logos
        self._has_words = has_words
        self._ids = ids
        self._lock = Lock()

    @property
    def word_counts(self) -> WordCounts:
        """In how many logos each word stands, by a sample."""
        return self._words().counts

    def find(self, query: MixedQuery, where: Condition | None, last: int) -> list[int]:
        """Keys of logos that may be among the best.

        Args:
            query: what to look for.
            where: only logos that fulfil it.
            last: place of the last hit that is asked for, from 1.
        """
        searches: list[Callable[[], Iterable[int]]] = []
        is_alone = len(query.strategies) == 1
        for strategy in query.strategies:
            together = strategy.candidates_together if is_alone else None
            most = CANDIDATES if together is None else max(together, _DEPTH * last)
            enough = min(most, int(_LEFT * last))
            for view in query.views:
                prepared = view.prepared[strategy.name]
                for source in strategy.candidates_from:
                    vectors = strategy.candidate_vectors(prepared, source)
                    several = list(vectors[:, None]) if together is None else [vectors]
                    searches += [
                        partial(self._near, source.name, some, most, where, enough)
                        for some in several
                    ]
                searches += [
                    partial(self._with_words, text, where, strategy.candidates_by_words)
                    for text in strategy.candidate_words(prepared)
                ]
        return sorted(set().union(*side_by_side(searches)))

    def _near(
        self, column: str, vectors: Float32Array, most: int, where: Condition | None, enough: int
    ) -> list[int]:
        near = self._table.nearest(column, vectors, most, where, probes=_PROBES, enough=enough)
        return list(map(int, near))

    def _words(self) -> WrittenWords:
        """Read once, whichever threads ask."""
        with self._lock:
            return self._written

    @cached_property
    def _written(self) -> WrittenWords:
        told = [WORDS.name] if self._has_words else []
        told += [] if self._logos.column is None else [self._logos.column]
        some = Or(tuple(Not(IsMissing(name)) for name in told))
        return WrittenWords(self._logos.read(("id", ROW_KEY, WORDS.name, REGISTER_WORDS), some))

    def _with_words(self, text: str, where: Condition | None, by_words: bool) -> list[int]:
        """Keys of the logos whose words are most like a text."""
        allowed = None if where is None else self._ids(where)
        written = self._words()
        if by_words:
            return written.alike(text, allowed)
        return written.nearest(text, written.counts, CANDIDATES, allowed)
