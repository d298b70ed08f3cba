"""Read and write an encoder's files: ``encoder.json`` (its spec) and ``model.safetensors``."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save

from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.spec import (
    SPEC_FILE,
    WEIGHTS_FILE,
    EncoderSpec,
    encoder_folder,
    read_spec,
)
from marquery.encoder.weights import create_backbone, feature_count
from marquery.errors import MarqueryError
from marquery.files import write_atomically

#: Prefix of names for a backbone's pooled ImageNet features, without a head: ``timm:resnet50``.
TIMM_PREFIX = "timm:"


def read_network(
    path_or_name: str | os.PathLike[str],
) -> tuple[EmbeddingNetwork, EncoderSpec, Path]:
    """Read what :func:`write_network` wrote, and say in which folder it lies.

    Args:
        path_or_name: that folder; a training run that holds it; or ``default``.

    Raises:
        MarqueryError: nothing there, or the files do not fit each other or this version.
    """
    folder = encoder_folder(path_or_name)
    if not (folder / SPEC_FILE).is_file():
        raise MarqueryError(
            f"{path_or_name}: no encoder there ({SPEC_FILE} is missing); name a folder written by "
            f"training or by LogoEncoder.save, or {TIMM_PREFIX}NAME for untrained features"
        )
    spec = read_spec(folder / SPEC_FILE)
    body = create_backbone(spec.backbone, False, spec.image_size)
    network = EmbeddingNetwork(body, feature_count(body), spec.dim, spec.pooling)
    weights = folder / WEIGHTS_FILE
    try:
        network.load_state_dict(load_file(weights), strict=True)
    except FileNotFoundError as error:
        raise MarqueryError(
            f"{weights}: the weights are missing; save the encoder again"
        ) from error
    except (SafetensorError, OSError) as error:
        raise MarqueryError(f"{weights}: not a readable safetensors file ({error})") from error
    except RuntimeError as error:
        raise MarqueryError(
            f"{weights}: the weights do not fit the network that {SPEC_FILE} describes "
            f"({spec.backbone}, dim {spec.dim}); save the encoder again"
        ) from error
    return network.eval(), spec, folder


def write_network(network: EmbeddingNetwork, spec: EncoderSpec, folder: Path, half: bool) -> None:
    """Write the two files, each whole or not at all, weights first.

    Args:
        network: any device.
        spec: of the network.
        folder: created if it does not exist.
        half: matrices and kernels in 16 bits.
    """
    state = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    if half:
        # Not the vectors of normalisation layers: some variances are too small for 16 bits, and
        # they take next to no space.
        state = {k: v.half() if v.ndim > 1 else v for k, v in state.items()}
    content = save(state)
    write_atomically(folder / WEIGHTS_FILE, lambda path: path.write_bytes(content))
    text = json.dumps(spec.model_dump(), indent=2) + "\n"
    write_atomically(folder / SPEC_FILE, lambda path: path.write_text(text))
