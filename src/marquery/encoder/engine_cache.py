"""The engines of one encoder: chosen for a job, built once, kept until the weights change."""

import threading
import warnings
from collections.abc import Callable
from functools import cache

import torch

from marquery.encoder.deploy import PixelNetwork, TorchEngine
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice, choose_engine
from marquery.encoder.engines import Engine, EngineName
from marquery.encoder.network_engines import MIN_IMAGES, build
from marquery.encoder.runtimes import Precision
from marquery.errors import MarqueryError, UsageError

# Engine, precision, and threads that it was built for.
_Key = tuple[EngineName, Precision, int]


class EngineCache:
    """Engines that were built for one state of the weights; several threads may ask at once.

    A copy of it, in another process or not, starts empty: engines cannot be copied.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: dict[_Key, Engine] = {}
        self._weights = ""

    def get(
        self,
        module: PixelNetwork,
        side: int,
        fingerprint: Callable[[], str],
        allows_bfloat16: Callable[[str], bool],
        *,
        images: int,
        training: bool,
        engine: EngineChoice,
        precision: PrecisionChoice,
    ) -> Engine:
        """What computes a job of so many images.

        Args:
            module: the network, in evaluation mode.
            side: side in pixels of its input.
            fingerprint: gives the digest of the weights; called only if it is needed.
            allows_bfloat16: whether bfloat16 was measured to do the encoder of that digest no harm.
            images: size of the job.
            training: whether the network is being trained.
            engine, precision: as asked for.

        Raises:
            UsageError: no such engine or precision, or the precision cannot be had here.
            MarqueryError: the engine that was asked for is not installed or cannot run this
                network.
        """
        weights = cache(fingerprint)
        # One builds, the others wait and find it there; they could not trace the network at the
        # same time either.
        with self._lock:
            if self._built and self._weights != weights():
                self._built.clear()

            def choose(count: int) -> _Key:
                on_cpu = module.mean.device.type == "cpu"
                chosen = choose_engine(
                    engine,
                    precision,
                    images=count,
                    min_images=MIN_IMAGES,
                    on_cpu=on_cpu,
                    training=training,
                    allows_bfloat16=lambda: allows_bfloat16(weights()),
                )
                return *chosen, torch.get_num_threads()

            # An engine that is there already costs nothing, however few the images.
            key = choose(max(images, *MIN_IMAGES.values()))
            if key not in self._built:
                key = choose(images)
            name, exact, _ = key
            if name == "pytorch":
                return TorchEngine(module, exact)
            ready = self._built.get(key)
            # PyTorch stands in where auto's choice has failed, but is no answer to a choice by
            # name.
            if ready is not None and engine in ("auto", ready.name):
                return ready
            try:
                made = build(name, module, side, exact)
            except UsageError:
                raise
            except MarqueryError as error:
                if engine != "auto":
                    raise
                warnings.warn(f"{error}; going on with PyTorch", stacklevel=4)
                made = TorchEngine(module)  # kept, so that it is not tried for every batch
            self._weights = weights()
            self._built[key] = made
            return made

    def __reduce__(self) -> tuple[type["EngineCache"], tuple[()]]:
        return EngineCache, ()
