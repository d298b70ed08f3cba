"""Small untrained encoders that tests share."""

import copy
from functools import cache

import torch

from marquery.encoder import LogoEncoder

from .drawings import draw, noise


def tiny_encoder(seed=0, dim=16, *, image_size=32, **options):
    """An untrained encoder that tells drawings apart: features about their mean, which they share
    otherwise. Each caller has its own copy.
    """
    settings = {"dim": dim, "image_size": image_size, **options}
    return copy.deepcopy(_centred("drawings", seed, **settings))


def tiny_encoder_for_parts(seed=0, **options):
    """The same for pictures of parts alone: features about the mean of noise."""
    settings = {"dim": 16, "image_size": 64, **options}
    return copy.deepcopy(_centred("noise", seed, **settings))


@cache
def _pictures(kind):
    if kind == "noise":
        return [noise(i) for i in range(16)]
    return [draw(1000 + i) for i in range(32)]


@cache
def _centred(kind, seed, **options):
    torch.manual_seed(seed)
    settings = {"pretrained": False, **options}
    encoder = LogoEncoder.create("mobilenetv3_small_050", **settings)
    head, features = encoder.network.head, []
    if isinstance(head, torch.nn.Linear):
        hook = head.register_forward_hook(lambda _module, given, _out: features.append(given[0]))
        encoder.embed(_pictures(kind))
        hook.remove()
        with torch.no_grad():
            head.bias.copy_(-(head.weight @ torch.cat(features).mean(dim=0)))
    return encoder
