"""Training: a recipe, the loop, and what a run leaves behind.

>>> import marquery as mq
>>> run = mq.train("demo", "data/openlogos", "runs/mine")  # doctest: +SKIP
>>> run.encoder.embed(["a.png"])  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marquery.extras import need

if TYPE_CHECKING:
    from marquery.training.recipe import Recipe, load_recipe
    from marquery.training.run import TrainingRun, train

__all__ = ["Recipe", "TrainingRun", "load_recipe", "train"]

_HOME = {
    "Recipe": "marquery.training.recipe",
    "TrainingRun": "marquery.training.run",
    "load_recipe": "marquery.training.recipe",
    "train": "marquery.training.run",
}


def __getattr__(name: str) -> Any:
    # A recipe can be read, and refused, before PyTorch is loaded.
    if name not in _HOME:
        raise AttributeError(f"module 'marquery.training' has no attribute {name!r}")
    if name in ("TrainingRun", "train"):
        need("training", "torch", "torchvision", "timm", "lightning_fabric")
    return getattr(import_module(_HOME[name]), name)
