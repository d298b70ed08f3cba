"""Methods compared on the same logos: what is ranked, by whom, and how two results differ."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marquery.comparison.methods import MethodResult
    from marquery.comparison.model import ModelEvaluation, evaluate_model
    from marquery.comparison.options import EvaluationOptions

__all__ = ["EvaluationOptions", "MethodResult", "ModelEvaluation", "evaluate_model"]

_HOME = {
    "EvaluationOptions": "marquery.comparison.options",
    "MethodResult": "marquery.comparison.methods",
    "ModelEvaluation": "marquery.comparison.model",
    "evaluate_model": "marquery.comparison.model",
}


def __getattr__(name: str) -> Any:
    # Options are checked before a network is loaded.
    if name not in _HOME:
        raise AttributeError(f"module 'marquery.comparison' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
