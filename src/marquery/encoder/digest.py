"""The digest that identifies an encoder, of its weights wherever they are held."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from marquery.encoder.spec import EncoderSpec


def digest_of(weights: Iterable[tuple[str, NDArray[np.generic]]], spec: EncoderSpec) -> str:
    """Hex SHA-256 of weights and specification, but for the version that wrote them.

    Args:
        weights: name and values of each tensor, in the order of the network.
        spec: of the network.
    """
    made = hashlib.sha256(spec.model_dump_json(exclude={"version"}).encode())
    for name, values in weights:
        made.update(name.encode())
        made.update(values.tobytes())
    return made.hexdigest()
