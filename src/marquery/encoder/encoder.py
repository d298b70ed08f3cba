"""``LogoEncoder``: reads and embeds images; is created, saved and loaded."""

import copy
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.console import Progress
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.graph_model import GraphModel
from marquery.encoder.lockup import Lockup, find_lockup
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.sources import Source, as_sequence, square_of
from marquery.encoder.spec import TIMM_PREFIX, EncoderSpec, find_encoder
from marquery.encoder.square_encoder import SquareEncoder
from marquery.encoder.threaded_map import map_images
from marquery.errors import MarqueryError, UsageError
from marquery.extras import is_installed, need
from marquery.kinds import Pooling
from marquery.progress import progress_bar

if TYPE_CHECKING:
    import torch

    from marquery.encoder.network import EmbeddingNetwork


class LogoEncoder(SquareEncoder):
    """Turns logos into vectors whose dot product is their similarity.

    Several threads may embed with one encoder at the same time.

    >>> encoder = LogoEncoder.create("tf_efficientnet_lite0", dim=512)  # doctest: +SKIP
    >>> encoder.embed(["a.png", "b.png"]).shape  # doctest: +SKIP
    (2, 512)

    Args:
        network: the encoder owns it from now on and converts its weights to channels-last memory;
            pass a copy to keep the original unchanged.
        spec: architecture of the network and preprocessing of its input.
    """

    @classmethod
    def create(
        cls,
        backbone: str = "tf_efficientnet_lite0",
        dim: int | None = 512,
        *,
        pooling: Pooling = "avg",
        image_size: int = 224,
        stack_lockups: bool = False,
        pretrained: bool = True,
        freeze_batchnorm: bool = True,
    ) -> "LogoEncoder":
        """A new encoder on any timm backbone: ImageNet features, pooled, with a fresh linear head.

        Args:
            backbone: a timm model name, or one of the paper's: ``resnet50``, ``resnext50``,
                ``convnext``, ``swinTransformer``, which are the timm models with the weights that
                the paper started from (:mod:`marquery.backbones`).
            dim: length of the embedding; ``None`` for the pooled features themselves.
            pooling: ``"avg"`` or ``"gem"``.
            image_size: side of the network's square input, in pixels.
            stack_lockups: place a figure that stands beside words above them
                (:mod:`marquery.encoder.lockup`).
            pretrained: start from ImageNet weights: from the timm hub, or for
                ``tf_efficientnet_lite0`` from an installed package, without a network. Where
                there are none, that is an error; ``False`` starts from random weights.
            freeze_batchnorm: keep BatchNorm's running statistics fixed during training.

        Raises:
            MissingExtraError: PyTorch or timm is not installed.
            MarqueryError: timm has no such backbone, or its weights cannot be loaded.
        """
        need("a new encoder", "torch", "timm")
        from marquery._version import __version__
        from marquery.backbones import timm_name
        from marquery.encoder.network import EmbeddingNetwork
        from marquery.encoder.weights import create_backbone, feature_count

        backbone = timm_name(backbone)
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
        """Read an encoder that :meth:`save` wrote.

        Args:
            path_or_name: its folder, with ``encoder.json`` and ``model.safetensors``; a training
                run that holds such a folder ``encoder``; ``default`` for the encoder that comes
                with the package; or ``timm:NAME`` for a backbone's pooled ImageNet features without
                training.

        Raises:
            MarqueryError: no encoder is there, or its files do not match each other or this
                version.
        """
        name = str(path_or_name)
        if name.startswith(TIMM_PREFIX):
            return cls.create(name.removeprefix(TIMM_PREFIX), dim=None, pretrained=True)
        folder, spec = find_encoder(path_or_name)
        encoder = cls(_stored(folder, spec), spec)
        encoder.precision_record = PrecisionRecord.load(folder)
        return encoder

    def save(self, folder: str | os.PathLike[str], *, half: bool = False) -> Path:
        """Write the encoder to a folder: weights as safetensors, the graph that computes with them
        as ONNX, the rest as JSON.

        A network that cannot be written as ONNX is saved without a graph, with a warning: it can
        be used where PyTorch is installed.

        Args:
            folder: created if it does not exist.
            half: store matrices and kernels in 16 bits, for half the size; computation stays in 32
                bits. An encoder that was loaded, and whose network was not asked for since, is
                copied as it is stored.

        Returns:
            The folder.
        """
        target = Path(folder)
        if isinstance(self._model, GraphModel) and (not half or self._model.is_half):
            self._model.copy_to(target)
            return target
        need("saving a network", "torch", "timm")
        from marquery.encoder.serialization import write_encoder

        write_encoder(self.network, self.spec, target, half)
        return target

    def resized(
        self,
        image_size: int,
        freeze_batchnorm: bool = True,
        *,
        stack_lockups: bool | None = None,
    ) -> "LogoEncoder":
        """The same network for images of another size, to continue training with.

        Weights are shared, not copied; image size and ``freeze_batchnorm`` apply to the new encoder
        only.

        Args:
            image_size: side of the network's square input, in pixels.
            freeze_batchnorm: keep BatchNorm's running statistics fixed during training.
            stack_lockups: see :meth:`create`; ``None`` keeps the current value.

        Returns:
            The new encoder.
        """
        network = copy.copy(self.network)  # a shallow copy: the same layers
        network.freeze_batchnorm = freeze_batchnorm
        changed: dict[str, object] = {"image_size": image_size}
        if stack_lockups is not None:
            changed["stack_lockups"] = stack_lockups
        return LogoEncoder(network, self.spec.model_copy(update=changed))

    def square(self, source: Source) -> UInt8Array:
        """An image as the network sees it, for :meth:`embed_squares`.

        Returns:
            uint8 (S, S, 3), S the ``image_size``.

        Raises:
            ImageError: it cannot be read.
        """
        return square_of(source, self.image_size, self.spec.stack_lockups)

    def lockup(self, image: Image.Image) -> Lockup | None:
        """Figure and words of an RGB image, if :meth:`square` places one above the other."""
        return find_lockup(image) if self.spec.stack_lockups else None

    def embed(
        self,
        images: Sequence[Source] | Source,
        batch_size: int | None = None,
        show_progress: bool = False,
        *,
        device: "str | torch.device | None" = None,
        engine: EngineChoice = "auto",
        precision: PrecisionChoice = "float32",
        progress: Progress | None = None,
    ) -> Float32Array:
        """Embed images, read by a few threads while the network computes.

        Args:
            images: one or many of: path, ``PIL.Image``, uint8 array (H, W, 3), bytes of an image
                file; or one folder, for the image files below it sorted by path.
            batch_size: images per forward pass, 1 or more; by default what the engine is fastest
                with.
            show_progress: show a progress bar on stderr.
            device: where to compute in this call; by default where the network is. For another
                device the network is copied there and the copy discarded afterwards: the encoder
                does not move.
            engine: ``"auto"``: OpenVINO, else ONNX Runtime, where they are installed, the network
                is on the CPU and not in training, and there are enough images to make up for
                building the engine (128, 512); else PyTorch. In float32 their vectors differ by at
                most 1e-5.
            precision: of the arithmetic. ``"bfloat16"`` halves the time on CPUs with
                ``avx512_bf16`` or ``amx_bf16``; ``"auto"`` uses it there if a measurement has shown
                that retrieval with this encoder is as good
                (:class:`~marquery.encoder.precision_record.PrecisionRecord`).
            progress: called with the number of images done since the last call.

        Returns:
            float32 array of shape (N, dim), rows of length 1.

        Raises:
            ImageError: a file cannot be read.
            UsageError: unknown engine or precision, or a precision that this CPU or engine does not
                have.
            MarqueryError: the engine is not installed or cannot run this network.
        """
        sources = as_sequence(images)
        if batch_size is not None and batch_size < 1:
            raise UsageError("batch_size", f"{batch_size} is less than 1", "give a number from 1")
        if device is not None and not self._is_on(device):
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
            model = self._model_for(engine)
            run = stack.enter_context(
                model.engine(len(sources), engine, precision, self._allows_bfloat16)
            )
            size = batch_size or run.batch_size
            return self._run(run, map_images(sources, self.square), len(sources), size, steps)

    def _is_on(self, device: "str | torch.device") -> bool:
        if self._model.is_on(device):
            return True
        need("computing on another device", "torch", "timm")
        return False

    def regions(self, images: Sequence[Source] | Source) -> Float64Array:
        """Embeddings before they are summed over the regions that the network averages over.

        Args:
            images: as :meth:`embed` takes them; all are computed in one forward pass, so pass only
                a few.

        Returns:
            float64 (N, h, w, dim); their sum over h and w is the embedding, see
            :func:`marquery.encoder.region_terms.region_terms`.

        Raises:
            ImageError: a file cannot be read.
            UsageError: the embedding of this network is not such a sum.
        """
        squares = np.stack([self.square(source) for source in as_sequence(images)])
        return self._model.regions(squares)

    def __repr__(self) -> str:
        s = self.spec
        return f"LogoEncoder({s.backbone}, dim={self.dim}, {s.pooling}, {s.image_size} px)"


def _stored(folder: Path, spec: EncoderSpec) -> "EmbeddingNetwork | GraphModel":
    """The stored graph of an encoder, or where it has none, the network in PyTorch."""
    reason = f"{folder}: it has no graph, which was left out or belongs to version 0.1"
    if GraphModel.is_there(folder):
        graph = GraphModel(folder, spec)
        try:
            graph.check()
            return graph
        except MarqueryError as error:
            reason = str(error)
    if not is_installed("torch"):
        raise MarqueryError(
            f"{reason}; install PyTorch to use this encoder: pip install 'marquery[train]'"
        )
    from marquery.encoder.serialization import read_weights

    return read_weights(folder, spec)
