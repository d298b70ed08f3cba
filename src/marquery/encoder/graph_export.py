"""Writing ``graph.onnx``: the network traced once for each architecture, its weights named by their
places in ``model.safetensors``.
"""

import copy
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from marquery.caches import cache_folder
from marquery.encoder.deploy import PixelNetwork, TorchEngine
from marquery.encoder.graph_model import GRAPH_FILE, LAYOUT, SPEC, STATE, spec_key
from marquery.encoder.network import AveragePooling, EmbeddingNetwork
from marquery.encoder.runtimes import INPUT, MAPS, OUTPUT, onnx_runner
from marquery.encoder.spec import WEIGHTS_FILE, EncoderSpec
from marquery.encoder.stored_weights import Layout
from marquery.encoder.trials import TOLERANCE, largest_difference, trial_pixels
from marquery.errors import MarqueryError
from marquery.extras import need
from marquery.files import write_atomically, written_whole

#: Changed when traced graphs get another form, so that those in caches are not used any more.
_FORM = 1
#: Prefix of the network's tensors within the traced module.
_PREFIX = "network."
#: Constants of more elements stay as they are computed in the graph.
_FOLDED = 64


class _GraphNetwork(nn.Module):
    """What is traced: embedding, and where regions can be explained the maps before pooling."""

    pixel_mean: torch.Tensor
    pixel_std: torch.Tensor

    def __init__(self, pixels: PixelNetwork, with_maps: bool) -> None:
        super().__init__()
        self.network = pixels.network
        self.register_buffer("pixel_mean", pixels.mean.clone())
        self.register_buffer("pixel_std", pixels.std.clone())
        self.with_maps = with_maps

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        images = (pixels.permute(0, 3, 1, 2).float() - self.pixel_mean) / self.pixel_std
        maps = self.network.maps(images)
        vectors = self.network.from_maps(maps)
        return (vectors, maps) if self.with_maps else (vectors,)


def write_graph(network: EmbeddingNetwork, spec: EncoderSpec, folder: Path) -> None:
    """Write the graph of an encoder whose other two files are written already.

    It is kept only if ONNX Runtime gives the vectors of PyTorch from it. The traced graph holds no
    weights: the cache keeps it for the next encoder of the same architecture.

    Args:
        network: in evaluation mode, on the CPU.
        spec: of the network.
        folder: of the encoder.

    Raises:
        MarqueryError: the network cannot be expressed, or its vectors differ; no graph is left in
            the folder then.
    """
    need("writing an encoder's graph", "onnx", "onnxscript")
    import onnx

    content = (folder / WEIGHTS_FILE).read_bytes()
    layout = Layout.of(content, str(folder / WEIGHTS_FILE))
    path = folder / GRAPH_FILE
    try:
        graph = _placed(onnx.load_from_string(_template(network, spec)), network, spec, layout)
        with written_whole(path) as scratch:
            scratch.write_bytes(graph.SerializeToString())
            stored = PixelNetwork(_as_stored(network, layout), spec.mean, spec.std).eval()
            difference = largest_difference(
                onnx_runner(str(scratch)), TorchEngine(stored), spec.image_size
            )
            if difference > TOLERANCE:
                raise MarqueryError(
                    f"{path}: not written, since ONNX Runtime gives other vectors than PyTorch "
                    f"(they differ by {difference:.1e}, {TOLERANCE:.0e} is allowed)"
                )
    except MarqueryError:
        path.unlink(missing_ok=True)
        raise


def _template(network: EmbeddingNetwork, spec: EncoderSpec) -> bytes:
    """The traced graph without weights, from the cache or traced now."""
    import onnxscript
    import timm

    shapes = [(name, tuple(t.shape)) for name, t in network.state_dict().items()]
    versions = (_FORM, torch.__version__, timm.__version__, onnxscript.__version__)
    key = repr((versions, spec_key(spec), shapes, str(network)))
    path = cache_folder("graphs") / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.onnx"
    if path.is_file():
        return path.read_bytes()
    content: bytes = _traced(network, spec).SerializeToString()
    write_atomically(path, lambda scratch: scratch.write_bytes(content))
    return content


def _traced(network: EmbeddingNetwork, spec: EncoderSpec) -> Any:
    from onnxscript.optimizer import fold_constants, remove_unused_nodes

    pixels = PixelNetwork(network, spec.mean, spec.std)
    example = torch.from_numpy(trial_pixels(2, spec.image_size))
    with torch.inference_mode():
        tokens = network.maps(torch.zeros(1, 3, spec.image_size, spec.image_size)).ndim != 4
    with_maps = isinstance(network.pool, AveragePooling) and not tokens
    names = {_PREFIX + name for name in network.state_dict()}

    def foldable(node: Any) -> bool | None:
        # What depends on weights must stay a computation: the graph serves other weights, too.
        return False if any(i is not None and i.name in names for i in node.inputs) else None

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                _GraphNetwork(pixels, with_maps).eval(),
                (example,),
                input_names=[INPUT],
                output_names=[OUTPUT, MAPS] if with_maps else [OUTPUT],
                dynamic_shapes={INPUT: {0: torch.export.Dim("batch")}},
                dynamo=True,
                verbose=False,
                optimize=False,
            )
            if program is None:
                raise ValueError("the exporter gave nothing")
            # No more than this: other steps would fold normalisation into the weights.
            fold_constants(
                program.model,
                onnx_shape_inference=True,
                input_size_limit=_FOLDED,
                output_size_limit=_FOLDED,
                should_fold=foldable,
            )
            remove_unused_nodes(program.model)
        graph = program.model_proto
    except Exception as error:  # the exporter raises many kinds
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise MarqueryError(f"this network cannot be written as ONNX ({reason})") from error
    for node in graph.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    del graph.graph.value_info[:]
    for tensor in graph.graph.initializer:
        if tensor.name in names:
            tensor.ClearField("raw_data")
        elif tensor.name.startswith(_PREFIX):
            raise MarqueryError(
                f"this network cannot be written as ONNX (it would hold {tensor.name}, "
                "which is no weight of the network)"
            )
    return graph


def _placed(graph: Any, network: EmbeddingNetwork, spec: EncoderSpec, layout: Layout) -> Any:
    """The graph with each weight named by its place in the weights' file."""
    from onnx import TensorProto, helper

    casts = []
    for tensor in graph.graph.initializer:
        if not tensor.name.startswith(_PREFIX):
            continue
        place = layout.places[tensor.name.removeprefix(_PREFIX)]
        if place.dtype == "F16":  # widened when the graph is loaded
            name = tensor.name
            tensor.name = f"{name}.half"
            tensor.data_type = TensorProto.FLOAT16
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
        tensor.data_location = TensorProto.EXTERNAL
        begin, end = place.data_offsets
        for key, value in (
            ("location", WEIGHTS_FILE),
            ("offset", str(layout.start + begin)),
            ("length", str(end - begin)),
        ):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
    nodes = list(graph.graph.node)
    del graph.graph.node[:]
    graph.graph.node.extend([*casts, *nodes])
    del graph.metadata_props[:]
    for key, value in (
        (STATE, json.dumps(list(network.state_dict()))),
        (LAYOUT, layout.digest),
        (SPEC, spec_key(spec)),
    ):
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    return graph


def _as_stored(network: EmbeddingNetwork, layout: Layout) -> EmbeddingNetwork:
    """The network with weights rounded as they are stored."""
    rounded = copy.deepcopy(network)
    with torch.no_grad():
        for name, tensor in rounded.state_dict().items():
            if layout.places[name].dtype == "F16":
                tensor.copy_(tensor.half())
    return rounded
