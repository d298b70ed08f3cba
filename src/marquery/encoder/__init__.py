"""From pictures to vectors: a timm backbone, pooling, a linear head, L2 normalisation."""

from marquery.encoder.baselines import PerceptualHash, PixelBaseline
from marquery.encoder.embedder import Embedder
from marquery.encoder.encoder import LogoEncoder
from marquery.encoder.network import EmbeddingNetwork

__all__ = ["Embedder", "EmbeddingNetwork", "LogoEncoder", "PerceptualHash", "PixelBaseline"]
