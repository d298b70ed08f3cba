"""One run of one row: train, embed, score, keep what later questions will need."""

import hashlib
import json
import platform
import shutil
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from marquery.arrays import Float16Array, Float32Array
from marquery.comparison.model import load_for_evaluation
from marquery.datasets.strata import PairStrata
from marquery.encoder import Embedder, LogoEncoder, PerceptualHash, PixelBaseline
from marquery.encoder.gpu import move_to_gpu
from marquery.errors import MarqueryError, UsageError
from marquery.files import write_atomically
from marquery.json_text import parse_json
from marquery.paper.reproduce.material import Material
from marquery.paper.reproduce.rows import Row
from marquery.paper.reproduce.scores import (
    METRICS,
    Scores,
    load_scores,
    save_scores,
    score,
    score_pairs,
)
from marquery.training.identity import IDLE_KEYS
from marquery.training.loop import train
from marquery.training.recipe import Recipe
from marquery.training.recipe_parts import ModelPart

RESULT = "result.json"
EMBEDDINGS = "embeddings.npz"
SCORES = "scores.npz"
FORMAT = 1
_PACKAGES = ("marquery", "torch", "torchvision", "timm", "numpy", "pytorch-metric-learning")


@dataclass(frozen=True)
class Task:
    """A row, a seed, and where the run lies."""

    row: Row
    seed: int
    recipe: Recipe
    folder: Path

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.row.key}, seed {self.seed}" if self.row.loss else self.row.key

    def config(self) -> dict[str, Any]:
        """All that the run depends on but the data."""
        if self.row.untrained in ("pixels", "hash"):
            return {"untrained": self.row.untrained}
        if self.row.untrained:
            model = self.recipe.model.model_dump(mode="json")
            return {"untrained": self.row.untrained, "model": model}
        return {"recipe": self.recipe.model_dump(mode="json", exclude=IDLE_KEYS)}


def finished(task: Task) -> bool:
    """Whether the run is done: its result is written last."""
    return (task.folder / RESULT).is_file()


def read_result(task: Task) -> dict[str, Any]:
    """The result of a finished run.

    Raises:
        MarqueryError: it cannot be read.
    """
    path = task.folder / RESULT
    try:
        result: Any = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MarqueryError(f"{path}: cannot be read ({error}); delete it to run again") from error
    if not isinstance(result, dict) or not {"config", "data"} <= result.keys():
        raise MarqueryError(f"{path}: is not the result of a run; delete it to run again")
    return result


def check_same(task: Task, data: dict[str, str]) -> None:
    """Refuse a finished run of another configuration or of other data.

    Raises:
        UsageError: so it is.
    """
    had = read_result(task)
    advice = "name another folder, or delete that one"
    if _complete(had["config"]) != _complete(task.config()):
        raise UsageError("out", f"{task.folder} was run with other settings", advice)
    if had["data"] != data:
        raise UsageError("out", f"{task.folder} was run on other data", advice)


def do_run(task: Task, material: Material, data: dict[str, str]) -> dict[str, Any]:
    """Do a run and write its folder.

    ``result.json``: configuration, seed, versions, fingerprints of the data, times, means of every
    metric and set of queries; written last. ``embeddings.npz``: float16 ``test`` (N, D) and
    ``edits`` (Q, D), from which scores were taken. ``scores.npz``: what each query scored. Of a
    trained row also recipe and log; the weights go.

    Args:
        task: what to do; a run in its folder that was killed is gone on with.
        material: logos.
        data: fingerprints of the logos.

    Returns:
        What ``result.json`` holds.
    """
    began, clock = time.process_time(), time.perf_counter()
    validation: dict[str, float] = {}
    if task.row.untrained is None:
        summary = train(
            task.recipe, material.training, material.validation, task.folder, resume=True
        )
        validation = summary.best
        embedder: Embedder = load_for_evaluation(task.folder)
    else:
        embedder = _untrained(task.row.untrained, task.recipe.model)
    test = _halved(embedder.embed(material.test.files()))
    files = material.edits.files if material.edits else []
    edits = _halved(embedder.embed(files)) if files else test[:0]
    scores = score(test.astype(np.float32), edits.astype(np.float32), material)
    write_atomically(task.folder / EMBEDDINGS, lambda path: np.savez(path, test=test, edits=edits))
    save_scores(scores, task.folder / SCORES)
    result = {
        "format": FORMAT,
        "row": task.row.key,
        "title": task.row.title,
        "seed": task.seed,
        "config": task.config(),
        "data": data,
        "validation": validation,
        "metrics": means(scores),
        "cpu_seconds": round(time.process_time() - began, 1),
        "wall_seconds": round(time.perf_counter() - clock, 1),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }
    text = json.dumps(result, indent=1) + "\n"
    write_atomically(task.folder / RESULT, lambda path: path.write_text(text, encoding="utf-8"))
    for part in ("encoder", "tensorboard"):
        shutil.rmtree(task.folder / part, ignore_errors=True)
    (task.folder / "checkpoint.pt").unlink(missing_ok=True)
    return result


def scores_of(task: Task, material: Material) -> Scores:
    """The scores of a finished run; taken anew from its embeddings where they are missing.

    Raises:
        MarqueryError: neither can be read.
    """
    if not (task.folder / SCORES).is_file():
        save_scores(score(*_embeddings(task), material), task.folder / SCORES)
    return load_scores(task.folder / SCORES)


def pair_scores_of(task: Task, material: Material, pairs: PairStrata) -> Scores:
    """The scores of a finished run by strata of pairs, taken once and kept under the pairs'
    fingerprint.

    Args:
        task: the finished run.
        material: the logos.
        pairs: the strata.

    Raises:
        MarqueryError: the embeddings cannot be read.
    """
    text = "\n".join(map(str, zip(pairs.first, pairs.second, pairs.stratum, strict=True)))
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    file = task.folder / f"pairs-{key}.npz"
    if not file.is_file():
        save_scores(score_pairs(_embeddings(task)[0], material, pairs), file)
    return load_scores(file)


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """Set of queries -> metric -> mean over all its scored queries."""
    return {
        name: {
            metric: float(columns[key].mean(dtype=np.float64)) for metric, key in METRICS.items()
        }
        for name, columns in scores.items()
    }


def _embeddings(task: Task) -> tuple[Float32Array, Float32Array]:
    """Of the test logos and of the edited ones."""
    try:
        with np.load(task.folder / EMBEDDINGS, allow_pickle=False) as kept:
            return kept["test"].astype(np.float32), kept["edits"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise MarqueryError(
            f"{task.folder / EMBEDDINGS}: cannot be read; delete the folder to run again"
        ) from error


def _untrained(kind: str, model: ModelPart) -> Embedder:
    if kind == "pixels":
        return PixelBaseline()
    if kind == "hash":
        return PerceptualHash()
    encoder = LogoEncoder.create(
        model.backbone, None, image_size=model.image_size, pretrained=model.pretrained
    )
    move_to_gpu(encoder)
    return encoder


def _halved(vectors: Float32Array) -> Float16Array:
    return vectors.astype(np.float16)


def _complete(config: dict[str, Any]) -> dict[str, Any]:
    """Keys that recipes got later take their defaults."""
    if "recipe" not in config:
        return config
    return {"recipe": Recipe.model_validate({**config["recipe"], "name": "run"})}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
