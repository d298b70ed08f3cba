"""What is compared: a label map from pixels, 0 where the method says background."""

import importlib.util
from collections.abc import Callable

import cc3d
import cv2
import numpy as np

import marquery as mq
from marquery.images import border_color

Method = Callable[[np.ndarray], np.ndarray]
OURS = "marquery"
SLOW = "felzenszwalb"
BINARY = "binary components"

# A region on the border whose mean differs from the border's colour by no more levels is ground.
_GROUND_LEVELS = 24
# The settings of the rivals are the best of a grid on the dev sample at 224 px, see --tune.
FELZENSZWALB = {
    "png": {"scale": 3000.0, "sigma": 0.0, "min_size": 96},
    "jpeg": {"scale": 3000.0, "sigma": 0.4, "min_size": 96},
}


def ours(pixels: np.ndarray) -> np.ndarray:
    return mq.segment(pixels).labels


def binary_components(pixels: np.ndarray, levels: int = 128) -> np.ndarray:
    ground = np.array(border_color(pixels), dtype=np.int16)
    ink = np.abs(pixels.astype(np.int16) - ground).max(axis=2) > levels
    return cc3d.connected_components(ink.astype(np.uint8), connectivity=8).astype(np.int32)


def quantised_components(pixels: np.ndarray, min_area: int = 48) -> np.ndarray:
    """Four levels a channel; components of few pixels, those of soft edges, go to the nearest
    larger one.
    """
    codes = (pixels >> 6).astype(np.uint32) @ np.array([16, 4, 1], dtype=np.uint32) + 1
    labels = cc3d.connected_components(codes, connectivity=8).astype(np.int32)
    small = np.bincount(labels.reshape(-1))[labels] < min_area
    if small.any() and not small.all():
        _, nearest = cv2.distanceTransformWithLabels(
            small.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        name_of = np.zeros(int(nearest.max()) + 1, dtype=np.int32)
        name_of[nearest[~small]] = labels[~small]
        labels = name_of[nearest]
    return without_ground(pixels, labels)


def felzenszwalb_with(scale: float, sigma: float, min_size: int) -> Method:
    from skimage.segmentation import felzenszwalb

    def method(pixels: np.ndarray) -> np.ndarray:
        found = felzenszwalb(pixels, scale=scale, sigma=sigma, min_size=min_size)
        return without_ground(pixels, found.astype(np.int32) + 1)

    return method


def without_ground(pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Set regions that reach the border and have its colour to 0: methods that know no background
    are given one.
    """
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    area = np.bincount(labels.reshape(-1))
    sums = [np.bincount(labels.reshape(-1), pixels[..., c].reshape(-1)) for c in range(3)]
    means = np.stack(sums, axis=1)[border] / area[border, None]
    ground = border[np.abs(means - np.array(border_color(pixels))).max(axis=1) <= _GROUND_LEVELS]
    return np.where(np.isin(labels, ground), 0, labels).astype(np.int32)


def edit_method(name: str, method: Method) -> Method:
    """The method whose masks are edited: the rival that does best with masks that hold the soft
    edges is given such.
    """
    if name == BINARY:
        return lambda pixels: binary_components(pixels, levels=24)
    return method


def all_methods(form: str = "png") -> dict[str, Method]:
    """By name, for one kind of file; felzenszwalb only where scikit-image is installed."""
    methods: dict[str, Method] = {
        OURS: ours,
        BINARY: binary_components,
        "4 levels + components": quantised_components,
    }
    if importlib.util.find_spec("skimage") is not None:
        methods[SLOW] = felzenszwalb_with(**FELZENSZWALB["png" if form == "png" else "jpeg"])
    return methods
