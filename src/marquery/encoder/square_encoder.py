"""The part of an encoder that computes: square images in, embeddings out."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from marquery.arrays import Float32Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.deploy import PixelNetwork, write_onnx
from marquery.encoder.engine_cache import EngineCache
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.engines import Engine
from marquery.encoder.evaluation_mode import EvaluationMode
from marquery.encoder.fingerprint import Fingerprint
from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.spec import EncoderSpec
from marquery.encoder.weights import feature_count


class SquareEncoder:
    """A network, its specification, and the engines that run it on square images.

    :class:`~marquery.encoder.encoder.LogoEncoder` adds reading images, loading and saving. Several
    threads may compute with one encoder at the same time. Engines and the cached fingerprint are
    never copied or pickled: a copy builds its own.

    Args:
        network: the encoder owns it from now on and converts its weights to channels-last memory;
            pass a copy to keep the original unchanged.
        spec: architecture of the network and preprocessing of its input.
    """

    def __init__(self, network: EmbeddingNetwork, spec: EncoderSpec) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.spec = spec
        #: Result of measuring this encoder in bfloat16; None if that was never done.
        self.precision_record: PrecisionRecord | None = None
        self._set_up()

    def _set_up(self) -> None:
        """Create the state that is neither copied nor pickled."""
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
        """Side of the network's square input, in pixels."""
        return self.spec.image_size

    def embed_squares(self, squares: Sequence[UInt8Array]) -> Float32Array:
        """Embed images that are preprocessed already.

        Args:
            squares: uint8 arrays (S, S, 3), S the ``image_size``, as ``LogoEncoder.square`` makes
                them.

        Returns:
            float32 array of shape (N, dim), rows of length 1.
        """
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

    def engine(
        self,
        images: int,
        engine: EngineChoice = "auto",
        precision: PrecisionChoice = "float32",
    ) -> Engine:
        """The engine for a number of images; built once and kept until the weights change.

        Args:
            images: number of images to embed; ``"auto"`` builds a faster engine only for enough of
                them.
            engine: see ``LogoEncoder.embed``.
            precision: see ``LogoEncoder.embed``.

        Returns:
            A callable: uint8 (B, S, S, 3) -> float32 (B, dim), rows of length 1.

        Raises:
            UsageError: unknown engine or precision, or a precision that this CPU or engine does not
                have.
            MarqueryError: the engine is not installed or cannot run this network.
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

        The file is written only after ONNX Runtime has computed the same vectors from it as
        PyTorch.

        Args:
            out: path of the file.

        Returns:
            Largest absolute difference from PyTorch in any component on trial images, at most 1e-5.

        Raises:
            MarqueryError: the network cannot be written as ONNX, or its vectors differ there.
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

        Cached until the weights change, see :class:`~marquery.encoder.fingerprint.Fingerprint`.
        """
        return self._fingerprint.of(self.network, self.spec)

    def normalize(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalise pixels with the backbone's mean and standard deviation.

        Args:
            pixels: uint8 (B, 3, H, W).

        Returns:
            float32 (B, 3, H, W), on the network's device.
        """
        device = next(self.network.parameters()).device
        mean = torch.tensor(self.spec.mean, device=device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.spec.std, device=device).view(1, 3, 1, 1) * 255
        # A (B, 3, H, W) view of (B, H, W, 3) memory is channels-last already: no copy, and twice as
        # fast.
        return (pixels.to(device).float() - mean) / std
