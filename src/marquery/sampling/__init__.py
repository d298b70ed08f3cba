"""Which logos meet in a batch, and as what: the paper's batches, P x K over groups, and views."""

from marquery.sampling.draws import (
    NEGATIVE,
    POSITIVE,
    UNLABELLED,
    BatchSampler,
    Draw,
    Role,
    StepBatches,
)
from marquery.sampling.groups import GroupSampler
from marquery.sampling.paper import PaperSampler
from marquery.sampling.views import ViewSampler

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "UNLABELLED",
    "BatchSampler",
    "Draw",
    "GroupSampler",
    "PaperSampler",
    "Role",
    "StepBatches",
    "ViewSampler",
]
