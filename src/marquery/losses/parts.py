"""What a recipe says of each loss: all options of its constructor, with the
constructor's defaults; but for ``unlabelled``, since samplers do mark some items as negatives.

To add a loss: its class in a file of its own, its part here with one line in :data:`LossPart`, and
its name in ``marquery.losses``. Importing this loads neither PyTorch nor a loss.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field

from marquery.recipe_part import RecipePart

if TYPE_CHECKING:
    from torch import nn

#: The label by which samplers mark items that are only negatives.
UNLABELLED = -1
Temperature = Annotated[float, Field(ge=1e-12, le=1e12)]


class _AnyLoss(RecipePart, ABC):
    unlabelled: int | None = UNLABELLED
    """Items of this label are only negatives, never queries or positives; ``null``: every label is
    a class.
    """

    def options(self) -> dict[str, Any]:
        """Arguments of the loss's constructor."""
        return self.model_dump(exclude={"kind"})

    @abstractmethod
    def build(self) -> "nn.Module":
        """The loss with these options."""


class _RankLossPart(_AnyLoss):
    reduction: Literal["mean", "sum"] = "mean"
    """Over the queries of a batch; what is minimised is one number."""
    chunk_mib: float = Field(8.0, gt=0)
    """Working memory of the backend ``eager``, MiB."""
    backend: Literal["auto", "compiled", "eager"] = "auto"


class SmoothAPPart(_RankLossPart):
    """See :class:`marquery.losses.SmoothAPLoss`."""

    kind: Literal["smoothap"] = "smoothap"
    temperature: Temperature = 0.01
    query_is_positive: bool = False

    def build(self) -> "nn.Module":
        """The loss with these options."""
        from marquery.losses import SmoothAPLoss

        return SmoothAPLoss(**self.options())


class SupAPPart(_RankLossPart):
    """See :class:`marquery.losses.SupAPLoss`."""

    kind: Literal["supap"]
    temperature: Temperature = 0.01
    slope: float = Field(100.0, ge=0)
    linear_from: float = Field(0.05, ge=0)
    calibration: float = Field(0.0, ge=0, le=1)
    """Weight of the calibration (0.5 is ROADMAP)."""
    positive_margin: float = 0.9
    negative_margin: float = 0.6
    query_is_positive: bool = False

    def build(self) -> "nn.Module":
        """The loss with these options."""
        from marquery.losses import SupAPLoss

        return SupAPLoss(**self.options())


class RecallAtKPart(_RankLossPart):
    """See :class:`marquery.losses.RecallAtKLoss`."""

    kind: Literal["recall"]
    k: tuple[Annotated[int, Field(ge=1)], ...] = Field((1, 2, 4, 8, 16), min_length=1)
    """The K of Recall@K that are averaged."""
    temperature: Temperature = 0.01
    k_temperature: Temperature = 1.0

    def build(self) -> "nn.Module":
        """The loss with these options."""
        from marquery.losses import RecallAtKLoss

        return RecallAtKLoss(**self.options())


class TripletPart(_AnyLoss):
    """See :class:`marquery.losses.TripletLoss`."""

    kind: Literal["triplet"]
    margin: float = Field(0.2, ge=0)
    mining: Literal["distance", "semihard", "random"] = "distance"

    def build(self) -> "nn.Module":
        """The loss with these options."""
        from marquery.losses import TripletLoss

        return TripletLoss(**self.options())


LossPart = Annotated[
    SmoothAPPart | SupAPPart | RecallAtKPart | TripletPart,
    Field(discriminator="kind"),
]


def loss_parts() -> dict[str, type[RecipePart]]:
    """Kind -> what a recipe says of it."""
    union = get_args(LossPart)[0]
    return {get_args(p.model_fields["kind"].annotation)[0]: p for p in get_args(union)}
