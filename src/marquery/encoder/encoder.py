"""``LogoEncoder``: a network with all it needs to be used, saved and loaded."""

import copy
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.deploy import PixelNetwork, write_onnx
from marquery.encoder.engine_cache import EngineCache
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.engines import Engine
from marquery.encoder.evaluation_mode import EvaluationMode
from marquery.encoder.fingerprint import Fingerprint
from marquery.encoder.lockup import Lockup, find_lockup
from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.serialization import TIMM_PREFIX, read_network, write_network
from marquery.encoder.sources import Source, as_sequence, square_of
from marquery.encoder.spec import EncoderSpec
from marquery.encoder.threaded_map import map_images
from marquery.encoder.weights import create_backbone, feature_count
from marquery.errors import UsageError
from marquery.kinds import Pooling
from marquery.progress import progress_bar


class LogoEncoder:
    """Turns logos into vectors whose dot product is their similarity.

    Several threads may embed with one encoder at the same time.

    >>> encoder = LogoEncoder.create("tf_efficientnet_lite0", dim=512)  # doctest: +SKIP
    >>> encoder.embed(["a.png", "b.png"]).shape  # doctest: +SKIP
    (2, 512)

    Args:
        network: taken over by the encoder, which brings its weights to channels-last memory; copy it first to go on
            with the original.
        spec: what the network is, and how images are brought to it.
    """

    def __init__(self, network: EmbeddingNetwork, spec: EncoderSpec) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.spec = spec
        #: What calibration measured about this encoder in bfloat16, if it did.
        self.precision_record: PrecisionRecord | None = None
        self._set_up()

    def _set_up(self) -> None:
        """What belongs to this object alone and to no copy of it."""
        self._fingerprint = Fingerprint()
        self._engines = EngineCache()
        self._evaluation_mode = EvaluationMode(self.network)

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
        stack_lockups: bool = False,
        pretrained: bool | None = None,
        freeze_batchnorm: bool = True,
    ) -> "LogoEncoder":
        """A new encoder on any timm backbone: ImageNet features, pooled, with a fresh linear head.

        Args:
            backbone: a timm model name.
            dim: length of the embedding; ``None`` for the pooled features themselves.
            pooling: ``"avg"`` or ``"gem"``.
            image_size: side in pixels of the square that an image is brought to.
            stack_lockups: set a figure beside words above them before (:mod:`marquery.encoder.lockup`).
            pretrained: start from ImageNet weights: from the timm hub, or for
                ``tf_efficientnet_lite0`` from an installed package, without a network. ``True``
                insists on them, ``False`` starts at random, ``None`` warns where there are none.
            freeze_batchnorm: keep BatchNorm's stored statistics while training.

        Raises:
            MarqueryError: no such backbone, or its weights cannot be had.
        """
        from marquery._version import __version__

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
            stack_lockups=stack_lockups,
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
                ``default`` for the encoder that comes with the package; or ``timm:NAME`` for a backbone's
                pooled ImageNet features without training.

        Raises:
            MarqueryError: nothing there, or the files do not fit each other or this version.
        """
        name = str(path_or_name)
        if name.startswith(TIMM_PREFIX):
            return cls.create(name.removeprefix(TIMM_PREFIX), dim=None, pretrained=True)
        network, spec, folder = read_network(path_or_name)
        encoder = cls(network, spec)
        encoder.precision_record = PrecisionRecord.load(folder)
        return encoder

    def save(self, folder: str | os.PathLike[str], *, half: bool = False) -> Path:
        """Write the encoder to a folder: weights as safetensors, the rest as JSON.

        Args:
            folder: made if need be.
            half: matrices and kernels in 16 bits: half the size; computing stays in 32.

        Returns:
            The folder.
        """
        target = Path(folder)
        write_network(self.network, self.spec, target, half)
        return target

    def resized(
        self,
        image_size: int,
        freeze_batchnorm: bool = True,
        *,
        stack_lockups: bool | None = None,
    ) -> "LogoEncoder":
        """The same network for images of another size, to be trained on.

        Weights are shared, not copied; the size and ``freeze_batchnorm`` are the new encoder's alone.

        Args:
            image_size: side in pixels of the square that an image is brought to.
            freeze_batchnorm: keep BatchNorm's stored statistics while training.
            stack_lockups: see :meth:`create`; ``None``: as before.
        """
        network = copy.copy(self.network)  # an own object around the same layers
        network.freeze_batchnorm = freeze_batchnorm
        changed: dict[str, object] = {"image_size": image_size}
        if stack_lockups is not None:
            changed["stack_lockups"] = stack_lockups
        return LogoEncoder(network, self.spec.model_copy(update=changed))

    def square(self, source: Source) -> UInt8Array:
        """What the network sees of an image: uint8 (S, S, 3), S its ``image_size``, for :meth:`embed_squares`.

        Raises:
            ImageError: it cannot be read.
        """
        return square_of(source, self.image_size, self.spec.stack_lockups)

    def lockup(self, image: Image.Image) -> Lockup | None:
        """The figure and words of an RGB picture that :meth:`square` sets one above the other, if it does."""
        return find_lockup(image) if self.spec.stack_lockups else None

    def embed(
        self,
        images: Sequence[Source] | Source,
        batch_size: int | None = None,
        show_progress: bool = False,
        *,
        device: str | torch.device | None = None,
        engine: EngineChoice = "auto",
        precision: PrecisionChoice = "float32",
        progress: Progress | None = None,
    ) -> Float32Array:
        """Embed images, read by a few threads while the network computes.

        Args:
            images: one or many of: path, ``PIL.Image``, uint8 array (H, W, 3), bytes of an image file; or
                one folder, for the image files below it sorted by path.
            batch_size: images a forward pass, from 1; default: what the engine is fastest with.
            show_progress: show a progress bar on stderr.
            device: where to compute this time; default: where the network is. On another device a copy of the
                network computes, which is dropped afterwards: the encoder stays where it is.
            engine: ``"auto"``: OpenVINO, else ONNX Runtime, where they are installed, the network is on
                the CPU and not being trained, and there are images enough to pay for building the engine
                (128, 512); else PyTorch. In float32 the vectors of all differ by at most 1e-5.
            precision: of the arithmetic. ``"bfloat16"`` halves the time on CPUs with ``avx512_bf16`` or
                ``amx_bf16``; ``"auto"`` takes it there if it was measured that it does this encoder no harm
                (:class:`~marquery.encoder.precision_record.PrecisionRecord`).
            progress: called with the number of images done since the last call.

        Returns:
            float32 array of shape (N, dim), rows of length 1.

        Raises:
            ImageError: a file cannot be read.
            UsageError: no such engine or precision, or the precision cannot be had here.
            MarqueryError: the engine is not installed or cannot run this network.
        """
        sources = as_sequence(images)
        if batch_size is not None and batch_size < 1:
            raise UsageError("batch_size", f"{batch_size} is less than 1", "give a number from 1")
        if device is not None and not self._is_on(torch.device(device)):
            other = copy.deepcopy(self)
            other.network.to(device)
            return other.embed(
                sources,
                batch_size,
                show_progress,
                engine=engine,
                precision=precision,
                progress=progress,
            )
        with ExitStack() as stack:
            steps = [] if progress is None else [progress]
            if show_progress:
                steps.append(stack.enter_context(progress_bar("embedding", len(sources))))
            training = stack.enter_context(self._evaluation_mode)
            run = self._engine(len(sources), training, engine, precision)
            size = batch_size or run.batch_size
            return self._run(run, map_images(sources, self.square), len(sources), size, steps)

    def _is_on(self, device: torch.device) -> bool:
        here = next(self.network.parameters()).device
        # "cuda" means the current one, "cuda:0" the first.
        return device.type == here.type and device.index in (None, here.index)

    def embed_squares(self, squares: Sequence[UInt8Array]) -> Float32Array:
        """Embed what :meth:`square` made, float32 (N, dim); other pictures go through :meth:`embed`."""
        with self._evaluation_mode as training:
            run = self._engine(len(squares), training, "auto", "float32")
            return self._run(run, iter(squares), len(squares), run.batch_size, ())

    def _run(
        self,
        run: Engine,
        squares: Iterator[UInt8Array],
        total: int,
        size: int,
        steps: Sequence[Progress],
    ) -> Float32Array:
        out = np.zeros((total, self.dim), dtype=np.float32)
        for start in range(0, total, size):
            count = min(size, total - start)
            out[start : start + count] = run(np.stack([next(squares) for _ in range(count)]))
            for step in steps:
                step(count)
        return out

    def regions(self, images: Sequence[Source] | Source) -> Float64Array:
        """Embeddings before they are summed over the regions that the network averages over.

        Args:
            images: few, as :meth:`embed` takes them; they are computed in one pass.

        Returns:
            float64 (N, h, w, dim); summed over h and w the embeddings, see
            :meth:`marquery.encoder.network.EmbeddingNetwork.regions`.

        Raises:
            ImageError: a file cannot be read.
            UsageError: the embedding is no such sum.
        """
        squares = np.stack([self.square(source) for source in as_sequence(images)])
        with self._evaluation_mode, torch.inference_mode():
            pixels = torch.from_numpy(squares).permute(0, 3, 1, 2)
            terms = self.network.regions(self.normalize(pixels))
        out: Float64Array = terms.cpu().numpy()
        return out

    def engine(
        self,
        images: int,
        engine: EngineChoice = "auto",
        precision: PrecisionChoice = "float32",
    ) -> Engine:
        """What computes the embeddings of so many images; built once and kept until the weights change.

        Args and errors: see :meth:`embed`.
        """
        with self._evaluation_mode as training:
            return self._engine(images, training, engine, precision)

    def _engine(
        self, images: int, training: bool, engine: EngineChoice, precision: PrecisionChoice
    ) -> Engine:
        return self._engines.get(
            self._module(),
            self.image_size,
            self.fingerprint,
            self._allows_bfloat16,
            images=images,
            training=training,
            engine=engine,
            precision=precision,
        )

    def export_onnx(self, out: str | os.PathLike[str]) -> float:
        """Write an ONNX model: uint8 ``pixels`` (N, S, S, 3) -> float32 ``embedding`` (N, dim).

        The file is written only once ONNX Runtime has given the same vectors from it.

        Returns:
            The largest difference to PyTorch in any component on trial pictures, at most 1e-5.

        Raises:
            MarqueryError: the network cannot be written as ONNX, or gives other vectors there.
        """
        device = next(self.network.parameters()).device
        with self._evaluation_mode:
            self.network.to("cpu")
            try:
                return write_onnx(self._module(), self.image_size, Path(out))
            finally:
                self.network.to(device)

    def _module(self) -> PixelNetwork:
        return PixelNetwork(self.network, self.spec.mean, self.spec.std).eval()

    def _allows_bfloat16(self, fingerprint: str) -> bool:
        record = self.precision_record
        return record is not None and record.accepted and record.fingerprint == fingerprint

    def __getstate__(self) -> dict[str, object]:
        kept = ("network", "spec", "precision_record")
        return {name: self.__dict__[name] for name in kept}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._set_up()

    def fingerprint(self) -> str:
        """Hex SHA-256 of weights and specification: equal for encoders that give equal embeddings.

        Kept until the weights change, see :class:`~marquery.encoder.fingerprint.Fingerprint`.
        """
        return self._fingerprint.of(self.network, self.spec)

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
