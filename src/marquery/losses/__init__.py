"""Losses for retrieval: (embeddings, labels) in, one number out, labels in any order.

All of them take ``unlabelled``: the label of items that are only negatives, never queries or
positives (the paper's class 0); None, the default, makes every label a class.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marquery.extras import need

if TYPE_CHECKING:
    from marquery.losses.rank_loss import RankLoss
    from marquery.losses.recall_at_k import RecallAtKLoss
    from marquery.losses.smoothap import SmoothAPLoss, smooth_ap
    from marquery.losses.supap import SupAPLoss
    from marquery.losses.surrogates import PairLosses, RankSurrogate
    from marquery.losses.triplet import TripletLoss

__all__ = [
    "PairLosses",
    "RankLoss",
    "RankSurrogate",
    "RecallAtKLoss",
    "SmoothAPLoss",
    "SupAPLoss",
    "TripletLoss",
    "smooth_ap",
]

_HOME = {
    "PairLosses": "surrogates",
    "RankLoss": "rank_loss",
    "RankSurrogate": "surrogates",
    "RecallAtKLoss": "recall_at_k",
    "SmoothAPLoss": "smoothap",
    "SupAPLoss": "supap",
    "TripletLoss": "triplet",
    "smooth_ap": "smoothap",
}


def __getattr__(name: str) -> Any:
    # Recipes name losses long before PyTorch is needed.
    if name not in _HOME:
        raise AttributeError(f"module 'marquery.losses' has no attribute {name!r}")
    need(f"losses.{name}", "torch")
    value = getattr(import_module(f"marquery.losses.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
