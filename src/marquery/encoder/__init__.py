"""From pictures to vectors: a timm backbone, pooling, a linear head, L2 normalisation."""

from typing import TYPE_CHECKING, Any

from marquery.encoder.baselines import PerceptualHash, PixelBaseline
from marquery.encoder.embedder import Embedder
from marquery.encoder.encoder import LogoEncoder
from marquery.extras import need

if TYPE_CHECKING:
    from marquery.encoder.network import EmbeddingNetwork

__all__ = ["Embedder", "EmbeddingNetwork", "LogoEncoder", "PerceptualHash", "PixelBaseline"]


def __getattr__(name: str) -> Any:
    # The network is PyTorch's; an encoder that is only used does not load it.
    if name != "EmbeddingNetwork":
        raise AttributeError(f"module 'marquery.encoder' has no attribute {name!r}")
    need("EmbeddingNetwork", "torch", "timm")
    from marquery.encoder.network import EmbeddingNetwork

    return EmbeddingNetwork
