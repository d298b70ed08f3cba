"""What a run writes down about itself before it starts: recipe, data, versions, machine."""

import json
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from marquery.files import write_atomically
from marquery.training.recipe import Recipe

RECIPE_FILE = "recipe.yaml"
ENVIRONMENT_FILE = "environment.json"
_PACKAGES = (
    "marquery",
    "torch",
    "torchvision",
    "timm",
    "lightning-fabric",
    "pytorch-metric-learning",
    "numpy",
    "numba",
    "opencv-python-headless",
    "connected-components-3d",
    "pillow",
)


def write_record(run: Path, recipe: Recipe, data: dict[str, Any]) -> None:
    """Write ``recipe.yaml`` (every value resolved) and ``environment.json`` into a run's folder.

    Args:
        run: the folder.
        recipe: what is trained.
        data: from :func:`marquery.training.identity.describe`.
    """
    import torch

    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)
    write_atomically(run / RECIPE_FILE, lambda path: path.write_text(text))
    facts = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "seed": recipe.seed,
        "data": data,
        "packages": {name: _version(name) for name in _PACKAGES},
    }
    body = json.dumps(facts, indent=2) + "\n"
    write_atomically(run / ENVIRONMENT_FILE, lambda path: path.write_text(body))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
