"""Measure what docs/smooth-ap.md says of batches, temperatures and kin: a linear head on frozen
features.

    python tools/docs/smooth_ap_measurements.py [--data data/openlogos]      writes
    docs/data/smooth-ap.json

Features are the pooled ImageNet features of EfficientNet-Lite0 at 128 px of all logos of openlogos
whose brand (no crypto tokens) was drawn at least twice: train brands to learn from, val brands to
measure on. They are computed once (some minutes) and kept in runs/smooth-ap-features.npz. A head is
1280 -> 128 without bias, Adam, 300 steps, learning rate 1e-3, three seeds; a batch is as many whole
brands, four logos of each at the most, as fill it.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize

from marquery.losses import RecallAtKLoss, SmoothAPLoss, SupAPLoss, TripletLoss

CACHE = Path("runs/smooth-ap-features.npz")
RESULT = Path("docs/data/smooth-ap.json")


def features(data: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """By split: (N, 1280) features and (N,) labels."""
    if not CACHE.is_file():
        import pyarrow.parquet as pq

        from marquery import LogoEncoder

        columns = ["path", "brand", "namespace", "split"]
        rows = pq.read_table(data / "manifest.parquet", columns=columns).to_pylist()
        brands = defaultdict(list)
        for row in rows:
            if row["namespace"] == "brand" and row["split"] in ("train", "val"):
                brands[row["split"], row["brand"]].append(str(data / row["path"]))
        encoder = LogoEncoder.create("tf_efficientnet_lite0", None, image_size=128, pretrained=True)
        found = {}
        for split in ("train", "val"):
            groups = [paths for (s, _), paths in sorted(brands.items()) if s == split]
            groups = [paths for paths in groups if len(paths) > 1]
            found[split] = encoder.embed([p for paths in groups for p in paths])
            sizes = [len(paths) for paths in groups]
            found[f"{split}_labels"] = np.repeat(np.arange(len(groups)), sizes)
        CACHE.parent.mkdir(exist_ok=True)
        np.savez(CACHE, **found)
    stored = np.load(CACHE)
    return {
        s: (torch.from_numpy(stored[s]), torch.from_numpy(stored[f"{s}_labels"]))
        for s in ("train", "val")
    }


class Batches:
    """Batches of whole brands, at most ``most`` logos of each, in random order."""

    def __init__(self, labels: torch.Tensor, seed: int, most: int = 4) -> None:
        self.most = most
        self.members = [np.flatnonzero(labels == k) for k in range(int(labels.max()) + 1)]
        self.rng = np.random.default_rng(seed)

    def draw(self, size: int) -> torch.Tensor:
        """(size,) indices."""
        chosen: list[int] = []
        while len(chosen) < size:
            for brand in self.rng.permutation(len(self.members)):
                chosen += self.rng.permutation(self.members[brand])[: self.most].tolist()
                if len(chosen) >= size:
                    break
        return torch.tensor(chosen[:size])


def average_precisions(x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """(Q,) exact AP of each item that has another of its label, ranking all others."""
    scores = (x @ x.T).fill_diagonal_(-2)
    relevant = (labels[:, None] == labels).fill_diagonal_(False)
    hits = relevant.gather(1, scores.argsort(dim=1, descending=True)).double()
    rank = torch.arange(1, len(x) + 1)
    count = hits.sum(1)
    aps = (hits * hits.cumsum(1) / rank).sum(1) / count.clamp(min=1)
    return aps[count > 0]


def head(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(1280, 128, generator=generator) / 1280**0.5).requires_grad_()


def gradient(loss: nn.Module, weight: torch.Tensor, x: torch.Tensor, y: torch.Tensor):
    (found,) = torch.autograd.grad(loss(normalize(x @ weight), y), weight)
    return found


def by_batch_size(x: torch.Tensor, y: torch.Tensor) -> list[dict[str, float]]:
    """What a batch of some size sees of the task before training, and where its gradient points."""
    weight, loss, batches = head(0), SmoothAPLoss(), Batches(y, 0)
    whole = gradient(loss, weight, x, y).flatten()
    rows = []
    for size in (16, 32, 64, 128, 256, 512, 1024, 2048):
        solved, missing, cosine = [], [], []
        for _ in range(20):
            index = batches.draw(size)
            aps = average_precisions(normalize(x[index] @ weight.detach()), y[index])
            solved.append(float((aps > 1 - 1e-9).double().mean()))
            missing.append(1 - float(aps.mean()))
            part = gradient(loss, weight, x[index], y[index]).flatten()
            cosine.append(float(torch.cosine_similarity(part, whole, dim=0)))
        names = ("size", "solved", "missing", "cosine")
        rows.append(dict(zip(names, (size, *map(np.mean, (solved, missing, cosine))), strict=True)))
    return rows


def by_temperature(x: torch.Tensor, y: torch.Tensor) -> list[dict[str, float]]:
    """Of one batch of 512 before training: the surrogate beside the truth, and who has a
    gradient.
    """
    index = Batches(y, 0).draw(512)
    e, y = normalize(x[index] @ head(0).detach()), y[index]
    truth = float(average_precisions(e, y).mean())
    scores = e @ e.T
    positive = (y[:, None] == y).fill_diagonal_(False)
    query, item = positive.nonzero().T
    ahead = scores[query] - scores[query, item][:, None]
    ahead = torch.where(y[query][:, None] == y, -torch.inf, ahead)  # negatives only
    wrong = (ahead > 0).any(1)
    rows = []
    for tau in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        slopes = torch.sigmoid(ahead / tau)
        reached = (4 * slopes * (1 - slopes) > 0.01).sum(1).double()
        row = {
            "temperature": tau,
            "true": 1 - truth,
            "smooth": float(SmoothAPLoss(tau)(e, y)),
            "reached": float(reached[wrong].median()),
            "unreached": float((reached[wrong] == 0).double().mean()),
        }
        rows.append(row)
    return rows


def train(loss: nn.Module, size: int, most: int, seed: int, data: dict, steps: int = 300) -> float:
    """Validation mAP of a head after training."""
    x, y = data["train"]
    weight, batches = head(seed), Batches(y, seed, most)
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (the distance-weighted miner draws from it)
    optimizer = torch.optim.Adam([weight], lr=1e-3)
    for _ in range(steps):
        index = batches.draw(size)
        optimizer.zero_grad()
        loss(normalize(x[index] @ weight), y[index]).backward()
        optimizer.step()
    held_out, labels = data["val"]
    return float(average_precisions(normalize(held_out @ weight.detach()), labels).mean())


def runs() -> list[tuple[str, str, nn.Module, int, int]]:
    """(table, name, loss, batch size, logos of a brand at the most) of every head."""
    plan: list[tuple[str, str, nn.Module, int, int]] = []
    for tau in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3):
        plan += [("temperature", str(tau), SmoothAPLoss(tau), 512, 4)]
    for size in (16, 32, 64, 128, 256, 512, 1024, 2048):
        plan += [("size", str(size), SmoothAPLoss(), size, 4)]
    for most in (2, 3, 4, 8):
        plan += [("most", str(most), SmoothAPLoss(), 512, most)]
    kin = {
        "Smooth-AP": SmoothAPLoss(),
        "SupAP": SupAPLoss(),
        "ROADMAP": SupAPLoss(calibration=0.5),
        "Recall@k": RecallAtKLoss(),
        "triplet, semi-hard": TripletLoss(mining="semihard"),
        "triplet, distance": TripletLoss(),
    }
    plan += [("family 32", name, loss, 32, 4) for name, loss in kin.items()]
    del kin["triplet, distance"]  # at 512 its miner takes half a second a step
    plan += [("family 512", name, loss, 512, 4) for name, loss in kin.items()]
    return plan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    data = features(options.data)
    x, y = data["train"]
    result: dict[str, Any] = {"trained": {}}
    if RESULT.is_file():
        # Heads that are trained already are kept: a run that was cut off goes on.
        result["trained"] = json.loads(RESULT.read_text())["trained"]
    result["logos and brands"] = {
        split: (len(labels), int(labels.max()) + 1) for split, (_, labels) in data.items()
    }
    result["batch size"] = by_batch_size(x, y)
    result["temperature"] = by_temperature(x, y)
    held_out, labels = data["val"]
    untrained = {"features": held_out, "random head": held_out @ head(0).detach()}
    for name, e in untrained.items():
        result[f"mAP of {name}"] = float(average_precisions(normalize(e), labels).mean())
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    for table, name, loss, size, most in runs():
        found = result["trained"].setdefault(table, {})
        if len(found.get(name, [])) != options.seeds:
            values = [train(loss, size, most, seed, data) for seed in range(options.seeds)]
            found[name] = [round(value, 4) for value in values]
            RESULT.write_text(json.dumps(result, indent=1) + "\n")
        print(table, name, found[name], flush=True)


if __name__ == "__main__":
    main()
