"""Losses for retrieval: (embeddings, labels) in, one number out, labels in any order."""

from marquery.losses.rank_loss import RankLoss
from marquery.losses.recall_at_k import RecallAtKLoss
from marquery.losses.smooth_ap import SmoothAPLoss, smooth_ap
from marquery.losses.sup_ap import SupAPLoss
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
