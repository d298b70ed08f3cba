"""Settings of the rivals: the best mean index over the foreground of a grid."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from marquery.datasets.openlogos.arrivals import CONDITIONS
from marquery.datasets.openlogos.draw import in_parallel
from segmentation.methods import BINARY, RIVALS, SETTINGS, SLOW, rival_names
from segmentation.sample import Logo
from segmentation.scores import adjusted_rand
from segmentation.sources import load_source
from segmentation.truths import encoded, load_case

_SIDE = 224
_FORMS = ("png", "jpeg50")
_Grid = dict[str, dict[str, Sequence[float]]]
_FORM_GRID: _Grid = {
    BINARY: {"levels": (12, 24, 48, 96, 128)},
    "4 levels + components": {"min_area": (1, 12, 24, 48, 96)},
    SLOW: {"scale": (10, 30, 100, 1000, 3000), "sigma": (0.0, 0.4, 0.6), "min_size": (24, 48, 96)},
}
_CONDITION_GRID: _Grid = {
    BINARY: {"levels": (24, 48, 96, 128)},
    "4 levels + components": {"min_area": (12, 48, 96)},
    SLOW: {"scale": (300, 1000, 3000), "sigma": (0.0, 0.6), "min_size": (96,)},
    "SLIC + merging": {
        "number": (400, 1200),
        "compactness": (10,),
        "levels": (16, 32),
        "min_area": (48,),
    },
    "mean shift": {"space": (4,), "color": (20, 40), "levels": (4, 12), "min_area": (48,)},
    "watershed": {"sigma": (0.0, 1.0), "levels": (6, 12, 24, 48), "min_area": (12,)},
}


def tune(logos: Sequence[Logo], jobs: int, cache: Path) -> None:
    """Print the best settings of the rivals for PNG and for JPEG 50."""
    records = in_parallel("tuning", _score_forms, logos, jobs, True, cache)
    for rival in _FORM_GRID:
        for form in _FORMS:
            print(f"{rival}, {form}")
            for mean, setting in _ranked(records, rival, form)[:4]:
                print(f"  {mean:.3f}  {setting}")


def tune_conditions(logos: Sequence[Logo], jobs: int, cache: Path) -> None:
    """Write the best settings of every rival in each condition, and print their index."""
    records = in_parallel("tuning", _score_conditions, logos, jobs, True, cache)
    best: dict[str, dict[str, dict]] = {}
    for condition in CONDITIONS:
        best[condition] = {}
        for rival in rival_names():
            mean, setting = _ranked(records, rival, condition)[0]
            best[condition][rival] = json.loads(setting)
            print(f"{condition:18s} {rival:22s} {mean:.3f}  {setting}")
    SETTINGS.write_text(json.dumps(best, indent=1) + "\n")


def _ranked(records: Sequence[dict], rival: str, picture: str) -> list[tuple[float, str]]:
    """Mean index of each setting, the best first."""
    keys = [key for key in records[0] if key[:2] == (rival, picture)]
    means = [(float(np.mean([record[key] for record in records])), key[2]) for key in keys]
    return sorted(means, key=lambda pair: -pair[0])


def _methods(grid: _Grid) -> dict[tuple[str, str], Callable[[np.ndarray], np.ndarray]]:
    """The rivals of a grid by their name and settings, in JSON."""
    methods = {}
    for rival in rival_names():
        for values in product(*grid.get(rival, {"": ()}).values()):
            setting = dict(zip(grid[rival], values, strict=True))
            methods[rival, json.dumps(setting)] = partial(RIVALS[rival], **setting)
    return methods


def _scores(truth: np.ndarray, pictures: dict[str, np.ndarray], grid: _Grid) -> dict:
    foreground = truth > 0
    methods = _methods(grid)
    return {
        (rival, name, setting): adjusted_rand(truth[foreground], method(picture)[foreground])
        for name, picture in pictures.items()
        for (rival, setting), method in methods.items()
    }


def _score_forms(logos: Sequence[Logo], cache: Path) -> list[dict]:
    records = []
    for logo in logos:
        case = load_case(logo, _SIDE, False, cache)
        if case.truth.count > 1:
            pictures = {form: encoded(case.pixels, form) for form in _FORMS}
            records.append(_scores(case.truth.labels, pictures, _FORM_GRID))
    return records


def _score_conditions(logos: Sequence[Logo], cache: Path) -> list[dict]:
    records = []
    for logo in logos:
        try:
            source = load_source(logo, _SIDE, cache)
        except ValueError:  # its SVG does not tell the segments
            continue
        if source.truth.count < 2:
            continue
        record: dict = {}
        for name, condition in CONDITIONS.items():
            pictures = {name: source.picture(condition)}
            record |= _scores(source.labels(condition), pictures, _CONDITION_GRID)
        records.append(record)
    return records
