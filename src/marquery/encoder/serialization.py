"""Read and write an encoder's files in PyTorch: its specification, its weights and its graph."""

import copy
import json
import warnings
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save

from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.spec import SPEC_FILE, WEIGHTS_FILE, EncoderSpec
from marquery.encoder.weights import create_backbone, feature_count
from marquery.errors import MarqueryError
from marquery.extras import is_installed
from marquery.files import write_atomically


def read_weights(folder: Path, spec: EncoderSpec) -> EmbeddingNetwork:
    """The network of a saved encoder, in evaluation mode.

    Args:
        folder: with ``model.safetensors``.
        spec: of the network.

    Raises:
        MarqueryError: the weights are missing or do not fit the specification.
    """
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
        raise MarqueryError(
            f"{weights}: not a readable safetensors file ({error}); save the encoder again"
        ) from error
    except RuntimeError as error:
        raise MarqueryError(
            f"{weights}: the weights do not fit the network that {SPEC_FILE} describes "
            f"({spec.backbone}, dim {spec.dim}); save the encoder again"
        ) from error
    return network.eval()


def write_encoder(network: EmbeddingNetwork, spec: EncoderSpec, folder: Path, half: bool) -> None:
    """Write the three files, each whole or not at all, weights first and the graph last.

    A network that cannot be written as ONNX gets no graph, and a warning.

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
    if not (is_installed("onnx") and is_installed("onnxscript")):
        return
    from marquery.encoder.graph_export import write_graph

    stored = copy.deepcopy(network).cpu().eval()
    try:
        write_graph(stored, spec, folder)
    except MarqueryError as error:
        warnings.warn(f"{error}; {folder} can be used where PyTorch is installed", stacklevel=3)
