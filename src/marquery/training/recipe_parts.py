"""The sections of a recipe, but for augmentation and loss."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from marquery.kinds import Pooling
from marquery.recipe_part import RecipePart


class ModelPart(RecipePart):
    """The encoder to train."""

    start: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """An encoder to go on from: what ``LogoEncoder.load`` takes. Backbone, dim, pooling are its own
    then. Several, trained from one start: the mean of their weights."""
    backbone: str = "tf_efficientnet_lite0"
    """A timm model, or one of the paper's: ``resnet50``, ``resnext50``, ``convnext``,
    ``swinTransformer``."""
    dim: int = Field(512, ge=2)
    """Length of the embedding."""
    pooling: Pooling = "avg"
    """How the last maps become one vector: their mean, or their generalised mean."""
    image_size: int = Field(224, ge=32, le=1024)
    """Side of the network's square input, in pixels."""
    stack_lockups: bool | None = None
    """Set a figure beside words above them before all else; ``null``: as ``start`` does, else
    no.
    """
    pretrained: bool = True
    """Begin from ImageNet weights; ``false``: from random ones."""
    freeze_batchnorm: bool = True
    """Keep BatchNorm's running statistics fixed."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        fields = type(self).model_fields
        own = ("backbone", "dim", "pooling", "pretrained")
        changed = [name for name in own if getattr(self, name) != fields[name].default]
        if self.start is not None and changed:
            raise ValueError(f"{changed[0]} does not go with start, whose encoder has its own")
        return self


class NeighboursPart(RecipePart):
    """Batches of logos that the network confuses."""

    every: int = Field(100, ge=1)
    """Steps between searches of the training set in itself; the first comes before step 0."""
    cluster: int = Field(8, ge=2)
    """Classes that are put together: one whose turn it is and others near it."""
    pool: int = Field(32, ge=1)
    """The others are drawn at random from the classes of so many nearest logos."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.pool < self.cluster - 1:
            raise ValueError(
                f"pool: {self.pool} nearest logos cannot give {self.cluster - 1} neighbours; use "
                "more"
            )
        return self


class BatchPart(RecipePart):
    """Which logos meet in a batch."""

    kind: Literal["views", "groups", "paper"] = "views"
    """``views``: each logo is a class; ``groups``: labelled groups; ``paper``: one group among
    unlabelled logos."""
    size: int = Field(96, ge=4)
    """Images a batch."""
    per_class: int = Field(4, ge=2)
    """Views of a logo, logos of a group, or positives of the paper's batch."""
    least_group: int = Field(2, ge=1)
    """``groups``: size from which a group takes part (1: single logos by their views alone)."""
    namespaces: tuple[str, ...] | None = Field(None, min_length=1)
    """``groups``: only groups of these namespaces take part, such as ``[brand]``; ``null``: all."""
    unlabelled: Literal["out", "views"] = "out"
    """``groups``: logos without a group stay out, or each is a class of its own, by its views."""
    compositions: int = Field(0, ge=0)
    """Images a batch, beside ``size``: a logo of it with a part of one of another class, ranked as
    a negative only; where no part fits, more often than not, one more view of its class."""
    micro: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    """Images of which a graph is kept at a time; a larger batch goes by gradient caching. ``auto``:
    32 at 224 pixels, more of smaller ones."""
    neighbours: NeighboursPart | None = None
    """``groups``, ``views``: hard-neighbour batches."""

    @property
    def images(self) -> int:
        """All images of a batch."""
        return self.size + self.compositions

    @model_validator(mode="after")
    def _neighbours_fit(self) -> Self:
        if self.neighbours is not None and self.kind == "paper":
            raise ValueError(
                "neighbours: the paper's batches hold one group and have no neighbours; use kind "
                "groups or views"
            )
        return self


class MemoryPart(RecipePart):
    """Embeddings of past steps, ranked together with the batch."""

    size: int = Field(ge=1)
    """Embeddings kept."""
    after: int = Field(0, ge=0)
    """Step from which they are used."""
    max_age: int | None = Field(None, ge=1)
    """Greatest age in steps; ``null``: as long as they are kept."""


class TeacherPart(RecipePart):
    """An encoder whose neighbourhoods are to be kept, beside the loss."""

    encoder: str
    """What ``LogoEncoder.load`` takes; ``timm:NAME`` for ImageNet features."""
    weight: float = Field(0.1, gt=0)
    """How much it counts beside the loss."""
    temperature: float = Field(0.05, gt=0)
    """Of the softmax over the cosines to the other pictures of the batch."""


class OptimizerPart(RecipePart):
    """How it is minimised."""

    kind: Literal["adam", "adamw"] = "adamw"
    """Adam, or AdamW, whose weight decay is apart from the gradient."""
    lr: float = Field(3e-4, gt=0)
    """The highest rate, which the backbone has."""
    head_lr_factor: float = Field(5, gt=0)
    """The head has so many times that rate."""
    weight_decay: float = Field(4e-4, ge=0)
    """The optimiser's weight decay."""
    schedule: Literal["cosine", "step", "constant"] = "cosine"
    """How the rate goes on after the warm-up."""
    warmup: int = Field(20, ge=0)
    """Steps over which the rate rises from nothing."""
    milestones: tuple[int, ...] = ()
    """``step``: the steps at which the rate is multiplied by ``gamma``."""
    gamma: float = Field(0.3, gt=0, le=1)
    """``step``: the factor at each of the ``milestones``."""


class ValidationPart(RecipePart):
    """Which weights are kept."""

    every: int = Field(100, ge=1)
    """Steps between validations; the last step is validated too."""
    metric: Literal["map", "nar"] = "map"
    """What decides: the highest mAP, or the lowest NAR."""
    views: int = Field(0, ge=0)
    """Augmented views that stand beside each logo, in its group: so logos without labels can be
    validated on.
    """
