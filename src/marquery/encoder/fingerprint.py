"""A digest that identifies an encoder, cached until its weights change."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from marquery.arrays import UInt8Array
from marquery.encoder.digest import digest_of
from marquery.encoder.spec import EncoderSpec

# Bytes of each tensor that are compared, evenly spread; smaller tensors are compared whole.
_LOOKED_AT = 2048
State = Mapping[str, torch.Tensor]


def digest(state: State, spec: EncoderSpec) -> str:
    """Hex SHA-256 of weights and specification, but for the version that wrote them."""
    return digest_of(((n, t.detach().cpu().contiguous().numpy()) for n, t in state.items()), spec)


class Fingerprint:
    """The digest of one network, made again only when its weights may have changed.

    To digest all weights takes some ten milliseconds, longer than to embed a logo. They count as
    unchanged while every tensor of the network lies in the same memory, PyTorch has counted no
    change in place (``Tensor._version``), and bytes spread over each hold what they held. The
    counter notices optimizers, ``load_state_dict`` and all operations on the parameters themselves;
    the bytes notice what goes past it, through ``.data`` or a NumPy view, unless it touches a few
    single values only. Weights that are not on the CPU are digested each time.
    """

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def of(self, network: nn.Module, spec: EncoderSpec) -> str:
        """The digest of a network's weights as they are now."""
        state = network.state_dict()
        kept = self._kept
        if kept is not None and kept.still(state, spec):
            return kept.digest
        self._kept = None  # also the memory that it held
        if any(t.device.type != "cpu" or t.is_inference() for t in state.values()):
            return digest(state, spec)
        self._kept = kept = _Kept.take(state, spec)
        return kept.digest

    def __reduce__(self) -> tuple[type["Fingerprint"], tuple[()]]:
        return Fingerprint, ()  # a copied network has memory of its own


@dataclass(frozen=True)
class _Kept:
    digest: str
    spec: EncoderSpec
    marks: list[object]
    # Views of the tensors' memory: it is not given to others, which would then look the same.
    looks: list[UInt8Array]
    seen: bytes

    @classmethod
    def take(cls, state: State, spec: EncoderSpec) -> "_Kept":
        # Before the digest is made: what changes meanwhile is noticed by the next call.
        marks, looks = _marks(state), [_look(tensor) for tensor in state.values()]
        seen = _bytes(looks)
        return cls(digest(state, spec), spec, marks, looks, seen)

    def still(self, state: State, spec: EncoderSpec) -> bool:
        return spec == self.spec and _marks(state) == self.marks and _bytes(self.looks) == self.seen


def _marks(state: State) -> list[object]:
    """Cheap to compare, for each tensor; those that count no changes never compare equal."""
    return [
        (
            name,
            t.data_ptr(),
            t.shape,
            t.stride(),
            t.dtype,
            object() if t.is_inference() else t._version,
        )
        for name, t in state.items()
    ]


def _look(tensor: torch.Tensor) -> UInt8Array:
    """Some bytes of a tensor's memory, seen and not copied, whatever its layout and type."""
    memory = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage()).numpy()
    # An odd step comes by the first, second, third and fourth bytes of numbers.
    step = len(memory) // _LOOKED_AT
    return memory[:: step | 1]


def _bytes(looks: list[UInt8Array]) -> bytes:
    return b"".join(look.tobytes() for look in looks)
