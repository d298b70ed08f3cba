"""Logos, an encoder and an index that several tests share."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from marquery.encoder import LogoEncoder


def tiny_encoder(seed=0, dim=16):
    """An untrained encoder that tells drawings apart: features about their mean, which they share otherwise."""
    torch.manual_seed(seed)
    encoder = LogoEncoder.create("mobilenetv3_small_050", dim, image_size=32, pretrained=False)
    head, features = encoder.network.head, []
    hook = head.register_forward_hook(lambda _module, given, _out: features.append(given[0]))
    encoder.embed([draw(1000 + i) for i in range(32)])
    hook.remove()
    with torch.no_grad():
        head.bias.copy_(-(head.weight @ torch.cat(features).mean(dim=0)))
    return encoder


def draw(seed: int) -> Image.Image:
    """A few shapes on white, the same for the same seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (64, 48), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(3):
        x, y = int(rng.integers(0, 44)), int(rng.integers(0, 30))
        w, h = (int(v) for v in rng.integers(8, 20, 2))
        color = tuple(int(v) for v in rng.integers(0, 200, 3))
        (pen.ellipse if rng.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=color)
    return image


def fill(folder: Path, seeds) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        draw(seed).save(folder / f"{seed:03d}.png")
    return folder


def write(text: str, color=(20, 30, 90)) -> Image.Image:
    """A wordmark."""
    font = ImageFont.load_default(40)
    image = Image.new("RGB", (int(font.getlength(text)) + 24, 70), "white")
    ImageDraw.Draw(image).text((12, 10), text, fill=color, font=font)
    return image
