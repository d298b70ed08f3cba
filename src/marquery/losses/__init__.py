"""Losses for retrieval: (embeddings, labels) in, one number out, labels in any order."""

from marquery.losses.smooth_ap import SmoothAPLoss, smooth_ap
from marquery.losses.triplet import TripletLoss

__all__ = ["SmoothAPLoss", "TripletLoss", "smooth_ap"]
