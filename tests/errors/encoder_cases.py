"""Encoders that are damaged or cannot be computed, and packages that are not installed."""

import sys
from functools import partial

from marquery.index.strategies import ocr

from .cases import Case
from .file_cases import failing

failed = partial(Case, code=1)
EMBED = "embed logos --out o.parquet --model"
TRAIN = "train demo --data bench --out t --set batch.size=8"
ENGINE = f"{EMBED} graphless --engine openvino --precision float32"


def without(*modules):
    """These packages are not installed."""

    def given(patch):
        for module in modules:
            patch.setitem(sys.modules, module, None)

    return given


def giving(name, value):
    """Something of the library that always gives the same."""
    return lambda patch: patch.setattr(name, lambda *_, **__: value)


def broken_graph(patch):
    failing("onnxruntime.InferenceSession", RuntimeError("no graph"))(patch)
    without("torch")(patch)


def other_export(patch):
    """An exported file from which ONNX Runtime gives other vectors."""
    patch.setattr("marquery.encoder.deploy.onnx_bytes", lambda *_: b"")
    patch.setattr("marquery.encoder.deploy.onnx_runner", lambda *_: None)
    patch.setattr("marquery.encoder.deploy.largest_difference", lambda *_: 1.0)


def other_openvino(patch):
    """OpenVINO gives other vectors than PyTorch."""
    for name in ("_openvino_graph", "_compiled", "openvino_runner"):
        patch.setattr(f"marquery.encoder.network_engines.{name}", lambda *_: None)
    patch.setattr("marquery.encoder.network_engines.largest_difference", lambda *_: 1.0)


def no_reader(patch):
    """The reader of words is looked for anew, and its package is not installed."""
    patch.setattr(ocr, "_load", ocr._load.__wrapped__)
    without("rapidocr")(patch)


def offline(patch):
    patch.setattr("marquery.encoder.weights._hub_reachable", lambda: False)
    patch.setattr("marquery.encoder.weights._cached_file", lambda name: None)


ENCODER_CASES = [
    failed(f"{EMBED} none", None, "none: no encoder there", "name a folder written by training"),
    failed(f"{EMBED} timm:resnet5000", None, "'resnet5000': timm has no model", "did you"),
    failed(f"{EMBED} nameless-model", None, "'resnet5000': timm has no model", "did you mean"),
    failed(f"{EMBED} weightless", None, "the weights are missing", "save the encoder again"),
    failed(f"{EMBED} bare-weightless", None, "the weights are missing", "save the encoder again"),
    failed(f"{EMBED} torn-weights", None, "not a readable safetensors", "save the encoder again"),
    failed(f"{EMBED} bare-torn-weights", None, "not a readable safetensors", "save the encoder"),
    failed(
        f"{EMBED} other-length-bare", None, "the weights do not fit the", "save the encoder again"
    ),
    failed(f"{EMBED} torn-model", None, "encoder.json: not readable JSON", "save the encoder"),
    failed(f"{EMBED} newer-model", None, "encoder.json: format 99 is not", "save the encoder"),
    failed(f"{EMBED} strange-model", None, "encoder.json: dim: Input should", "save the encoder"),
    failed(f"{EMBED} measured", None, "precision.json: not a readable record", "delete it"),
    failed(
        f"{EMBED} model",
        None,
        "graph.onnx: not a readable graph",
        "install PyTorch to use this encoder: pip install 'marquery[train]'",
        given=broken_graph,
    ),
    failed(
        f"{EMBED} other-length",
        None,
        "it belongs to another encoder",
        "install PyTorch to use this encoder: pip install 'marquery[train]'",
        given=without("torch"),
    ),
    failed(
        f"{EMBED} model --engine openvino --precision float32",
        None,
        "engine openvino: its vectors differ from ONNX Runtime's by 1.0e+00",
        "take the engine onnxruntime",
        given=giving("marquery.encoder.graph_model.largest_difference", 1.0),
    ),
    failed(
        ENGINE,
        None,
        "engine openvino: its vectors differ from PyTorch's by 1.0e+00",
        "take the engine pytorch",
        given=other_openvino,
    ),
    failed(
        f"{ENGINE} ",
        None,
        "engine openvino: cannot express this network (no such layer)",
        "take the engine pytorch",
        given=failing("openvino.convert_model", RuntimeError("no such layer")),
    ),
    failed(
        "export model --out a.onnx",
        None,
        "this network cannot be written as ONNX (no such layer)",
        "keep to the saved encoder",
        given=failing("torch.onnx.export", RuntimeError("no such layer")),
    ),
    failed(
        "export model --out b.onnx",
        None,
        "this network cannot be written as ONNX (the exporter gave nothing)",
        "keep to the saved encoder",
        given=giving("torch.onnx.export", None),
    ),
    failed(
        "export model --out c.onnx",
        None,
        "c.onnx: not written, since ONNX Runtime gives other vectors",
        "keep to the saved encoder",
        given=other_export,
    ),
    failed(
        f"{TRAIN} --set model.backbone=resnet18",
        None,
        "'resnet18': no ImageNet weights",
        "or start from random weights",
        given=offline,
    ),
]

PACKAGE_CASES = [
    failed(
        "serve --index idx",
        None,
        "the page needs fastapi, which is not installed",
        "pip install 'marquery[serve]'",
        given=without("fastapi"),
    ),
    failed(
        "index status idx",
        None,
        "an index needs lancedb, which is not installed",
        "pip install 'marquery[index]'",
        given=without("lancedb"),
    ),
    failed(
        "export model --out d.onnx",
        None,
        "onnxscript, which is not installed",
        "pip install 'marquery[train]'",
        given=without("onnxscript"),
    ),
    failed(
        f"{EMBED} model --engine openvino",
        None,
        "engine openvino needs openvino, which is not installed",
        "pip install 'marquery[fast]'",
        given=without("openvino"),
    ),
    failed(
        "segment pictures/drawn/a.svg",
        None,
        "pictures/drawn/a.svg: SVG needs resvg_py, which is not installed",
        "pip install marquery",
        given=failing("marquery.decoding.draw_svg", ImportError(name="resvg_py")),
    ),
    failed(
        "search word.png --index read --strategy words",
        None,
        "the query's words cannot be read: rapidocr is not installed",
        "pip install 'marquery[index]'",
        given=no_reader,
    ),
    failed(
        f"{TRAIN} --set loss.kind=triplet",
        None,
        "triplet loss needs pytorch_metric_learning, which is not installed",
        "pip install 'marquery[train]'",
        given=without("pytorch_metric_learning"),
    ),
]
