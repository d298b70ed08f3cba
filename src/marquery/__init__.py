"""marquery finds logos that look alike.

The public names are loaded on first use, so that ``import marquery`` costs nothing:

>>> import marquery as mq
>>> segmentation = mq.segment(image)            # doctest: +SKIP
>>> encoder = mq.LogoEncoder.create("resnet50") # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marquery import augment, losses
    from marquery.comparison import evaluate_model
    from marquery.datasets import LogoSet
    from marquery.encoder import LogoEncoder
    from marquery.errors import ImageError, MarqueryError, UsageError
    from marquery.evaluation import RetrievalResult, evaluate, top_k
    from marquery.explanation import Explanation, explain
    from marquery.images import load_image
    from marquery.index import LogoIndex, Match
    from marquery.segments import Segmentation, group_segments, segment
    from marquery.training import Recipe, train

from marquery._version import __version__ as __version__
from marquery.waiting import wait_asleep

wait_asleep()  # before PyTorch is loaded

__all__ = [
    "Explanation",
    "ImageError",
    "LogoEncoder",
    "LogoIndex",
    "LogoSet",
    "MarqueryError",
    "Match",
    "Recipe",
    "RetrievalResult",
    "Segmentation",
    "UsageError",
    "augment",
    "evaluate",
    "evaluate_model",
    "explain",
    "group_segments",
    "load_image",
    "losses",
    "segment",
    "top_k",
    "train",
]

# public name -> (module, attribute); None means the module itself
_HOME: dict[str, tuple[str, str | None]] = {
    "Explanation": ("marquery.explanation", "Explanation"),
    "ImageError": ("marquery.errors", "ImageError"),
    "LogoEncoder": ("marquery.encoder", "LogoEncoder"),
    "LogoIndex": ("marquery.index", "LogoIndex"),
    "LogoSet": ("marquery.datasets", "LogoSet"),
    "MarqueryError": ("marquery.errors", "MarqueryError"),
    "Match": ("marquery.index", "Match"),
    "Recipe": ("marquery.training", "Recipe"),
    "RetrievalResult": ("marquery.evaluation", "RetrievalResult"),
    "Segmentation": ("marquery.segments", "Segmentation"),
    "UsageError": ("marquery.errors", "UsageError"),
    "augment": ("marquery.augment", None),
    "evaluate": ("marquery.evaluation", "evaluate"),
    "evaluate_model": ("marquery.comparison", "evaluate_model"),
    "explain": ("marquery.explanation", "explain"),
    "group_segments": ("marquery.segments", "group_segments"),
    "load_image": ("marquery.images", "load_image"),
    "losses": ("marquery.losses", None),
    "segment": ("marquery.segments", "segment"),
    "top_k": ("marquery.evaluation", "top_k"),
    "train": ("marquery.training", "train"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'marquery' has no attribute {name!r}")
    module_name, attribute = _HOME[name]
    module = import_module(module_name)
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
