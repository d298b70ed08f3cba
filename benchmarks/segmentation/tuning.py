"""Settings of the rivals: the best mean index over the foreground of a grid on the dev sample, for
PNG and for JPEG 50.
"""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from marquery.datasets.openlogos.draw import in_parallel
from segmentation.methods import (
    Method,
    binary_components,
    felzenszwalb_with,
    quantised_components,
)
from segmentation.sample import Logo
from segmentation.scores import adjusted_rand
from segmentation.truths import encoded, load_case

_SIDE = 224
_FORMS = ("png", "jpeg50")


def tune(logos: Sequence[Logo], jobs: int, cache: Path) -> None:
    """Print the best settings of every rival for each form."""
    records = in_parallel("tuning", _score_logos, logos, jobs, True, cache)
    for rival in sorted({name for record in records for name, _ in record}):
        means = {}
        for key in records[0]:
            if key[0] == rival:
                means[key] = np.mean([record[key] for record in records], axis=0)
        for i, form in enumerate(_FORMS):
            print(f"{rival}, {form}")
            for key in sorted(means, key=lambda k, i=i: -means[k][i])[:4]:
                print(f"  {means[key][i]:.3f}  {key[1]}")


def _grid() -> dict[tuple[str, str], Method]:
    methods: dict[tuple[str, str], Method] = {}

    def add(name: str, make: Callable[..., Method], **choices: Sequence[float]) -> None:
        for values in product(*choices.values()):
            setting = dict(zip(choices, values, strict=True))
            methods[name, str(setting)] = make(**setting)

    add("binary components", lambda levels: lambda p: binary_components(p, levels), levels=(12, 24, 48, 96, 128))  # fmt: skip  # noqa: E501
    add("4 levels + components", lambda area: lambda p: quantised_components(p, area), area=(1, 12, 24, 48, 96))  # fmt: skip  # noqa: E501
    add("felzenszwalb", felzenszwalb_with, scale=(10, 30, 100, 1000, 3000), sigma=(0.0, 0.4, 0.6), min_size=(24, 48, 96))  # fmt: skip  # noqa: E501
    return methods


def _score_logos(logos: Sequence[Logo], cache: Path) -> list[dict[tuple[str, str], list[float]]]:
    records = []
    for logo in logos:
        case = load_case(logo, _SIDE, False, cache)
        foreground = case.truth.labels > 0
        if case.truth.count < 2:
            continue
        truth = case.truth.labels[foreground]
        images = [encoded(case.pixels, form) for form in _FORMS]
        records.append(
            {
                key: [adjusted_rand(truth, method(image)[foreground]) for image in images]
                for key, method in _grid().items()
            }
        )
    return records
