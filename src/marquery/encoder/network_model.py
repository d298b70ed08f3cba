"""An encoder as a network in PyTorch, whose weights may change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from marquery.arrays import Float64Array, UInt8Array
from marquery.encoder.deploy import PixelNetwork
from marquery.encoder.engine_cache import EngineCache
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice
from marquery.encoder.engines import Engine
from marquery.encoder.evaluation_mode import EvaluationMode
from marquery.encoder.fingerprint import Fingerprint
from marquery.encoder.network import AveragePooling, EmbeddingNetwork
from marquery.encoder.region_terms import no_regions, region_terms
from marquery.encoder.spec import EncoderSpec
from marquery.encoder.weights import feature_count


class NetworkModel:
    """A network and the engines that were built for the present state of its weights.

    Engines and the cached fingerprint are never copied or pickled: a copy builds its own.

    Args:
        network: owned from now on; its weights are converted to channels-last memory.
        spec: its specification.
    """

    def __init__(self, network: EmbeddingNetwork, spec: EncoderSpec) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.spec = spec
        self._set_up()

    def _set_up(self) -> None:
        """Create the state that is neither copied nor pickled."""
        self._fingerprint = Fingerprint()
        self._engines = EngineCache()
        self.evaluation_mode = EvaluationMode(self.network)

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        head = self.network.head
        if isinstance(head, torch.nn.Linear):
            return head.out_features
        return feature_count(self.network.backbone)

    def fingerprint(self) -> str:
        """See :class:`~marquery.encoder.fingerprint.Fingerprint`."""
        return self._fingerprint.of(self.network, self.spec)

    @contextmanager
    def engine(
        self,
        images: int,
        engine: EngineChoice,
        precision: PrecisionChoice,
        allows_bfloat16: Callable[[str], bool],
    ) -> Iterator[Engine]:
        """What computes a job of so many images; the network is in evaluation mode inside.

        Args:
            images: size of the job.
            engine, precision: as asked for.
            allows_bfloat16: whether bfloat16 was measured to do the encoder of a fingerprint no
                harm.

        Raises:
            UsageError: no such engine or precision, or the precision cannot be had here.
            MarqueryError: the engine that was asked for is not installed or cannot run this
                network.
        """
        with self.evaluation_mode as training:
            yield self._engines.get(
                self.module(),
                self.spec.image_size,
                self.fingerprint,
                allows_bfloat16,
                images=images,
                training=training,
                engine=engine,
                precision=precision,
            )

    def regions(self, squares: UInt8Array) -> Float64Array:
        """The terms of embeddings by region, see :mod:`marquery.encoder.region_terms`.

        Args:
            squares: uint8 (N, S, S, 3).

        Raises:
            UsageError: another pooling, or a backbone that gives tokens and not a map.
        """
        if not isinstance(self.network.pool, AveragePooling):
            raise no_regions("gem")
        with self.evaluation_mode, torch.inference_mode():
            pixels = torch.from_numpy(squares).permute(0, 3, 1, 2)
            maps = self.network.maps(self.normalize(pixels))
            if maps.ndim != 4:
                raise no_regions("avg")
            head = [p.double().cpu().numpy() for p in self.network.head.parameters()]
        return region_terms(maps.float().cpu().numpy(), *head)

    def module(self) -> PixelNetwork:
        """The network as one function of pixels."""
        return PixelNetwork(self.network, self.spec.mean, self.spec.std).eval()

    def normalize(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 (B, 3, H, W) -> float32, normalised, on the network's device."""
        device = next(self.network.parameters()).device
        mean = torch.tensor(self.spec.mean, device=device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.spec.std, device=device).view(1, 3, 1, 1) * 255
        # A (B, 3, H, W) view of (B, H, W, 3) memory is channels-last already: no copy, and twice as
        # fast.
        return (pixels.to(device).float() - mean) / std

    def is_on(self, device: str | torch.device) -> bool:
        """Whether the network is on a device; ``cuda`` means the current one."""
        device = torch.device(device)
        here = next(self.network.parameters()).device
        return device.type == here.type and device.index in (None, here.index)

    def __getstate__(self) -> dict[str, object]:
        return {"network": self.network, "spec": self.spec}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._set_up()
