"""What is compared: a label map from pixels, 0 where the method says background."""

import importlib.util
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import marquery as mq
from segmentation import rivals

Method = Callable[[np.ndarray], np.ndarray]
OURS = "marquery"
SLOW = "felzenszwalb"
BINARY = "binary components"
#: Name of a rival -> the method, which takes its settings as keywords.
RIVALS: dict[str, Callable[..., np.ndarray]] = {
    BINARY: rivals.binary_components,
    "4 levels + components": rivals.quantised_components,
    SLOW: rivals.felzenszwalb,
    "SLIC + merging": rivals.slic,
    "mean shift": rivals.mean_shift,
    "watershed": rivals.watershed,
}
#: Settings of the rivals in each condition, written by ``segmentation_conditions.py --tune``.
SETTINGS = Path(__file__).with_name("rival_settings.json")

# Not all of them need it, but a table with some of them would look like one with all.
_WITH_SCIKIT_IMAGE = tuple(list(RIVALS)[2:])
# The settings of the rivals are the best of a grid on the dev sample at 224 px, see --tune.
_BY_FORM = {
    "png": {SLOW: {"scale": 3000.0, "sigma": 0.0, "min_size": 96}},
    "jpeg": {SLOW: {"scale": 3000.0, "sigma": 0.4, "min_size": 96}},
}


def ours(pixels: np.ndarray) -> np.ndarray:
    return mq.segment(pixels).labels


def edit_method(name: str, method: Method) -> Method:
    """The method whose masks are edited: the rival that does best with masks that hold the soft
    edges is given such.
    """
    if name == BINARY:
        return lambda pixels: rivals.binary_components(pixels, levels=24)
    return method


def all_methods(form: str = "png") -> dict[str, Method]:
    """By name, for one kind of file; felzenszwalb only where scikit-image is installed."""
    settings = _BY_FORM["png" if form == "png" else "jpeg"]
    names = [name for name in rival_names() if name in tuple(RIVALS)[:3]]
    methods = {name: partial(RIVALS[name], **settings.get(name, {})) for name in names}
    return {OURS: ours, **methods}


def methods_in(condition: str) -> dict[str, Method]:
    """By name, each rival with the settings that were best in the condition; ours has one for all
    of them.
    """
    tuned = json.loads(SETTINGS.read_text())[condition]
    return {OURS: ours, **{name: partial(RIVALS[name], **tuned[name]) for name in rival_names()}}


def rival_names() -> tuple[str, ...]:
    """Those that can be computed here."""
    if importlib.util.find_spec("skimage") is not None:
        return tuple(RIVALS)
    return tuple(name for name in RIVALS if name not in _WITH_SCIKIT_IMAGE)
