"""Measuring retrieval: exact ranks, NAR, mAP and Recall@K under named protocols, with intervals."""

from marquery.evaluation.bootstrap import bootstrap_intervals
from marquery.evaluation.edited import evaluate_edited
from marquery.evaluation.evaluate import evaluate
from marquery.evaluation.protocols import PROTOCOLS, Protocol
from marquery.evaluation.result import RetrievalResult
from marquery.evaluation.strata import evaluate_pairs
from marquery.evaluation.top_k import top_k

__all__ = [
    "PROTOCOLS",
    "Protocol",
    "RetrievalResult",
    "bootstrap_intervals",
    "evaluate",
    "evaluate_edited",
    "evaluate_pairs",
    "top_k",
]
