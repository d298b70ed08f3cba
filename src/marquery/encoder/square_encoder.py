"""The part of an encoder that computes: square images in, embeddings out."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.engines import Engine
from marquery.encoder.graph_model import GraphModel
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.spec import EncoderSpec
from marquery.extras import need
from marquery.forks import need_threads

if TYPE_CHECKING:
    import torch

    from marquery.encoder.network import EmbeddingNetwork
    from marquery.encoder.network_model import NetworkModel


class SquareEncoder:
    """A network, its specification, and the engines that run it on square images.

    :class:`~marquery.encoder.encoder.LogoEncoder` adds reading images, loading and saving. Several
    threads may compute with one encoder at the same time. Engines and the cached fingerprint are
    never copied or pickled: a copy builds its own.

    An encoder that was loaded computes from its stored graph, without PyTorch, until its
    :attr:`network` is asked for.

    Args:
        network: the encoder owns it from now on and converts its weights to channels-last memory;
            pass a copy to keep the original unchanged. Or a stored graph.
        spec: architecture of the network and preprocessing of its input.
    """

    def __init__(self, network: "EmbeddingNetwork | GraphModel", spec: EncoderSpec) -> None:
        need_threads()
        self._model: GraphModel | NetworkModel
        if isinstance(network, GraphModel):
            self._model = network
        else:
            from marquery.encoder import network_model

            self._model = network_model.NetworkModel(network, spec)
        #: Result of measuring this encoder in bfloat16; None if that was never done.
        self.precision_record: PrecisionRecord | None = None
        self._lock = threading.Lock()

    @property
    def spec(self) -> EncoderSpec:
        """Architecture of the network and preprocessing of its input."""
        return self._model.spec

    @spec.setter
    def spec(self, spec: EncoderSpec) -> None:
        self._in_pytorch().spec = spec

    @property
    def network(self) -> "EmbeddingNetwork":
        """The network in PyTorch; from then on the encoder computes with it, as it is then.

        Raises:
            MissingExtraError: PyTorch is not installed.
            MarqueryError: its files have gone or changed since the encoder was loaded.
        """
        return self._in_pytorch().network

    def _model_for(self, engine: EngineChoice) -> "GraphModel | NetworkModel":
        return self._in_pytorch() if engine == "pytorch" else self._model

    def _in_pytorch(self) -> "NetworkModel":
        with self._lock:
            if isinstance(self._model, GraphModel):
                need("the network itself, to train or change it,", "torch", "timm")
                from marquery.encoder import network_model
                from marquery.encoder.serialization import read_weights

                network = read_weights(self._model.folder, self.spec)
                self._model = network_model.NetworkModel(network, self.spec)
            return self._model

    @property
    def is_on_cpu(self) -> bool:
        """Whether it computes on the CPU."""
        return self._model.is_on("cpu")

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        return self._model.dim

    @property
    def image_size(self) -> int:
        """Side of the network's square input, in pixels."""
        return self.spec.image_size

    def embed_squares(
        self, squares: Sequence[UInt8Array], *, compressed: bool = False
    ) -> Float32Array:
        """Embed images that are preprocessed already.

        Args:
            squares: uint8 arrays (S, S, 3), S the ``image_size``, as ``LogoEncoder.square`` makes
                them.
            compressed: the vectors are compressed afterwards, as those of parts are. They are
                computed in bfloat16 where OpenVINO does this job, the CPU has bfloat16, and the
                record of this encoder allows it
                (:attr:`~marquery.encoder.precision_record.PrecisionRecord.accepted_compressed`).

        Returns:
            float32 array of shape (N, dim), rows of length 1.
        """
        with self._for_squares(len(squares), compressed) as run:
            return self._run(run, iter(squares), len(squares), run.batch_size, ())

    def make_ready(self, images: int) -> None:
        """Build what computes so many squares whose vectors are compressed afterwards, in however
        small portions they come.

        Args:
            images: number of squares to embed in all.
        """
        with self._for_squares(images, compressed=True):
            pass

    def _for_squares(self, count: int, compressed: bool) -> AbstractContextManager[Engine]:
        precision: PrecisionChoice = "auto" if compressed else "float32"
        allows = self._allows_compressed if compressed else self._allows_bfloat16
        return self._model.engine(count, "auto", precision, allows)

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
        model = self._model_for(engine)
        with model.engine(images, engine, precision, self._allows_bfloat16) as found:
            return found

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
        need("writing ONNX", "torch", "timm", "onnx", "onnxscript")
        from marquery.encoder.deploy import write_onnx

        model = self._in_pytorch()
        device = next(model.network.parameters()).device
        with model.evaluation_mode:
            model.network.to("cpu")
            try:
                return write_onnx(model.module(), self.image_size, Path(out))
            finally:
                model.network.to(device)

    def _allows_bfloat16(self, fingerprint: str) -> bool:
        record = self.precision_record
        return record is not None and record.accepted and record.fingerprint == fingerprint

    def _allows_compressed(self, fingerprint: str) -> bool:
        record = self.precision_record
        if record is None or record.fingerprint != fingerprint:
            return False
        return record.accepted_compressed

    def __getstate__(self) -> dict[str, object]:
        kept = ("_model", "precision_record")
        return {name: self.__dict__[name] for name in kept}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def fingerprint(self) -> str:
        """Hex SHA-256 of weights and specification: equal for encoders that give equal embeddings.

        Cached until the weights change, see :class:`~marquery.encoder.fingerprint.Fingerprint`.
        """
        return self._model.fingerprint()

    def normalize(self, pixels: "torch.Tensor") -> "torch.Tensor":
        """Normalise pixels with the backbone's mean and standard deviation.

        Args:
            pixels: uint8 (B, 3, H, W).

        Returns:
            float32 (B, 3, H, W), on the network's device.
        """
        return self._in_pytorch().normalize(pixels)
