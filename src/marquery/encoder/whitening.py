"""Directions in which embeddings vary little made to count for more: a change of the head alone."""

import copy

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from marquery.encoder.encoder import LogoEncoder
from marquery.errors import UsageError

# Directions with less than this share of the largest variance are noise; none is amplified beyond it.
_LEAST_SHARE = 1e-4


def whitening_matrix(embeddings: npt.NDArray[np.floating], power: float) -> npt.NDArray[np.float64]:
    """The symmetric matrix (C / g) ** -power of the embeddings' covariance C.

    With power ½ the embeddings have the same variance in all directions (PCA whitening, Jégou and Chum 2012); with 0
    they stay as they are. A part of it is often best (Mukundan et al. 2019), since directions of little variance hold
    noise, too. g makes the product of all factors 1.

    Args:
        embeddings: (N, D), of N > 1 images that stand for what will be searched.
        power: from 0 to ½.

    Returns:
        (D, D), symmetric and positive definite.

    Raises:
        UsageError: a power out of range, or embeddings that do not vary.
    """
    if not 0 <= power <= 0.5:
        raise UsageError(f"power {power}: give a number from 0 to 0.5")
    if len(embeddings) < 2:
        raise UsageError("whitening needs the embeddings of two images or more")
    covariance = np.cov(np.asarray(embeddings, dtype=np.float64).T)
    variances, directions = np.linalg.eigh(np.atleast_2d(covariance))
    if not variances[-1] > 0:
        raise UsageError("whitening needs embeddings that vary; these are all the same")
    factors = np.maximum(variances, variances[-1] * _LEAST_SHARE) ** -power
    factors /= np.exp(np.log(factors).mean())
    matrix: npt.NDArray[np.float64] = (directions * factors) @ directions.T
    return matrix


def whitened(
    encoder: LogoEncoder, embeddings: npt.NDArray[np.floating], power: float
) -> LogoEncoder:
    """An encoder whose head ends in a whitening matrix; it costs nothing, and an explanation stays exact.

    Nothing is subtracted first: the mean of vectors of length 1 could not be a part of a linear layer before the
    length is known.

    Args:
        encoder: with a linear head; stays as it is.
        embeddings: (N, dim), what it makes of logos that stand for those to be searched.
        power: from 0 (no change) to ½; to be chosen on validation logos.

    Returns:
        A new encoder on the CPU.

    Raises:
        UsageError: no linear head, a power out of range, embeddings that do not vary or are of another length.
    """
    network = copy.deepcopy(encoder.network).cpu()
    head = network.head
    if not isinstance(head, nn.Linear):
        raise UsageError("whitening is put into a linear head, and this encoder has none")
    if embeddings.shape[1] != encoder.dim:
        raise UsageError(
            f"embeddings of length {embeddings.shape[1]} are not this encoder's: it gives {encoder.dim}"
        )
    matrix = torch.from_numpy(whitening_matrix(embeddings, power))
    with torch.no_grad():
        head.weight.copy_(matrix @ head.weight.double())
        if head.bias is not None:
            head.bias.copy_(matrix @ head.bias.double())
    return LogoEncoder(network, encoder.spec)
