"""One encoder from several: the mean of their weights."""

import copy
from collections.abc import Sequence

import torch

from marquery.encoder.encoder import LogoEncoder
from marquery.errors import UsageError


def averaged(encoders: Sequence[LogoEncoder]) -> LogoEncoder:
    """An encoder whose weights are the mean of others' weights.

    Useful only if all of them were trained from the same initial weights: otherwise weights at the
    same place do not correspond.

    Source: uniform model soup, Wortsman et al. 2022.

    Args:
        encoders: one or more of the same backbone, pooling and length; the first gives the size of
            its input.

    Returns:
        A new encoder on the CPU; the others stay as they are.

    Raises:
        UsageError: there is none, or they are of different networks.
    """
    if not encoders:
        raise UsageError("encoders", "there are none to average", "name at least one")
    first = encoders[0]
    states = [encoder.network.state_dict() for encoder in encoders]
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    kinds = [(e.spec.backbone, e.spec.pooling, e.spec.dim) for e in encoders]
    if any(kind != kinds[0] for kind in kinds) or any(shape != shapes[0] for shape in shapes):
        named = ", ".join(dict.fromkeys(f"{b} {p} {d}" for b, p, d in kinds))
        raise UsageError(
            "encoders",
            f"different networks have no mean: {named}",
            "name encoders of one backbone, pooling and length",
        )
    mean = {
        name: torch.stack([state[name].detach().cpu().double() for state in states]).mean(dim=0)
        for name in states[0]
    }
    network = copy.deepcopy(first.network).cpu()
    # Copied into tensors of the network's own type: counts of batches are whole numbers.
    network.load_state_dict(mean)
    return LogoEncoder(network, first.spec)
