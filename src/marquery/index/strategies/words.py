"""``words``: what is written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from marquery.arrays import Float32Array
from marquery.errors import MarqueryError
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.base import QueryRequest, Strategy
from marquery.index.strategies.block import Block
from marquery.index.strategies.columns import StoredColumn, VectorSizes
from marquery.index.strategies.known_words import REGISTER_WORDS, KnownWords
from marquery.index.strategies.ocr import word_reader
from marquery.index.strategies.projection import Projection
from marquery.index.strategies.reading import read_words
from marquery.index.strategies.wording import plain

if TYPE_CHECKING:
    from marquery.index.likeness.evidence import Evidence
    from marquery.index.likeness.pair import PairFacts


class ReadWords(StoredColumn[KnownWords]):
    """The words that were read, null where none were looked for; compared with those that the
    register has.
    """

    name = "words"
    reads = (name, REGISTER_WORDS)
    order = 40
    optional = True

    def field(self, sizes: VectorSizes) -> pa.Field:
        """Text."""
        return pa.field(self.name, pa.string())

    def note(self, logo: LogoAnalysis) -> str | None:
        """See :func:`marquery.index.strategies.reading.read_words`."""
        return read_words(logo.pixels, logo.segmentation)

    def load(self, stored: pa.Table) -> KnownWords:
        """As they are compared."""
        read, register = (
            [plain(text or "") for text in stored[name].to_pylist()]
            if name in stored.column_names
            else None
            for name in self.reads
        )
        return KnownWords(read or [""] * len(stored), register)


WORDS = ReadWords()


class Words(Strategy[list[str]]):
    """How alike the words are. A prepared query is a list of plain texts."""

    name = "words"
    label = "Words"
    compared = "words"
    help = "what is written"
    columns = (WORDS,)
    candidates_by_words = True
    finds_only_above_zero = True
    takes_words = True
    needs_words_only = True

    def prepare(
        self, request: QueryRequest, vectors: Float32Array, projection: Projection
    ) -> list[str]:
        """The words given, or those that are read in the images.

        Raises:
            MarqueryError: words are to be read in an image, and there is no reader.
        """
        if request.words is not None:
            return [plain(request.words)]
        return [plain(self._read(logo)) for logo in request.logos]

    def score(self, block: Block, query: list[str]) -> Float32Array:
        """0 to 1; 0 where one of the two has no words."""
        texts = block.column(WORDS)
        likeness: list[Any] = [texts.similarity_to(text) for text in query]
        best: Float32Array = np.max([np.zeros(len(block), np.float32), *likeness], axis=0)
        return best

    def candidate_words(self, query: list[str]) -> Sequence[str]:
        """The query's."""
        return [text for text in query if text]

    def words_by(self, block: Block, index: int, query: list[str]) -> str:
        """By the score."""
        return block.column(WORDS).source(
            index, lambda words: np.max([words.similarity_to(text) for text in query], axis=0)
        )

    def explain(self, pair: "PairFacts") -> "Evidence":
        """Two texts with the letters that both have."""
        from marquery.index.likeness.evidence import evidence_of_words

        return evidence_of_words(pair)

    def _read(self, logo: LogoAnalysis) -> str:
        read = WORDS.note(logo)
        if read is None:
            raise MarqueryError(f"the query's words cannot be read: {word_reader()}")
        return read
