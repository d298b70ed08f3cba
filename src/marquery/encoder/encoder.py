"""``LogoEncoder``: a network with all it needs to be used, saved and loaded."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from marquery.encoder.loading import Progress, map_images
from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.preprocess import to_square
from marquery.encoder.weights import create_backbone, feature_count
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.images import ImageSource
from marquery.kinds import Pooling

FORMAT = 1
SPEC_FILE = "encoder.json"
WEIGHTS_FILE = "model.safetensors"
#: Prefix of names for a backbone's pooled ImageNet features, without a head: ``timm:resnet50``.
TIMM_PREFIX = "timm:"


class Embedder(Protocol):
    """Anything that turns images into L2-normalised vectors."""

    def embed(
        self, images: Sequence[ImageSource], progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """(N, dim) float32 embeddings of N images."""
        ...


class EncoderSpec(BaseModel):
    """What is written beside the weights; everything needed to build the network again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    backbone: str
    dim: int | None = Field(512, ge=1)
    pooling: Pooling = "avg"
    image_size: int = Field(224, ge=32, le=1024)
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    version: str


class LogoEncoder:
    """Turns logos into vectors whose dot product is their similarity.

    >>> encoder = LogoEncoder.create("tf_efficientnet_lite0", dim=512)  # doctest: +SKIP
    >>> encoder.embed(["a.png", "b.png"]).shape  # doctest: +SKIP
    (2, 512)
    """

    def __init__(self, network: EmbeddingNetwork, spec: EncoderSpec) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.spec = spec

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        head = self.network.head
        if isinstance(head, torch.nn.Linear):
            return head.out_features
        return feature_count(self.network.backbone)

    @property
    def image_size(self) -> int:
        """Side in pixels of the square that an image is brought to."""
        return self.spec.image_size

    @classmethod
    def create(
        cls,
        backbone: str = "tf_efficientnet_lite0",
        dim: int | None = 512,
        *,
        pooling: Pooling = "avg",
        image_size: int = 224,
        pretrained: bool | None = None,
        freeze_batchnorm: bool = True,
    ) -> "LogoEncoder":
        """A new encoder on any timm backbone: ImageNet features, pooled, with a fresh linear head.

        Args:
            backbone: a timm model name.
            dim: length of the embedding; ``None`` for the pooled features themselves.
            pooling: ``"avg"`` or ``"gem"``.
            image_size: side in pixels of the square that an image is brought to.
            pretrained: start from ImageNet weights: from the timm hub, or for
                ``tf_efficientnet_lite0`` from an installed package, without a network. ``True``
                insists on them, ``False`` starts at random, ``None`` warns where there are none.
            freeze_batchnorm: keep BatchNorm's stored statistics while training.

        Raises:
            MarqueryError: no such backbone, or its weights cannot be had.
        """
        from marquery import __version__

        body = create_backbone(backbone, pretrained, image_size)
        config = body.pretrained_cfg
        network = EmbeddingNetwork(
            body,
            feature_count(body),
            dim,
            pooling,
            freeze_batchnorm,
        )
        spec = EncoderSpec(
            backbone=backbone,
            dim=dim,
            pooling=pooling,
            image_size=image_size,
            mean=config["mean"],  # type: ignore[index]
            std=config["std"],  # type: ignore[index]
            version=__version__,
        )
        return cls(network.eval(), spec)

    @classmethod
    def load(cls, path_or_name: str | os.PathLike[str]) -> "LogoEncoder":
        """Read an encoder that :meth:`save` wrote: a folder with ``encoder.json`` and ``model.safetensors``.

        Args:
            path_or_name: that folder; a training run (a folder with such a folder ``encoder`` in it);
                or ``timm:NAME`` for a backbone's pooled ImageNet features without training.

        Raises:
            MarqueryError: nothing there, or the files do not fit each other or this version.
        """
        name = str(path_or_name)
        if name.startswith(TIMM_PREFIX):
            return cls.create(name.removeprefix(TIMM_PREFIX), dim=None, pretrained=True)
        folder = Path(path_or_name)
        if (folder / "encoder" / SPEC_FILE).is_file():
            folder = folder / "encoder"
        if not (folder / SPEC_FILE).is_file():
            raise MarqueryError(
                f"{path_or_name}: no encoder there ({SPEC_FILE} is missing); name a folder written by "
                f"training or by LogoEncoder.save, or {TIMM_PREFIX}NAME for untrained features"
            )
        spec = _read_spec(folder / SPEC_FILE)
        body = create_backbone(spec.backbone, False, spec.image_size)
        network = EmbeddingNetwork(
            body,
            feature_count(body),
            spec.dim,
            spec.pooling,
        )
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
        return cls(network.eval(), spec)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the encoder to a folder: weights as safetensors, the rest as JSON. Returns the folder."""
        target = Path(folder)
        state = {k: v.detach().cpu().contiguous() for k, v in self.network.state_dict().items()}
        content = save(state)
        write_atomically(target / WEIGHTS_FILE, lambda path: path.write_bytes(content))
        text = json.dumps(self.spec.model_dump(), indent=2) + "\n"
        write_atomically(target / SPEC_FILE, lambda path: path.write_text(text))
        return target

    def embed(
        self,
        images: Sequence[ImageSource] | ImageSource,
        progress: Progress | None = None,
        *,
        batch_size: int = 32,
        device: str | torch.device | None = None,
    ) -> npt.NDArray[np.float32]:
        """Embed images, read by a few threads while the network computes.

        Args:
            images: one or many of: path, ``PIL.Image``, uint8 array (H, W, 3).
            progress: called with the number of images done.
            batch_size: images a forward pass.
            device: where to compute; default: where the network is.

        Returns:
            float32 array of shape (N, dim), rows of length 1.

        Raises:
            ImageError: a file cannot be read.
        """
        if isinstance(images, (str, os.PathLike, np.ndarray)) or not isinstance(images, Sequence):
            images = [images]
        out = np.zeros((len(images), self.dim), dtype=np.float32)
        squares = map_images(images, lambda image: to_square(image, self.image_size))
        was_training = self.network.training
        self.network.eval()
        if device is not None:
            self.network.to(device)
        try:
            for start in range(0, len(images), batch_size):
                count = min(batch_size, len(images) - start)
                pixels = np.stack([next(squares) for _ in range(count)])
                batch = self.normalize(torch.from_numpy(pixels).permute(0, 3, 1, 2))
                with torch.inference_mode():
                    out[start : start + count] = self.network(batch).cpu().numpy()
                if progress is not None:
                    progress(count)
        finally:
            self.network.train(was_training)
        return out

    def fingerprint(self) -> str:
        """Hex SHA-256 of weights and specification: equal for encoders that give equal embeddings."""
        digest = hashlib.sha256(self.spec.model_dump_json(exclude={"version"}).encode())
        for name, tensor in self.network.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def normalize(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 (B, 3, H, W) -> float32 on the network's device, with the backbone's mean and deviation."""
        device = next(self.network.parameters()).device
        mean = torch.tensor(self.spec.mean, device=device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.spec.std, device=device).view(1, 3, 1, 1) * 255
        # (B, H, W, 3) memory seen as (B, 3, H, W) is channels-last already: no copy, and twice as fast.
        return (pixels.to(device).float() - mean) / std

    def __repr__(self) -> str:
        s = self.spec
        return f"LogoEncoder({s.backbone}, dim={self.dim}, {s.pooling}, {s.image_size} px)"


def _read_spec(path: Path) -> EncoderSpec:
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise MarqueryError(
            f"{path}: not readable JSON ({error}); save the encoder again"
        ) from error
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise MarqueryError(
            f"{path}: format {raw.get('format')!r} is not the format {FORMAT} that this version reads"
        )
    try:
        return EncoderSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MarqueryError(f"{path}: {where}: {first['msg']}") from error
