"""An embedding as a sum over regions, which average pooling and a linear head make it."""

import numpy as np

from marquery.arrays import Float32Array, Float64Array
from marquery.errors import UsageError
from marquery.kinds import Pooling


def region_terms(
    maps: Float32Array, weight: Float64Array | None = None, bias: Float64Array | None = None
) -> Float64Array:
    """The terms of embeddings by region.

    With features f_r of R regions, z_r = (W f_r + b) / (R |z|), z being the mean of W f_r + b.

    Args:
        maps: (B, C, h, w), the features before pooling.
        weight: W, (dim, C); None for a network without a head, whose W is the identity.
        bias: b, (dim,), or None.

    Returns:
        (B, h, w, dim); summed over h and w it is the embedding, but for rounding.
    """
    terms: Float64Array = maps.transpose(0, 2, 3, 1).astype(np.float64)
    if weight is not None:
        terms = terms @ weight.T
    if bias is not None:
        terms = terms + bias
    length = np.maximum(np.linalg.norm(terms.mean(axis=(1, 2)), axis=1), 1e-12)
    out: Float64Array = terms / (length * (terms.shape[1] * terms.shape[2]))[:, None, None, None]
    return out


def no_regions(pooling: Pooling) -> UsageError:
    """The error of a network whose embedding is no sum over regions."""
    if pooling != "avg":
        return UsageError(
            None,
            "an embedding is a sum over regions with average pooling only, "
            "and this network has another",
            "explain it by removal",
        )
    return UsageError(
        None,
        "this backbone gives tokens, not a map of regions",
        "explain the network by removal",
    )
