"""The network itself: backbone features, pooled, projected, normalised."""

import torch
import torch.nn.functional as F
from torch import nn

from marquery.kinds import Pooling

_NORM_LAYERS = (nn.modules.batchnorm._BatchNorm,)


class EmbeddingNetwork(nn.Module):
    """Backbone -> pooling -> linear(dim) -> L2 norm (the paper's embedding, dim 512 there).

    Args:
        backbone: (B, 3, H, W) -> (B, C, h, w), (B, h, w, C), or (B, T, C) as transformers give.
        features: C.
        dim: length of the embedding; ``None`` leaves the head out and normalises the pooled
            features.
        pooling: ``"avg"``, or ``"gem"`` (generalised mean, Radenovic et al. 2018, learnt exponent).
        freeze_batchnorm: keep BatchNorm on its stored statistics during training, as the paper
            does.
    """

    def __init__(
        self,
        backbone: nn.Module,
        features: int,
        dim: int | None = 512,
        pooling: Pooling = "avg",
        freeze_batchnorm: bool = True,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.features = features
        self.pool: nn.Module = GeMPooling() if pooling == "gem" else AveragePooling()
        self.head: nn.Module = nn.Identity() if dim is None else nn.Linear(features, dim)
        self.freeze_batchnorm = freeze_batchnorm
        self.train(self.training)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) normalised float images -> (B, dim) float32, each of length 1."""
        return self.from_maps(self.maps(images))

    def from_maps(self, maps: torch.Tensor) -> torch.Tensor:
        """What :meth:`maps` gives -> (B, dim) float32, each of length 1."""
        # The norm in float32: under autocast the head gives half precision.
        return F.normalize(self.head(self.pool(maps)).float(), dim=1)

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) normalised images -> (B, C, h, w), of some backbones (B, T, C)."""
        maps: torch.Tensor = self.backbone(images)
        if maps.ndim == 4 and maps.shape[1] != self.features and maps.shape[3] == self.features:
            maps = maps.permute(0, 3, 1, 2)  # Swin and its kin keep channels last
        return maps

    def train(self, mode: bool = True) -> "EmbeddingNetwork":
        """As ``nn.Module.train``, but frozen BatchNorm stays in evaluation mode."""
        super().train(mode)
        if mode and self.freeze_batchnorm:
            for module in self.modules():
                if isinstance(module, _NORM_LAYERS):
                    module.eval()
        return self


class AveragePooling(nn.Module):
    """Mean over positions: (B, C, h, w) or (B, T, C) -> (B, C)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool one batch of feature maps."""
        return x.mean(dim=(2, 3)) if x.ndim == 4 else x.mean(dim=1)


class GeMPooling(nn.Module):
    """Generalised mean over positions, (mean of x^p)^(1/p), p learnt (Radenovic et al. 2018)."""

    def __init__(self, p: float = 3.0, floor: float = 1e-6) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor(p))
        self.floor = floor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool one batch of feature maps: (B, C, h, w) or (B, T, C) -> (B, C)."""
        powered = x.float().clamp(min=self.floor).pow(self.p)
        mean = powered.mean(dim=(2, 3)) if x.ndim == 4 else powered.mean(dim=1)
        return mean.pow(1.0 / self.p)
