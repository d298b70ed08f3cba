"""An encoder as it is stored, a graph beside its weights: computed without PyTorch."""

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.encoder.digest import digest_of
from marquery.encoder.engine_choice import EngineChoice, PrecisionChoice, choose_engine
from marquery.encoder.engines import CompiledEngine, Engine, EngineName, check_available
from marquery.encoder.region_terms import no_regions, region_terms
from marquery.encoder.runtimes import (
    INPUT,
    MAPS,
    OUTPUT,
    Precision,
    Run,
    import_openvino,
    onnx_session,
    openvino_core,
    openvino_runner,
    openvino_settings,
)
from marquery.encoder.spec import SPEC_FILE, WEIGHTS_FILE, EncoderSpec
from marquery.encoder.stored_weights import Layout, read_tensors
from marquery.encoder.threads import compute_threads
from marquery.encoder.trials import TOLERANCE, largest_difference
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.forks import need_threads

GRAPH_FILE = "graph.onnx"
#: Keys of the graph's metadata: names of the network's tensors in the network's own order, digest
#: of the weights file's header, and the specification that the graph was made for.
STATE, LAYOUT, SPEC = "marquery.state", "marquery.layout", "marquery.spec"


class GraphModel:
    """The graph ``graph.onnx`` of an encoder's folder; several threads may compute with it at once.

    Its weights are those in ``model.safetensors``, which the graph names by their places in that
    file: they are stored once, and PyTorch reads the same ones. Where OpenVINO is installed it
    computes large jobs, else ONNX Runtime computes all.

    Args:
        folder: of the encoder.
        spec: its specification.

    Raises:
        MarqueryError: the weights are missing or damaged.
    """

    #: Images from which building the other engine takes less time than it saves.
    OPENVINO_FROM: ClassVar[int] = 128

    def __init__(self, folder: Path, spec: EncoderSpec) -> None:
        self.folder = folder
        self.spec = spec
        self._layout = Layout.read(folder / WEIGHTS_FILE)
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.RLock()
        self._built: dict[tuple[EngineName, Precision, int], Engine] = {}
        self._opened: tuple[int, Any] | None = None  # threads, session

    @staticmethod
    def is_there(folder: Path) -> bool:
        """Whether a folder has a graph."""
        return (folder / GRAPH_FILE).is_file()

    def check(self) -> None:
        """Whether the graph belongs to the weights and the specification beside it.

        Raises:
            MarqueryError: it does not, or cannot be read.
        """
        metadata = self._metadata
        if metadata.get(LAYOUT) != self._layout.digest or metadata.get(SPEC) != spec_key(self.spec):
            raise MarqueryError(
                f"{self.folder / GRAPH_FILE}: it belongs to another encoder than the files beside "
                "it; save the encoder again"
            )

    def is_on(self, device: object) -> bool:
        """Whether it computes on a device; it does so on the CPU only."""
        return str(device) == "cpu"

    @property
    def is_half(self) -> bool:
        """Whether its matrices are stored in 16 bits."""
        return any(place.dtype == "F16" for place in self._layout.places.values())

    def copy_to(self, folder: Path) -> None:
        """Write its three files to another folder, each whole or not at all.

        Raises:
            MarqueryError: they have gone, or the place cannot be written.
        """
        if folder.exists() and folder.samefile(self.folder):
            return
        for name in (WEIGHTS_FILE, SPEC_FILE, GRAPH_FILE):
            content = (self.folder / name).read_bytes()
            write_atomically(folder / name, functools.partial(_fill, content=content))

    @cached_property
    def dim(self) -> int:
        """Length of an embedding."""
        return int(self._session.get_outputs()[0].shape[1])

    @cached_property
    def _fingerprint(self) -> str:
        names: list[str] = json.loads(self._metadata[STATE])
        values = read_tensors(self.folder / WEIGHTS_FILE, names)
        return digest_of(zip(names, values, strict=True), self.spec)

    def fingerprint(self) -> str:
        """The same as :func:`marquery.encoder.fingerprint.digest` of the network."""
        with self._lock:
            return self._fingerprint

    @contextmanager
    def engine(
        self,
        images: int,
        engine: EngineChoice,
        precision: PrecisionChoice,
        allows_bfloat16: Callable[[str], bool],
    ) -> Iterator[Engine]:
        """What computes a job of so many images.

        Args:
            images: size of the job.
            engine: as asked for; ``"auto"`` takes OpenVINO for many, where it is installed.
            precision: as asked for.
            allows_bfloat16: whether bfloat16 was measured to do the encoder of a fingerprint no
                harm.

        Raises:
            UsageError: no such engine or precision, or the precision cannot be had here.
            MarqueryError: the engine is not installed, or its vectors differ.
        """
        need_threads()  # before the lock, which a thread of the parent may have held
        yield self._engine(images, engine, precision, allows_bfloat16)

    def _engine(
        self,
        images: int,
        engine: EngineChoice,
        precision: PrecisionChoice,
        allows_bfloat16: Callable[[str], bool],
    ) -> Engine:
        with self._lock:
            # An engine in bfloat16 is none for what is asked in float32.
            kept = [made for name, made, _ in self._built if name == "openvino"]
            openvino_is_ready = bool(kept) if precision != "float32" else "float32" in kept
            name, exact = choose_engine(
                engine,
                precision,
                images=max(images, self.OPENVINO_FROM) if openvino_is_ready else images,
                min_images={"openvino": self.OPENVINO_FROM, "onnxruntime": 0},
                on_cpu=True,
                training=False,
                allows_bfloat16=lambda: allows_bfloat16(self.fingerprint()),
            )
            key = (name, exact, compute_threads())
            if key not in self._built:
                self._built[key] = self._build(name, exact)
            return self._built[key]

    def _build(self, name: EngineName, precision: Precision) -> Engine:
        check_available(name, precision)
        if name == "onnxruntime":
            return CompiledEngine(name, precision, 8, self._run)
        run = self._openvino("float32")
        difference = largest_difference(run, self._run, self.spec.image_size)
        if difference > TOLERANCE:
            raise MarqueryError(
                f"engine openvino: its vectors differ from ONNX Runtime's by {difference:.1e} "
                f"({TOLERANCE:.0e} is allowed); take the engine onnxruntime"
            )
        if precision == "bfloat16":
            run = self._openvino(precision)
        return CompiledEngine(name, precision, 8, run)

    def _openvino(self, precision: Precision) -> Run:
        ov = import_openvino()
        core = openvino_core()
        graph = core.read_model(str(self.folder / GRAPH_FILE))
        graph = ov.Model([graph.output(OUTPUT)], graph.get_parameters())
        return openvino_runner(core.compile_model(graph, "CPU", openvino_settings(precision)))

    def _run(self, pixels: UInt8Array) -> Float32Array:
        vectors: Float32Array = self._session.run([OUTPUT], {INPUT: pixels})[0]
        return vectors

    def regions(self, squares: UInt8Array) -> Float64Array:
        """The terms of embeddings by region; see ``NetworkModel.regions``.

        Args:
            squares: uint8 (N, S, S, 3).

        Returns:
            float64 (N, h, w, dim).

        Raises:
            UsageError: the embedding of this network is not such a sum.
        """
        if self.spec.pooling != "avg" or MAPS not in self._outputs:
            raise no_regions(self.spec.pooling)
        return region_terms(self._session.run([MAPS], {INPUT: squares})[0], *self._head)

    @cached_property
    def _head(self) -> tuple[Float64Array | None, Float64Array | None]:
        names = [n for n in ("head.weight", "head.bias") if n in self._layout.places]
        values = [v.astype(np.float64) for v in read_tensors(self.folder / WEIGHTS_FILE, names)]
        by_name = dict(zip(names, values, strict=True))
        return by_name.get("head.weight"), by_name.get("head.bias")

    @property
    def _outputs(self) -> list[str]:
        return [output.name for output in self._session.get_outputs()]

    @property
    def _metadata(self) -> dict[str, str]:
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    @property
    def _session(self) -> Any:
        with self._lock:
            threads = compute_threads()
            if self._opened is None or self._opened[0] != threads:
                try:
                    self._opened = threads, onnx_session(str(self.folder / GRAPH_FILE))
                except MarqueryError as error:
                    raise MarqueryError(
                        f"{self.folder / GRAPH_FILE}: not a readable graph beside its weights "
                        f"({error}); save the encoder again"
                    ) from error
            return self._opened[1]

    def __getstate__(self) -> dict[str, object]:
        return {"folder": self.folder, "spec": self.spec, "_layout": self._layout}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._set_up()


def _fill(scratch: Path, content: bytes) -> None:
    scratch.write_bytes(content)


def spec_key(spec: EncoderSpec) -> str:
    """What of a specification the graph depends on."""
    return spec.model_dump_json(exclude={"version", "stack_lockups", "format"})
