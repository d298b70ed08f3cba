"""Logos of known parts, and a small untrained encoder."""

import numpy as np
import torch
from PIL import Image, ImageDraw

from marquery.encoder import LogoEncoder


def tiny_encoder(seed=0, **options):
    """Seeded, untrained; features about their mean, which all pictures would share otherwise."""
    torch.manual_seed(seed)
    settings = {"dim": 16, "image_size": 64, "pretrained": False, **options}
    encoder = LogoEncoder.create("mobilenetv3_small_050", **settings)
    head, features = encoder.network.head, []
    if isinstance(head, torch.nn.Linear):
        hook = head.register_forward_hook(lambda _module, given, _out: features.append(given[0]))
        encoder.embed([noise(i) for i in range(16)])
        hook.remove()
        with torch.no_grad():
            head.bias.copy_(-(head.weight @ torch.cat(features).mean(dim=0)))
    return encoder


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)


def paint(size, *shapes, ground="white"):
    """Shapes are (name of a pen's method, box, colour)."""
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    for name, box, color in shapes:
        getattr(pen, name)(box, fill=color)
    return image


RED, BLUE, GREEN = (200, 30, 40), (30, 60, 200), (20, 150, 60)
#: A disc on the left, a bar on the right, 40 px apart.
DISC_BAR = (("ellipse", (10, 30, 59, 79), RED), ("rectangle", (130, 20, 149, 99), BLUE))


def disc_bar():
    return paint((160, 120), *DISC_BAR)


def bar_disc():
    """The same two, in each other's place and colour."""
    return paint(
        (160, 120), ("rectangle", (10, 20, 29, 99), RED), ("ellipse", (100, 30, 149, 79), BLUE)
    )
