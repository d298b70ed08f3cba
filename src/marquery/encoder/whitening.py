"""Whitening: directions in which embeddings vary little gain weight; only the head changes."""

import copy

import numpy as np
import torch
from torch import nn

from marquery.arrays import Float64Array, FloatArray, StrArray
from marquery.encoder.encoder import LogoEncoder
from marquery.errors import UsageError

# Directions with less than this share of the largest variance are noise; none is amplified beyond
# it.
_LEAST_SHARE = 1e-4


def whitening_matrix(
    embeddings: FloatArray, power: float, groups: StrArray | None = None
) -> Float64Array:
    """The symmetric matrix (C / g) ** -power of a covariance C of embeddings.

    With power ½ and no groups the embeddings have the same variance in all directions (PCA
    whitening, Jégou and Chum 2012). With groups, C is what varies within a group: directions that
    tell groups apart gain against those in which logos of one group differ (Mikolajczyk and Matas
    2007; Radenović et al. 2018). With 0 all stays as it is. A part of it is often best, since
    directions of little variance hold noise, too. g makes the product of all factors 1.

    Args:
        embeddings: (N, D), of N > 1 images that stand for what will be searched.
        power: from 0 to ½.
        groups: (N,), of each image; ``""`` for none. Groups of one have no part in C.

    Returns:
        (D, D), symmetric and positive definite.

    Raises:
        UsageError: a power out of range, or embeddings that do not vary (within any group).
    """
    if not 0 <= power <= 0.5:
        raise UsageError("power", f"{power} is out of range", "give a number from 0 to 0.5")
    if len(embeddings) < 2:
        raise UsageError(
            "embeddings",
            "of fewer than two images nothing varies",
            "give those of two images or more",
        )
    deviations = _deviations(np.asarray(embeddings, dtype=np.float64), groups)
    variances, directions = np.linalg.eigh(deviations.T @ deviations)
    if not variances[-1] > 0:
        where = "" if groups is None else " within any group"
        raise UsageError(
            "embeddings",
            f"the images do not vary{where}",
            "give images that differ",
        )
    factors = np.maximum(variances, variances[-1] * _LEAST_SHARE) ** -power
    factors /= np.exp(np.log(factors).mean())
    matrix: Float64Array = (directions * factors) @ directions.T
    return matrix


def _deviations(embeddings: Float64Array, groups: StrArray | None) -> Float64Array:
    """What is left of embeddings after their mean, or their group's mean, is taken away."""
    if groups is None:
        centred: Float64Array = embeddings - embeddings.mean(axis=0)
        return centred
    embeddings, groups = embeddings[groups != ""], groups[groups != ""]
    _, group = np.unique(groups, return_inverse=True)
    sums = np.zeros((group.max(initial=-1) + 1, embeddings.shape[1]))
    np.add.at(sums, group, embeddings)
    means = sums / np.bincount(group)[:, None]
    rest: Float64Array = embeddings - means[group]
    return rest


def whitened(
    encoder: LogoEncoder,
    embeddings: FloatArray,
    power: float,
    groups: StrArray | None = None,
) -> LogoEncoder:
    """An encoder whose head includes a whitening matrix, at no cost; explanations stay exact.

    Nothing is subtracted first: the mean of vectors of length 1 could not be a part of a linear
    layer before the length is known.

    Args:
        encoder: with a linear head; stays as it is.
        embeddings: (N, dim), what it makes of logos that stand for those to be searched.
        power: from 0 (no change) to ½; to be chosen on validation logos.
        groups: (N,), to whiten by what varies within groups; see :func:`whitening_matrix`.

    Returns:
        A new encoder on the CPU.

    Raises:
        UsageError: no linear head, a power out of range, embeddings that do not vary or are of
            another length.
    """
    network = copy.deepcopy(encoder.network).cpu()
    head = network.head
    if not isinstance(head, nn.Linear):
        raise UsageError(
            "encoder",
            "whitening is put into a linear head, and it has none",
            "create it with a length (dim)",
        )
    if embeddings.shape[1] != encoder.dim:
        raise UsageError(
            "embeddings",
            f"their length is {embeddings.shape[1]}, and this encoder gives {encoder.dim}",
            "embed the images with this encoder",
        )
    matrix = torch.from_numpy(whitening_matrix(embeddings, power, groups))
    with torch.no_grad():
        head.weight.copy_(matrix @ head.weight.double())
        if head.bias is not None:
            head.bias.copy_(matrix @ head.bias.double())
    return LogoEncoder(network, encoder.spec)


def repeats(groups: StrArray) -> bool:
    """Whether any group has two images or more."""
    _, counts = np.unique(groups[groups != ""], return_counts=True)
    return bool((counts > 1).any())
