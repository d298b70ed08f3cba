"""Which logos meet in a batch, and as what: the paper's batches, P x K over groups, views, logos
confused with each other, and compositions of two."""

from marquery.sampling.compositions import CompositionSampler
from marquery.sampling.draws import (
    NEGATIVE,
    POSITIVE,
    UNLABELLED,
    BatchSampler,
    ClassSampler,
    Draw,
    Role,
    StepBatches,
    part_of_range,
)
from marquery.sampling.groups import GroupSampler
from marquery.sampling.neighbours import NeighbourSampler
from marquery.sampling.paper import PaperSampler
from marquery.sampling.views import ViewSampler

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "UNLABELLED",
    "BatchSampler",
    "ClassSampler",
    "CompositionSampler",
    "Draw",
    "GroupSampler",
    "NeighbourSampler",
    "PaperSampler",
    "Role",
    "StepBatches",
    "ViewSampler",
    "part_of_range",
]
