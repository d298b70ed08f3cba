"""Segmenters of the literature, each with its settings as parameters.

They know no background and get one by :func:`without_ground`.
"""

import cc3d
import cv2
import numpy as np

from marquery.images import border_color

# A region on the border whose mean differs from the border's colour by no more levels is ground.
_GROUND_LEVELS = 24


def binary_components(pixels: np.ndarray, levels: int = 128) -> np.ndarray:
    """Connected components of what differs from the border's colour."""
    ground = np.array(border_color(pixels), dtype=np.int16)
    ink = np.abs(pixels.astype(np.int16) - ground).max(axis=2) > levels
    return cc3d.connected_components(ink.astype(np.uint8), connectivity=8).astype(np.int32)


def quantised_components(pixels: np.ndarray, min_area: int = 48) -> np.ndarray:
    """Connected components of four levels a channel."""
    codes = (pixels >> 6).astype(np.uint32) @ np.array([16, 4, 1], dtype=np.uint32) + 1
    labels = cc3d.connected_components(codes, connectivity=8).astype(np.int32)
    return without_ground(pixels, without_small(labels, min_area))


def felzenszwalb(pixels: np.ndarray, scale: float, sigma: float, min_size: int) -> np.ndarray:
    """Graph-based segmentation (Felzenszwalb & Huttenlocher 2004)."""
    from skimage import segmentation

    found = segmentation.felzenszwalb(pixels, scale=scale, sigma=sigma, min_size=min_size)
    return without_ground(pixels, found.astype(np.int32) + 1)


def slic(
    pixels: np.ndarray, number: int, compactness: float, levels: float, min_area: int
) -> np.ndarray:
    """Superpixels (Achanta et al. 2012); those that touch and differ little are joined."""
    from skimage import segmentation

    found = segmentation.slic(pixels, n_segments=number, compactness=compactness, start_label=1)
    labels = without_small(merged(pixels, found.astype(np.int32), levels), min_area)
    return without_ground(pixels, labels)


def mean_shift(
    pixels: np.ndarray, space: float, color: float, levels: float, min_area: int
) -> np.ndarray:
    """Mean-shift filtering (Comaniciu & Meer 2002); then what touches and is alike is joined."""
    filtered = np.asarray(cv2.pyrMeanShiftFiltering(pixels, space, color, maxLevel=0))
    codes = filtered.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32) + 1
    labels = cc3d.connected_components(codes, connectivity=8).astype(np.int32)
    labels = without_small(merged(filtered, labels, levels), min_area)
    return without_ground(pixels, labels)


def watershed(pixels: np.ndarray, sigma: float, levels: float, min_area: int) -> np.ndarray:
    """Watershed of the colour gradient (Meyer 1992), from the areas where it is small."""
    from skimage import segmentation

    smooth = cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma > 0 else pixels
    square = np.ones((3, 3), dtype=np.uint8)
    slope = np.asarray(cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, square)).max(axis=2)
    seeds = cc3d.connected_components((slope <= levels).astype(np.uint8), connectivity=4)
    seeds = np.where(np.bincount(seeds.reshape(-1))[seeds] >= min_area, seeds, 0)
    if not seeds.any():
        return np.zeros(pixels.shape[:2], dtype=np.int32)
    return without_ground(pixels, segmentation.watershed(slope, seeds).astype(np.int32))


def merged(pixels: np.ndarray, labels: np.ndarray, levels: float) -> np.ndarray:
    """Join regions that touch and whose mean colours differ by at most ``levels`` (Euclidean).

    Args:
        pixels: uint8 (H, W, 3).
        labels: int32 (H, W), from 1 on.
        levels: as :func:`skimage.graph.cut_threshold` takes them on mean colours.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    flat = labels.reshape(-1)
    size = int(flat.max()) + 1
    area = np.maximum(np.bincount(flat, minlength=size), 1)
    sums = [np.bincount(flat, pixels[..., c].reshape(-1), size) for c in range(3)]
    mean = np.stack(sums, axis=1) / area[:, None]
    sides = [(labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])]
    first = np.concatenate([a.reshape(-1) for a, _ in sides])
    second = np.concatenate([b.reshape(-1) for _, b in sides])
    near = first != second
    first, second = first[near], second[near]
    alike = np.linalg.norm(mean[first] - mean[second], axis=1) <= levels
    first, second = first[alike], second[alike]
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int32)[labels] + 1


def without_small(labels: np.ndarray, min_area: int) -> np.ndarray:
    """Regions of few pixels, such as those of soft edges, go to the nearest larger one."""
    small = np.bincount(labels.reshape(-1))[labels] < min_area
    if not small.any() or small.all():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        small.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    name_of = np.zeros(int(nearest.max()) + 1, dtype=np.int32)
    name_of[nearest[~small]] = labels[~small]
    return name_of[nearest]


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
