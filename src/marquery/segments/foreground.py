"""Mode ``"foreground"``: connected regions of what is not background (ICPR 2022, section 3.1)."""

import cv2
import numpy as np

from marquery.segments.segmentation import Segmentation, SoftEdges


def foreground_parts(found: Segmentation, min_area: int) -> Segmentation:
    """Join the segments of a segmentation that touch, and count holes as background."""
    ink = np.concatenate([[False], ~found.is_hole])[found.labels].astype(np.uint8)
    _, regions, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    keep = stats[:, cv2.CC_STAT_AREA] >= min_area
    keep[0] = False
    # OpenCV numbers components as its scan meets their 2x2 blocks; ours go by reading order.
    where = np.unique(regions.reshape(-1), return_index=True)[1]
    order = [r for r in np.argsort(where) if keep[r]]
    label_of = np.zeros(keep.shape[0], dtype=np.int32)
    label_of[order] = np.arange(1, len(order) + 1)
    labels = label_of[regions]

    flat, soft_edges = labels.reshape(-1), found.soft_edges
    first, second = flat[soft_edges.index], flat[soft_edges.paint[:, 1]]
    soft = first != second
    joined = SoftEdges(
        soft_edges.index[soft], second[soft], soft_edges.share[soft], soft_edges.paint[soft]
    )

    weight = found.area.astype(np.float64)
    colors = np.zeros((len(order), 3))
    mass = np.zeros(len(order))
    names, first_of = np.unique(found.labels.reshape(-1), return_index=True)
    for name, label in zip(names, flat[first_of], strict=True):
        if name > 0 and label > 0:
            colors[label - 1] += weight[name - 1] * found.colors[name - 1]
            mass[label - 1] += weight[name - 1]
    colors = np.rint(colors / np.maximum(mass, 1)[:, None])
    return Segmentation(
        labels,
        found.background,
        np.zeros(len(order), dtype=np.bool_),
        colors.astype(np.uint8),
        joined,
        settings=found.settings,
    )
